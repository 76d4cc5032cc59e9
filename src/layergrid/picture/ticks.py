"""Ticks of the colour bar. Pure; ``js/src/layout/ticks.ts`` does the same."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ..norms import Scale, positions
from ..numerals import format_value, ticks
from .labels import INK, Measure

#: A value and what it is called.
Mark = tuple[float, str]


class Tick(NamedTuple):
    """A tick of the colour bar, `at` a part of its length from the low end."""

    value: float
    text: str
    at: float


def bar_ticks(scale: Scale, length: float, vertical: bool, measure: Measure) -> tuple[Tick, ...]:
    """Give the bar's ticks: at least two of them, and none over another."""
    low, high, norm = scale
    if norm.kind == "categories":
        return ()

    def place(marks: list[Mark]) -> tuple[Tick, ...]:
        at = positions(np.array([value for value, _ in marks]), scale).tolist()
        return tuple(Tick(*mark, x) for mark, x in zip(marks, at, strict=True))

    def apart(before: Tick, tick: Tick) -> bool:
        size = INK if vertical else (measure(tick.text) + measure(before.text)) / 2
        return (tick.at - before.at) * length >= size + 4

    if not low < high:
        return place(ticks(low, high))
    usual = max(2, math.floor(length / 28))
    for marks in _choices(scale, usual, vertical):
        found = place(marks)
        if len(found) >= 2 and all(apart(*pair) for pair in pairwise(found)):
            return found
    for marks, first in _rests(scale, usual):
        found = place(marks)
        kept = list(found[first : first + 1])
        for tick in found[first + 1 :]:
            if apart(kept[-1], tick):
                kept.append(tick)
        for tick in found[:first][::-1]:
            if apart(tick, kept[0]):
                kept.insert(0, tick)
        if len(kept) >= 2:
            return tuple(kept)
    return place(_named([low, high]))


def _choices(scale: Scale, usual: int, vertical: bool) -> Iterator[list[Mark]]:
    """Give sets of ticks, from the one that is wanted most."""
    low, high, norm = scale
    if norm.kind == "twoslope" or norm.boundaries is not None:
        return
    if norm.kind in ("log", "symlog"):
        yield from _decades(low, high, norm.linthresh or low, usual + 2 * vertical)
    # Fewer under the cells, where they stand in each other's way; more where none would be round.
    for k in range(4):
        most = usual + k if vertical else usual - k
        if most >= 2:
            yield ticks(low, high, most)


def _decades(low: float, high: float, least: float, most: int) -> Iterator[list[Mark]]:
    """Give 1, 2, 5 times the powers of ten where there is room, else every nth power."""
    top = math.floor(math.log10(max(-low, high)) + 1e-9)
    bottom = math.ceil(math.log10(least) - 1e-9)

    def within(powers: range, factors: tuple[int, ...]) -> list[Mark]:
        sizes = {float(f"{factor}e{power}") for power in powers for factor in factors}
        values = [value for size in sizes if size >= least for value in (size, -size)]
        return _named(value for value in sorted([0.0, *values]) if low <= value <= high)

    fine = within(range(bottom - 1, top + 1), (1, 2, 5))
    if 3 <= len(fine) <= most:
        yield fine
    for stride in range(1, top - bottom + 2):
        found = within(range(top, bottom - 1, -stride), (1,))
        if 2 <= len(found) <= most:
            yield found


def _rests(scale: Scale, usual: int) -> Iterator[tuple[list[Mark], int]]:
    """Give ticks to thin out where no set has room, and which of them stays first of all."""
    low, high, norm = scale
    center = norm.center
    if norm.boundaries is not None:
        yield _named(norm.boundaries), 0
        return
    if center is None:
        if norm.kind != "linear":
            found = ticks(low, high, usual)
            yield found, len(found) - 1
        return
    half = max(2, (usual + 1) // 2)
    below = [value for value, _ in ticks(low, center, half)]
    above = [value for value, _ in ticks(center, high, half)]
    yield _named([*below, center, *above]), len(below)
    yield _named([low, center, high]), 1


def _named(values: Iterable[float]) -> list[Mark]:
    return [(value, format_value(float(value))) for value in values]
