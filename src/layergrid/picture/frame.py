"""The frame that a picture shows: its values and what they become."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..colors import NUMBERS, Kind, kinds, table_index
from ..intake import widen
from ..pyramid import Rule, is_large, usual_blocks
from ..seen import overview_of
from ..state import State, cell_texts, frame_mask
from .canvas import Codes


class Frame(NamedTuple):
    """What there is to draw: values, what kind each is, its code, what is written on it.

    All in rows and columns of the picture: layers are columns where they stand side by side. Of
    a large grid values, kinds and codes are those of blocks of cells, the rest is of the cells.

    A code is an entry of the table of colours, or 256 + kind for what is no number between the
    limits; `counts` is how many cells there are of each code, or of a large grid of each kind, all
    finite ones at code 0. `span` is the least and the largest number, None without any. `rule` says
    what stands for several that share a pixel.
    """

    values: NDArray[Any]
    kind: NDArray[np.uint8]
    code: Codes
    texts: list[str] | None
    mask: NDArray[np.bool_] | None
    counts: NDArray[np.intp]
    span: tuple[float, float] | None
    rule: Rule = "extreme"

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return int(self.counts.sum())

    @property
    def kinds(self) -> list[int]:
        """How many cells there are of each `Kind`."""
        return [int(self.counts[:256].sum()), *self.counts[257:].tolist()]


def read_frame(state: State) -> Frame:
    """Read the step that a state shows."""
    frame = _of_blocks(state) if is_large(state.grid) else _of_cells(state)
    frame = frame._replace(rule=state.reduce)
    return _transposed(frame) if state.transpose else frame


def _of_cells(state: State) -> Frame:
    grid = state.grid
    given = grid.frame(state.step)
    values, kind = widen(given), kinds(given, grid.frame_holes(state.step), state.scale)
    entry = table_index(values, state.scale).astype(np.uint16)
    code = np.where(kind == Kind.FINITE, entry, 256 + kind.astype(np.uint16))
    counts = np.bincount(code.ravel(), minlength=256 + len(Kind))
    numbers = values[np.isin(kind, NUMBERS)]
    span = (numbers.min().item(), numbers.max().item()) if numbers.size else None
    return Frame(values, kind, code, cell_texts(state), frame_mask(state), counts, span)


def _of_blocks(state: State) -> Frame:
    grid = state.grid
    seen = overview_of(state, usual_blocks(grid, state.transpose))
    counts = np.concatenate([[seen.counts[0]], np.zeros(256, np.intp), seen.counts[1:]])
    values, codes, kinds = seen.blocks
    kind = np.zeros(codes.shape, np.uint8) if kinds is None else kinds
    code = np.where(kind == Kind.FINITE, codes, 256 + kind.astype(np.uint16))
    return Frame(values, kind, code, None, frame_mask(state), counts, seen.span)


def _transposed(frame: Frame) -> Frame:
    texts = frame.texts
    if texts is not None:
        n_components = frame.code.shape[1]
        texts = [text for j in range(n_components) for text in texts[j::n_components]]
    mask = None if frame.mask is None else frame.mask.T
    values, kind, code = frame.values.T, frame.kind.T, frame.code.T
    return frame._replace(values=values, kind=kind, code=code, texts=texts, mask=mask)
