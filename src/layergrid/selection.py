"""Cells, what happens to them, and the way from labels to indices and back. Pure.

Inside, a cell is its flat index ``layer * n_components + component``; outside it is a `Cell`
known by its labels. Commands from the page are rectangles of indices, for the selection or for
the mask, applied in the order the person gave them even where the kernel hears them in another
(see `Ledger`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from .intake import PRESENT, Grid, Label, Labels, read_label, widen
from .intake.wording import did_you_mean, some_of

Source = Literal["user", "code"]
Op = Literal["set", "add", "remove"]
#: First layer, first component, last layer, last component; both ends belong to it.
Rect = tuple[int, int, int, int]
#: Flat indices in pick order, without duplicates.
Picks = tuple[int, ...]

T = TypeVar("T")


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


@dataclass(frozen=True, slots=True)
class SelectEvent:
    """The selection changed: what it is now, what came, what went, and by whose hand."""

    cells: tuple[Cell, ...]
    added: tuple[Cell, ...]
    removed: tuple[Cell, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class ClickEvent:
    """A cell was clicked; `modifiers` is a subset of ``{"ctrl", "meta", "shift", "alt"}``."""

    cell: Cell
    modifiers: frozenset[str]


@dataclass(frozen=True, slots=True)
class HoverEvent:
    """The pointer came to a cell, or left the grid (None)."""

    cell: Cell | None


# ── labels and indices ───────────────────────────────────────────────────────────────────────


def cell_at(grid: Grid, step: int, flat: int) -> Cell:
    """Give the cell with this flat index, as it is at this step."""
    return cells_at(grid, step, (flat,))[0]


def cells_at(grid: Grid, step: int, picks: Picks) -> tuple[Cell, ...]:
    """Give the cells with these flat indices, in their order."""
    # All of them at once, as there may be a million.
    flats = np.array(picks, np.intp)
    i, j = (index.tolist() for index in np.divmod(flats, max(1, len(grid.components))))
    values = _scalars(grid.plain(grid.at(step, flats)))
    holes = grid.frame_holes(step)
    if holes is not None:
        for k in np.flatnonzero(holes.ravel()[flats] != PRESENT).tolist():
            values[k] = None
    keys = tuple(grid.coords)
    facts = [_scalars(coord.ravel()[flats]) for coord in grid.coords.values()]
    coords = [dict(zip(keys, known, strict=True)) for known in zip(*facts, strict=True)]
    return tuple(
        Cell(layer, component, value, _name(known), known, index)
        for layer, component, value, known, index in zip(
            map(grid.layers.__getitem__, i),
            map(grid.components.__getitem__, j),
            values,
            coords if facts else ({} for _ in picks),
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


def read_selection(grid: Grid, cells: Any) -> Picks:
    """Read cells given by label, as flat indices in the order given, each once.

    Parameters
    ----------
    grid : Grid
    cells : iterable of Cell or (layer, component), or None
        None and ``()`` select nothing.

    Raises
    ------
    TypeError
        For what is not a sequence of cells.
    ValueError
        For a label that the grid does not have.
    """
    if cells is None:
        return ()
    if isinstance(cells, Cell):
        cells = (cells,)
    if isinstance(cells, str | bytes | Mapping) or not isinstance(cells, Iterable):
        raise TypeError(f"selection is {cells!r}; {_EXPECTED}")
    layers, components = positions(grid.layers), positions(grid.components)
    n = len(components)
    picks = (
        find(layers, layer, "layer") * n + find(components, component, "component")
        for layer, component in map(_labels_of, cells)
    )
    return tuple(dict.fromkeys(picks))


_EXPECTED = 'expected a list of (layer, component) labels, such as [(17, "mlp.down")]'


def _labels_of(cell: Any) -> tuple[Any, Any]:
    if isinstance(cell, Cell):
        return cell.layer, cell.component
    if isinstance(cell, tuple) and len(cell) == 2:
        return cell
    if isinstance(cell, str | bytes) or not isinstance(cell, Iterable):
        raise TypeError(f"selection holds {cell!r}; {_EXPECTED}")
    pair = tuple(cell)
    if len(pair) != 2:
        raise TypeError(f"selection holds {cell!r}, of length {len(pair)}; {_EXPECTED}")
    return pair


def positions(labels: Labels) -> dict[Label, int]:
    """Give the position of each label."""
    return {label: position for position, label in enumerate(labels)}


def find(positions: Mapping[Label, int], label: Any, axis: str) -> int:
    """Find the position of a label, in whatever form `read_labels` takes, or say which was meant.

    Raises
    ------
    ValueError
        If there is no such label.
    """
    try:
        return positions[label]
    except (KeyError, TypeError):  # a tensor, which may not even be hashed
        known = read_label(label)
    if known in positions:
        return positions[known]
    there_are = f"there are {some_of(positions)}" if positions else "the grid has no cells yet"
    hint = did_you_mean(positions, known) or there_are
    raise ValueError(f"there is no {axis} {known!r}; {hint}")


def carry_over(picks: Picks, old: Grid, new: Grid) -> Picks:
    """Give the picks of `old` that `new` still has, by label."""
    if old.layers == new.layers and old.components == new.components:
        return picks
    layers, components = positions(new.layers), positions(new.components)
    carried = []
    for flat in picks:
        i, j = divmod(flat, len(old.components))
        layer, component = layers.get(old.layers[i]), components.get(old.components[j])
        if layer is not None and component is not None:
            carried.append(layer * len(components) + component)
    return tuple(carried)


# ── commands ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Command:
    """One change of cells by hand. Idempotent: the page has resolved every toggle."""

    op: Op
    rects: tuple[Rect, ...]

    def apply(self, picks: Picks, n_components: int) -> Picks:
        """Give the selection after this command."""
        return combine(self.op, picks, expand(self.rects, n_components))

    def apply_to_mask(self, mask: NDArray[np.bool_], step: int) -> NDArray[np.bool_]:
        """Give the mask after this command: that of one step, where each step has its own."""
        changed = mask.copy()
        frame = changed if changed.ndim == 2 else changed[step]
        if self.op == "set":
            frame[...] = False
        for i0, j0, i1, j1 in self.rects:
            frame[i0 : i1 + 1, j0 : j1 + 1] = self.op != "remove"
        changed.flags.writeable = False
        return changed


def combine(op: Op, picks: Picks, cells: Picks) -> Picks:
    """Give the picks once they are set to `cells`, or these are added or removed."""
    match op:
        case "set":
            return cells
        case "add":
            return tuple(dict.fromkeys((*picks, *cells)))
        case "remove":
            gone = set(cells)
            return tuple(flat for flat in picks if flat not in gone)


def expand(rects: Iterable[Rect], n_components: int) -> Picks:
    """Give the flat indices of rectangles, row by row, each once."""
    flats: dict[int, None] = {}
    for i0, j0, i1, j1 in rects:
        for start in range(i0 * n_components, (i1 + 1) * n_components, n_components):
            flats.update(dict.fromkeys(range(start + j0, start + j1 + 1)))
    return tuple(flats)


class Ledger(Generic[T]):
    """What one page did to one thing (the selection, the mask), in the order it was done.

    A kernel that is busy queues a page's first message on the main thread while later ones
    arrive at once through a subshell. So a change that comes early is made at once, and when
    the one before it comes at last, both are replayed from where the earlier one belongs.
    """

    def __init__(self) -> None:
        self._next = 1
        self._base: T
        self._early: dict[int, Callable[[T], T] | None] = {}

    def seen(self, seq: int) -> bool:
        """Whether this change has been made: the page repeats what it got no answer to."""
        return seq < self._next or seq in self._early

    def in_turn(self, seq: int) -> bool:
        """Whether this change simply comes after all others, so that nothing is replayed."""
        return seq == self._next and not self._early

    def apply(self, seq: int, change: Callable[[T], T] | None, present: T) -> T:
        """Give the state after this change, put in its place among those before and after.

        What changes nothing here (None) still takes its place.
        """
        if not self._early:
            self._base = present
        self._early[seq] = change
        result = self._base
        for number in sorted(self._early):
            earlier = self._early[number]
            if earlier is not None:
                result = earlier(result)
            if number == self._next:
                self._base = result
                self._next += 1
                del self._early[number]
        return result

    def rebase(self, state: T) -> None:
        """Forget what was to be replayed: somebody else has changed the state since."""
        self._base = state
        self._early = dict.fromkeys(self._early)
