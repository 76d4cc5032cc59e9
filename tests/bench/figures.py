"""What was measured: medians over rounds, and why some figures are missing."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field

#: Seconds, bytes or numbers, by what they are of.
Figures = dict[str, float]


@dataclass
class Outcome:
    """What one scenario found."""

    #: Markdown, ready to be printed.
    text: str
    #: What the targets are compared with, by the target's key.
    facts: Figures = field(default_factory=dict)


def medians(rounds: Iterable[Figures]) -> Figures:
    """Give the median of each figure."""
    found = list(rounds)
    return {key: statistics.median(figures[key] for figures in found) for key in found[0]}
