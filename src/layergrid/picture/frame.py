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

    All in rows and columns of the picture: layers are columns where they stand side by side.

    A code is an entry of the table of colours, or 256 + kind for what is no number between the
    limits.
    """

    values: NDArray[Any]
    kind: NDArray[np.uint8]
    code: Codes
    texts: list[str] | None
    mask: NDArray[np.bool_] | None


def read_frame(state: State) -> Frame:
    """Read the step that a state shows."""
    grid = state.grid
    given = grid.frame(state.step)
    values, kind = widen(given), kinds(given, grid.frame_holes(state.step), state.scale)
    entry = table_index(values, state.scale).astype(np.uint16)
    code = np.where(kind == Kind.FINITE, entry, 256 + kind.astype(np.uint16))
    frame = Frame(values, kind, code, cell_texts(state), frame_mask(state))
    return _transposed(frame) if state.transpose else frame


def _transposed(frame: Frame) -> Frame:
    texts = frame.texts
    if texts is not None:
        n_components = frame.code.shape[1]
        texts = [text for j in range(n_components) for text in texts[j::n_components]]
    mask = None if frame.mask is None else frame.mask.T
    return Frame(frame.values.T, frame.kind.T, frame.code.T, texts, mask)
