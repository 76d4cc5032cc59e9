"""What the formats read of cells: labels, and the parameter that they stand for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ..cells import Cell, cells_at
from ..intake import ABSENT, Grid, Holes, Label, read, read_label
from ..intake.recognise import is_a
from ..selection import read_selection


class Spot(NamedTuple):
    """A cell without its value.

    Attributes
    ----------
    layer, component : str, int, float or bool
        The labels.
    name, part : str
        The parameter that it stands for, and which part of it in the text form of a `Slice`; empty
        where there is none.
    shape : str
        That of the tensor behind it, ``"576×1536"``.
    """

    layer: Label
    component: Label
    name: str = ""
    part: str = ""
    shape: str = ""

    @property
    def where(self) -> str:
        """Its labels, as errors say them."""
        return f"layer {self.layer!r}, component {self.component!r}"

    @property
    def is_head(self) -> bool:
        """Whether it is of a head: heads are numbered."""
        return isinstance(self.component, int) and not isinstance(self.component, bool)


Spots = tuple[Spot, ...]
#: All cells that a grid has, as often as they are asked for; None where no grid is known.
Around = Iterable[Spot] | None

#: The coordinates of a grid that a spot has.
_FACTS = ("name", "part", "shape")


@dataclass(frozen=True, eq=False)
class Shown:
    """A grid at one of its steps; iterated over, the spots of all cells that are there.

    These are made when they are first asked for: there may be very many.
    """

    grid: Grid
    step: int

    def __iter__(self) -> Iterator[Spot]:
        return iter(self._spots)

    @cached_property
    def _spots(self) -> Spots:
        grid = self.grid
        holes = self._holes
        there = np.ones(grid.shape, bool) if holes is None else holes != ABSENT
        texts = [
            grid.coords[fact] if fact in grid.coords else np.full(grid.shape, "") for fact in _FACTS
        ]
        return tuple(
            Spot(grid.layers[i], grid.components[j], *(str(text[i, j]) for text in texts))
            for i, j in np.argwhere(there).tolist()
        )

    @property
    def _holes(self) -> Holes:
        return self.grid.frame_holes(self.step)

    def is_absent(self, cell: Cell) -> bool:
        """Whether the model has no such component in that layer."""
        return self._holes is not None and bool(self._holes[cell.index] == ABSENT)

    def cells(self, wanted: Any) -> tuple[Cell, ...]:
        """Give the cells with these labels, in the order given, each once.

        Raises
        ------
        TypeError, ValueError
            For what is no cell, or a label that the grid does not have.
        """
        return tuple(cells_at(self.grid, self.step, read_selection(self.grid, wanted)))


def read_shown(grid: Any) -> Shown:
    """Read a Heatmap or a DataArray.

    Raises
    ------
    TypeError
        If `grid` is neither.
    """
    if is_a(grid, "layergrid", "Heatmap"):
        state = grid._store.state
        return Shown(state.grid, state.step)
    if not is_a(grid, "xarray", "DataArray"):
        raise TypeError(
            f"grid is a {type(grid).__name__}; expected a grid from lg.weights, or a Heatmap"
        )
    known = read(grid)
    return Shown(known, 0 if known.steps is None else len(known.steps) - 1)


def read_spots(cells: Any, grid: Any = None) -> tuple[Spots, Around]:
    """Read cells as somebody has them, and the grid that they are of.

    Parameters
    ----------
    cells : Heatmap, Cell, or iterable of Cell or (layer, component)
        Of a heatmap its selection.
    grid : Heatmap or DataArray, optional
        Where the cells are looked up by their labels.

    Returns
    -------
    (spots, around)
        In the order given, each once; all that the grid has, if it is known.

    Raises
    ------
    TypeError, ValueError
        For what is no cell, for an absent one, or for a label that the grid does not have.
    """
    shown = None if grid is None else read_shown(grid)
    if is_a(cells, "layergrid", "Heatmap"):
        shown = shown or read_shown(cells)
        cells = cells.selection
    if shown is None:
        alone = (cells,) if isinstance(cells, Cell) else cells
        return tuple(dict.fromkeys(map(_alone, _iterate(alone)))), None
    found = shown.cells(cells)
    absent = [cell for cell in found if shown.is_absent(cell)]
    if absent:
        raise ValueError(
            f"{_alone(absent[0]).where} is absent (one of {len(absent)}): the model has no such "
            "component; leave absent cells out, [c for c in w.selection if c.name]"
        )
    return tuple(map(_alone, found)), shown


def _iterate(cells: Any) -> Iterable[Any]:
    if isinstance(cells, str | bytes | dict) or not isinstance(cells, Iterable):
        raise TypeError(
            f"cells is {cells!r}; expected a Heatmap, or a list of cells, such as w.selection or "
            '[(17, "mlp.down")]'
        )
    return cells


def _alone(cell: Any) -> Spot:
    if isinstance(cell, Cell):
        facts = (str(cell.coords.get(fact, "")) for fact in _FACTS[1:])
        return Spot(cell.layer, cell.component, cell.name or "", *facts)
    pair = () if isinstance(cell, str | bytes) or not isinstance(cell, Iterable) else tuple(cell)
    if len(pair) != 2:
        raise TypeError(f"cells holds {cell!r}; expected a Cell or (layer, component)")
    return Spot(read_label(pair[0]), read_label(pair[1]))


def named(spots: Iterable[Spot]) -> Spots:
    """Give the spots back if each has a name.

    Raises
    ------
    ValueError
        For the first that has none.
    """
    spots = tuple(spots)
    for spot in spots:
        if not spot.name:
            raise ValueError(
                f"{spot.where} has no name: it is absent, or was given by its labels alone, or its "
                "grid has no coordinate 'name'; leave absent cells out, "
                "[c for c in w.selection if c.name], and pass grid= with labels"
            )
    return spots
