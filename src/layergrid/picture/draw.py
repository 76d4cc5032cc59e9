"""One picture of a frame: what stands where, and everything drawn in its order."""

from __future__ import annotations

import math

import numpy as np

from ..state import State, label_of
from . import glyphs
from .bar import draw_bar
from .canvas import SCALE, Canvas, Pen
from .cells import draw_cells, shown_codes
from .chrome import draw_labels
from .entries import draw_entries
from .fit import Request, sides_of
from .frame import Frame
from .layout import Layout, layout
from .legend import read_legend, read_note
from .marks import Marks, draw_mask
from .palette import SHADES, cell_colours, choose_shades, used_entries
from .shapes import carry_marks
from .sizes import FONT, TITLE_SIZE
from .steps import longest_step, step_text

#: Width that a notebook's output has, in CSS pixels.
_ROOM = 760


def arrange(state: State, frame: Frame, coarser: int = 1) -> Layout:
    """Lay a frame out, each pixel of its cells `coarser` pixels of the picture."""
    grid = state.grid
    width = 0.0
    if frame.texts:
        longest = sorted(set(frame.texts), key=len, reverse=True)[:16]
        width = min(80.0, max(_measure(text) for text in longest))
    titles = grid.layer_title, grid.component_title
    rows, columns = sides_of(grid.layers, grid.components, titles, state.transpose)
    request = Request(
        rows=rows,
        columns=columns,
        title=state.title or "",
        label=label_of(state) or "",
        scale=state.scale,
        room=_ROOM,
        size=(state.height, state.width),
        ratio=SCALE / coarser,
        text_width=width,
        legend=[entry.name for entry in read_legend(state, frame)],
        total=f"{frame.cells:,}",
        note=read_note(state, frame),
        steps=longest_step(grid.steps),
    )
    return layout(request, _measure)


def _measure(text: str) -> float:
    return (glyphs.measure(text, FONT * SCALE) + 1) / SCALE  # + 1: in bold


def draw(state: State, frame: Frame, coarser: int = 1) -> Canvas:
    """Draw a frame, each pixel of its cells `coarser` pixels of the picture."""
    if frame.code.size == 0:
        return _draw_nothing(state)
    entries = read_legend(state, frame)
    place = arrange(state, frame, coarser)
    axes = place.rows.scaled(coarser), place.columns.scaled(coarser)
    marked = carry_marks(*axes, SCALE)
    colours = cell_colours(state, marked)
    code = shown_codes(frame, place, colours)
    keyed = np.array([entry.code for entry in entries], code.dtype)
    shades, many = choose_shades(np.append(code, keyed), colours, frame, marked)
    canvas = Canvas(place.width * SCALE, _bottom(place) * SCALE, many)
    pen = Pen(canvas, shades)
    draw_labels(pen, place)
    corner = round(place.cells.x * SCALE), round(place.cells.y * SCALE)
    draw_cells(canvas, code, colours, axes, corner)
    marks = Marks(pen, colours, code, frame.texts, axes, corner)
    if marked:
        marks.hatch()
    if frame.mask is not None and frame.mask.any():
        draw_mask(canvas, frame.mask, place, coarser, corner)
    if marked:
        marks.write()
    if place.legend:
        size = axes[1].end[0] - axes[1].start[0], axes[0].end[0] - axes[0].start[0]
        draw_entries(pen, place.legend, entries, colours, size if marked else None)
    if place.scrubber and state.grid.steps:
        said = step_text(state.grid.steps, state.step)
        pen.write(said, place.cells.x, place.scrubber.box.y + 18)
    if place.bar:
        draw_bar(pen, place.bar, state.scale, colours, used_entries(code), entries)
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
    bottoms = [place.status_y - FONT, cells.y + (cells.h + _measure(place.row_title)) / 2 + 2]
    if place.legend:
        bottoms.append(place.legend.box.y + place.legend.box.h + 8)
    if bar and bar.vertical:
        longest = max(bar.box.h, _measure(bar.label))
        bottoms.append(bar.box.y + (bar.box.h + longest) / 2 + 8)
    return math.ceil(max(bottoms))
