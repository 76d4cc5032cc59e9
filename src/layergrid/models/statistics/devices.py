"""torch tensors that are not on the host: blocks and matrices measured where they lie.

torch is imported already when there is such a tensor. All sums are in float64,
unlike those of the host.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .moments import max_abs
from .spectra import Matrix, slices

#: Values in a block: enough for a device to be busy with, few enough as float64.
BLOCK = 2**23


@lru_cache
def has_float64(device: str) -> bool:
    """Whether devices of a type, such as "cuda", have numbers of 64 bits; Apple's have not."""
    torch = sys.modules["torch"]
    try:
        torch.zeros(1, dtype=torch.float64, device=device)
    except (TypeError, RuntimeError):
        return False
    return True


class DeviceBlock:
    """Some values of a tensor, 1-D, on their device."""

    def __init__(self, values: Any) -> None:
        self._torch = sys.modules["torch"]
        self._values = values.to(self._torch.float64)

    @property
    def size(self) -> int:
        """How many values."""
        return int(self._values.numel())

    def first(self) -> float:
        """Give the first value."""
        return float(self._values[0])

    def largest(self) -> float:
        """Give max |w|; NaN if any value is NaN."""
        return float(self._values.abs().max())

    def zeros(self) -> int:
        """Count the values that are zero."""
        return int((self._values == 0).sum())

    def nonfinite(self) -> int:
        """Count the values that are NaN or infinite."""
        return self.size - int(self._values.isfinite().sum())

    def sizes(self, unit: float | None = None) -> float:
        """Give Σ |w|, or with a unit Σ |w / unit|."""
        return float(self._in(unit).abs().sum())

    def squares(self, unit: float | None = None) -> float:
        """Give Σ w², or with a unit Σ (w / unit)²."""
        return float(self._in(unit).square().sum())

    def _in(self, unit: float | None) -> Any:
        return self._values if unit is None else self._values / unit

    def powers(self, origin: float, exponent: int, order: int) -> tuple[float, ...]:
        """Give the mean d̄ of d = (w − origin) / 2^exponent, then Σ (d − d̄)^k for k = 2 … order."""
        half = exponent // 2  # 2^exponent itself may be out of range
        d = self._values * 2.0**-half * 2.0 ** (half - exponent) - math.ldexp(origin, -exponent)
        mean = d.mean()
        d -= mean
        square = d.square()
        found = [mean, square.sum()]
        if order == 4:
            found += [(square * d).sum(), square.square().sum()]
        return tuple(self._torch.stack(found).tolist())


def device_blocks(tensor: Any, size: int = BLOCK) -> Iterator[DeviceBlock]:
    """Give the values of a dense tensor as blocks on its device, at most `size` in each."""
    flat = tensor.reshape(-1)
    for start in range(0, flat.numel(), size):
        yield DeviceBlock(flat[start : start + size])


def device_matrix(tensor: Any) -> Matrix:
    """Describe a dense 2-D tensor of real numbers, to be measured on its device."""
    torch = sys.modules["torch"]
    tall = tensor if tensor.shape[0] >= tensor.shape[1] else tensor.T

    def slabs(unit: float) -> Iterator[Any]:
        for rows in slices(tall.shape):
            yield tall[rows].to(torch.float64) / unit

    def eigenvalues(array: Any) -> NDArray[np.float64]:
        return np.asarray(torch.linalg.eigvalsh(array).cpu().numpy())

    def singular_values(parts: Iterable[Any]) -> NDArray[np.float64]:
        return np.asarray(torch.linalg.svdvals(torch.cat(list(parts))).cpu().numpy())

    largest = max_abs(device_blocks(tensor)) if tensor.numel() else 0.0
    return Matrix(tuple(tall.shape), largest, slabs, eigenvalues, singular_values)
