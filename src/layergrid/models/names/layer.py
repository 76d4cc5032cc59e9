"""What must be known of all parts of a layer to name one of them. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import NamedTuple

from .parts import Part, Path, after_experts, locate, without_numbers
from .words import Kind, each, words

Shape = tuple[int, ...]

#: How certain a guess is.
CERTAIN, LIKELY, WEAK = 3, 2, 1

#: BERT's feed-forward is two modules of one layer each.
HALVES = {"intermediate": "in", "output": "down"}
#: What the one matrix of a router may be called, or the one that a role's module wraps.
THE_MATRIX = frozenset(each("classifier layer gate linear proj wg dense conv conv1d"))


class Guess(NamedTuple):
    """A label for a path.

    Attributes
    ----------
    label : str
    strength : int
        It gives way to a stronger guess of the same label; both do if neither is stronger.
    root : tuple of str or None
        The block whose labels stand or fall together.
    """

    label: str
    strength: int
    root: Path | None = None


class Layer:
    """The parts of one layer.

    Attributes
    ----------
    shapes : mapping of path to shape
        The weight's shape; None where it is not known.
    parts : dict of path to Part
    with_experts : set of path
        Blocks that have routed experts in them.
    scopes_with_experts : set of path
        What holds such a block.
    """

    def __init__(self, shapes: Mapping[Path, Shape | None], hint: Kind | None) -> None:
        self.shapes = shapes
        self.parts = locate(shapes, hint)
        self.with_experts: set[Path] = set()
        self.scopes_with_experts: set[Path] = set()
        self._inside: dict[tuple[Path, Path | None], set[str]] = defaultdict(set)
        self._beside: dict[tuple[Path | None, Path, Path], set[str]] = defaultdict(set)
        for part in self.parts.values():
            self._inside[part.scope, part.root].update(without_numbers(part.rest)[:1])
            self._beside[part.root, part.scope, part.rest[:-1]].update(part.rest[-1:])
        for path, part in self.parts.items():
            if part.root and part.family in ("mlp", "moe") and self._is_expert(path, part):
                self.with_experts.add(part.root)
                self.scopes_with_experts.add(part.scope)

    def _is_expert(self, path: Path, part: Part) -> bool:
        if after_experts((*(part.root or ())[-1:], *part.rest)) is not None:
            return True
        # JetMoE's experts are one parameter, and no name says that they are experts.
        return self.is_stacked(path) and "router" in self.inside(part)

    def inside(self, part: Part) -> set[str]:
        """Give the names of what is directly in a part's block; in its scope if it has none."""
        return self._inside[part.scope, part.root]

    def beside(self, part: Part) -> set[str]:
        """Give the names of what stands in the same module as a part, and its own."""
        return self._beside[part.root, part.scope, part.rest[:-1]]

    def is_stacked(self, path: Path) -> bool:
        """Whether a weight has an axis before those of a matrix."""
        return len(self.shapes.get(path) or ()) == 3

    def is_matrix(self, path: Path) -> bool:
        """Whether a weight is known to have two axes or more."""
        return len(self.shapes.get(path) or ()) > 1

    def attends(self) -> bool:
        """Whether there is attention in the layer."""
        return any(part.family in ("attn", "xattn") for part in self.parts.values())

    def family(self, part: Part) -> str:
        """Tell the family of a block's label: a feed-forward that has experts is a "moe"."""
        if part.family == "shared" and not self.with_experts:
            return "mlp"  # nothing to be shared beside
        if part.family == "mlp" and part.root in self.with_experts:
            return "moe"
        return part.family


def is_half(root: Path) -> bool:
    """Whether a block is one of the two modules of a feed-forward."""
    return bool(root) and words(root[-1])[:1] in (("intermediate",), ("output",))


def leaf_of(rest: Path, role: Callable[[str], str | None]) -> list[str]:
    """Leave out a last segment that only says what a role's module is made of."""
    found = list(rest)
    while len(found) > 1 and found[-1] in THE_MATRIX and role(found[-2]):
        found.pop()
    return found


def label_of(family: str, role: str) -> str:
    """Give the label of a role in a family."""
    return f"{'moe.shared' if family == 'shared' else family}.{role}"
