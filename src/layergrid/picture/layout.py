"""Where everything in the picture stands, from sizes alone. Pure; text is measured by the caller.

``js/src/layout.ts`` does the same for the page; ``tests/data/layout.json`` holds cases that both
sides must agree on. Sizes are in CSS pixels; the axes of cells are in device pixels, `ratio` of
them to one CSS pixel.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from .axes import Axis
from .fit import Request, fit_cells, round_half_up
from .labels import (
    INK,
    Header,
    Measure,
    PlacedLabel,
    distinct,
    header,
    is_numbered,
    label_text,
    place_labels,
    shorten,
    thin,
    widest,
)
from .ticks import Tick, bar_ticks


class Box(NamedTuple):
    """A rectangle, CSS pixels within the picture."""

    x: float
    y: float
    w: float
    h: float


class Bar(NamedTuple):
    """The colour bar: beside the cells and vertical, or under them."""

    box: Box
    vertical: bool
    ticks: tuple[Tick, ...]


class Layout(NamedTuple):
    """Where everything stands; texts are as short as their room.

    The ``…_y`` are baselines within the picture. `below` tells that the components are labelled
    below the cells, as numbers are; `turned` that their labels run upwards.
    """

    rows: Axis
    columns: Axis
    ratio: float
    cells: Box
    header: Header
    below: bool
    turned: bool
    layer_labels: tuple[PlacedLabel, ...]
    component_labels: tuple[PlacedLabel, ...]
    title: str
    label: str
    layer_title: str
    component_title: str
    group_y: float
    component_y: float
    component_title_y: float
    status_y: float
    bar: Bar
    width: int
    height: int


FONT = 12
TITLE_SIZE = 13 / FONT
_LINE = 16
_TITLE_HEIGHT = 26
_BAR_THICKNESS, _BAR_LENGTH, _BAR_SHORT, _BAR_GAP, _BAR_LEAST = 11, 160, 120, 28, 96
_MARGIN = 4

#: Length of the longest label that is turned.
_TURNED_ROOM = 96


def layout(request: Request, measure: Measure) -> Layout:
    """Place cells, labels, titles and colour bar in the room that there is."""
    ratio, asked_width = request.ratio, request.size[1]
    room = request.room if asked_width is None else asked_width
    head = header(request.components)
    numbered = is_numbered(request.components)
    below = numbered and not head.groups
    full = [label_text(label) for label in request.layers]
    component_texts = distinct(head.short, _TURNED_ROOM, measure)
    widest_component = widest(component_texts, measure)

    # ── what stands round the cells ──
    label_room = max(40, min(140, room * 0.3))
    layer_texts = distinct(full, label_room, measure)
    left = math.ceil(_LINE + 4 + min(label_room, widest(layer_texts, measure)) + 8)
    title_height = _TITLE_HEIGHT if request.title else _LINE / 2
    group_height = _LINE + 2 if head.groups else 0
    turned_length = min(_TURNED_ROOM, math.ceil(widest_component))
    titled = request.titles[1]
    if titled is None:
        titled = "component" if numbered else ""
    under = (_LINE + 4 if below else 6) + (_LINE + 2 if titled else 0)
    bar_height = _BAR_THICKNESS + 8 + _LINE + 8
    bar_texts = [tick.text for tick in bar_ticks(request.limits, _BAR_LENGTH, True, measure)]
    beside = _BAR_GAP + _BAR_THICKNESS + 8 + math.ceil(widest(bar_texts, measure)) + _MARGIN
    beside += _LINE + 6 if request.label else 0
    # Where nothing stands beside the cells, the last label still reaches out of its cell.
    last = _MARGIN + (widest_component / 2 if below else 0)

    # ── the cells, first as if the bar stood beside them and no label were turned ──
    vertical, turned = True, False
    while True:
        component_height = 0 if below else turned_length + 8 if turned else _LINE + 4
        around = title_height + group_height + component_height + under + _LINE + 8
        rows, columns = fit_cells(
            request,
            head,
            numbered,
            room - left - (beside if vertical else last),
            around + (0 if vertical else bar_height),
        )
        high = rows.pixels / ratio >= _BAR_LEAST
        tight = not below and widest_component > columns.pitch / ratio - 4
        if vertical == (vertical and high) and turned == (turned or tight):
            break
        vertical, turned = vertical and high, turned or tight
    width, height = columns.pixels / ratio, rows.pixels / ratio
    top = title_height + group_height + component_height
    bottom = top + height

    # ── labels ──
    component_labels = place_labels(
        columns,
        ratio,
        head.short,
        component_texts,
        thin(
            len(request.components),
            columns.pitch / ratio,
            INK if turned else widest_component,
            below,
        ),
        turned_length if turned else math.inf,
        measure,
    )
    layer_labels = place_labels(
        rows,
        ratio,
        full,
        layer_texts,
        thin(len(request.layers), rows.pitch / ratio, INK, is_numbered(request.layers)),
        label_room,
        measure,
    )
    groups = []
    for group in head.groups:
        span = (columns.end[group.last] - columns.start[group.first]) / ratio
        groups.append(group._replace(name=shorten(group.name, span, measure)))

    # ── colour bar: beside the cells, or under them where they are a strip ──
    length = round_half_up(min(_BAR_LENGTH, height if vertical else max(_BAR_SHORT, width)))
    after = bottom + under
    box = (
        Box(left + width + _BAR_GAP, top, _BAR_THICKNESS, length)
        if vertical
        else Box(left, after + 8, length, _BAR_THICKNESS)
    )
    bar = Bar(box, vertical, bar_ticks(request.limits, length, vertical, measure))
    label_at = left + length + 12
    label = shorten(
        request.label,
        length + 2 * min(top, 28) - 4 if vertical else max(60, room - label_at - _MARGIN),
        measure,
    )

    # ── the whole ──
    status_y = after + (0 if vertical else bar_height) + _LINE
    picture_height = math.ceil(max(status_y + 8, top + length + 8 if vertical else 0))
    middle_x, middle_y = left + width / 2, top + height / 2
    layer_title = shorten(
        "layer" if request.titles[0] is None else request.titles[0],
        2 * min(middle_y, picture_height - middle_y) - 4,
        measure,
    )
    component_title = shorten(
        titled, 2 * min(middle_x, max(room, left + width) - middle_x) - 4, measure
    )
    title_room = max(room, left + width) - left - _MARGIN
    title = shorten(request.title, title_room / TITLE_SIZE, measure)
    rights = [
        left + width + (beside - _MARGIN if vertical else 0),
        left + measure(title) * TITLE_SIZE,
        middle_x + measure(component_title) / 2,
    ]
    rights += [
        left + placed.at + (FONT if turned else measure(placed.text)) / 2
        for placed in component_labels
    ]
    if not vertical:
        rights += [left + tick.at * length + measure(tick.text) / 2 for tick in bar.ticks]
        rights.append(label_at + measure(label) if label else left + length)
    return Layout(
        rows=rows,
        columns=columns,
        ratio=ratio,
        cells=Box(left, top, width, height),
        header=head._replace(groups=tuple(groups)),
        below=below,
        turned=turned,
        layer_labels=layer_labels,
        component_labels=component_labels,
        title=title,
        label=label,
        layer_title=layer_title,
        component_title=component_title,
        group_y=title_height + _LINE - 4,
        component_y=bottom + _LINE if below else top - 7,
        component_title_y=bottom + (_LINE + 4 if below else 6) + _LINE - 4,
        status_y=status_y,
        bar=bar,
        width=math.ceil(max(rights) + _MARGIN),
        height=picture_height,
    )
