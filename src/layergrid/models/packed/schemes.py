"""How each scheme of quantisation turns its parts back into one parameter. Pure.

Each function takes the parts by their tails and a range along the first axis of the result, and
gives those of its rows (or experts) as float32. So a large parameter is never whole in memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .packing import FP4, as_float, nibbles, over_blocks, power_of_two, unpack_bits

Parts = Mapping[str, Any]
Values = NDArray[np.float32]


def pruned(parts: Parts, start: int, stop: int) -> Values:
    """Pruning of torch: the parameter as it was before, times a mask of zeros and ones."""
    before, mask = (
        np.asarray(parts[tail][start:stop]).astype(np.float32) for tail in ("_orig", "_mask")
    )
    with np.errstate(invalid="ignore"):  # what is not finite is NaN behind a mask, as in a pass
        return before * mask


def gptq(parts: Parts, start: int, stop: int, *, bits: int, offset: int) -> Values:
    """GPTQ: (q − z − offset) · s, a row of `scales` for each group of inputs.

    `qweight` is packed along the inputs, `qzeros` along the outputs. Files of the first format
    keep z − 1, which is `offset` 1 (AutoGPTQ, ``qlinear_cuda_old.py``; GPTQModel's conversion of
    formats).
    """
    n_out = parts["scales"].shape[1]
    n_in = parts["qweight"].shape[0] * 32 // bits
    q = unpack_bits(np.asarray(parts["qweight"][:, start:stop]), bits, n_in, 0)
    zeros = unpack_bits(np.asarray(parts["qzeros"]), bits, n_out, 1)[:, start:stop]
    zeros = (zeros + offset) & ((1 << bits) - 1)
    scales = np.asarray(parts["scales"][:, start:stop]).astype(np.float32)
    if "g_idx" in parts:
        group = np.asarray(parts["g_idx"])
    else:
        group = np.arange(n_in) // -(-n_in // len(scales))
    weight = (q.astype(np.float32) - zeros[group]) * scales[group]
    return np.ascontiguousarray(weight.T)


#: Which of a word's eight places each output of AWQ has (AutoAWQ, ``packing_utils.py``).
_AWQ_PLACES = [0, 4, 1, 5, 2, 6, 3, 7]


def awq(parts: Parts, start: int, stop: int) -> Values:
    """AWQ, version GEMM: (q − z) · s, all packed along the outputs, eight in a word."""

    def unpack(words: Any) -> NDArray[Any]:
        count = (stop - start) // 8 * 8
        q = unpack_bits(np.asarray(words[:, start // 8 : stop // 8]), 4, count, 1)
        return q.reshape(len(q), -1, 8)[:, :, _AWQ_PLACES].reshape(len(q), -1)

    q, zeros = unpack(parts["qweight"]), unpack(parts["qzeros"])
    scales = np.asarray(parts["scales"][:, start:stop]).astype(np.float32)
    group = np.arange(len(q)) // (len(q) // len(scales))
    weight = (q.astype(np.float32) - zeros[group]) * scales[group]
    return np.ascontiguousarray(weight.T)


def packed_ints(parts: Parts, start: int, stop: int, *, bits: int, n_in: int) -> Values:
    """compressed-tensors, pack-quantized: (q − z) · s, packed along the inputs.

    Signed numbers are kept with 2^(bits − 1) added; zero points are packed along the outputs.
    """
    packed = parts["weight_packed"]
    q = unpack_bits(np.asarray(packed[start:stop]), bits, n_in, 1).astype(np.float32)
    scale = np.asarray(parts["weight_scale"][start:stop]).astype(np.float32)
    if "weight_zero_point" in parts:
        words = np.asarray(parts["weight_zero_point"])
        zero = unpack_bits(words, bits, len(packed), 0)[start:stop].astype(np.float32)
    else:
        zero = np.full_like(scale, 1 << (bits - 1))
    if "weight_g_idx" in parts:
        group = np.asarray(parts["weight_g_idx"])
    else:
        group = np.arange(n_in) // (n_in // scale.shape[1])
    return (q - zero[:, group]) * scale[:, group]


def scaled(
    parts: Parts, start: int, stop: int, *, scale: str, block: tuple[int, int] | None
) -> Values:
    """Numbers of 8 bits times a scale: of all, of each output, or of each block of a matrix."""
    weight = np.asarray(parts["weight"][start:stop]).astype(np.float32)
    factor = np.asarray(parts[scale])
    if factor.size == 1:
        factor = as_float(factor).reshape(())
    elif block is None:
        factor = as_float(factor[start:stop])
        factor = factor.reshape(*factor.shape, *(1,) * (weight.ndim - factor.ndim))
    elif weight.ndim == 3:
        factor = over_blocks(as_float(factor[start:stop]), block[0], 1, weight.shape[1])
        factor = over_blocks(factor, block[1], 2, weight.shape[2])
    else:
        first = start // block[0]
        factor = as_float(factor[first : -(-stop // block[0])])
        factor = np.repeat(factor, block[0], 0)[start - first * block[0] :][: len(weight)]
        factor = over_blocks(factor, block[1], 1, weight.shape[1])
    if "weight_zero_point" in parts:
        zero = np.asarray(parts["weight_zero_point"]).astype(np.float32)
        weight = weight - (zero.reshape(()) if zero.size == 1 else zero[start:stop])
    return np.asarray(weight * factor, np.float32)


def bnb_int8(parts: Parts, start: int, stop: int) -> Values:
    """bitsandbytes, LLM.int8(): q · SCB / 127, with the largest |w| of each output in `SCB`."""
    scale = np.asarray(parts["SCB"][start:stop]).astype(np.float32) / 127
    weight = np.asarray(parts["weight"][start:stop]).astype(np.float32)
    return np.asarray(weight * scale[:, None], np.float32)


def bnb_4bit(
    parts: Parts,
    start: int,
    stop: int,
    *,
    row: int,
    block: int,
    nested: tuple[int, float] | None,
) -> Values:
    """bitsandbytes, NF4 and FP4: a table's entry times the largest |w| of its block.

    The upper half of a byte comes first. With double quantisation (`nested`: its block, and the
    mean that was taken off) the largest ones are themselves entries of a table.
    """
    first, last = start * row, stop * row
    flat = parts["weight"].reshape(-1)[first // 2 : -(-last // 2)]
    codes = nibbles(np.asarray(flat), high_first=True)[first % 2 :][: last - first]
    blocks = np.arange(first // block, -(-last // block))
    largest = np.asarray(parts["weight.absmax"])[blocks]
    if nested is not None:
        outer = np.asarray(parts["weight.nested_absmax"])[blocks // nested[0]]
        table = np.asarray(parts["weight.nested_quant_map"]).astype(np.float32)
        largest = table[largest] * outer + np.float32(nested[1])
    table = np.asarray(parts["weight.quant_map"]).astype(np.float32)
    each = np.repeat(largest, block)[first - blocks[0] * block :][: last - first]
    return np.asarray(table[codes] * each, np.float32).reshape(stop - start, row)


def fp4(parts: Parts, start: int, stop: int, *, overall: bool) -> Values:
    """compressed-tensors, NVFP4 and MXFP4: FP4 times the scale of its block of inputs.

    NVFP4 divides by a scale of the whole tensor besides, MXFP4's scales are powers of two.
    """
    values = FP4[nibbles(np.asarray(parts["weight_packed"][start:stop]))]
    scale = as_float(np.asarray(parts["weight_scale"][start:stop]))
    if overall:
        scale = scale / np.asarray(parts["weight_global_scale"]).astype(np.float32).reshape(())
    return np.asarray(values * np.repeat(scale, values.shape[1] // scale.shape[1], 1), np.float32)


def mxfp4_experts(parts: Parts, start: int, stop: int) -> Values:
    """MXFP4 as in gpt-oss: FP4 times a power of two per block, each matrix then as (in, out).

    `_blocks` is (expert, out, block, byte), `_scales` (expert, out, block).
    """
    values = FP4[nibbles(np.asarray(parts["_blocks"][start:stop]))]
    values = values * power_of_two(np.asarray(parts["_scales"][start:stop]))[..., None]
    return np.ascontiguousarray(values.reshape(*values.shape[:2], -1).swapaxes(1, 2))
