"""A state as a picture that is small enough for a notebook file."""

from __future__ import annotations

import html
import math
from typing import NamedTuple

from ..pyramid import is_large
from ..state import State
from .canvas import SCALE
from .describe import describe
from .draw import draw
from .frame import read_frame
from .png import encode

#: What a picture may add to a notebook, in bytes: it stands there twice, as PNG and in the HTML.
#: Text in the cells may double it.
BUDGET = 100_000
#: So many pixels of the picture may one pixel of the cells take, to stay within the budget …
_COARSEST = 24
#: … where there are at least so many cells; fewer are not what makes it large, texts in them are.
_MANY_CELLS = 10_000


class Picture(NamedTuple):
    """A picture of a heatmap: PNG bytes, size in CSS pixels, and what it shows in words."""

    png: bytes
    width: int
    height: int
    alt: str


def render(state: State) -> Picture:
    """Draw a state on white paper.

    Every cell has exactly its colour of the table as long as there is a pixel for each. Where
    there are more cells than pixels, the one that says most stands for its block (a NaN, else an
    infinity, else the largest magnitude), and the colour may be one entry off.
    """
    frame = read_frame(state)
    alt = describe(state, frame)
    budget = (BUDGET - len(html.escape(alt).encode()) - 400) * 3 // 8
    # A block of a large grid is as large as a pixel of the page.
    coarser = SCALE if is_large(state.grid) else 1
    while True:
        most = budget if frame.texts is None else 2 * budget
        canvas = draw(state, frame, coarser)
        png = encode(canvas.codes, canvas.colours)
        if most < len(png) < 4 * most:
            png = min(png, encode(canvas.codes, canvas.colours, thorough=True), key=len)
        if len(png) <= most or coarser >= _COARSEST:
            break
        if frame.code.size >= _MANY_CELLS:
            coarser = max(coarser + 1, int(coarser * math.sqrt(len(png) / most)))
        elif frame.texts is not None:
            frame = frame._replace(texts=None)
        else:
            break
    height, width = canvas.codes.shape
    return Picture(png, width // SCALE, height // SCALE, alt)
