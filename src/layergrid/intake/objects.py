"""Arrays of Python objects → numbers or strings; None, ``pd.NA`` and the like are absent."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .dtypes import is_number
from .holes import Holes, merge_holes
from .recognise import is_a, is_absent
from .wording import place


def read_objects(values: NDArray[Any], holes: Holes) -> tuple[NDArray[Any], Holes]:
    """Read an array of objects as numbers or as strings; of both together, as objects still.

    Beside strings NaN is absent, as it is in pandas; among numbers it is a number.

    Raises
    ------
    TypeError
        For anything else, naming it and where it stands.
    """
    # Beside a None numpy keeps arrays without dimensions as they are.
    flat = [v[()] if isinstance(v, np.ndarray) and v.ndim == 0 else v for v in values.ravel()]
    beside_strings = any(isinstance(v, str) for v in flat)
    absent = np.zeros(len(flat), bool) if holes is None else holes.ravel() > 0
    for index, value in enumerate(flat):
        if absent[index] or isinstance(value, str):
            continue
        if is_absent(value):
            absent[index] = True
        elif not _is_real(value):
            raise TypeError(
                f"values holds {value!r} ({type(value).__name__}) at "
                f"{place(index, values.shape)}; a cell's value must be a number or a string "
                "(None means absent)"
            )
        elif beside_strings:
            absent[index] = value != value
    array = _array([v for v, gone in zip(flat, absent, strict=True) if not gone])
    read = np.zeros(values.shape, array.dtype)
    read.ravel()[~absent] = array
    return read, merge_holes(holes, absent.reshape(values.shape))


def _array(present: list[Any]) -> NDArray[Any]:
    """Give strings as strings, and numbers in the narrowest of bool, integers and float64."""
    strings = sum(isinstance(v, str) for v in present)
    if strings == len(present) > 0:
        return np.array(present, dtype=str)
    if strings:
        return np.array(present, dtype=object)
    if present and all(isinstance(v, bool | np.bool_) for v in present):
        return np.array(present, dtype=bool)
    if present and all(isinstance(v, numbers.Integral) for v in present):
        return np.array([int(v) for v in present], _integer_dtype(present))
    return np.array([float(v) for v in present], np.float64)


def _integer_dtype(present: list[Any]) -> np.dtype[Any]:
    low, high = min(present), max(present)
    for name in ("int64", "uint64"):
        info = np.iinfo(name)
        if info.min <= low and high <= info.max:
            return np.dtype(name)
    raise ValueError(f"values holds the integer {high if high > 0 else low}, beyond 64 bits")


def _is_real(value: Any) -> bool:
    if isinstance(value, np.generic):
        return is_number(value.dtype)
    return isinstance(value, numbers.Real) or is_a(value, "decimal", "Decimal")
