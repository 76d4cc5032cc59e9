"""Labelled grids: DataFrame and DataArray → Grid, and back to a DataArray."""

from __future__ import annotations

from dataclasses import replace

import ml_dtypes
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from layergrid import Heatmap
from layergrid.intake import ABSENT, PRESENT, Grid, read, to_dataarray

from .arrays import EXTENDED, NATIVE, same

# ── pandas ───────────────────────────────────────────────────────────────────────────────────


def test_a_dataframe_brings_labels_and_titles(values):
    index = pd.Index([3, 5, 8, 13], name="block")
    columns = pd.Index(["attn.q", "attn.k", "mlp.up"], name="component")
    grid = read(pd.DataFrame(values, index=index, columns=columns))
    np.testing.assert_array_equal(grid.values, values)
    assert grid.layers == (3, 5, 8, 13)
    assert grid.components == ("attn.q", "attn.k", "mlp.up")
    assert (grid.layer_title, grid.component_title) == ("block", None)
    assert grid.labelled == {"layers", "components"}


@pytest.mark.parametrize("index", [range(2), [10, 20], np.array([1, 2], np.int8), ["a", "b"]])
def test_labels_are_python_scalars(index):
    grid = read(pd.DataFrame([[1, 2, 3], [4, 5, 6]], index=index, columns=[0.5, 1.5, 2.5]))
    assert grid.layers == tuple(np.asarray(index).tolist())
    assert [type(label) for label in grid.layers] == [type(np.asarray(index).tolist()[0])] * 2
    assert [type(label) for label in grid.components] == [float] * 3


@pytest.mark.parametrize(
    ("dtype", "column", "expected"),
    [
        ("Int64", [2**62 + 1, None, -3], "int64"),
        ("UInt8", [255, None, 3], "int64"),
        ("Float64", [0.1, None, -3.5], "float64"),
        ("boolean", [True, None, False], "bool"),
    ],
)
def test_nullable_columns(dtype, column, expected):
    frame = pd.DataFrame({"q": pd.array(column, dtype=dtype), "k": pd.array(column, dtype=dtype)})
    grid = read(frame)
    assert grid.values.dtype == expected
    assert grid.holes[:, 0].tolist() == [PRESENT, ABSENT, PRESENT]
    assert grid.values[[0, 2], 1].tolist() == [column[0], column[2]]


def test_na_is_absent_and_nan_is_real():
    frame = pd.DataFrame({"q": [np.nan, 1.0, -np.inf], "k": pd.array([1, None, 3], "Int64")})
    grid = read(frame)
    assert grid.holes.tolist() == [[PRESENT] * 2, [PRESENT, ABSENT], [PRESENT] * 2]
    assert np.isnan(grid.values[0, 0])
    assert grid.values[2, 0] == -np.inf


def test_a_dataframe_of_plain_nan_has_no_holes(values):
    assert read(pd.DataFrame(values)).holes is None


def test_a_dataframe_of_mixed_numbers():
    frame = pd.DataFrame({"count": [1, 2], "on": [True, False]})
    assert read(frame).values.tolist() == [[1, 1], [2, 0]]
    frame["share"] = [0.5, -0.25]
    assert read(frame).values.tolist() == [[1, 1, 0.5], [2, 0, -0.25]]


def test_levels_of_a_multiindex_join():
    columns = pd.MultiIndex.from_product([["attn", "mlp"], ["a", 1]], names=["part", "which"])
    grid = read(pd.DataFrame(np.arange(8.0).reshape(2, 4), columns=columns))
    assert grid.components == ("attn.a", "attn.1", "mlp.a", "mlp.1")
    assert grid.component_title == "part.which"


# ── xarray ───────────────────────────────────────────────────────────────────────────────────


def dataarray(values, **options):
    dims = options.pop("dims", ("layer", "component"))
    return xr.DataArray(values, dims=dims, **options)


def test_dims_are_matched_by_name(values):
    array = dataarray(values.T, dims=("component", "layer"), coords={"component": ["q", "k", "v"]})
    grid = read(array)
    np.testing.assert_array_equal(grid.values, values)
    assert grid.components == ("q", "k", "v")
    assert grid.layers == (0, 1, 2, 3)
    assert (grid.layer_title, grid.component_title) == (None, None)


