"""Blocks of cells, each with the one value that is shown for it, and nothing hidden. Pure."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..intake import ABSENT, PENDING, PRESENT, Holes, widen
from .blocks import Shape, first_cells

#: What stands for a block whose values are all finite.
Rule = Literal["extreme", "mean", "min", "max"]
RULES: tuple[Rule, ...] = ("extreme", "mean", "min", "max")


class Reduced(NamedTuple):
    """A frame of blocks, each with the value that is shown for it.

    Attributes
    ----------
    values : ndarray, shape (block, block)
        In the dtype of the cells, means of integers as float64; means nothing where there is a
        hole.
    holes : ndarray of uint8 in the same shape, or None
    low, high : float
        Least and largest value of all present cells, NaN if any is; -inf above inf without any.
    """

    values: NDArray[Any]
    holes: Holes
    low: float
    high: float


class Ends(NamedTuple):
    """Least and largest value of each block, NaN where a cell is, and the `_RANKS` of holes."""

    low: NDArray[Any]
    high: NDArray[Any]
    ranks: NDArray[np.uint8] | None


def reduce(
    values: NDArray[Any],
    holes: Holes,
    blocks: Shape,
    *,
    rule: Rule = "extreme",
    log: bool = False,
) -> Reduced:
    """Reduce a frame so that no block hides what is remarkable in it.

    Whatever the rule, a block has the value of a cell that is NaN, else of +∞, else of −∞. Else
    it is the least, the largest or the mean of its values, or by ``"extreme"`` (where `log`) the
    least that is not positive, else the largest |value|, the positive of two that are equal. A
    cell without a value counts only where no cell of the block has one: pending before absent.

    Parameters
    ----------
    values : ndarray, shape (layer, component)
    holes : ndarray of uint8 in the same shape, or None
    blocks : (int, int)
        At least one, and no more than there are cells along each axis.
    rule : {"extreme", "mean", "min", "max"}
    log : bool
    """
    firsts = first_cells(values.shape[0], blocks[0]), first_cells(values.shape[1], blocks[1])
    return reduce_at(values, holes, *firsts, rule=rule, log=log)


def reduce_at(
    values: NDArray[Any],
    holes: Holes,
    down: NDArray[np.intp],
    across: NDArray[np.intp],
    *,
    rule: Rule = "extreme",
    log: bool = False,
) -> Reduced:
    """Reduce a frame to blocks that begin with these cells; see `reduce`."""
    ends = ends_of(values, holes, down, across)
    mean = None
    if rule == "mean":
        with np.errstate(invalid="ignore"):
            mean = np.divide(*totals_of(values, holes, down, across))
    chosen = choose(ends.low, ends.high, mean, rule, log)
    if mean is None or values.dtype.kind not in "biu":
        chosen = chosen.astype(values.dtype)
    reduced = None
    if ends.ranks is not None:
        some = (ends.ranks < len(_HOLES) - 1).any()
        reduced = _HOLES[ends.ranks] if some else None
    with np.errstate(invalid="ignore"):
        return Reduced(chosen, reduced, float(ends.low.min()), float(ends.high.max()))


def ends_of(
    values: NDArray[Any], holes: Holes, down: NDArray[np.intp], across: NDArray[np.intp]
) -> Ends:
    """Give the least and the largest value of blocks that begin with these cells."""
    columns = values.shape[1]
    wide = widen(values[:1]).dtype
    lows, highs = np.empty((len(down), columns), wide), np.empty((len(down), columns), wide)
    hole = None if holes is None else np.empty((len(down), columns), np.uint8)
    least, most = furthest(wide)
    # One band of cells after the other, so that each is read from memory once.
    for i, (start, stop) in enumerate(zip(down, [*down[1:], len(values)], strict=True)):
        band = widen(values[start:stop])
        if holes is None or hole is None:
            band.min(axis=0, out=lows[i])
            band.max(axis=0, out=highs[i])
            continue
        empty = holes[start:stop] != PRESENT
        np.where(empty, most, band).min(axis=0, out=lows[i])
        np.where(empty, least, band).max(axis=0, out=highs[i])
        _RANKS[holes[start:stop]].max(axis=0, out=hole[i])
    last = np.append(across[1:], columns) - 1
    with np.errstate(invalid="ignore"):
        low, high = merge(np.minimum, lows, across, last), merge(np.maximum, highs, across, last)
    return Ends(low, high, None if hole is None else merge(np.maximum, hole, across, last))


def totals_of(
    values: NDArray[Any], holes: Holes, down: NDArray[np.intp], across: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the sum of the finite numbers of each block, and how many there are."""
    columns = values.shape[1]
    total, count = np.empty((len(down), columns)), np.empty((len(down), columns))
    for i, (start, stop) in enumerate(zip(down, [*down[1:], len(values)], strict=True)):
        band = widen(values[start:stop])
        with np.errstate(invalid="ignore", over="ignore"):
            band.sum(axis=0, dtype=np.float64, out=total[i])
        count[i] = stop - start
        if holes is None and np.isfinite(total[i]).all():
            continue
        counted = np.isfinite(band)
        if holes is not None:
            counted &= holes[start:stop] == PRESENT
        band.sum(axis=0, dtype=np.float64, out=total[i], where=counted)
        counted.sum(axis=0, out=count[i])
    last = np.append(across[1:], columns) - 1
    return merge(np.add, total, across, last), merge(np.add, count, across, last)


