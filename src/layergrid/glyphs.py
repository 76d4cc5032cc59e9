"""Text as small pictures for the snapshot, drawn with Pillow's own font: it needs none installed.

That font has the letters of ASCII and little else. The signs that numbers need (−, ∞, ×, –) are
drawn here; for other letters a font of the machine is asked, and where it has none they are boxes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

#: Shades from nothing to full ink.
LEVELS = 7


@dataclass(frozen=True, slots=True)
class Stamp:
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
    from PIL import Image, ImageDraw

    advance = measure(text, size)
    # Room on all sides: letters such as j reach out of their own width.
    pad, baseline = size // 4 + 1, size + size // 4
    shape = (math.ceil(advance) + 2 * pad, baseline + size // 2)
    image = Image.new("L", shape)
    draw = ImageDraw.Draw(image)
    x = float(pad)
    for face, run in _runs(text):
        if face == _SIGN:
            _draw_sign(image, run, round(x), baseline, size)
        else:
            draw.text((round(x), baseline), run, fill=255, font=_font(face, size), anchor="ls")
        x += _advance(run, face, size)
    ink = np.asarray(image).astype(np.float32) / 255
    if bold:
        # The font has one weight: half a pixel of the page wider is bold enough.
        ink[:, 1:] = np.maximum(ink[:, 1:], ink[:, :-1])
    levels = np.rint(ink * LEVELS).astype(np.uint8)
    lines, columns = (np.flatnonzero(levels.any(axis)) for axis in (1, 0))
    if lines.size == 0:
        return Stamp(levels[:0, :0], 0, 0, advance)
    top, left = int(lines[0]), int(columns[0])
    levels = levels[top : lines[-1] + 1, left : columns[-1] + 1].copy()
    levels.flags.writeable = False
    return Stamp(levels, left - pad, top - baseline, advance + bold)


# ── which font has a character ───────────────────────────────────────────────────────────────

_SIGN = -1

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


def _runs(text: str) -> list[tuple[int, str]]:
    """Split a text where the font changes; a sign stands alone."""
    keyed = groupby(text, key=_face)
    runs: list[tuple[int, str]] = []
    for face, characters in keyed:
        run = "".join(characters)
        runs += [(face, c) for c in run] if face == _SIGN else [(face, run)]
    return runs


@lru_cache(maxsize=4096)
def _face(character: str) -> int:
    if character in _SIGNS:
        return _SIGN
    for face in range(1 + len(_OTHERS)):
        if _has(face, character):
            return face
    return 0


def _has(face: int, character: str) -> bool:
    try:
        font = _font(face, 16)
    except OSError:
        return False
    return character.isspace() or bytes(font.getmask(character)) != _box(face)


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


def _advance(run: str, face: int, size: int) -> float:
    if face == _SIGN:
        return _SIGNS[run][0] * size
    return float(_font(face, size).getlength(run))


# ── signs ────────────────────────────────────────────────────────────────────────────────────

_STROKE = 0.085


def _bar(draw: ImageDraw.ImageDraw, x: float, y: float, unit: float) -> None:
    _line(draw, x + 0.06 * unit, y - 0.32 * unit, x + 0.5 * unit, y - 0.32 * unit, unit)


def _dash(draw: ImageDraw.ImageDraw, x: float, y: float, unit: float) -> None:
    _line(draw, x + 0.04 * unit, y - 0.27 * unit, x + 0.52 * unit, y - 0.27 * unit, unit)


def _times(draw: ImageDraw.ImageDraw, x: float, y: float, unit: float) -> None:
    reach, middle = 0.17 * unit, (x + 0.28 * unit, y - 0.32 * unit)
    for slope in (-1, 1):
        _line(
            draw,
            middle[0] - reach,
            middle[1] - slope * reach,
            middle[0] + reach,
            middle[1] + slope * reach,
            unit,
        )


def _infinity(draw: ImageDraw.ImageDraw, x: float, y: float, unit: float) -> None:
    # A lemniscate, a little wider in its loops than Bernoulli's.
    points = []
    for k in range(97):
        t = k * math.tau / 96
        scale = 1 / (1 + math.sin(t) ** 2)
        points.append(
            (
                x + unit * (0.42 + 0.36 * math.cos(t) * scale),
                y - unit * (0.31 + 0.52 * math.sin(t) * math.cos(t) * scale),
            )
        )
    draw.line(points, fill=255, width=round(_STROKE * unit), joint="curve")


def _line(
    draw: ImageDraw.ImageDraw, x0: float, y0: float, x1: float, y1: float, unit: float
) -> None:
    draw.line(((x0, y0), (x1, y1)), fill=255, width=round(_STROKE * unit))


_Sign = Callable[["ImageDraw.ImageDraw", float, float, float], None]

#: Width in parts of the size, and how to draw it.
_SIGNS: dict[str, tuple[float, _Sign]] = {
    "−": (0.56, _bar),
    "–": (0.56, _dash),
    "×": (0.56, _times),
    "∞": (0.84, _infinity),
}
_FINER = 8


def _draw_sign(image: Image.Image, sign: str, x: int, baseline: int, size: int) -> None:
    """Draw a sign larger than it is and shrink it, which smooths its edges."""
    from PIL import Image, ImageDraw

    width, draw = _SIGNS[sign]
    box = (math.ceil(width * size), baseline + size // 2)
    large = Image.new("L", (box[0] * _FINER, box[1] * _FINER))
    draw(ImageDraw.Draw(large), 0, baseline * _FINER, size * _FINER)
    image.paste(large.resize(box, Image.Resampling.BOX), (x, 0))
