"""Ticks of the colour bar. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from ..numerals import format_value, ticks
from .labels import INK, Measure


class Tick(NamedTuple):
    """A tick of the colour bar, `at` a part of its length from the low end."""

    value: float
    text: str
    at: float


def bar_ticks(
    limits: tuple[float, float], length: float, vertical: bool, measure: Measure
) -> tuple[Tick, ...]:
    """Give the bar's ticks: at least two of them, and none over another."""
    low, high = limits

    def place(found: list[tuple[float, str]]) -> tuple[Tick, ...]:
        span = high / 2 - low / 2
        return tuple(
            Tick(value, text, (value / 2 - low / 2) / span if low < high else 0.5)
            for value, text in found
        )

    if not low < high:
        return place(ticks(low, high))
    usual = max(2, math.floor(length / 28))
    # Fewer under the cells, where they stand in each other's way; more where none would be round.
    for k in range(4):
        most = usual + k if vertical else usual - k
        found = place(ticks(low, high, most)) if most >= 2 else ()
        if len(found) >= 2 and _apart(found, length, vertical, measure):
            return found
    return place([(limit, format_value(float(limit))) for limit in (low, high)])


def _apart(found: Sequence[Tick], length: float, vertical: bool, measure: Measure) -> bool:
    for before, tick in pairwise(found):
        size = INK if vertical else (measure(tick.text) + measure(before.text)) / 2
        if (tick.at - before.at) * length < size + 4:
            return False
    return True
