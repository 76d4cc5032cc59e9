"""What is shown of a state with too many cells: blocks of them, from memory or a survey."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from .pyramid import Overview, Painted, Shape, overview, tile
from .selection import Rect
from .state import State

#: What was made last of each state: the page and the picture ask for the same.
_made: WeakKeyDictionary[State, tuple[Shape, Overview]] = WeakKeyDictionary()


def overview_of(state: State, blocks: Shape) -> Overview:
    """Give the present step as its blocks, as far as it is known."""
    if state.survey is not None:
        return state.survey.overview(blocks, state.scale, state.reduce)
    made = _made.get(state)
    if made is None or made[0] != blocks:
        values, holes = state.grid.frame(state.step), state.grid.frame_holes(state.step)
        made = blocks, overview(values, holes, state.scale, blocks, state.reduce)
        _made[state] = made
    return made[1]


def tile_of(state: State, step: int, rect: Rect, blocks: Shape) -> Painted:
    """Give some cells of a step that is in memory as blocks."""
    part, holes = part_of(rect), state.grid.frame_holes(step)
    hole = None if holes is None else holes[part]
    return tile(state.grid.frame(step)[part], hole, state.scale, blocks, state.reduce)


def part_of(rect: Rect) -> tuple[slice, slice]:
    """Give the cells of a rectangle."""
    i0, j0, i1, j1 = rect
    return slice(i0, i1 + 1), slice(j0, j1 + 1)
