"""Which colours a picture has, and which it makes do with, as a palette holds few."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..colors import Kind
from ..reserved import reserved
from ..state import State, category_colors
from .canvas import PAPER, Codes, Shades
from .frame import Frame
from .glyphs import LEVELS
from .png import MOST_COLOURS

#: Colour of each code, shape (265, 4), RGBA; where alpha is 0 the page shows.
Colours = NDArray[np.uint8]

#: From smooth to coarse.
SHADES: tuple[Shades, ...] = (
    (LEVELS, 3),
    (LEVELS, 2),
    (LEVELS, 1),
    (3, 1),
    (1, 1),
)


def cell_colours(state: State, marked: bool) -> Colours:
    """Give the colour of each code; as `palette` in the page.

    Cells that are `marked` tell by a mark what they are; those too small for one have reserved
    colours.
    """
    colours = np.zeros((256 + len(Kind), 4), np.uint8)
    colours[:256, :3], colours[:256, 3] = state.table, 255
    for k, colour in enumerate((category_colors(state) or {}).values()):
        if colour is None:
            colours[k] = 0
    if not marked:
        colours[256:] = reserved(state.table)[0]
        return colours
    # What lies beyond an end of the scale has that end's colour, and a mark to tell it apart.
    colours[[256 + Kind.POSITIVE_INFINITY, 256 + Kind.OVER]] = colours[255]
    colours[[256 + Kind.NEGATIVE_INFINITY, 256 + Kind.UNDER]] = colours[0]
    colours[[256 + Kind.NAN, 256 + Kind.NONPOSITIVE]] = (*PAPER, 255)
    return colours


def painted(code: Codes, colours: Colours) -> NDArray[np.intp]:
    """Give the codes that are there and have a colour."""
    there = np.flatnonzero(np.bincount(code.ravel(), minlength=len(colours)))
    visible: NDArray[np.intp] = there[colours[there, 3] > 0]
    return visible


def choose_shades(code: Codes, colours: Colours, frame: Frame, marked: bool) -> tuple[Shades, bool]:
    """Give the smoothest writing that leaves the palette enough colours, or too many at all."""
    there = painted(code, colours)
    fixed = len({*map(tuple, colours[there].tolist())}) + 2  # with the page and the rules
    written = 0
    if marked:
        written = len(there) if frame.texts else int((there >= 256).sum())
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
