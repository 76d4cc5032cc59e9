"""What is drawn on the cells: texts, the marks of what is no number, the outline of the mask."""

from __future__ import annotations

import math
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..colors import Kind
from . import glyphs
from .axes import Axis
from .canvas import INK, PAGE, SCALE, Canvas, Codes, Pen, Rgb
from .labels import widest
from .layout import Layout
from .outline import outline
from .palette import Colours
from .shapes import Room, hatch, rim, shape_of, stencil, taken_of

#: What is written where it fits, instead of a shape and of a text.
_SIGNS = {
    Kind.NAN: "NaN",
    Kind.POSITIVE_INFINITY: "+∞",
    Kind.NEGATIVE_INFINITY: "−∞",
    Kind.NONPOSITIVE: "≤0",
}
#: Kinds that are a number which a text may say.
_TOLD = (Kind.FINITE, Kind.UNDER, Kind.OVER)
#: Sizes of text in CSS pixels; nobody can read less than the least.
_MOST_FONT, _LEAST_FONT = 11, 8
#: Height of digits, in parts of the font's size.
_DIGIT = 0.7
#: Thinner cells than this have no mask drawn inside of them, in CSS pixels.
_INSET_FROM = 8


class _Mark(NamedTuple):
    """How the cells of one code are marked: with a sign or their text, with a frame and a shape.

    `taken` is how much of the width the shape takes from the text.
    """

    ramp: Codes
    sign: str
    told: bool
    taken: int
    frame: NDArray[np.bool_] | None
    shape: NDArray[np.bool_] | None


