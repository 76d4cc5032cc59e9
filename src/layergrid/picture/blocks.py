"""Which cell stands for a block of cells that share a pixel. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..colors import Kind
from ..pyramid import Rule
from .axes import Axis

#: What is wrong before what is large before what is not, by `Kind`.
_RANK = np.array([2, 6, 5, 4, 0, 1, 2, 2, 3], np.int8)
_NUMBER = _RANK[Kind.FINITE]


def representatives(
    values: NDArray[Any],
    kind: NDArray[np.uint8],
    rows: Axis,
    columns: Axis,
    rule: Rule = "extreme",
) -> NDArray[np.intp] | None:
    """Give the flat index of the cell that stands for each block of cells that share a pixel.

    A NaN, else an infinity, else by the rule: the extreme is what has no logarithm, else the
    largest |value|, the first of equals, so that nothing remarkable is averaged away; for the mean
    stands the cell that is nearest to it. Without reduction every cell stands for itself (None).
    ``js/src/paint/paint.ts`` has the same rule.
    """
    if not (rows.reduced or columns.reduced):
        return None
    down, across = rows.firsts(), columns.firsts()
    heights, widths = np.diff(down, append=rows.count), np.diff(across, append=columns.count)

    def reduce(best: np.ufunc, cells: NDArray[Any]) -> NDArray[Any]:
        reduced: NDArray[Any] = best.reduceat(best.reduceat(cells, across, axis=1), down, axis=0)
        return reduced

    def spread(blocks: NDArray[Any]) -> NDArray[Any]:
        return blocks.repeat(heights, 0).repeat(widths, 1)

    rank = _RANK[kind]
    if rule != "extreme":
        rank = np.where(kind == Kind.NONPOSITIVE, _NUMBER, rank)
    number = rank == _NUMBER
    wide = np.where(number, values.astype(np.float64), 0)
    match rule:
        case "extreme":
            size = abs(wide)
        case "mean":
            mean = reduce(np.add, wide) / np.maximum(reduce(np.add, number.astype(int)), 1)
            size = -abs(wide - spread(mean))
        case _:
            size = wide if rule == "max" else -wide
    size[~number] = 0
    size[rank < spread(reduce(np.maximum, rank))] = -np.inf
    flat = np.arange(values.size).reshape(values.shape)
    flat[size < spread(reduce(np.maximum, size))] = values.size
    chosen: NDArray[np.intp] = reduce(np.minimum, flat)
    return chosen
