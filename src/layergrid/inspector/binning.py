"""How many values there are along a colour bar. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..colors import bounds
from ..intake import widen
from ..norms import Scale, positions

_FEWEST, _MOST = 12, 64


class Bins(NamedTuple):
    """How many values lie in each of equal parts of a colour bar.

    Attributes
    ----------
    counts : ndarray of int
        Of finite values within the limits.
    edges : ndarray of float
        One more, from 0 to 1: parts of the bar's length.
    under, over : int
        How many finite values lie beyond its ends.
    other : int
        How many are NaN or infinite, or have no logarithm where that is taken.
    """

    counts: NDArray[np.int64]
    edges: NDArray[np.float64]
    under: int = 0
    over: int = 0
    other: int = 0

    @property
    def middles(self) -> NDArray[np.float64]:
        """Middle of each bin."""
        middles: NDArray[np.float64] = (self.edges[:-1] + self.edges[1:]) / 2
        return middles


def bin_count(n_values: int) -> int:
    """Give how many bins so many values fill well."""
    return max(_FEWEST, min(_MOST, round(2.5 * math.sqrt(n_values))))


def count(parts: Iterable[NDArray[Any]], scale: Scale, n_bins: int) -> Bins:
    """Count values that come in parts, each of any real dtype.

    Bins are equally wide along the colour bar, and so of one colour each, whatever the norm. A
    value on the boundary of two is in the upper one.
    """
    counts = np.zeros(n_bins, np.int64)
    edges = np.linspace(0.0, 1.0, n_bins + 1)
    under = over = other = 0
    for part in parts:
        least, most = bounds(scale, part.dtype)
        values = np.asarray(widen(part), np.float64).ravel()
        usable = np.isfinite(values)
        if scale.norm.kind == "log":
            usable &= values > 0
        other += int(values.size - usable.sum())
        values = values[usable]
        low, high = values < least, values > most
        under, over = under + int(low.sum()), over + int(high.sum())
        within = values[~(low | high)]
        counts += np.histogram(positions(within, scale), edges)[0]
    return Bins(counts, edges, under, over, other)
