"""What is kept of some cells that were read: a few numbers for each of their blocks. Pure."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..intake import Stored, widen
from .plan import Plan
from .reduce import ends_of, merge, totals_of

#: What there may be in a block that is no finite number: a bit each.
NAN, POSITIVE, NEGATIVE = np.uint8(1), np.uint8(2), np.uint8(4)
SPECIAL = (NAN, POSITIVE, NEGATIVE)


class Measured(NamedTuple):
    """Blocks of some cells.

    Attributes
    ----------
    low, high : ndarray, shape (block, block)
        Least and largest finite number; where there is none, +∞ and −∞.
    special : ndarray of uint8 in the same shape, or None
        Bits of `SPECIAL`; None where all cells are finite.
    total, numbers : ndarray of float in the same shape
        Sum of the finite numbers, and how many there are.
    specials : tuple of int
        How many cells there are of each of `SPECIAL`.
    taste : ndarray of float, one-dimensional
        Some of the finite numbers.
    """

    low: NDArray[Any]
    high: NDArray[Any]
    special: NDArray[np.uint8] | None
    total: NDArray[np.float64]
    numbers: NDArray[np.float64]
    specials: tuple[int, ...]
    taste: NDArray[np.float64]


def measure(
    values: NDArray[Any], down: NDArray[np.intp], across: NDArray[np.intp], taste: int
) -> Measured:
    """Measure cells, shape (layer, component), as blocks that begin with these.

    `taste` is how many single values are to be kept, at most.
    """
    values = widen(np.asarray(values))
    low, high, _ = ends_of(values, None, down, across)
    special = None
    specials: tuple[int, ...] = (0,) * len(SPECIAL)
    if values.dtype.kind == "f" and not (np.isfinite(low) & np.isfinite(high)).all():
        last = np.append(across[1:], values.shape[1]) - 1
        special = np.zeros(low.shape, np.uint8)
        found = (np.isnan(values), values == np.inf, values == -np.inf)
        for bit, cells in zip(SPECIAL, found, strict=True):
            there = merge(np.logical_or, np.logical_or.reduceat(cells, down, axis=0), across, last)
            special[there] |= bit
        specials = tuple(int(cells.sum()) for cells in found)
        finite = ~(found[0] | found[1] | found[2])
        low = ends_of(np.where(finite, values, np.inf), None, down, across).low
        high = ends_of(np.where(finite, values, -np.inf), None, down, across).high
    total, numbers = totals_of(values, None, down, across)
    return Measured(low, high, special, total, numbers, specials, _taste(values, taste))


def measure_part(stored: Stored, plan: Plan, part: int, taste: int) -> Measured:
    """Read a part of a frame, and measure it.

    Raises
    ------
    ReadError
    """
    blocks = plan.blocks_of(part)
    return measure(stored.read(plan.cells_of(blocks)), *plan.firsts_in(blocks), taste)


def measure_some(stored: Stored, plan: Plan, parts: list[int], taste: int) -> list[Measured]:
    """Have the scheduler of a graph measure some parts: only what is kept of them travels.

    Raises
    ------
    ReadError
    """
    import dask

    of = dask.delayed(measure, pure=False)
    tasks = []
    for part in parts:
        blocks = plan.blocks_of(part)
        tasks.append(of(stored.part(plan.cells_of(blocks)), *plan.firsts_in(blocks), taste))
    try:
        return list(dask.compute(*tasks))
    except Exception as error:  # whatever a task raises
        raise stored.failure(error) from error


def _taste(values: NDArray[Any], most: int) -> NDArray[np.float64]:
    """Pick some values, evenly but not in step with lines, which may be alike."""
    picks = np.unique((np.arange(most) * 0.6180339887498949 % 1 * values.size).astype(np.intp))
    some = values[np.unravel_index(picks, values.shape)].astype(np.float64)
    return some[np.isfinite(some)]
