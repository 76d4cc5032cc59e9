"""From a cell to what stands behind it in a live model: its module, and its parameter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple

from ..cells import Cell
from ..intake.labels import Label
from ..intake.recognise import is_a
from ..intake.wording import did_you_mean, some_of
from .asked import Asked
from .conversions import Conversions
from .live.held import held_by
from .names import unwrap
from .opening import open_source
from .plan import STAR, CellPlan, Plan, make_plan
from .slices import Slice
from .source import Entry
from .statistics import read_statistic


class Behind(NamedTuple):
    """What stands behind a cell in a live model.

    Attributes
    ----------
    path : str
        Of the module.
    module : torch.nn.Module
        The one that has the parameter.
    name : str
        Of the parameter in this model; of the module where the cell stands for one.
    part : Slice or None
        Which part of the parameter; None is all of it.
    """

    path: str
    module: Any
    name: str
    part: Slice | None


class Place(NamedTuple):
    """Where a live parameter stands: in which stack, and at which labels."""

    stack: str
    layer: Label
    component: str


def behind(model: Any, cell: Cell) -> Behind:
    """Find what stands behind a cell in a live model.

    Raises
    ------
    TypeError
        If `model` is no torch.nn.Module.
    LookupError
        If there is nothing, or nothing for certain; says why.
    """
    return LiveNames(model).find(cell)


def parameter(model: Any, cell: Cell) -> Any:
    """Give the live parameter behind a cell, or the part of it.

    Raises
    ------
    TypeError, LookupError
        As `behind`; and where there is a module, but no parameter with these values.
    """
    path, module, name, part = behind(model, cell)
    if name == path:
        raise LookupError(f"{_where(cell)} is all of {path}, and no parameter: take its module")
    leaf = name.rpartition(".")[2]
    held = next((held for held in held_by(module) if held.name == leaf), None)
    if held is None:
        own = [name for name, p in module.named_parameters() if p is not None]
        raise LookupError(
            f"{name} is no parameter of {path}, which computes it anew for every pass"
            + (f" from {some_of(own)}" if own else "")
        )
    if isinstance(held.about, tuple):
        raise LookupError(
            f"{name} is kept as {held.about[1]}, so that no parameter has the values of the cell; "
            "lg.tensor reads them where they can be"
        )
    live = module._parameters[leaf]
    if live.is_meta:
        raise LookupError(f"{name} is on the meta device, so it has no values: load the model")
    return live if part is None else part.of(live)


def _where(cell: Cell) -> str:
    return f"layer {cell.layer!r}, component {cell.component!r}"


class LiveNames:
    """The parameters of a live model, to be found by the names that grids have of them.

    Raises
    ------
    TypeError
        If `model` is no torch.nn.Module.
    """

    def __init__(self, model: Any) -> None:
        if not is_a(model, "torch.nn", "Module"):
            raise TypeError(f"model is a {type(model).__name__}; expected a torch.nn.Module")
        self._model = model

    def find(self, cell: Cell) -> Behind:
        """Find what stands behind a cell.

        By its name; by what transformers makes of that name when it loads a checkpoint; by the
        name without what only one of the two has in front of it; by its labels.

        Raises
        ------
        LookupError
            If there is nothing, or nothing for certain; says why.
        """
        name, part = _wanted(cell)
        shape = str(cell.coords.get("shape", ""))
        for other, its_part in self._candidates(cell, name, part, shape):
            found = self._at(other, its_part)
            if found is not None and self._fits(found, shape):
                return found
        title = type(self._model).__name__
        same = self._at(name, part)
        if same is not None:
            raise LookupError(
                f"{name} has shape {self._shape(same)} in {title}, but {shape} in the grid: they "
                "are of different models"
            )
        hint = did_you_mean(self._entries, name) or f"there are {some_of(self._entries)}"
        raise LookupError(f"{title} has no parameter {name!r}, of {_where(cell)}; {hint}")

    def places(self, name: str) -> Sequence[Place]:
        """Tell where a live parameter, or what is in a module, stands: the outer stack first."""
        exact = self._places.get(name)
        if exact is not None:
            return exact
        return next((at for other, at in self._places.items() if other.startswith(f"{name}.")), ())

    def shape(self, name: str) -> tuple[int, ...]:
        """Give the shape of a whole parameter, as it is used; of a module ``()``."""
        if name in self._entries:
            return self._entries[name].shape
        path, _, leaf = name.rpartition(".")
        # A weight that is computed is an attribute of its module, too.
        return tuple(getattr(getattr(self._modules.get(path), leaf, None), "shape", ()))

    # ── what there is ────────────────────────────────────────────────────────────────────────

    @cached_property
    def _source(self) -> Any:
        return open_source(self._model)

    @cached_property
    def _entries(self) -> Mapping[str, Entry]:
        return {entry.name: entry for entry in self._source.entries}

    @cached_property
    def _short(self) -> Mapping[str, str]:
        """The names without wrappers, with the whole names."""
        return {short: name for name, short in unwrap(self._entries).items()}

    @cached_property
    def _conversions(self) -> Conversions:
        return Conversions(self._model)

    @cached_property
    def _plans(self) -> Sequence[Plan]:
        """All stacks, each with every component that there is."""
        count = read_statistic("parameters")
        asked = Asked("all", experts="each")
        try:
            first = make_plan(self._source.title, self._entries.values(), count, asked)
        except ValueError:  # nothing repeats in this model
            return ()
        return [
            first,
            *(
                make_plan(
                    self._source.title, self._entries.values(), count, replace(asked, stack=other)
                )
                for other in first.other_stacks
            ),
        ]

    @cached_property
    def _places(self) -> Mapping[str, Sequence[Place]]:
        found: dict[str, list[Place]] = defaultdict(list)
        for plan in self._plans:
            for (i, j), cell in plan.cells.items():
                place = Place(plan.stack, plan.layers[i], plan.components[j])
                found[cell.name].append(place)
        return found

    # ── ways to find it ──────────────────────────────────────────────────────────────────────

    def _candidates(
        self, cell: Cell, name: str, part: Slice | None, shape: str
    ) -> Iterator[tuple[str, Slice | None]]:
        yield name, part
        whole = _numbers(shape) if part is None else ()
        live, its_part = self._conversions.live(name, whole)
        renamed = self._prefixed(live)
        if renamed is not None:
            yield renamed, its_part if part is None else part
        alike = self._labelled(cell, name) if shape else []
        same = [planned for planned in alike if planned.name == renamed]
        for planned in same or (alike if len(alike) == 1 else []):
            yield planned.name, Slice.parse(planned.part) if planned.part else None

    def _prefixed(self, name: str) -> str | None:
        """Find a name that one of the two has something in front of, as "bert." or "model."."""
        short = self._short
        if name in short:
            return short[name]
        longer = [other for other in short if other.endswith(f".{name}")]
        if longer:
            return short[longer[0]] if len(longer) == 1 else None
        steps = name.split(".")
        ends = (".".join(steps[n:]) for n in range(1, len(steps) - 1))
        return next((short[end] for end in ends if end in short), None)

    def _labelled(self, cell: Cell, name: str) -> list[CellPlan]:
        """Find what has the same labels, in any stack, and is a bias if that is wanted."""
        found = []
        for plan in self._plans:
            if cell.layer in plan.layers and cell.component in plan.components:
                row, column = plan.layers.index(cell.layer), plan.components.index(cell.component)
                planned = plan.cells.get((row, column))
                if planned is not None and _is_bias(planned.name) == _is_bias(name):
                    found.append(planned)
        return found

    def _at(self, name: str, part: Slice | None) -> Behind | None:
        """Give what the model has by this very name."""
        path, _, leaf = name.rpartition(".")
        if name in self._modules:
            return Behind(name, self._modules[name], name, part)
        if path not in self._modules or not hasattr(self._modules[path], leaf):
            return None
        return Behind(path, self._modules[path], name, part)

    @cached_property
    def _modules(self) -> Mapping[str, Any]:
        return dict(self._model.named_modules(remove_duplicate=False))

    def _fits(self, found: Behind, shape: str) -> bool:
        return not shape or self._shape(found) == shape

    def _shape(self, found: Behind) -> str:
        shape = self.shape(found.name)
        with suppress(ValueError):  # it has no such part
            shape = shape if found.part is None else found.part.shape(shape)
        return "×".join(map(str, shape))


def _is_bias(name: str) -> bool:
    return name.endswith("bias")


def _wanted(cell: Cell) -> tuple[str, Slice | None]:
    """Read what a cell stands for, if it is one thing."""
    if cell.name is None:
        if "name" in cell.coords:
            raise LookupError(f"{_where(cell)} is absent: the model has no such parameter")
        raise LookupError(
            f"{_where(cell)} is of a grid without names, so no module and no parameter stands "
            "behind it; lg.weights gives a grid with names"
        )
    text = str(cell.coords.get("part", ""))
    part = Slice.parse(text) if text else None
    if STAR in cell.name.split(".") or (part is not None and part.expert == STAR):
        raise LookupError(
            f"{_where(cell)} pools several experts, {cell.name} {text}: make the grid with "
            "experts='each' to have one behind each cell"
        )
    return cell.name, part


def _numbers(shape: str) -> tuple[int, ...]:
    return tuple(map(int, shape.split("×"))) if shape else ()
