"""Which types of numbers there are, and the ones that every routine knows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def is_number(dtype: np.dtype[Any]) -> bool:
    """Whether a dtype is a real number: bool, integer, float, or one of ml_dtypes' floats."""
    return dtype.kind in "biuf" or (dtype.kind == "V" and _is_extended(dtype))


def _is_extended(dtype: np.dtype[Any]) -> bool:
    # Not by kind: most of ml_dtypes' types say "V", but float8_e5m2 says "f".
    return dtype.type.__module__ == "ml_dtypes"


def widen(values: NDArray[Any]) -> NDArray[Any]:
    """Give values in a dtype that every routine knows.

    ml_dtypes' numbers become float32, which holds them all, and long doubles float64, which is
    the most that files and browsers hold.
    """
    if _is_extended(values.dtype):
        return values.astype(np.float32)
    if values.dtype.kind == "f" and values.dtype.itemsize > 8:
        with np.errstate(over="ignore"):
            return values.astype(np.float64)
    return values


def dtype_cure(dtype: np.dtype[Any]) -> str:
    """Say what to do about values of a dtype that is neither number nor string."""
    match dtype.kind:
        case "c":
            return "take abs(values), values.real or values.imag"
        case "M" | "m":
            return "turn times into numbers first, for example (values - start) / unit"
        case "S":
            return "turn bytes into strings first: values.astype(str)"
        case _ if dtype.names:
            return f"pick one field of it ({', '.join(dtype.names)})"
        case _:
            return "a cell's value must be a number or a string"
