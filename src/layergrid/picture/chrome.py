"""What stands round the cells: title and labels."""

from __future__ import annotations

from .canvas import Pen
from .labels import PlacedLabel
from .layout import Layout
from .sizes import FONT, TITLE_SIZE


def draw_labels(pen: Pen, place: Layout) -> None:
    """Write the title, the titles of both axes, and the labels."""
    cells = place.cells
    pen.write(place.title, cells.x, 15, strong=True, size=FONT * TITLE_SIZE)
    pen.write(place.row_title, 12, cells.y + cells.h / 2, 0.5, turned=True)
    pen.write(place.column_title, cells.x + cells.w / 2, place.column_title_y, 0.5)
    for group in place.header.groups:
        x0 = cells.x + place.columns.start[group.first] / place.ratio
        x1 = cells.x + place.columns.end[group.last] / place.ratio
        pen.write(group.name, (x0 + x1) / 2, place.group_y, 0.5, strong=True)
        pen.rule_at(x0, place.group_y + 5, x1, place.group_y + 6, pen.rule)
    for label in place.row_labels:
        pen.write(label.text, cells.x - 8, cells.y + label.at + 4, 1)
    for label in place.column_labels:
        _write_column(pen, place, label)


def _write_column(pen: Pen, place: Layout, label: PlacedLabel) -> None:
    x = place.cells.x + label.at
    if place.turned:
        pen.write(label.text, x + 4, place.column_y, turned=True)
    else:
        pen.write(label.text, x, place.column_y, 0.5)
