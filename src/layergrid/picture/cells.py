"""The coloured cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .axes import Axis, reduced_axis
from .blocks import representatives
from .canvas import Canvas, Codes
from .frame import Frame
from .glyphs import LEVELS
from .layout import Layout
from .palette import Colours, nearest_entries, painted, used_entries
from .png import MOST_COLOURS


def shown_codes(frame: Frame, place: Layout, colours: Colours) -> Codes:
    """Give the codes that are painted: of the cells, or of what stands for blocks of them."""
    rows, columns = (
        _over_blocks(axis, blocks)
        for axis, blocks in zip((place.rows, place.columns), frame.code.shape, strict=True)
    )
    chosen = representatives(frame.values, frame.kind, rows, columns, frame.rule)
    code: Codes = frame.code if chosen is None else frame.code.ravel()[chosen]
    code = code[np.ix_(_blocks_at(place.rows, len(code)), _blocks_at(place.columns, code.shape[1]))]
    if not (place.rows.reduced or place.columns.reduced):
        return code
    # Of all kinds, hidden ones too: the legend shows them.
    others = int((painted(frame.code, colours) >= 256).sum())
    room = MOST_COLOURS - 2 * LEVELS - 3 - others
    nearest = np.arange(len(colours), dtype=np.uint16)
    nearest[:256] = nearest_entries(used_entries(code), room)
    return nearest[code]


def _over_blocks(axis: Axis, blocks: int) -> Axis:
    """Give the axis as if blocks were its cells, of which several may share a pixel."""
    if blocks == axis.count:
        return axis
    return reduced_axis(blocks, min(blocks, axis.pixels))


def _blocks_at(axis: Axis, blocks: int) -> NDArray[np.intp]:
    """Tell which block stands at each pixel, where there are fewer of them."""
    n = axis.pixels if axis.reduced else axis.count
    at: NDArray[np.intp] = np.arange(n) * blocks // n
    return at


def draw_cells(
    canvas: Canvas,
    code: Codes,
    colours: Colours,
    axes: tuple[Axis, Axis],
    corner: tuple[int, int],
) -> None:
    """Paint the cells of two axes with the first one's corner at `corner`, all in pixels."""
    codes = np.zeros(len(colours), canvas.codes.dtype)
    there = painted(code, colours)
    codes[there] = canvas.codes_of(colours[there, :3])
    rows, columns = axes
    lines = _spread(codes[code], columns)
    x, y = corner
    region = canvas.codes[y : y + rows.pixels, x : x + columns.pixels]
    starts, ends = (sorted(set(edges)) for edges in (rows.start, rows.end))
    for line, start, end in zip(lines, starts, ends, strict=True):
        region[start:end] = line


def _spread(codes: Codes, columns: Axis) -> Codes:
    """Give lines of pixels for lines of cells; gaps are page."""
    starts, ends = (sorted(set(edges)) for edges in (columns.start, columns.end))
    lines = np.zeros((len(codes), columns.pixels), codes.dtype)
    for column, start, end in zip(codes.T, starts, ends, strict=True):
        lines[:, start:end] = column[:, None]
    return lines
