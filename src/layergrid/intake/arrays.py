"""Anything array-like → a numpy array, and which of its cells are absent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .holes import Holes, is_present, merge_holes
from .recognise import is_a
from .tensors import from_library, from_torch


def to_numpy(values: Any) -> tuple[NDArray[Any], Holes]:
    """Read array-like `values` as an array of any dtype and, where some are absent, their holes.

    What an array of objects holds is `read_objects`'s question.
    """
    if is_a(values, "numpy.ma", "MaskedArray"):
        return np.asarray(values.data), merge_holes(None, np.ma.getmaskarray(values))
    if is_a(values, "torch", "Tensor"):
        return from_torch(values), None
    if isinstance(values, np.ndarray | np.generic | memoryview):
        return np.asarray(values), None
    return _as_array(values), None


def _as_array(values: Any) -> NDArray[Any]:
    if isinstance(values, str | bytes | Mapping | set | frozenset) or callable(values):
        raise TypeError(
            f"values is a {type(values).__name__}; expected a 2-D array, nested list, DataFrame, "
            "DataArray or tensor"
        )
    if hasattr(values, "toarray"):
        kind = f"{type(values).__module__}.{type(values).__name__}"
        raise TypeError(f"values is a {kind}, which is sparse: pass values.toarray()")
    if _is_array(values):
        return from_library(values)
    values = _plain(list(values) if isinstance(values, Iterable) else values)
    try:
        array = np.asarray(values)
    except ValueError as error:
        rows = [row for row in values if isinstance(row, list | tuple | np.ndarray)]
        lengths = [len(row) for row in rows if getattr(row, "ndim", 1)]
        shown = ", ".join(map(str, lengths[:6])) + (", …" if len(lengths) > 6 else "")
        raise ValueError(
            f"values is a nested list whose rows differ in shape (lengths {shown}); "
            "every layer needs the same number of components: fill the gaps with None (absent)"
        ) from error
    # Beside a string numpy turns numbers into strings, and NaN into "nan".
    return np.array(values, dtype=object) if array.dtype.kind == "U" else array


def _is_array(value: Any) -> bool:
    return hasattr(value, "__array__") or hasattr(value, "__dlpack__")


def _plain(values: Any) -> Any:
    """Turn the tensors inside nested lists to numpy, which refuses those that require grad."""
    if isinstance(values, list | tuple):
        return [_plain(value) for value in values]
    if not _is_array(values):
        return values
    array, holes = to_numpy(values)
    if holes is None:
        return array
    plain = array.astype(object)
    plain[~is_present(holes, array.shape)] = None
    return plain if plain.ndim else plain.item()
