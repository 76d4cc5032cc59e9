"""Labels of layers, components, steps and categories."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .wording import some_of

Label = str | int | float | bool
Labels = tuple[Label, ...]


def read_labels(labels: Iterable[Any], count: int, what: str) -> Labels:
    """Read unique labels for one axis: Python scalars; MultiIndex levels join with ``.``.

    Raises
    ------
    TypeError
        For a bare string, which would fall apart into characters.
    ValueError
        For the wrong count, or for a label that comes twice.
    """
    if isinstance(labels, str | bytes):
        raise TypeError(f"{what} is the string {labels!r}; expected a sequence of labels")
    read = tuple(read_label(label) for label in labels)
    if len(read) != count:
        raise ValueError(f"{what} has {len(read)} labels, but values has {count}: {some_of(read)}")
    seen: dict[Label, int] = {}
    for position, label in enumerate(read):
        if label in seen:
            raise ValueError(
                f"{what} has {label!r} twice (positions {seen[label]} and {position}); "
                "a cell is found by its labels, so they must be unique"
            )
        seen[label] = position
    return read


def read_label(label: Any) -> Label:
    """Read anything as a Python scalar that JSON knows."""
    if getattr(label, "ndim", None) == 0 and hasattr(label, "item"):
        times = getattr(label.dtype, "kind", None) in ("m", "M")
        # The item of a time may be a bare count of nanoseconds.
        label = _read_time(np.asarray(label)[()]) if times else label.item()
    if isinstance(label, tuple):
        return ".".join(str(read_label(part)) for part in label)
    if isinstance(label, float) and not math.isfinite(label):
        return str(label)  # JSON has none of them, and NaN is not even equal to itself
    return label if isinstance(label, str | int | float | bool) else str(label)


def _read_time(time: Any) -> str:
    """Read one of numpy's times; one that pandas has too as pandas calls it."""
    if time.dtype.kind == "M" and time.dtype != "M8[D]" and time.astype("M8[us]") == time:
        return str(time.astype("M8[us]").item())
    return str(time)


def label_text(label: Label) -> str:
    """Give a label as it is shown; the page knows no difference between 1.0 and 1."""
    if isinstance(label, float) and label.is_integer() and abs(label) < 1e16:
        return str(int(label))
    return str(label)


def label_array(labels: Labels) -> NDArray[Any]:
    """Give labels as an array, of objects where they are of several kinds."""
    array = np.asarray(labels)
    if array.dtype.kind == "U" and not all(isinstance(label, str) for label in labels):
        # numpy would turn the 0 of ("embed", 0, 1) into "0".
        array = np.array(labels, dtype=object)
    return array
