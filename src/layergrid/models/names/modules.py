"""Which module a parameter belongs to, and where in its layer that stands. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from .tails import split_all
from .words import CACHED, kind
from .wrappers import unwrap


class InLayer(NamedTuple):
    """A path as three: that of the stack, the number of the layer, and what follows in it."""

    stack: str
    layer: int
    rest: str


@lru_cache(CACHED)
def module_of(name: str) -> str | None:
    """Give the path of the module that holds a parameter, without what is wrapped round a model.

    None where the parameter is no weight of a module of its own: the experts of one tensor, say.
    """
    (short,) = unwrap([name]).values()
    (split,) = split_all([short]).values()
    path = ".".join(split.path)
    return path if path and short.startswith(f"{path}.") else None


def in_layer(path: str, layer: object) -> InLayer | None:
    """Split a path at the number of its layer; None if the label of the layer is no such number."""
    segments = path.split(".")
    number = str(layer)
    if isinstance(layer, bool) or not isinstance(layer, int) or number not in segments[1:-1]:
        return None
    at = segments.index(number, 1)
    return InLayer(".".join(segments[:at]), layer, ".".join(segments[at + 1 :]))


def says_block(rest: str) -> bool:
    """Whether a path in a layer says which block it is in: "self_attn.q_proj", "mlp.c_proj".

    One that does not may be the end of another module's path: ``gate_proj`` is in the attention of
    some, and ``output.dense`` of BERT's feed-forward is how the path of its attention's ends.
    """
    return any(map(kind, rest.split(".")[:-1]))
