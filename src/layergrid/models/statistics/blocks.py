"""numpy arrays of any type as blocks of float32 or float64, and sums over such a block.

Σ |w| and Σ w² are summed in the type of the block, pairwise or in short runs, so that those in
float32 are good to some 1e-7; powers about the mean are in float64.

As fast as memory and vector units allow: blocks fit into a processor's cache, of each numpy makes
a few passes with the interpreter's lock released, and buffers are used again. Nothing here is
shared between threads.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...intake import is_number, widen

#: Values in a block. Smaller ones spend the time on calls, larger ones on memory.
BLOCK = 2**19

#: Values whose products are summed in the type of the values, before float64 takes over. In
#: float32 that costs at most 5e-7 of the sum, even if every rounding goes the same way. Far below
#: 10,000, from where on OpenBLAS would start threads of its own.
_RUN = 512


class _Buffers:
    """Memory that one block after the other uses: to ask for new each time would cost more."""

    def __init__(self) -> None:
        self._kept: dict[str, NDArray[Any]] = {}

    def get(self, use: str, dtype: type[np.floating[Any]], size: int) -> NDArray[Any]:
        """Give `size` numbers to write to, the same for the same use."""
        kept = self._kept.get(use)
        if kept is None or kept.size < size or kept.dtype != dtype:
            kept = self._kept[use] = np.empty(size, dtype)
        return kept[:size]


class HostBlock:
    """Some values of a tensor, as a contiguous 1-D array of float32 or float64."""

    def __init__(self, values: NDArray[Any], buffers: _Buffers) -> None:
        self._values, self._buffers = values, buffers

    @property
    def size(self) -> int:
        """How many values."""
        return self._values.size

    def first(self) -> float:
        """Give the first value."""
        return float(self._values[0])

    def largest(self) -> float:
        """Give max |w|; NaN if any value is NaN."""
        with np.errstate(all="ignore"):
            return max(abs(float(self._values.max())), abs(float(self._values.min())))

    def zeros(self) -> int:
        """Count the values that are zero."""
        return int(np.count_nonzero(self._values == 0))  # counting floats is slow

    def nonfinite(self) -> int:
        """Count the values that are NaN or infinite."""
        return self.size - int(np.count_nonzero(np.isfinite(self._values)))

    def sizes(self, unit: float | None = None) -> float:
        """Give Σ |w|, or with a unit Σ |w / unit|."""
        with np.errstate(all="ignore"):
            values = self._in(unit)
            out = self._buffers.get("sizes", values.dtype.type, values.size)
            return float(np.abs(values, out=out).sum())  # pairwise

    def squares(self, unit: float | None = None) -> float:
        """Give Σ w², or with a unit Σ (w / unit)²."""
        with np.errstate(all="ignore"):
            values = self._in(unit)
            return _sum_of_products(values, values)

    def _in(self, unit: float | None) -> NDArray[Any]:
        return self._values if unit is None else self._values.astype(np.float64) / unit

    def powers(self, origin: float, exponent: int, order: int) -> tuple[float, ...]:
        """Give the mean d̄ of d = (w − origin) / 2^exponent, then Σ (d − d̄)^k for k = 2 … order."""
        with np.errstate(all="ignore"):
            d = self._buffers.get("d", np.float64, self.size)
            np.copyto(d, self._values)
            if exponent:
                np.ldexp(d, -exponent, out=d)
            d -= math.ldexp(origin, -exponent)
            mean = float(d.mean())
            d -= mean
            found = [mean, _sum_of_products(d, d)]
            if order == 4:
                square = self._buffers.get("square", np.float64, self.size)
                np.multiply(d, d, out=square)
                found += [_sum_of_products(square, d), _sum_of_products(square, square)]
            return tuple(found)


def _sum_of_products(x: NDArray[Any], y: NDArray[Any]) -> float:
    """Give Σ xy, summed run by run; a matrix product of vectors is BLAS' dot of each pair."""
    whole = x.size // _RUN * _RUN
    runs = np.matmul(x[:whole].reshape(-1, 1, _RUN), y[:whole].reshape(-1, _RUN, 1))
    total = float(runs.sum(dtype=np.float64))
    return total if whole == x.size else total + float(np.dot(x[whole:], y[whole:]))


# ── anything as float32 or float64 ───────────────────────────────────────────────────────────


def blocks(chunks: Iterable[NDArray[Any]], size: int = BLOCK) -> Iterator[HostBlock]:
    """Give the values of 1-D arrays, in any order, as blocks of at most `size`.

    A block is good until the next is asked for, and so is a chunk.

    Raises
    ------
    TypeError
        For values that are no real numbers.
    """
    buffers = _Buffers()
    for chunk in chunks:
        if not is_number(chunk.dtype):
            raise not_real(chunk.dtype)
        for start in range(0, chunk.size, size):
            yield HostBlock(_widened(chunk[start : start + size], buffers), buffers)


def not_real(dtype: Any) -> TypeError:
    """Give the error about values that are no real numbers."""
    if "complex" in str(dtype):
        cure = "of complex ones take abs(), .real or .imag"
    else:
        cure = "turn it into such first, as .astype(float) does if it can be"
    return TypeError(f"tensor has dtype {dtype}; statistics are of real numbers: {cure}")


def _widened(values: NDArray[Any], buffers: _Buffers) -> NDArray[Any]:
    """Give values as float32 where it holds them all, in a buffer if need be; else float64."""
    dtype = values.dtype
    if not dtype.isnative:
        return _widened(values.astype(dtype.newbyteorder("=")), buffers)
    values = np.ascontiguousarray(values)
    if dtype in (np.float32, np.float64):
        return values
    buffer = buffers.get("widened", np.float32, values.size)
    if dtype == np.float16:
        _from_float16(values, buffer)
    elif dtype.itemsize == 1 and dtype.kind not in "biu":
        np.take(_table(dtype), values.view(np.uint8), out=buffer, mode="clip")
    elif dtype.itemsize <= 2:
        np.copyto(buffer, values)
    else:
        return widen(values).astype(np.float64)
    return buffer


def _from_float16(values: NDArray[Any], buffer: NDArray[np.float32]) -> None:
    """Widen float16 by its bits, many times faster than a cast.

    With the exponent moved to where float32 has its own, all is too small by the difference of
    the biases, 2^(127 − 15), the subnormal numbers too.
    """
    signed = values.view(np.int16)
    if signed.max() >= 0x7C00 or values.view(np.uint16).max() >= 0xFC00:
        np.copyto(buffer, values)  # infinity and NaN have an exponent of their own
        return
    bits = buffer.view(np.int32)
    np.copyto(bits, signed)  # and the sign into all the upper half
    np.left_shift(bits, 13, out=bits)
    np.bitwise_and(bits, ~np.int32(0x70000000), out=bits)
    np.multiply(buffer, np.float32(2.0**112), out=buffer)


@lru_cache
def _table(dtype: np.dtype[Any]) -> NDArray[np.float32]:
    """Give the values of all numbers of one byte, by their bits."""
    with np.errstate(all="ignore"):
        return np.arange(256, dtype=np.uint8).view(dtype).astype(np.float32)
