"""A live frame: checked against the grid that it is for, and put in its place. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import intake
from .intake import EMPTY, Grid, Label
from .limits import widen_limits
from .selection import find, positions
from .state import State, category_colors, check_format


class Frame(NamedTuple):
    """Values to be shown, owned and checked.

    `place` is the step that they are of, None where they are all values of a grid. `moment` is
    what the frame is called where there are no steps.
    """

    values: NDArray[Any]
    holes: NDArray[np.uint8] | None
    place: int | None
    moment: Label | None


def read_frame(values: Any, step: Any, state: State, like: np.dtype[Any]) -> Frame:
    """Read a frame for the grid of `state`; one of dtype `like` is known to go with its text.

    Raises
    ------
    TypeError, ValueError
        Naming the value and the cure, for what has another shape or other labels than the grid.
    """
    grid = state.grid
    place, moment = None, None
    if step is not None and grid.steps is not None:
        place = find(positions(grid.steps), step, "step")
    elif step is not None:
        moment = intake.read_label(step)
    if isinstance(grid.values, intake.Stored):
        raise TypeError(grid.values.refusal("push"))
    shape = grid.values.shape if place is None else grid.shape
    plain = type(values) is np.ndarray and values.dtype == like and values.shape == shape
    if plain and grid.categories is None and grid is not EMPTY:
        return Frame(intake.freeze(np.array(values, order="C")), None, place, moment)
    read = _read(values, shape, state)
    frame = Frame(read.held, read.holes, place, moment)
    if isinstance(state.text, str):
        check_format(_put(state, [frame]))
    return frame


def _read(values: Any, shape: tuple[int, ...], state: State) -> Grid:
    grid = state.grid
    if grid is EMPTY:
        raise ValueError("push has no grid to go to yet: assign the first values, w.values = …")
    if values is None:
        raise TypeError("push got None; to make all cells pending again, assign w.values = None")
    read = intake.read(values, categories=category_colors(state))
    if read.categories is not None and grid.categories is None:
        raise TypeError(
            "push got strings, but the values are numbers; to show categories, assign w.values = …"
        )
    if read.values.shape != shape:
        cure = "assign w.values = … to change the grid"
        if grid.steps is not None:
            cure = f"step=label takes one frame, {grid.shape}, and no step all of them"
        raise ValueError(f"push got shape {read.values.shape}, but {shape} is to be shown; {cure}")
    for axis in intake.AXES[-len(shape) :]:
        if axis in read.labelled and getattr(read, axis) != getattr(grid, axis):
            raise ValueError(
                f"push got other {axis} than the grid has, or in another order; "
                "assign w.values = … to change labels, or push a plain array"
            )
    return read


def with_frames(old: State, frames: Iterable[Frame]) -> State:
    """Give the state that shows `frames`, in their order; automatic limits only widen.

    A frame that was read for a grid of another shape is left out: values were set since.
    """
    new = _put(old, frames)
    if new.grid is old.grid or new.grid.categories is not None:
        return new
    own = widen_limits(old.own, new.limits, new.norm, new.center, new.grid)
    return new if own == old.own else replace(new, own=own, scale=own.scale)


def _put(state: State, frames: Iterable[Frame]) -> State:
    grid, step, moment = state.grid, state.step, state.moment
    if isinstance(grid.values, intake.Stored):
        return state  # which was assigned since
    values, holes = grid.values, grid.holes
    for frame in frames:
        if frame.place is None and frame.values.shape == values.shape:
            values, holes, moment = frame.values, frame.holes, frame.moment
        elif frame.place is not None and _fits(frame, frame.place, values):
            values, holes = _insert(frame, frame.place, values, holes)
            step = frame.place
    if values is grid.values:
        return state
    return replace(state, grid=replace(grid, values=values, holes=holes), step=step, moment=moment)


def _fits(frame: Frame, place: int, values: NDArray[Any]) -> bool:
    return values.ndim == 3 and place < len(values) and frame.values.shape == values.shape[1:]


def _insert(
    frame: Frame, place: int, values: NDArray[Any], holes: NDArray[np.uint8] | None
) -> tuple[NDArray[Any], NDArray[np.uint8] | None]:
    dtype = np.result_type(values.dtype, frame.values.dtype)
    values = np.array(values, dtype)
    values[place] = frame.values
    if holes is not None or frame.holes is not None:
        holes = np.zeros(values.shape, np.uint8) if holes is None else np.array(holes)
        holes[place] = intake.PRESENT if frame.holes is None else frame.holes
        holes = intake.freeze(holes) if holes.any() else None
    return intake.freeze(values), holes
