"""The texts of the cells: what is asked for, and what each of them says. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import intake, numerals
from .alignment import align
from .intake import Colors, Grid


def read_text(grid: Grid, text: Any) -> str | NDArray[Any] | None:
    """Check what was asked for; gives a format, ``"auto"``, or strings for the cells of a grid."""
    if text is None:
        return None
    if isinstance(text, str):
        return text
    cure = 'give one string per cell, a format such as ".2f", or "auto"'
    return align(intake.read_text(text), grid, "text", cure)


def check_format(text: str, grid: Grid, categories: Colors | None) -> None:
    """Refuse a format in which values of a grid cannot be written.

    Raises
    ------
    ValueError
        Naming a value and a format that goes.
    """
    if text == "auto":
        return
    for value in [_some_number(grid)] if categories is None else categories:
        try:
            _format(value, text)
        except (ValueError, OverflowError) as error:
            tried = '".2f", ".3g" or "auto"' if categories is None else '"auto", or one text a cell'
            raise ValueError(
                f"text is {text!r}, which is no format for {value!r} ({error}); try {tried}"
            ) from None


def write(
    frame: NDArray[Any], text: str, numbers: NDArray[np.bool_], categories: Colors | None
) -> list[str]:
    """Write the numbers of a frame, or the categories that they stand for, in flat order."""
    values = intake.widen(frame).ravel().tolist()
    if categories is not None:
        labels = [intake.label_text(of) if text == "auto" else of for of in categories]
        values = [labels[code] for code in values]
    return [
        _format(value, text) if number else ""
        for value, number in zip(values, numbers.ravel(), strict=True)
    ]


def _some_number(grid: Grid) -> int | float:
    """Give a number of the kind that a grid holds; a whole one while nobody knows its kind."""
    present = grid.values.size if grid.holes is None else (grid.holes == intake.PRESENT).sum()
    pending = present == 0
    return -1 if pending or grid.values.dtype.kind in "biu" else 0.5


def _format(value: Any, spec: str) -> str:
    if spec == "auto":
        return value if isinstance(value, str) else numerals.format_value(value)
    try:
        return format(value, spec)
    except ValueError:  # ".3" is a format for floats, but not for integers
        if isinstance(value, str):
            raise
        return format(float(value), spec)
