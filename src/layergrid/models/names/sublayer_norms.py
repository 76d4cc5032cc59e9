"""Which sub-layer a normalisation belongs to, told by its name and by those beside it. Pure.

"post_attention_layernorm" comes before the feed-forward in Llama, after the attention in Gemma 2:
what else there is decides.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .sublayers import Path
from .words import ATTENTION, CROSS, FEED_FORWARD

_ATTENTION = ATTENTION | {"self"}
_FEED_FORWARD = FEED_FORWARD | {"feed", "forward", "moe"}
_POSITIONS = frozenset({"pre", "post"})
_MIXERS = frozenset({"attn", "xattn", "ssm"})
#: Words that stand for a block, of norms that do not name one.
_FIRST = ({"input"}, {"before"}, {"operator"}, {"post", "operator"}, {"temporal", "pre"})
_SECOND = ({"after"}, {"channel", "pre"})
_AFTER_ATTENTION = ({"post", "attention"}, {"post", "attn"})


class Norm(NamedTuple):
    """A normalisation of a layer.

    Attributes
    ----------
    scope : tuple of str
        Modules that merely hold it and the blocks it may belong to.
    words : frozenset of str
        What its name says beside that it is a norm.
    family : str
        The block that it stands in; "" if it stands beside the blocks.
    is_plain : bool
        Whether the name of that block says no more than its family.
    """

    scope: Path
    words: frozenset[str]
    family: str = ""
    is_plain: bool = True


class Block(NamedTuple):
    """A block of a layer.

    Attributes
    ----------
    scope : tuple of str
        Modules that merely hold it.
    family : str
        "" if nothing can be said of it.
    root : tuple of str
        Its path; `scope` if its parts have no module to themselves.
    """

    scope: Path
    family: str
    root: Path


class _Claim(NamedTuple):
    """The block that a norm belongs to: "mixer" is the first one, whichever it is."""

    family: str
    after: bool = False


def name_norms(norms: Mapping[Path, Norm], blocks: Iterable[Block]) -> dict[Path, str]:
    """Give labels to the norms of a layer whose block is certain."""
    known = [
        block._replace(family="mlp") if block.family == "moe" else block
        for block in blocks
        if block.family
    ]
    scopes: dict[Path, dict[Path, Norm]] = defaultdict(dict)
    for path, norm in norms.items():
        scopes[norm.scope][path] = norm
    labels: dict[Path, str] = {}
    for scope, some in scopes.items():
        within = [block for block in known if block.scope[: len(scope)] == scope]
        present = {block.family for block in within}
        is_one_mlp = sum(block.family == "mlp" for block in within) == 1
        for path, claim in _claims(some, present, is_one_mlp).items():
            labels[path] = _label(claim, present & _MIXERS)
    return labels


def _label(claim: _Claim, mixers: set[str]) -> str:
    family = claim.family
    if family == "mixer" or (family == "attn" and mixers == {"ssm"}):
        family = "attn" if "attn" in mixers and "ssm" not in mixers else "mixer"
        if mixers == {"xattn"}:
            family = "xattn"
    return f"{family}.post_norm" if claim.after else f"{family}.norm"


def _claims(norms: Mapping[Path, Norm], present: set[str], is_one_mlp: bool) -> dict[Path, _Claim]:
    if not present - {"other"}:
        return {}
    claims = {path: claim for path, norm in norms.items() if (claim := _said(norm))}
    open_ = {path: norm.words for path, norm in norms.items() if not norm.family}
    for path, claim in _numbered(open_, present).items():
        claims.setdefault(path, claim)
    _after_attention(claims, open_, present)
    _rest(claims, open_, present, is_one_mlp)
    return claims


def _said(norm: Norm) -> _Claim | None:
    """Tell the block from a norm's own name."""
    said, after = norm.words - _POSITIONS, "post" in norm.words
    if len(norm.words) > 1:
        said -= {"before"}
    if norm.family:
        own = _FEED_FORWARD if norm.family == "mlp" else _ATTENTION | CROSS
        return _Claim(norm.family, after) if said <= own else None
    if norm.words in _AFTER_ATTENTION:
        return None
    if not said:
        return None
    if said <= _ATTENTION or said == {"attn", "output"}:
        return _Claim("attn", after)
    if said <= _ATTENTION | CROSS | {"ca"} and said & (_ATTENTION | {"ca", "crossattention"}):
        return _Claim("xattn", after)
    if said <= _FEED_FORWARD:
        return _Claim("mlp", after)
    if norm.words in _FIRST:
        return _Claim("mixer", after)
    if norm.words in _SECOND:
        return _Claim("mlp", after)
    return None


