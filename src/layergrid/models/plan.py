"""Which parameters each cell of a grid is measured on. Pure: nothing is read yet.

Names say where a parameter stands (`names`), the statistic which of those count: a number of
parameters counts all of them, anything else the tail that was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

from ..intake.labels import Label
from ..intake.wording import did_you_mean, some_of
from .asked import Asked
from .names import Naming, Place, Stack, expert_label, read_names
from .slices import Slice
from .source import Entry
from .statistics import Statistic

#: Stands in a cell's name where those that are pooled in it have names of their own.
STAR: Final[Literal["*"]] = "*"

#: What torch stores of a weight that it computes anew for every pass: weight norm, spectral norm
#: and the like.
_STORED_INSTEAD = re.compile(r"weight_orig|weight_v|weight\.original\d*")


class Piece(NamedTuple):
    """What is measured as one: a parameter, or a part of one."""

    entry: Entry
    part: Slice | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the part alone."""
        return self.entry.shape if self.part is None else self.part.shape(self.entry.shape)

    @property
    def memory(self) -> tuple[str, Slice | None]:
        """The same for two that are the same memory, as tied weights are."""
        return self.entry.twin or self.entry.name, self.part


@dataclass(frozen=True, slots=True)
class CellPlan:
    """One cell: the coordinates that tell what it stands for, and what is pooled in it."""

    name: str
    part: str
    shape: str
    dtype: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The labelled grid before its values; a (layer, component) without a cell is absent.

    `computed` are components that have no weight of their own in some layer, because it is
    computed from what is stored by other tails: component to tail.
    """

    stack: str
    other_stacks: tuple[str, ...]
    layers: tuple[Label, ...]
    components: tuple[str, ...]
    cells: Mapping[tuple[int, int], CellPlan]
    computed: Mapping[str, str]


def make_plan(title: str, entries: Iterable[Entry], statistic: Statistic, asked: Asked) -> Plan:
    """Lay out the grid of `statistic` over one stack of the model that is called `title`.

    Raises
    ------
    ValueError
        If there is no such stack, component or tail; it lists those that there are.
    """
    naming, pieces = _read(entries)
    stack = _choose_stack(naming, asked.stack, title)
    counts, each = statistic.kind == "header", asked.experts == "each"
    members = _members(stack, pieces, one_by_one=each or not counts)
    matrices = {m.place.component for m in members if _is_matrix(m, asked.tail)}
    computed = {} if counts or asked.tail != "weight" else _computed(members)
    # A count is of all there is, and of nothing twice.
    members = _counted_once(members) if counts else _with_tail(members, asked.tail, title)
    columns = _columns(stack, members, each)
    if not isinstance(asked.components, str):
        columns = _named(columns, asked.components, None if counts else matrices, title)
    elif asked.components == "matrices" and not counts:
        columns = _only(columns, matrices, asked.tail, title)
    rows = {layer: i for i, layer in enumerate(stack.layers)}
    cells = {}
    for j, column in enumerate(columns.values()):
        for layer, pooled in _by_layer(column).items():
            if statistic.kind != "matrix" or all(len(m.piece.shape) >= 2 for m in pooled):
                cells[rows[layer], j] = _cell(pooled)
    others = tuple(other.title for other in naming.stacks if other is not stack)
    return Plan(stack.title, others, tuple(stack.layers), tuple(columns), cells, computed)


# ── what there is ────────────────────────────────────────────────────────────────────────────


class _Member(NamedTuple):
    """A parameter, or a part of one, where its name puts it."""

    place: Place
    piece: Piece
    expert: int | None
    first: bool = True  # of those that are the same memory


_Columns = dict[str, list[_Member]]


def _read(entries: Iterable[Entry]) -> tuple[Naming, dict[str, Piece]]:
    """Read the names of all parameters, each piece of a fused one by a name of its own."""
    pieces = {}
    for entry in entries:
        if not entry.pieces:
            pieces[entry.name] = Piece(entry)
        for label, part in entry.pieces:
            pieces[f"{entry.name}[{label}]"] = Piece(entry, part)
    return read_names({name: piece.entry.shape for name, piece in pieces.items()}), pieces


def _choose_stack(naming: Naming, asked: str | None, title: str) -> Stack:
    stacks = {stack.title: stack for stack in naming.stacks}
    if not stacks and not naming.rest:
        raise ValueError(f"{title} has no parameters, so there is no grid to make of it")
    if not stacks:
        raise ValueError(
            f"{title} has no stack of layers: its parameter names ({some_of(naming.rest)}) count "
            "neither several layers that are alike, as 'layers.0.attn.weight' and "
            "'layers.1.attn.weight' do, nor one of several matrices; "
            "lg.Heatmap(values, layers=…, components=…) shows numbers of your own"
        )
    if asked is None:
        return naming.stacks[0]
    # Part of a title is enough where it can mean only one: "decoder", "vision".
    meant = [asked] if asked in stacks else [name for name in stacks if asked in name]
    if len(meant) == 1:
        return stacks[meant[0]]
    known = ", ".join(f"{s.title!r} ({len(s.layers)} layers)" for s in naming.stacks)
    problem = f"fits {' and '.join(map(repr, meant))}" if meant else "is no stack"
    raise ValueError(f"stack is {asked!r}, which {problem} of {title}; there are {known}")


def _members(stack: Stack, pieces: Mapping[str, Piece], one_by_one: bool) -> list[_Member]:
    """List what is in a stack; experts that are stored as one only if each is measured."""
    members = []
    for place in stack.places:
        piece = pieces[place.name]
        if piece.entry.n_experts is None:
            members.append(_Member(place, piece, place.expert))
        elif not one_by_one:
            members.append(_Member(place, Piece(piece.entry, _of_expert(piece, STAR)), None))
        else:
            members += [
                _Member(place, Piece(piece.entry, _of_expert(piece, expert)), expert)
                for expert in range(piece.entry.n_experts)
            ]
    return members


def _of_expert(piece: Piece, expert: int | Literal["*"]) -> Slice:
    if piece.part is not None:
        return replace(piece.part, expert=expert)
    return Slice(axis=0, groups=1, start=0, stop=piece.entry.shape[1], expert=expert)


def _is_matrix(member: _Member, tail: str) -> bool:
    return member.place.tail in ("weight", tail) and len(member.piece.shape) >= 2


def _computed(members: Iterable[_Member]) -> dict[str, str]:
    """Find the components whose weight is not stored, and the tail of what is stored instead."""
    with_weight, instead = set(), {}
    for place, piece, *_ in members:
        cell = place.layer, place.component, place.expert
        if place.tail == "weight":
            with_weight.add(cell)
        elif _STORED_INSTEAD.fullmatch(place.tail) and len(piece.shape) >= 2:
            instead[cell] = place.tail
    return {cell[1]: tail for cell, tail in instead.items() if cell not in with_weight}


def _counted_once(members: Iterable[_Member]) -> list[_Member]:
    """Mark what is the same memory as an earlier member: it is there, and adds nothing."""
    seen, marked = set(), []
    for member in members:
        marked.append(member._replace(first=member.piece.memory not in seen))
        seen.add(member.piece.memory)
    return marked


def _with_tail(members: list[_Member], tail: str, title: str) -> list[_Member]:
    chosen = [member for member in members if member.place.tail == tail]
    if not chosen:
        known = dict.fromkeys(member.place.tail for member in members)
        raise ValueError(
            f"tail is {tail!r}, but no parameter of {title} ends so; there are {some_of(known)}"
        )
    return chosen


# ── columns ──────────────────────────────────────────────────────────────────────────────────


def _columns(stack: Stack, members: Iterable[_Member], each: bool) -> _Columns:
    """Sort members by the label of their column, in the model's order."""
    by_component: _Columns = {component: [] for component in stack.components}
    for member in members:
        by_component[member.place.component].append(member)
    by_component = {label: column for label, column in by_component.items() if column}
    if not each:
        return by_component
    columns: _Columns = {}
    of_experts: dict[int, _Columns] = {}
    for component, column in by_component.items():
        if column[0].expert is None:
            columns[component] = column
            continue
        if not of_experts:
            # All of one expert side by side, where the first component of experts stands.
            of_experts = _by_expert(by_component)
            for expert in sorted(of_experts):
                columns |= of_experts[expert]
    return columns


