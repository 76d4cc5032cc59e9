"""Which of w1, w2, w3 is the gate, goes up and comes down. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from .layer import Shape

_SECOND_IN = ("w3", "v1")
#: Two matrices in one, by what the two are called elsewhere.
_BOTH = {"w12": "w3", "w13": "w2"}
W_NAMES = frozenset({"w1", "w2", *_SECOND_IN, *_BOTH})


def w_role(name: str, shapes: Mapping[str, Shape | None]) -> str | None:
    """Tell the role of a matrix by its name, those beside it and the shapes of all.

    Llama's w2 comes down and w3 goes up, xformers' w3 comes down and w2 goes up; w1 is the gate in
    both. Of two alone, w1 goes up and w2 comes down. Where the shapes say nothing, three are taken
    as Llama's, from which Mixtral and many others have them.
    """
    for both, down in _BOTH.items():
        if both in shapes:
            return {both: "gate_up", down: "down"}.get(name)
    if not {"w1", "w2"} <= shapes.keys():
        return "down" if name == "w2" else None
    third = next((some for some in _SECOND_IN if some in shapes), None)
    first, second = shapes["w1"], shapes["w2"]
    if third is None:
        return None if _alike(first, second) else {"w1": "in", "w2": "down"}[name]
    if _alike(first, second) and not _alike(first, shapes[third]):
        roles = {"w1": "gate", "w2": "up", third: "down"}
    elif _alike(second, shapes[third]) and not _alike(first, second):
        return None
    else:
        roles = {"w1": "gate", "w2": "down", third: "up"}
    return roles.get(name)


def _alike(one: Shape | None, other: Shape | None) -> bool:
    """Whether two matrices are known to stand side by side, rather than one after the other."""
    return one is not None and one == other and one[-1:] != one[-2:-1]
