"""A survey that goes on: what is measured of a frame is put together here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..intake.stored import Part
from .measure import Measured
from .plan import Plan
from .survey import EXACT, SAMPLED, Survey


class Draft:
    """Takes what was measured of each part of a frame, in any order."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._known = survey.known.copy()

    @property
    def plan(self) -> Plan:
        """The parts, and their blocks."""
        return self._survey.plan

    @property
    def step(self) -> int:
        """The step of the frame."""
        return self._survey.step

    @property
    def taste(self) -> int:
        """How many single values are kept of each part."""
        return int(self._known.tastes.shape[1])

    @property
    def complete(self) -> bool:
        """Whether every part is exact."""
        return bool((self._known.parts == EXACT).all())

    def unread(self, parts: NDArray[np.intp]) -> NDArray[np.intp]:
        """Give those of some parts that are not exact yet."""
        left: NDArray[np.intp] = parts[self._known.parts[parts] != EXACT]
        return left

    def put(self, part: int, measured: Measured) -> None:
        """Take what was measured of a whole part."""
        if self._known.parts[part] == EXACT:
            return
        blocks = self.plan.blocks_of(part)
        layers, components = self.plan.cells_of(blocks)
        cells = (layers.stop - layers.start) * (components.stop - components.start)
        self._known.specials[part] = 0
        self._put(part, blocks, measured, cells, EXACT)

    def put_sample(self, blocks: Part, measured: Measured, cells: int) -> None:
        """Take what was measured of some cells of some blocks, none of which is exact."""
        starts = self.plan.rows[:-1], self.plan.columns[:-1]
        row, column = (
            int(np.searchsorted(of, block.start, "right")) - 1
            for of, block in zip(starts, blocks, strict=True)
        )
        part = row * (len(self.plan.columns) - 1) + column
        self._put(part, blocks, measured, cells, SAMPLED)

    def _put(self, part: int, blocks: Part, measured: Measured, cells: int, how: int) -> None:
        known = self._known
        known.low[blocks], known.high[blocks] = measured.low, measured.high
        known.special[blocks] = 0 if measured.special is None else measured.special
        known.total[blocks], known.numbers[blocks] = measured.total, measured.numbers
        known.cells[how] += cells
        known.parts[part] = how
        known.specials[part] += measured.specials
        known.tastes[part] = np.nan
        known.tastes[part, : measured.taste.size] = measured.taste

    def survey(self) -> Survey:
        """Give what is known by now."""
        return replace(self._survey, known=self._known.copy())
