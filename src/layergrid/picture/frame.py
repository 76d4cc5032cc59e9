"""The frame that a picture shows: its values and what they become."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..colors import Kind, kinds, table_index
from ..intake import widen
from ..state import State, cell_texts, frame_mask
from .canvas import Codes


class Frame(NamedTuple):
    """What there is to draw: values, what kind each is, its code, what is written on it.

    A code is an entry of the table of colours, or 256 + kind for what has none.
    """

    values: NDArray[Any]
    kind: NDArray[np.uint8]
    code: Codes
    texts: list[str] | None
    mask: NDArray[np.bool_] | None


def read_frame(state: State) -> Frame:
    """Read the step that a state shows."""
    grid = state.grid
    values = widen(grid.frame(state.step))
    kind = kinds(grid.frame(state.step), grid.frame_holes(state.step))
    entry = table_index(values, state.color_limits).astype(np.uint16)
    # An infinity lies beyond the end of the scale: that end's colour, told apart by its mark.
    infinite = (kind == Kind.POSITIVE_INFINITY) | (kind == Kind.NEGATIVE_INFINITY)
    code = np.where((kind == Kind.FINITE) | infinite, entry, 256 + kind.astype(np.uint16))
    return Frame(values, kind, code, cell_texts(state), frame_mask(state))
