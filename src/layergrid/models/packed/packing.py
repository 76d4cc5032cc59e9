"""Numbers of a few bits, as files pack them. Pure: numpy in, numpy out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

#: FP4, E2M1: one bit of sign, two of exponent, one of mantissa (OCP Microscaling Formats, 5.3.3).
FP4 = np.array(
    [0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6],
    np.float32,
)


def unpack_bits(words: Array, bits: int, count: int, axis: int) -> Array:
    """Give `count` unsigned numbers of `bits` each from 32-bit words, the lowest bits first.

    They follow each other without a gap, over the boundaries of words too.
    """
    words = np.moveaxis(words, axis, -1).view(np.uint32)
    at = np.arange(count) * bits
    word, shift = at // 32, (at % 32).astype(np.uint64)
    # A word and the one after it, of which a number that straddles both has its upper bits.
    both = words.astype(np.uint64)
    after = np.concatenate([both[..., 1:], np.zeros_like(both[..., :1])], -1)
    pair = both | (after << np.uint64(32))
    mask = np.uint64((1 << bits) - 1)
    return np.moveaxis(((pair[..., word] >> shift) & mask).astype(np.uint8), -1, axis)


def nibbles(packed: Array, high_first: bool = False) -> Array:
    """Give the two halves of each byte, one after the other along the last axis."""
    low, high = packed & 0x0F, packed >> 4
    halves = (high, low) if high_first else (low, high)
    return np.stack(halves, -1).reshape(*packed.shape[:-1], -1)


def power_of_two(exponents: Array) -> NDArray[np.float32]:
    """Read bytes as E8M0, powers of two with a bias of 127 (OCP Microscaling Formats, 5.4.1)."""
    exact = np.ldexp(np.float32(1), np.minimum(exponents, 254).astype(np.int32) - 127)
    return np.where(exponents == 255, np.float32(np.nan), exact).astype(np.float32)


def as_float(scale: Array) -> NDArray[np.float32]:
    """Read scales, of which bytes are powers of two, as float32."""
    return power_of_two(scale) if scale.dtype == np.uint8 else scale.astype(np.float32)


def over_blocks(scale: Array, block: int, axis: int, length: int) -> Array:
    """Repeat each scale for the `block` values it is for; the last block may be cut short."""
    return np.repeat(scale, block, axis).take(range(length), axis)
