"""The outline of a set of cells: one closed loop round each region, none between its cells. Pure.

``js/src/layout/outline.ts`` does the same for the page.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .axes import Axis

#: Corners of one closed loop, (x, y) in device pixels.
Loop = list[tuple[float, float]]

# Directions, clockwise: along a top edge, a right edge, a bottom edge, a left edge; the region
# lies to the right of the way taken.
_EAST, _SOUTH, _WEST, _NORTH = range(4)
_STEP = ((0, 1), (1, 0), (0, -1), (-1, 0))


def outline(flags: NDArray[np.bool_], rows: Axis, columns: Axis, inset: float = 0) -> list[Loop]:
    """Give loops round every region of flagged cells.

    Parameters
    ----------
    flags : ndarray of bool, shape (rows, columns)
    rows, columns : Axis
    inset : float
        Moves the line into the region, a negative one out of it.

    Notes
    -----
    Cells that touch only at a corner are regions of their own. Several cells to a pixel are
    outlined by pixel.
    """
    if rows.reduced or columns.reduced:
        flags = _by_pixel(_by_pixel(flags, rows).T, columns).T
        rows, columns = _unit(rows), _unit(columns)
    return _trace(flags, rows, columns, inset)


def _trace(flags: NDArray[np.bool_], rows: Axis, columns: Axis, inset: float) -> list[Loop]:
    # With a rim of cells that are not flagged, nobody needs to ask whether a neighbour exists.
    padded = np.pad(flags, 1)
    width = padded.shape[1]
    at: list[bool] = padded.ravel().tolist()
    sides: list[int] = _open_sides(padded).ravel().tolist()

    def line(flat: int, direction: int) -> float:
        """Where a side of a cell runs: y of a horizontal one, x of a vertical one."""
        axis, k = (columns, flat % width - 1) if direction % 2 else (rows, flat // width - 1)
        if direction in (_EAST, _NORTH):
            return float(axis.start[k]) + inset
        return float(axis.end[k]) - inset

    ahead = tuple(di * width + dj for di, dj in _STEP)
    loops = []
    # Every loop has a top edge, so top edges find them all.
    for first in np.flatnonzero(padded[1:] & ~padded[:-1]).tolist():
        flat, direction = first + width, _EAST
        if not sides[flat] & 1 << _EAST:
            continue
        loop: Loop = []
        while sides[flat] & 1 << direction:
            sides[flat] &= ~(1 << direction)
            here = line(flat, direction)
            left = (direction + 3) % 4
            forward = flat + ahead[direction]
            turn = direction
            if not at[forward]:
                turn = (direction + 1) % 4
            elif at[forward + ahead[left]]:
                flat, turn = forward + ahead[left], left
            else:
                flat = forward
            if turn != direction:
                there = line(flat, turn)
                loop.append((here, there) if direction % 2 else (there, here))
            direction = turn
        loops.append(loop)
    return loops


def _open_sides(padded: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Tell of each cell which sides bound its region, one bit a direction."""
    sides = np.zeros(padded.shape, np.uint8)
    inside = padded[1:-1, 1:-1]
    neighbours = {
        _EAST: padded[:-2, 1:-1],
        _SOUTH: padded[1:-1, 2:],
        _WEST: padded[2:, 1:-1],
        _NORTH: padded[1:-1, :-2],
    }
    for direction, neighbour in neighbours.items():
        sides[1:-1, 1:-1] |= (inside & ~neighbour).astype(np.uint8) << direction
    return sides


def _by_pixel(flags: NDArray[np.bool_], rows: Axis) -> NDArray[np.bool_]:
    """Give flags of single pixels along the first axis, set where any of a pixel's cells is."""
    if not rows.reduced:
        pixels = np.zeros((rows.pixels, flags.shape[1]), bool)
        for k, (start, end) in enumerate(zip(rows.start, rows.end, strict=True)):
            pixels[start:end] = flags[k]
        return pixels
    return np.logical_or.reduceat(flags, rows.firsts(), axis=0)


def _unit(axis: Axis) -> Axis:
    n = axis.pixels
    return Axis(n, n, 1, range(n), range(1, n + 1))
