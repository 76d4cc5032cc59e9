"""From the names of a model's parameters to their places in a grid. Pure.

Nothing here knows a model: what repeats is a stack, what is numbered within a set is an expert,
and the words of a path say what a part is. Where they do not say it surely, or two parts would be
called the same, the path itself is the label.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from .labels import Key, label_stack
from .layer import Shape
from .ordering import is_sorted, order
from .stacks import Member, Repeat, find_repeats, parameter
from .sublayers import Path
from .tails import Split, split_all, whole
from .words import EXPERT, EXPERTS, INDEX, kind
from .wrappers import unwrap


@dataclass(frozen=True, slots=True)
class Place:
    """Where a parameter stands in a stack.

    Attributes
    ----------
    name : str
        As the source calls it; the name of a slice has the slice in brackets.
    layer : int or str
        The label of its layer.
    expert : int or None
        Which of the experts that have a parameter each it belongs to.
    component : str
        An alias, or its path within the layer.
    tail : str
        "weight", "bias", "lora_A" …
    """

    name: str
    layer: int | str
    expert: int | None
    component: str
    tail: str


@dataclass(frozen=True, slots=True)
class Stack:
    """Layers that are built alike.

    Attributes
    ----------
    title : str
        The path to them, "model.layers"; "*" stands for the number of a layer round them, as in
        "encoder.layers.*.blocks".
    layers : tuple of int or of str
        Their labels, in order: numbers, or those of all levels as in "2.5".
    components : tuple of str
        What they have, in the model's own order; in the field's, if names came sorted.
    places : tuple of Place
        One for each parameter, in the source's order. No two share layer, expert, component and
        tail.
    """

    title: str
    layers: tuple[int, ...] | tuple[str, ...]
    components: tuple[str, ...]
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Naming:
    """What was read from a model's names.

    Attributes
    ----------
    stacks : tuple of Stack
        Every level at which it repeats itself, that with the most parameters first; of a level
        and one within that holds nearly all of it the inner one.
    rest : tuple of str
        Names in no stack.
    """

    stacks: tuple[Stack, ...]
    rest: tuple[str, ...]


class _Known(NamedTuple):
    """A member of a repeat, read as far as it can be by itself; `name` is without wrappers."""

    member: Member
    name: str
    key: Key
    expert: int | None
    tail: str


def read_names(shapes: Mapping[str, Sequence[int]]) -> Naming:
    """Read the structure of a model from the names of its parameters.

    Parameters
    ----------
    shapes : mapping of str to shape
        The parameters in the source's order, slices of fused ones by names like
        ``layers.0.attn.qkv_proj.weight[q]``, each with the shape of the whole. Shapes help where
        names do not say enough: a first matrix that gives twice what the second takes is gate and
        up in one.

    Returns
    -------
    Naming
    """
    short = unwrap(shapes)
    splits = split_all(short.values())
    sizes = {whole(name): math.prod(shape) for name, shape in shapes.items()}
    parameters = [
        # What is sliced counts once, with the slice that comes first.
        parameter(name, splits[short[name]].path, sizes.pop(whole(name), 0), len(shape) > 1)
        for name, shape in shapes.items()
    ]
    repeats = find_repeats(parameters)
    in_stacks = {member.name for repeat in repeats for member in repeat.members}
    position = {name: i for i, name in enumerate(shapes)}
    by_rank = is_sorted(list(shapes))
    stacks = tuple(_stack(repeat, short, splits, shapes, position, by_rank) for repeat in repeats)
    return Naming(stacks, tuple(name for name in shapes if name not in in_stacks))


def expert_label(component: str, expert: int) -> str:
    """Name one expert's share of a component: "moe.up" of expert 3 is "moe.experts.3.up"."""
    family, _, role = component.partition(".")
    role = role.removeprefix("experts.")
    return f"{family}.experts.{expert}.{role}" if role else f"{component}.experts.{expert}"


def _stack(
    repeat: Repeat,
    short: Mapping[str, str],
    splits: Mapping[str, Split],
    shapes: Mapping[str, Sequence[int]],
    position: Mapping[str, int],
    by_rank: bool,
) -> Stack:
    members = sorted(repeat.members, key=lambda member: position[member.name])
    key = cache(_key)  # every layer has the same paths
    known = []
    for member in members:
        name = short[member.name]
        split = splits[name]
        read = key(member.path, member.repeats, split.piece)
        known.append(_Known(member, name, *read, split.tail))
    components = _settle(known, _labels(repeat, known, shapes))
    is_flat = repeat.depth == 1
    places = tuple(
        Place(
            name=one.member.name,
            layer=one.member.row[0] if is_flat else ".".join(map(str, one.member.row)),
            expert=one.expert,
            component=component,
            tail=one.tail,
        )
        for one, component in zip(known, components, strict=True)
    )
    rows = sorted({member.row for member in members})
    by_row: dict[tuple[int, ...], list[str]] = {row: [] for row in rows}
    for member, place in zip(members, places, strict=True):
        by_row[member.row].append(place.component)
    return Stack(
        title=".".join(repeat.pattern),
        layers=tuple(row[0] for row in rows)
        if is_flat
        else tuple(".".join(map(str, row)) for row in rows),
        components=order(by_row.values(), by_rank),
        places=places,
    )


def _key(path: Path, repeats: tuple[int, ...], piece: str | None) -> tuple[Key, int | None]:
    """Take the number of an expert out of a path."""
    for at, (holder, segment) in enumerate(pairwise(path), start=1):
        named = EXPERT.fullmatch(segment)
        if EXPERTS.fullmatch(holder) and (named or INDEX.fullmatch(segment)):
            without = path[:at] + path[at + 1 :]
            moved = tuple(i if i < at else i - 1 for i in repeats)
            return Key(without, piece, moved), int(named[1] if named else segment)
    return Key(path, piece, repeats), None


def _labels(
    repeat: Repeat, known: Sequence[_Known], shapes: Mapping[str, Sequence[int]]
) -> dict[Key, str]:
    layers: dict[tuple[int, ...], dict[Key, Shape | None]] = defaultdict(dict)
    meetings: dict[tuple[int, ...], set[tuple[Key, int | None, str]]] = defaultdict(set)
    for one in known:
        row = one.member.row
        meetings[row].add((one.key, one.expert, one.tail))
        before = layers[row].setdefault(one.key, None)
        if one.tail == "weight":
            shape = tuple(shapes[one.member.name])
            layers[row][one.key] = shape if before is None else min(before, shape)
    title = [segment for segment in repeat.pattern if segment != "*"]
    return label_stack(layers, meetings, kind(title[-1]) if title else None)


def _settle(known: Sequence[_Known], labels: Mapping[Key, str]) -> list[str]:
    """Give the labels; a parameter that would still share a cell is called by its whole name.

    That takes names that no model has: "experts.3" beside "experts.expert_3".
    """
    components = [labels[one.key] for one in known]
    while True:
        cells: dict[tuple[object, ...], dict[int | None, list[int]]] = {}
        for i, (one, component) in enumerate(zip(known, components, strict=True)):
            cell = cells.setdefault((one.member.row, component, one.tail), {})
            cell.setdefault(one.expert, []).append(i)
        renamed = [
            i
            for cell in cells.values()
            # Several experts may share one, and nothing else with them.
            if (None in cell and len(cell) > 1) or any(len(some) > 1 for some in cell.values())
            for some in cell.values()
            for i in some
            if components[i] != known[i].name
        ]
        if not renamed:
            return components
        for i in renamed:
            components[i] = known[i].name
