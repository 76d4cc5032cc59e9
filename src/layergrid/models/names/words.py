"""What the segments of a path say: their words, and the kind of block they stand for. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


def each(line: str) -> tuple[str, ...]:
    """Give the words of a line."""
    return tuple(line.split())


#: Segments that are remembered; a model has a few dozen.
CACHED = 1 << 13

#: A list of experts, of which a model uses a few at a time. Never the shared ones.
EXPERTS = re.compile(r"(?!.*shared)(?:.*_)?experts?")
EXPERT = re.compile(r"expert_(0|[1-9][0-9]{0,8})")
#: A number as a list has it: no leading zero, so that two of them are never the same number.
INDEX = re.compile(r"0|[1-9][0-9]{0,8}")

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NORM = re.compile(r".*norm.*|(.*_)?ln(_.*|\d.*)?", re.IGNORECASE)
#: Words of a norm that do not say which one it is.
_NORM_WORDS = frozenset(each("layer norm layernorm rms rmsnorm ln layernorms"))

ATTENTION = frozenset(each("attn attention attentions att mha sa selfattn selfattention"))
CROSS = frozenset(each("cross crossattention crossattn encoder enc encdec src"))
FEED_FORWARD = frozenset(each("mlp mlps ffn ffns ff ffw feedforward"))
#: Words that add nothing to what a block is; any other makes it one of several kinds.
_PLAIN_ATTENTION = frozenset(
    each("self multi head multihead masked causal rel decoder dec local transient")
)
_PLAIN_FEED_FORWARD = frozenset(each("position wise positionwise feed forward dense relu block"))
_TRAILING = frozenset(each("block blocks layer layers module modules"))
#: A module that only holds others, by its last word.
_CONTAINERS = frozenset(
    each("layer layers block blocks module modules mixer transformer transf decoder encoder")
)


class Kind(NamedTuple):
    """What kind of block a segment stands for, and whether nothing else is said of it."""

    family: str
    plain: bool


@lru_cache(CACHED)
def words(segment: str) -> tuple[str, ...]:
    """Give the words of a segment: "self_attn", "SelfAttention" → self, attn; self, attention."""
    return tuple(word.lower() for word in _WORD.findall(segment))


@lru_cache(CACHED)
def is_norm(segment: str) -> bool:
    """Whether a segment names a normalisation."""
    return bool(_NORM.fullmatch(segment))


@lru_cache(CACHED)
def norm_words(segment: str) -> frozenset[str]:
    """Give the words that say which normalisation it is: "post_attention_layernorm" → two."""
    said = frozenset(words(segment)) - _NORM_WORDS
    return frozenset(_bare(word) for word in said) - {""}


def _bare(word: str) -> str:
    return word.removesuffix("norm").removeprefix("norm") if not word.isdigit() else word


@lru_cache(CACHED)
def is_container(segment: str) -> bool:
    """Whether a segment says nothing of what is in it."""
    said = words(segment)
    return bool(INDEX.fullmatch(segment) or (said and said[-1] in _CONTAINERS))


@lru_cache(CACHED)
def kind(segment: str) -> Kind | None:
    """Tell which kind of block a segment stands for, None if that cannot be told."""
    if is_norm(segment):
        return None
    said = [word for word in words(segment) if not word.isdigit()]
    while len(said) > 1 and said[-1] in _TRAILING:
        said.pop()
    if not said:
        return None
    last, rest = said[-1], set(said)
    if "shared" in rest and last in FEED_FORWARD | {"expert", "experts", "moe"}:
        return Kind("shared", True)
    if "moe" in rest or last in {"experts", "router"}:
        return Kind("moe", True)
    if last in {"mamba", "mamba2", "ssm", "deltanet"} or tuple(said[-2:]) == ("delta", "net"):
        return Kind("ssm", True)
    if last in FEED_FORWARD or tuple(said[-2:]) == ("feed", "forward"):
        return Kind("mlp", rest <= FEED_FORWARD | _PLAIN_FEED_FORWARD)
    if tuple(said) == ("dense", "relu", "dense"):
        return Kind("mlp", True)
    return _attention(said, last)


def _attention(said: list[str], last: str) -> Kind | None:
    rest = set(said)
    if rest & {"post", "pre"} or not rest & (ATTENTION | {"crossattention", "crossattn"}):
        return None
    cross = bool(rest & CROSS) and "self" not in rest  # encoder_self_attn is none
    if last not in ATTENTION | CROSS and not (cross and rest.isdisjoint({"gate", "scale", "conv"})):
        return None
    if "linear" in rest:
        return Kind("ssm", rest <= ATTENTION | {"linear"})
    plain = rest <= ATTENTION | _PLAIN_ATTENTION | CROSS
    return Kind("xattn" if cross else "attn", plain)
