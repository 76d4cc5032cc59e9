"""What the parts of a feed-forward are: gate, up and down, experts, a router. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from .guesses import CERTAIN, LIKELY, WEAK, Guess, label_of
from .layer import Layer, Shape
from .roles import ROUTERS, THE_MATRIX, feed_forward_role, leaf_of
from .sublayers import Part, Path, after_experts
from .w_names import W_NAMES, w_role
from .words import EXPERTS, INDEX, kind, words

#: BERT's feed-forward is two modules of one layer each.
_HALVES = {"intermediate": "in", "output": "down"}
_ONE_LAYER = frozenset({("dense",), ("conv1d",), ("linear",)})
#: What a gate is beside.
_FIRST = frozenset({"up", "in"})
_FAMILIES = ("mlp", "moe", "moe.shared")


def read_feed_forward(layer: Layer, path: Path, part: Part, rest: Path) -> Guess | None:
    """Guess the label of what is in a feed-forward; `rest` follows the block, without numbers.

    The role of what comes before the activation stays "in" until `settle_feed_forwards`.
    """
    root = part.root or ()
    family = layer.family(part)
    routed = after_experts((*root[-1:], *rest))
    if routed is not None:
        family, rest = "moe", routed
    elif (router := _router(layer, part, rest)) is not None:
        return router
    else:
        at = next((i for i, s in enumerate(rest[:-1]) if _is_shared(s)), None)
        if at is not None:
            family = "shared" if layer.with_experts else "mlp"
            root, rest = (*root, *rest[: at + 1]), rest[at + 1 :]
    role = _role(layer, part, root, rest)
    if role is None:
        return None
    if routed is None and family == "moe" and not layer.is_stacked(path):
        family = "mlp"  # a dense branch beside the experts
    return Guess(label_of(family, role), CERTAIN if part.is_plain else LIKELY, root)


def is_half(root: Path) -> bool:
    """Whether a block is one of the two modules of a feed-forward."""
    return bool(root) and not _HALVES.keys().isdisjoint(words(root[-1])[:1])


def _is_shared(segment: str) -> bool:
    found = kind(segment)
    return found is not None and found.family == "shared"


def _router(layer: Layer, part: Part, rest: Path) -> Guess | None:
    """Tell a router by its name; a "gate" is one where there are experts, else it is a gate."""
    if part.family == "shared":
        return None
    if (part.root or ())[-1:] == ("router",):
        inside = rest if part.scope in layer.scopes_with_experts else None
    else:
        at = next((i for i, s in enumerate(rest) if words(s)[-1:] == ("router",)), None)
        if at is None and rest[:1] and rest[0] in ROUTERS and part.root in layer.with_experts:
            at = 0
        inside = None if at is None else rest[at + 1 :]
    if inside is None:
        return None
    if not inside or (len(inside) == 1 and inside[0] in THE_MATRIX):
        return Guess("moe.router", CERTAIN)
    return Guess(".".join(["moe.router", *inside]), WEAK)


def _role(layer: Layer, part: Part, root: Path, rest: Path) -> str | None:
    if rest in _ONE_LAYER and is_half(root):
        return _HALVES[words(root[-1])[0]]
    *inner, leaf = leaf_of(rest, feed_forward_role) or [""]
    for segment in inner:
        found = kind(segment)
        if not EXPERTS.fullmatch(segment) and (found is None or found.family != "mlp"):
            return None
    if leaf in W_NAMES:
        return w_role(leaf, layer.shapes_beside(part))
    role = feed_forward_role(leaf)
    if role == "gate" and _FIRST.isdisjoint(map(feed_forward_role, layer.beside(part))):
        return None
    return role


# ── which matrix is which, by their shapes ───────────────────────────────────────────────────


def settle_feed_forwards(layer: Layer, guesses: dict[Path, Guess]) -> None:
    """Tell by the shapes what comes before the activation: up, or gate and up in one matrix.

    Where the names say nothing, two matrices of a block that fit each other are up and down; of
    three in a row none is.
    """
    blocks: dict[tuple[Path, str], dict[Path, str]] = defaultdict(dict)
    for path, guess in guesses.items():
        family, _, role = guess.label.rpartition(".")
        if family in _FAMILIES and role in ("in", "down", "gate", "up"):
            blocks[_block(layer, path, guess), family][path] = role
    _pair_up(layer, guesses, blocks)
    if any(part.root == () for part in layer.parts.values()):
        _forget_deeper(layer, guesses, blocks.get(((), "mlp"), {}))
    for (_, family), roles in blocks.items():
        down = next((path for path, role in roles.items() if role == "down"), None)
        for path, role in roles.items():
            if role in ("in", "up") and path in guesses:
                is_fused = (
                    down is not None
                    and "gate" not in roles.values()
                    and _is_twice(layer.shapes.get(path), layer.shapes.get(down))
                )
                label = f"{family}.{'gate_up' if is_fused else 'up'}"
                guesses[path] = guesses[path]._replace(label=label)


def _block(layer: Layer, path: Path, guess: Guess) -> Path:
    if guess.root is None:
        return layer.parts[path].scope
    return guess.root[:-1] if is_half(guess.root) else guess.root


def _pair_up(
    layer: Layer, guesses: dict[Path, Guess], blocks: dict[tuple[Path, str], dict[Path, str]]
) -> None:
    matrices: dict[Path, list[Path]] = defaultdict(list)
    for path, part in layer.parts.items():
        dense = part.family == "mlp" and part.root not in layer.with_experts
        dense = dense or (path in guesses and guesses[path].label.startswith("mlp."))
        if dense and layer.is_matrix(path):
            matrices[part.root if part.root and part.rest else part.scope].append(path)
    for root, paths in matrices.items():
        pair = _pair(paths, guesses)
        if pair is None:
            continue
        first, second = pair
        one, other = layer.shapes[first], layer.shapes[second]
        if not (_fits(one, other) or _is_twice(one, other)):
            continue
        strength = CERTAIN if layer.parts[first].is_plain else LIKELY
        for path, role in ((first, "in"), (second, "down")):
            guesses[path] = Guess(f"mlp.{role}", strength, root)
            blocks[root, "mlp"][path] = role


def _pair(paths: list[Path], guesses: Mapping[Path, Guess]) -> tuple[Path, Path] | None:
    """Tell the first of two matrices from the second: by a name, or by their numbers."""
    named = [path for path in paths if path in guesses]
    if len(paths) != 2 or len(named) == 2:
        return None
    first, second = sorted(paths, key=_numbers)
    if named:
        second = named[0]
        (first,) = set(paths) - {second}
        return (first, second) if guesses[second].label == "mlp.down" else None
    return (first, second) if _numbers(first) < _numbers(second) else None


def _forget_deeper(layer: Layer, guesses: dict[Path, Guess], roles: Mapping[Path, str]) -> None:
    """Forget the roles in a list of MLPs that have more matrices than roles."""
    if any(path not in guesses and layer.is_matrix(path) for path in layer.shapes):
        for path in roles:
            del guesses[path]


def _numbers(path: Path) -> tuple[int, ...]:
    return tuple(int(segment) for segment in path if INDEX.fullmatch(segment))


def _fits(first: Shape | None, second: Shape | None) -> bool:
    """Whether the second matrix takes what the first gives, and gives what that took."""
    if first is None or second is None:
        return False
    return first[:2] == second[:2][::-1] and first[2:] == second[2:]


def _is_twice(first: Shape | None, second: Shape | None) -> bool:
    """Whether the first matrix gives twice what the second takes, whichever axis it gives on."""
    if first is None or second is None or len(first) != len(second) or len(first) < 2:
        return False
    (a, b), (c, d) = first[-2:], second[-2:]
    return (a == 2 * d and b == c) or (b == 2 * c and a == d)
