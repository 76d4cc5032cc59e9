"""How large the cells are in the room that there is. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from ..intake import Label
from ..norms import Scale
from .axes import Axis, make_axis
from .labels import Header, Side, header, is_numbered

_NATURAL_HEIGHT, _NATURAL_CELL, _NATURAL_NAMED, _NATURAL_SPREAD = 480, 24, 46, 320
_MOST_PIXELS = 640
_GAP_FROM = 6
_GROUP_GAP = 9


class Request(NamedTuple):
    """What a layout is made for; see `layout`.

    Attributes
    ----------
    rows, columns : Side
        See `sides_of`.
    title, label : str
        Title of the picture and name of the values, "" for none.
    scale : Scale
        What the colour bar shows.
    room : float
        Width there is.
    size : (float or None, float or None)
        Asked-for height and width.
    ratio : float
        Device pixels per CSS pixel.
    text_width : float
        Widest text in a cell, 0 without text.
    legend : sequence of str
        What the legend names.
    total : str
        How many cells there are, as written: no count is longer.
    note : str
        What the colour bar says instead of ticks, "" for ticks.
    steps : str
        The longest text beside the slider, "" where there are no steps to go through.
    pitch : (float, float) or None
        From one cell to the next, across and down, where that is settled elsewhere.
    bar : bool
        Whether there is to be a colour bar; categories have none in any case.
    """

    rows: Side
    columns: Side
    title: str = ""
    label: str = ""
    scale: Scale = Scale()
    room: float = 700
    size: tuple[float | None, float | None] = (None, None)
    ratio: float = 1
    text_width: float = 0
    legend: Sequence[str] = ()
    total: str = ""
    note: str = ""
    steps: str = ""
    pitch: tuple[float, float] | None = None
    bar: bool = True


def sides_of(
    layers: Sequence[Label],
    components: Sequence[Label],
    titles: tuple[str | None, str | None] = (None, None),
    transpose: bool = False,
) -> tuple[Side, Side]:
    """Give what stands beside the rows and along the columns.

    `titles` is what the axes are called, where that is not simply layer and component.
    """
    layer_title, component_title = titles
    if component_title is None:
        component_title = "component" if is_numbered(components) else ""
    layer_side = Side(layers, "layer" if layer_title is None else layer_title)
    component_side = Side(components, component_title)
    return (component_side, layer_side) if transpose else (layer_side, component_side)


def fit_cells(request: Request, head: Header, width: float, around: float) -> tuple[Axis, Axis]:
    """Give the axes of cells in a given width, with `around` taken from an asked-for height."""
    asked_height, asked_width = request.size
    ratio, text_width = request.ratio, request.text_width
    n_rows, n_columns = len(request.rows.labels), len(request.columns.labels)
    breaks = header(request.rows.labels).breaks
    cells_width = max(40, width)
    cells_height = None if asked_height is None else max(20, asked_height - around)
    pitch_y = _pitch(_NATURAL_HEIGHT if cells_height is None else cells_height, n_rows, len(breaks))
    if cells_height is None:
        pitch_y = min(_NATURAL_CELL, pitch_y)
    pitch_x = _pitch(cells_width, n_columns, len(head.breaks))
    if asked_width is None:
        natural = min(_NATURAL_NAMED, _NATURAL_SPREAD / max(1, n_columns))
        pitch_x = min(pitch_x, max(pitch_y, natural, text_width + 8 if text_width else 0))
        # Numbered columns are a map of equals: their cells stay square where width is short.
        if is_numbered(request.columns.labels) and cells_height is None:
            pitch_y = min(pitch_y, max(pitch_x, _GAP_FROM))
    if request.pitch:
        pitch_x, pitch_y = request.pitch
    gap = max(1, round_half_up(ratio)) if min(pitch_x, pitch_y) >= _GAP_FROM else 0

    def axis(count: int, pitch: float, most: float, broken: Sequence[int]) -> Axis:
        group_gap = math.floor(_GROUP_GAP * ratio) if pitch >= _GAP_FROM else 0
        return make_axis(count, pitch * ratio, math.floor(most * ratio), gap, broken, group_gap)

    rows = axis(n_rows, pitch_y, _MOST_PIXELS if cells_height is None else cells_height, breaks)
    # Where rows share pixels columns do as well: a matrix keeps its proportions.
    alike = rows.reduced and asked_width is None and is_numbered(request.columns.labels)
    most = min(cells_width, max(_NATURAL_SPREAD, pitch_x * n_columns)) if alike else cells_width
    return rows, axis(n_columns, pitch_x, most, head.breaks)


def _pitch(length: float, count: int, breaks: int) -> float:
    """From one cell to the next where `count` of them fill a length; small ones have no gaps."""
    pitch = (length - breaks * _GROUP_GAP) / max(1, count)
    return min(_GAP_FROM - 0.01, length / max(1, count)) if pitch < _GAP_FROM else pitch


def round_half_up(value: float) -> int:
    """Round as JavaScript does."""
    return math.floor(value + 0.5)
