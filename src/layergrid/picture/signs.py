"""The signs that numbers need and Pillow's own font has not."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

#: Amounts of ink, 0 … 255, and the first pixel's place from the start of the baseline.
Drawn = tuple[NDArray[np.uint8], int, int]

#: How wide they are, in parts of the size.
WIDTHS = {"−": 0.56, "–": 0.56, "×": 0.56, "≤": 0.56, "∞": 0.84}
_STROKE = 0.085

_Line = tuple[float, float, float, float]


def draw(sign: str, size: int) -> Drawn:
    """Draw a sign `size` pixels high, with smooth edges."""
    lines = np.array(_lines(sign)) * size
    starts, along = lines[:, :2], lines[:, 2:] - lines[:, :2]
    ys, xs = np.mgrid[-size:0, : math.ceil(WIDTHS[sign] * size)] + 0.5
    # By pixel and line: how far it is to the nearest point of the line.
    x, y = xs[..., None] - starts[:, 0], ys[..., None] - starts[:, 1]
    part = ((x * along[:, 0] + y * along[:, 1]) / (along**2).sum(axis=1)).clip(0, 1)
    distance = np.hypot(x - part * along[:, 0], y - part * along[:, 1]).min(axis=-1)
    ink = (_STROKE * size / 2 + 0.5 - distance).clip(0, 1) * 255
    return ink.round().astype(np.uint8), 0, -size


def _lines(sign: str) -> list[_Line]:
    """Give straight lines (x0, y0, x1, y1) in parts of the size, y downwards from the baseline."""
    match sign:
        case "−":
            return [(0.1, -0.32, 0.46, -0.32)]
        case "–":
            return [(0.08, -0.27, 0.48, -0.27)]
        case "×":
            return [(0.13, -0.47, 0.43, -0.17), (0.13, -0.17, 0.43, -0.47)]
        case "≤":
            arrow = [(0.46, -0.63, 0.1, -0.42), (0.1, -0.42, 0.46, -0.21)]
            return [*arrow, (0.1, -0.06, 0.46, -0.06)]
    return _infinity(48)


def _infinity(n: int) -> list[_Line]:
    # A lemniscate, a little wider in its loops than Bernoulli's.
    points = []
    for k in range(n + 1):
        sine, cosine = math.sin(k * math.tau / n), math.cos(k * math.tau / n)
        scale = 1 / (1 + sine**2)
        points.append((0.42 + 0.36 * cosine * scale, -0.31 + 0.52 * sine * cosine * scale))
    return [(*start, *end) for start, end in pairwise(points)]