def test_one_known_name_places_the_other_dim(values):
    grid = read(dataarray(values.T, dims=("head", "layer")))
    np.testing.assert_array_equal(grid.values, values)
    assert (grid.layer_title, grid.component_title) == (None, "head")


def test_foreign_dims_go_by_position_and_become_titles(values):
    grid = read(dataarray(values, dims=("block", "head"), coords={"block": [2, 4, 6, 8]}))
    assert grid.layers == (2, 4, 6, 8)
    assert (grid.layer_title, grid.component_title) == ("block", "head")


def test_steps_are_found_wherever_they_are():
    cube = np.arange(24.0).reshape(4, 3, 2)
    array = dataarray(cube, dims=("layer", "component", "step"), coords={"step": [100, 200]})
    grid = read(array)
    assert grid.values.shape == (2, 4, 3)
    assert grid.steps == (100, 200)
    np.testing.assert_array_equal(grid.frame(1), cube[..., 1])


def test_coordinates_of_a_cell(values):
    names = np.array([[f"m.{i}.{j}" for j in range(3)] for i in range(4)])
    array = dataarray(
        values.T,
        dims=("component", "layer"),
        coords={
            "name": (("layer", "component"), names),
            "shape": ("component", ["2×3", "4", "5"]),
            "depth": ("layer", [1, 2, 3, 4]),
            "run": "baseline",
            "step_time": 0.5,
        },
    )
    grid = read(array)
    assert set(grid.coords) == {"name", "shape", "depth"}
    assert grid.coords["name"].tolist() == names.tolist()
    assert grid.coords["shape"].tolist() == [["2×3", "4", "5"]] * 4
    assert grid.coords["depth"][3].tolist() == [4, 4, 4]


def test_a_coordinate_holds_numbers_and_strings_only():
    class Module:
        def __str__(self):
            return "Linear()"

    objects = np.empty((2, 3), object)
    objects[...] = [[Module(), "x", 1], [None, "y", 2]]
    array = dataarray(np.ones((2, 3)), coords={"module": (("layer", "component"), objects)})
    coord = read(array).coords["module"]
    assert coord.tolist() == [["Linear()", "x", "1"], ["", "y", "2"]]
    assert coord.dtype.kind == "U"


def test_a_multiindex_of_xarray():
    columns = pd.MultiIndex.from_product([["attn", "mlp"], ["a", "b"]], names=["part", "which"])
    coords = xr.Coordinates.from_pandas_multiindex(columns, "component")
    grid = read(dataarray(np.ones((2, 4)), coords=coords))
    assert grid.components == ("attn.a", "attn.b", "mlp.a", "mlp.b")
    assert not grid.coords


def test_a_coordinate_without_an_index_still_gives_the_labels(values):
    array = dataarray(values, coords={"component": ["q", "k", "v"]}).drop_indexes("component")
    assert read(array).components == ("q", "k", "v")


# ── and back ─────────────────────────────────────────────────────────────────────────────────


def equal_grids(a: Grid, b: Grid) -> bool:
    return (
        same(a.values, b.values)
        and (a.layers, a.components, a.steps) == (b.layers, b.components, b.steps)
        and [*map(type, (*a.layers, *a.components))] == [*map(type, (*b.layers, *b.components))]
        and (a.holes is b.holes or np.array_equal(a.holes, b.holes))
        and (a.layer_title, a.component_title) == (b.layer_title, b.component_title)
        and {k: v.tolist() for k, v in a.coords.items()}
        == {k: v.tolist() for k, v in b.coords.items()}
        and dict(a.attrs) == dict(b.attrs)
    )


@pytest.mark.parametrize("ndim", [2, 3])
@pytest.mark.parametrize("absent", [False, True])
def test_reading_what_was_written_keeps_everything(ndim, absent):
    cube = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")
    cube[1, 0, 0], cube[0, 1, 2], cube[1, 3, 1] = np.nan, np.inf, -np.inf
    dims = ("step", "block", "head")[3 - ndim :]
    array = xr.DataArray(
        cube if ndim == 3 else cube[1],
        dims=dims,
        coords={
            "block": np.array(["embed", 0, 1, "out"], object),
            "head": [1, 2, 3],
            "name": (("block", "head"), [[f"m.{i}.{j}" for j in "qkv"] for i in "abcd"]),
            "parameters": (("block", "head"), np.arange(12).reshape(4, 3)),
        },
        attrs={"statistic": "rms"},
    )
    if absent:
        mask = np.zeros(array.shape, bool)
        mask[..., 2, 1] = True
        array.values[mask] = np.nan
        array = array.assign_coords(absent=(dims, mask))
    grid = read(array)
    assert grid.layers == ("embed", 0, 1, "out")
    assert (grid.layer_title, grid.component_title) == ("block", "head")
    assert (grid.holes is not None) == absent
    assert equal_grids(read(to_dataarray(grid)), grid)


