"""What the legend names, and what the colour bar says where ticks would mislead. Pure.

``js/src/values/legend.ts`` has the same words.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..colors import Kind, kinds
from ..intake import label_text
from ..norms import Scale
from ..numerals import format_value
from ..state import State, category_colors
from .frame import Frame

#: Kinds that lie on the scale, if beyond its ends.
_ON_SCALE = (Kind.FINITE, Kind.UNDER, Kind.OVER)
#: What is wrong before what is not there.
_ORDER = (
    Kind.NAN,
    Kind.POSITIVE_INFINITY,
    Kind.NEGATIVE_INFINITY,
    Kind.NONPOSITIVE,
    Kind.OVER,
    Kind.UNDER,
    Kind.PENDING,
    Kind.ABSENT,
)


class Entry(NamedTuple):
    """One kind of cell that the colour bar does not tell, or one category: how many there are."""

    code: int
    name: str
    cells: int


def read_legend(state: State, frame: Frame) -> tuple[Entry, ...]:
    """Give the entries for a frame: every category, and the kinds that occur."""
    counts = frame.counts.tolist()
    names = [label_text(label) for label in category_colors(state) or ()]
    entries = [Entry(code, name, counts[code]) for code, name in enumerate(names)]
    entries += [
        Entry(256 + kind, _name(kind, state.scale), counts[256 + kind])
        for kind in _ORDER
        if counts[256 + kind]
    ]
    return tuple(entries)


def _name(kind: Kind, scale: Scale) -> str:
    match kind:
        case Kind.NAN:
            return "NaN"
        case Kind.POSITIVE_INFINITY:
            return "+∞"
        case Kind.NEGATIVE_INFINITY:
            return "−∞"
        case Kind.NONPOSITIVE:
            return "no logarithm (≤ 0)"
        case Kind.OVER:
            return f"above {format_value(scale.high)}"
        case Kind.UNDER:
            return f"below {format_value(scale.low)}"
        case Kind.PENDING:
            return "pending"
    return "absent"


def read_note(state: State, frame: Frame) -> str:
    """Give what the colour bar says instead of ticks, "" where they tell more."""
    scale = state.scale
    if scale.norm.kind == "categories":
        return ""
    counts = frame.kinds
    beyond = counts[Kind.UNDER] + counts[Kind.OVER]
    if counts[Kind.FINITE] + beyond:
        # Of a single cell the one tick says it all.
        if scale.low < scale.high or beyond or frame.cells == 1:
            return ""
        every = "cells" if counts[Kind.FINITE] == frame.cells else "values"
        return f"all {every} {format_value(scale.low)}"
    # Limits are for all steps.
    if state.survey is None:
        there = set(np.unique(kinds(state.grid.held, state.grid.holes, scale)).tolist())
    else:
        there = {kind for kind, count in enumerate(counts) if count}
    if not there.isdisjoint(_ON_SCALE):
        return ""
    if Kind.NONPOSITIVE in there:
        return "no positive values"
    waits = Kind.PENDING in there and there <= {Kind.PENDING, Kind.ABSENT}
    return "no values yet" if waits else "no finite values"
