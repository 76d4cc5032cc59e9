"""Arrays and nested lists → Grid, and what is refused."""

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
from scipy import sparse

from layergrid.intake import ABSENT, PENDING, PRESENT, read, read_labels

from .arrays import EXTENDED, NATIVE, same

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


def test_a_memoryview_is_an_array(values):
    np.testing.assert_array_equal(read(memoryview(values)).values, values)
    np.testing.assert_array_equal(read(memoryview(values)[:2]).values, values[:2])


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
        (lambda: [[b"a", b"b"]], TypeError, ["|S1", "astype(str)"]),
        (lambda: [[1, "b"]], TypeError, ["'b' at (0, 1)", "1 at (0, 0)", "categories={"]),
        (lambda: np.array([[1, "b", 2]], object), TypeError, ["'b'", "(0, 1)", "None"]),
        (lambda: np.array([["a", b"b"]], object), TypeError, ["b'b'", "bytes", "(0, 1)"]),
        (lambda: np.array([[1, 1j]], object), TypeError, ["1j", "complex", "(0, 1)"]),
        (lambda: np.array([["2024-01-01"]], "M8[D]"), TypeError, ["datetime64", "numbers"]),
        (lambda: np.zeros((2, 3), [("a", "f4"), ("b", "f4")]), TypeError, ["a, b", "field"]),
        (lambda: [[1, 2], [3]], ValueError, ["lengths 2, 1", "None"]),
        (lambda: [[1, 2], np.array(3.0)], ValueError, ["lengths 2", "None"]),
        (lambda: [[2**70, 1]], ValueError, [str(2**70), "64 bits"]),
        (lambda: sparse.csr_array(np.eye(2)), TypeError, ["csr_array", "values.toarray()"]),
        (lambda: sparse.coo_matrix(np.eye(2)), TypeError, ["coo_matrix", "values.toarray()"]),
        (lambda: "abc", TypeError, ["str", "2-D array"]),
        (lambda: {"a": [1, 2]}, TypeError, ["dict", "2-D array"]),
        (lambda: {1, 2}, TypeError, ["set"]),
        (lambda: len, TypeError, ["builtin_function"]),
        (lambda: pd.Series([1, 2, 3]), ValueError, ["Series", "3 entries", "unstack"]),
        (lambda: pd.DataFrame({"a": ["x"], "b": [1]}), TypeError, ["'x'", "1 at (0, 1)"]),
        (lambda: xr.DataArray([1, 2], dims="layer"), ValueError, ["DataArray", "('layer',)"]),
        (lambda: xr.Dataset({"rms": ("a", [1]), "max": ("a", [1])}), TypeError, ["rms, max"]),
    ],
)
def test_what_is_no_grid_is_refused_by_name_and_with_a_cure(make, error, words):
    with pytest.raises(error) as caught:
        read(make())
    assert all(word in str(caught.value) for word in ["values", *words]), str(caught.value)
