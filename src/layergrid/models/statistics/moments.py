"""Statistics whose order of values does not matter, from blocks of a tensor that come one by one.

Pure: what blocks are, and where their values lie, is up to them. Of each only a few numbers are
kept, and those are pooled so that nothing overflows, cancels out or is lost on the way.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple, Protocol

import numpy as np

#: Below this a sum of float32 squares may have lost some of them to underflow.
_TINY = 2.0**-80

#: Fourth powers of what lies within 2^±this, and their sums, stay in the range of float64.
_SAFE_EXPONENT = 200


class Block(Protocol):
    """Some values of a tensor, at least one. Sums are good to some 1e-7, `powers` to float64."""

    @property
    def size(self) -> int:
        """How many values."""

    def first(self) -> float:
        """Give any one of the values, always the same."""

    def largest(self) -> float:
        """Give max |w|; NaN if any value is NaN."""

    def zeros(self) -> int:
        """Count the values that are zero."""

    def nonfinite(self) -> int:
        """Count the values that are NaN or infinite."""

    def sizes(self, unit: float | None = None) -> float:
        """Give Σ |w|, or with a unit Σ |w / unit|. Infinite or NaN where it leaves the range."""

    def squares(self, unit: float | None = None) -> float:
        """Give Σ w², or with a unit Σ (w / unit)². Infinite or NaN where it leaves the range."""

    def powers(self, origin: float, exponent: int, order: int) -> tuple[float, ...]:
        """Give the mean d̄ of d = (w − origin) / 2^exponent, then Σ (d − d̄)^k for k = 2 … order.

        All of them in float64; exactly zero for values that are all equal.
        """


# ── sizes ────────────────────────────────────────────────────────────────────────────────────


def mean_abs(blocks: Iterable[Block]) -> float:
    """Give the mean size of a value, mean(|w|), in the units of w.

    0 if all values are zero, ``inf`` if one is infinite, NaN of no values.
    """
    return _pooled_mean([(block.size, _mean_size(block)) for block in blocks])


def max_abs(blocks: Iterable[Block]) -> float:
    """Give the size of the largest value, max(|w|), in the units of w.

    ``inf`` if one is infinite, NaN of no values.
    """
    largest = [block.largest() for block in blocks]
    return float(np.max(largest)) if largest else math.nan


def rms(blocks: Iterable[Block]) -> float:
    """Give the root mean square, sqrt(mean(w²)), in the units of w.

    0 if all values are zero, ``inf`` if one is infinite, NaN of no values.
    """
    return _pooled_rms([(block.size, _rms(block)) for block in blocks])


def frobenius(blocks: Iterable[Block]) -> float:
    """Give the Frobenius norm, sqrt(Σ w²) = sqrt(Σ σ²), in the units of w.

    Of a tensor of any number of dimensions. ``inf`` if a value is infinite, 0 of no values.
    """
    parts = [(block.size, _rms(block)) for block in blocks]
    return _pooled_rms(parts) * math.sqrt(_count(parts)) if parts else 0.0


def outlier_ratio(blocks: Iterable[Block]) -> float:
    """Give how far the largest value stands out, max(|w|) / rms, a number from 1 to sqrt(N).

    Known as crest factor in signal processing. NaN if all values are zero or one is infinite, or
    of no values.
    """
    largest, parts = 0.0, []
    for block in blocks:
        largest = float(np.maximum(largest, block.largest()))
        parts.append((block.size, _rms(block)))
    size = _pooled_rms(parts)
    return largest / size if size else math.nan


def _rms(block: Block) -> float:
    squares = block.squares()
    if _TINY < squares < math.inf:
        return math.sqrt(squares / block.size)
    unit = block.largest()
    if unit == 0 or not math.isfinite(unit):
        return unit
    return unit * math.sqrt(block.squares(unit) / block.size)


def _mean_size(block: Block) -> float:
    sizes = block.sizes()
    if math.isfinite(sizes):
        return sizes / block.size
    unit = block.largest()
    return unit * (block.sizes(unit) / block.size) if math.isfinite(unit) else unit


def _count(parts: list[tuple[int, float]]) -> int:
    return sum(size for size, _ in parts)


def _pooled_mean(parts: list[tuple[int, float]]) -> float:
    # Each share before the sum: a plain sum could overflow where the mean does not.
    count = _count(parts)
    return math.fsum(mean * (size / count) for size, mean in parts) if parts else math.nan


def _pooled_rms(parts: list[tuple[int, float]]) -> float:
    count = _count(parts)
    if not parts or any(math.isnan(rms) for _, rms in parts):  # hypot(inf, nan) is inf
        return math.nan
    return math.hypot(*(rms * math.sqrt(size / count) for size, rms in parts))


# ── counts ───────────────────────────────────────────────────────────────────────────────────


def zero_fraction(blocks: Iterable[Block]) -> float:
    """Give the share of values that are exactly zero, 0 to 1; NaN of no values."""
    count, zeros = 0, 0
    for block in blocks:
        count, zeros = count + block.size, zeros + block.zeros()
    return zeros / count if count else math.nan


def nonfinite(blocks: Iterable[Block]) -> float:
    """Give how many values are NaN or infinite; 0 of no values."""
    return float(sum(block.nonfinite() for block in blocks))


# ── about the mean ───────────────────────────────────────────────────────────────────────────


def std(blocks: Iterable[Block]) -> float:
    """Give the standard deviation of the values, sqrt(mean((w − mean(w))²)), in the units of w.

    That of the values themselves, with nothing corrected for a sample (correction 0). Blocks are
    pooled as in [1]_. 0 if all values are equal, NaN if one is infinite, or of no values.

    References
    ----------
    .. [1] T. F. Chan, G. H. Golub and R. J. LeVeque, "Updating formulae and a pairwise algorithm
       for computing sample variances", Stanford University STAN-CS-79-773 (1979).
    """
    total = _moments(blocks, 2)
    if total is None:
        return math.nan
    return math.ldexp(math.sqrt(total.m2 / total.size), total.exponent)


def kurtosis(blocks: Iterable[Block]) -> float:
    """Give the excess kurtosis, mean((w − mean(w))⁴) / std⁴ − 3, a number: 0 of a normal law.

    With correction 0 (Fisher's g₂); blocks are pooled as in [1]_. NaN if all values are equal or
    one is infinite, or of no values.

    References
    ----------
    .. [1] P. Pébay, "Formulas for robust, one-pass parallel computation of covariances and
       arbitrary-order statistical moments", Sandia National Laboratories SAND2008-6212 (2008).
    """
    total = _moments(blocks, 4)
    if total is None or total.m2 == 0:
        return math.nan
    return (total.m4 / total.m2) / (total.m2 / total.size) - 3


class _Moments(NamedTuple):
    """Mean of some values from an origin, and sums of powers about it, in units of 2^exponent."""

    size: int
    mean: float
    m2: float
    m3: float
    m4: float
    exponent: int


def _moments(blocks: Iterable[Block], order: int) -> _Moments | None:
    """Pool the moments of blocks up to order 2 or 4; the others are zero.

    All are taken from one origin, a value of the tensor, so that a mean far from zero takes no
    digits away.
    """
    total, origin = None, 0.0
    for block in blocks:
        if total is None:
            origin = block.first()
        exponent = _exponent(block, origin)
        mean, m2, *higher = block.powers(origin, exponent, order)
        m3, m4 = higher or (0.0, 0.0)
        part = _Moments(block.size, mean, m2, m3, m4, exponent)
        total = part if total is None else _pool(total, part)
    return total


def _exponent(block: Block, origin: float) -> int:
    """Give the power of two to measure a block in: none, unless fourth powers leave the range."""
    largest = max(block.largest(), abs(origin))
    if largest == 0:
        return -1074  # below any other, so that it gives way
    exponent = math.frexp(largest)[1]
    return exponent if abs(exponent) > _SAFE_EXPONENT else 0


def _pool(a: _Moments, b: _Moments) -> _Moments:
    """Give the moments of both; Chan, Golub and LeVeque (1979), Pébay (2008)."""
    exponent = max(a.exponent, b.exponent)
    a, b = _in_units(a, exponent), _in_units(b, exponent)
    size = a.size + b.size
    p, q = a.size / size, b.size / size
    gap = b.mean - a.mean
    return _Moments(
        size,
        a.mean + gap * q,
        a.m2 + b.m2 + size * p * q * gap**2,
        a.m3 + b.m3 + size * p * q * (p - q) * gap**3 + 3 * gap * (p * b.m2 - q * a.m2),
        a.m4
        + b.m4
        + size * p * q * (p * p - p * q + q * q) * gap**4
        + 6 * gap**2 * (p * p * b.m2 + q * q * a.m2)
        + 4 * gap * (p * b.m3 - q * a.m3),
        exponent,
    )


def _in_units(part: _Moments, exponent: int) -> _Moments:
    shift = part.exponent - exponent
    if shift == 0:
        return part
    mean, m2, m3, m4 = (math.ldexp(part[k], k * shift) for k in range(1, 5))
    return _Moments(part.size, mean, m2, m3, m4, exponent)
