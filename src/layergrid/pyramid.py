"""Large matrices, reduced to as many blocks as a screen has pixels, with nothing hidden. Pure."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .colors import NUMBERS, Kind, bounds, kinds, table_index
from .intake import ABSENT, PENDING, PRESENT, Grid, Holes, widen
from .norms import Scale

#: A frame of more cells than this is reduced before it is sent.
MOST_CELLS = 1 << 18
#: Blocks along an axis where nobody has said how many pixels there are, and the most there may be.
_USUAL_ROWS, _LEAST_COLUMNS, _USUAL_COLUMNS = 480, 320, 800
MOST_BLOCKS = 4096

#: Blocks down and across, in layers and components.
Shape = tuple[int, int]


class Reduced(NamedTuple):
    """A frame of blocks, each with the value of one of its cells.

    Attributes
    ----------
    values : ndarray, shape (block, block)
        In the dtype of the cells; means nothing where there is a hole.
    holes : ndarray of uint8 in the same shape, or None
    low, high : float
        Least and largest value of all present cells, NaN if any is; -inf above inf without any.
    """

    values: NDArray[Any]
    holes: Holes
    low: float
    high: float


def is_large(grid: Grid) -> bool:
    """Whether a frame has more cells than are worth sending."""
    n_layers, n_components = grid.shape
    return n_layers * n_components > MOST_CELLS and grid.categories is None


def usual_blocks(grid: Grid, transpose: bool) -> Shape:
    """Give the blocks that a page most likely has pixels for: for its own layout, see `fit`."""
    rows, columns = grid.shape[::-1] if transpose else grid.shape
    across = max(_USUAL_ROWS * columns // rows, _LEAST_COLUMNS)
    down, across = min(rows, _USUAL_ROWS), min(columns, across, _USUAL_COLUMNS)
    return (across, down) if transpose else (down, across)


def first_cells(count: int, blocks: int) -> NDArray[np.intp]:
    """Give the first cell of each block, as equal as they can be: ⌈block · count / blocks⌉."""
    firsts: NDArray[np.intp] = -(-np.arange(blocks) * count // blocks)
    return firsts


def reduce(values: NDArray[Any], holes: Holes, blocks: Shape, *, log: bool = False) -> Reduced:
    """Reduce a frame so that no block hides what is remarkable in it.

    A block has the value of a cell that is NaN, else of +∞, else of −∞, else (where `log`) of the
    least that is not positive, else of the largest |value|, the positive of two that are equal. A
    cell without a value counts only where no cell of the block has one: pending before absent.

    Parameters
    ----------
    values : ndarray, shape (layer, component)
    holes : ndarray of uint8 in the same shape, or None
    blocks : (int, int)
        At least one, and no more than there are cells along each axis.
    log : bool
    """
    down = first_cells(values.shape[0], blocks[0])
    across = first_cells(values.shape[1], blocks[1])
    columns = values.shape[1]
    wide = widen(values[:1]).dtype
    lows, highs = np.empty((len(down), columns), wide), np.empty((len(down), columns), wide)
    hole = None if holes is None else np.empty((len(down), columns), np.uint8)
    least, most = _ends(wide)
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
        _hole_of(holes[start:stop]).max(axis=0, out=hole[i])
    with np.errstate(invalid="ignore"):
        low, high = _merge(np.minimum, lows, across), _merge(np.maximum, highs, across)
        chosen = _choose(low, high, log)
    reduced = None
    if hole is not None:
        ranks = _merge(np.maximum, hole, across)
        reduced = _HOLES[ranks] if (ranks < len(_HOLES) - 1).any() else None
    return Reduced(chosen.astype(values.dtype), reduced, float(low.min()), float(high.max()))


def remarkable(values: NDArray[Any], holes: Holes, *, log: bool = False) -> int:
    """Give the flat index of the cell that stands for a block: the first that `reduce` takes."""
    only = reduce(values, holes, (1, 1), log=log)
    if only.holes is not None and holes is not None:
        return int(np.argmax(holes == only.holes[0, 0]))
    same = (values == only.values[0, 0]) | ((values != values) & (only.values != only.values))
    if holes is not None:
        same &= holes == PRESENT
    return int(np.argmax(same))


#: What a block is by the highest rank among its cells: present before pending before absent.
_HOLES = np.array([ABSENT, PENDING, PRESENT])
_RANKS = np.empty(3, np.uint8)
_RANKS[_HOLES] = range(3)


def _hole_of(holes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    ranks: NDArray[np.uint8] = _RANKS[holes]
    return ranks


def _ends(dtype: np.dtype[Any]) -> tuple[Any, Any]:
    """Give what is less and what is more than any value."""
    if dtype.kind == "f":
        return dtype.type(-np.inf), dtype.type(np.inf)
    if dtype.kind == "b":
        return False, True
    return np.iinfo(dtype).min, np.iinfo(dtype).max


def _merge(best: np.ufunc, cells: NDArray[Any], firsts: NDArray[np.intp]) -> NDArray[Any]:
    """Merge the columns of each block; faster than `reduceat`, which goes cell by cell."""
    last = np.append(firsts[1:], cells.shape[1]) - 1
    merged = cells[:, firsts]
    for k in range(1, int((last - firsts).max()) + 1):
        best(merged, cells[:, np.minimum(firsts + k, last)], out=merged)
    return merged


def _choose(low: NDArray[Any], high: NDArray[Any], log: bool) -> NDArray[Any]:
    if low.dtype.kind in "bu":
        return np.where(low == 0, low, high) if log else high
    # Integers as floats: the least of them has no opposite.
    chosen = np.where(high.astype(float) >= -low.astype(float), high, low)
    if log:
        infinite = np.isinf(chosen.astype(float))
        chosen = np.where((low <= 0) & ~infinite, low, chosen)
    return chosen


class Painted(NamedTuple):
    """Blocks as they are painted.

    Attributes
    ----------
    values : ndarray, shape (block, block)
        That of the cell that stands for each block.
    codes : ndarray of uint8 in the same shape
        Entries of the table of colours; mean nothing where the kind is not `FINITE`.
    kinds : ndarray of uint8 in the same shape, or None
        None where all are `FINITE`.
    """

    values: NDArray[Any]
    codes: NDArray[np.uint8]
    kinds: NDArray[np.uint8] | None


class Overview(NamedTuple):
    """A whole frame as its blocks, and how many cells of each kind it has.

    Attributes
    ----------
    blocks : Painted
    counts : ndarray of int, one for each `Kind`
    span : (float, float) or None
        Least and largest number among the cells, None without any.
    """

    blocks: Painted
    counts: NDArray[np.intp]
    span: tuple[float, float] | None


def overview(grid: Grid, step: int, scale: Scale, blocks: Shape) -> Overview:
    """Reduce a frame of a grid to colour codes, and count its cells."""
    values, holes = grid.frame(step), grid.frame_holes(step)
    reduced, painted = _paint(values, holes, scale, blocks)
    return Overview(painted, *_count(values, holes, scale, reduced))


def tile(grid: Grid, step: int, scale: Scale, part: tuple[slice, slice], blocks: Shape) -> Painted:
    """Reduce some cells of a frame to colour codes."""
    holes = grid.frame_holes(step)
    cells = grid.frame(step)[part], None if holes is None else holes[part]
    return _paint(*cells, scale, blocks)[1]


def _paint(
    values: NDArray[Any], holes: Holes, scale: Scale, blocks: Shape
) -> tuple[Reduced, Painted]:
    down, across = (
        max(1, min(n, of, MOST_BLOCKS)) for n, of in zip(blocks, values.shape, strict=True)
    )
    reduced = reduce(values, holes, (down, across), log=scale.norm.kind == "log")
    kind = kinds(reduced.values, reduced.holes, scale)
    codes, shown = np.zeros(kind.shape, np.uint8), widen(reduced.values)
    finite = kind == Kind.FINITE
    codes[finite] = table_index(shown[finite], scale)
    return reduced, Painted(shown, codes, None if finite.all() else kind)


def _count(
    values: NDArray[Any], holes: Holes, scale: Scale, reduced: Reduced
) -> tuple[NDArray[np.intp], tuple[float, float] | None]:
    """Count the cells of each kind; most frames have but one, which their ends tell."""
    least, most = bounds(scale, values.dtype)
    if holes is None and least <= reduced.low and reduced.high <= most:
        counts = np.zeros(len(Kind), np.intp)
        counts[Kind.FINITE] = values.size
        return counts, (reduced.low, reduced.high)
    kind = kinds(values, holes, scale)
    numbers = widen(values)[np.isin(kind, NUMBERS)]
    span = (float(numbers.min()), float(numbers.max())) if numbers.size else None
    return np.bincount(kind.ravel(), minlength=len(Kind)), span
