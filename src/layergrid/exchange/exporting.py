"""`export_cells`: a selection as other tools write it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ..intake.wording import some_of
from . import names, peft, swift, transformer_lens
from .spots import Around, Spots, read_spots

_FORMATS: Final[dict[str, Callable[[Spots, Around], Any]]] = {
    "peft": peft.write,
    "swift": swift.write,
    "transformer_lens": transformer_lens.write,
    "names": names.write,
}


def export_cells(cells: Any, to: str, *, grid: Any = None) -> Any:
    """Write cells as another tool does, as plain data.

    Parameters
    ----------
    cells : Heatmap, Cell, or iterable of Cell or (layer, component)
        Of a heatmap its selection.
    to : {"peft", "swift", "transformer_lens", "names"}
        Which form, see below.
    grid : Heatmap or xarray.DataArray, optional
        Of which the cells are. It tells what stands beside them, and what labels stand for. A
        heatmap as `cells` tells the same.

    Returns
    -------
    dict or list
        - ``"peft"``: keywords of a ``LoraConfig``, ``target_modules`` and, where the same modules
          are meant in each of some layers, ``layers_to_transform`` and ``layers_pattern``;
          otherwise full paths of modules. Exactly these modules are adapted: the end of a path
          begins at its block, as in ``self_attn.q_proj``, since the last segment alone may be
          another module's, too.
        - ``"swift"``: ``{"attention": [...], "mlp": [...]}``, the 0-based layers whose sub-layers
          are skipped. Components are ``attn`` and ``mlp``, or ``ATT`` and ``MLP``, or all that a
          grid has of one.
        - ``"transformer_lens"``: hook name to None, or to the list of heads:
          ``{"blocks.3.attn.hook_z": [0, 5]}``. Which hook a component has is told in
          `layergrid.exchange.transformer_lens`.
        - ``"names"``: parameter names in the order of the cells, each once, with the part where a
          cell is one: ``"transformer.h.3.attn.c_attn.weight[:, 0:768]"``.

    Raises
    ------
    TypeError, ValueError
        For what is no cell, an absent one, an unknown form, or a cell that the form has no words
        for: a head or q of a fused projection in PEFT, a part of a sub-layer in SWIFT. Naming the
        cell and the cure.

    Examples
    --------
    >>> import numpy as np
    >>> from layergrid import weights
    >>> state = {f"model.layers.{i}.self_attn.{m}_proj.weight": np.ones((2, 2))
    ...          for i in range(8) for m in "qkvo"}
    >>> grid = weights(state)
    >>> cells = [(3, "attn.q"), (3, "attn.v"), (4, "attn.q"), (4, "attn.v")]
    >>> export_cells(cells, "peft", grid=grid)  # doctest: +NORMALIZE_WHITESPACE
    {'target_modules': ['self_attn.q_proj', 'self_attn.v_proj'],
     'layers_to_transform': [3, 4], 'layers_pattern': 'layers'}
    >>> export_cells([(2, "attn"), (2, "mlp"), (5, "mlp")], "swift")
    {'attention': [2], 'mlp': [2, 5]}

    In TransformerLens, which gives ``z`` as (batch, position, head, …)::

        def switch_off(values, hook, heads):
            values[..., slice(None) if heads is None else heads, :] = 0
            return values

        hooks = lg.export_cells(w, "transformer_lens").items()
        with_heads = [(name, partial(switch_off, heads=heads)) for name, heads in hooks]
        model.run_with_hooks(tokens, fwd_hooks=with_heads)

    >>> export_cells([(3, 0), (3, 5), (7, "mlp")], "transformer_lens")
    {'blocks.3.attn.hook_z': [0, 5], 'blocks.7.hook_mlp_out': None}
    """
    if to not in _FORMATS:
        raise ValueError(f"to is {to!r}; expected {some_of(_FORMATS)}")
    return _FORMATS[to](*read_spots(cells, grid))
