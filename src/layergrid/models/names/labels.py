"""One label for each path of a stack, the same in every layer, and no two alike. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from .aliases import guess_labels
from .guesses import Guess
from .layer import Shape
from .roles import is_canonical
from .sublayers import Path
from .words import INDEX, Kind, kind

Row = tuple[int, ...]


class Key(NamedTuple):
    """What stands in the same place in every layer.

    Attributes
    ----------
    path : tuple of str
        Without the number of an expert.
    piece : str or None
        Which slice of it, if it is fused of several.
    repeats : tuple of int
        Where the number of a repeat within the layer stands in `path`.
    """

    path: Path
    piece: str | None
    repeats: tuple[int, ...]

    @property
    def raw(self) -> str:
        """The path as text; it stands for itself where there is no alias."""
        text = ".".join(self.path) or "layer"
        if is_canonical(text):
            text = f"*.{text}"  # the model's own word for it, which is not the field's
        return text if self.piece is None else f"{text}[{self.piece}]"


#: A slice that is called thus is the whole role of it.
_PIECES = {
    "attn": frozenset({"q", "k", "v", "kv", "gate"}),
    "xattn": frozenset({"q", "k", "v", "kv", "gate"}),
    "mlp": frozenset({"gate", "up"}),
    "moe": frozenset({"gate", "up"}),
    "moe.shared": frozenset({"gate", "up"}),
}


def label_stack(
    layers: Mapping[Row, Mapping[Key, Shape | None]],
    together: Mapping[Row, Iterable[tuple[Key, int | None, str]]],
    hint: Kind | None,
) -> dict[Key, str]:
    """Give a label to each key of a stack.

    Parameters
    ----------
    layers : mapping of row to (mapping of key to shape)
        What each layer has; shapes of weights, None where not known.
    together : mapping of row to (key, expert, tail)
        Which keys meet in a layer, in which of its experts, and with which tails.
    hint : Kind or None
        The kind of block that the list of layers is named after.
    """
    groups: dict[frozenset[Key], Row] = {}
    for row in sorted(layers):
        groups.setdefault(frozenset(layers[row]), row)
    agreed: dict[Key, Guess | None] = {}
    for keys, row in groups.items():
        guesses = _guess(layers[row], hint)
        for key in keys:
            guess = guesses.get(key)
            agreed[key] = _agree(agreed[key], guess) if key in agreed else guess
    meetings = {some for members in together.values() for some in _meetings(members)}
    return _unique(agreed, meetings)


def _meetings(members: Iterable[tuple[Key, int | None, str]]) -> Iterator[frozenset[Key]]:
    """Give the keys that meet in each expert, with those of the layer that are in none.

    Only those of one tail meet: torch's attention may have a weight for each of q, k and v, and
    one bias for all three.
    """
    experts: dict[tuple[int | None, str], set[Key]] = defaultdict(set)
    for key, expert, tail in members:
        experts[expert, tail].add(key)
    for (_, tail), keys in list(experts.items()):
        yield frozenset(keys | experts[None, tail])


def _agree(one: Guess | None, other: Guess | None) -> Guess | None:
    """Keep a label that is the same in every layer; the norm before any mixer is that."""
    if one is None or other is None:
        return None
    if one.label == other.label:
        return one if one.strength <= other.strength else other
    firsts = {"attn.norm", "xattn.norm", "mixer.norm"}
    if {one.label, other.label} <= firsts:
        return one._replace(label="mixer.norm")
    return None


# ── repeats within a layer, and slices ───────────────────────────────────────────────────────


def _guess(shapes: Mapping[Key, Shape | None], hint: Kind | None) -> dict[Key, Guess]:
    """Guess within each repeat that a layer has, as if it was a layer itself."""
    blocks: dict[tuple[Path, str], dict[Path, list[Key]]] = defaultdict(lambda: defaultdict(list))
    holding = {
        key.path[: key.repeats[-1]]
        for key in shapes
        if key.repeats and any(map(kind, key.path[key.repeats[-1] + 1 :]))
    }
    for key in shapes:
        prefix, inserted, path = _inner(key, holding)
        blocks[prefix, inserted][path].append(key)
    guesses: dict[Key, Guess] = {}
    for (prefix, inserted), paths in blocks.items():
        known = {path: shapes[keys[0]] for path, keys in paths.items()}
        for path, guess in guess_labels(known, hint if not prefix else None).items():
            for key in paths[path]:
                found = _of_piece(guess, key.piece)
                label = _placed(found.label, prefix, inserted)
                guesses[key] = found._replace(
                    label=label,
                    root=None if found.root is None else (*prefix, inserted, *found.root),
                )
    return guesses


def _inner(key: Key, holding: Collection[Path]) -> tuple[Path, str, Path]:
    """Split off what leads to a repeat within the layer.

    A repeat of attentions keeps its block, and its number becomes part of the label; one of layers
    that hold blocks (`holding`) is a prefix; one within a block is nothing but part of that.
    """
    if not key.repeats:
        return (), "", key.path
    at = key.repeats[-1]
    prefix, number = key.path[:at], key.path[at]
    if any(kind(one) and not INDEX.fullmatch(other) for one, other in pairwise(prefix)):
        return (), "", key.path
    if prefix and kind(prefix[-1]) and prefix not in holding:
        return prefix[:-1], number, (prefix[-1], *key.path[at + 1 :])
    return (*prefix, number), "", key.path[at + 1 :]


def _placed(label: str, prefix: Path, number: str) -> str:
    if number:
        family, _, role = label.partition(".")
        label = f"{family}.{number}.{role}"
    return ".".join([*prefix, label])


def _of_piece(guess: Guess, piece: str | None) -> Guess:
    if piece is None:
        return guess
    family, _, _ = guess.label.rpartition(".")
    if piece in _PIECES.get(family, ()):
        return guess._replace(label=f"{family}.{piece}")
    return guess._replace(label=f"{guess.label}[{piece}]")


# ── no two alike ─────────────────────────────────────────────────────────────────────────────


def _unique(agreed: Mapping[Key, Guess | None], meetings: set[frozenset[Key]]) -> dict[Key, str]:
    """Drop aliases until no two keys that meet have the same label."""
    kept = {key: guess for key, guess in agreed.items() if guess is not None}
    while True:
        dropped: set[Key] = set()
        for keys in meetings:
            alike: dict[str, list[Key]] = defaultdict(list)
            for key in keys:
                alike[kept[key].label if key in kept else key.raw].append(key)
            for some in alike.values():
                if len(some) > 1:
                    dropped |= _losers(some, kept)
        if not dropped:
            return {key: kept[key].label if key in kept else key.raw for key in agreed}
        for key in dropped:
            del kept[key]


def _losers(keys: list[Key], kept: Mapping[Key, Guess]) -> set[Key]:
    """Tell which of the keys with one label must do without, and which fall with them."""
    aliased = [key for key in keys if key in kept]
    strengths = sorted(kept[key].strength for key in aliased)
    is_decided = len(aliased) == len(keys) and strengths[-1] > strengths[-2]
    losers = {key for key in aliased if not is_decided or kept[key].strength < strengths[-1]}
    roots = {kept[key].root for key in aliased}
    if len(roots) > 1:
        # A label of two blocks: which of them the others belong to is as uncertain.
        falling = {kept[key].root for key in losers} - {None}
        losers |= {key for key, guess in kept.items() if guess.root in falling}
    return losers
