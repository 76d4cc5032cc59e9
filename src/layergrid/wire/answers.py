"""What the page is told by message: answers, and live frames. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from ..intake import Holes
from ..pyramid import Painted, remarkable
from ..seen import part_of, tile_of
from ..state import State
from .messages import Frames, Read, Tile
from .numbers import encode_blocks, encode_holes, encode_values
from .traits import ENCODERS, axes_id, encode, partial


def encode_ack(page: str, seq: int) -> dict[str, Any]:
    """Give the answer to a gesture: it has been heard and done."""
    return {"kind": "ack", "page": page, "seq": seq}


def encode_stepped(page: str, seq: int) -> dict[str, Any]:
    """Give the answer to a step: the heatmap is there."""
    return {"kind": "stepped", "page": page, "seq": seq}


def encode_frames(asked: Frames, state: State) -> tuple[dict[str, Any], list[bytes]]:
    """Give the answer to a request for frames: the buffers are values, holes, values and so on.

    Nobody needs frames of values that are replaced by now: then there are none.
    """
    grid = state.grid
    steps = asked.steps if asked.partial == partial(state) else ()
    buffers = [
        buffer
        for step in steps
        for buffer in (encode_values(grid.frame(step)), encode_holes(grid.frame_holes(step)))
    ]
    content = {"kind": "frames", "page": asked.page, "partial": asked.partial}
    return {**content, "steps": list(steps)}, buffers


def current(asked: Read | Tile, state: State) -> bool:
    """Whether the values that were asked about are still there: else nobody needs an answer."""
    return asked.rect is not None and asked.partial == partial(state)


def encode_read(asked: Read, state: State) -> tuple[dict[str, Any], list[bytes]] | None:
    """Give the cell that stands for a rectangle of values in memory; None if they are gone."""
    if asked.rect is None or not current(asked, state):
        return None
    part, holes = part_of(asked.rect), state.grid.frame_holes(asked.step)
    values = state.grid.frame(asked.step)[part]
    hole = None if holes is None else holes[part]
    k = remarkable(values, hole, rule=state.reduce, log=state.scale.norm.kind == "log")
    i, j = divmod(k, values.shape[1])
    at = slice(i, i + 1), slice(j, j + 1)
    layer, component = asked.rect[0] + i, asked.rect[1] + j
    flat = layer * len(state.grid.components) + component
    return encode_cell(asked, flat, values[at], None if hole is None else hole[at])


def encode_cell(
    asked: Read, flat: int, value: NDArray[Any], hole: Holes = None
) -> tuple[dict[str, Any], list[bytes]]:
    """Give the cell that stands for a rectangle: the buffers are its value and its hole."""
    return {**_about("read", asked), "cell": flat}, [encode_values(value), encode_holes(hole)]


def encode_tile(asked: Tile, state: State) -> tuple[dict[str, Any], list[bytes]] | None:
    """Give blocks of some cells in memory; None if the values are gone."""
    if asked.rect is None or not current(asked, state):
        return None
    return encode_painted(asked, tile_of(state, asked.step, asked.rect, asked.blocks))


def encode_painted(asked: Tile, blocks: Painted) -> tuple[dict[str, Any], list[bytes]]:
    """Give blocks of some cells: for the buffer see `encode_blocks`."""
    return {**_about("tile", asked), "blocks": list(blocks.codes.shape)}, [encode_blocks(blocks)]


def _about(kind: str, asked: Read | Tile) -> dict[str, Any]:
    """Say what is answered."""
    assert asked.rect is not None
    rect = list(asked.rect)
    return {
        "kind": kind,
        "page": asked.page,
        "partial": asked.partial,
        "step": asked.step,
        "rect": rect,
    }


#: What a frame decides, whatever was shown before it.
_OF_A_FRAME = ("_dtype", "_holes", "_limits", "_norm")


def encode_live(state: State, shown: State, heard: int) -> tuple[dict[str, Any], list[bytes]]:
    """Give a live frame: the traits of `state` that differ from those of `shown`, as a message.

    Those that are bytes come as buffers, in the order of `binary`. `heard` is the last edition
    that a page is known to have painted.
    """
    traits = encode(state, since=shown)
    traits |= {trait: ENCODERS[trait][1](state) for trait in _OF_A_FRAME if trait not in traits}
    traits.pop("_edition", None)
    binary = [trait for trait, value in traits.items() if isinstance(value, bytes)]
    buffers = [traits.pop(trait) for trait in binary]
    axes = axes_id(state.grid.layers, state.grid.components)
    content = {"kind": "live", "edition": state.edition, "heard": heard, "axes": axes}
    return {**content, "traits": traits, "binary": binary}, buffers


def encode_refusal(content: Any, reason: str) -> dict[str, Any]:
    """Give the answer to a message that could not be read."""
    known = content if isinstance(content, Mapping) else {}
    return {"kind": "refused", "page": known.get("page"), "seq": known.get("seq"), "reason": reason}
