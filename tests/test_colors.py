"""Limits, tables, and which entry of the table a value takes."""

from __future__ import annotations

import json
import math
import warnings
from fractions import Fraction
from pathlib import Path

import cmap
import ml_dtypes
import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from layergrid import colors
from layergrid.colors import Kind, kinds, read_cmap, read_limits, resolve_limits, table_index
from layergrid.intake import read

VECTORS = json.loads((Path(__file__).parent / "data" / "colors.json").read_text())


def exact_index(value: float, low: float, high: float) -> int:
    """Give the entry by the definition, in exact arithmetic."""
    if low == high:
        return 0 if value < low else 255 if value > high else 128
    position = (Fraction(value) - Fraction(low)) / (Fraction(high) - Fraction(low))
    return min(math.floor(256 * min(max(position, Fraction(0)), Fraction(1))), 255)


# ── the table ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("viridis", "bids:viridis"),
        ("viridis_r", "bids:viridis_r"),
        ("coolwarm", "matplotlib:coolwarm"),
        ("RdBu_r", "colorbrewer:RdBu_r"),
        ("turbo", "google:turbo"),
        ("cmasher:ocean", "cmasher:ocean"),
    ],
)
def test_the_table_of_a_name_is_that_of_cmap(name, whose):
    theirs = cmap.Colormap(whose).lut(256)[:, :3]
    ours = read_cmap(name)
    assert ours.shape == (256, 3)
    assert ours.dtype == np.uint8
    assert np.array_equal(ours, np.round(theirs * 255))


def test_every_name_of_matplotlib_means_its_map_and_nothing_warns():
    matplotlib = pytest.importorskip("matplotlib")
    far = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name, theirs in matplotlib.colormaps.items():
            entries = np.arange(256) * theirs.N // 256
            distance = np.abs(read_cmap(name) - theirs(entries)[:, :3] * 255).max()
            if distance > 1:
                far[name.removesuffix("_r")] = distance
    # cmap samples twilight's 510 colours elsewhere, and has gist_stern with fewer stops.
    assert far.keys() <= {"twilight", "twilight_shifted", "gist_stern"}


def test_a_colormap_object_brings_its_own_table():
    table = read_cmap(cmap.Colormap(["#ff0000", "#0000ff"]))
    assert table[0].tolist() == [255, 0, 0]
    assert table[255].tolist() == [0, 0, 255]


def test_a_matplotlib_object_brings_its_own_table():
    matplotlib = pytest.importorskip("matplotlib")
    theirs = matplotlib.colormaps["cividis"]
    assert np.abs(read_cmap(theirs) - theirs(np.arange(256))[:, :3] * 255).max() <= 1


def test_a_map_of_few_colours_gives_equal_parts():
    table = read_cmap("tab10")
    changes = np.flatnonzero((np.diff(table.astype(int), axis=0) != 0).any(axis=1)) + 1
    assert len(changes) == 9
    assert set(np.diff([0, *changes, 256])) <= {25, 26}


def test_nobody_can_repaint_a_table():
    with pytest.raises(ValueError, match="read-only"):
        read_cmap("viridis")[0] = 0


@pytest.mark.parametrize(
    ("name", "words"),
    [("viridiss", ["'viridiss'", "'viridis'"]), ("no such map", ["'no such map'"]), (7, ["7"])],
)
def test_an_unknown_map_is_refused(name, words):
    with pytest.raises(ValueError, match="colour map") as caught:
        read_cmap(name)
    assert all(word in str(caught.value) for word in words)


# ── limits ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("given_", [None, "full"])
def test_full_limits_are_those_of_the_finite_values(values, given_):
    assert resolve_limits(read_limits(given_), read(values)) == (-1.25, 7.0)


def test_other_limits(values):
    grid = read(values)
    finite = values[np.isfinite(values)]
    assert resolve_limits("symmetric", grid) == (-7.0, 7.0)
    assert resolve_limits("robust", grid) == pytest.approx(tuple(np.percentile(finite, [1, 99])))
    assert resolve_limits(read_limits([np.float32(0.5), 2]), grid) == (0.5, 2.0)


def test_absent_values_do_not_widen_the_limits(values):
    grid = read(np.ma.masked_array(values, mask=values == 7))
    assert resolve_limits("full", grid) == (-1.25, 4.0)


def test_limits_are_over_all_steps():
    assert resolve_limits("full", read(np.arange(12.0).reshape(2, 3, 2))) == (0.0, 11.0)


@pytest.mark.parametrize("empty", [None, [[np.nan, np.inf]], np.ma.masked_all((2, 3))])
def test_without_a_finite_value_there_are_limits_all_the_same(empty):
    assert resolve_limits("full", read(empty)) == (0.0, 1.0)


