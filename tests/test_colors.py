"""Tables, what kind of thing a cell is, and which entry of the table a value takes."""

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
from layergrid.colors import Kind, bounds, kinds, read_cmap, table_index
from layergrid.norms import Norm, Scale

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


@pytest.mark.parametrize("name", ["viridis", "coolwarm", "cmasher:ocean", "crameri:vik", "Greys"])
def test_a_reversed_name_means_the_colours_in_reverse(name):
    assert np.array_equal(read_cmap(f"{name}_r")[::-1], read_cmap(name))


@pytest.mark.parametrize("name", ["cividis", "RdBu", "Set1"])
def test_an_object_means_what_its_name_does(name):
    matplotlib = pytest.importorskip("matplotlib")
    theirs = matplotlib.colormaps[name]
    for object_, same in ((theirs, name), (theirs.reversed(), f"{name}_r")):
        difference = abs(read_cmap(object_).astype(int) - read_cmap(same)).max(axis=1)
        # A map of few colours is cut in equal parts, which may begin one entry sooner.
        assert (difference <= 1).mean() > 0.9


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


# ── cells ────────────────────────────────────────────────────────────────────────────────────


def test_kinds(values):
    holes = np.zeros((4, 3), np.uint8)
    holes[3] = [0, 1, 2]
    assert kinds(values, holes, Scale(-1.0, 2.0)).tolist() == [
        [Kind.FINITE, Kind.UNDER, Kind.NAN],
        [Kind.POSITIVE_INFINITY, Kind.FINITE, Kind.OVER],
        [Kind.NEGATIVE_INFINITY, Kind.FINITE, Kind.FINITE],
        [Kind.FINITE, Kind.ABSENT, Kind.PENDING],
    ]


def test_what_has_no_logarithm_is_neither_low_nor_between(values):
    found = kinds(values, None, Scale(0.1, 4.0, Norm("log")))
    assert found.tolist() == [
        [Kind.FINITE, Kind.NONPOSITIVE, Kind.NAN],
        [Kind.POSITIVE_INFINITY, Kind.NONPOSITIVE, Kind.FINITE],
        [Kind.NEGATIVE_INFINITY, Kind.FINITE, Kind.NONPOSITIVE],
        [Kind.UNDER, Kind.OVER, Kind.FINITE],
    ]


def test_a_category_is_never_beyond_the_limits():
    assert not kinds(np.array([[0, 3, 255]]), None, Scale(0.0, 1.0, Norm("categories"))).any()


@pytest.mark.parametrize("dtype", ["float16", ml_dtypes.bfloat16, ml_dtypes.float8_e5m2])
def test_kinds_of_narrow_floats(dtype):
    found = kinds(np.array([[1, np.nan, np.inf, -np.inf, 4]], dtype), None, Scale(0.0, 2.0))
    assert found.tolist() == [[0, 1, 2, 3, Kind.OVER]]


def test_integers_are_compared_as_the_page_does():
    found = kinds(np.array([[2**63 - 1, -(2**63), 0]]), None, Scale(-1.0, 2.0**63))
    # The largest is 2^63 as a float64, in which the limits are.
    assert found.tolist() == [[Kind.FINITE, Kind.UNDER, Kind.FINITE]]


finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(finite, min_size=1), finite, finite)
@example([5e-324, 0.0, 1e-323], 0.0, 5e-324)
@example([-1.7e308, 1.7e308, 0.0], -1.7e308, 1.7e308)
def test_the_entry_is_that_of_the_definition(values, low, high):
    assume(low <= high)
    entries = table_index(np.array([values]), Scale(low, high))[0].tolist()
    for value, entry in zip(values, entries, strict=True):
        expected = exact_index(value, low, high)
        if entry != expected:
            # Only within 1e-6 of a boundary, and only by one.
            position = (Fraction(value) - Fraction(low)) / (Fraction(high) - Fraction(low))
            assert abs(entry - expected) == 1
            assert abs(position * 256 - max(entry, expected)) < 256e-6


def test_infinities_take_the_ends():
    assert table_index(np.array([-np.inf, np.inf]), Scale()).tolist() == [0, 255]


@pytest.mark.parametrize("dtype", ["bool", "int8", "float16", ml_dtypes.bfloat16, ">f4"])
def test_every_dtype_takes_the_entry_of_its_value(dtype):
    found = table_index(np.array([[0, 1, 1]], dtype), Scale(0.0, 2.0))
    assert found.tolist() == [[0, 128, 128]]


@pytest.mark.parametrize("case", VECTORS, ids=str)
def test_shared_vectors(case):
    scale = Scale(*case["limits"], Norm(**case.get("norm", {"kind": "linear"})))
    dtype = np.dtype(case.get("dtype", "float64"))  # ml_dtypes' too, which are registered
    value = np.array([[float(case["value"])]]).astype(dtype)
    holes = np.array([[case["hole"]]], np.uint8) if "hole" in case else None
    kind, entry = int(kinds(value, holes, scale)[0, 0]), int(table_index(value, scale)[0, 0])
    assert (256 + kind if kind else entry) == case["code"]
    assert bounds(scale, dtype) == tuple(case.get("within", case["limits"]))
    if case["index"] is not None:
        assert entry == case["index"]
        if scale.norm.kind == "linear":
            assert exact_index(case["value"], *case["limits"]) == case["index"]


def test_the_default_table_is_embedded():
    assert colors.DEFAULT_CMAP == "viridis"
    assert np.array_equal(
        read_cmap("viridis"), np.round(cmap.Colormap("viridis").lut(256)[:, :3] * 255)
    )
