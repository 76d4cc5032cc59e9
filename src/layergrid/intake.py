"""Anything two-dimensional becomes a `Grid`, and a `Grid` becomes a DataArray again.

Intake enforces the contract and nothing else: what cannot be a grid is refused here, with an
error that names what came and what to do, before anything is drawn or lost. Libraries other
than numpy are recognised by what is already imported, never imported to look.
"""

from __future__ import annotations

import math
import numbers
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import xarray as xr

Label = str | int | float | bool
Labels = tuple[Label, ...]

#: What a cell holds: its value, nothing because the model has no such cell, or nothing yet.
PRESENT, ABSENT, PENDING = np.uint8(0), np.uint8(1), np.uint8(2)

_NO_COORDS: Mapping[str, NDArray[Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The labelled matrix, checked and frozen; arrays are read-only and owned.

    Attributes
    ----------
    values : ndarray, shape (layer, component) or (step, layer, component)
        In the dtype that came in. What stands in an absent or pending cell means nothing.
    layers, components : tuple of str, int, float or bool
        Unique labels of the axes.
    steps : tuple or None
        Labels of the leading axis, None for a two-dimensional grid.
    holes : ndarray of uint8 in the shape of `values`, or None
        `PRESENT`, `ABSENT` or `PENDING`; None where every cell is present.
    coords : mapping of str to ndarray, shape (layer, component)
        Further facts about a cell, such as `name`, `shape`, `dtype`.
    layer_title, component_title : str or None
        What the axes are called when that is not simply layer and component.
    attrs : mapping
        Kept for `data`; nothing here reads it.
    """

    values: NDArray[Any]
    layers: Labels
    components: Labels
    steps: Labels | None = None
    holes: NDArray[np.uint8] | None = None
    coords: Mapping[str, NDArray[Any]] = field(default_factory=lambda: _NO_COORDS)
    layer_title: str | None = None
    component_title: str | None = None
    attrs: Mapping[str, Any] = field(default_factory=dict)
    labelled: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        """Number of layers, number of components."""
        return len(self.layers), len(self.components)

    def frame(self, step: int) -> NDArray[Any]:
        """Values of one step, shape (layer, component)."""
        return self.values if self.steps is None else self.values[step]

    def frame_holes(self, step: int) -> NDArray[np.uint8] | None:
        """Holes of one step, shape (layer, component)."""
        if self.holes is None or self.steps is None:
            return self.holes
        holes: NDArray[np.uint8] = self.holes[step]
        return holes


EMPTY = Grid(values=np.zeros((0, 0)), layers=(), components=())


# ── reading ──────────────────────────────────────────────────────────────────────────────────


def read(
    values: Any,
    *,
    layers: Iterable[Any] | None = None,
    components: Iterable[Any] | None = None,
) -> Grid:
    """Read anything two-dimensional (or three-dimensional, step first) as a `Grid`.

    Parameters
    ----------
    values : array_like or None
        numpy array, masked array, nested list, pandas DataFrame, xarray DataArray, or a tensor
        (torch, or anything with ``__array__`` or ``__dlpack__``). None makes a grid of pending
        cells, for which both `layers` and `components` are needed.
    layers, components : iterable of labels, optional
        Replace the labels that `values` brings.

    Raises
    ------
    TypeError
        For what is not numbers at all.
    ValueError
        For numbers in the wrong shape, or labels that do not fit them.
    """
    # Listed once: an iterator would be used up by the first who counts it.
    layers, components = _listed(layers, "layers"), _listed(components, "components")
    grid = _pending(layers, components) if values is None else _recognise(values)
    n_layers, n_components = grid.values.shape[-2:]
    if layers is not None:
        grid = replace(grid, layers=read_labels(layers, n_layers, "layers"), labelled=True)
    if components is not None:
        labels = read_labels(components, n_components, "components")
        grid = replace(grid, components=labels, labelled=True)
    return grid


def _listed(labels: Any, what: str) -> list[Any] | None:
    if labels is None:
        return None
    if isinstance(labels, str | bytes) or not isinstance(labels, Iterable):
        raise TypeError(
            f"{what} is {labels!r} ({type(labels).__name__}); expected a sequence of labels"
        )
    return list(labels)


def _pending(layers: list[Any] | None, components: list[Any] | None) -> Grid:
    if layers is None and components is None:
        return EMPTY
    if layers is None or components is None:
        missing = "layers" if layers is None else "components"
        raise ValueError(
            f"without values a grid needs the labels of both axes; {missing} is not given"
        )
    shape = (len(layers), len(components))
    return _grid(np.zeros(shape), "values", holes=np.full(shape, PENDING))


def _recognise(values: Any) -> Grid:
    """Dispatch on what came; every branch ends in `_grid`, which checks the numbers."""
    if isinstance(values, Grid):
        return values
    if _is(values, "xarray", "DataArray"):
        return _from_dataarray(values)
    if _is(values, "xarray", "Dataset"):
        names = ", ".join(map(str, values.data_vars))
        raise TypeError(f"values is an xarray Dataset; pick one variable of it ({names})")
    if _is(values, "pandas", "DataFrame"):
        return _from_dataframe(values)
    if _is(values, "pandas", "Series"):
        raise ValueError(
            f"values is a pandas Series of {len(values)} entries, one-dimensional; "
            "a grid needs layers and components: try series.unstack()"
        )
    array, holes = to_numpy(values)
    return _grid(array, type(values).__name__, holes=holes)


def _is(value: Any, module: str, name: str) -> bool:
    """Whether `value` is an instance of a class whose library may not even be installed."""
    library = sys.modules.get(module)
    cls = getattr(library, name, None)
    return isinstance(cls, type) and isinstance(value, cls)


def _from_dataframe(frame: Any) -> Grid:
    nullable = any(not isinstance(dtype, np.dtype) for dtype in frame.dtypes)
    # Straight to numpy a nullable column would turn pd.NA (absent) into NaN (a real value).
    array, holes = to_numpy((frame.astype(object) if nullable else frame).to_numpy())
    grid = _grid(array, "DataFrame", holes=holes)
    return replace(
        grid,
        layers=read_labels(frame.index, len(frame.index), "the index"),
        components=read_labels(frame.columns, len(frame.columns), "the columns"),
        layer_title=_axis_title(_index_name(frame.index), "layer"),
        component_title=_axis_title(_index_name(frame.columns), "component"),
        labelled=True,
    )


def _index_name(index: Any) -> Any:
    names = [name for name in index.names if name is not None]
    return ".".join(map(str, names)) if names else None


def _axis_title(name: Any, standard: str) -> str | None:
    return None if name is None or str(name) == standard else str(name)


def _dim_title(array: Any, dim: Any, standard: str) -> str | None:
    # xarray's own plots take an axis title from there too; `to_dataarray` leaves it there.
    named = array.coords[dim].attrs.get("long_name") if dim in array.coords else None
    return _axis_title(dim if named is None else named, standard)


def _from_dataarray(array: Any) -> Grid:
    if array.ndim not in (2, 3):
        raise ValueError(_dimension_error("DataArray", array.shape, list(array.dims)))
    dims = _match_dims(list(array.dims))
    array = array.transpose(*dims)
    numbers_, holes = to_numpy(array.variable.data)
    if "absent" in array.coords:
        absent = array.coords["absent"].broadcast_like(array).transpose(*dims)
        holes = _merge_absent(holes, np.asarray(absent.values, bool))
    grid = _grid(numbers_, "DataArray", holes=holes)
    *leading, layer_dim, component_dim = dims
    labels = [
        _dim_labels(array, dim, kind) for dim, kind in zip(dims, _KINDS[-len(dims) :], strict=True)
    ]
    return replace(
        grid,
        steps=labels[0] if leading else None,
        layers=labels[-2],
        components=labels[-1],
        coords=_cell_coords(array, layer_dim, component_dim),
        layer_title=_dim_title(array, layer_dim, "layer"),
        component_title=_dim_title(array, component_dim, "component"),
        attrs=dict(array.attrs),
        labelled=True,
    )


_KINDS = ("steps", "layers", "components")


def _match_dims(dims: list[Any]) -> list[Any]:
    """Put dims in the order (step, layer, component), by name where named, else by position."""
    canonical = ["step", "layer", "component"][-len(dims) :]
    rest = [dim for dim in dims if dim not in canonical]
    return [name if name in dims else rest.pop(0) for name in canonical]


def _dim_labels(array: Any, dim: Any, kind: str) -> Labels:
    size = array.sizes[dim]
    if dim not in array.coords:
        return tuple(range(size))
    # Through the index: only there are dates still dates, and levels tuples.
    labels = array.indexes[dim] if dim in array.indexes else array.coords[dim].values
    return read_labels(labels, size, kind)


def _cell_coords(array: Any, layer: Any, component: Any) -> Mapping[str, NDArray[Any]]:
    coords: dict[str, NDArray[Any]] = {}
    for name, coord in array.coords.items():
        if name in array.dims or name == "absent" or coord.ndim == 0:
            continue
        if not set(coord.dims) <= {layer, component} or _is_index_level(array, name):
            continue
        full = coord.broadcast_like(array.isel(dict.fromkeys(array.dims[:-2], 0), drop=True))
        coords[str(name)] = _frozen(_plain_coord(full.transpose(layer, component).values))
    return MappingProxyType(coords)


def _plain_coord(values: NDArray[Any]) -> NDArray[Any]:
    """Give a copy in numbers or strings: an object kept here would keep its model alive."""
    if values.dtype.kind in "biufU":
        return np.array(values)
    strings = ["" if _is_absent(value) else str(value) for value in values.ravel()]
    return np.array(strings, dtype=str).reshape(values.shape)


def _is_index_level(array: Any, name: Any) -> bool:
    return name in array.xindexes


# ── numbers ──────────────────────────────────────────────────────────────────────────────────


def to_numpy(values: Any) -> tuple[NDArray[Any], NDArray[np.uint8] | None]:
    """Read array-like `values` as a numpy array and, where some are absent, their holes."""
    if _is(values, "numpy.ma", "MaskedArray"):
        mask = np.ma.getmaskarray(values)
        return np.asarray(values.data), _merge_absent(None, mask)
    if _is(values, "torch", "Tensor"):
        return _from_torch(values), None
    if not isinstance(values, np.ndarray | np.generic):
        values = _as_array(values)
    if values.dtype == object:
        return _from_objects(values)
    return values, None


def _as_array(values: Any) -> NDArray[Any]:
    if isinstance(values, str | bytes | Mapping | set | frozenset) or callable(values):
        raise TypeError(
            f"values is a {type(values).__name__}; expected a 2-D array, nested list, DataFrame, "
            "DataArray or tensor"
        )
    if hasattr(values, "__array__"):
        return np.asarray(values)
    if hasattr(values, "__dlpack__"):
        return np.from_dlpack(values)
    values = _plain(list(values) if isinstance(values, Iterable) else values)
    try:
        return np.asarray(values)
    except ValueError as error:
        rows = [row for row in values if isinstance(row, list | tuple | np.ndarray)]
        lengths = [len(row) for row in rows if getattr(row, "ndim", 1)]
        shown = ", ".join(map(str, lengths[:6])) + (", …" if len(lengths) > 6 else "")
        raise ValueError(
            f"values is a nested list whose rows differ in shape (lengths {shown}); "
            "every layer needs the same number of components: fill the gaps with None (absent)"
        ) from error


def _plain(values: Any) -> Any:
    """Turn the tensors inside nested lists to numpy, which refuses those that require grad."""
    if isinstance(values, list | tuple):
        return [_plain(value) for value in values]
    if not hasattr(values, "__array__") and not hasattr(values, "__dlpack__"):
        return values
    array, holes = to_numpy(values)
    if holes is None:
        return array
    plain = array.astype(object)
    plain[holes != PRESENT] = None
    return plain if plain.ndim else plain.item()


def _from_torch(tensor: Any) -> NDArray[Any]:
    if tensor.is_meta:
        raise ValueError(
            f"values is a meta tensor of shape {tuple(tensor.shape)}: it has no numbers. "
            "Load the weights first, or pass None with layers= and components= for pending cells"
        )
    tensor = tensor.detach()
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    if tensor.layout != sys.modules["torch"].strided:
        tensor = tensor.to_dense()
    tensor = tensor.cpu().resolve_conj().resolve_neg()
    name = str(tensor.dtype).removeprefix("torch.")
    if name == "bfloat16" or name.startswith("float8"):
        # numpy has no such types; ml_dtypes reads the same bits, so nothing is rounded.
        import ml_dtypes

        bits = sys.modules["torch"].int16 if name == "bfloat16" else sys.modules["torch"].uint8
        return np.asarray(tensor.contiguous().view(bits).numpy().view(getattr(ml_dtypes, name)))
    return np.asarray(tensor.numpy())


def _from_objects(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.uint8] | None]:
    """Read an object array of numbers; None and pd.NA are absent."""
    # Beside a None numpy keeps arrays without dimensions as they are.
    flat = [v[()] if isinstance(v, np.ndarray) and v.ndim == 0 else v for v in values.ravel()]
    absent = np.fromiter((_is_absent(v) for v in flat), bool, len(flat))
    for index in np.flatnonzero(~absent):
        if not _is_real(flat[index]):
            where = tuple(int(k) for k in np.unravel_index(index, values.shape))
            raise TypeError(
                f"values holds {flat[index]!r} ({type(flat[index]).__name__}) at {where}; "
                "a cell's value must be a number (None means absent)"
            )
    present = [v for v, gone in zip(flat, absent, strict=True) if not gone]
    dtype: np.dtype[Any]
    if present and all(isinstance(v, bool | np.bool_) for v in present):
        dtype = np.dtype(bool)
    elif present and all(isinstance(v, numbers.Integral) for v in present):
        dtype = _integer_dtype(present)
    else:
        dtype = np.dtype(float)
    filled = [0 if gone else v for v, gone in zip(flat, absent, strict=True)]
    array = np.array([dtype.type(v) for v in filled], dtype).reshape(values.shape)
    return array, _merge_absent(None, absent.reshape(values.shape))


def _integer_dtype(present: list[Any]) -> np.dtype[Any]:
    low, high = min(present), max(present)
    for name in ("int64", "uint64"):
        info = np.iinfo(name)
        if info.min <= low and high <= info.max:
            return np.dtype(name)
    raise ValueError(f"values holds the integer {high if high > 0 else low}, beyond 64 bits")


def _is_absent(value: Any) -> bool:
    return value is None or any(
        _is(value, module, name)
        for module, name in (("numpy.ma.core", "MaskedConstant"), ("pandas.api.typing", "NAType"))
    )


def _is_real(value: Any) -> bool:
    if isinstance(value, np.generic):
        return is_number(value.dtype)
    return isinstance(value, numbers.Real) or _is(value, "decimal", "Decimal")


def _merge_absent(
    holes: NDArray[np.uint8] | None, absent: NDArray[np.bool_]
) -> NDArray[np.uint8] | None:
    if not absent.any():
        return holes
    return np.where(absent, ABSENT, PRESENT if holes is None else holes).astype(np.uint8)


def _grid(array: NDArray[Any], source: str, *, holes: NDArray[np.uint8] | None) -> Grid:
    """Check shape and dtype, and freeze a copy with default labels."""
    if array.ndim not in (2, 3):
        raise ValueError(_dimension_error(source, array.shape, None))
    if array.size == 0:
        raise ValueError(
            f"values ({source}) is empty, shape {array.shape}; a grid needs at least one cell"
        )
    if not is_number(array.dtype):
        raise TypeError(f"values ({source}) has dtype {array.dtype}; {_dtype_cure(array.dtype)}")
    # A copy: what the caller does to its own array later must not reach the picture half-way.
    values = _frozen(np.array(array, order="C"))
    *leading, n_layers, n_components = values.shape
    return Grid(
        values=values,
        steps=tuple(range(leading[0])) if leading else None,
        layers=tuple(range(n_layers)),
        components=tuple(range(n_components)),
        holes=None if holes is None else _frozen(np.ascontiguousarray(holes)),
    )


def is_number(dtype: np.dtype[Any]) -> bool:
    """Whether a dtype is a real number: bool, integer, float, or one of ml_dtypes' floats."""
    return dtype.kind in "biuf" or (dtype.kind == "V" and _is_extended(dtype))


def _is_extended(dtype: np.dtype[Any]) -> bool:
    # Not by kind: most of ml_dtypes' types say "V", but float8_e5m2 says "f".
    return dtype.type.__module__ == "ml_dtypes"


def _dtype_cure(dtype: np.dtype[Any]) -> str:
    match dtype.kind:
        case "c":
            return "take abs(values), values.real or values.imag"
        case "M" | "m":
            return "turn times into numbers first, for example (values - start) / unit"
        case "U" | "S":
            return "a cell's value must be a number"
        case _ if dtype.names:
            return f"pick one field of it ({', '.join(dtype.names)})"
        case _:
            return "a cell's value must be a number"


def _dimension_error(source: str, shape: tuple[int, ...], dims: list[Any] | None) -> str:
    named = f", dims {tuple(dims)}" if dims else ""
    cure = {
        0: "a grid has layers and components: pass a 2-D array",
        1: "one layer is values[None, :], one component is values[:, None]",
    }.get(len(shape), "index or average the extra axes away, or stack them into layers")
    return (
        f"values ({source}) has {len(shape)} dimensions, shape {tuple(shape)}{named}; "
        f"expected (layer, component) or (step, layer, component): {cure}"
    )


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array


# ── labels ───────────────────────────────────────────────────────────────────────────────────


def read_labels(labels: Iterable[Any], count: int, what: str) -> Labels:
    """Read unique labels for one axis: Python scalars; MultiIndex levels join with ``.``.

    Raises
    ------
    TypeError
        For a bare string, which would fall apart into characters.
    ValueError
        For the wrong count, or for a label that comes twice.
    """
    if isinstance(labels, str | bytes):
        raise TypeError(f"{what} is the string {labels!r}; expected a sequence of labels")
    read = tuple(_label(label) for label in labels)
    if len(read) != count:
        raise ValueError(f"{what} has {len(read)} labels, but values has {count}: {_few(read)}")
    seen: dict[Label, int] = {}
    for position, label in enumerate(read):
        if label in seen:
            raise ValueError(
                f"{what} has {label!r} twice (positions {seen[label]} and {position}); "
                "a cell is found by its labels, so they must be unique"
            )
        seen[label] = position
    return read


def _label(label: Any) -> Label:
    if isinstance(label, np.datetime64 | np.timedelta64):
        return str(label)  # its item may be a bare count of nanoseconds
    if getattr(label, "ndim", None) == 0 and hasattr(label, "item"):
        label = label.item()
    if isinstance(label, tuple):
        return ".".join(str(_label(part)) for part in label)
    if isinstance(label, float) and not math.isfinite(label):
        return str(label)  # JSON has none of them, and NaN is not even equal to itself
    return label if isinstance(label, str | int | float | bool) else str(label)


def _few(labels: Labels) -> str:
    shown = ", ".join(map(repr, labels[:5]))
    return shown + (", …" if len(labels) > 5 else "")


# ── back to a DataArray ──────────────────────────────────────────────────────────────────────


def to_dataarray(grid: Grid, name: str | None = None) -> xr.DataArray:
    """Give the grid as a DataArray of native numbers and strings that can be sliced and saved.

    Dims are always ``layer``, ``component``, with ``step`` first if there is one. bf16 and fp8
    widen to float32. Absent and pending cells are NaN, told from real NaN by the bool
    coordinate ``absent``, which is there only when it is needed.
    """
    import xarray as xr

    values = widen(grid.values)
    dims = ("layer", "component") if grid.steps is None else ("step", "layer", "component")
    coords: dict[str, Any] = {
        key: (("layer", "component"), coord.copy())
        for key, coord in grid.coords.items()
        if key not in dims  # of foreign dims, in whose place these stand now
    }
    coords["layer"] = _index(grid.layers, "layer", grid.layer_title)
    coords["component"] = _index(grid.components, "component", grid.component_title)
    if grid.steps is not None:
        coords["step"] = _index(grid.steps, "step", None)
    if grid.holes is not None:
        if values.dtype.kind != "f":
            values = values.astype(np.result_type(values.dtype, np.float32))
        values = np.where(grid.holes == PRESENT, values, values.dtype.type(np.nan))
        coords["absent"] = (dims, grid.holes == ABSENT)
    return xr.DataArray(values.copy(), dims=dims, coords=coords, attrs=dict(grid.attrs), name=name)


def _index(labels: Labels, dim: str, title: str | None) -> tuple[str, NDArray[Any], dict[str, str]]:
    array = np.asarray(labels)
    if array.dtype.kind == "U" and not all(isinstance(label, str) for label in labels):
        # numpy would turn the 0 of ("embed", 0, 1) into "0".
        array = np.array(labels, dtype=object)
    return dim, array, {} if title is None else {"long_name": title}


def widen(values: NDArray[Any]) -> NDArray[Any]:
    """Give values in a dtype that every routine knows.

    ml_dtypes' numbers become float32, which holds them all, and long doubles float64, which is
    the most that files and browsers hold.
    """
    if _is_extended(values.dtype):
        return values.astype(np.float32)
    if values.dtype.kind == "f" and values.dtype.itemsize > 8:
        with np.errstate(over="ignore"):
            return values.astype(np.float64)
    return values


def is_labelled(values: Any) -> bool:
    """Whether `values` knows its cells by label, so that it can be aligned."""
    return _is(values, "pandas", "DataFrame") or _is(values, "xarray", "DataArray")
