"""The legend: a swatch that looks as the cells do, a name and a count for each entry."""

from __future__ import annotations

import numpy as np

from . import glyphs
from .aids import ENTRY, SPACE, Legend, places_of
from .axes import Axis
from .canvas import SCALE, Pen
from .cells import draw_cells
from .legend import Entry
from .marks import Marks
from .palette import Colours
from .shapes import rim
from .sizes import FONT

#: Where the text of an entry has its baseline, under its top.
_BASELINE = 13
#: Of a swatch: cells of this size or more are shown this large, smaller ones as they are.
_WIDTH, _HEIGHT = 22, 12
#: Of one with a colour alone.
_FLAT = 11


def draw_entries(
    pen: Pen,
    legend: Legend,
    entries: tuple[Entry, ...],
    colours: Colours,
    cell: tuple[int, int] | None,
) -> None:
    """Draw the entries that there is room for.

    `cell` is the width and height of cells that carry marks, in pixels of the picture; None
    where they carry none.
    """
    w, h = _FLAT, _FLAT
    if cell is not None and entries[0].code >= 256:
        w, h = min(_WIDTH, cell[0] // SCALE), min(_HEIGHT, cell[1] // SCALE)
    texts = [f"{name}  {entry.cells:,}" for name, entry in zip(legend.names, entries, strict=True)]
    places = places_of(legend, [w + SPACE + _measure(text) for text in texts])
    last = len(places) - 1 if len(places) < len(entries) else len(places)
    for entry, text, (x, y) in zip(entries[:last], texts, places, strict=False):
        axes = _axis(h), _axis(w)
        corner = round(x * SCALE), round((y + (ENTRY - h) / 2) * SCALE)
        code = np.array([[entry.code]], np.uint16)
        draw_cells(pen.canvas, code, colours, axes, corner)
        marks = Marks(pen, colours, code, None, axes, corner)
        if cell is not None:
            marks.hatch()
            marks.write()
        elif colours[entry.code, 3] == 0:
            left, top = corner
            square = pen.canvas.codes[top : top + h * SCALE, left : left + w * SCALE]
            square[rim(marks.room)] = pen.rule
        pen.write(text, x + w + SPACE, y + _BASELINE)
    for x, y in places[last:]:
        pen.write(f"… {len(entries) - last:,} more", x, y + _BASELINE)


def _measure(text: str) -> float:
    return glyphs.measure(text, FONT * SCALE) / SCALE


def _axis(size: int) -> Axis:
    pixels = size * SCALE
    return Axis(1, pixels, pixels, [0], [pixels])