def remarkable(
    values: NDArray[Any], holes: Holes, *, rule: Rule = "extreme", log: bool = False
) -> int:
    """Give the flat index of the cell that stands for a block: the first that `reduce` takes.

    Under ``"mean"`` none does: then it is the one in the middle, unless one is no finite number.
    """
    ends = reduce(values, holes, (1, 1), rule="extreme" if rule == "mean" else rule, log=log)
    if rule == "mean" and ends.holes is None and np.isfinite(float(ends.values[0, 0])):
        down, across = values.shape
        return int(down // 2 * across + across // 2)
    if ends.holes is not None and holes is not None:
        return int(np.argmax(holes == ends.holes[0, 0]))
    same: NDArray[np.bool_] = (values == ends.values[0, 0]) | (
        (values != values) & (ends.values != ends.values)
    )
    if holes is not None:
        same &= holes == PRESENT
    return int(np.argmax(same))


#: What a block is by the highest rank among its cells: present before pending before absent.
_HOLES = np.array([ABSENT, PENDING, PRESENT])
_RANKS = np.empty(3, np.uint8)
_RANKS[_HOLES] = range(3)


def furthest(dtype: np.dtype[Any]) -> tuple[Any, Any]:
    """Give what is less and what is more than any value."""
    if dtype.kind == "f":
        return dtype.type(-np.inf), dtype.type(np.inf)
    if dtype.kind == "b":
        return False, True
    return np.iinfo(dtype).min, np.iinfo(dtype).max


def merge(
    best: np.ufunc,
    cells: NDArray[Any],
    first: NDArray[np.intp],
    last: NDArray[np.intp],
    axis: int = 1,
) -> NDArray[Any]:
    """Merge what lies from `first` to `last`; faster than `reduceat`, which goes cell by cell."""
    merged = cells.take(first, axis)
    for k in range(1, int((last - first).max()) + 1):
        more = cells.take(np.minimum(first + k, last), axis)
        if best is np.add:  # the last counts once
            gone = first + k > last
            more[(slice(None),) * axis + (gone,)] = 0
        best(merged, more, out=merged)
    return merged


def choose(
    low: NDArray[Any], high: NDArray[Any], mean: NDArray[np.float64] | None, rule: Rule, log: bool
) -> NDArray[Any]:
    """Give the value that is shown for blocks with these ends."""
    if rule == "extreme":
        return _extreme(low, high, log)
    chosen = low if rule == "min" else high if mean is None else mean
    if low.dtype.kind != "f":
        return chosen
    chosen = np.where(low == -np.inf, low, chosen)
    return np.where(np.isnan(high) | (high == np.inf), high, chosen)


def _extreme(low: NDArray[Any], high: NDArray[Any], log: bool) -> NDArray[Any]:
    if low.dtype.kind in "bu":
        return np.where(low == 0, low, high) if log else high
    # Integers as floats: the least of them has no opposite.
    chosen = np.where(high.astype(float) >= -low.astype(float), high, low)
    if log:
        infinite = np.isinf(chosen.astype(float))
        chosen = np.where((low <= 0) & ~infinite, low, chosen)
    return chosen
