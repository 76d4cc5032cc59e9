"""A mapping of names to tensors, such as a state dict, as a `Source`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...intake.arrays import to_numpy
from ...intake.recognise import is_a
from ..names import is_buffer
from ..slices import Slice
from ..source import Entry


def mapping_source(mapping: Mapping[str, Any], title: str = "mapping") -> MappingSource:
    """Take a mapping of names to tensors for a source.

    Parameters
    ----------
    mapping : mapping of str to tensor
        Tensors of numpy, torch (meta tensors too), JAX or any other library, if they have a
        `shape` and a `dtype`. Entries that are None, such as a state dict's extra state, are left
        out, and so are buffers that are known by their names, such as ``inv_freq``.
    title : str
        What to call it.

    Raises
    ------
    TypeError
        For a key that is no string, or a value that is no tensor; says where tensors are instead,
        as in a training checkpoint.
    """
    return MappingSource(mapping, title)


class MappingSource:
    """The `Source` that `mapping_source` gives; it shares the tensors, and copies none."""

    #: There are no configuration and no file.
    config: Mapping[str, Any] = {}  # a read-only constant of the protocol

    def __init__(self, mapping: Mapping[str, Any], title: str) -> None:
        self.title = title
        self._tensors = {name: value for name, value in mapping.items() if value is not None}
        _check(self._tensors)
        met: dict[Any, str] = {}
        entries = [describe(name, tensor, met) for name, tensor in self._tensors.items()]
        self.entries = tuple(e for e in entries if not is_buffer(e.name, e.shape))

    def read(self, entry: Entry, part: Slice | None = None) -> Any:
        """Give a parameter, or a part of one, as it is in the mapping."""
        tensor = self._tensors[entry.name]
        if is_a(tensor, "torch", "Tensor"):
            tensor = tensor.detach()
        elif not isinstance(tensor, np.ndarray):
            tensor = to_numpy(tensor)[0]
        return tensor if part is None else part.of(tensor)

    def chunks(self, entry: Entry, part: Slice | None = None) -> None:
        """Give nothing: the values are in memory as they are."""


def _check(mapping: Mapping[Any, Any]) -> None:
    """Refuse a mapping that holds more than tensors."""
    other = next((item for item in mapping.items() if not _is_tensor(item[1])), None)
    if other is None:
        return
    name, value = other
    inside = [key for key, inner in mapping.items() if _holds_tensors(inner)]
    if is_a(value, "torch.nn", "Module"):
        cure = "pass the model itself, or its state_dict()"
    elif inside:
        which = " or ".join(f"source[{key!r}]" for key in inside)
        cure = f"pass {which} alone, which holds tensors"
    else:
        cure = "leave it out"
    raise TypeError(
        f"the mapping has a {type(value).__name__} at {name!r}, which is no tensor: {cure}"
    )


def _is_tensor(value: Any) -> bool:
    return hasattr(value, "shape") and hasattr(value, "dtype")


def _holds_tensors(value: Any) -> bool:
    return isinstance(value, Mapping) and any(map(_is_tensor, value.values()))


def describe(name: Any, tensor: Any, met: dict[Any, str]) -> Entry:
    """Describe a tensor that is held in memory.

    Parameters
    ----------
    name : str
    tensor : torch.Tensor, numpy.ndarray or alike
    met : dict
        The names of those that were described before, by their memory; this one is added.

    Raises
    ------
    TypeError
        If `name` is no string.
    """
    if not isinstance(name, str):
        raise TypeError(
            f"the mapping has the key {name!r}, a {type(name).__name__}; expected names of "
            "parameters: turn the keys into strings"
        )
    shape = tuple(int(n) for n in tensor.shape)
    dtype = str(getattr(tensor.dtype, "name", tensor.dtype)).removeprefix("torch.")
    itemsize = getattr(tensor.dtype, "itemsize", 1)
    memory = _memory(tensor)
    twin = met.get(memory)
    met.setdefault(memory, name)
    nbytes = math.prod(shape) * itemsize
    return Entry(name, shape, dtype, nbytes, twin, has_values=not _is_meta(tensor))


def _is_meta(tensor: Any) -> bool:
    return is_a(tensor, "torch", "Tensor") and tensor.device.type == "meta"


def _memory(tensor: Any) -> Any:
    """Tell which memory a tensor is, so that two that are the same are found to be."""
    try:
        if is_a(tensor, "torch", "Tensor") and tensor.numel():
            start, strides, device = _start(tensor), tensor.stride(), str(tensor.device)
        elif isinstance(tensor, np.ndarray) and tensor.size:
            start, strides, device = tensor.__array_interface__["data"][0], tensor.strides, "cpu"
        else:
            return id(tensor)
    except (RuntimeError, NotImplementedError):  # of tensors without memory of their own
        return id(tensor)
    if not start or 0 in strides:  # 0: one number that stands for as many, so nothing is shared
        return id(tensor)
    return start, tuple(strides), device, tuple(tensor.shape), str(tensor.dtype)


def _start(tensor: Any) -> Any:
    """Tell where a torch tensor begins; of a meta tensor in what would be its memory."""
    if tensor.is_meta:
        return tensor.untyped_storage()._cdata, tensor.storage_offset()
    return tensor.data_ptr()
