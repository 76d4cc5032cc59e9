"""What is drawn on: an array of colour codes, and a pen that writes on it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import glyphs
from .sizes import FONT

#: Pixels of the picture per CSS pixel.
SCALE = 2

Codes = NDArray[np.unsignedinteger[Any]]
Rgb = tuple[int, int, int]
#: Shades from paper to ink, of labels and of what is written on cells.
Shades = tuple[int, int]

PAGE: Rgb = (255, 255, 255)
INK: Rgb = (0x1F, 0x23, 0x28)
MUTED: Rgb = (0x6A, 0x73, 0x7D)
RULE: Rgb = (0xD8, 0xDC, 0xE0)
#: What a mark of no number stands on.
PAPER: Rgb = (250, 250, 250)


class Canvas:
    """Colour codes of a picture, and the colours that they mean; code 0 is the page."""

    def __init__(self, width: int, height: int, many: bool) -> None:
        self.kind = np.dtype(np.uint16 if many else np.uint8)
        self.codes: Codes = np.zeros((height, width), self.kind)
        self.colours: list[Rgb] = [PAGE]
        self.known: dict[Rgb, int] = {PAGE: 0}

    def code(self, colour: Rgb) -> int:
        """Give the code of a colour, a new one if it is new."""
        code = self.known.get(colour)
        if code is None:
            code = self.known[colour] = len(self.colours)
            self.colours.append(colour)
        return code

    def codes_of(self, colours: NDArray[np.uint8]) -> Codes:
        """Give the codes of colours, shape (n, 3)."""
        return np.array([self.code(colour) for colour in map(tuple, colours.tolist())], self.kind)

    def ramp(self, paper: Rgb, ink: Rgb, steps: int) -> Codes:
        """Give the codes from paper to ink, one for each level of a stamp."""
        levels = [round(k * steps / glyphs.LEVELS) / steps for k in range(glyphs.LEVELS + 1)]
        return np.array([self.code(_mix(paper, ink, level)) for level in levels], self.kind)

    def fill(self, boxes: NDArray[np.float64], code: int) -> None:
        """Fill rectangles, (left, top, right, bottom) in pixels of the picture."""
        codes = self.codes
        for left, top, right, bottom in boxes.round().astype(int).clip(min=0).tolist():
            codes[top:bottom, left:right] = code

    def put(self, ink: NDArray[np.uint8], x: int, y: int, ramp: Codes) -> None:
        """Put a stamp with its corner at a pixel; where it has no ink, what was there stays."""
        height, width = self.codes.shape
        if y < 0 or x < 0 or y + ink.shape[0] > height or x + ink.shape[1] > width:
            ink = ink[max(0, -y) : max(0, height - y), max(0, -x) : max(0, width - x)]
            y, x = max(0, y), max(0, x)
        region = self.codes[y : y + ink.shape[0], x : x + ink.shape[1]]
        np.copyto(region, ramp[ink], where=ink > 0)


def _mix(paper: Rgb, ink: Rgb, level: float) -> Rgb:
    r, g, b = (round(p + (i - p) * level) for p, i in zip(paper, ink, strict=True))
    return r, g, b


class Pen:
    """Writes on a canvas, in CSS pixels."""

    def __init__(self, canvas: Canvas, shades: Shades) -> None:
        self.canvas = canvas
        self.shades = shades
        self.ink = canvas.ramp(PAGE, INK, shades[0])
        self.muted = canvas.ramp(PAGE, MUTED, shades[0])
        self.rule = canvas.code(RULE)

    def write(
        self,
        text: str,
        x: float,
        y: float,
        align: float = 0,
        *,
        strong: bool = False,
        size: float = FONT,
        turned: bool = False,
    ) -> None:
        """Write with the baseline at `y`; `align` is the part of the text that is before `x`.

        A turned text runs upwards, with its baseline at `x`.
        """
        if not text:
            return
        stamp = glyphs.stamp(text, round(size * SCALE), strong)
        ramp = self.ink if strong else self.muted
        before = stamp.advance * align
        if turned:
            bottom = round(y * SCALE + before) - stamp.left
            ink = np.rot90(stamp.ink)
            self.canvas.put(ink, round(x * SCALE) + stamp.top, bottom - ink.shape[0], ramp)
        else:
            left = round(x * SCALE - before) + stamp.left
            self.canvas.put(stamp.ink, left, round(y * SCALE) + stamp.top, ramp)

    def rule_at(self, x0: float, y0: float, x1: float, y1: float, code: int) -> None:
        """Fill a rectangle."""
        left, top, right, bottom = (max(0, round(edge * SCALE)) for edge in (x0, y0, x1, y1))
        self.canvas.codes[top:bottom, left:right] = code
