"""Statistics: a tensor → one number.

Each is a function of a tensor of any library, type and number of dimensions; w are its values, N
how many, and σ₁ ≥ σ₂ ≥ … its singular values. torch tensors are measured on their own device,
everything else by numpy. All are exact but for rounding: sums go on in float64, whatever the type
of the values, and never over- or underflow unless the result does.

NaN among the values gives NaN, except where values are only counted. ``inf`` gives ``inf`` or
NaN, as the formula says. Errors are those of `tensors.blocks_of` and `tensors.matrix_of`: TypeError
for what is no tensor of real numbers, ValueError for a tensor without values (on the meta device)
and, of singular values, for one of less than two dimensions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from numpy.typing import NDArray

from ...intake.arrays import to_numpy
from ...intake.wording import did_you_mean
from ...norms import read_number
from . import moments, spectra
from .blocks import blocks
from .moments import Block
from .tensors import blocks_of, matrix_of

_Kind = Literal["header", "values", "matrix", "tensor"]


@dataclass(frozen=True, slots=True)
class Statistic:
    """A statistic and what a caption needs to say about it.

    Attributes
    ----------
    name, formula, source, units : str
        As text; `source` is where the formula is from, `units` is empty where they are those of
        the values, or there are none.
    kind : {"header", "values", "matrix", "tensor"}
        What it needs: only shape and type; all values, in any order and a few at a time; a tensor
        of two dimensions or more; or, of a function that somebody gave, a tensor as it is.
    """

    name: str
    formula: str
    source: str
    units: str
    kind: _Kind
    measure: Callable[[Any], Any]
    pool: Callable[[Iterable[Block]], float] | None = None

    def of(self, tensor: Any) -> float:
        """Measure a tensor.

        Raises
        ------
        TypeError
            If a function that somebody gave gives anything but one number.
        """
        value = self.measure(tensor)
        number = None if getattr(value, "ndim", 0) else read_number(value)
        if number is None:
            shape = getattr(value, "shape", None)
            given = f"a {type(value).__name__} of shape {tuple(shape)}" if shape else repr(value)
            raise TypeError(f"statistic {self.name} gave {given}; it must give one number")
        return number

    def over(self, chunks: Iterable[NDArray[Any]]) -> float:
        """Measure a tensor whose values come as 1-D arrays, in any order.

        Each is used up before the next is asked for. Larger ones are faster, up to a megabyte.

        Raises
        ------
        TypeError
            If it needs more than that, or values are no real numbers.
        """
        if self.pool is None:
            raise TypeError(f"statistic {self.name} needs the whole tensor, not chunks of it")
        return self.pool(blocks(chunks))


_named_ones: dict[str, Statistic] = {}

#: All that have a name, in the order in which they are listed.
STATISTICS: Mapping[str, Statistic] = MappingProxyType(_named_ones)

_Measure = Callable[[Any], float]


def _named(
    formula: str,
    kind: _Kind,
    pool: Callable[[Iterable[Block]], float] | None = None,
    *,
    source: str = "definition",
    units: str = "",
) -> Callable[[_Measure], _Measure]:
    """Make a statistic of a function, under the function's name."""

    def register(measure: _Measure) -> _Measure:
        name = measure.__name__
        _named_ones[name] = Statistic(name, formula, source, units, kind, measure, pool)
        return measure

    return register


def read_statistic(what: str | Callable[[Any], Any]) -> Statistic:
    """Find a statistic by its name, or make one of a function of a tensor.

    Raises
    ------
    ValueError
        For an unknown name; it lists those that there are.
    TypeError
        For what is neither a name nor callable.
    """
    if isinstance(what, str):
        if what in STATISTICS:
            return STATISTICS[what]
        hint = did_you_mean(STATISTICS, what)
        raise ValueError(
            f"statistic is {what!r}; expected one of {', '.join(map(repr, STATISTICS))}, or a "
            f"function of a tensor{f'; {hint}' if hint else ''}"
        )
    if not callable(what):
        raise TypeError(
            f"statistic is {what!r} ({type(what).__name__}); expected a name, such as 'rms', or a "
            "function of a tensor that gives one number"
        )
    for statistic in STATISTICS.values():
        if what is statistic.measure:
            return statistic
    name = getattr(what, "__name__", type(what).__name__)
    origin = f"{getattr(what, '__module__', type(what).__module__)}.{name}"
    return Statistic(name, f"{name}(w)", origin, "", "tensor", what)


# ── of values in any order ───────────────────────────────────────────────────────────────────


@_named("sqrt(mean(w²))", "values", moments.rms)
def rms(tensor: Any) -> float:
    """Give the root mean square, sqrt(mean(w²)), in the units of w.

    0 if all values are zero, ``inf`` if one is infinite, NaN of no values.
    """
    return moments.rms(blocks_of(tensor))


@_named("mean(|w|)", "values", moments.mean_abs)
def mean_abs(tensor: Any) -> float:
    """Give the mean size of a value, mean(|w|), in the units of w.

    0 if all values are zero, ``inf`` if one is infinite, NaN of no values.
    """
    return moments.mean_abs(blocks_of(tensor))


