"""`ablate`: switch off what was selected, for the time of a block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from ...cells import Cell
from ...intake.recognise import is_a
from ..behind import LiveNames
from .anatomy import Anatomy
from .hooks import Hooks
from .target import Target, target_of


def ablate(model: Any, cells: Any, mode: str = "zero") -> Hooks:
    """Switch parts of a live model off, for the time of a ``with`` block.

    Parameters
    ----------
    model : torch.nn.Module
        On any device, in any wrapper; its parameters are left as they are.
    cells : Cell, or iterable of Cell or of (layer, component)
        Such as a heatmap's selection. A cell with a name is what stands behind that name in the
        model; others go by their labels, in the stack with the most parameters.

        - a component, such as ``"attn.q"`` or ``"mlp.norm"``: what its module gives, with the
          bias; of several projections in one module, those of its features
        - a number: that head, in what the output projection of the attention takes
        - ``"attn"``, ``"mlp"``, ``"moe"`` …: what the sub-layer adds, before any norm after it.
          ``"mlp"`` of a layer that has only experts is its ``"moe"``
        - ``"moe.experts.3"``: that expert, for all tokens that are routed to it
        - ``"layer"``: the whole layer; one that is a single projection is that component
    mode : {"zero", "mean"}
        ``"zero"`` puts 0 in its place, and lets a layer give what it was given. ``"mean"`` puts
        there its mean over batch and positions, all axes but the last, in this very call; a
        layer gives what it was given and the mean of what it adds.

    Returns
    -------
    context manager
        On entering it the hooks are set, on leaving it they are gone, also after an exception or
        an interrupt. It can be entered again, and within itself. It holds for what runs in the
        thread that enters it, as `torch.no_grad` does. Gradients flow through what is left.

    Raises
    ------
    TypeError
        If `model` is no module, or `cells` no cells.
    KeyError
        If the model has no such layer or component; says what was meant.
    LookupError
        If nothing stands behind a cell: it is absent, pools experts, or has a name that the model
        has not. Says which.
    ValueError
        For another mode, or for a cell that cannot be switched off by itself: a parameter that its
        module uses among others, one projection of experts that are computed as one, the mean of
        such an expert. All of these come before any hook is set.

    Warns
    -----
    RuntimeWarning
        At the end of a block in which nothing was switched off, since the model ran in another
        thread, or not at all, or was compiled before and calls these modules no more.

    Notes
    -----
    What has no module of its own to be hooked, the heads and projections of
    `torch.nn.MultiheadAttention`, is computed again without what is switched off. Dropout in it
    is drawn again, too. A `torch.nn.TransformerEncoder` takes its slower path while any hook is set
    in it, with other roundings, in all threads.

    A mean is over all that a call sees, padding too. In a generation that keeps what it has seen, a
    call sees one position at a time, so that with one text a mean leaves what it is of as it is.

    A pass that is computed again for its gradients (gradient checkpointing) has to be so in the
    same thread and block: on the CPU it is, on a GPU torch does it in a thread of its own.

    Examples
    --------
    >>> with lg.ablate(model, w.selection):  # doctest: +SKIP
    ...     loss = run(model)
    """
    found = _Finder(model)
    return Hooks(model, [[found.target(cell) for cell in _each(cells)]], mode)


def _each(cells: Any) -> Iterable[Any]:
    """Give the cells one by one."""
    if isinstance(cells, Cell):
        return (cells,)
    if is_a(cells, "layergrid", "Heatmap"):
        raise TypeError("cells is a Heatmap; expected some cells of it: pass its .selection")
    if is_a(cells, "xarray", "DataArray"):
        raise TypeError(
            "cells is a grid; expected some cells of it, such as the selection of its Heatmap, or "
            "a list of (layer, component)"
        )
    if isinstance(cells, Mapping):
        raise TypeError(
            f"cells is a {type(cells).__name__}; expected cells: lg.import_cells(…, grid) reads "
            "those that other tools write"
        )
    if isinstance(cells, str) or not isinstance(cells, Iterable):
        raise TypeError(
            f"cells is {cells!r}; expected cells or (layer, component), such as w.selection or "
            "[(3, 'attn'), (17, 2)]"
        )
    return cells


class _Finder:
    """What cells stand for in a live model."""

    def __init__(self, model: Any) -> None:
        self._model, self._names = model, LiveNames(model)
        self._anatomies: dict[str, Anatomy] = {}

    def target(self, cell: Any) -> Target:
        """Find what a cell, or its labels, stand for."""
        if not isinstance(cell, Cell):
            if not (isinstance(cell, tuple | list) and len(cell) == 2):
                raise TypeError(f"cells has {cell!r}; expected a Cell or (layer, component)")
            cell = Cell(*cell)
        # One that is absent in a grid with names is so, whatever has its labels in another stack.
        if cell.name is not None or "name" in cell.coords:
            return self._by_name(cell)
        found = self._first.target(cell.layer, cell.component)
        if found is None:
            raise LookupError(
                f"layer {cell.layer!r}, component {cell.component!r} is absent: this layer has "
                "nothing of the kind to switch off"
            )
        return found

    @cached_property
    def _first(self) -> Anatomy:
        anatomy = Anatomy(self._model)
        return self._anatomies.setdefault(anatomy.stack, anatomy)

    def _by_name(self, cell: Cell) -> Target:
        """Find what a name stands for; the label tells a sub-layer from the last part of it."""
        stands = self._names.find(cell)
        part = "" if stands.part is None else str(stands.part)
        # A whole layer is one by whatever label.
        labels = [cell.component, "layer"] if stands.name == stands.path else [cell.component]
        for stack, layer, _ in self._names.places(stands.name):
            anatomy = self._anatomy(stack)
            for label in filter(anatomy.has, labels):
                found = anatomy.target(layer, label)
                if found is not None and (found.name, found.part) == (stands.name, part):
                    return found
        if stands.name == stands.path:
            return Target(stands.path, stands.path, stands.module, "block")
        return target_of(self._model, stands.name, part, self._names.shape(stands.name))

    def _anatomy(self, stack: str) -> Anatomy:
        if stack not in self._anatomies:
            self._anatomies[stack] = Anatomy(self._model, stack)
        return self._anatomies[stack]
