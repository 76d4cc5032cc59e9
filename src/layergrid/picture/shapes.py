"""Marks that are drawn, not written: rectangles of whole pixels, crisp in small cells. Pure.

``js/src/paint/shapes.ts`` does the same for the page; ``tests/data/shapes.json`` holds cases for
both.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..colors import Kind
from .axes import Axis

#: Left, top, width, height, from the cell's corner.
Rectangle = tuple[int, int, int, int]
Shape = list[Rectangle]


class Room(NamedTuple):
    """What all cells measure, in pixels.

    `line` is the width of a thin line, `digits` the height of the digits that are written in the
    middle, 0 without text.
    """

    w: int
    h: int
    line: int
    digits: float = 0


#: Cells closer together than this, in CSS pixels, carry no marks.
_LEAST_PITCH = 8


def carry_marks(rows: Axis, columns: Axis, ratio: float) -> bool:
    """Whether cells are large enough for marks."""
    return min(rows.pitch, columns.pitch) >= _LEAST_PITCH * ratio


def shape_of(kind: Kind, room: Room) -> Shape:
    """Give the mark of a kind of cell, none for what has none."""
    match kind:
        case Kind.POSITIVE_INFINITY:
            return _chevrons(room)
        case Kind.NEGATIVE_INFINITY:
            return _flipped(_chevrons(room), room)
        case Kind.OVER:
            return _triangle(room)
        case Kind.UNDER:
            return _flipped(_triangle(room), room)
        case Kind.NONPOSITIVE:
            return _cross(room)
        case Kind.ABSENT:
            return _dash(room)
        case Kind.PENDING:
            return _dot(room)
    return []


def taken_of(room: Room) -> int:
    """Tell how much of the width a triangle takes from a text: none where it stands above it."""
    height, margin = _triangle_in(room)
    return 0 if margin + height < _above(room) else 2 * (height + room.line)


def hatch(room: Room, across: int, down: int) -> NDArray[np.bool_]:
    """Give the pixels of slanted lines that keep off a word in the middle."""
    period = 4 * room.line
    lines = np.add.outer(np.arange(room.h), np.arange(room.w)) % period < room.line
    left, top = max(0, (room.w - across) >> 1), max(0, (room.h - down) >> 1)
    lines[top : top + down, left : left + across] = False
    return lines


def rim(room: Room) -> NDArray[np.bool_]:
    """Give the pixels of a frame just inside the cell."""
    pixels = np.ones((room.h, room.w), bool)
    pixels[room.line : -room.line, room.line : -room.line] = False
    return pixels


def stencil(shape: Shape, room: Room) -> NDArray[np.bool_]:
    """Give the pixels of a shape."""
    pixels = np.zeros((room.h, room.w), bool)
    for x, y, w, h in shape:
        pixels[y : y + h, x : x + w] = True
    return pixels


def _triangle_in(room: Room) -> tuple[int, int]:
    """Tell how high a triangle is, and how far off the edge: clear of an outline if it can be."""
    w, h, line, digits = room
    free = math.floor(_above(room)) - line if digits else h
    natural = _within(min(w, h) // 5, 3 * line, 5 * line)
    height = min(natural, max(free, 2 * line + 1), (w - line) >> 1)
    rest = free - height if digits else (h - height) >> 2
    return height, _within(rest, 0, 3 * line)


def _above(room: Room) -> float:
    """Tell what is free above a text, and below it."""
    return (room.h - room.digits) / 2


def _triangle(room: Room) -> Shape:
    height, margin = _triangle_in(room)
    apex = (room.w - 1) >> 1
    # Beside a text rather than over its middle, where it would read as an accent.
    aside = apex - height + 1 - room.line if room.digits else 0
    return [(aside + apex - r, margin + r, room.w - 2 * (apex - r), 1) for r in range(height)]


def _chevrons(room: Room) -> Shape:
    w, h, line, _ = room
    arm = _arm(room)
    apart = 2 * line + 1
    left, top = (w - line) >> 1, (h - arm - line - apart) >> 1
    upper = [(left - r, top + r, line, line) for r in range(arm + 1)]
    lower = [(x, y + apart, line, line) for x, y, _, _ in upper]
    return _mirrored([*upper, *lower], room)


def _cross(room: Room) -> Shape:
    w, h, line, _ = room
    arm = _arm(room)
    left, top = ((w - line) >> 1) - arm, ((h - line) >> 1) - arm
    return _mirrored([(left + r, top + r, line, line) for r in range(2 * arm + 1)], room)


def _dash(room: Room) -> Shape:
    w, h, line, _ = room
    left = ((w - line) >> 1) - _arm(room)
    return [(left, (h - line) >> 1, w - 2 * left, line)]


def _dot(room: Room) -> Shape:
    w, h, line, _ = room
    left, top = (w - 3 * line) >> 1, (h - 3 * line) >> 1
    across, down, corner = w - 2 * left, h - 2 * top, line - 1
    return [
        (left + corner, top, across - 2 * corner, down),
        (left, top + corner, across, down - 2 * corner),
    ]


def _arm(room: Room) -> int:
    """Tell how far a mark reaches from the middle."""
    return min(3 * room.line, (min(room.w, room.h) - 1 - 2 * room.line) >> 1)


def _mirrored(shape: Shape, room: Room) -> Shape:
    return [*shape, *((room.w - x - w, y, w, h) for x, y, w, h in shape)]


def _flipped(shape: Shape, room: Room) -> Shape:
    return [(x, room.h - y - h, w, h) for x, y, w, h in shape]


def _within(at: int, least: int, most: int) -> int:
    return max(least, min(most, at))
