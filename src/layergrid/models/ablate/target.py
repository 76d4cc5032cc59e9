"""What can be switched off, and where in a live model that is done."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from ..names import called_path
from ..slices import Slice

#: Where something is switched off.
#: output: what a module gives. block: the same, first of a tuple. input: some features of what
#: goes into a module. layer: what a layer gives becomes what it was given. routing: the weights
#: that a router gave to an expert. heads, projection: within torch's attention, which calls no
#: module for its projections.
Site = Literal["output", "block", "input", "layer", "routing", "heads", "projection"]


class Features(NamedTuple):
    """Some of the last axis of an activation: a part of what is `width` wide."""

    width: int
    part: Slice


@dataclass(frozen=True, slots=True)
class Target:
    """One thing of a live model that can be switched off.

    Attributes
    ----------
    name, part, shape, dtype : str
        As the coordinates of a grid have them, of the parameter that it stands for. Where there is
        none, `name` is the module's path and the others are empty.
    path : str
        Of the module that is hooked.
    module : torch.nn.Module
        That module.
    site : str
        Where at it.
    features : Features or None
        What of the activation; None is all of it.
    which : int or str or None
        The number of an expert, or "q", "k" or "v".
    splits : bool
        Whether the leading axis of what the module sees is the batch, so that of several copies
        of a batch in one run each can have something else switched off.
    within : torch.nn.Module or None
        What calls the module only now and then: an expert sees the tokens that are routed to it.
    """

    name: str
    path: str
    module: Any = field(repr=False)
    site: Site
    part: str = ""
    shape: str = ""
    dtype: str = ""
    features: Features | None = None
    which: int | str | None = None
    splits: bool = True
    within: Any = field(default=None, repr=False)


def target_of(
    model: Any, name: str, part: str, whole: Sequence[int], shape: str = "", dtype: str = ""
) -> Target:
    """Find where the component is switched off that a parameter, or a part of one, belongs to.

    Parameters
    ----------
    model : torch.nn.Module
    name, part : str
        Of the parameter in that model.
    whole : sequence of int
        The shape of the whole parameter.
    shape, dtype : str
        What a grid is to say of it.

    Raises
    ------
    ValueError
        If no module computes just that; says why.
    """
    owner, _, leaf = name.rpartition(".")
    module = model.get_submodule(owner)
    path = called_path(owner)
    made = Target(name, path, model.get_submodule(path), "output", part, shape, dtype)
    slice_ = Slice.parse(part) if part else None
    parent, _, child = owner.rpartition(".")
    if is_attention(module):
        return _in_attention(replace(made, path=owner, module=module), leaf, slice_, whole)
    if child == "out_proj" and is_attention(model.get_submodule(parent)):
        made = replace(made, path=parent, module=model.get_submodule(parent))
        if slice_ is None:
            return replace(made, site="block")
        return replace(made, site="heads", features=_features(whole, slice_))
    if slice_ is not None and slice_.expert is not None:
        raise ValueError(
            f"{name} {part} is one projection of experts that are computed as one: switch off "
            "the whole expert, such as 'moe.experts.0'"
        )
    if not _is_of_one(module, leaf):
        raise ValueError(
            f"{name} is a parameter that {type(module).__name__} has among others: there is no "
            "module that computes just what it is for"
        )
    if isinstance(made.module, sys.modules["torch"].nn.Embedding):
        made = replace(made, splits=False)  # it may be of positions
    if slice_ is None:
        return made
    if len(whole) > 2:
        raise ValueError(f"{name} has {len(whole)} axes: which of the output is {part}, is unknown")
    is_output = len(whole) == 1 or slice_.axis == int(is_transposed(module))
    return replace(made, site="output" if is_output else "input", features=_features(whole, slice_))


def is_attention(module: Any) -> bool:
    """Whether a module is torch's attention, which calls none of its projections."""
    return isinstance(module, sys.modules["torch"].nn.MultiheadAttention)


def is_transposed(module: Any) -> bool:
    """Whether a module keeps its matrix as (in, out), as those of GPT-2 do."""
    return type(module).__name__ == "Conv1D" and hasattr(module, "nf")


def _features(whole: Sequence[int], part: Slice) -> Features:
    return Features(int(whole[part.axis]), replace(part, axis=0))


def _in_attention(made: Target, leaf: str, part: Slice | None, whole: Sequence[int]) -> Target:
    """Find q, k or v, which torch's attention has in one parameter, or in one each."""
    which = leaf.partition("_")[0]
    if part is not None and leaf.startswith("in_proj"):
        which = "qkv"[part.start * 3 // int(whole[0])]
    if which not in ("q", "k", "v"):
        raise ValueError(f"{made.name} is not computed by a module: it cannot be switched off")
    return replace(made, site="projection", which=which)


def _is_of_one(module: Any, leaf: str) -> bool:
    """Whether what a module computes is what its parameter `leaf` is for."""
    if leaf in ("weight", "bias") or leaf.startswith(("weight_", "original")):
        return True
    own = [name for name, parameter in module._parameters.items() if parameter is not None]
    return own == [leaf] and next(module.children(), None) is None
