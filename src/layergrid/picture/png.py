"""A picture as a PNG, with a palette if its colours fit into one."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .canvas import Codes, Rgb

#: What the palette of a PNG holds.
MOST_COLOURS = 256


def encode(codes: Codes, colours: list[Rgb], thorough: bool = False) -> bytes:
    """Give a PNG of codes, which stand for `colours`; a thorough one is smaller, and takes long."""
    height, width = codes.shape
    table = np.array(colours, np.uint8)
    indexed = len(table) <= MOST_COLOURS
    pixels = codes.astype(np.uint8, copy=False)
    if not indexed:
        pixels = table[codes].reshape(height, -1)
    # Lines of cells repeat the one above, which the filter makes zeros, and runs pack fast.
    fast = indexed and not thorough
    strategy = zlib.Z_RLE if fast else zlib.Z_DEFAULT_STRATEGY
    # Runs need little memory, and with more of it they take longer.
    level, memory = (9, 9) if thorough else (1, 6)
    packer = zlib.compressobj(level, zlib.DEFLATED, zlib.MAX_WBITS, memory, strategy)
    packed = b"".join(packer.compress(lines) for lines in _filtered(pixels, up=fast or not indexed))
    packed += packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 3 if indexed else 2, 0, 0, 0)
    chunks = [(b"IHDR", header)]
    if indexed:
        chunks.append((b"PLTE", table.tobytes()))
    chunks += [(b"IDAT", packed), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


#: The filter of a PNG's line that takes the line above away.
_UP = 2
_LINES = 64


def _filtered(pixels: NDArray[np.uint8], up: bool) -> Iterator[memoryview]:
    """Give the lines of a PNG, each after its filter's number, some at a time: they stay in cache.

    The filter `up` keeps the difference from the line above.
    """
    height, width = pixels.shape
    lines = np.zeros((_LINES, width + 1), np.uint8)
    lines[0, 1:] = pixels[0]
    yield lines[0].data
    lines[:, 0] = _UP if up else 0
    for top in range(1, height, _LINES):
        bottom = min(top + _LINES, height)
        some = lines[: bottom - top]
        if up:
            np.subtract(pixels[top:bottom], pixels[top - 1 : bottom - 1], out=some[:, 1:])
        else:
            some[:, 1:] = pixels[top:bottom]
        yield some.data


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
