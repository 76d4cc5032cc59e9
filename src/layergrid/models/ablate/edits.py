"""What takes the place of an activation that is switched off.

Nothing is written in place: others may hold the same tensor, a cache of keys or a view of it. And
what is given is memory of its own: what comes next may write into it.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Sequence
from typing import Any, Literal

from .target import Features

Mode = Literal["zero", "mean"]
#: Gives a tensor in place of the first that it gets, of the same shape.
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
    torch = sys.modules["torch"]
    axes = tuple(range(tensor.ndim - 1))
    if not axes:
        return tensor
    short = tensor.dtype in (torch.float16, torch.bfloat16)
    mean = tensor.mean(axes, keepdim=True, dtype=torch.float32 if short else None)
    return mean.to(tensor.dtype)


def _mask(tensor: Any, features: Sequence[Features]) -> Any:
    """Tell which of the last axis are meant."""
    mask = tensor.new_zeros(tensor.shape[-1], dtype=sys.modules["torch"].bool)
    for width, part in features:
        if width != len(mask):
            raise ValueError(f"expected {width} features, of which {part} are to be switched off")
        mask.view(part.groups, -1)[:, part.start : part.stop] = True
    return mask


# ── copies of a batch ────────────────────────────────────────────────────────────────────────


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
    copies = zip(*(split(tensor, len(edits)) for tensor in tensors), strict=True)
    return join(
        [
            each[0] if edit is None else _edited(edit, *each)
            for edit, each in zip(edits, copies, strict=True)
        ]
    )


def split(tensor: Any, n: int) -> Sequence[Any]:
    """Take a batch apart into `n` copies.

    Raises
    ------
    ValueError
        If its first axis is no whole number of copies long.
    """
    if n == 1:
        return [tensor]
    length = tensor.size(0) if tensor.ndim else 0
    if not length or length % n:
        raise ValueError(f"the first axis is {length} long, which is not {n} copies of a batch")
    if not tensor.is_nested:
        return tuple(tensor.chunk(n))
    rows, size = tensor.unbind(), length // n
    return [_nested(rows[i * size : (i + 1) * size]) for i in range(n)]


def join(copies: Sequence[Any]) -> Any:
    """Put copies of a batch together again."""
    if len(copies) == 1:
        return copies[0]
    if copies[0].is_nested:
        return _nested([row for each in copies for row in each.unbind()])
    return sys.modules["torch"].cat(list(copies))


def flat(tensor: Any) -> Any:
    """Give a nested tensor, as torch's encoder makes of padded batches, as one row of positions."""
    return sys.modules["torch"].cat(tensor.unbind()) if tensor.is_nested else tensor


def _edited(edit: Edit, *tensors: Any) -> Any:
    changed = edit(*map(flat, tensors))
    if not tensors[0].is_nested:
        return changed
    return _nested(changed.split([len(row) for row in tensors[0].unbind()]))


def _nested(rows: Sequence[Any]) -> Any:
    return sys.modules["torch"].nested.as_nested_tensor(list(rows))


# ── what sub-layers and layers give ──────────────────────────────────────────────────────────


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
        raise TypeError(f"it gives a {type(output).__name__} that begins with no tensor")
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
