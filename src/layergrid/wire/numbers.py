"""Arrays and indices as they cross to the page. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..colors import Kind
from ..intake import widen
from ..picks import Picks, join
from ..pyramid import Painted


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


def encode_bits(mask: NDArray[np.bool_]) -> bytes:
    """Give a mask as one bit a cell, in C order, the lowest bit of a byte first.

    Each frame begins with a byte of its own: how many there are shows in the length.
    """
    frames = mask.reshape(*mask.shape[:-2], mask.shape[-2] * mask.shape[-1])
    return np.packbits(frames, axis=-1, bitorder="little").tobytes()


def encode_blocks(blocks: Painted) -> bytes:
    """Give blocks as one byte each, the entry of its colour.

    If any is no number between the limits, a bit for each follows that says whether it is one of
    those, as in `encode_bits`, and after them the kind of each of those, a byte.
    """
    if blocks.kinds is None:
        return blocks.codes.tobytes()
    special = blocks.kinds != Kind.FINITE
    kinds: NDArray[np.uint8] = blocks.kinds[special]
    return blocks.codes.tobytes() + encode_bits(special) + kinds.tobytes()


def encode_picks(picks: Picks) -> list[int]:
    """Give picks as their runs, ``[start, length, start, length, …]``, in pick order."""
    runs: list[int] = np.column_stack((picks.starts, picks.lengths)).ravel().tolist()
    return runs


def decode_picks(runs: Iterable[int]) -> Picks:
    """Undo `encode_picks`."""
    starts, lengths = np.array([*runs], np.int64).reshape(-1, 2).T
    return join(starts, lengths)
