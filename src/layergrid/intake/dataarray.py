"""xarray DataArray → Grid, and a Grid → DataArray."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .arrays import to_numpy
from .dataframe import axis_title
from .dtypes import widen
from .grid import AXES, Grid, dimension_error, freeze, locked, make_grid
from .holes import ABSENT, PENDING, is_present, merge_holes
from .labels import Labels, label_array, read_labels
from .recognise import is_a, is_absent
from .stored import Stored, read_stored

if TYPE_CHECKING:
    import xarray as xr


# ── reading ──────────────────────────────────────────────────────────────────────────────────


def from_dataarray(array: Any) -> Grid:
    """Read a DataArray: its dims by name where they are known, its coordinates as facts."""
    if array.ndim not in (2, 3):
        raise ValueError(dimension_error("DataArray", array.shape, array.dims))
    dims = _match_dims(list(array.dims))
    array = array.transpose(*dims)
    stored = read_stored(array)
    if stored is not None:
        _refuse_holes(array)
        return _labelled(array, dims, make_grid(stored, "DataArray"))
    values, holes = to_numpy(array.variable.data)
    for name, hole in _HOLES.items():
        if name in array.coords:
            cells = array.coords[name].broadcast_like(array).transpose(*dims)
            holes = merge_holes(holes, np.asarray(cells.values, bool), hole)
    return _labelled(array, dims, make_grid(values, "DataArray", holes))


def _refuse_holes(array: Any) -> None:
    holes = [name for name in _HOLES if name in array.coords]
    if holes:
        raise ValueError(
            f"values is a DataArray that is not in memory, with the coordinate {holes[0]!r}, which "
            f"would be read as a whole: leave it out, values.drop_vars({holes[0]!r}), or load() it"
        )


def _labelled(array: Any, dims: list[Any], grid: Grid) -> Grid:
    layer_dim, component_dim = dims[-2:]
    axes = dict(zip(AXES[-len(dims) :], dims, strict=True))
    labels = {axis: _dim_labels(array, dim, axis) for axis, dim in axes.items()}
    return replace(
        grid,
        steps=labels.get("steps"),
        layers=labels["layers"],
        components=labels["components"],
        # Of what is not in memory nobody wants a string for every cell there.
        coords={} if isinstance(grid.values, Stored) else _cell_coords(array, *dims[-2:]),
        layer_title=_dim_title(array, layer_dim, "layer"),
        component_title=_dim_title(array, component_dim, "component"),
        name=None if array.name is None else str(array.name),
        attrs=dict(array.attrs),
        labelled=frozenset(axis for axis, dim in axes.items() if dim in array.coords),
    )


#: Coordinates that say which cells have no value, the later where both do.
_HOLES = {"absent": ABSENT, "pending": PENDING}


def _match_dims(dims: list[Any]) -> list[Any]:
    """Put dims in the order (step, layer, component), by name where named, else by position."""
    canonical = ["step", "layer", "component"][-len(dims) :]
    rest = [dim for dim in dims if dim not in canonical]
    return [name if name in dims else rest.pop(0) for name in canonical]


def _dim_labels(array: Any, dim: Any, axis: str) -> Labels:
    size = array.sizes[dim]
    if dim not in array.coords:
        return tuple(range(size))
    # Through the index: only there are dates still dates, and levels tuples.
    labels = array.indexes[dim] if dim in array.indexes else array.coords[dim].values
    return read_labels(labels, size, axis)


def _dim_title(array: Any, dim: Any, standard: str) -> str | None:
    # xarray's own plots take an axis title from there too; `to_dataarray` leaves it there.
    named = array.coords[dim].attrs.get("long_name") if dim in array.coords else None
    return axis_title(dim if named is None else named, standard)


def _cell_coords(array: Any, layer: Any, component: Any) -> Mapping[str, NDArray[Any]]:
    coords: dict[str, NDArray[Any]] = {}
    for name, coord in array.coords.items():
        if name in array.dims or name in _HOLES or coord.ndim == 0:
            continue
        if not set(coord.dims) <= {layer, component} or _is_index_level(array, name):
            continue
        full = coord.broadcast_like(array.isel(dict.fromkeys(array.dims[:-2], 0), drop=True))
        coords[str(name)] = freeze(_plain_coord(full.transpose(layer, component).values))
    return MappingProxyType(coords)


def _plain_coord(values: NDArray[Any]) -> NDArray[Any]:
    """Give a copy in numbers or strings: an object kept here would keep its model alive."""
    if values.dtype.kind in "biufU":
        return np.array(values)
    strings = ["" if is_absent(value) else str(value) for value in values.ravel()]
    return np.array(strings, dtype=str).reshape(values.shape)


def _is_index_level(array: Any, name: Any) -> bool:
    return name in array.xindexes


# ── and back ─────────────────────────────────────────────────────────────────────────────────


def to_dataarray(grid: Grid, name: str | None = None) -> xr.DataArray:
    """Give the grid as a DataArray of native numbers or strings that can be sliced and saved.

    Dims are always ``layer``, ``component``, with ``step`` first if there is one. bf16 and fp8
    widen to float32. Absent and pending cells are NaN, and "" among strings, which files have
    no NaN for; the bool coordinates ``absent`` and ``pending``, which are there only when they
    are needed, tell them from real ones. Categories of several kinds, such as 0 and "x", are all
    strings.
    """
    import xarray as xr

    if isinstance(grid.values, Stored):
        return _around(grid, grid.values, name)
    values = widen(grid.plain(grid.values))
    if values.dtype == object:
        values = values.astype(str)
    dims, coords = _dims(grid), _indexes(grid)
    coords |= {
        key: (("layer", "component"), coord.copy())
        for key, coord in grid.coords.items()
        if key not in dims  # of foreign dims, in whose place these stand now
    }
    if grid.holes is not None:
        if values.dtype.kind not in "fU":
            values = values.astype(np.result_type(values.dtype, np.float32))
        nothing = values.dtype.type("" if values.dtype.kind == "U" else np.nan)
        values = np.where(is_present(grid.holes, values.shape), values, nothing)
        coords["absent"] = (dims, grid.holes == ABSENT)
        if (grid.holes == PENDING).any():
            coords["pending"] = (dims, grid.holes == PENDING)
    return xr.DataArray(values.copy(), dims=dims, coords=coords, attrs=dict(grid.attrs), name=name)


def _around(grid: Grid, stored: Stored, name: str | None) -> xr.DataArray:
    """Give what is not in memory its labels, with nothing read."""
    import xarray as xr

    source = stored.source
    if is_a(source, "xarray", "DataArray"):
        source = source.variable
        source = xr.Variable(_dims(grid), source._data, source.attrs)
        return xr.DataArray(source, coords=_indexes(grid), attrs=dict(grid.attrs), name=name)
    if not isinstance(source, np.ndarray) and not stored.is_graph:
        raise TypeError(
            f"data is a DataArray, and of {stored.kind} none can be made without reading all of "
            "it: use w.values, or pass values=dask.array.from_array(values) in the first place"
        )
    return xr.DataArray(
        source, dims=_dims(grid), coords=_indexes(grid), attrs=dict(grid.attrs), name=name
    )


def _dims(grid: Grid) -> tuple[str, ...]:
    return ("layer", "component") if grid.steps is None else ("step", "layer", "component")


def _indexes(grid: Grid) -> dict[str, Any]:
    coords: dict[str, Any] = {
        "layer": _index(grid.layers, "layer", grid.layer_title),
        "component": _index(grid.components, "component", grid.component_title),
    }
    if grid.steps is not None:
        coords["step"] = _index(grid.steps, "step", None)
    return coords


def lock(array: xr.DataArray) -> xr.DataArray:
    """Make the numbers and coordinates of a DataArray read-only."""
    if isinstance(array.variable._data, np.ndarray):
        array.data = locked(array.data)
    for name, coord in array.coords.items():
        if name not in array.dims:  # whose index is read-only as it is
            coord.data = locked(coord.data)
    return array


def _index(labels: Labels, dim: str, title: str | None) -> tuple[str, NDArray[Any], dict[str, str]]:
    return dim, label_array(labels), {} if title is None else {"long_name": title}
