"""One picture of a frame: what stands where, and everything drawn in its order."""

from __future__ import annotations

import math

from ..state import State
from . import glyphs
from .canvas import SCALE, Canvas, Pen
from .cells import draw_cells, shown_codes
from .chrome import draw_bar, draw_labels
from .fit import Request
from .frame import Frame
from .layout import FONT, TITLE_SIZE, Layout, layout
from .marks import Marks, draw_mask
from .palette import SHADES, choose_shades, used_entries

#: Width that a notebook's output has, in CSS pixels.
_ROOM = 760


def arrange(state: State, frame: Frame, coarser: int = 1) -> Layout:
    """Lay a frame out, each pixel of its cells `coarser` pixels of the picture."""
    grid = state.grid
    width = 0.0
    if frame.texts:
        longest = sorted(set(frame.texts), key=len, reverse=True)[:16]
        width = min(80.0, max(_measure(text) for text in longest))
    request = Request(
        layers=grid.layers,
        components=grid.components,
        titles=(grid.layer_title, grid.component_title),
        title=state.title or "",
        label=state.label or "",
        limits=state.color_limits,
        room=_ROOM,
        size=(state.height, state.width),
        ratio=SCALE / coarser,
        text_width=width,
    )
    return layout(request, _measure)


def _measure(text: str) -> float:
    return (glyphs.measure(text, FONT * SCALE) + 1) / SCALE  # + 1: in bold


def draw(state: State, frame: Frame, coarser: int = 1) -> Canvas:
    """Draw a frame, each pixel of its cells `coarser` pixels of the picture."""
    if frame.code.size == 0:
        return _draw_nothing(state)
    place = arrange(state, frame, coarser)
    code = shown_codes(frame, place)
    used = used_entries(code)
    shades, many = choose_shades(len(used), frame)
    canvas = Canvas(place.width * SCALE, _bottom(place) * SCALE, many)
    pen = Pen(canvas, shades)
    draw_labels(pen, place)
    axes = place.rows.scaled(coarser), place.columns.scaled(coarser)
    corner = round(place.cells.x * SCALE), round(place.cells.y * SCALE)
    draw_cells(canvas, code, state.table, axes, corner)
    marks = Marks(pen, state.table, frame, axes, corner)
    marks.hatch()
    if frame.mask is not None and frame.mask.any():
        draw_mask(canvas, frame.mask, place, coarser, corner)
    marks.write()
    draw_bar(pen, state.table, place, used)
    return canvas


def _draw_nothing(state: State) -> Canvas:
    title = state.title or "heatmap"
    width = math.ceil(max(100, 16 + _measure(title) * TITLE_SIZE))
    canvas = Canvas(width * SCALE, 48 * SCALE, many=False)
    pen = Pen(canvas, SHADES[0])
    pen.write(title, 8, 18, strong=True, size=FONT * TITLE_SIZE)
    pen.write("no cells yet", 8, 38)
    return canvas


def _bottom(place: Layout) -> int:
    """Give where the picture ends: without the line that the page keeps for the status."""
    cells, bar = place.cells, place.bar
    bottoms = [place.status_y - FONT, cells.y + (cells.h + _measure(place.layer_title)) / 2 + 2]
    if bar.vertical:
        longest = max(bar.box.h, _measure(place.label))
        bottoms.append(bar.box.y + (bar.box.h + longest) / 2 + 8)
    return math.ceil(max(bottoms))
