"""What the page says: messages, read and trusting nothing. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeGuard

from ..intake import Grid
from ..pyramid import Shape
from ..selection import Command, Rect
from .traits import axes_id

MODIFIERS = frozenset({"ctrl", "meta", "shift", "alt"})


#: What a gesture changes.
Target = Literal["selection", "mask"]


class Click(NamedTuple):
    """A cell was clicked."""

    flat: int
    modifiers: frozenset[str]


class Gesture(NamedTuple):
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


class Step(NamedTuple):
    """The person went to a step; None where there is no such step any more.

    `seq` counts what `page` sends of these: the last one it sent is the one that counts.
    """

    page: str
    seq: int
    step: int | None


class Frames(NamedTuple):
    """A page asks for the values of some steps, out of those that `partial` names."""

    page: str
    partial: int
    steps: tuple[int, ...]


class Painted(NamedTuple):
    """A page has painted a live frame, and says whether anybody can see it."""

    page: str
    edition: int
    visible: bool


class Hover(NamedTuple):
    """The pointer came to a cell, or left the grid (None)."""

    flat: int | None


class Placed(NamedTuple):
    """Where a page has put the cells; lengths in CSS pixels, within the picture.

    Attributes
    ----------
    current : bool
        Whether it is of the present axes.
    room : float
        Width of the box that the heatmap stands in with others.
    transpose : bool
        Whether layers stand side by side there.
    cells : (float, float, float, float)
        Left, top, width and height of all cells.
    size, cell : (float, float)
        Width and height, of the picture and of a cell.
    layers, components : tuple of float
        Middle of each, from the first cell's edge on; empty for a long axis. One that is out of
        sight lies beyond the cells.
    """

    current: bool
    room: float
    transpose: bool
    cells: tuple[float, float, float, float]
    size: tuple[float, float]
    cell: tuple[float, float]
    layers: tuple[float, ...]
    components: tuple[float, ...]


class Dismiss(NamedTuple):
    """The person has read the error that is shown."""


class Blocks(NamedTuple):
    """A page says how many layers and components it has pixels for, in a large grid."""

    shape: Shape


class Read(NamedTuple):
    """A page asks which cell of a rectangle stands for it, out of values that `partial` names.

    What was asked about other values or a step that is gone has no rectangle.
    """

    page: str
    partial: int
    step: int
    rect: Rect | None


class Tile(NamedTuple):
    """A page asks for blocks of some cells, so many of layers and of components; see `Read`."""

    page: str
    partial: int
    step: int
    rect: Rect | None
    blocks: Shape


Message = Gesture | Step | Frames | Blocks | Read | Tile | Painted | Hover | Placed | Dismiss


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
            return Read(*_decode_part(content, grid))
        case "tile":
            blocks = content.get("blocks")
            if not (isinstance(blocks, list) and len(blocks) == 2 and all(map(_is_count, blocks))):
                raise MessageError(f"blocks is {blocks!r}, not two counts")
            return Tile(*_decode_part(content, grid), (blocks[0], blocks[1]))
        case "painted":
            visible = content.get("visible")
            if not isinstance(visible, bool):
                raise MessageError(f"visible is {visible!r}, not true or false")
            return Painted(_page(content), _count(content, "edition"), visible)
        case "hover":
            flat = content.get("cell")
            return Hover(None if flat is None else _flat(flat, grid))
        case "placed":
            return _decode_placed(content, grid)
        case "dismiss":
            return Dismiss()
        case kind:
            raise MessageError(
                f"kind is {kind!r}; expected gesture, step, frames, blocks, read, tile, painted, "
                "hover, placed or dismiss"
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


def _decode_part(content: Mapping[str, Any], grid: Grid) -> tuple[str, int, int, Rect | None]:
    step, rect = _count(content, "step"), content.get("rect")
    here = step < n_steps(grid)
    known = _rect(rect, grid) if here else None
    return _page(content), _count(content, "partial"), step, known


def _decode_placed(content: Mapping[str, Any], grid: Grid) -> Placed:
    transpose = content.get("transpose")
    if not isinstance(transpose, bool):
        raise MessageError(f"transpose is {transpose!r}, not true or false")
    current = content.get("axes") == axes_id(grid.layers, grid.components)
    left, top, width, height = _lengths(content, "cells", 4)
    across, down = _lengths(content, "size", 2)
    cell_width, cell_height = _lengths(content, "cell", 2)
    layers, components = _lengths(content, "layers"), _lengths(content, "components")
    for middles, count in zip((layers, components), grid.shape, strict=True):
        if current and len(middles) not in (0, count):
            raise MessageError(f"there are {len(middles)} middles of {count} cells")
    return Placed(
        current=current,
        room=_length(content, "room"),
        transpose=transpose,
        cells=(left, top, width, height),
        size=(across, down),
        cell=(cell_width, cell_height),
        layers=layers,
        components=components,
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


def _length(content: Mapping[str, Any], field: str) -> float:
    found = content.get(field)
    if not _is_length(found):
        raise MessageError(f"{field} is {found!r}, not a length")
    return found


def _lengths(content: Mapping[str, Any], field: str, count: int | None = None) -> tuple[float, ...]:
    found = content.get(field)
    if not isinstance(found, list) or not all(map(_is_length, found)):
        raise MessageError(f"{field} is {found!r}, not a list of lengths")
    if count is not None and len(found) != count:
        raise MessageError(f"{field} has {len(found)} lengths; expected {count}")
    return tuple(found)


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


def _is_length(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6


def _is_count(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