class Marks:
    """What is written into cells that have room for it, and the shapes that stand in them."""

    def __init__(
        self,
        pen: Pen,
        colours: Colours,
        code: Codes,
        texts: list[str] | None,
        axes: tuple[Axis, Axis],
        corner: tuple[int, int],
    ) -> None:
        self.pen, self.colours, self.code, self.corner = pen, colours, code, corner
        self.asked = texts
        self.rows, self.columns = rows, columns = axes
        self.w, self.h = columns.end[0] - columns.start[0], rows.end[0] - rows.start[0]
        self.size = most = min(_MOST_FONT * SCALE, self.h - 2 * SCALE)
        if texts:
            # Small print is better than none, as long as anybody can read it.
            longest = max(1, widest(texts, self.width_of))
            shrunk = most * (self.w - 3 * SCALE) // longest
            self.size = most if shrunk < _LEAST_FONT * SCALE else min(most, int(shrunk))

    def width_of(self, text: str) -> float:
        """Give how wide a text is, in pixels of the picture."""
        return glyphs.measure(text, self.size)

    def fits(self, text: str) -> bool:
        """Whether a cell is large enough for a text."""
        wide = self.width_of(text) <= self.w - 3 * SCALE
        return wide and self.size >= _LEAST_FONT * SCALE

    @cached_property
    def texts(self) -> list[str] | None:
        """All or none: numbers in some cells and not in others would read as a pattern."""
        texts = self.asked
        return texts if texts is not None and all(map(self.fits, set(texts))) else None

    @cached_property
    def room(self) -> Room:
        """What the cells measure."""
        line = max(1, min(SCALE, min(self.w, self.h) // 7))
        return Room(self.w, self.h, line, 0 if self.texts is None else _DIGIT * self.size)

    def place(self, flat: int) -> tuple[int, int]:
        """Give a cell's corner."""
        i, j = divmod(flat, self.columns.count)
        return self.corner[0] + self.columns.start[j], self.corner[1] + self.rows.start[i]

    def hatch(self) -> None:
        """Draw slanted lines over what is no number, with a space for the word in the middle."""
        word, across, down = _SIGNS[Kind.NAN], 0, 0
        if self.fits(word):
            across = math.ceil(glyphs.measure(word, self.size) + self.size / 2)
            down = math.ceil(1.4 * self.size)
        lines = hatch(self.room, across, down)
        muted = self.pen.muted[-1]
        for flat in np.flatnonzero(self.code == 256 + Kind.NAN).tolist():
            x, y = self.place(flat)
            self.pen.canvas.codes[y : y + self.h, x : x + self.w][lines] = muted

    def write(self) -> None:
        """Draw shapes, and write texts and signs."""
        canvas, code = self.pen.canvas, self.code.ravel()
        if self.texts is None:
            flats = np.flatnonzero((code >= 256) | (self.colours[code, 3] == 0))
        else:
            flats = np.arange(code.size)
        marks = {c: self.mark(c) for c in sorted(set(code[flats].tolist()))}
        for flat in flats.tolist():
            mark = marks[int(code[flat])]
            x, y = self.place(flat)
            cell = canvas.codes[y : y + self.h, x : x + self.w]
            if mark.frame is not None:
                cell[mark.frame] = self.pen.rule
            if mark.shape is not None:
                cell[mark.shape] = mark.ramp[-1]
            text = self.texts[flat] if self.texts is not None and mark.told else mark.sign
            if text:
                stamp = glyphs.stamp(text, self.size)
                free = self.w - stamp.advance
                left = max(self.room.line, min(free / 2, free - mark.taken))
                top = round((self.h + _DIGIT * self.size) / 2) + stamp.top
                canvas.put(stamp.ink, x + round(left) + stamp.left, y + top, mark.ramp)

    def mark(self, code: int) -> _Mark:
        """Tell how the cells of a code are marked."""
        kind = Kind(max(0, code - 256))
        sign = _SIGNS.get(kind, "") if self.fits(_SIGNS.get(kind, "")) else ""
        shape = [] if sign else shape_of(kind, self.room)
        taken = taken_of(self.room) if kind in (Kind.UNDER, Kind.OVER) else 0
        blank = kind == Kind.FINITE and self.colours[code, 3] == 0
        return _Mark(
            self.ramp(code),
            sign,
            kind in _TOLD,
            taken,
            rim(self.room) if blank else None,
            stencil(shape, self.room) if shape else None,
        )

    def ramp(self, code: int) -> Codes:
        """Give the shades that read on a cell."""
        r, g, b, alpha = self.colours[code].tolist()
        if alpha == 0:
            return self.pen.muted
        if code in (256 + Kind.NAN, 256 + Kind.NONPOSITIVE):
            return self.pen.ink
        return self.pen.canvas.ramp((r, g, b), _ink_on((r, g, b)), self.pen.shades[1])


def _ink_on(paper: Rgb) -> Rgb:
    """Give black or white, which reads on a colour; as `inkOn` in the page."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _units(paper)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return (0, 0, 0) if luminance > 1.05 / 4.5 - 0.05 else (255, 255, 255)


def _units(colour: Rgb) -> list[float]:
    return [channel / 255 for channel in colour]


def draw_mask(
    canvas: Canvas,
    mask: NDArray[np.bool_],
    place: Layout,
    coarser: int,
    corner: tuple[int, int],
) -> None:
    """Draw one line round each region, with a halo so that it reads on any colour."""
    rows, columns = place.rows, place.columns
    thick = min(axis.end[0] - axis.start[0] for axis in (rows, columns)) * coarser
    # Just inside, so that regions which touch at a corner keep apart; halves keep it symmetric.
    inset = 1.5 if thick >= _INSET_FROM * SCALE else 0.5
    halo = 3.5 if thick >= 3 * SCALE else 2.5
    segments = [
        (xa, ya, xb, yb)
        for loop in outline(mask, rows, columns, inset / coarser)
        for (xa, ya), (xb, yb) in zip(loop, [*loop[1:], loop[0]], strict=True)
    ]
    ends = np.array(segments).reshape(-1, 2, 2) * coarser + corner
    boxes = np.hstack([ends.min(axis=1), ends.max(axis=1)])
    for colour, half in ((PAGE, halo), (INK, min(1.5, halo - 1))):
        canvas.fill(boxes + np.array([-half, -half, half, half]), canvas.code(colour))