def _numbered(open_: Mapping[Path, frozenset[str]], present: set[str]) -> dict[Path, _Claim]:
    """Tell norms that are merely counted, if there are as many as there are blocks."""
    order = ["mixer"]
    if {"attn", "xattn"} <= present:
        order = ["attn", "xattn"]
    if "mlp" in present:
        order.append("mlp")
    elif not present & _MIXERS:
        return {}
    claims: dict[Path, _Claim] = {}
    for after in (False, True):
        counted = {
            next(iter(words - {"post"})): path
            for path, words in open_.items()
            if ("post" in words) == after and len(words - {"post"}) == 1
        }
        numbers = sorted(word for word in counted if word.isdigit())
        if numbers == [str(i + 1) for i in range(len(order))]:
            claims |= {
                counted[n]: _Claim(family, after) for n, family in zip(numbers, order, strict=True)
            }
        elif numbers == ["1"] and order == ["mixer", "mlp"]:  # one for both, side by side
            claims[counted["1"]] = _Claim("mixer", after)
    return claims


def _after_attention(
    claims: dict[Path, _Claim], open_: Mapping[Path, frozenset[str]], present: set[str]
) -> None:
    """Tell what "post attention" means; "final" with it, where there is cross attention too."""
    by_words = _by_words(open_)
    paths = [path for words, path in by_words.items() if words in _AFTER_ATTENTION]
    if len(paths) != 1:
        return
    (path,) = paths
    taken = set(claims.values())
    begins = taken & {_Claim("mixer"), _Claim("attn"), _Claim("xattn")}
    final = by_words.get(frozenset({"final"}))
    if _Claim("mlp") in taken or (not begins and _Claim("mlp", True) in taken):
        claims[path] = _Claim("attn", True)
    elif {"attn", "xattn"} <= present:
        if final is not None and _Claim("xattn") not in taken:
            claims[path], claims[final] = _Claim("xattn"), _Claim("mlp")
    elif "mlp" in present:
        claims[path] = _Claim("mlp")


def _by_words(open_: Mapping[Path, frozenset[str]]) -> dict[frozenset[str], Path]:
    """Find norms by what they say, those that alone say it."""
    met = Counter(open_.values())
    return {words: path for path, words in open_.items() if met[words] == 1}


def _rest(
    claims: dict[Path, _Claim],
    open_: Mapping[Path, frozenset[str]],
    present: set[str],
    is_one_mlp: bool,
) -> None:
    """Give what is left to the one block that has none yet.

    Between two feed-forwards, as a conformer has them, the last norm is of neither.
    """
    by_words = _by_words({path: words for path, words in open_.items() if path not in claims})
    nameless, final = by_words.get(frozenset()), by_words.get(frozenset({"final"}))
    output = by_words.get(frozenset({"output"})) or by_words.get(frozenset({"full"}))
    attended = {"mixer", "attn", "xattn"} & {claim.family for claim in claims.values()}
    needs_mlp = is_one_mlp and all(claim.family != "mlp" for claim in claims.values())
    if nameless is not None and len(present) == 1:
        (only,) = present
        if all(claim.family != only for claim in claims.values()):
            claims[nameless] = _Claim("mixer" if only == "ssm" else only)
            return
    if nameless is not None and final is not None and not attended and "attn" in present:
        claims[nameless] = _Claim("mixer")
        attended = {"mixer"}
    elif nameless is not None and final is None and attended and needs_mlp:
        claims[nameless] = _Claim("mlp")
        return
    last = final if final is not None else output
    if last is not None and attended and needs_mlp:
        claims[last] = _Claim("mlp")
