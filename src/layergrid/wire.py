"""The only codec and the only message schema: what crosses between kernel and page. Pure.

State crosses as traits, one for each part that changes on its own, so that changing one never
resends another. What a person does crosses as messages. ``js/src/wire.ts`` is the other end;
``tests/data/contract.json`` lists what both must know.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .intake import Grid, Labels, widen
from .selection import Command, Picks, Rect
from .state import State, cell_texts

# ── state → traits ───────────────────────────────────────────────────────────────────────────


@lru_cache(maxsize=64)
def axes_id(layers: Labels, components: Labels) -> int:
    """Give a number that tells one pair of axes from another: gestures say which they saw."""
    return zlib.crc32(repr((layers, components)).encode())


#: Each trait: which parts of the state it is made of, and how.
_ENCODERS: dict[str, tuple[Callable[[State], tuple[Any, ...]], Callable[[State], Any]]] = {
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
            "layers": list(s.grid.layers),
            "components": list(s.grid.components),
            "steps": None if s.grid.steps is None else list(s.grid.steps),
            "titles": [s.grid.layer_title, s.grid.component_title],
        },
    ),
    "_coords": (lambda s: (s.grid.coords,), lambda s: encode_coords(s.grid)),
    "_dtype": (lambda s: (s.grid.values,), lambda s: wire_dtype(s.grid.values.dtype).name),
    "_values": (lambda s: (s.grid.values,), lambda s: encode_values(s.grid.values)),
    "_holes": (
        lambda s: (s.grid.holes,),
        lambda s: b"" if s.grid.holes is None else s.grid.holes.tobytes(),
    ),
    "_step": (lambda s: (s.step,), lambda s: s.step),
    "_mask": (lambda s: (s.mask,), lambda s: b"" if s.mask is None else encode_bits(s.mask)),
    "_selection": (lambda s: (s.selection,), lambda s: encode_picks(s.selection)),
    "_text": (
        lambda s: (s.text, s.text is None or s.grid, s.text is None or s.step),
        cell_texts,
    ),
    "_table": (lambda s: (s.table,), lambda s: s.table.tobytes()),
    "_limits": (lambda s: (s.color_limits,), lambda s: list(s.color_limits)),
    "_title": (lambda s: (s.title,), lambda s: s.title or ""),
    "_label": (lambda s: (s.label,), lambda s: s.label or ""),
    "_click": (lambda s: (s.click,), lambda s: s.click),
    "_size": (lambda s: (s.height, s.width), lambda s: [s.height, s.width]),
}


def encode(state: State, since: State | None = None) -> dict[str, Any]:
    """Give the traits that show `state`; with `since`, only those made of what changed."""
    encoded = {}
    for trait, (parts, encoder) in _ENCODERS.items():
        if since is None or not _unchanged(parts(state), parts(since)):
            encoded[trait] = encoder(state)
    return encoded


def _unchanged(new: tuple[Any, ...], old: tuple[Any, ...]) -> bool:
    return all(
        a is b or (isinstance(a, str | int | float | tuple) and type(a) is type(b) and a == b)
        for a, b in zip(new, old, strict=True)
    )


def encode_values(values: NDArray[Any]) -> bytes:
    """Give values as little-endian bytes in C order, in a type that the page knows exactly."""
    return np.ascontiguousarray(widen(values), wire_dtype(values.dtype)).tobytes()


def wire_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Give the type that values of `dtype` travel in: the same if the page has it, else wider.

    Only long doubles are narrowed, to float64: nothing in a browser holds more.
    """
    if dtype.kind == "b":
        return np.dtype("uint8")
    if dtype.kind in "iu" or (dtype.itemsize == 4 and dtype.kind == "f"):
        return dtype.newbyteorder("<")
    if dtype.kind == "V" or dtype.itemsize < 4:
        return np.dtype("<f4")
    return np.dtype("<f8")


def encode_bits(mask: NDArray[np.bool_]) -> bytes:
    """Give a mask as one bit a cell, in C order, the lowest bit of a byte first.

    Each frame begins with a byte of its own: how many there are shows in the length.
    """
    frames = mask.reshape(*mask.shape[:-2], mask.shape[-2] * mask.shape[-1])
    return np.packbits(frames, axis=-1, bitorder="little").tobytes()


def encode_coords(grid: Grid) -> dict[str, list[str]]:
    """Give every coordinate as one string a cell, in flat order."""
    return {key: [str(v) for v in values.ravel().tolist()] for key, values in grid.coords.items()}


def encode_picks(picks: Picks) -> list[int]:
    """Give flat indices as runs, ``[start, length, start, length, …]``, in pick order."""
    runs: list[int] = []
    for flat in picks:
        if runs and flat == runs[-2] + runs[-1]:
            runs[-1] += 1
        else:
            runs += (flat, 1)
    return runs


