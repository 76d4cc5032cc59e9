"""Where everything in the picture stands, from sizes alone. Pure; text is measured by the caller.

``js/src/layout/layout.ts`` does the same for the page; ``tests/data/layout.json`` holds cases that
both sides must agree on. Sizes are in CSS pixels; the axes of cells are in device pixels, `ratio`
of them to one CSS pixel.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from ..intake import label_text
from .aids import Bar, Legend, Scrubber, needs_of, place_aids
from .axes import Axis
from .fit import Request, fit_cells
from .labels import (
    INK,
    Header,
    Measure,
    PlacedLabel,
    distinct,
    header,
    is_numbered,
    place_labels,
    shorten,
    thin,
    widest,
)
from .sizes import FONT, LINE, MARGIN, TITLE_SIZE, Box


class Layout(NamedTuple):
    """Where everything stands; texts are as short as their room.

    The ``…_y`` are baselines within the picture. `below` tells that the columns are labelled
    below the cells, as numbers are; `turned` that their labels run upwards.
    """

    rows: Axis
    columns: Axis
    ratio: float
    cells: Box
    header: Header
    below: bool
    turned: bool
    row_labels: tuple[PlacedLabel, ...]
    column_labels: tuple[PlacedLabel, ...]
    title: str
    row_title: str
    column_title: str
    group_y: float
    column_y: float
    column_title_y: float
    status_y: float
    bar: Bar | None
    legend: Legend | None
    scrubber: Scrubber | None
    width: int
    height: int


_TITLE_HEIGHT = 26
#: What the page keeps free over the cells where no title is, and beside them, for its controls.
_UNTITLED, _CORNER = 20, 32
#: Cells at least as high have the bar beside them.
_HIGH = 96
#: Length of the longest label that is turned.
_TURNED_ROOM = 96


def layout(request: Request, measure: Measure) -> Layout:
    """Place cells, labels, titles and colour bar in the room that there is."""
    ratio, asked_width = request.ratio, request.size[1]
    room = request.room if asked_width is None else asked_width
    head = header(request.columns.labels)
    below = is_numbered(request.columns.labels) and not head.groups
    full = [label_text(label) for label in request.rows.labels]
    column_texts = distinct(head.short, _TURNED_ROOM, measure)
    widest_column = widest(column_texts, measure)

    # ── what stands round the cells ──
    label_room = max(40, min(140, room * 0.3))
    row_texts = distinct(full, label_room, measure)
    widest_row = min(label_room, widest(row_texts, measure))
    beside_labels = LINE + 4 if request.rows.title else MARGIN
    left = math.ceil(max(_CORNER, beside_labels + widest_row + 8))
    title_height = _TITLE_HEIGHT if request.title else _UNTITLED
    group_height = LINE + 2 if head.groups else 0
    turned_length = min(_TURNED_ROOM, math.ceil(widest_column))
    under = (LINE + 4 if below else 6) + (LINE + 2 if request.columns.title else 0)
    end = room - MARGIN
    needs = needs_of(request, measure, end - left, label_room)
    # Where nothing stands beside the cells, the last label still reaches out of its cell.
    last = MARGIN + (widest_column / 2 if below else 0)

    # ── the cells, first as if the bar stood beside them and no label were turned ──
    vertical, stacked, turned = True, True, False
    while True:
        label_height = 0 if below else turned_length + 8 if turned else LINE + 4
        around = title_height + group_height + label_height + under
        rows, columns = fit_cells(
            request,
            head,
            room - left - (needs.beside if vertical and needs.beside else last),
            around + needs.under(vertical, stacked) + LINE + 8,
        )
        high = rows.pixels / ratio >= _HIGH
        tight = not below and widest_column > columns.pitch / ratio - 4
        free = high and needs.have_room(left + columns.pixels / ratio, end)
        before = vertical, stacked, turned
        vertical, stacked, turned = vertical and high, stacked and free, turned or tight
        if before == (vertical, stacked, turned):
            break
    width, height = columns.pixels / ratio, rows.pixels / ratio
    top = title_height + group_height + label_height
    bottom = top + height

    # ── labels ──
    column_labels = place_labels(
        columns,
        ratio,
        head.short,
        column_texts,
        thin(
            columns.count,
            columns.pitch / ratio,
            INK if turned else widest_column,
            below,
        ),
        turned_length if turned else math.inf,
        measure,
    )
    row_labels = place_labels(
        rows,
        ratio,
        full,
        row_texts,
        thin(rows.count, rows.pitch / ratio, INK, is_numbered(request.rows.labels)),
        label_room,
        measure,
    )
    groups = []
    for group in head.groups:
        span = (columns.end[group.last] - columns.start[group.first]) / ratio
        groups.append(group._replace(name=shorten(group.name, span, measure)))

    # ── the whole ──
    cells = Box(left, top, width, height)
    aids = place_aids(request, measure, needs, cells, bottom + under, end, vertical, stacked)
    status_y = aids.bottom + LINE
    bar_end = aids.bar.box.y + aids.bar.box.h if aids.bar else 0
    picture_height = math.ceil(max(status_y, bar_end) + 8)
    middle_x, middle_y = left + width / 2, top + height / 2
    row_title = shorten(
        request.rows.title, 2 * min(middle_y, picture_height - middle_y) - 4, measure
    )
    column_title = shorten(
        request.columns.title, 2 * min(middle_x, max(room, left + width) - middle_x) - 4, measure
    )
    title_room = max(room, left + width) - left - MARGIN
    title = shorten(request.title, title_room / TITLE_SIZE, measure)
    rights = [
        aids.right,
        left + measure(title) * TITLE_SIZE,
        middle_x + measure(column_title) / 2,
    ]
    rights += [
        left + placed.at + (FONT if turned else measure(placed.text)) / 2
        for placed in column_labels
    ]
    return Layout(
        rows=rows,
        columns=columns,
        ratio=ratio,
        cells=cells,
        header=head._replace(groups=tuple(groups)),
        below=below,
        turned=turned,
        row_labels=row_labels,
        column_labels=column_labels,
        title=title,
        row_title=row_title,
        column_title=column_title,
        group_y=title_height + LINE - 4,
        column_y=bottom + LINE if below else top - 7,
        column_title_y=bottom + (LINE + 4 if below else 6) + LINE - 4,
        status_y=status_y,
        bar=aids.bar,
        legend=aids.legend,
        scrubber=aids.scrubber,
        width=math.ceil(max(rights) + MARGIN),
        height=picture_height,
    )
