"""The colour bar: the table itself, ticks or a note beside it, and what lies beyond its ends."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..colors import Kind
from ..norms import Scale
from .aids import Bar
from .canvas import RULE, SCALE, Pen
from .legend import Entry
from .palette import Colours, nearest_entries
from .png import MOST_COLOURS

#: How far a triangle reaches beyond its end, and how far it is from it, in CSS pixels.
_TRIANGLE, _APART = 6, 1


def draw_bar(
    pen: Pen,
    bar: Bar,
    scale: Scale,
    colours: Colours,
    used: NDArray[np.intp],
    entries: tuple[Entry, ...],
) -> None:
    """Draw the colour bar; the entries of the table in `used` have their colours anyway."""
    x, y, w, h = bar.box
    left, top = round(x * SCALE), round(y * SCALE)
    box = pen.canvas.codes[top : top + round(h * SCALE), left : left + round(w * SCALE)]
    there = {entry.code for entry in entries}
    for kind, high in ((Kind.UNDER, False), (Kind.OVER, True)):
        if 256 + kind in there:
            r, g, b = colours[256 + kind, :3].tolist()
            _draw_end(pen, bar, high, pen.canvas.code((r, g, b)))
    length = round((h if bar.vertical else w) * SCALE)
    codes = _codes(pen, bar, scale, colours, used, length)
    box[:] = codes[::-1, None] if bar.vertical else codes[None, :]
    muted = int(pen.muted[-1])
    length = 0 if bar.noted else 4
    for tick in bar.ticks:
        if bar.vertical:
            at = y + (1 - tick.at) * (h - 1)
            pen.rule_at(x + w, at, x + w + length, at + 1, muted)
            pen.write(tick.text, x + w + 7, at + 4.5)
        else:
            at = x + tick.at * (w - 1)
            pen.rule_at(at, y + h, at + 1, y + h + length, muted)
            pen.write(tick.text, at + 0.5, y + h + 15, 0.5)
    if bar.vertical:
        pen.write(bar.label, bar.label_x, y + h / 2, 0.5, turned=True)
    else:
        pen.write(bar.label, bar.label_x, y + h - 1)


def _codes(
    pen: Pen, bar: Bar, scale: Scale, colours: Colours, used: NDArray[np.intp], length: int
) -> NDArray[np.integer]:
    """Give one step a colour; one colour without a range; none without values."""
    if bar.noted and scale.low < scale.high:
        return np.full(length, pen.canvas.code(RULE))
    # As fine as the palette has colours left, which is always fine enough.
    free = MOST_COLOURS - len(pen.canvas.colours)
    nearest = nearest_entries(used, len(used) + free) if free >= 0 else np.arange(256)
    entries = nearest[(np.arange(length) * 2 + 1) * 128 // length]
    if not scale.low < scale.high:
        entries[:] = nearest[128]
    there, which = np.unique(entries, return_inverse=True)
    return pen.canvas.codes_of(colours[there, :3])[which]


def _draw_end(pen: Pen, bar: Bar, high: bool, code: int) -> None:
    """Draw a triangle at an end beyond which there are values, in the colour that these have."""
    box, reach = bar.box, _TRIANGLE * SCALE
    across = box.w if bar.vertical else box.h
    for line in range(reach):
        off, half = _APART + line / SCALE, across / 2 * (1 - line / reach)
        if bar.vertical:
            middle = box.x + box.w / 2
            y = box.y - off - 1 / SCALE if high else box.y + box.h + off
            pen.rule_at(middle - half, y, middle + half, y + 1 / SCALE, code)
        else:
            middle = box.y + box.h / 2
            x = box.x + box.w + off if high else box.x - off - 1 / SCALE
            pen.rule_at(x, middle - half, x + 1 / SCALE, middle + half, code)
