"""Markdown tables, and figures as text."""

from __future__ import annotations

import math
from collections.abc import Sequence

ABSENT = "–"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Give a Markdown table; all columns but the first are numbers."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def seconds(value: float) -> str:
    """Give a time in the unit that suits it, – if it never came."""
    if math.isinf(value):
        return ABSENT
    if value >= 1:
        return f"{value:.1f} s"
    return f"{value * 1e3:.0f} ms" if value >= 0.1 else f"{value * 1e3:.1f} ms"


def nbytes(value: float) -> str:
    """Give bytes in the unit that suits them."""
    if abs(value) >= 1e6:
        return f"{value / 1e6:.1f} MB"
    return f"{value / 1e3:.1f} kB"


def ratio(value: float) -> str:
    """Give a ratio with three digits, – where there is none."""
    if not math.isfinite(value):
        return ABSENT
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
