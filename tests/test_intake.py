"""Anything two-dimensional → Grid → DataArray, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import ml_dtypes
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from layergrid import intake
from layergrid.intake import ABSENT, PENDING, PRESENT, Grid, read, read_labels, to_dataarray

NATIVE = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
NATIVE += ["float16", "float32", "float64", "longdouble", ">i2", ">i8", ">u4", ">f4", ">f8"]
EXTENDED = [
    ml_dtypes.bfloat16,
    ml_dtypes.float8_e4m3fn,
    ml_dtypes.float8_e5m2,  # alone among them says that its kind is "f"
    ml_dtypes.float8_e8m0fnu,
    ml_dtypes.int4,
]


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two arrays have the same dtype, shape and bits of value, NaN among them."""
    wide_a, wide_b = intake.widen(a), intake.widen(b)
    return a.dtype == b.dtype and np.array_equal(wide_a, wide_b, equal_nan=a.dtype.kind in "fV")


# ── numpy ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("dtype", [*NATIVE, *EXTENDED])
def test_every_numeric_dtype_stays_what_it_was(dtype):
    array = np.array([[1, 0, 1], [1, 1, 0]]).astype(dtype)
    grid = read(array)
    assert same(grid.values, array)
    assert grid.shape == (2, 3)
    assert (grid.layers, grid.components, grid.steps, grid.holes) == ((0, 1), (0, 1, 2), None, None)


@given(
    hnp.arrays(
        st.sampled_from([np.dtype(d) for d in NATIVE if d != "longdouble"]),
        hnp.array_shapes(min_dims=2, max_dims=3, max_side=5),
    )
)
def test_values_come_back_bit_for_bit(array):
    grid = read(array)
    assert grid.values.tobytes() == array.tobytes()
    assert (grid.steps is None) == (array.ndim == 2)


@pytest.mark.parametrize(
    "arrange",
    [
        np.asfortranarray,
        lambda v: v[::-1, ::-1][::-1, ::-1],
        lambda v: np.repeat(v, 2, axis=1)[:, ::2],
        lambda v: v.T.copy().T,
        lambda v: v.view(type("Subclass", (np.ndarray,), {})),
    ],
    ids=["fortran", "negative", "strided", "transposed", "subclass"],
)
def test_memory_order_does_not_matter(values, arrange):
    grid = read(arrange(values))
    np.testing.assert_array_equal(grid.values, values)
    assert type(grid.values) is np.ndarray
    assert grid.values.flags.c_contiguous


def test_broadcast_arrays_become_whole(values):
    grid = read(np.broadcast_to(values[:1], (5, 3)))
    assert grid.values.strides == (24, 8)
    np.testing.assert_array_equal(grid.values[4], values[0])


def test_the_grid_is_a_copy_that_nobody_can_write(values):
    grid = read(values)
    values[0, 0] = 99
    assert grid.values[0, 0] == 0.5
    with pytest.raises(ValueError, match="read-only"):
        grid.values[0, 0] = 1


def test_three_dimensions_are_step_layer_component():
    grid = read(np.arange(24.0).reshape(2, 4, 3))
    assert grid.steps == (0, 1)
    assert grid.shape == (4, 3)
    assert grid.frame(1)[0, 0] == 12


def test_a_masked_array_has_absent_cells(values):
    masked = np.ma.masked_array(values, mask=values == 7)
    grid = read(masked)
    assert grid.holes.tolist() == np.where(values == 7, ABSENT, PRESENT).tolist()
    assert np.isnan(grid.values[0, 2])
    assert read(np.ma.masked_array(values)).holes is None
    assert read(np.ma.masked_array(values, mask=False)).holes is None


def test_a_three_dimensional_masked_array_has_holes_per_step():
    mask = np.zeros((2, 3, 2), bool)
    mask[1, 2, 0] = True
    grid = read(np.ma.masked_array(np.ones((2, 3, 2)), mask=mask))
    assert not grid.frame_holes(0).any()
    assert grid.frame_holes(1)[2, 0] == ABSENT


def test_absent_cells_of_a_reduced_precision_dtype():
    masked = np.ma.masked_array(np.array([[1, 2, 3]], ml_dtypes.bfloat16), mask=[[0, 1, 0]])
    grid = read(masked)
    assert grid.values.dtype == ml_dtypes.bfloat16
    assert grid.holes.tolist() == [[PRESENT, ABSENT, PRESENT]]


