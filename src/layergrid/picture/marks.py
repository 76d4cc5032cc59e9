"""What is drawn on the cells: texts, the marks of what is no number, the outline of the mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..colors import Kind
from . import glyphs
from .axes import Axis
from .canvas import INK, PAGE, SCALE, Canvas, Codes, Pen, Rgb
from .frame import Frame
from .layout import Layout
from .outline import outline

#: Cells smaller than this, in CSS pixels, carry no marks.
_LEAST = 8

_SIGNS = {
    Kind.NAN: "NaN",
    Kind.POSITIVE_INFINITY: "+∞",
    Kind.NEGATIVE_INFINITY: "−∞",
    Kind.ABSENT: "–",
    Kind.PENDING: "·",
}


class Marks:
    """What is written into cells: text, and the marks of what is no number."""

    def __init__(
        self,
        pen: Pen,
        table: NDArray[np.uint8],
        frame: Frame,
        axes: tuple[Axis, Axis],
        corner: tuple[int, int],
    ) -> None:
        self.pen, self.table, self.frame, self.corner = pen, table, frame, corner
        self.rows, self.columns = rows, columns = axes
        self.w, self.h = columns.end[0] - columns.start[0], rows.end[0] - rows.start[0]
        self.size = min(11 * SCALE, self.h - 2 * SCALE)
        self.large = min(self.w, self.h) >= _LEAST * SCALE

    def fits(self, text: str) -> bool:
        """Whether a cell is wide enough for a text."""
        return glyphs.measure(text, self.size) <= self.w - 3 * SCALE

    def hatch(self) -> None:
        """Draw slanted lines over what is no number, with a space for the word in the middle."""
        nans = np.flatnonzero(self.frame.kind == Kind.NAN).tolist() if self.large else []
        if not nans:
            return
        canvas, w = self.pen.canvas, self.w
        slant = np.add.outer(np.arange(self.h), np.arange(w)) - self.h
        lines = slant % (4 * SCALE) < SCALE
        word = _SIGNS[Kind.NAN]
        if self.fits(word):
            left = max(0, round((w - glyphs.measure(word, self.size) - self.size / 2) / 2))
            lines[:, left : w - left] = False
        faint = self.pen.muted[glyphs.LEVELS // 2 + 1]
        for flat in nans:
            x, y = self.place(flat)
            canvas.codes[y : y + self.h, x : x + w][lines] = faint

    def place(self, flat: int) -> tuple[int, int]:
        """Give a cell's corner."""
        i, j = divmod(flat, self.columns.count)
        return self.corner[0] + self.columns.start[j], self.corner[1] + self.rows.start[i]

    def write(self) -> None:
        """Write texts and signs."""
        if not self.large:
            return
        # All or none: numbers in some cells and not in others would read as a pattern.
        texts = self.frame.texts
        if texts is not None and not all(map(self.fits, set(texts))):
            texts = None
        signed = np.flatnonzero(self.frame.kind).tolist()
        for flat in signed if texts is None else range(self.frame.code.size):
            kind = Kind(int(self.frame.kind.flat[flat]))
            text = _SIGNS[kind] if kind else texts[flat] if texts else ""
            if not text or not self.fits(text):
                continue
            stamp = glyphs.stamp(text, self.size)
            x, y = self.place(flat)
            left = x + round((self.w - stamp.advance) / 2) + stamp.left
            # Digits are 0.7 of the size high.
            top = y + round((self.h + 0.7 * self.size) / 2) + stamp.top
            self.pen.canvas.put(stamp.ink, left, top, self.ramp(int(self.frame.code.flat[flat])))

    def ramp(self, code: int) -> Codes:
        """Give the shades that read on a cell."""
        if code >= 256:
            return self.pen.ink if code == 256 + Kind.NAN else self.pen.muted
        r, g, b = self.table[code].tolist()
        return self.pen.canvas.ramp((r, g, b), _ink_on((r, g, b)), self.pen.shades[1])


def _ink_on(paper: Rgb) -> Rgb:
    """Give black or white, whichever reads better on a colour; as `inkOn` in the page."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _units(paper)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return (0, 0, 0) if luminance > 0.1791 else (255, 255, 255)


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
    inset = 1.5 if thick >= _LEAST * SCALE else 0.5
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
