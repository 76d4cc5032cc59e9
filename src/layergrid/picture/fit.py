"""How large the cells are in the room that there is. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from ..intake import Label
from .axes import Axis, make_axis
from .labels import Header

_NATURAL_HEIGHT, _NATURAL_CELL, _NATURAL_NAMED, _NATURAL_SPREAD = 480, 24, 46, 320
_MOST_PIXELS = 640
_GAP_FROM = 6
_GROUP_GAP = 9


class Request(NamedTuple):
    """What a layout is made for; see `layout`.

    Attributes
    ----------
    layers, components : sequence of labels
    titles : (str or None, str or None)
        What the axes are called, where that is not simply layer and component.
    title, label : str
        Title of the picture and name of the values, "" for none.
    limits : (float, float)
    room : float
        Width there is.
    size : (float or None, float or None)
        Asked-for height and width.
    ratio : float
        Device pixels per CSS pixel.
    text_width : float
        Widest text in a cell, 0 without text.
    """

    layers: Sequence[Label]
    components: Sequence[Label]
    titles: tuple[str | None, str | None] = (None, None)
    title: str = ""
    label: str = ""
    limits: tuple[float, float] = (0.0, 1.0)
    room: float = 700
    size: tuple[float | None, float | None] = (None, None)
    ratio: float = 1
    text_width: float = 0


def fit_cells(
    request: Request, head: Header, numbered: bool, width: float, around: float
) -> tuple[Axis, Axis]:
    """Give the axes of cells in a given width, with `around` taken from an asked-for height."""
    asked_height, asked_width = request.size
    ratio, text_width = request.ratio, request.text_width
    n_layers, n_components = len(request.layers), len(request.components)
    some_layers, some_components = max(1, n_layers), max(1, n_components)
    cells_width = max(40, width)
    cells_height = None if asked_height is None else max(20, asked_height - around)
    pitch_y = (_NATURAL_HEIGHT if cells_height is None else cells_height) / some_layers
    if cells_height is None:
        pitch_y = min(_NATURAL_CELL, pitch_y)
    pitch_x = (cells_width - len(head.breaks) * _GROUP_GAP) / some_components
    if pitch_x < _GAP_FROM:
        pitch_x = min(_GAP_FROM - 0.01, cells_width / some_components)
    if asked_width is None:
        natural = min(_NATURAL_NAMED, _NATURAL_SPREAD / some_components)
        pitch_x = min(pitch_x, max(pitch_y, natural, text_width + 8 if text_width else 0))
        # Numbered components are a map of equals: their cells stay square where width is short.
        if numbered and cells_height is None:
            pitch_y = min(pitch_y, max(pitch_x, _GAP_FROM))
    gap = max(1, round_half_up(ratio)) if min(pitch_x, pitch_y) >= _GAP_FROM else 0
    most = _MOST_PIXELS if cells_height is None else cells_height
    rows = make_axis(n_layers, pitch_y * ratio, math.floor(most * ratio), gap)
    columns = make_axis(
        n_components,
        pitch_x * ratio,
        math.floor(cells_width * ratio),
        gap,
        head.breaks,
        math.floor(_GROUP_GAP * ratio) if pitch_x >= _GAP_FROM else 0,
    )
    return rows, columns


def round_half_up(value: float) -> int:
    """Round as JavaScript does."""
    return math.floor(value + 0.5)
