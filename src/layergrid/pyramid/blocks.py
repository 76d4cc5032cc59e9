"""How many blocks a large frame is reduced to, and which cells are in each. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..intake import Grid, Stored

#: A frame of more cells than this is reduced before it is sent.
MOST_CELLS = 1 << 18
#: Blocks along an axis where nobody has said how many pixels there are.
_USUAL_ROWS, _LEAST_COLUMNS, _USUAL_COLUMNS = 480, 320, 800

#: Blocks down and across, in layers and components.
Shape = tuple[int, int]


def is_large(grid: Grid) -> bool:
    """Whether a frame has more cells than are worth sending, or is not even in memory."""
    n_layers, n_components = grid.shape
    if isinstance(grid.values, Stored):
        return True
    return n_layers * n_components > MOST_CELLS and grid.categories is None


def usual_blocks(grid: Grid, transpose: bool) -> Shape:
    """Give the blocks that a page most likely has pixels for: for its own layout, see `fit`."""
    rows, columns = grid.shape[::-1] if transpose else grid.shape
    across = max(_USUAL_ROWS * columns // rows, _LEAST_COLUMNS)
    down, across = min(rows, _USUAL_ROWS), min(columns, across, _USUAL_COLUMNS)
    return (across, down) if transpose else (down, across)


def first_cells(count: int, blocks: int) -> NDArray[np.intp]:
    """Give the first cell of each block, as equal as they can be: ⌈block · count / blocks⌉."""
    firsts: NDArray[np.intp] = -(-np.arange(blocks) * count // blocks)
    return firsts
