"""A state as the traits that show it. Pure.

One for each part that changes on its own, so that changing one never resends another.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..colors import bounds
from ..intake import Grid, Holes, Label, Labels
from ..norms import Norm
from ..picks import Picks
from ..pyramid import Shape, is_large, usual_blocks
from ..reserved import reserved
from ..seen import overview_of
from ..state import State, category_colors, cell_texts, label_of
from .numbers import (
    dtype_name,
    encode_bits,
    encode_blocks,
    encode_holes,
    encode_picks,
    encode_values,
    wire_dtype,
)

if TYPE_CHECKING:
    from ..link import Link


@lru_cache(maxsize=64)
def axes_id(layers: Labels, components: Labels) -> int:
    """Give a number that tells one pair of axes from another: gestures say which they saw."""
    return zlib.crc32(repr((layers, components)).encode())


def encode_labels(labels: Labels) -> list[Label] | int:
    """Give labels as a list, or only how many there are if they count up from 0."""
    # True and 0.0 are equal to numbers that count, and yet are shown as what they are.
    counts = all(type(label) is int and label == k for k, label in enumerate(labels))
    return len(labels) if counts else list(labels)


#: Each trait: which parts of the state it is made of, and how.
ENCODERS: dict[str, tuple[Callable[[State], tuple[Any, ...]], Callable[[State], Any]]] = {
    "_axes": (
        lambda s: (
            s.grid.layers,
            s.grid.components,
            s.grid.steps,
            s.grid.layer_title,
            s.grid.component_title,
        ),
        lambda s: {
            "id": axes_id(s.grid.layers, s.grid.components),
            "layers": encode_labels(s.grid.layers),
            "components": encode_labels(s.grid.components),
            "steps": None if s.grid.steps is None else list(s.grid.steps),
            "titles": [s.grid.layer_title, s.grid.component_title],
        },
    ),
    "_coords": (lambda s: (s.grid.coords,), lambda s: encode_coords(s.grid)),
    "_dtype": (lambda s: (s.grid.values,), lambda s: dtype_name(s.grid.values.dtype)),
    "_values": (
        lambda s: (s.grid.values, partial(s) and s.step),
        lambda s: b"" if withheld(s) else encode_values(_sent(s)),
    ),
    "_holes": (
        lambda s: (s.grid.holes, partial(s) and s.step),
        lambda s: b"" if withheld(s) else encode_holes(_sent_holes(s)),
    ),
    "_overview": (
        lambda s: (
            withheld(s) and s.grid.values,
            withheld(s) and s.grid.holes,
            withheld(s) and s.scale,
            withheld(s) and s.step,
            withheld(s) and _blocks(s),
            withheld(s) and s.survey,
            withheld(s) and s.reduce,
        ),
        lambda s: encode_overview(s) if withheld(s) else b"",
    ),
    "_reduce": (lambda s: (s.reduce,), lambda s: s.reduce),
    "_partial": (lambda s: (partial(s),), lambda s: partial(s)),
    "_edition": (lambda s: (s.edition,), lambda s: s.edition),
    "_moment": (lambda s: (s.moment,), lambda s: s.moment),
    "_step": (lambda s: (s.step,), lambda s: s.step),
    "_mask": (lambda s: (s.mask,), lambda s: b"" if s.mask is None else encode_bits(s.mask)),
    "_selection": (lambda s: (s.selection,), lambda s: encode_picks(s.selection)),
    "_text": (
        lambda s: (
            s.text,
            _formats(s) and s.grid,
            _by_step(s) and partial(s) and (partial(s), s.step),
        ),
        lambda s: encode_text(s),
    ),
    "_table": (lambda s: (s.table,), lambda s: s.table.tobytes()),
    "_reserved": (lambda s: (s.table,), lambda s: reserved(s.table).tobytes()),
    "_categories": (lambda s: (category_colors(s),), lambda s: encode_categories(s)),
    "_limits": (lambda s: (encode_limits(s),), lambda s: list(encode_limits(s))),
    "_norm": (lambda s: (s.scale.norm,), lambda s: encode_norm(s.scale.norm)),
    "_title": (lambda s: (s.title,), lambda s: s.title or ""),
    "_label": (lambda s: (label_of(s),), lambda s: label_of(s) or ""),
    "_click": (lambda s: (s.click,), lambda s: s.click),
    "_transpose": (lambda s: (s.transpose,), lambda s: s.transpose),
    "_size": (lambda s: (s.height, s.width), lambda s: [s.height, s.width]),
}


def encode(state: State, since: State | None = None) -> dict[str, Any]:
    """Give the traits that show `state`; with `since`, only those made of what changed."""
    encoded = {}
    for trait, (parts, encoder) in ENCODERS.items():
        if since is None or not _unchanged(parts(state), parts(since)):
            encoded[trait] = encoder(state)
    return encoded


#: Bytes of values that travel at once; with more, steps travel one by one as they are asked for.
AT_ONCE = 8_000_000


def partial(state: State) -> int:
    """Give 0 where all steps travel at once, else the number that tells these values apart."""
    grid = state.grid
    several = grid.steps is not None and _bytes(grid.values.dtype, grid.values.size) > AT_ONCE
    return state.edition if several or withheld(state) else 0


def withheld(state: State) -> bool:
    """Whether an overview travels, and values only as they are asked for."""
    return state.edition > 0 and is_large(state.grid)


def _bytes(dtype: np.dtype[Any], cells: int) -> int:
    return cells * wire_dtype(dtype).itemsize


def _sent(state: State) -> NDArray[Any]:
    return state.grid.frame(state.step) if partial(state) else state.grid.held


def _sent_holes(state: State) -> Holes:
    return state.grid.frame_holes(state.step) if partial(state) else state.grid.holes


def weight(state: State) -> int:
    """Give how many bytes of values, or of an overview, travel at once."""
    if withheld(state):
        return math.prod(_blocks(state))
    sent = _sent(state)
    return _bytes(sent.dtype, sent.size)


def _blocks(state: State) -> Shape:
    return state.blocks or usual_blocks(state.grid, state.transpose)


def encode_overview(state: State) -> bytes:
    """Give the overview of the present step.

    Eight-byte floats first: blocks of layers and of components, whether the values may be asked
    for, which part of the cells was read (1 where all are known) and beside it one out of how many
    was (0 for none), the kinds whose count is an estimate (a bit each), how many kinds there are,
    and the count of each. Then the blocks, see `encode_blocks`.
    """
    seen = overview_of(state, _blocks(state))
    grid, survey = state.grid, state.survey
    fetchable = survey is None and _bytes(grid.values.dtype, math.prod(grid.shape)) <= AT_ONCE
    progress = (1, 0) if survey is None else survey.progress
    estimated = sum(1 << kind for kind in seen.estimated)
    head = [*seen.blocks.codes.shape, fetchable, *progress, estimated]
    head += [len(seen.counts), *seen.counts]
    return np.array(head, "<f8").tobytes() + encode_blocks(seen.blocks)


def _unchanged(new: tuple[Any, ...], old: tuple[Any, ...]) -> bool:
    return all(
        a is b
        or (isinstance(a, str | int | float | tuple | Picks) and type(a) is type(b) and a == b)
        for a, b in zip(new, old, strict=True)
    )


def whole(state: State) -> State:
    """Give the same state so that all of it travels at once: nobody is there to be asked.

    Of values that are not in memory that is what is known of them.
    """
    return state if state.survey is not None else replace(state, edition=0)


def encode_limits(state: State) -> tuple[float, ...]:
    """Give the limits, and after them the values that stand for them if those lie beyond."""
    limits, within = state.color_limits, bounds(state.scale, state.grid.values.dtype)
    return limits if within == limits else (*limits, *within)


def encode_text(state: State) -> str | list[str] | None:
    """Give the text of every cell: of one step, or of all steps where each has its own.

    What is "auto" the page writes itself.
    """
    if isinstance(state.text, str) and not _formats(state):
        return "auto"
    if not _by_step(state) or state.grid.steps is None or partial(state):
        return cell_texts(state)
    frames = (replace(state, step=step) for step in range(len(state.grid.steps)))
    return [text for frame in frames for text in cell_texts(frame) or ()]


def _formats(state: State) -> bool:
    return isinstance(state.text, str) and state.text != "auto"


def _by_step(state: State) -> bool:
    return _formats(state) or (isinstance(state.text, np.ndarray) and state.text.ndim == 3)


def encode_links(links: Iterable[Link]) -> list[dict[str, Any]]:
    """Give what the page needs to move heatmaps together by itself."""
    return [
        {"id": link.id, "hover": link.hover, "selection": link.selection}
        for link in links
        if link.hover or link.selection
    ]


def encode_coords(grid: Grid) -> dict[str, list[str]]:
    """Give every coordinate as one string a cell, in flat order."""
    return {key: [str(v) for v in values.ravel().tolist()] for key, values in grid.coords.items()}


def encode_categories(state: State) -> list[list[Label]] | None:
    """Give label and colour of each category, "" for a blank one."""
    categories = category_colors(state)
    if categories is None:
        return None
    return [[label, color or ""] for label, color in categories.items()]


def encode_norm(norm: Norm) -> dict[str, Any]:
    """Give a norm's kind and what that kind needs."""
    parts = {name: part for name, part in norm._asdict().items() if part is not None}
    return {name: list(part) if isinstance(part, tuple) else part for name, part in parts.items()}
