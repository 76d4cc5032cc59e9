"""Cells along one axis, in whole device pixels: where each is, and which is at a place. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of cells in device pixels: cell k is [start[k], end[k]).

    Attributes
    ----------
    count, pixels : int
        Number of cells, and of pixels that they take.
    pitch : float
        From one cell to the next, gap included.
    start, end : sequence of int
    reduced : bool
        Several cells share a pixel: pixel p shows cells ⌈p·count/pixels⌉ up to the next one's.
    """

    count: int
    pixels: int
    pitch: float
    start: Sequence[int]
    end: Sequence[int]
    reduced: bool = False

    def centre(self, k: int) -> float:
        """Middle of a cell."""
        return (self.start[k] + self.end[k]) / 2

    def firsts(self) -> NDArray[np.intp]:
        """Give the first cell of each block of cells that share a pixel."""
        if not self.reduced:
            return np.arange(self.count)
        return np.searchsorted(np.asarray(self.start), np.arange(self.pixels))

    def scaled(self, factor: int) -> Axis:
        """Give the axis with every pixel `factor` times as large."""
        if factor == 1:
            return self
        return replace(
            self,
            pixels=self.pixels * factor,
            pitch=self.pitch * factor,
            start=[start * factor for start in self.start],
            end=[end * factor for end in self.end],
        )


def make_axis(
    count: int, pitch: float, most: int, gap: int, breaks: Sequence[int] = (), group_gap: int = 0
) -> Axis:
    """Give cells of one whole number of device pixels each, so that all are equal and crisp.

    Where there are more cells than pixels, one pixel each as long as they are no more than `most`.
    """
    step = math.floor(pitch + 1e-6)
    if step < 1 and count > most:
        return reduced_axis(count, max(1, min(most, math.floor(pitch * count + 1e-6))))
    step = max(1, step)
    broken = set(breaks)
    starts = []
    at = 0
    for k in range(count):
        at += group_gap if k in broken else 0
        starts.append(at)
        at += step
    ends = [start + step - gap for start in starts]
    return Axis(count, max(0, at - gap), step, starts, ends)


def reduced_axis(count: int, pixels: int) -> Axis:
    """Give more cells than there are pixels."""
    # By numpy: there may be a hundred thousand cells.
    edges = np.arange(count + 1) * pixels // count
    ends = np.maximum(edges[:-1] + 1, edges[1:])
    return Axis(count, pixels, pixels / count, edges[:-1].tolist(), ends.tolist(), reduced=True)


def cell_at(axis: Axis, at: float) -> int:
    """Give the cell at a place along an axis, -1 without cells; a gap belongs to the nearer."""
    if axis.count == 0:
        return -1
    if axis.reduced:
        # Within the cells that share the pixel: the division alone may give the one before them.
        first = -(-math.floor(at) * axis.count // axis.pixels)
        k = max(first, math.floor(at * axis.count / axis.pixels))
        return max(0, min(axis.count - 1, k))
    low, high = 0, axis.count - 1
    while low < high:
        middle = (low + high) // 2
        if at < (axis.end[middle] + axis.start[middle + 1]) / 2:
            high = middle
        else:
            low = middle + 1
    return low