@pytest.mark.parametrize("dtype", [*NATIVE, *EXTENDED])
def test_data_has_native_dtypes_only(dtype):
    array = to_dataarray(read(np.array([[1, 0, 1], [1, 1, 0]]).astype(dtype)))
    assert array.dtype.kind in "biuf"
    assert array.dtype.itemsize <= 8
    assert array.dtype.type.__module__ == "numpy"
    assert array.values.tolist() == [[1, 0, 1], [1, 1, 0]] or dtype is ml_dtypes.float8_e8m0fnu


def test_data_is_canonical_and_its_own(values):
    grid = read(dataarray(values.T, dims=("head", "layer")))
    array = to_dataarray(grid, "rms")
    assert array.dims == ("layer", "component")
    assert array.name == "rms"
    array[0, 0] = 99
    assert grid.values[0, 0] == 0.5


@pytest.mark.parametrize("dtype", ["bool", "int8", "int32", "float16", "float32", "float64"])
def test_absent_cells_of_data_are_nan_and_marked(dtype):
    grid = read(np.ma.masked_array(np.ones((2, 3), dtype), mask=[[0, 1, 0], [0, 0, 0]]))
    array = to_dataarray(grid)
    assert np.isnan(array.values).tolist() == [[False, True, False], [False] * 3]
    assert array.coords["absent"].dtype == bool
    assert array.coords["absent"].values.tolist() == [[False, True, False], [False] * 3]
    assert array.dtype == (dtype if dtype.startswith("float") else array.dtype)


def test_absent_survives_slicing_and_transposing():
    grid = read(np.ma.masked_array(np.ones((2, 4, 3)), mask=[np.eye(4, 3, dtype=bool)] * 2))
    array = to_dataarray(grid)
    assert (read(array.isel(step=1)).holes == np.eye(4, 3)).all()
    assert (read(array.transpose("component", "step", "layer")).holes == grid.holes).all()
    assert (read(array.isel(layer=slice(2, None))).holes[1] == np.eye(4, 3)[2:]).all()


def test_pending_cells_of_data_stay_pending():
    holes = np.array([[0, 1, 2]], np.uint8)
    grid = replace(read([[1, 2, 3]]), holes=holes)
    array = to_dataarray(grid)
    assert np.isnan(array.values).tolist() == [[False, True, True]]
    assert array.absent.values.tolist() == [[False, True, False]]
    assert read(array).holes.tolist() == [[0, 1, 2]]
    assert read(array[:, ::-1]).holes.tolist() == [[2, 1, 0]]
    assert "pending" not in to_dataarray(replace(grid, holes=holes % 2)).coords


def test_absent_of_one_axis_spreads_over_the_other():
    array = dataarray(np.ones((2, 4, 3)), dims=("step", "layer", "component"))
    grid = read(array.assign_coords(absent=("layer", [False, True, False, False])))
    assert (grid.holes == ABSENT).sum(axis=(0, 2)).tolist() == [0, 6, 0, 0]


def test_a_coordinate_that_the_canonical_names_displace():
    array = dataarray(np.ones((2, 3)), dims=("x", "y"), coords={"layer": ("x", ["a", "b"])})
    assert to_dataarray(read(array)).coords["layer"].values.tolist() == [0, 1]


def test_a_dataarray_brings_the_label_of_its_values(values):
    array = xr.DataArray(values, dims=("layer", "component"), name="rms")
    widget = Heatmap(array)
    assert widget.label == widget._label == "rms"
    widget.values = array.rename("frobenius").assign_attrs(long_name="norm", units="V")
    assert widget.label == widget._label == "norm [V]"
    assert widget.data.name == "frobenius"
    widget.values = -values
    assert widget.label == "norm [V]"
    widget.label = "mine"
    assert widget.label == widget._label == widget.data.name == "mine"
    widget.label = ""
    assert widget._label == ""
    widget.label = None
    assert widget.label == "norm [V]"
