"""What the page is told by message: answers, and live frames. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..pyramid import remarkable, tile
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


def encode_read(asked: Read, state: State) -> tuple[dict[str, Any], list[bytes]] | None:
    """Give the cell that stands for a rectangle: the buffers are its value and its hole.

    None where the values that were asked about are gone: nobody needs an answer.
    """
    grid = state.grid
    if asked.rect is None or asked.partial != partial(state):
        return None
    i0, j0, i1, j1 = asked.rect
    part = slice(i0, i1 + 1), slice(j0, j1 + 1)
    values, holes = grid.frame(asked.step)[part], grid.frame_holes(asked.step)
    hole = None if holes is None else holes[part]
    k = remarkable(values, hole, log=state.scale.norm.kind == "log")
    i, j = divmod(k, values.shape[1])
    content = {
        "kind": "read",
        "page": asked.page,
        "partial": asked.partial,
        "step": asked.step,
        "rect": list(asked.rect),
        "cell": (i0 + i) * grid.shape[1] + j0 + j,
    }
    value = encode_values(values[i : i + 1, j : j + 1])
    return content, [value, encode_holes(None if hole is None else hole[i : i + 1, j : j + 1])]


def encode_tile(asked: Tile, state: State) -> tuple[dict[str, Any], list[bytes]] | None:
    """Give blocks of some cells: for the buffer see `encode_blocks`.

    None where the values that were asked about are gone: nobody needs an answer.
    """
    if asked.rect is None or asked.partial != partial(state):
        return None
    i0, j0, i1, j1 = asked.rect
    part = slice(i0, i1 + 1), slice(j0, j1 + 1)
    blocks = tile(state.grid, asked.step, state.scale, part, asked.blocks)
    content = {
        "kind": "tile",
        "page": asked.page,
        "partial": asked.partial,
        "step": asked.step,
        "rect": list(asked.rect),
        "blocks": list(blocks.codes.shape),
    }
    return content, [encode_blocks(blocks)]


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
