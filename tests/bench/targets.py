"""What the project promises, beside what this run measured."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from .figures import Figures
from .markdown import ABSENT, nbytes, ratio, seconds, table


class Target(NamedTuple):
    """A figure that must not be larger, or with `least` not smaller."""

    key: str
    title: str
    bound: float
    show: Callable[[float], str] = ratio
    least: bool = False


def _number(value: float) -> str:
    return f"{value:.0f}"


def _micro(value: float) -> str:
    return f"{value * 1e6:.1f} µs"


TARGETS = [
    Target("36x7 first", "36 × 7, first paint to the floor", 1.3),
    Target("36x7 update", "36 × 7, update to the floor", 1.1),
    Target("36x7 click", "36 × 7, click to the floor", 1.2),
    Target("36x7 bytes", "36 × 7, bytes to the floor", 1.1),
    Target("1000x1000 first", "1000 × 1000, first paint to the floor", 1.1),
    Target("1000x1000 update", "1000 × 1000, update to the floor", 0.6),
    Target("1000x1000 bytes", "1000 × 1000, bytes to the floor", 0.1),
    Target("4000x4000 first", "4000 × 4000, first paint to the floor", 0.3),
    Target("4000x4000 update", "4000 × 4000, update to the floor", 0.12),
    Target("4000x4000 bytes", "4000 × 4000, bytes to the floor", 0.012),
    Target("large first", "100,000 × 10,000 on disk, first picture", 1, seconds),
    Target("large zoom", "100,000 × 10,000 on disk, zoom settles", 0.15, seconds),
    Target("large pan", "100,000 × 10,000 on disk, pan settles", 0.15, seconds),
    Target("large frame", "100,000 × 10,000 on disk, longest frame", 0.05, seconds),
    Target("live push", "push in a tight loop, kernel CPU each", 30e-6, _micro),
    Target("live last", "push, last frame after the loop", 0.15, seconds),
    Target("live frames", "push, frames a second of the page", 50, _number, least=True),
    Target("many first", "100 heatmaps, visible ones painted, to 100 floors", 1.3),
    Target("many reload", "100 heatmaps, restored by a reload", 4, seconds),
    Target("bundle", "bundle, minified and packed", 60e3, nbytes),
    Target("import", "import, to that of anywidget and numpy", 1.15),
]


def describe(facts: Figures) -> str:
    """Give every target with what was measured, – where this run did not."""
    rows = []
    for target in TARGETS:
        bound = f"{'≥' if target.least else '≤'} {target.show(target.bound)}"
        value = facts.get(target.key, math.nan)
        if math.isnan(value):
            rows.append([target.title, bound, ABSENT, ABSENT])
            continue
        met = value >= target.bound if target.least else value <= target.bound
        rows.append([target.title, bound, target.show(value), "yes" if met else "**no**"])
    return table(["target", "promised", "measured", "met"], rows)
