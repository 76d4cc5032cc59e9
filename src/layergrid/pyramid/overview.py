"""Blocks as they are painted, and what there is to say of a whole frame. Pure."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..colors import NUMBERS, Kind, bounds, kinds, table_index
from ..intake import Holes, widen
from ..norms import Scale
from .blocks import Shape
from .reduce import Reduced, Rule, reduce

#: The most blocks that there may be along an axis.
MOST_BLOCKS = 4096


class Painted(NamedTuple):
    """Blocks as they are painted.

    Attributes
    ----------
    values : ndarray, shape (block, block)
        That which is shown for each block.
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
    estimated : frozenset of Kind
        Those whose count is an estimate, out of a sample.
    """

    blocks: Painted
    counts: NDArray[np.intp]
    span: tuple[float, float] | None
    estimated: frozenset[Kind] = frozenset()


def overview(
    values: NDArray[Any], holes: Holes, scale: Scale, blocks: Shape, rule: Rule = "extreme"
) -> Overview:
    """Reduce a frame to colour codes, and count its cells."""
    reduced = _reduce(values, holes, scale, blocks, rule)
    return Overview(paint(reduced, scale), *_count(values, holes, scale, reduced))


def tile(
    values: NDArray[Any], holes: Holes, scale: Scale, blocks: Shape, rule: Rule = "extreme"
) -> Painted:
    """Reduce some cells of a frame to colour codes."""
    return paint(_reduce(values, holes, scale, blocks, rule), scale)


def within(blocks: Shape, cells: tuple[int, ...]) -> Shape:
    """Give as many blocks as are asked for, at least one and no more than there are cells."""
    down, across = (max(1, min(n, of, MOST_BLOCKS)) for n, of in zip(blocks, cells, strict=True))
    return down, across


def _reduce(values: NDArray[Any], holes: Holes, scale: Scale, blocks: Shape, rule: Rule) -> Reduced:
    log = scale.norm.kind == "log"
    return reduce(values, holes, within(blocks, values.shape), rule=rule, log=log)


def paint(reduced: Reduced, scale: Scale) -> Painted:
    """Give blocks their colours."""
    kind = kinds(reduced.values, reduced.holes, scale)
    codes, shown = np.zeros(kind.shape, np.uint8), widen(reduced.values)
    finite = kind == Kind.FINITE
    codes[finite] = table_index(shown[finite], scale)
    return Painted(shown, codes, None if finite.all() else kind)


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