def decode_picks(runs: Iterable[int]) -> Picks:
    """Undo `encode_picks`."""
    numbers = list(runs)
    return tuple(
        start + k
        for start, length in zip(numbers[::2], numbers[1::2], strict=True)
        for k in range(length)
    )


# ── messages ─────────────────────────────────────────────────────────────────────────────────

MODIFIERS = frozenset({"ctrl", "meta", "shift", "alt"})


@dataclass(frozen=True, slots=True)
class Click:
    """A cell was clicked."""

    flat: int
    modifiers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Gesture:
    """One gesture of the person: a command for the selection, a click, or both.

    `page` names the page that sends it and `seq` counts its gestures from 1; together they make
    a repeated message harmless. What was done on other axes than the present ones means nothing
    now: then both are None.
    """

    page: str
    seq: int
    command: Command | None
    click: Click | None


@dataclass(frozen=True, slots=True)
class Hover:
    """The pointer came to a cell, or left the grid (None)."""

    flat: int | None


@dataclass(frozen=True, slots=True)
class Dismiss:
    """The person has read the error that is shown."""


Message = Gesture | Hover | Dismiss


class MessageError(ValueError):
    """A message does not follow the schema."""


def decode_message(content: Any, grid: Grid) -> Message:
    """Read a message from the page, trusting nothing.

    Raises
    ------
    MessageError
        Naming the field that is off.
    """
    if not isinstance(content, Mapping):
        raise MessageError(f"message is {content!r}, not an object")
    match content.get("kind"):
        case "gesture":
            return _decode_gesture(content, grid)
        case "hover":
            flat = content.get("cell")
            return Hover(None if flat is None else _flat(flat, grid))
        case "dismiss":
            return Dismiss()
        case kind:
            raise MessageError(f"kind is {kind!r}; expected gesture, hover or dismiss")


def _decode_gesture(content: Mapping[str, Any], grid: Grid) -> Gesture:
    page, seq = content.get("page"), content.get("seq")
    if not isinstance(page, str) or not 0 < len(page) <= 64:
        raise MessageError(f"page is {page!r}, not a short string")
    if not isinstance(seq, int) or isinstance(seq, bool) or seq < 1:
        raise MessageError(f"seq is {seq!r}, not a positive integer")
    fits = content.get("axes") == axes_id(grid.layers, grid.components)
    command, click = content.get("command"), content.get("click")
    return Gesture(
        page=page,
        seq=seq,
        command=None if command is None or not fits else _decode_command(command, grid),
        click=None if click is None or not fits else _decode_click(click, grid),
    )


def _decode_command(command: Any, grid: Grid) -> Command:
    if not isinstance(command, Mapping):
        raise MessageError(f"command is {command!r}, not an object")
    op, rects = command.get("op"), command.get("rects")
    if op not in ("set", "add", "remove"):
        raise MessageError(f"op is {op!r}; expected set, add or remove")
    if not isinstance(rects, list):
        raise MessageError(f"rects is {rects!r}, not a list")
    return Command(op, tuple(_rect(rect, grid) for rect in rects))


def _rect(rect: Any, grid: Grid) -> Rect:
    n_layers, n_components = grid.shape
    if isinstance(rect, list) and len(rect) == 4 and all(map(_is_count, rect)):
        i0, j0, i1, j1 = rect
        if i0 <= i1 < n_layers and j0 <= j1 < n_components:
            return i0, j0, i1, j1
    raise MessageError(f"rect {rect!r} is not inside the grid of {n_layers} × {n_components}")


def _decode_click(click: Any, grid: Grid) -> Click:
    if not isinstance(click, Mapping):
        raise MessageError(f"click is {click!r}, not an object")
    modifiers = click.get("modifiers")
    if not isinstance(modifiers, list) or not all(map(_is_modifier, modifiers)):
        raise MessageError(f"modifiers is {modifiers!r}; known are {sorted(MODIFIERS)}")
    return Click(_flat(click.get("cell"), grid), frozenset(modifiers))


def _flat(flat: Any, grid: Grid) -> int:
    n_layers, n_components = grid.shape
    if not _is_count(flat) or flat >= n_layers * n_components:
        raise MessageError(f"cell is {flat!r}, not one of {n_layers} × {n_components}")
    return int(flat)


def _is_modifier(value: Any) -> bool:
    return isinstance(value, str) and value in MODIFIERS


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def encode_ack(page: str, seq: int) -> dict[str, Any]:
    """Give the answer to a gesture: it has been heard and done."""
    return {"kind": "ack", "page": page, "seq": seq}


def encode_refusal(content: Any, reason: str) -> dict[str, Any]:
    """Give the answer to a message that could not be read."""
    known = content if isinstance(content, Mapping) else {}
    return {"kind": "refused", "page": known.get("page"), "seq": known.get("seq"), "reason": reason}
