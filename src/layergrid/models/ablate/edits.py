"""What takes the place of an activation that is switched off.

Nothing is written in place: others may hold the same tensor, a cache of keys or a view of it.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Sequence
from typing import Any, Literal

from .target import Features

Mode = Literal["zero", "mean"]
#: Gives a tensor in place of the first that it gets.
Edit = Callable[..., Any]


def blank(tensor: Any, features: Sequence[Features | None], mode: Mode) -> Any:
    """Replace some features of a tensor by 0, or by their mean over all axes but the last.

    Parameters
    ----------
    tensor : torch.Tensor, shape (…, width)
    features : sequence of Features or None
        None is all of them.
    mode : {"zero", "mean"}

    Raises
    ------
    ValueError
        If the tensor has another width than the features are of.
    """
    torch = sys.modules["torch"]
    some = [f for f in features if f is not None]
    everything = len(some) < len(features)
    mask = tensor.new_ones((), dtype=torch.bool) if everything else _mask(tensor, some)
    if mode == "zero":
        return tensor.masked_fill(mask, 0)
    return torch.where(mask, mean_of(tensor), tensor)


def mean_of(tensor: Any) -> Any:
    """Give the mean over all axes but the last, which stay with length 1."""
    axes = tuple(range(tensor.ndim - 1))
    if not axes:
        return tensor
    torch = sys.modules["torch"]
    short = tensor.dtype in (torch.float16, torch.bfloat16)
    mean = tensor.mean(axes, keepdim=True, dtype=torch.float32 if short else None)
    return mean.to(tensor.dtype)


def _mask(tensor: Any, features: Sequence[Features]) -> Any:
    """Tell which of the last axis are meant."""
    mask = tensor.new_zeros(tensor.shape[-1], dtype=sys.modules["torch"].bool)
    for width, part in features:
        if width != len(mask):
            raise ValueError(f"expected {width} features to switch {part} of them off")
        mask.view(part.groups, -1)[:, part.start : part.stop] = True
    return mask


def by_copy(edits: Sequence[Edit | None], *tensors: Any) -> Any:
    """Edit each copy of a batch, one after the other along the first axis, in its own way.

    Parameters
    ----------
    edits : sequence of callable or None
        For each copy one, which takes that copy of all `tensors`; None leaves the first as it is.
    *tensors : torch.Tensor
        The first is what is edited, others are what that takes.

    Raises
    ------
    ValueError
        If the first axis is no whole number of copies long.
    """
    if len(edits) == 1:
        return tensors[0] if edits[0] is None else edits[0](*tensors)
    n = tensors[0].shape[0] if tensors[0].ndim else 0
    if not n or n % len(edits):
        raise ValueError(f"the first axis is {n} long, which is not {len(edits)} copies of a batch")
    copies = zip(*(tensor.chunk(len(edits)) for tensor in tensors), strict=True)
    return sys.modules["torch"].cat(
        [copy[0] if edit is None else edit(*copy) for copy, edit in zip(copies, edits, strict=True)]
    )


def first_of(output: Any) -> Any:
    """Give the tensor that a sub-layer or a layer adds or passes on: it, or the first of several.

    Raises
    ------
    TypeError
        If there is none.
    """
    inner = output
    if isinstance(output, dict):
        inner = next(iter(output.values()), None)
    elif isinstance(output, tuple | list):
        inner = output[0] if output else None
    if not is_tensor(inner):
        raise TypeError(f"gives a {type(output).__name__} that begins with no tensor")
    return inner


def with_first(output: Any, tensor: Any) -> Any:
    """Give the same output with another tensor in place of the one that `first_of` gives."""
    if isinstance(output, dict):
        changed = copy.copy(output)
        changed[next(iter(output))] = tensor
        return changed
    if isinstance(output, tuple | list):
        items = [tensor, *output[1:]]
        return type(output)(*items) if hasattr(output, "_fields") else type(output)(items)
    return tensor


def is_tensor(value: Any) -> bool:
    """Whether a value is a torch tensor."""
    return isinstance(value, sys.modules["torch"].Tensor)
