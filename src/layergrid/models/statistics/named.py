"""Statistics: a tensor → one number.

Each is a function of a tensor of any library, type and number of dimensions; w are its values, N
how many, and σ₁ ≥ σ₂ ≥ … its singular values. torch tensors are measured on their own device,
everything else by numpy. All are exact but for rounding, and nothing over- or underflows unless the
result does. On the host Σ |w| and Σ w² of a block are summed in float32 if that holds the values,
good to some 1e-7; all else is in float64: pooled blocks, powers about the mean, singular values.

NaN among the values gives NaN, except where values are only counted. ``inf`` gives ``inf`` or
NaN, as the formula says. Errors are those of `reading.blocks_of` and `reading.matrix_of`: TypeError
for what is no tensor of real numbers, ValueError for a tensor without values (on the meta device)
and, of singular values, for one of less than two dimensions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from numpy.typing import NDArray

from ...intake.wording import did_you_mean
from ...norms import read_number
from . import headers, moments, spectra
from .blocks import blocks
from .moments import Block
from .reading import blocks_of, header_of, matrix_of

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

_READERS: Mapping[_Kind, Callable[[Any], Any]] = {
    "values": blocks_of,
    "matrix": matrix_of,
    "header": header_of,
}


def _named(
    function: Callable[[Any], float],
    formula: str,
    kind: _Kind,
    *,
    source: str = "definition",
    units: str = "",
) -> Callable[[Any], float]:
    """Make a statistic of a function of what its kind needs, and give it as one of a tensor."""
    read = _READERS[kind]
    name = function.__name__

    def measure(tensor: Any) -> float:
        return function(read(tensor))

    measure.__name__ = measure.__qualname__ = name  # by which it travels to other processes
    measure.__doc__ = function.__doc__
    pool = function if kind == "values" else None
    _named_ones[name] = Statistic(name, formula, source, units, kind, measure, pool)
    return measure


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


# ── all of them ──────────────────────────────────────────────────────────────────────────────

rms = _named(moments.rms, "sqrt(mean(w²))", "values")
mean_abs = _named(moments.mean_abs, "mean(|w|)", "values")
max_abs = _named(moments.max_abs, "max(|w|)", "values")
std = _named(moments.std, "sqrt(mean((w − mean(w))²))", "values")
outlier_ratio = _named(moments.outlier_ratio, "max(|w|) / sqrt(mean(w²))", "values")
kurtosis = _named(moments.kurtosis, "mean((w − mean(w))⁴) / std⁴ − 3", "values")
zero_fraction = _named(moments.zero_fraction, "count(w = 0) / count(w)", "values")
nonfinite = _named(moments.nonfinite, "count(w is NaN or infinite)", "values", units="values")
frobenius = _named(moments.frobenius, "sqrt(Σ w²)", "values")

spectral_norm = _named(spectra.spectral_norm, "σ₁", "matrix")
stable_rank = _named(
    spectra.stable_rank, "Σ σ² / σ₁²", "matrix", source="Rudelson and Vershynin (2007)"
)
effective_rank = _named(
    spectra.effective_rank,
    "exp(−Σ p log p), p = σ / Σ σ",
    "matrix",
    source="Roy and Vetterli (2007)",
)

parameters = _named(headers.parameters, "count(w)", "header", units="parameters")
bytes = _named(headers.bytes, "count(w) · bytes of one w", "header", units="bytes")
