"""Text as small pictures: how wide it is, and how much ink each of its pixels takes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import fonts, signs

#: Shades from nothing to full ink.
LEVELS = 7
#: The shade of each amount of ink, 0 … 255.
_SHADE = np.rint(np.arange(256) * (LEVELS / 255)).astype(np.uint8)


class Stamp(NamedTuple):
    """One text: how much ink each pixel takes, 0 … `LEVELS`, and where its pixels are.

    `left` and `top` are the first pixel's place from the start of the text's baseline.
    """

    ink: NDArray[np.uint8]
    left: int
    top: int
    advance: float


@lru_cache(maxsize=4096)
def measure(text: str, size: int) -> float:
    """Give the width of a text, in pixels."""
    return sum(_advance(run, face, size) for face, run in _runs(text))


@lru_cache(maxsize=4096)
def stamp(text: str, size: int, bold: bool = False) -> Stamp:
    """Draw a text `size` pixels high."""
    parts = []
    advance = 0.0
    for face, run in _runs(text):
        if face == _SIGN:
            ink, left, top = signs.draw(run, size)
        else:
            ink, left, top = fonts.draw(run, face, size)
        parts.append((ink, left + round(advance), top))
        advance += _advance(run, face, size)
    ink, left, top = _join(parts)
    if bold:
        # The font has one weight: half a pixel of the page wider is bold enough.
        wider = np.zeros((ink.shape[0], ink.shape[1] + 1), np.uint8)
        wider[:, 1:] = ink
        np.maximum(wider[:, :-1], ink, out=wider[:, :-1])
        ink = wider
    levels = _SHADE[ink]
    levels.flags.writeable = False
    return Stamp(levels, left, top, advance + bold)


def _join(parts: list[signs.Drawn]) -> signs.Drawn:
    """Give one drawing of several."""
    if len(parts) == 1:
        return parts[0]
    left = min((left for _, left, _ in parts), default=0)
    top = min((top for _, _, top in parts), default=0)
    right = max((left + ink.shape[1] for ink, left, _ in parts), default=0)
    bottom = max((top + ink.shape[0] for ink, _, top in parts), default=0)
    whole = np.zeros((bottom - top, right - left), np.uint8)
    for ink, x, y in parts:
        region = whole[y - top : y - top + ink.shape[0], x - left : x - left + ink.shape[1]]
        np.maximum(region, ink, out=region)
    return whole, left, top


_SIGN = -1


def _runs(text: str) -> Iterator[tuple[int, str]]:
    """Split a text where the font changes; a sign stands alone."""
    # As on the page, every kind of space is a space, that at the end of a line too.
    spaced = "".join(" " if character.isspace() else character for character in text)
    for face, characters in groupby(spaced, key=_face):
        run = "".join(characters)
        if face == _SIGN:
            yield from ((face, sign) for sign in run)
        else:
            yield face, run


def _face(character: str) -> int:
    return _SIGN if character in signs.WIDTHS else fonts.face(character)


def _advance(run: str, face: int, size: int) -> float:
    return signs.WIDTHS[run] * size if face == _SIGN else fonts.advance(run, face, size)
