"""What is asked for that needs no grid to be understood: strings, choices and sizes. Pure."""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np

from .pyramid import RULES, Rule

CLICK_MODES = ("select", "mask", "none")


def read_string(name: str, value: Any) -> str | None:
    """Check a title or a label."""
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} is {value!r}; it must be a string or None")
    return value


def read_click(click: Any) -> str:
    """Check what a click does."""
    if click not in CLICK_MODES:
        raise ValueError(f"click is {click!r}; expected one of {', '.join(map(repr, CLICK_MODES))}")
    return str(click)


def read_rule(rule: Any) -> Rule:
    """Check what stands for the cells that share a pixel."""
    if rule not in RULES:
        expected = ", ".join(map(repr, RULES))
        raise ValueError(
            f"reduce is {rule!r}; expected one of {expected}: what stands for the cells that share "
            "a pixel"
        )
    return cast("Rule", rule)


def read_transpose(transpose: Any) -> bool:
    """Check whether layers go across."""
    if not isinstance(transpose, bool | np.bool_):
        raise TypeError(f"transpose is {transpose!r}; it must be True (layers across) or False")
    return bool(transpose)


def read_size(name: str, value: Any) -> int | None:
    """Check a height or a width; gives whole CSS pixels."""
    if value is None:
        return None
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not number or not 1 <= value < math.inf:
        raise ValueError(f"{name} is {value!r}; it must be a positive number of CSS pixels or None")
    return round(float(value))
