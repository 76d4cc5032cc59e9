"""The order of a stack's components. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from .roles import CANONICAL

#: The share of neighbours in the wrong order that sorted names may have: a checkpoint in several
#: files, or with several dtypes, is sorted within each.
_SORTED = 0.01
#: No model has its projections in this order; files whose writer sorted the names do.
_ALPHABETICAL = ("attn.k", "attn.o", "attn.q", "attn.v")

_BLOCKS = (
    ("mixer", ("norm",)),
    ("attn", ("norm", *CANONICAL["attn"], "", "post_norm")),
    ("xattn", ("norm", *CANONICAL["attn"], "", "post_norm")),
    ("ssm", (*CANONICAL["ssm"], "")),
    ("mixer", ("post_norm",)),
    ("mlp", ("norm", *CANONICAL["mlp"], "")),
    ("moe", ("router", *CANONICAL["mlp"], "")),
    ("moe.shared", (*CANONICAL["mlp"], "")),
    ("moe", ("shared_expert_gate",)),
    ("mlp", ("post_norm",)),
)
_RANK = {
    f"{family}.{role}": rank
    for rank, (family, role) in enumerate(
        (family, role) for family, roles in _BLOCKS for role in roles
    )
}


def is_sorted(names: Sequence[str]) -> bool:
    """Whether names came in alphabetical order, which says nothing of the model's."""
    falls = sum(one > other for one, other in pairwise(names))
    return len(names) > 1 and falls <= max(1, _SORTED * len(names))


def order(layers: Iterable[Iterable[str]], by_rank: bool) -> tuple[str, ...]:
    """Give the components of all layers in one order.

    Parameters
    ----------
    layers : iterable of iterables of str
        The components of each layer, in its own order.
    by_rank : bool
        Whether their order says nothing: then it is that in which the field reads them.
    """
    merged: list[str] = []
    known: set[str] = set()
    seen: set[tuple[str, ...]] = set()
    for layer in layers:
        own = tuple(dict.fromkeys(layer))
        if own not in seen:
            seen.add(own)
            _merge(merged, known, own)
    places = {name: i for i, name in enumerate(merged)}
    alphabetical = all(name in places for name in _ALPHABETICAL) and (
        sorted(_ALPHABETICAL, key=places.__getitem__) == list(_ALPHABETICAL)
    )
    if by_rank or alphabetical:
        merged.sort(key=lambda name: (_rank(name), name))
    return tuple(merged)


def _merge(merged: list[str], known: set[str], own: tuple[str, ...]) -> None:
    """Put what a layer has beside the others before the next thing that they have in common."""
    waiting: list[str] = []
    for name in own:
        if name in known:
            at = merged.index(name)
            merged[at:at] = waiting
            waiting = []
        else:
            waiting.append(name)
    merged += waiting
    known.update(own)


def _rank(label: str) -> int:
    """Give the rank of a label, or where what else its family has stands."""
    if label in _RANK:
        return _RANK[label]
    family, _, rest = label.partition(".")
    if family == "moe" and rest.startswith("shared."):
        family = "moe.shared"
    return _RANK.get(f"{family}.", len(_RANK))