# ── lists and objects ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("nested", "dtype"),
    [
        ([[1, None, 3], [4, 5, 6]], "int64"),
        ([[1.5, None, 3], [4, 5, 6]], "float64"),
        ([[True, None, False], [True, True, True]], "bool"),
        ([[True, None, 2], [1, 1, 1]], "int64"),
        ([[2**64 - 1, None, 0], [1, 2, 3]], "uint64"),
        ([[Decimal("0.5"), None, Fraction(1, 4)], [1, 2, 3]], "float64"),
        ([[np.float32(1.5), None, np.int8(2)], [1, 2, 3]], "float64"),
        ([[ml_dtypes.bfloat16(1.5), None, 2], [1, 2, 3]], "float64"),
        ([[np.array(1.5), None, np.array(2)], [1, 2, 3]], "float64"),
        ([[1.5, pd.NA, 2.0], [1, 2, 3]], "float64"),
        ([[1.5, np.ma.masked, 2.0], [1, 2, 3]], "float64"),
        ([np.ma.masked_array([1.5, 9, 2], mask=[0, 1, 0]), [1, 2, 3]], "float64"),
        (((1, None, 3), (4, 5, 6)), "int64"),
        (iter([[1, None, 3], [4, 5, 6]]), "int64"),
        (np.array([[1, None, 3], [4, 5, 6]], object), "int64"),
    ],
)
def test_nested_lists_with_gaps(nested, dtype):
    grid = read(nested)
    assert grid.values.dtype == dtype
    assert grid.holes.tolist() == [[PRESENT, ABSENT, PRESENT], [PRESENT] * 3]


def test_integers_beside_a_gap_stay_exact():
    big = 2**62 + 1
    assert read([[big, None], [-big, 0]]).values[:, 0].tolist() == [big, -big]


def test_a_list_of_zero_dimensional_arrays_keeps_their_dtype():
    cells = [[np.array(i + j, ml_dtypes.bfloat16) for j in range(3)] for i in range(2)]
    assert same(read(cells).values, np.array([[0, 1, 2], [1, 2, 3]], ml_dtypes.bfloat16))


def test_a_list_of_rows_as_arrays(values):
    np.testing.assert_array_equal(read(list(values)).values, values)


class OnlyArray:
    """Knows nothing but ``__array__``."""

    def __init__(self, array):
        self._array = array

    def __array__(self, dtype=None, copy=None):
        return self._array if dtype is None else self._array.astype(dtype)


class OnlyDLPack:
    """Knows nothing but the array interchange of DLPack."""

    def __init__(self, array):
        self._array = array

    def __dlpack__(self, **options):
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self._array.__dlpack_device__()


@pytest.mark.parametrize("wrap", [OnlyArray, OnlyDLPack])
def test_foreign_arrays(values, wrap):
    np.testing.assert_array_equal(read(wrap(values)).values, values)
    np.testing.assert_array_equal(read([wrap(values[0]), wrap(values[1])]).values, values[:2])


# ── pandas ───────────────────────────────────────────────────────────────────────────────────


def test_a_dataframe_brings_labels_and_titles(values):
    index = pd.Index([3, 5, 8, 13], name="block")
    columns = pd.Index(["attn.q", "attn.k", "mlp.up"], name="component")
    grid = read(pd.DataFrame(values, index=index, columns=columns))
    np.testing.assert_array_equal(grid.values, values)
    assert grid.layers == (3, 5, 8, 13)
    assert grid.components == ("attn.q", "attn.k", "mlp.up")
    assert (grid.layer_title, grid.component_title) == ("block", None)
    assert grid.labelled


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


def test_absent_of_one_axis_spreads_over_the_other():
    array = dataarray(np.ones((2, 4, 3)), dims=("step", "layer", "component"))
    grid = read(array.assign_coords(absent=("layer", [False, True, False, False])))
    assert (grid.holes == ABSENT).sum(axis=(0, 2)).tolist() == [0, 6, 0, 0]


def test_a_coordinate_that_the_canonical_names_displace():
    array = dataarray(np.ones((2, 3)), dims=("x", "y"), coords={"layer": ("x", ["a", "b"])})
    assert to_dataarray(read(array)).coords["layer"].values.tolist() == [0, 1]


# ── pending ──────────────────────────────────────────────────────────────────────────────────


def test_no_values_with_labels_are_pending_cells():
    grid = read(None, layers=iter(range(3)), components=iter(["q", "k"]))
    assert grid.shape == (3, 2)
    assert (grid.holes == PENDING).all()
    assert read(None).shape == (0, 0)


@pytest.mark.parametrize(("axes", "other"), [("layers", "components"), ("components", "layers")])
def test_pending_cells_need_both_axes(axes, other):
    with pytest.raises(ValueError, match=f"{other} is not given"):
        read(None, **{axes: [1, 2]})


# ── labels ───────────────────────────────────────────────────────────────────────────────────


