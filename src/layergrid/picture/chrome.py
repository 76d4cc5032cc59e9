"""What stands round the cells: title, labels and the colour bar."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..colors import Table
from .canvas import SCALE, Pen
from .labels import PlacedLabel
from .layout import FONT, TITLE_SIZE, Layout
from .palette import nearest_entries
from .png import MOST_COLOURS


def draw_labels(pen: Pen, place: Layout) -> None:
    """Write the title, the titles of both axes, and the labels."""
    cells = place.cells
    pen.write(place.title, cells.x, 15, strong=True, size=FONT * TITLE_SIZE)
    pen.write(place.layer_title, 12, cells.y + cells.h / 2, 0.5, turned=True)
    pen.write(place.component_title, cells.x + cells.w / 2, place.component_title_y, 0.5)
    for group in place.header.groups:
        x0 = cells.x + place.columns.start[group.first] / place.ratio
        x1 = cells.x + place.columns.end[group.last] / place.ratio
        pen.write(group.name, (x0 + x1) / 2, place.group_y, 0.5, strong=True)
        pen.rule_at(x0, place.group_y + 5, x1, place.group_y + 6, pen.rule)
    for label in place.layer_labels:
        pen.write(label.text, cells.x - 8, cells.y + label.at + 4, 1)
    for label in place.component_labels:
        _write_component(pen, place, label)


def _write_component(pen: Pen, place: Layout, label: PlacedLabel) -> None:
    x = place.cells.x + label.at
    if place.turned:
        pen.write(label.text, x + 4, place.component_y, turned=True)
    else:
        pen.write(label.text, x, place.component_y, 0.5)


def draw_bar(pen: Pen, table: Table, place: Layout, used: NDArray[np.intp]) -> None:
    """Draw the colour bar with its ticks; the entries in `used` have their colours anyway."""
    bar, canvas = place.bar, pen.canvas
    x, y, w, h = bar.box.x, bar.box.y, bar.box.w, bar.box.h
    length = round((h if bar.vertical else w) * SCALE)
    # As fine as the palette has colours left, which is always fine enough.
    free = MOST_COLOURS - len(canvas.colours)
    nearest = nearest_entries(used, len(used) + free) if free >= 0 else np.arange(256)
    entries = nearest[(np.arange(length) * 2 + 1) * 128 // length]
    there, which = np.unique(entries, return_inverse=True)
    codes = canvas.codes_of(table[there])[which]
    left, top = round(x * SCALE), round(y * SCALE)
    box = canvas.codes[top : top + round(h * SCALE), left : left + round(w * SCALE)]
    box[:] = codes[::-1, None] if bar.vertical else codes[None, :]
    muted = int(pen.muted[-1])
    for tick in bar.ticks:
        if bar.vertical:
            at = y + (1 - tick.at) * (h - 1)
            pen.rule_at(x + w, at, x + w + 4, at + 1, muted)
            pen.write(tick.text, x + w + 7, at + 4.5)
        else:
            at = x + tick.at * (w - 1)
            pen.rule_at(at, y + h, at + 1, y + h + 4, muted)
            pen.write(tick.text, at + 0.5, y + h + 15, 0.5)
    if bar.vertical:
        pen.write(place.label, place.width - 8, y + h / 2, 0.5, turned=True)
    else:
        pen.write(place.label, x + w + 12, y + h - 1)
