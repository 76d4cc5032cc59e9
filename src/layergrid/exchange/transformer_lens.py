"""TransformerLens: the hook points of cells, with heads by their index. Pure.

A component is where its output first is by itself, before anything else is done to it:

=====================  ================================  ==========================================
component              hook in ``blocks.{layer}.``       what is there
=====================  ================================  ==========================================
``attn.q``, k, v       ``attn.hook_q``, _k, _v           by head, before rotation
a head (an integer)    ``attn.hook_z``                   its slice of what ``attn.o`` takes in
``attn.o``, ``attn``   ``hook_attn_out``                 what the attention adds
``mlp.gate``           ``mlp.hook_pre``                  before the activation
``mlp.up``             ``mlp.hook_pre_linear``           what the gate is multiplied with
``mlp.up``             ``mlp.hook_pre``                  where no gate is beside it
``mlp.down``, ``mlp``  ``hook_mlp_out``                  what the feed-forward adds, also a MoE's
``layer``              ``hook_resid_post``               the residual stream after the layer
``attn.norm``          ``ln1.hook_normalized``           the norm of the attention, before or after
``mlp.norm``           ``ln2.hook_normalized``           that of the feed-forward
=====================  ================================  ==========================================

These are the names up to version 3, which 4 knows as other names of its own hooks; its own, such as
``attn.q.hook_out``, are read, too, and ``attn.hook_result`` as ``attn.hook_z``. T5's stacks are
``encoder.{layer}.`` and ``decoder.{layer}.``; the decoder has ``cross_attn.hook_q``,
``hook_cross_attn_out`` and so on, and its feed-forward's norm is ``ln3``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ..intake.wording import did_you_mean, some_of
from ..models.names import in_layer
from .spots import Around, Spot, Spots

#: For each hook point that is meant, the heads, or None for all of it.
Hooks = dict[str, list[int] | None]

_HOOKS: Final = {
    "attn.q": "attn.hook_q",
    "attn.k": "attn.hook_k",
    "attn.v": "attn.hook_v",
    "attn.o": "hook_attn_out",
    "attn": "hook_attn_out",
    "attn.norm": "ln1.hook_normalized",
    "mlp.gate": "mlp.hook_pre",
    "mlp.up": "mlp.hook_pre_linear",
    "mlp.down": "hook_mlp_out",
    "mlp": "hook_mlp_out",
    "moe": "hook_mlp_out",
    "mlp.norm": "ln2.hook_normalized",
    "layer": "hook_resid_post",
}
_UNGATED: Final = {**_HOOKS, "mlp.up": "mlp.hook_pre"}
_IN_DECODER: Final = {
    "xattn.q": "cross_attn.hook_q",
    "xattn.k": "cross_attn.hook_k",
    "xattn.v": "cross_attn.hook_v",
    "xattn.o": "hook_cross_attn_out",
    "xattn": "hook_cross_attn_out",
    "xattn.norm": "ln2.hook_normalized",
    "mlp.norm": "ln3.hook_normalized",
}
_HEADS: Final = "attn.hook_z"
#: Other hook points of the same cells: those that only 4 has, and a head's share of the output.
_SAME: Final = {
    "attn.hook_result": (_HEADS,),
    "attn.o.hook_in": (_HEADS,),
    "attn.q.hook_out": ("attn.hook_q",),
    "attn.k.hook_out": ("attn.hook_k",),
    "attn.v.hook_out": ("attn.hook_v",),
    "attn.o.hook_out": ("hook_attn_out",),
    "attn.hook_out": ("hook_attn_out",),
    "mlp.gate.hook_out": ("mlp.hook_pre",),
    "mlp.in.hook_out": ("mlp.hook_pre_linear", "mlp.hook_pre"),
    "mlp.out.hook_out": ("hook_mlp_out",),
    "mlp.hook_out": ("hook_mlp_out",),
    "hook_out": ("hook_resid_post",),
}
#: What figures call a sub-layer.
_ALIASES: Final = {"ATT": "attn", "MLP": "mlp"}
#: T5's stacks as transformers calls them, and as TransformerLens does.
_T5: Final = {"encoder.block": "encoder", "decoder.block": "decoder"}
_HOOK: Final = re.compile(r"(?:blocks|encoder|decoder)\.\d+\.(?:.+\.)?hook_\w+")


def write(spots: Spots, around: Around) -> Hooks:
    """Give the hook point of each cell, and for heads which of them.

    Raises
    ------
    ValueError
        For a component without a hook point, a layer without a number, or an ``mlp.up`` of which
        is not known whether a gate is beside it.
    """
    is_asked = any(spot.component == "mlp.up" for spot in spots)
    gated = _gated(around if is_asked and around is not None else spots)
    hooks: Hooks = {}
    for spot in spots:
        if spot.component == "mlp.up" and around is None and spot.layer not in gated:
            raise ValueError(
                f"{spot.where} is mlp.hook_pre_linear beside a gate, and mlp.hook_pre without one; "
                "pass the heatmap itself, or grid=, which tells whether there is one"
            )
        hook = _hook_of(spot, gated)
        if hook is None:
            raise ValueError(
                f"{spot.where} has no hook point in TransformerLens; those that have are "
                f"heads, {', '.join(_HOOKS)}, in layers that are numbers"
            )
        heads = hooks.setdefault(hook, [] if spot.is_head else None)
        if heads is not None:
            heads.append(int(spot.component))
    return hooks


def _gated(spots: Iterable[Spot]) -> set[Any]:
    """Give the layers whose feed-forward has a gate."""
    return {spot.layer for spot in spots if spot.component == "mlp.gate"}


def _hook_of(spot: Spot, gated: set[Any]) -> str | None:
    if isinstance(spot.layer, bool) or not isinstance(spot.layer, int):
        return None
    place = in_layer(spot.name, spot.layer)
    stack = "" if place is None else ".".join(place.stack.split(".")[-2:])
    root = _T5.get(stack, "blocks")
    known = _HOOKS if spot.layer in gated else _UNGATED
    if root == "decoder":
        known = known | _IN_DECODER
    component = str(spot.component)
    end = _HEADS if spot.is_head else known.get(_ALIASES.get(component, component))
    return None if end is None else f"{root}.{spot.layer}.{end}"


# ── and back ─────────────────────────────────────────────────────────────────────────────────


def read_hooks(what: Any) -> list[tuple[str, Any]] | None:
    """Give hook names, each with its heads, as somebody has them; None if they are none.

    A name, several, a mapping of names to heads, or pairs of a name and heads or a function, as
    ``run_with_hooks(fwd_hooks=…)`` takes them.
    """
    items = what.items() if isinstance(what, Mapping) else [what] if isinstance(what, str) else what
    pairs = [(item, None) if isinstance(item, str) else item for item in items]
    if not all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs):
        return None
    if not all(isinstance(name, str) and _HOOK.fullmatch(name) for name, _ in pairs):
        return None
    return [(name, None if callable(heads) else heads) for name, heads in pairs]


def read(hooks: Iterable[tuple[str, Any]], around: Iterable[Spot]) -> Iterator[Spot]:
    """Give the cells at these hook points; of a sub-layer's own that of all of it, if there is one.

    Raises
    ------
    ValueError
        For a hook point, or a head, that no cell of the grid is at.
    """
    gated = _gated(around)
    there: dict[str, list[Spot]] = {}
    for spot in around:
        if hook := _hook_of(spot, gated):
            there.setdefault(hook, []).append(spot)
    for name, heads in hooks:
        root, layer, end = name.split(".", 2)
        same = (there.get(f"{root}.{layer}.{one}") for one in _SAME.get(end, (end,)))
        spots = next(filter(None, same), None)
        if spots is None:
            raise ValueError(
                f"no cell of the grid is at {name!r}; "
                f"{did_you_mean(there, name) or 'there are ' + some_of(there)}"
            )
        if not spots[0].is_head:
            if heads is not None:
                raise ValueError(f"{name!r} has heads {heads!r}, but the grid has none there")
            yield min(spots, key=lambda spot: "." in str(spot.component))
            continue
        known = {spot.component: spot for spot in spots}
        for head in known if heads is None else [heads] if isinstance(heads, int) else heads:
            if head not in known:
                raise ValueError(f"{name!r} has head {head!r}; the grid has {some_of(known)} there")
            yield known[head]
