"""What tests of reading share: dtypes, and arrays that know one way to hand over their numbers."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np

from layergrid.intake import widen

NATIVE = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
NATIVE += ["float16", "float32", "float64", "longdouble", ">i2", ">i8", ">u4", ">f4", ">f8"]
EXTENDED = [
    ml_dtypes.bfloat16,
    ml_dtypes.float8_e4m3fn,
    ml_dtypes.float8_e5m2,  # alone among them says that its kind is "f"
    ml_dtypes.float8_e8m0fnu,
    ml_dtypes.int4,
]


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two arrays have the same dtype, shape and bits of value, NaN among them."""
    return a.dtype == b.dtype and np.array_equal(widen(a), widen(b), equal_nan=a.dtype.kind in "fV")


class OnlyArray:
    """Knows nothing but ``__array__``."""

    def __init__(self, array: Any) -> None:
        self._array = array

    def __array__(self, dtype=None, copy=None):
        return self._array if dtype is None else self._array.astype(dtype)


class OnlyDLPack:
    """Knows nothing but the array interchange of DLPack."""

    def __init__(self, array: Any) -> None:
        self._array = array

    def __dlpack__(self, **options):
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self._array.__dlpack_device__()


class OnAnotherDevice(OnlyDLPack):
    """Lies on a GPU, and comes to the CPU when asked to."""

    def __dlpack__(self, *, dl_device=None, **options):
        if dl_device != (1, 0):
            raise BufferError("this lies on device (2, 0)")
        return super().__dlpack__(**options)

    def __dlpack_device__(self):
        return (2, 0)
