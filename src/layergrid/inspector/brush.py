"""A brush over the colour bar's units, and the mask of the cells whose values it covers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..colors import NUMBERS, kinds
from ..intake import Grid, widen
from ..norms import Scale
from ..state import State
from ..store import Change, Store
from .reading import along


class Brush:
    """Keeps a heatmap's mask what is brushed, until somebody else sets the mask.

    It is a rule, not a set of cells: other values and other limits have another mask, and every
    step has its own.

    Parameters
    ----------
    store : Store
        Whose mask it is.
    selector : bqplot.interacts.BrushIntervalSelector
    """

    def __init__(self, store: Store, selector: Any) -> None:
        self._store = store
        self._selector = selector
        self._mask: NDArray[np.bool_] | None = None
        #: What the mask was made of.
        self._of: tuple[Grid, Scale] | None = None

    def moved(self) -> list[Change]:
        """Do what a person did with the brush; gives what is to be announced."""
        if self._selector.selected is None:
            if self._mask is None:
                return []
            self._mask = self._of = None
            return self._store.assign({"mask": None}, "user")
        return self._apply(self._store.state)

    def keep(self, state: State) -> list[Change]:
        """Keep to the rule, or drop it, after the heatmap has changed."""
        if self._mask is None:
            return []
        if self._of is not None and (state.grid is not self._of[0] or state.scale != self._of[1]):
            return self._apply(state)
        if state.mask is not self._mask:
            self.drop()
        return []

    def drop(self) -> None:
        """Show no brush any more, and leave the mask as it is."""
        self._mask = self._of = None
        self._selector.selected = None

    def _apply(self, state: State) -> list[Change]:
        low, high = self._selector.selected
        mask = covered(state, float(low), float(high))
        changes = self._store.assign({"mask": mask}, "user")
        new = changes[0].new
        self._mask, self._of = new.mask, (state.grid, state.scale)
        return changes


def covered(state: State, low: float, high: float) -> NDArray[np.bool_]:
    """Tell which cells, at all steps, have values between two places along the colour bar.

    What lies beyond the limits is covered where the interval reaches to that end.
    """
    held, scale = state.grid.held, state.scale
    numbers = np.isin(kinds(held, state.grid.holes, scale), NUMBERS)
    values = np.where(numbers, widen(held), np.nan).astype(np.float64)
    units = along(values, scale, held.dtype)
    first = -math.inf if low <= 0 else low
    last = math.inf if high >= 1 else high
    mask: NDArray[np.bool_] = (units >= first) & (units <= last)
    return mask