@pytest.mark.parametrize("limits", ["full", "robust", "symmetric"])
@pytest.mark.parametrize(
    "dtype",
    [
        *["bool", "uint8", "uint64", "int64", "float16", "longdouble", ">f4"],
        *[ml_dtypes.bfloat16, ml_dtypes.float8_e5m2, ml_dtypes.int4],
    ],
)
def test_limits_of_every_dtype_are_plain_floats(limits, dtype):
    low, high = resolve_limits(limits, read(np.array([[1, 0, 1], [0, 1, 1]], dtype)))
    assert type(low) is type(high) is float
    assert -1 <= low <= 0.1
    assert 0.9 <= high <= 1


def test_limits_of_extremes_stay_finite():
    big = np.finfo("f8").max
    for limits in ("full", "robust", "symmetric"):
        assert np.isfinite(resolve_limits(limits, read([[-big, big], [0, 1]]))).all()
    half = np.array([[-65504, 65504], [0, 1]], np.float16)
    assert np.isfinite(resolve_limits("robust", read(half))).all()
    long = np.array([[1, 2], [3, 4]], np.longdouble) * (np.finfo(np.longdouble).max / 4)
    assert np.isfinite(resolve_limits("full", read(long))).all()


@pytest.mark.parametrize(
    ("limits", "error", "words"),
    [
        ("fulll", ValueError, ["'fulll'", "robust"]),
        ((1, 0), ValueError, ["(1.0, 0.0)", "reversed"]),
        ((1, 1), ValueError, ["(1.0, 1.0)", "widen"]),
        ((0, np.inf), ValueError, ["inf", "finite"]),
        ((np.nan, 1), ValueError, ["nan", "finite"]),
        ((1, 2, 3), TypeError, ["(1, 2, 3)", "(low, high)"]),
        (5, TypeError, ["5", "(low, high)"]),
        (("a", "b"), TypeError, ["('a', 'b')"]),
    ],
)
def test_limits_that_are_none(limits, error, words):
    with pytest.raises(error) as caught:
        read_limits(limits)
    assert all(word in str(caught.value) for word in words), str(caught.value)


# ── cells ────────────────────────────────────────────────────────────────────────────────────


def test_kinds(values):
    holes = np.zeros((4, 3), np.uint8)
    holes[3] = [0, 1, 2]
    assert kinds(values, holes).tolist() == [
        [Kind.FINITE, Kind.FINITE, Kind.NAN],
        [Kind.POSITIVE_INFINITY, Kind.FINITE, Kind.FINITE],
        [Kind.NEGATIVE_INFINITY, Kind.FINITE, Kind.FINITE],
        [Kind.FINITE, Kind.ABSENT, Kind.PENDING],
    ]


@pytest.mark.parametrize("dtype", ["float16", ml_dtypes.bfloat16, ml_dtypes.float8_e5m2])
def test_kinds_of_narrow_floats(dtype):
    found = kinds(np.array([[1, np.nan, np.inf, -np.inf]], dtype), None)
    assert found.tolist() == [[0, 1, 2, 3]]


def test_integers_are_always_finite():
    assert not kinds(np.array([[2**63 - 1, -(2**63)]]), None).any()


finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(finite, min_size=1), finite, finite)
@example([5e-324, 0.0, 1e-323], 0.0, 5e-324)
@example([-1.7e308, 1.7e308, 0.0], -1.7e308, 1.7e308)
def test_the_entry_is_that_of_the_definition(values, low, high):
    assume(low <= high)
    array = np.array([values])
    for value, entry in zip(values, table_index(array, (low, high))[0].tolist(), strict=True):
        expected = exact_index(value, low, high)
        if entry != expected:
            # Only within 1e-6 of a boundary, and only by one.
            position = (Fraction(value) - Fraction(low)) / (Fraction(high) - Fraction(low))
            assert abs(entry - expected) == 1
            assert abs(position * 256 - max(entry, expected)) < 256e-6


@given(st.lists(finite, min_size=2), finite, finite)
def test_a_larger_value_never_takes_a_smaller_entry(values, low, high):
    assume(low <= high)
    entries = table_index(np.sort(np.array(values)), (low, high))
    assert (np.diff(entries.astype(int)) >= 0).all()


def test_infinities_take_the_ends():
    assert table_index(np.array([-np.inf, np.inf]), (0.0, 1.0)).tolist() == [0, 255]


@pytest.mark.parametrize("dtype", ["bool", "int8", "float16", ml_dtypes.bfloat16, ">f4"])
def test_every_dtype_takes_the_entry_of_its_value(dtype):
    assert table_index(np.array([[0, 1, 1]], dtype), (0.0, 2.0)).tolist() == [[0, 128, 128]]


@pytest.mark.parametrize("case", VECTORS, ids=str)
def test_shared_vectors(case):
    value, (low, high), index = case["value"], case["limits"], case["index"]
    assert exact_index(value, low, high) == index
    assert table_index(np.array([[value]]), (low, high)).tolist() == [[index]]


def test_the_default_table_is_embedded():
    assert colors.DEFAULT_CMAP == "viridis"
    assert np.array_equal(
        read_cmap("viridis"), np.round(cmap.Colormap("viridis").lut(256)[:, :3] * 255)
    )
