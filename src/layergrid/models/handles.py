"""`tensor`: from a cell of a grid back to the tensor behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..cells import Cell
from ..intake.recognise import is_a
from ..intake.wording import did_you_mean, some_of
from .opening import find_source, open_source
from .plan import STAR
from .slices import Slice

if TYPE_CHECKING:
    import xarray as xr


def tensor(grid: xr.DataArray, cell: Cell | tuple[Any, Any], model: Any = None) -> Any:
    """Read the tensor behind a cell of a grid that `weights` made, and nothing else.

    Parameters
    ----------
    grid : xarray.DataArray
        With the coordinates ``name``, ``shape`` and ``part``, so also a slice of such a grid, or
        one that was saved and loaded again.
    cell : Cell or (layer, component)
        By its labels, as ``event.cell`` or ``(17, "mlp.down")``.
    model : torch.nn.Module, mapping or path, optional
        Where to read from; by default what the grid was made from: the live model, as long as it
        is alive, or the file.

    Returns
    -------
    numpy.ndarray or torch.Tensor, of the shape in the coordinate ``shape``
        From disk a read-only memory map, of which only what is looked at is read, bf16 and fp8
        in their ml_dtypes; of a live model the detached tensor, a view where it can be.
        Dequantised where it is quantised, and with zeros where it is pruned.

    Raises
    ------
    TypeError
        If `grid` is no DataArray, or `cell` no cell.
    KeyError
        If the grid has no such layer or component.
    ValueError
        If no tensor stands behind the cell: it is absent, or pools several experts; or if the
        model has another one under this name.
    LookupError
        If the source is not to be found, or has no parameter of this name.

    Notes
    -----
    A file that is cut short while a memory map of it is in use ends the process: the system sends
    SIGBUS, which Python cannot catch. Whoever replaces a checkpoint should write a new file beside
    it and rename that (`os.replace`), which leaves the maps of the old one as they are.

    Examples
    --------
    >>> import numpy as np
    >>> state = {f"layers.{i}.mlp.up_proj.weight": np.eye(4, 2) * i for i in range(3)}
    >>> from layergrid import weights
    >>> tensor(weights(state), (2, "mlp.up"), state)[0]
    array([2., 0.])
    """
    layer, component = _labels(cell)
    facts = _facts(grid, layer, component)
    name = facts["name"]
    where = f"layer {layer!r}, component {component!r}"
    if not name:
        raise ValueError(f"{where} is absent: the model has no such parameter")
    part = Slice.parse(facts["part"]) if facts["part"] else None
    if STAR in name or (part is not None and part.expert == STAR):
        raise ValueError(
            f"{where} pools {facts['shape'].split('×')[0]} tensors, {name} {facts['part']}; "
            "make the grid with experts='each' to have one behind each cell"
        )
    source = open_source(find_source(grid.attrs) if model is None else model)
    entries = {entry.name: entry for entry in source.entries}
    if name not in entries:
        raise LookupError(
            f"{source.title} has no parameter {name!r}, which the grid has at {where}; "
            f"{did_you_mean(entries, name) or 'there are ' + some_of(entries)}"
        )
    found = source.read(entries[name], part)
    shape = "×".join(map(str, found.shape))
    if shape != facts["shape"]:
        raise ValueError(
            f"{name} has shape {shape} in {source.title}, but {facts['shape']} in the grid: "
            "they are of different models"
        )
    return found


def _labels(cell: Any) -> tuple[Any, Any]:
    if isinstance(cell, Cell):
        return cell.layer, cell.component
    if isinstance(cell, tuple | list) and all(isinstance(one, Cell) for one in cell):
        n = len(cell)
        cure = "pass one of them, such as selection[0]" if n else "nothing is selected"
        kind = type(cell).__name__
        raise TypeError(f"cell is a {kind} of cells, {n} in all; expected one: {cure}")
    if isinstance(cell, tuple | list) and len(cell) == 2:
        return cell[0], cell[1]
    raise TypeError(f"cell is {cell!r}; expected a Cell or (layer, component)")


def _facts(grid: Any, layer: Any, component: Any) -> dict[str, str]:
    if not is_a(grid, "xarray", "DataArray"):
        cure = "; pass its .data" if is_a(grid, "layergrid", "Heatmap") else ""
        raise TypeError(f"grid is a {type(grid).__name__}; expected a grid from lg.weights{cure}")
    lacking = [fact for fact in ("name", "shape") if fact not in grid.coords]
    if lacking:
        raise ValueError(
            f"the grid has no coordinate {lacking[0]!r}, which leads to its tensors; "
            "expected a grid from lg.weights"
        )
    wanted = {"layer": layer, "component": component}
    for dim, label in wanted.items():
        labels = np.atleast_1d(grid.coords[dim].values).tolist() if dim in grid.coords else []
        if sum(_is_same(known, label) for known in labels) != 1:
            hint = did_you_mean(labels, label) or f"there are {some_of(labels)}"
            raise KeyError(f"{label!r} is no {dim} of the grid, or not the only one; {hint}")
    coords = grid.sel({dim: label for dim, label in wanted.items() if dim in grid.dims}).coords
    return {"part": "", **{fact: str(coords[fact].values) for fact in _FACTS if fact in coords}}


def _is_same(known: Any, label: Any) -> bool:
    """Whether a label is the one that is known; True is not the number 1."""
    label = label.item() if isinstance(label, np.generic) else label
    comparable = isinstance(label, str | int | float)
    alike = isinstance(label, bool) == isinstance(known, bool)
    return comparable and alike and bool(known == label)


_FACTS = ("name", "shape", "part")
