"""Cells without a value: how they are written down."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: What a cell holds: its value, nothing because the model has no such cell, or nothing yet.
PRESENT, ABSENT, PENDING = np.uint8(0), np.uint8(1), np.uint8(2)

#: One of the three for each cell, or None where every cell is present.
Holes = NDArray[np.uint8] | None


def merge_holes(holes: Holes, cells: NDArray[np.bool_], hole: np.uint8 = ABSENT) -> Holes:
    """Make the cells where `cells` is True absent too, or pending."""
    if not cells.any():
        return holes
    return np.where(cells, hole, PRESENT if holes is None else holes).astype(np.uint8)


def is_present(holes: Holes, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Tell for each cell whether it has a value."""
    if holes is None:
        return np.ones(shape, bool)
    present: NDArray[np.bool_] = holes == PRESENT
    return present
