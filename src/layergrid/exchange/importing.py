"""`import_cells`: what other tools say of a model, as cells of a grid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..cells import Cell
from ..intake.recognise import is_a
from . import names, peft, swift, transformer_lens
from .spots import Spot, read_shown


def import_cells(what: Any, grid: Any) -> tuple[Cell, ...]:
    """Read as cells of a grid what `export_cells` gave, or what people have in such forms.

    Parameters
    ----------
    what : object
        - PEFT's ``LoraConfig`` or the like, its dict, or a read ``adapter_config.json``
        - SWIFT's ``{"attention": [...], "mlp": [...]}``
        - TransformerLens' hook names: one, several, or with heads, as
          ``{"blocks.3.attn.hook_z": [0, 5]}`` or ``[("blocks.3.attn.hook_z", 5)]``
        - names of parameters or modules: one, or several
        - cells of another grid, (layer, component) pairs, or a Heatmap for its selection
    grid : xarray.DataArray or Heatmap
        Whose cells are meant.

    Returns
    -------
    tuple of Cell
        Each once, so that ``w.selection = import_cells(what, w)`` selects them.

    Raises
    ------
    TypeError
        If `what` is none of these.
    ValueError
        For what is in no cell of the grid.

    Warns
    -----
    UserWarning
        If some of PEFT's targets are in no cell of the grid, as ``lm_head`` is in no layer.

    Examples
    --------
    >>> import numpy as np
    >>> from layergrid import weights
    >>> state = {f"model.layers.{i}.self_attn.{m}_proj.weight": np.ones((2, 2))
    ...          for i in range(8) for m in "qkvo"}
    >>> grid = weights(state)
    >>> adapter = {"target_modules": ["q_proj"], "layers_to_transform": [3, 4]}
    >>> [(cell.layer, cell.component) for cell in import_cells(adapter, grid)]
    [(3, 'attn.q'), (4, 'attn.q')]
    >>> import_cells("model.layers.3.self_attn.v_proj.weight", grid)[0].component
    'attn.v'
    """
    shown = read_shown(grid)
    if is_a(what, "layergrid", "Heatmap"):
        what = what.selection
    if isinstance(what, Iterable) and not isinstance(what, str | Mapping | Sequence):
        what = list(what)
    if _is_cells(what):
        return shown.cells(what)
    return shown.cells((spot.layer, spot.component) for spot in _spots(what, shown))


def _is_cells(what: Any) -> bool:
    """Whether something is a cell, or a sequence of cells or labels; also one of nothing."""
    if not isinstance(what, Sequence) or isinstance(what, str):
        return isinstance(what, Cell)
    return all(isinstance(one, Cell) or _is_pair(one) for one in what)


def _is_pair(one: Any) -> bool:
    return isinstance(one, tuple) and len(one) == 2 and transformer_lens.read_hooks([one]) is None


def _spots(what: Any, around: Iterable[Spot]) -> Iterable[Spot]:
    rule = peft.read_rule(what)
    if rule is not None:
        return peft.read(rule, around)
    if swift.is_swift(what):
        return swift.read(what, around)
    if isinstance(what, Mapping) and any(map(_is_of_one, what.values())):
        raise ValueError(
            f"what has a selection for each of {', '.join(map(repr, what))}; pass one of them"
        )
    if isinstance(what, str | Mapping | Sequence):
        hooks = transformer_lens.read_hooks(what)
        if hooks is not None:
            return transformer_lens.read(hooks, around)
    listed = [what] if isinstance(what, str) else what
    if isinstance(listed, Sequence) and all(isinstance(one, str) for one in listed):
        return names.read(listed, around)
    raise TypeError(
        f"what is {what!r}; expected PEFT's target_modules, SWIFT's {{'attention': …, 'mlp': …}}, "
        "hook names of TransformerLens, names of parameters or modules, or cells"
    )


def _is_of_one(value: Any) -> bool:
    return swift.is_swift(value) or peft.read_rule(value) is not None
