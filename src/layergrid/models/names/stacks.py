"""Where a model repeats itself: which numbers in its names count layers. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from .words import CACHED, EXPERTS, INDEX

#: Of the modules in a list, how many at least must recur in it for it to be layers. T5's two or
#: three sub-layers in a block have only their norm in common.
_ALIKE = 0.5
#: Which share of a stack's parameters a stack within it must hold to stand for it: Swin's blocks
#: hold nearly all of a stage, the two attentions of a layer do not.
_NEARLY_ALL = 0.75
#: Numbers in a path beyond these count nothing any more.
_DEEPEST = 8


class Parameter(NamedTuple):
    """What is known of a parameter before its place is found.

    Attributes
    ----------
    name : str
    path : tuple of str
    starred : tuple of (str or None)
        The path with None for every number.
    size : int
    is_matrix : bool
    """

    name: str
    path: tuple[str, ...]
    starred: tuple[str | None, ...]
    size: int
    is_matrix: bool


def parameter(name: str, path: tuple[str, ...], size: int, is_matrix: bool) -> Parameter:
    """Make a parameter; in its path only a list's numbers are numbers."""
    starred = tuple([None if INDEX.fullmatch(segment) else segment for segment in path])
    return Parameter(name, path, starred, size, is_matrix)


class Member(NamedTuple):
    """A parameter in a repeat.

    Attributes
    ----------
    name : str
    row : tuple of int
        The layer's number, after those of the layers round it.
    path : tuple of str
        What follows that number.
    repeats : tuple of int
        Where in this path a number of a repeat within this one stands.
    """

    name: str
    row: tuple[int, ...]
    path: tuple[str, ...]
    repeats: tuple[int, ...]


@dataclass
class Repeat:
    """A list of layers, the same one in every layer round it.

    Attributes
    ----------
    pattern : tuple of str
        The path to the list, "*" for the number of a layer round it.
    outer : Repeat or None
        The repeat round it.
    size : int
        How many parameters it has.
    """

    pattern: tuple[str, ...]
    outer: Repeat | None
    members: list[Member] = field(default_factory=list)
    size: int = 0

    @property
    def depth(self) -> int:
        """How many repeats there are round it, and itself."""
        return 1 if self.outer is None else self.outer.depth + 1

    @property
    def weight(self) -> int:
        """Size to rank it by: one that holds nearly all of the repeat round it ranks with that."""
        if self.outer is not None and self.size >= _NEARLY_ALL * self.outer.size:
            return self.outer.weight
        return self.size


class _Found(NamedTuple):
    """A parameter on the way down, with the numbers of repeats met so far and where they stood."""

    parameter: Parameter
    row: tuple[int, ...] = ()
    at: tuple[int, ...] = ()


def find_repeats(parameters: Iterable[Parameter]) -> list[Repeat]:
    """Find every level at which a model repeats itself, that with the most parameters first."""
    repeats: list[Repeat] = []
    _descend([_Found(parameter) for parameter in parameters], (), None, repeats)
    return sorted(repeats, key=lambda repeat: (-repeat.weight, -repeat.depth, repeat.pattern))


def _descend(
    found: list[_Found], pattern: tuple[str, ...], outer: Repeat | None, repeats: list[Repeat]
) -> list[_Found]:
    """Look for lists below `pattern`; give the parameters back with all their numbers found."""
    start = len(pattern)
    if sum(segment == "*" or bool(INDEX.fullmatch(segment)) for segment in pattern) >= _DEEPEST:
        return found
    lists: dict[tuple[str, ...], list[_Found]] = defaultdict(list)
    done: list[_Found] = []
    for one in found:
        path = one.parameter.path
        at = _number(one.parameter, start)
        if at is None or (at and _is_set(path[at - 1])):
            done.append(one)  # what lies within an expert is not looked into
        else:
            lists[pattern + path[start:at]].append(one)
    for where, members in lists.items():
        if _is_repeat(members, len(where), outer is not None):
            done += _repeat(members, where, outer, repeats)
        else:
            by_label: dict[str, list[_Found]] = defaultdict(list)
            for one in members:
                by_label[one.parameter.path[len(where)]].append(one)
            for label, some in by_label.items():
                done += _descend(some, (*where, label), outer, repeats)
    return done


def _repeat(
    members: list[_Found], where: tuple[str, ...], outer: Repeat | None, repeats: list[Repeat]
) -> list[_Found]:
    at = len(where)
    repeat = Repeat(where, outer, size=sum(one.parameter.size for one in members))
    repeats.append(repeat)
    numbered = [
        one._replace(row=(*one.row, int(one.parameter.path[at])), at=(*one.at, at))
        for one in members
    ]
    done = _descend(numbered, (*where, "*"), repeat, repeats)
    level = repeat.depth
    for parameter, row, positions in done:
        inner = tuple(i - at - 1 for i in positions[level:])
        path = parameter.path[at + 1 :]
        repeat.members.append(Member(parameter.name, row[:level], path, inner))
    return done


def _number(parameter: Parameter, start: int) -> int | None:
    """Tell where the next number of a path is."""
    starred = parameter.starred
    return starred.index(None, start) if None in starred[start:] else None


@lru_cache(CACHED)
def _is_set(segment: str) -> bool:
    return segment == "heads" or bool(EXPERTS.fullmatch(segment))


def _is_repeat(members: Sequence[_Found], at: int, is_nested: bool) -> bool:
    """Tell layers from what is merely numbered: the parts of a Sequential, T5's sub-layers."""
    lists: dict[tuple[int, ...], dict[str, set[tuple[str | None, ...]]]] = defaultdict(
        lambda: defaultdict(set)
    )
    matrices: dict[tuple[tuple[int, ...], str], set[tuple[str, ...]]] = defaultdict(set)
    for one in members:
        path = one.parameter.path
        lists[one.row][path[at]].add(one.parameter.starred[at + 1 :])
        if one.parameter.is_matrix:
            matrices[one.row, path[at]].add(path[at + 1 :])
    several = [items for items in lists.values() if len(items) > 1]
    is_block = max(map(len, matrices.values()), default=0) > 1
    if is_nested:
        return bool(several) and is_block and _alike(several) >= _ALIKE
    if not several:
        return is_block and _deeper(members, at) < _NEARLY_ALL
    return _alike(several) >= _ALIKE or _deeper(members, at) < 0.5


def _alike(lists: Iterable[dict[str, set[tuple[str | None, ...]]]]) -> float:
    total = shared = 0
    for items in lists:
        count: dict[tuple[str | None, ...], int] = defaultdict(int)
        for paths in items.values():
            for path in paths:
                count[path] += 1
        total += sum(count.values())
        shared += sum(n for n in count.values() if n > 1)
    return shared / total


def _deeper(members: Iterable[_Found], at: int) -> float:
    """Tell which share of the parameters lies in a longer list further down."""
    numbers: dict[tuple[str, ...], set[str]] = defaultdict(set)
    sizes: dict[tuple[str, ...], int] = defaultdict(int)
    total = 0
    for one in members:
        path = one.parameter.path
        total += one.parameter.size
        below = _number(one.parameter, at + 1)
        if below is not None and not _is_set(path[below - 1]):
            numbers[path[:below]].add(path[below])
            sizes[path[:below]] += one.parameter.size
    return sum(sizes[where] for where in sizes if len(numbers[where]) > 1) / max(total, 1)
