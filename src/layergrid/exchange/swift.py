"""SWIFT: which attentions and which MLPs a draft skips, as 0-based layers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ..intake import Label
from ..intake.wording import some_of
from .spots import Around, Spot, Spots

#: What SWIFT calls the two sub-layers, and what a component that is all of one may be called.
SUBLAYERS: Final = {
    "attention": frozenset({"attn", "att", "attention"}),
    "mlp": frozenset({"mlp", "moe"}),
}
#: Families of components that are in a sub-layer, as "attn.q" is in the attention.
_MEMBERS: Final = {"attn": "attention", "mlp": "mlp", "moe": "mlp"}


def write(spots: Spots, around: Around) -> dict[str, list[int]]:
    """Give SWIFT's dict, each list in order.

    Raises
    ------
    ValueError
        For a component that is neither sub-layer, for one of several in a sub-layer whose others
        are not among the cells, and for a layer without a number.
    """
    skipped: dict[str, set[int]] = {sublayer: set() for sublayer in SUBLAYERS}
    members: dict[tuple[str, int], list[Spot]] = {}
    for spot in spots:
        layer = _number(spot)
        if whole := _whole(spot):
            skipped[whole].add(layer)
        else:
            members.setdefault((_holder(spot), layer), []).append(spot)
    for (sublayer, layer), some in members.items():
        if layer not in skipped[sublayer]:
            _check_all(sublayer, some, around)
            skipped[sublayer].add(layer)
    return {sublayer: sorted(layers) for sublayer, layers in skipped.items()}


def _number(spot: Spot) -> int:
    if isinstance(spot.layer, bool) or not isinstance(spot.layer, int):
        raise ValueError(
            f"{spot.where}: SWIFT counts layers from 0 on, and {spot.layer!r} is no such number; "
            "give the grid layers=range(n)"
        )
    return spot.layer


def _whole(spot: Spot) -> str | None:
    """Tell which sub-layer a component is all of, None if it is not all of one."""
    label = str(spot.component).lower()
    return next((sublayer for sublayer, known in SUBLAYERS.items() if label in known), None)


def _holder(spot: Spot) -> str:
    family = None if spot.is_head else _MEMBERS.get(str(spot.component).partition(".")[0])
    if family is None:
        raise ValueError(
            f"{spot.where}: SWIFT skips whole sub-layers, and {spot.component!r} is in none of "
            "them; select 'attn' or 'mlp', or all components of one in its layer"
        )
    return family


def _check_all(sublayer: str, some: Sequence[Spot], around: Around) -> None:
    if around is None:
        raise ValueError(
            f"{some[0].where} is a part of the {sublayer}, and SWIFT skips all or nothing of it; "
            "pass the heatmap itself, or grid=, which tells whether these are all its parts"
        )
    lacking = [spot for spot in _parts(sublayer, around, some[0].layer) if spot not in some]
    if lacking:
        raise ValueError(
            f"{some[0].where} is a part of the {sublayer}, and SWIFT skips all or nothing of it; "
            f"select {some_of(spot.component for spot in lacking)} of that layer, too"
        )


def _parts(sublayer: str, around: Iterable[Spot], layer: Label) -> list[Spot]:
    return [
        spot
        for spot in around
        if spot.layer == layer
        and not spot.is_head
        and not _whole(spot)
        and _MEMBERS.get(str(spot.component).partition(".")[0]) == sublayer
    ]


# ── and back ─────────────────────────────────────────────────────────────────────────────────


def is_swift(what: Any) -> bool:
    """Whether something is SWIFT's dict."""
    return isinstance(what, Mapping) and bool(what) and what.keys() <= SUBLAYERS.keys()


def read(skipped: Mapping[str, Iterable[int]], around: Iterable[Spot]) -> list[Spot]:
    """Give the cells of the sub-layers that are skipped: that of all of one, or all its parts.

    Raises
    ------
    ValueError
        For a layer that the grid does not have, or of which it has no such sub-layer.
    """
    found: list[Spot] = []
    for sublayer, layers in skipped.items():
        for layer in layers:
            here = [spot for spot in around if spot.layer == layer]
            whole = [spot for spot in here if _whole(spot) == sublayer]
            if not (whole or (whole := _parts(sublayer, here, layer))):
                there = dict.fromkeys(spot.layer for spot in around)
                lacks = f"layer {layer!r} of the grid has no {sublayer}"
                if layer not in there:
                    lacks = f"the grid has no layer {layer!r}; there are {some_of(there)}"
                raise ValueError(f"{sublayer!r} has {layer!r}, but {lacks}")
            found += whole
    return found
