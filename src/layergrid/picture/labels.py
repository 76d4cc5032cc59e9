"""Labels of an axis: how they are grouped, thinned out and shortened. Pure.

``js/src/layout/labels.ts`` does the same for the page.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..intake import Label, label_text
from .axes import Axis

#: Width of a text at the usual size.
Measure = Callable[[str], float]
#: What of a line must not touch the next: digits and capitals.
INK = 9


class Side(NamedTuple):
    """What stands along one side of the cells; the title is "" where the labels say it."""

    labels: Sequence[Label]
    title: str


class Group(NamedTuple):
    """Labels that share what stands before the first dot, next to each other."""

    name: str
    first: int
    last: int


class Header(NamedTuple):
    """Labels of one side in two levels.

    Attributes
    ----------
    groups : tuple of Group
    short : tuple of str
        What is left of each label under its group's name.
    breaks : tuple of int
        Labels that have a small gap before their cells.
    """

    groups: tuple[Group, ...]
    short: tuple[str, ...]
    breaks: tuple[int, ...]


def header(labels: Sequence[Label]) -> Header:
    """Find the groups of labels that stand under one name."""
    if _are_plain(labels):
        return Header((), tuple(map(str, labels)), ())
    prefixes = [_prefix(label) for label in labels]
    groups: list[Group] = []
    first = 0
    while first < len(prefixes):
        last = first
        while prefixes[first] and prefixes[last + 1 : last + 2] == [prefixes[first]]:
            last += 1
        if last > first:
            groups.append(Group(prefixes[first], first, last))
        first = last + 1
    short = [label_text(label) for label in labels]
    breaks: dict[int, None] = {}
    for group in groups:
        edges = (group.first, group.last + 1)
        breaks.update((edge, None) for edge in edges if 0 < edge < len(labels))
        for j in range(group.first, group.last + 1):
            short[j] = short[j][len(group.name) + 1 :]
    return Header(tuple(groups), tuple(short), tuple(breaks))


def _are_plain(labels: Iterable[Label]) -> bool:
    """Whether all are plain integers, of which there may be a hundred thousand."""
    return set(map(type, labels)) <= {int}


def _prefix(label: Label) -> str:
    return label.partition(".")[0] if isinstance(label, str) and "." in label else ""


def is_numbered(labels: Iterable[Label]) -> bool:
    """Whether every label is a whole number."""
    return _are_plain(labels := list(labels)) or all(
        isinstance(label, int | float) and not isinstance(label, bool) and float(label).is_integer()
        for label in labels
    )


#: Distance that numbered labels keep where there are many: enough to count by, quiet to see.
_AIRY = 36


def thin(n: int, pitch: float, size: float, numbered: bool) -> list[int]:
    """Choose which of `n` labels to show, `pitch` apart, each `size` long along the axis.

    Every one, or every 2nd, 4th, … (10th, 20th, 50th in long axes); always the first, and the
    last unless it would touch the first.
    """
    apart = size + 4
    fits = pitch >= apart
    if n == 0:
        return []
    if fits and (not numbered or n <= 16):
        return list(range(n))
    wanted = max(_AIRY, apart) if numbered else apart
    stride = next((s for s in _strides(n) if s * pitch >= wanted), n)
    shown = list(range(0, n, stride))
    last = n - 1
    before = shown[-1]
    if before != last:
        distance = (last - before) * pitch
        if before > 0 and (distance < apart or last - before < stride / 2):
            shown.pop()
        if (last - shown[-1]) * pitch >= apart:
            shown.append(last)
    return shown


def _strides(n: int) -> list[int]:
    if n <= 64:
        return [1, 2, 4, 8, 16, 32]
    found = [1, 2, 5]
    power = 10
    while power < n:
        found += (power, 2 * power, 5 * power)
        power *= 10
    return found


def shorten(text: str, room: float, measure: Measure) -> str:
    """Leave out the middle of a text that is longer than `room`."""
    if measure(text) <= room:
        return text
    low, high = 0, max(0, len(text) - 1)
    while low < high:
        keep = math.ceil((low + high) / 2)
        if measure(_middle(text, keep)) <= room:
            low = keep
        else:
            high = keep - 1
    return _middle(text, low)


_SEPARATORS = frozenset("./_- \t")


def distinct(texts: Sequence[str], room: float, measure: Measure) -> Sequence[str]:
    """Leave out of labels longer than `room` what all begin with, and end with if need be.

    It is what differs that tells one from another.
    """
    if len(texts) < 2 or widest(texts, measure) <= room:
        return texts
    first = texts[0]
    before = _shared(texts)
    while before and first[before - 1] not in _SEPARATORS:
        before -= 1
    after = min(_shared([text[::-1] for text in texts]), min(map(len, texts)) - before)
    while after and first[len(first) - after] not in _SEPARATORS:
        after -= 1

    def cut(end: int) -> list[str]:
        start = "…" if before else ""
        return [start + t[before : len(t) - end] + ("…" if end else "") for t in texts]

    headless = cut(0)
    return headless if widest(headless, measure) <= room else cut(after)


def _shared(texts: Sequence[str]) -> int:
    """Give how many characters all texts begin with."""
    lowest, highest = min(texts), max(texts)  # what these two share, all between them share
    pairs = enumerate(zip(lowest, highest, strict=False))
    return next((k for k, (a, b) in pairs if a != b), min(len(lowest), len(highest)))


def _middle(text: str, keep: int) -> str:
    head = keep // 2
    return f"{text[:head]}…{text[len(text) - (keep - head) :]}"


@dataclass(frozen=True, slots=True)
class PlacedLabel:
    """A label that is shown, `at` CSS pixels from the first cell's edge."""

    index: int
    at: float
    text: str
    shortened: bool


def place_labels(
    axis: Axis,
    ratio: float,
    full: Sequence[str],
    texts: Sequence[str],
    shown: Iterable[int],
    room: float,
    measure: Measure,
) -> tuple[PlacedLabel, ...]:
    """Put the labels that are to be shown beside the middle of their cells."""
    placed = []
    for index in shown:
        text = shorten(texts[index], room, measure)
        placed.append(PlacedLabel(index, axis.centre(index) / ratio, text, text != full[index]))
    return tuple(placed)


def widest(texts: Iterable[str], measure: Measure) -> float:
    """Give the width of the widest text."""
    # The longest few by length: measuring a hundred thousand labels takes longer than drawing.
    longest = sorted(dict.fromkeys(texts), key=len, reverse=True)[:24]
    return max((measure(text) for text in longest), default=0.0)
