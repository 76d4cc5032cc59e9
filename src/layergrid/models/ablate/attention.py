"""Heads and projections of torch's own attention, which calls no module for any of them.

So it is computed again, by a copy that shares all but what is switched off; the live one is left
as it is.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from typing import Any

from .edits import Mode, blank, by_copy, flat, join, mean_of, split, with_first
from .target import Target

#: What it attends to with, and what it takes that from.
_TAKES = {"q": "query", "k": "key", "v": "value"}


def attention_hook(
    copies: Sequence[Sequence[Target]], mode: Mode
) -> Callable[[Any, tuple[Any, ...], dict[str, Any], Any], Any]:
    """Give a hook for a torch.nn.MultiheadAttention."""

    def hook(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> Any:
        # The class's own way: a library may have put another one on the instance.
        given = inspect.signature(type(module).forward).bind(module, *args, **kwargs).arguments
        del given["self"]
        if len(copies) == 1:
            return _without(module, given, copies[0], mode)
        done: list[Any] = [
            _without(module, part, targets, mode)
            for part, targets in zip(_parts(given, len(copies)), copies, strict=True)
        ]
        # Weights are None where nobody needs them.
        return tuple(None if one[0] is None else join(one) for one in zip(*done, strict=True))

    return hook


def _parts(given: dict[str, Any], n: int) -> list[dict[str, Any]]:
    """Take what attention is given apart into copies of a batch, which is the first axis."""
    parts: list[dict[str, Any]] = [dict(given) for _ in range(n)]
    chunks: dict[int, Any] = {}  # the same tensor stays the same: it tells self-attention
    for name, value in given.items():
        is_of_batch = name in ("query", "key", "value", "key_padding_mask") or (
            name == "attn_mask" and value is not None and value.ndim == 3
        )
        if value is None or not is_of_batch:
            continue
        if id(value) not in chunks:
            chunks[id(value)] = split(value, n)
        for part, chunk in zip(parts, chunks[id(value)], strict=True):
            part[name] = chunk
    return parts


def _without(module: Any, given: dict[str, Any], targets: Sequence[Target], mode: Mode) -> Any:
    """Compute an attention without some of its heads, and of q, k and v."""
    heads = [t.features for t in targets if t.site == "heads"]
    which = {str(t.which) for t in targets if t.site == "projection"}
    parameters = dict(module._parameters)
    if which:
        parameters |= _blank_projections(module, given, which, mode)
    output = module.out_proj
    modules = {**module._modules, "out_proj": _identity(output)} if heads else module._modules
    twin = object.__new__(type(module))
    twin.__dict__ = {**module.__dict__, "_parameters": parameters, "_modules": modules}
    found = type(module).forward(twin, **given)
    if not heads:
        return found

    def projected(values: Any) -> Any:
        linear = sys.modules["torch"].nn.functional.linear
        return linear(blank(values, heads, mode), output.weight, output.bias)

    return with_first(found, by_copy([projected], found[0]))


def _identity(output: Any) -> Any:
    """Give an output projection that changes nothing, so that attention gives what its heads do."""
    torch = sys.modules["torch"]
    with torch.no_grad():
        twin = object.__new__(type(output))
        width = output.weight.shape[1]
        weight = torch.eye(width, dtype=output.weight.dtype, device=output.weight.device)
        bias = None if output.bias is None else torch.zeros_like(output.bias)
    twin.__dict__ = {**output.__dict__, "_parameters": {"weight": weight, "bias": bias}}
    return twin


def _blank_projections(
    module: Any, given: dict[str, Any], which: set[str], mode: Mode
) -> dict[str, Any]:
    """Give the parameters of a projection that gives 0, or always the mean that it gives here."""
    torch = sys.modules["torch"]
    width = module.embed_dim
    weight, bias = module.in_proj_weight, module.in_proj_bias
    changed = {}
    for i, letter in enumerate("qkv"):
        if letter not in which:
            continue
        rows = slice(i * width, (i + 1) * width)
        own = f"{letter}_proj_weight"
        part = weight[rows] if weight is not None else getattr(module, own)
        constant = part.new_zeros(width)
        if mode == "mean":
            x = given[_TAKES[letter]]
            constant = torch.nn.functional.linear(
                mean_of(flat(x)).reshape(-1), part, None if bias is None else bias[rows]
            )
        if bias is None:
            bias = part.new_zeros(3 * width)
        bias = torch.cat([bias[: rows.start], constant, bias[rows.stop :]])
        if weight is None:
            changed[own] = torch.zeros_like(part)
        else:
            weight = torch.cat([weight[: rows.start], torch.zeros_like(part), weight[rows.stop :]])
    return {**changed, "in_proj_weight": weight, "in_proj_bias": bias}
