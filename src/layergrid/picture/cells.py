"""The coloured cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..colors import Kind
from .axes import Axis
from .blocks import representatives
from .canvas import NAN, Canvas, Codes
from .frame import Frame
from .glyphs import LEVELS
from .layout import Layout
from .palette import nearest_entries, used_entries
from .png import MOST_COLOURS


def shown_codes(frame: Frame, place: Layout) -> Codes:
    """Give the codes that are painted: of the cells, or of what stands for blocks of them."""
    chosen = representatives(frame.values, frame.kind, place.rows, place.columns)
    if chosen is None:
        return frame.code
    code: Codes = frame.code.ravel()[chosen]
    entries = used_entries(code)
    room = MOST_COLOURS - 2 * LEVELS - 3
    nearest = np.arange(256 + len(Kind), dtype=np.uint16)
    nearest[:256] = nearest_entries(entries, room)
    return nearest[code]


def draw_cells(
    canvas: Canvas,
    code: Codes,
    table: NDArray[np.uint8],
    axes: tuple[Axis, Axis],
    corner: tuple[int, int],
) -> None:
    """Paint the cells of two axes with the first one's corner at `corner`, all in pixels."""
    # By code: the table's entries that are there, then the kinds that have a colour of their own.
    codes = np.zeros(256 + len(Kind), canvas.codes.dtype)
    used = used_entries(code)
    codes[used] = canvas.codes_of(table[used])
    if 256 + Kind.NAN in code:
        codes[256 + Kind.NAN] = canvas.code(NAN)
    rows, columns = axes
    lines = _spread(codes[code], columns)
    x, y = corner
    region = canvas.codes[y : y + rows.pixels, x : x + columns.pixels]
    starts, ends = (sorted(set(edges)) for edges in (rows.start, rows.end))
    for line, start, end in zip(lines, starts, ends, strict=True):
        region[start:end] = line


def _spread(codes: Codes, columns: Axis) -> Codes:
    """Give lines of pixels for lines of cells; gaps are page."""
    starts, ends = (np.unique(edges) for edges in (columns.start, columns.end))
    lines = np.zeros((len(codes), columns.pixels), codes.dtype)
    for column, start, end in zip(codes.T, starts, ends, strict=True):
        lines[:, start:end] = column[:, None]
    return lines
