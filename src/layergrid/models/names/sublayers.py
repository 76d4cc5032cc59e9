"""Which sub-layer a path leads into: its attention, its feed-forward; a "block" in all of `names`.

Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from .roles import SSM_MARKS
from .words import EXPERTS, INDEX, Kind, each, is_container, is_norm, kind, words

Path = tuple[str, ...]

#: A feed-forward without a module of its own has these two in its place, BERT's way.
_PAIR = frozenset({"intermediate", "output"})
_IN_PAIR = frozenset(each("dense conv1d linear fc1 fc2"))


class Part(NamedTuple):
    """Where in a layer a path leads.

    Attributes
    ----------
    scope : tuple of str
        Modules before the block that merely hold it.
    root : tuple of str or None
        Path of the block; None for what stands in the layer, or the scope, itself.
    family : str
        "attn", "xattn", "ssm", "mlp", "moe" (routed experts and what belongs to them), "shared"
        (experts that are always on); "" if there is no block, or nothing can be said of it.
    is_plain : bool
        Whether the block's name says no more than that.
    rest : tuple of str
        What follows the block.
    """

    scope: Path
    root: Path | None
    family: str
    is_plain: bool
    rest: Path


def locate(paths: Collection[Path], hint: Kind | None) -> dict[Path, Part]:
    """Find the block that each path of a layer leads into.

    `hint` is the kind of block that the list of layers is itself named after.
    """
    parts = {path: _locate(path) for path in paths}
    if hint is not None and all(part.root is None for part in parts.values()):
        for path, part in parts.items():
            if not part.scope:
                parts[path] = Part((), (), hint.family, hint.plain, part.rest)
    return _second_attention(_told_by_their_parts(parts))


def _locate(path: Path) -> Part:
    at = 0
    for at, segment in enumerate(path):
        last = at + 1 == len(path)
        found = kind(segment)
        if found is not None and not (last and found.family in ("attn", "xattn")):
            return Part(path[:at], path[: at + 1], *found, path[at + 1 :])
        if not last and _PAIR & set(words(segment)) and _is_pair(path[at + 1 :]):
            return Part(path[:at], path[: at + 1], "mlp", segment in _PAIR, path[at + 1 :])
        if last or not is_container(segment):
            break
    return Part(path[:at], None, "", True, path[at:])


def _is_pair(rest: Path) -> bool:
    return len(rest) == 1 and (rest[0] in _IN_PAIR or is_norm(rest[0]))


def _told_by_their_parts(parts: dict[Path, Part]) -> dict[Path, Part]:
    """Find blocks by what is in them: a `mixer` that has an A_log is a state-space block."""
    marked = {
        part.scope
        for part in parts.values()
        if part.root is None and part.scope and SSM_MARKS & set(part.rest[:1])
    }
    return {
        path: Part(part.scope[:-1], part.scope, "ssm", True, part.rest)
        if part.root is None and part.scope in marked
        else part
        for path, part in parts.items()
    }


def _second_attention(parts: dict[Path, Part]) -> dict[Path, Part]:
    """Tell cross attention by the self attention beside it: torch's decoder, diffusers."""
    names: dict[Path, set[str]] = {}
    for part in parts.values():
        if part.root and part.family == "attn":
            names.setdefault(part.scope, set()).add(part.root[-1])

    def is_second(part: Part) -> bool:
        if not part.root or part.family != "attn":
            return False
        beside, name = names[part.scope], part.root[-1]
        return (name == "multihead_attn" and "self_attn" in beside) or (
            name == "attn2" and "attn1" in beside
        )

    return {
        path: part._replace(family="xattn") if is_second(part) else part
        for path, part in parts.items()
    }


def without_numbers(path: Iterable[str]) -> Path:
    """Leave out the numbers of parts in a Sequential, and of blocks in a list."""
    return tuple(segment for segment in path if not INDEX.fullmatch(segment))


def after_experts(segments: Path) -> Path | None:
    """Give what follows the innermost list of experts in a path, None if there is none."""
    found = [i for i, segment in enumerate(segments) if EXPERTS.fullmatch(segment)]
    return segments[found[-1] + 1 :] if found else None
