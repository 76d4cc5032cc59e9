"""What happens to cells, and the way from labels to indices and back. Pure.

Inside, a cell is its flat index ``layer * n_components + component``, and many are `Picks`;
outside it is a `Cell` known by its labels. Commands from the page are rectangles of indices, for
the selection or for the mask, applied in the order the person gave them even where the kernel
hears them in another (see `Ledger`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from .cells import Cell, Cells
from .intake import Grid, Label, Labels, freeze, read_label
from .intake.wording import did_you_mean, some_of
from .picks import NOTHING, Indices, Picks, picks_in, picks_of

Source = Literal["user", "code"]
Op = Literal["set", "add", "remove"]
#: First layer, first component, last layer, last component; both ends belong to it.
Rect = tuple[int, int, int, int]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SelectEvent:
    """The selection changed: what it is now, what came, what went, and by whose hand."""

    cells: Sequence[Cell]
    added: Sequence[Cell]
    removed: Sequence[Cell]
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


def read_selection(grid: Grid, cells: Any) -> Picks:
    """Read cells given by label, in the order given, each once.

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
        return NOTHING
    known = cells.picks_in(grid) if isinstance(cells, Cells) else None
    if known is not None:
        return known
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
    return picks_of(dict.fromkeys(picks))


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
    layers, components = _moves(old.layers, new.layers), _moves(old.components, new.components)
    return picks.moved(layers, components, len(new.components))


def _moves(old: Labels, new: Labels) -> Indices:
    """Give where each label is among others, -1 where it is not."""
    there = positions(new)
    return np.array([there.get(label, -1) for label in old], np.int64)


# ── commands ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Command:
    """One change of cells by hand. Idempotent: the page has resolved every toggle."""

    op: Op
    rects: tuple[Rect, ...]

    def apply(self, picks: Picks, n_components: int) -> Picks:
        """Give the selection after this command."""
        return combine(self.op, picks, picks_in(self.rects, n_components))

    def apply_to_mask(self, mask: NDArray[np.bool_], step: int) -> NDArray[np.bool_]:
        """Give the mask after this command: that of one step, where each step has its own.

        The same array where nothing changes.
        """
        lit, frames = self.op != "remove", ... if mask.ndim == 2 else step
        parts = [np.s_[i0 : i1 + 1, j0 : j1 + 1] for i0, j0, i1, j1 in self.rects]
        # Only what it touches is looked at: a mask may be as large as what it is a mask of.
        if self.op != "set" and all((mask[frames][part] == lit).all() for part in parts):
            return mask
        changed = mask.copy()
        frame = changed[frames]
        if self.op == "set":
            frame[...] = False
        for part in parts:
            frame[part] = lit
        if self.op == "set" and np.array_equal(frame, mask[frames]):
            return mask
        return freeze(changed)


def combine(op: Op, picks: Picks, cells: Picks) -> Picks:
    """Give the picks once they are set to `cells`, or these are added or removed."""
    match op:
        case "set":
            return cells
        case "add":
            return picks | cells
        case "remove":
            return picks - cells


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
