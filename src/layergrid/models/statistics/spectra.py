"""Statistics of a matrix's singular values: exact ones, on whatever device it lies."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...intake import widen
from .blocks import blocks
from .moments import max_abs

#: What an entropy may be wrong by, from rounding, before a slower way is taken; in nats.
_TOLERANCE = 1e-7

#: Values that are turned to float64 at once.
_SLAB = 2**21


class Matrix(NamedTuple):
    """A matrix that is read in slabs, and the linear algebra of the place where it lies.

    Attributes
    ----------
    shape : (int, int)
        The longer side first: singular values do not tell a matrix from its transpose.
    largest : float
        max |w|: 0 without any value, NaN if any is.
    slabs : callable
        Gives the rows from top to bottom, some at a time, as 2-D arrays of float64, divided by a
        unit.
    eigenvalues : callable
        Of a symmetric array, as a numpy array.
    singular_values : callable
        Of slabs, one below the other, as a numpy array.
    """

    shape: tuple[int, int]
    largest: float
    slabs: Callable[[float], Iterator[Any]]
    eigenvalues: Callable[[Any], NDArray[np.float64]]
    singular_values: Callable[[Iterable[Any]], NDArray[np.float64]]


def host_matrix(array: NDArray[Any]) -> Matrix:
    """Describe a 2-D numpy array of real numbers, of any type and layout."""
    tall = array if array.shape[0] >= array.shape[1] else array.T

    def slabs(unit: float) -> Iterator[NDArray[np.float64]]:
        for rows in slices(tall.shape):
            yield widen(tall[rows]).astype(np.float64, order="C") / unit

    def singular_values(parts: Iterable[NDArray[np.float64]]) -> NDArray[np.float64]:
        return np.linalg.svd(np.concatenate(list(parts)), compute_uv=False)

    largest = max_abs(blocks([array.ravel(order="K")])) if array.size else 0.0
    return Matrix(tall.shape, largest, slabs, np.linalg.eigvalsh, singular_values)


def slices(shape: tuple[int, int]) -> Iterator[slice]:
    """Cut rows into slabs of some megabytes, all but the last of the same size."""
    step = max(1, _SLAB // max(1, shape[1]))
    return (slice(start, start + step) for start in range(0, shape[0], step))


# ── statistics ───────────────────────────────────────────────────────────────────────────────


def spectral_norm(matrix: Matrix) -> float:
    """Give the largest singular value σ₁, in the units of w.

    From the eigenvalues of the smaller of WWᵀ and WᵀW in float64, not by power iteration. More
    than two dimensions are flattened to (out, −1), as for the ranks. ``inf`` if a value is
    infinite, 0 of no values.
    """
    unit = _unit(matrix)
    if unit == 0 or not math.isfinite(unit):
        return unit
    return unit * math.sqrt(_squares(matrix, unit).max())


def stable_rank(matrix: Matrix) -> float:
    """Give the stable rank, Σ σ² / σ₁², a number from 1 to the rank [1]_.

    NaN if all values are zero or one is infinite, or of no values.

    References
    ----------
    .. [1] M. Rudelson and R. Vershynin, "Sampling from large matrices: an approach through
       geometric functional analysis", Journal of the ACM 54 (2007), 21.
    """
    unit = _unit(matrix)
    if unit == 0 or not math.isfinite(unit):
        return math.nan
    squares = _squares(matrix, unit)
    return float(squares.sum() / squares.max())


def effective_rank(matrix: Matrix) -> float:
    """Give the effective rank, exp(−Σ p log p) with p = σ / Σσ, a number from 1 to the rank [1]_.

    Where eigenvalues would not tell small σ apart from zero, by a singular value decomposition
    in float64. NaN if all values are zero or one is infinite, or of no values.

    References
    ----------
    .. [1] O. Roy and M. Vetterli, "The effective rank: a measure of effective dimensionality",
       15th European Signal Processing Conference (2007), 606–610.
    """
    unit = _unit(matrix)
    if unit == 0 or not math.isfinite(unit):
        return math.nan
    sigma = np.sqrt(_squares(matrix, unit))
    if _doubt(sigma, matrix.shape) > _TOLERANCE:
        sigma = matrix.singular_values(matrix.slabs(unit))
    p = sigma[sigma > 0] / sigma.sum()
    return math.exp(-float((p * np.log(p)).sum()))


def singular_values(matrix: Matrix) -> NDArray[np.float64]:
    """Give all singular values, the largest first, in the units of w.

    By the same eigenvalues as `spectral_norm`: those far below σ₁, by some 1e-8 of it, are only
    known to be small. NaN if a value is, or is infinite.
    """
    unit, n = _unit(matrix), min(matrix.shape)
    if unit == 0 or not math.isfinite(unit):
        return np.full(n, 0.0 if unit == 0 else math.nan)
    found: NDArray[np.float64] = unit * np.sqrt(np.sort(_squares(matrix, unit))[::-1])
    return found


def _unit(matrix: Matrix) -> float:
    """Give the power of two below max |w|, in whose units squares neither over- nor underflow.

    Or max |w| itself where it is zero, infinite or NaN, and says all there is to say.
    """
    if matrix.largest == 0 or not math.isfinite(matrix.largest):
        return matrix.largest
    return math.ldexp(1.0, math.frexp(matrix.largest)[1] - 1)


def _squares(matrix: Matrix, unit: float) -> NDArray[np.float64]:
    """Give the squares of the singular values: the eigenvalues of WᵀW, small side by small side."""
    gram: Any = 0.0
    for slab in matrix.slabs(unit):
        gram = gram + slab.T @ slab
    return np.maximum(matrix.eigenvalues(gram), 0.0)


def _doubt(sigma: NDArray[np.float64], shape: tuple[int, int]) -> float:
    """Bound how far the entropy of σ is off because σ are roots of eigenvalues.

    Those are right to about max(shape) · ε of the largest, so that a small σ may have no digit
    that is right, and one that should be zero is as large as √ε.
    """
    off = max(shape) * np.finfo(np.float64).eps * sigma.max() ** 2
    root = math.sqrt(off)
    error = off / np.maximum(sigma, root)
    total = sigma.sum()
    slope = 1 + math.log(len(sigma)) + np.abs(np.log(np.maximum(sigma, error) / total))
    return float((error * slope).sum() / total)
