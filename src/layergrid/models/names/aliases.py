"""What the parts of a layer are called, as far as that is certain. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping

from .feed_forwards import is_half, read_feed_forward, settle_feed_forwards
from .guesses import CERTAIN, LIKELY, WEAK, Guess, label_of
from .layer import Layer, Shape
from .roles import (
    ROUTERS,
    THE_MATRIX,
    attention_role,
    bare_role,
    feed_forward_role,
    is_canonical,
    leaf_of,
    ssm_role,
)
from .sublayer_norms import Block, Norm, name_norms
from .sublayers import Part, Path, after_experts, without_numbers
from .words import INDEX, Kind, each, is_norm, kind, norm_words

_SELF = frozenset(each("self attention attn att"))
_GGUF_EXPERTS = re.compile(r"ffn_(gate|up|down|gate_up)_(exps|shexp)")
#: A norm beside the first of two matrices for q, or for k and v, is of what lies between the two.
_OF_LATENT = {"q_norm": "q_a", "kv_norm": "kv_a"}


def guess_labels(shapes: Mapping[Path, Shape | None], hint: Kind | None) -> dict[Path, Guess]:
    """Guess labels for the paths of one layer.

    Parameters
    ----------
    shapes : mapping of path to shape
        The weight's shape; None if it is not known.
    hint : Kind or None
        The kind of block that the list of layers is named after.
    """
    layer = Layer(shapes, hint)
    guesses = {
        path: guess for path, part in layer.parts.items() if (guess := _read(layer, path, part))
    }
    settle_feed_forwards(layer, guesses)
    _name_norms(layer, guesses)
    for path, part in layer.parts.items():
        if path not in guesses and (guess := _fall_back(layer, part, guesses)):
            guesses[path] = guess
    return guesses


# ── what a path is to its block ──────────────────────────────────────────────────────────────


def _read(layer: Layer, path: Path, part: Part) -> Guess | None:
    rest = without_numbers(part.rest)
    if part.root is None:
        return _bare(layer, part, rest)
    if part.family in ("attn", "xattn"):
        role = _attention(layer, part, rest)
    elif part.family == "ssm":
        role = ssm_role(rest[0]) if len(rest) == 1 else None
    else:
        return read_feed_forward(layer, path, part, rest)
    if role is None:
        return None
    return Guess(label_of(part.family, role), CERTAIN if part.is_plain else LIKELY, part.root)


def _attention(layer: Layer, part: Part, rest: Path) -> str | None:
    *inner, leaf = leaf_of(rest, attention_role) or [""]
    for segment in inner:
        found = kind(segment)
        within = found is not None and found.family in ("attn", part.family)
        if not within and segment not in _SELF and attention_role(segment) not in ("o", "qkv"):
            return None
    role = attention_role(leaf)
    if role == "qkv" and "q_attn" in layer.inside(part):
        return "kv"  # GPT-2's cross attention
    if role in _OF_LATENT:
        first = _OF_LATENT[role]
        others = set(map(attention_role, layer.inside(part)))
        return f"{first}_norm" if first in others and f"{first}_norm" not in others else role
    return role


def _bare(layer: Layer, part: Part, rest: Path) -> Guess | None:
    """Guess what stands in the layer itself, by a name that says block and role."""
    if len(rest) > 1 and rest[-1] in THE_MATRIX:
        rest = rest[:-1]
    if len(rest) != 1:
        return None
    (name,) = rest
    if grouped := _GGUF_EXPERTS.fullmatch(name):
        return Guess(label_of("moe" if grouped[2] == "exps" else "shared", grouped[1]), CERTAIN)
    if name == "ffn_gate_inp" or (name in ROUTERS and part.scope in layer.scopes_with_experts):
        return Guess("moe.router", CERTAIN)
    if name == "ffn_gate_inp_shexp":
        return Guess("moe.shared_expert_gate", CERTAIN)
    if {"q_proj", "k_proj", "v_proj"} <= layer.inside(part) and attention_role(name) == "o":
        return Guess("attn.o", CERTAIN)
    found = bare_role(name)
    if found is None or (found.needs_attention and not layer.attends()):
        return None
    return Guess(label_of(found.family, found.role), CERTAIN)


# ── norms, and what is left ──────────────────────────────────────────────────────────────────


def _name_norms(layer: Layer, guesses: dict[Path, Guess]) -> None:
    norms: dict[Path, Norm] = {}
    #: What is in each norm, with what follows its name in the path.
    within: dict[Path, dict[Path, Path]] = defaultdict(dict)
    for path, at in _find_norms(layer, guesses).items():
        part = layer.parts[path]
        stem = path[: len(path) - len(part.rest) + at + 1]
        family = "" if part.root is None else part.family
        norms[stem] = Norm(part.scope, norm_words(stem[-1]), family, part.is_plain)
        within[stem][path] = path[len(stem) :]
    named = {path for paths in within.values() for path in paths}
    for stem, label in name_norms(norms, _blocks(layer, guesses, named)).items():
        if label == "mixer.norm" and ("mixer", "norm") in layer.parts:
            continue  # as the model calls another norm
        inner = LIKELY if norms[stem].is_plain else WEAK
        numbers = [rest for rest in within[stem].values() if rest and INDEX.fullmatch(rest[0])]
        for path, rest in within[stem].items():
            own = without_numbers(s for s in rest if not is_norm(s))
            whole = label
            if len(numbers) > 1 and rest in numbers:
                # LongCat's layers have two of each block, and a list of two norms for them.
                family, _, role = label.rpartition(".")
                whole = f"{family}.{rest[0]}.{role}"
            strength = inner if norms[stem].family or own else CERTAIN
            guesses[path] = Guess(".".join([whole, *own]), strength)


def _find_norms(layer: Layer, guesses: Mapping[Path, Guess]) -> dict[Path, int]:
    """Find the norms, each with where it stands in the rest of its path.

    Those between the matrices of a block, as Magneto (arXiv:2210.06423) has them, are left out:
    they have another width than the norms beside the blocks.
    """
    found = {
        path: at
        for path, part in layer.parts.items()
        if path not in guesses and (at := _norm_at(layer, part)) is not None
    }
    beside: dict[Path, set[Shape | None]] = defaultdict(set)
    for path in found:
        if layer.parts[path].root is None:
            beside[layer.parts[path].scope].add(layer.shapes[path])

    def is_between(path: Path) -> bool:
        widths = beside[layer.parts[path].scope] - {None}
        shape = layer.shapes[path]
        return bool(widths) and shape is not None and shape not in widths

    return {path: at for path, at in found.items() if not is_between(path)}


def _norm_at(layer: Layer, part: Part) -> int | None:
    """Tell where in the rest of a path the norm is that it leads to."""
    at = next((i for i, segment in enumerate(part.rest) if is_norm(segment)), None)
    if at is None:
        return None
    before = without_numbers(part.rest[:at])
    after = without_numbers(part.rest[at + 1 :])
    if part.root is None:
        # What makes a norm depend on something may be in it; DBRX has whole blocks there.
        holds = any(found and found.family != "mlp" for found in map(kind, after))
        return None if before or holds else at
    if any(not is_norm(segment) or norm_words(segment) for segment in after):
        return None
    if part.family not in ("attn", "xattn", "mlp") or part.root in layer.with_experts:
        return None
    for segment in before:
        # Transformer Engine keeps a norm in the linear layer that it comes before.
        is_first = attention_role(segment) == "qkv" or feed_forward_role(segment) in ("in", "up")
        if segment not in _SELF | {"output"} and not is_first:
            return None
    return at


def _blocks(layer: Layer, guesses: Mapping[Path, Guess], norms: Collection[Path]) -> set[Block]:
    """Find the layer's blocks; a matrix that none is known for stands for one of another family."""
    found: set[Block] = set()
    for path, part in layer.parts.items():
        if part.root is not None:
            root = part.root if part.rest and not is_half(part.root) else part.scope
            found.add(Block(part.scope, layer.family(part), root))
        elif path in guesses:
            found.add(Block(part.scope, guesses[path].label.partition(".")[0], part.scope))
        elif path not in norms and layer.is_matrix(path):
            found.add(Block(part.scope, "other", part.scope))
    return found


