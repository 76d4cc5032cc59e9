"""A tensor of any library, on any device, as what statistics are of: blocks, a matrix, a header."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...intake import is_number
from ...intake.arrays import to_numpy
from ...intake.recognise import is_a
from ...intake.tensors import from_torch
from .blocks import blocks, not_real
from .devices import BLOCK, device_blocks, device_matrix, has_float64
from .headers import Header
from .moments import Block
from .spectra import Matrix, host_matrix


def blocks_of(tensor: Any) -> Iterator[Block]:
    """Give the values of a tensor block by block, in any order.

    Raises
    ------
    TypeError
        For what is no tensor of real numbers.
    ValueError
        If it holds no values, as a meta tensor does.
    """
    values = _settled(_as_it_lies(tensor))
    if isinstance(values, np.ndarray):
        return blocks([values.ravel(order="K")])
    if has_float64(values.device.type):
        return device_blocks(values)
    return blocks(from_torch(part) for part in values.reshape(-1).split(BLOCK))


def matrix_of(tensor: Any) -> Matrix:
    """Describe a tensor as a matrix, one of more than two dimensions flattened to (out, −1).

    Raises
    ------
    TypeError
        For what is no tensor of real numbers.
    ValueError
        If it has less than two dimensions, or holds no values, as a meta tensor does.
    """
    values = _settled(tensor)
    shape = tuple(values.shape)
    if len(shape) < 2:
        raise ValueError(
            f"tensor has shape {shape}, which is no matrix; "
            "singular values need two dimensions or more"
        )
    flat = values.reshape(shape[0], math.prod(shape[1:]))
    if isinstance(flat, np.ndarray):
        return host_matrix(flat)
    if has_float64(flat.device.type):
        return device_matrix(flat)
    return host_matrix(from_torch(flat))


def header_of(tensor: Any) -> Header:
    """Give what tells a tensor's shape and size, without its values if it can be."""
    told = hasattr(tensor, "shape") and hasattr(tensor, "nbytes")
    return tensor if told else to_numpy(tensor)[0]


def _as_it_lies(tensor: Any) -> Any:
    """Turn a torch tensor the way its values follow each other in memory.

    One that is transposed would be copied whole to be read in its own order.
    """
    torch = sys.modules.get("torch")
    if torch is None or type(tensor) not in (torch.Tensor, torch.nn.Parameter):
        return tensor
    if tensor.layout != torch.strided or tensor.is_quantized or tensor.is_nested:
        return tensor
    return tensor.permute(sorted(range(tensor.ndim), key=tensor.stride, reverse=True))


def _settled(tensor: Any) -> Any:
    """Give a numpy array, without a copy where that can be, or a dense torch tensor elsewhere."""
    values, holes = (
        (_settled_torch(tensor), None) if is_a(tensor, "torch", "Tensor") else to_numpy(tensor)
    )
    if holes is not None:
        raise ValueError(
            "tensor is a masked array, of which some values are absent: pass "
            "tensor.compressed(), or tensor.filled(0) if they stand for zeros"
        )
    real = is_number(values.dtype) if isinstance(values, np.ndarray) else not values.is_complex()
    if not real:
        raise not_real(values.dtype)
    return values


def _settled_torch(tensor: Any) -> Any:
    kind = "meta tensor" if tensor.is_meta else type(tensor).__name__
    if tensor.is_meta or kind == "FakeTensor":
        raise ValueError(
            f"tensor is a {kind} of shape {tuple(tensor.shape)}: it has no values. Load the "
            "weights first; only parameters and bytes are known without"
        )
    tensor = tensor.detach()
    if hasattr(tensor, "full_tensor"):  # a DTensor, of which each process holds a part
        tensor = tensor.full_tensor()
    if tensor.device.type == "cpu":
        return from_torch(tensor)
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    return tensor if tensor.layout == sys.modules["torch"].strided else tensor.to_dense()