def test_labels_replace_those_that_came(values):
    grid = read(pd.DataFrame(values), layers=np.arange(4) * 10, components=("q", "k", "v"))
    assert grid.layers == (0, 10, 20, 30)
    assert {type(label) for label in grid.layers} == {int}
    assert grid.components == ("q", "k", "v")


@given(st.lists(st.integers() | st.text() | st.booleans(), unique=True, max_size=6))
def test_python_labels_stay_as_they_are(labels):
    assert read_labels(labels, len(labels), "layers") == tuple(labels)


def test_labels_of_other_kinds():
    labels = [np.str_("a"), np.float64(0.5), np.bool_(True), ("b", np.int64(2)), float("nan")]
    labels += [float("-inf"), np.datetime64("2024-05-01"), pd.Timestamp("2024-06-01"), np.array(7)]
    read = read_labels(labels, 9, "layers")
    assert read[:5] == ("a", 0.5, True, "b.2", "nan")
    assert read[5:] == ("-inf", "2024-05-01", "2024-06-01 00:00:00", 7)


@pytest.mark.parametrize(
    ("labels", "error", "words"),
    [
        ("abcd", TypeError, ["layers", "'abcd'", "sequence"]),
        (4, TypeError, ["layers", "4", "int"]),
        ([1, 2, 3], ValueError, ["layers", "3", "4", "1, 2, 3"]),
        (["a", "b", "a", "c"], ValueError, ["layers", "'a' twice", "0", "2"]),
        ([0, 1, 2, 1.0], ValueError, ["twice", "1", "3"]),
        ([0, 1, float("nan"), float("nan")], ValueError, ["twice"]),
    ],
)
def test_labels_that_do_not_fit(values, labels, error, words):
    with pytest.raises(error) as caught:
        read(values, layers=labels)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_duplicate_columns_are_refused(values):
    with pytest.raises(ValueError, match=r"the columns has 'q' twice"):
        read(pd.DataFrame(values, columns=["q", "k", "q"]))


# ── what is no grid ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: 5, ValueError, ["0 dimensions", "2-D"]),
        (lambda: np.arange(7.0), ValueError, ["1 dimensions", "(7,)", "values[None, :]"]),
        (lambda: [1.0, 2.0], ValueError, ["list", "1 dimensions", "(2,)"]),
        (lambda: np.zeros((2, 3, 4, 5)), ValueError, ["4 dimensions", "(2, 3, 4, 5)", "average"]),
        (lambda: np.zeros((0, 3)), ValueError, ["empty", "(0, 3)"]),
        (lambda: [[], []], ValueError, ["empty", "(2, 0)"]),
        (lambda: pd.DataFrame(), ValueError, ["DataFrame", "empty"]),
        (lambda: np.ones((2, 3), complex), TypeError, ["complex128", "abs("]),
        (lambda: [["a", "b"]], TypeError, ["<U1", "number"]),
        (lambda: [[1, "b"]], TypeError, ["number"]),
        (lambda: np.array([[1, "b", 2]], object), TypeError, ["'b'", "(0, 1)", "None"]),
        (lambda: np.array([[1, 1j]], object), TypeError, ["1j", "complex", "(0, 1)"]),
        (lambda: np.array([["2024-01-01"]], "M8[D]"), TypeError, ["datetime64", "numbers"]),
        (lambda: np.zeros((2, 3), [("a", "f4"), ("b", "f4")]), TypeError, ["a, b", "field"]),
        (lambda: [[1, 2], [3]], ValueError, ["lengths 2, 1", "None"]),
        (lambda: [[1, 2], np.array(3.0)], ValueError, ["lengths 2", "None"]),
        (lambda: [[2**70, 1]], ValueError, [str(2**70), "64 bits"]),
        (lambda: "abc", TypeError, ["str", "2-D array"]),
        (lambda: {"a": [1, 2]}, TypeError, ["dict", "2-D array"]),
        (lambda: {1, 2}, TypeError, ["set"]),
        (lambda: len, TypeError, ["builtin_function"]),
        (lambda: pd.Series([1, 2, 3]), ValueError, ["Series", "3 entries", "unstack"]),
        (lambda: pd.DataFrame({"a": ["x"]}), TypeError, ["'x'", "(0, 0)"]),
        (lambda: xr.DataArray([1, 2], dims="layer"), ValueError, ["DataArray", "('layer',)"]),
        (lambda: xr.Dataset({"rms": ("a", [1]), "max": ("a", [1])}), TypeError, ["rms, max"]),
    ],
)
def test_what_is_no_grid_is_refused_by_name_and_with_a_cure(make, error, words):
    with pytest.raises(error) as caught:
        read(make())
    assert all(word in str(caught.value) for word in ["values", *words]), str(caught.value)
