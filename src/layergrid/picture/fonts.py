"""Which font has a character, and texts in it.

Pillow brings a font, so that none need be installed, with the letters of ASCII and little else. For
other letters a font of the machine is asked; where it has none they are boxes.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL import ImageFont

    from .signs import Drawn

#: Fonts with many letters, as files of Linux, macOS and Windows call them.
_OTHERS = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "NotoSansCJK-Regular.ttc",
    "Arial Unicode.ttf",
    "Arial.ttf",
    "segoeui.ttf",
    "msyh.ttc",
)


def advance(text: str, face: int, size: int) -> float:
    """Give the width of a text."""
    return float(_font(face, size).getlength(text))


def draw(text: str, face: int, size: int) -> Drawn:
    """Draw a text, on the baseline."""
    mask, (left, top) = _font(face, size).getmask2(text, "L", anchor="ls")
    width, height = mask.size
    return np.frombuffer(bytes(mask), np.uint8).reshape(height, width), left, top


@lru_cache(maxsize=4096)
def face(character: str) -> int:
    """Give the number of the first font that has a character."""
    if " " <= character <= "~":
        return 0  # Pillow's own has them all
    return next((face for face in range(1 + len(_OTHERS)) if _has(face, character)), 0)


def _has(face: int, character: str) -> bool:
    try:
        font = _font(face, 16)
    except OSError:
        return False
    return bytes(font.getmask(character)) != _box(face)


@lru_cache(maxsize=16)
def _box(face: int) -> bytes:
    """Give what a font shows for a character that it has not."""
    return bytes(_font(face, 16).getmask("\U0010fffd"))


@lru_cache(maxsize=64)
def _font(face: int, size: int) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    if face > 0:
        # The basic engine is the same on every machine, with or without Raqm.
        basic = ImageFont.Layout.BASIC
        return ImageFont.truetype(_path(_OTHERS[face - 1]), size, layout_engine=basic)
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)  # every wheel of Pillow brings FreeType
    return font


@lru_cache(maxsize=16)
def _path(name: str) -> str:
    """Give the file of a font: matplotlib brings the first one, wherever it is installed."""
    spec = find_spec("matplotlib") if name == _OTHERS[0] else None
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / name
        if path.exists():
            return str(path)
    return name