def _by_expert(by_component: _Columns) -> dict[int, _Columns]:
    found: dict[int, _Columns] = {}
    for component, column in by_component.items():
        for member in column:
            if member.expert is not None:
                label = expert_label(component, member.expert)
                found.setdefault(member.expert, {}).setdefault(label, []).append(member)
    return found


def _only(columns: _Columns, components: Set[str], tail: str, title: str) -> _Columns:
    kept = {label: c for label, c in columns.items() if c[0].place.component in components}
    if not kept:
        raise ValueError(
            f"components is 'matrices', but of {title} nothing with tail {tail!r} belongs to a "
            "weight of two dimensions; components='all' keeps the rest"
        )
    return kept


def _named(
    columns: _Columns, asked: Sequence[str], within: Set[str] | None, title: str
) -> _Columns:
    """Keep the columns with these labels, "attn" standing for those of "attn.…" `within` a set."""
    chosen: _Columns = {}
    for name in asked:
        found = [
            label
            for label, column in columns.items()
            if label == name
            or (
                label.startswith(f"{name}.")
                and (within is None or column[0].place.component in within)
            )
        ]
        if not found:
            raise ValueError(
                f"components has {name!r}, which {title} has not; there are {some_of(columns)} "
                + did_you_mean(columns, name)
            )
        chosen |= {label: columns[label] for label in found}
    return chosen


# ── cells ────────────────────────────────────────────────────────────────────────────────────


def _by_layer(column: Iterable[_Member]) -> dict[Label, list[_Member]]:
    by_layer: dict[Label, list[_Member]] = {}
    for member in column:
        by_layer.setdefault(member.place.layer, []).append(member)
    return by_layer


def _cell(members: Sequence[_Member]) -> CellPlan:
    """Describe what is pooled in a cell: experts, or all tails of what is counted."""
    # The cell stands for the weight, where what is counted with it has other tails.
    tail = min((m.place.tail for m in members), key=lambda tail: tail != "weight")
    shown = [m for m in members if m.place.tail == tail]
    pieces = [m.piece for m in shown]
    shape = pieces[0].shape if len(pieces) == 1 else (len(pieces), *pieces[0].shape)
    return CellPlan(
        name=_name([piece.entry.name for piece in pieces]),
        part=_part(pieces),
        shape="×".join(map(str, shape)),
        dtype=", ".join(dict.fromkeys(piece.entry.dtype for piece in pieces)),
        pieces=tuple(m.piece for m in members if m.first),
    )


def _part(pieces: Sequence[Piece]) -> str:
    part = pieces[0].part
    if part is None:
        return ""
    return str(part if len(pieces) == 1 else replace(part, expert=STAR))


def _name(names: Sequence[str]) -> str:
    """Give what several names say alike, with a star where they differ."""
    segments = zip(*(name.split(".") for name in names), strict=False)
    return ".".join(each[0] if len(set(each)) == 1 else STAR for each in segments)
