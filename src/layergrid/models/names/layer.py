"""What must be known of all parts of a layer to name one of them. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from .sublayers import Part, Path, after_experts, locate, without_numbers
from .words import Kind

Shape = tuple[int, ...]


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
        is_said = part.family == "moe" or "router" in self.inside(part)
        return is_said and self.is_stacked(path)

    def inside(self, part: Part) -> set[str]:
        """Give the names of what is directly in a part's block; in its scope if it has none."""
        return self._inside[part.scope, part.root]

    def beside(self, part: Part) -> set[str]:
        """Give the names of what stands in the same module as a part, and its own."""
        return self._beside[part.root, part.scope, part.rest[:-1]]

    def shapes_beside(self, part: Part) -> dict[str, Shape | None]:
        """Give the shapes of what stands in the same module as a part, and its own."""
        module = (*(part.root or part.scope), *part.rest[:-1])
        return {name: self.shapes.get((*module, name)) for name in self.beside(part)}

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