@_named("max(|w|)", "values", moments.max_abs)
def max_abs(tensor: Any) -> float:
    """Give the size of the largest value, max(|w|), in the units of w.

    ``inf`` if one is infinite, NaN of no values.
    """
    return moments.max_abs(blocks_of(tensor))


@_named("sqrt(mean((w − mean(w))²))", "values", moments.std)
def std(tensor: Any) -> float:
    """Give the standard deviation of the values, sqrt(mean((w − mean(w))²)), in the units of w.

    That of the values themselves, with nothing corrected for a sample (correction 0). Blocks are
    pooled as in [1]_. 0 if all values are equal, NaN if one is infinite, or of no values.

    References
    ----------
    .. [1] T. F. Chan, G. H. Golub and R. J. LeVeque, "Updating formulae and a pairwise algorithm
       for computing sample variances", Stanford University STAN-CS-79-773 (1979).
    """
    return moments.std(blocks_of(tensor))


@_named("max(|w|) / sqrt(mean(w²))", "values", moments.outlier_ratio)
def outlier_ratio(tensor: Any) -> float:
    """Give how far the largest value stands out, max(|w|) / rms, a number from 1 to sqrt(N).

    Known as crest factor in signal processing. NaN if all values are zero or one is infinite, or
    of no values.
    """
    return moments.outlier_ratio(blocks_of(tensor))


@_named("mean((w − mean(w))⁴) / std⁴ − 3", "values", moments.kurtosis)
def kurtosis(tensor: Any) -> float:
    """Give the excess kurtosis, mean((w − mean(w))⁴) / std⁴ − 3, a number: 0 of a normal law.

    With correction 0 (Fisher's g₂); blocks are pooled as in [1]_. NaN if all values are equal or
    one is infinite, or of no values.

    References
    ----------
    .. [1] P. Pébay, "Formulas for robust, one-pass parallel computation of covariances and
       arbitrary-order statistical moments", Sandia National Laboratories SAND2008-6212 (2008).
    """
    return moments.kurtosis(blocks_of(tensor))


@_named("count(w = 0) / count(w)", "values", moments.zero_fraction)
def zero_fraction(tensor: Any) -> float:
    """Give the share of values that are exactly zero, 0 to 1; NaN of no values."""
    return moments.zero_fraction(blocks_of(tensor))


@_named("count(w is NaN or infinite)", "values", moments.nonfinite, units="values")
def nonfinite(tensor: Any) -> float:
    """Give how many values are NaN or infinite; 0 of no values."""
    return moments.nonfinite(blocks_of(tensor))


@_named("sqrt(Σ w²)", "values", moments.frobenius)
def frobenius(tensor: Any) -> float:
    """Give the Frobenius norm, sqrt(Σ w²) = sqrt(Σ σ²), in the units of w.

    Of a tensor of any number of dimensions. ``inf`` if a value is infinite, 0 of no values.
    """
    return moments.frobenius(blocks_of(tensor))


# ── of singular values ───────────────────────────────────────────────────────────────────────


@_named("σ₁", "matrix")
def spectral_norm(tensor: Any) -> float:
    """Give the largest singular value σ₁, in the units of w.

    From the eigenvalues of the smaller of WWᵀ and WᵀW in float64, not by power iteration. More
    than two dimensions are flattened to (out, −1), here and in what follows. ``inf`` if a value
    is infinite, 0 of no values.
    """
    return spectra.spectral_norm(matrix_of(tensor))


@_named("Σ σ² / σ₁²", "matrix", source="Rudelson and Vershynin (2007)")
def stable_rank(tensor: Any) -> float:
    """Give the stable rank, Σ σ² / σ₁², a number from 1 to the rank [1]_.

    NaN if all values are zero or one is infinite, or of no values.

    References
    ----------
    .. [1] M. Rudelson and R. Vershynin, "Sampling from large matrices: an approach through
       geometric functional analysis", Journal of the ACM 54 (2007), 21.
    """
    return spectra.stable_rank(matrix_of(tensor))


@_named("exp(−Σ p log p), p = σ / Σ σ", "matrix", source="Roy and Vetterli (2007)")
def effective_rank(tensor: Any) -> float:
    """Give the effective rank, exp(−Σ p log p) with p = σ / Σσ, a number from 1 to the rank [1]_.

    Where eigenvalues would not tell small σ apart from zero, by a singular value decomposition
    in float64. NaN if all values are zero or one is infinite, or of no values.

    References
    ----------
    .. [1] O. Roy and M. Vetterli, "The effective rank: a measure of effective dimensionality",
       15th European Signal Processing Conference (2007), 606–610.
    """
    return spectra.effective_rank(matrix_of(tensor))


# ── of shape and type ────────────────────────────────────────────────────────────────────────


@_named("count(w)", "header", units="parameters")
def parameters(tensor: Any) -> float:
    """Give how many values there are, from the shape alone."""
    return float(math.prod(_described(tensor).shape))


@_named("count(w) · bytes of one w", "header", units="bytes")
def bytes(tensor: Any) -> float:
    """Give how many bytes the values take, from shape and type alone."""
    return float(_described(tensor).nbytes)


def _described(tensor: Any) -> Any:
    told = hasattr(tensor, "shape") and hasattr(tensor, "nbytes")
    return tensor if told else to_numpy(tensor)[0]