def _fall_back(layer: Layer, part: Part, guesses: Mapping[Path, Guess]) -> Guess | None:
    """Name a part after its block and itself, if it has no alias: attn.sinks.

    Only if the layer has one such block, and it is known by something else in it.
    """
    if part.root is None:
        family, rest = _prefixed(part.rest)
        if all(other.family != family for other in layer.parts.values()):
            return None
    else:
        family, rest = layer.family(part), part.rest
        if not part.root or not rest or not part.is_plain or is_half(part.root):
            return None
        if all(guess.root != part.root for guess in guesses.values()):
            return None
        if family == "moe":
            rest = after_experts((part.root[-1], *rest)) or rest
    alike = {
        other.root
        for other in layer.parts.values()
        if other.root and other.is_plain and other.family in (part.family or family, family)
    }
    name = ".".join(rest)
    if not family or len([root for root in alike if not is_half(root)]) > 1:
        return None
    label = label_of(family, name)
    if is_canonical(label) or (is_norm(name) and not norm_words(name)):
        return None  # it would say what could not be made sure of
    return Guess(label, WEAK)


def _prefixed(rest: Path) -> tuple[str, Path]:
    """Tell a block by the beginning of a name: attn_hc.fn is of the attention, as hc.fn."""
    said = rest[0].split("_") if rest else []
    for length in (1, 2, 3):
        found = kind("_".join(said[:length])) if len(said) > length else None
        if found is not None and found.plain and found.family in ("attn", "xattn", "mlp"):
            return found.family, ("_".join(said[length:]), *rest[1:])
    return "", ()
