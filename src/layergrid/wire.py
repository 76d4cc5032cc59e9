"""The only codec and the only message schema: what crosses between kernel and page. Pure.

State crosses as traits, one for each part that changes on its own, so that changing one never
resends another. What a person does crosses as messages. ``js/src/wire.ts`` is the other end;
``tests/data/contract.json`` lists what both must know.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeGuard

import numpy as np
from numpy.typing import NDArray

from .colors import bounds
from .intake import Grid, Holes, Label, Labels, widen
from .norms import Norm
from .pyramid import Shape, is_large, overview, remarkable, usual_blocks
from .reserved import reserved
from .selection import Command, Picks, Rect
from .state import State, category_colors, cell_texts, label_of

if TYPE_CHECKING:
    from .link import Link

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
        ),
        lambda s: encode_overview(s) if withheld(s) else b"",
    ),
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
    for trait, (parts, encoder) in _ENCODERS.items():
        if since is None or not _unchanged(parts(state), parts(since)):
            encoded[trait] = encoder(state)
    return encoded


#: Bytes of values that travel at once; with more, steps travel one by one as they are asked for.
AT_ONCE = 8_000_000


def partial(state: State) -> int:
    """Give 0 where all steps travel at once, else the number that tells these values apart."""
    several = state.grid.steps is not None and _bytes(state.grid.values) > AT_ONCE
    return state.edition if several or withheld(state) else 0


def withheld(state: State) -> bool:
    """Whether an overview travels, and values only as they are asked for."""
    return state.edition > 0 and is_large(state.grid)


def _bytes(values: NDArray[Any]) -> int:
    return values.size * wire_dtype(values.dtype).itemsize


def _sent(state: State) -> NDArray[Any]:
    return state.grid.frame(state.step) if partial(state) else state.grid.values


def _sent_holes(state: State) -> Holes:
    return state.grid.frame_holes(state.step) if partial(state) else state.grid.holes


def _blocks(state: State) -> Shape:
    return state.blocks or usual_blocks(state.grid, state.transpose)


def encode_overview(state: State) -> bytes:
    """Give the overview of the present step.

    Eight-byte floats first: blocks of layers and of components, whether the values may be asked
    for, how many kinds there are, and the count of each. Then a byte for the colour of each block,
    and if any is no number between the limits, a byte for the kind of each.
    """
    _, codes, kinds, counts, _ = overview(state.grid, state.step, state.scale, _blocks(state))
    fetchable = _bytes(state.grid.frame(state.step)) <= AT_ONCE
    head = np.array([*codes.shape, fetchable, len(counts), *counts], "<f8")
    return head.tobytes() + codes.tobytes() + (b"" if kinds is None else kinds.tobytes())


def _unchanged(new: tuple[Any, ...], old: tuple[Any, ...]) -> bool:
    return all(
        a is b or (isinstance(a, str | int | float | tuple) and type(a) is type(b) and a == b)
        for a, b in zip(new, old, strict=True)
    )


def whole(state: State) -> State:
    """Give the same state so that all of it travels at once: nobody is there to be asked."""
    return replace(state, edition=0)


def encode_limits(state: State) -> tuple[float, ...]:
    """Give the limits, and after them the values that stand for them if those lie beyond."""
    limits, within = state.color_limits, bounds(state.scale, state.grid.values.dtype)
    return limits if within == limits else (*limits, *within)


def encode_values(values: NDArray[Any]) -> bytes:
    """Give values as little-endian bytes in C order, in a type that the page knows exactly."""
    return np.ascontiguousarray(widen(values), wire_dtype(values.dtype)).tobytes()


def encode_holes(holes: NDArray[np.uint8] | None) -> bytes:
    """Give holes as one byte a cell, nothing where every cell is present."""
    return b"" if holes is None else holes.tobytes()


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


def dtype_name(dtype: np.dtype[Any]) -> str:
    """Give what the page calls the type that values of `dtype` travel in."""
    return "bool" if dtype.kind == "b" else wire_dtype(dtype).name


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


def encode_bits(mask: NDArray[np.bool_]) -> bytes:
    """Give a mask as one bit a cell, in C order, the lowest bit of a byte first.

    Each frame begins with a byte of its own: how many there are shows in the length.
    """
    frames = mask.reshape(*mask.shape[:-2], mask.shape[-2] * mask.shape[-1])
    return np.packbits(frames, axis=-1, bitorder="little").tobytes()


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


def encode_picks(picks: Picks) -> list[int]:
    """Give flat indices as runs, ``[start, length, start, length, …]``, in pick order."""
    flats = np.array(picks, np.int64)
    starts = np.flatnonzero(np.diff(flats, prepend=-2) != 1)
    lengths = np.diff(starts, append=len(flats))
    runs: list[int] = np.column_stack((flats[starts], lengths)).ravel().tolist()
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

#: What a gesture changes.
Target = Literal["selection", "mask"]


@dataclass(frozen=True, slots=True)
class Click:
    """A cell was clicked."""

    flat: int
    modifiers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Gesture:
    """One gesture of the person: a command for the selection or the mask, a click, or both.

    `page` names the page that sends it and `seq` counts its gestures from 1; together they make
    a repeated message harmless. `step` is the step that the person saw, 0 without steps. What
    was done on other axes than the present ones, or at a step that is gone, means nothing now:
    then command and click are None.
    """

    page: str
    seq: int
    target: Target
    step: int
    command: Command | None
    click: Click | None


@dataclass(frozen=True, slots=True)
class Step:
    """The person went to a step; None where there is no such step any more.

    `seq` counts what `page` sends of these: the last one it sent is the one that counts.
    """

    page: str
    seq: int
    step: int | None


@dataclass(frozen=True, slots=True)
class Frames:
    """A page asks for the values of some steps, out of those that `partial` names."""

    page: str
    partial: int
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Painted:
    """A page has painted a live frame, and says whether anybody can see it."""

    page: str
    edition: int
    visible: bool


@dataclass(frozen=True, slots=True)
class Hover:
    """The pointer came to a cell, or left the grid (None)."""

    flat: int | None


@dataclass(frozen=True, slots=True)
class Dismiss:
    """The person has read the error that is shown."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """A page says how many layers and components it has pixels for, in a large grid."""

    shape: Shape


@dataclass(frozen=True, slots=True)
class Read:
    """A page asks which cell of a rectangle stands for it, out of values that `partial` names.

    What was asked about other values or a step that is gone has no rectangle.
    """

    page: str
    partial: int
    step: int
    rect: Rect | None


Message = Gesture | Step | Frames | Blocks | Read | Painted | Hover | Dismiss


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
        case "step":
            step = _count(content, "step")
            gone = step >= n_steps(grid)
            return Step(_page(content), _seq(content), None if gone else step)
        case "frames":
            return _decode_frames(content, grid)
        case "blocks":
            layers, components = _count(content, "layers"), _count(content, "components")
            return Blocks((layers, components))
        case "read":
            return _decode_read(content, grid)
        case "painted":
            visible = content.get("visible")
            if not isinstance(visible, bool):
                raise MessageError(f"visible is {visible!r}, not true or false")
            return Painted(_page(content), _count(content, "edition"), visible)
        case "hover":
            flat = content.get("cell")
            return Hover(None if flat is None else _flat(flat, grid))
        case "dismiss":
            return Dismiss()
        case kind:
            raise MessageError(
                f"kind is {kind!r}; expected gesture, step, frames, blocks, read, painted, hover "
                "or dismiss"
            )


def _decode_gesture(content: Mapping[str, Any], grid: Grid) -> Gesture:
    target, step = content.get("target"), _count(content, "step")
    if target not in ("selection", "mask"):
        raise MessageError(f"target is {target!r}; expected selection or mask")
    fits = content.get("axes") == axes_id(grid.layers, grid.components) and step < n_steps(grid)
    command, click = content.get("command"), content.get("click")
    return Gesture(
        page=_page(content),
        seq=_seq(content),
        target=target,
        step=step,
        command=None if command is None or not fits else _decode_command(command, grid),
        click=None if click is None or not fits else _decode_click(click, grid),
    )


def _decode_frames(content: Mapping[str, Any], grid: Grid) -> Frames:
    steps = content.get("steps")
    if not isinstance(steps, list) or not all(map(_is_count, steps)):
        raise MessageError(f"steps is {steps!r}, not a list of positions")
    here = tuple(step for step in dict.fromkeys(steps) if step < n_steps(grid))
    return Frames(_page(content), _count(content, "partial"), here)


def _decode_read(content: Mapping[str, Any], grid: Grid) -> Read:
    step, rect = _count(content, "step"), content.get("rect")
    here = step < n_steps(grid)
    return Read(
        _page(content), _count(content, "partial"), step, _rect(rect, grid) if here else None
    )


def n_steps(grid: Grid) -> int:
    """Give how many steps there are to be at: one, without steps."""
    return 1 if grid.steps is None else len(grid.steps)


def _page(content: Mapping[str, Any]) -> str:
    page = content.get("page")
    if not isinstance(page, str) or not 0 < len(page) <= 64:
        raise MessageError(f"page is {page!r}, not a short string")
    return page


def _seq(content: Mapping[str, Any]) -> int:
    seq = content.get("seq")
    if not _is_count(seq) or seq < 1:
        raise MessageError(f"seq is {seq!r}, not a positive integer")
    return seq


def _count(content: Mapping[str, Any], field: str) -> int:
    count = content.get(field)
    if not _is_count(count):
        raise MessageError(f"{field} is {count!r}, not a position")
    return count


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
    return flat


def _is_modifier(value: Any) -> bool:
    return isinstance(value, str) and value in MODIFIERS


def _is_count(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


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


#: What a frame decides, whatever was shown before it.
_OF_A_FRAME = ("_dtype", "_holes", "_limits", "_norm")


def encode_live(state: State, shown: State, heard: int) -> tuple[dict[str, Any], list[bytes]]:
    """Give a live frame: the traits of `state` that differ from those of `shown`, as a message.

    Those that are bytes come as buffers, in the order of `binary`. `heard` is the last edition
    that a page is known to have painted.
    """
    traits = encode(state, since=shown)
    traits |= {trait: _ENCODERS[trait][1](state) for trait in _OF_A_FRAME if trait not in traits}
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
