"""What of a live model can be switched off, by the labels of a grid."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from os.path import commonpath
from typing import Any

from ...intake.labels import Label, read_label
from ...intake.wording import did_you_mean, some_of
from ..asked import Asked
from ..names import unwrap
from ..opening import open_source
from ..plan import CellPlan, make_plan
from ..slices import Slice
from ..statistics import read_statistic
from .heads import count_heads
from .target import Target, is_attention, is_transposed, target_of

#: What is last in a sub-layer: what it gives, the sub-layer adds.
_LAST = ("o", "down", "out_proj")
#: Norms before and after a sub-layer, which are called like a part of it.
_BESIDE = re.compile(r"(pre_|post_)?norm(\..*)?")
_EXPERT = re.compile(r"(.+\.experts\.\d+)(?:\..+)?")


class Anatomy:
    """What of one stack of a live model can be switched off.

    Parameters
    ----------
    model : torch.nn.Module
    stack : str, optional
        The stack of layers, as of `weights`; by default the one with the most parameters.

    Attributes
    ----------
    layers : tuple of int or str
        The labels of the layers.
    stack : str
        The name of the stack.

    Raises
    ------
    TypeError
        If `model` is no module.
    ValueError
        If it has no such stack.
    """

    def __init__(self, model: Any, stack: str | None = None) -> None:
        source = open_source(model)
        plan = make_plan(
            source.title,
            source.entries,
            read_statistic("parameters"),
            Asked("all", stack=stack, experts="each"),
        )
        self.stack, self.layers = plan.stack, plan.layers
        self._model, self._title, self._components = model, source.title, plan.components
        self._shapes = {entry.name: entry.shape for entry in source.entries}
        self._cells: dict[tuple[Label, str], CellPlan] = {
            (plan.layers[i], plan.components[j]): cell for (i, j), cell in plan.cells.items()
        }
        self._targets: dict[tuple[Label, Label], Target | None] = {}

    # ── labels ───────────────────────────────────────────────────────────────────────────────

    def columns(self, components: str | Sequence[Label]) -> tuple[Label, ...]:
        """Give the labels of what is asked for, in that order.

        Parameters
        ----------
        components : str or sequence
            "attn,mlp", "heads", "experts", "layer", or a list of such and of components, such as
            "attn.q"; a number is a head.

        Raises
        ------
        ValueError
            For what the model has not; it lists what there is.
        """
        asked = components.split(",") if isinstance(components, str) else list(components)
        found: dict[Label, None] = {}
        for label in asked:
            label = label.strip() if isinstance(label, str) else read_label(label)
            some = self._meant(label)
            if not some:
                hint = did_you_mean(self._known, label) or f"there are {some_of(self._known)}"
                raise ValueError(
                    f"components has {label!r}, which {self._title} has not in {self.stack!r}; "
                    f"{hint}"
                )
            found |= dict.fromkeys(some)
        return tuple(found)

    def has(self, component: Label) -> bool:
        """Whether some layer may have what is called so."""
        return component in (range(self._n_heads) if _is_head(component) else self._known)

    def _meant(self, label: Label) -> Sequence[Label]:
        if label == "heads":
            return range(self._n_heads)
        if label == "experts":
            found = (_EXPERT.fullmatch(component) for component in self._components)
            return list(dict.fromkeys(match[1] for match in found if match))
        return [label] if self.has(label) else []

    @cached_property
    def _known(self) -> tuple[str, ...]:
        """All labels but those of heads: sub-layers, then components."""
        groups: dict[str, None] = {}
        for component in self._components:
            steps = component.split(".")
            groups |= {".".join(steps[:n]): None for n in range(1, len(steps)) if steps[0]}
        return tuple(dict.fromkeys(["layer", *groups, *self._components]))

    @cached_property
    def _n_heads(self) -> int:
        return max((count_heads(self._model, o.name) or 0 for o in self._outputs()), default=0)

    def _outputs(self) -> Iterator[CellPlan]:
        for layer in self.layers:
            if (layer, "attn.o") in self._cells:
                yield self._cells[layer, "attn.o"]

    # ── targets ──────────────────────────────────────────────────────────────────────────────

    def target(self, layer: Label, component: Label) -> Target | None:
        """Find what stands at these labels; None where this layer has no such thing.

        Raises
        ------
        KeyError
            If the model has no such layer, or no such component in any; says what was meant.
        ValueError
            If it cannot be switched off by itself; says why.
        """
        layer, component = read_label(layer), read_label(component)
        if layer not in self.layers or isinstance(layer, bool):
            hint = did_you_mean(self.layers, layer) or f"there are {some_of(self.layers)}"
            raise KeyError(f"{self._title} has no layer {layer!r} in {self.stack!r}; {hint}")
        if not self.has(component):
            known = [*self._known, *range(self._n_heads)]
            hint = did_you_mean(known, component) or f"there are {some_of(known)}"
            raise KeyError(f"{self._title} has no {component!r} in {self.stack!r}; {hint}")
        key = layer, component
        if key not in self._targets:
            found = self._find(layer, component)
            if found is not None and self._is_seq_first:
                found = replace(found, splits=False)
            self._targets[key] = found
        return self._targets[key]

    @cached_property
    def _is_seq_first(self) -> bool:
        """Whether the batch is the second axis, as it is by default of torch's own layers."""
        return any(is_attention(m) and not m.batch_first for m in self._model.modules())

    def _find(self, layer: Label, component: Label) -> Target | None:
        if _is_head(component):
            return self._head(layer, component)
        cell = self._cells.get((layer, str(component)))
        if component == "layer" and cell is None:
            path = self._layer_path(layer)
            return Target(path, path, self._model.get_submodule(path), "layer")
        found = self._group(layer, str(component)) if cell is None else self._of(cell)
        if found is None or found.site == "routing" or not _EXPERT.fullmatch(str(component)):
            return found
        return replace(found, splits=False, within=self._routes(found.path))

    def _routes(self, path: str) -> Any:
        """Find what routes tokens to an expert: what holds the list that it is in."""
        nn = sys.modules["torch"].nn
        while path and not isinstance(self._model.get_submodule(path), nn.ModuleList):
            path = path.rpartition(".")[0]
        return self._model.get_submodule(path.rpartition(".")[0])

    def _of(self, cell: CellPlan, part: str | None = None, shape: str | None = None) -> Target:
        return target_of(
            self._model,
            cell.name,
            cell.part if part is None else part,
            self._shapes[cell.name],
            cell.shape if shape is None else shape,
            cell.dtype,
        )

    def _head(self, layer: Label, head: Any) -> Target | None:
        cell = self._cells.get((layer, "attn.o"))
        if cell is None:
            return None
        if cell.part:
            raise ValueError(f"{cell.name} {cell.part} is not all of what takes in the heads")
        n_heads = count_heads(self._model, cell.name)
        whole = self._shapes[cell.name]
        axis = 0 if is_transposed(self._model.get_submodule(cell.name.rpartition(".")[0])) else 1
        if n_heads is None or len(whole) != 2 or whole[axis] % n_heads:
            raise ValueError(
                f"how many heads {cell.name} of shape {'×'.join(map(str, whole))} takes in is not "
                f"known: {n_heads or 'nothing'} by the configuration"
            )
        if head >= n_heads:
            return None
        width = whole[axis] // n_heads
        part = Slice(axis, 1, head * width, (head + 1) * width)
        return self._of(cell, str(part), "×".join(map(str, part.shape(whole))))

    def _layer_path(self, layer: Label) -> str:
        """Find what the model calls as a layer: the outermost of what is wrapped round it."""
        numbers = str(layer).split(".")
        short = "".join(f"{segment}." for segment in self.stack.split(".") if segment) + "*"
        for number in numbers:
            short = short.replace("*", number, 1)
        name = next(cell.name for (at, _), cell in self._cells.items() if at == layer)
        segments = name.split(".")
        paths = (".".join(segments[:n]) for n in range(1, len(segments)))
        return next(path for path in paths if unwrap([path])[path] == short)

    def _group(self, layer: Label, group: str) -> Target | None:
        """Find what a sub-layer adds, or what an expert gives."""
        members = {
            label: cell
            for (at, label), cell in self._cells.items()
            if at == layer
            and label.startswith(f"{group}.")
            and not _BESIDE.fullmatch(label.removeprefix(f"{group}."))
        }
        if not members:
            return self._group(layer, "moe") if group == "mlp" else None
        is_expert = _EXPERT.fullmatch(group) is not None
        last = next((c for r in _LAST if (c := members.get(f"{group}.{r}"))), None)
        if last is not None and is_expert and last.part:
            return self._stacked_expert(last, int(group.rpartition(".")[2]))
        if last is not None and not last.part:
            return self._of(last)
        return self._block(layer, group, members)

    def _stacked_expert(self, last: CellPlan, expert: int) -> Target:
        path = last.name.rpartition(".")[0]
        module = self._model.get_submodule(path)
        if len(inspect.signature(module.forward).parameters) < 3:
            raise ValueError(
                f"{path} takes no weight for each expert of a token, so that its experts cannot be "
                "switched off one by one"
            )
        return Target(
            last.name, path, module, "routing",
            last.part, last.shape, last.dtype, which=expert,
        )  # fmt: skip

    def _block(self, layer: Label, group: str, members: dict[str, CellPlan]) -> Target:
        """Find the module that holds a sub-layer and nothing else."""
        owners = [cell.name.rpartition(".")[0] for cell in members.values()]
        path = commonpath(owner.replace(".", "/") for owner in owners).replace("/", ".")
        nn = sys.modules["torch"].nn
        while isinstance(self._model.get_submodule(path), nn.ModuleList | nn.ModuleDict):
            path = path.rpartition(".")[0]
        others = [
            label
            for (at, label), cell in self._cells.items()
            if at == layer and label not in members and cell.name.startswith(f"{path}.")
        ]
        if others or not path.startswith(f"{self._layer_path(layer)}."):
            raise ValueError(
                f"no module of {self._layer_path(layer)} holds {some_of(members)} and nothing else"
                f"{', beside ' + some_of(others) if others else ''}: switch {group!r} off part by "
                "part"
            )
        return Target(path, path, self._model.get_submodule(path), "block")


def _is_head(label: Label) -> bool:
    return isinstance(label, int) and not isinstance(label, bool)
