"""What is known of a frame that is not in memory: more with each part that is read of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..colors import Kind, bounds, kinds
from ..intake import PENDING, PRESENT, widen
from ..intake.stored import Part
from ..norms import Scale
from .blocks import Shape, first_cells
from .measure import NAN, NEGATIVE, POSITIVE, SPECIAL
from .overview import Overview, Painted, paint, within
from .plan import Plan
from .reduce import Reduced, Rule, choose, furthest, merge

#: Single values that are kept of a frame, from all over it, for percentiles and estimates.
TASTES = 1 << 16

#: How much of a part was read.
UNREAD, SAMPLED, EXACT = 0, 1, 2
_KINDS = (Kind.NAN, Kind.POSITIVE_INFINITY, Kind.NEGATIVE_INFINITY)


class Progress(NamedTuple):
    """How much of a frame was read.

    Attributes
    ----------
    share : float
        Of its cells, those whose blocks are exact: 1 once all are.
    every : int
        What else is known is one cell out of so many; 0 where nothing else is.
    """

    share: float
    every: int


class Known(NamedTuple):
    """What a survey consists of.

    Attributes
    ----------
    low, high, special, total, numbers : ndarray, one for each block of the plan
        See `Measured`.
    parts : ndarray of uint8, one for each part of the plan
        Whether it is unread, sampled or exact.
    specials : ndarray of int, shape (part, special)
        How many cells there are of each of `SPECIAL`, among those that were read.
    tastes : ndarray of float, shape (part, taste)
        Some of the finite numbers, NaN where there are fewer.
    cells : ndarray of int
        How many cells were read of unread, of sampled and of exact parts.
    """

    low: NDArray[Any]
    high: NDArray[Any]
    special: NDArray[np.uint8]
    total: NDArray[np.float64]
    numbers: NDArray[np.uint32]
    parts: NDArray[np.uint8]
    specials: NDArray[np.int64]
    tastes: NDArray[np.float64]
    cells: NDArray[np.int64]

    def copy(self) -> Known:
        """Give the same, to be changed."""
        return Known._make(array.copy() for array in self)


@dataclass(frozen=True, eq=False)
class Survey:
    """One moment of what is known of a frame; it does not change.

    Attributes
    ----------
    plan : Plan
    dtype : dtype
        That of the cells.
    step : int
    known : Known
    """

    plan: Plan
    dtype: np.dtype[Any]
    step: int
    known: Known

    @classmethod
    def blank(cls, plan: Plan, dtype: np.dtype[Any], step: int = 0) -> Survey:
        """Give the survey of a frame of which nothing was read."""
        shape = len(plan.down), len(plan.across)
        wide = widen(np.empty(0, dtype)).dtype
        least, most = furthest(wide)
        known = Known(
            low=np.full(shape, most, wide),
            high=np.full(shape, least, wide),
            special=np.zeros(shape, np.uint8),
            total=np.zeros(shape),
            numbers=np.zeros(shape, np.uint32),
            parts=np.full(plan.parts, UNREAD, np.uint8),
            specials=np.zeros((plan.parts, len(SPECIAL)), np.int64),
            tastes=np.full((plan.parts, max(1, TASTES // plan.parts)), np.nan),
            cells=np.zeros(3, np.int64),
        )
        return cls(plan, dtype, step, known)

    @property
    def size(self) -> int:
        """How many cells there are."""
        return self.plan.shape[0] * self.plan.shape[1]

    @property
    def progress(self) -> Progress:
        """How much was read."""
        exact, sampled = self.known.cells[[EXACT, SAMPLED]].tolist()
        every = round(self.size / sampled) if sampled and exact < self.size else 0
        return Progress(exact / self.size, every)

    @property
    def complete(self) -> bool:
        """Whether every cell was read."""
        return bool(self.known.cells[EXACT] == self.size)

    @cached_property
    def ends(self) -> NDArray[np.float64]:
        """The least and the largest finite number, empty without any."""
        known = self.known.numbers > 0
        if not known.any():
            return np.empty(0)
        low, high = self.known.low[known].min(), self.known.high[known].max()
        return np.array([low, high], np.float64)

    @cached_property
    def taste(self) -> NDArray[np.float64]:
        """Some of the finite numbers, from all over what was read."""
        some: NDArray[np.float64] = self.known.tastes[np.isfinite(self.known.tastes)]
        return some

    @property
    def positive(self) -> NDArray[np.float64]:
        """Some positive numbers, with the largest of all and the least that a block is sure of."""
        known = self.known
        least = known.low[(known.numbers > 0) & (known.low > 0)]
        some = np.concatenate([self.taste, self.ends, [least.min()] if least.size else []])
        found: NDArray[np.float64] = some[some > 0].astype(np.float64)
        return found

    @cached_property
    def specials(self) -> NDArray[np.int64]:
        """How many cells there are of each of `SPECIAL`; from a sample, as many as that tells."""
        exact = self.known.parts == EXACT
        sure = self.known.specials[exact].sum(axis=0)
        seen = self.known.specials[~exact].sum(axis=0)
        sampled = max(1, int(self.known.cells[SAMPLED]))
        left = self.size - int(self.known.cells[EXACT])
        found: NDArray[np.int64] = sure + (seen * (left / sampled)).astype(np.int64)
        return found

    def tile(self, part: Part, blocks: Shape, scale: Scale, rule: Rule) -> Painted:
        """Give the colours of some cells, no finer than they were measured."""
        return paint(self.reduce(part, blocks, rule, log=scale.norm.kind == "log"), scale)

    def overview(self, blocks: Shape, scale: Scale, rule: Rule) -> Overview:
        """Give the whole frame; what is not known of it is pending."""
        every = slice(0, self.plan.shape[0]), slice(0, self.plan.shape[1])
        counts, estimated = self._counted(scale)
        ends = self.ends
        span = (float(ends[0]), float(ends[1])) if ends.size else None
        return Overview(self.tile(every, blocks, scale, rule), counts, span, estimated)

    def reduce(self, part: Part, blocks: Shape, rule: Rule, *, log: bool = False) -> Reduced:
        """Reduce some cells, by the rule of `pyramid.reduce`.

        A block counts with all that it was measured with, also beyond the cells it is asked for.
        """
        counts = tuple(of.stop - of.start for of in part)
        down, across = within(blocks, counts)
        rows = _spans(self.plan.down, part[0], down)
        columns = _spans(self.plan.across, part[1], across)

        def merged(best: np.ufunc, blocks: NDArray[Any]) -> NDArray[Any]:
            return merge(best, merge(best, blocks, *columns), *rows, axis=0)

        known, mean = self.known, None
        low, high = merged(np.minimum, known.low), merged(np.maximum, known.high)
        special = merged(np.bitwise_or, known.special) if known.special.any() else np.uint8(0)
        numbers = merged(np.add, known.numbers)
        if rule == "mean":
            with np.errstate(invalid="ignore"):
                mean = merged(np.add, known.total) / numbers
        if low.dtype.kind == "f" and known.special.any():
            # As if the ends were those of all cells.
            low = np.where(special & NEGATIVE, -np.inf, low)
            high = np.where(special & POSITIVE, np.inf, high)
            low, high = (np.where(special & NAN, np.nan, end) for end in (low, high))
        with np.errstate(invalid="ignore"):
            chosen = choose(low, high, mean, rule, log)
        unknown = (numbers == 0) & (special == 0)
        if rule != "mean" or self.dtype.kind not in "biu":
            chosen = np.where(unknown, 0, chosen).astype(self.dtype)
        holes = np.where(unknown, PENDING, PRESENT) if unknown.any() else None
        return Reduced(chosen, holes, *(self.ends if self.ends.size else (np.inf, -np.inf)))

    def _counted(self, scale: Scale) -> tuple[NDArray[np.intp], frozenset[Kind]]:
        """Count the cells of each kind; those beyond the limits are told from the sample."""
        counts = np.zeros(len(Kind), np.intp)
        counts[list(_KINDS)] = self.specials
        estimated = set() if self.complete else {k for k in _KINDS if counts[k]}
        numbers = max(0, self.size - int(self.specials.sum()))
        ends = self.ends
        if ends.size == 0:
            counts[Kind.PENDING] = numbers
            return counts, frozenset(estimated)
        least, most = bounds(scale, self.dtype)
        if scale.norm.kind == "log" or ends[0] < least or most < ends[1]:
            found = np.bincount(kinds(self.taste, None, scale), minlength=len(Kind))
            beyond = np.bincount(kinds(ends, None, scale), minlength=len(Kind)) > 0
            for kind in (Kind.UNDER, Kind.OVER, Kind.NONPOSITIVE):
                part = int(numbers * found[kind] / max(1, self.taste.size))
                # One at least, where there is one.
                counts[kind] = max(part, int(beyond[kind]))
                if counts[kind]:
                    estimated.add(kind)
        counts[Kind.FINITE] = max(0, self.size - counts.sum())
        return counts, frozenset(estimated)


def _spans(
    firsts: NDArray[np.intp], cells: slice, blocks: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give the first and the last known block that each of as many blocks of cells reaches into."""
    count = cells.stop - cells.start
    begin = first_cells(count, blocks)
    end = np.append(begin[1:], count) - 1
    first, last = (np.searchsorted(firsts, cells.start + of, "right") - 1 for of in (begin, end))
    return first, last
