"""Which colours a picture makes do with, as a palette holds few."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..colors import Kind
from .canvas import Codes, Shades
from .frame import Frame
from .glyphs import LEVELS
from .png import MOST_COLOURS

#: From smooth to coarse.
SHADES: tuple[Shades, ...] = (
    (LEVELS, 3),
    (LEVELS, 2),
    (LEVELS, 1),
    (3, 1),
    (1, 1),
)


def choose_shades(used: int, frame: Frame) -> tuple[Shades, bool]:
    """Give the smoothest writing that leaves the palette enough colours, or too many at all."""
    counts = np.bincount(frame.kind.ravel(), minlength=len(Kind))
    infinities = counts[[Kind.POSITIVE_INFINITY, Kind.NEGATIVE_INFINITY]] > 0
    written = int(infinities.sum()) if frame.texts is None else used
    fixed = used + 2 + int(counts[Kind.NAN] > 0)  # with the page, the rules, the paper of NaN
    for labels, on_cells in SHADES:
        # On cells, both inks, and every colour that is written on has shades of its own.
        marks = 2 + written * (on_cells - 1) if written else 0
        if fixed + 2 * labels + marks <= MOST_COLOURS:
            return (labels, on_cells), False
    return SHADES[0], True


def used_entries(code: Codes) -> NDArray[np.intp]:
    """Give the table's entries that are there."""
    return np.flatnonzero(np.bincount(code.ravel(), minlength=256)[:256])


def nearest_entries(wanted: NDArray[np.intp], room: int) -> NDArray[np.intp]:
    """Map the table's entries to the nearest of `room`: the wanted ones, and what else fits."""
    there = np.zeros(256, bool)
    if len(wanted) <= room:
        there[wanted] = True
        room -= len(wanted)
    others = np.flatnonzero(~there)
    if room and len(others):
        spread = np.linspace(0, len(others) - 1, min(room, len(others))).astype(np.intp)
        there[others[spread]] = True
    chosen, entries = np.flatnonzero(there), np.arange(256)
    after = np.searchsorted(chosen, entries).clip(max=len(chosen) - 1)
    before = (after - 1).clip(min=0)
    closer = entries - chosen[before] < abs(chosen[after] - entries)
    nearest: NDArray[np.intp] = chosen[np.where(closer, before, after)]
    return nearest
