"""Cells as Python code gets them: one by one, or many that are made when somebody looks. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from .intake import PRESENT, Grid, Label, widen
from .picks import Indices, Picks, picks_of


@dataclass(frozen=True, slots=True)
class Cell:
    """One (layer, component) of a grid.

    Attributes
    ----------
    layer, component : str, int, float or bool
        The labels.
    value : int, float, bool, str or None
        The number, exact for int64 and float64, or the category; None where the cell is absent
        or pending.
    name : str or None
        The path this cell stands for, such as ``model.layers.17.mlp.down_proj.weight``.
    coords : dict
        The other coordinates at this cell (``shape``, ``dtype``, …), with ``name`` among them.
    index : tuple of int
        0-based (layer, component) position.
    """

    layer: Label
    component: Label
    value: int | float | bool | str | None = None
    name: str | None = None
    coords: dict[str, Any] = field(default_factory=dict, repr=False, hash=False)
    index: tuple[int, int] = field(default=(-1, -1), repr=False)

    def module(self, model: Any) -> Any:
        """Give the live module that has the parameter this cell stands for.

        The grid may also be of a checkpoint on disk: names are turned into those of the live
        model as transformers does when it loads one, and prefixes and wrappers do not matter.

        Parameters
        ----------
        model : torch.nn.Module
            The live model.

        Returns
        -------
        torch.nn.Module
            For a head, the output projection that takes it in.

        Raises
        ------
        TypeError
            If `model` is no module.
        LookupError
            If none stands behind the cell: it is absent, pools several experts, is of a grid
            without names, or of another model. Says which.
        """
        from .models.behind import behind

        return behind(model, self).module

    def parameter(self, model: Any) -> Any:
        """Give the live parameter this cell stands for, or the part of it.

        Parameters
        ----------
        model : torch.nn.Module
            The live model.

        Returns
        -------
        torch.nn.Parameter, or torch.Tensor of the shape in the coordinate ``shape``
            A part is a view through which gradients flow: to write into it under
            ``torch.no_grad()`` changes the model. Only where runs of it lie between those of
            others (q of a projection that keeps q, k and v of each head together, ``[9*0:64]``)
            is it a copy, which gradients flow through, too.

        Raises
        ------
        TypeError, LookupError
            As `module`; and where there is a module, but no parameter of these values: it is
            quantised, computed anew for every pass, or on the meta device. Says which.
        """
        from .models.behind import parameter

        return parameter(model, self)


#: Up to so many cells are made at once.
AT_ONCE = 1000


class Cells(Sequence[Cell]):
    """Many cells of a grid, which does all that a tuple of them would do.

    Each is made when it is asked for, as it is at one step: there may be a hundred million.
    """

    __slots__ = ("_grid", "_picks", "_step")

    def __init__(self, grid: Grid, step: int, picks: Picks) -> None:
        self._grid, self._step, self._picks = grid, step, picks

    def __len__(self) -> int:
        return len(self._picks)

    def __iter__(self) -> Iterator[Cell]:
        for first in range(0, len(self), AT_ONCE):
            yield from self[first : first + AT_ONCE]

    @overload
    def __getitem__(self, at: int) -> Cell: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Cell]: ...

    def __getitem__(self, at: int | slice) -> Cell | Sequence[Cell]:
        if isinstance(at, slice):
            return cells_at(self._grid, self._step, self._picks[at])
        place = range(len(self))[at]
        return _make(self._grid, self._step, self._picks[place : place + 1].flats())[0]

    def __contains__(self, cell: object) -> bool:
        if not isinstance(cell, Cell):
            return False
        (n_layers, n_components), (i, j) = self._grid.shape, cell.index
        if not (0 <= i < n_layers and 0 <= j < n_components):
            return False
        flat = i * n_components + j
        return flat in self._picks and cell_at(self._grid, self._step, flat) == cell

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Cells) and self._grid is other._grid and self._step == other._step:
            return self._picks == other._picks
        if not isinstance(other, Cells | tuple):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __add__(self, other: Sequence[Cell]) -> tuple[Cell, ...]:
        return (*self, *other)

    def __radd__(self, other: Sequence[Cell]) -> tuple[Cell, ...]:
        return (*other, *self)

    def __repr__(self) -> str:
        return f"({self[0]!r}, {self[1]!r}, …, {self[-1]!r}; {len(self):,} cells)"

    def __reduce__(self) -> tuple[Any, ...]:
        # Not with the grid, which somebody else may not want to have.
        return tuple, ([*self],)

    def picks_in(self, grid: Grid) -> Picks | None:
        """Give the indices of these cells, None where the grid has other labels than theirs."""
        mine = self._grid
        same = mine.layers == grid.layers and mine.components == grid.components
        return self._picks if same else None


def cell_at(grid: Grid, step: int, flat: int) -> Cell:
    """Give the cell with this flat index, as it is at this step."""
    return _make(grid, step, picks_of((flat,)).flats())[0]


def cells_at(grid: Grid, step: int, picks: Picks) -> Sequence[Cell]:
    """Give the cells of these picks in their order: a tuple of a few, `Cells` of many."""
    if len(picks) > AT_ONCE:
        return Cells(grid, step, picks)
    return _make(grid, step, picks.flats())


def _make(grid: Grid, step: int, flats: Indices) -> tuple[Cell, ...]:
    at = np.divmod(flats, max(1, len(grid.components)))
    i, j = (index.tolist() for index in at)
    values = _scalars(grid.plain(grid.at(step, flats)))
    holes = grid.frame_holes(step)
    if holes is not None:
        for k in np.flatnonzero(holes[at] != PRESENT).tolist():
            values[k] = None
    keys = tuple(grid.coords)
    facts = [_scalars(coord[at]) for coord in grid.coords.values()]
    coords = [dict(zip(keys, known, strict=True)) for known in zip(*facts, strict=True)]
    return tuple(
        Cell(layer, component, value, _name(known), known, index)
        for layer, component, value, known, index in zip(
            map(grid.layers.__getitem__, i),
            map(grid.components.__getitem__, j),
            values,
            coords if facts else ({} for _ in i),
            zip(i, j, strict=True),
            strict=True,
        )
    )


def _scalars(values: NDArray[Any]) -> list[Any]:
    """Give plain Python scalars; ml_dtypes' floats and long doubles know no exact `item`."""
    return [v.item() if isinstance(v, np.generic) else v for v in widen(values).tolist()]


def _name(coords: Mapping[str, Any]) -> str | None:
    name = coords.get("name")
    return None if name is None or name == "" else str(name)
