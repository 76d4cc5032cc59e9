"""The range that the colours span: what is asked for, and what limits, norm and center come to."""

from __future__ import annotations

import warnings
from decimal import Decimal
from fractions import Fraction

import matplotlib.colors as mpl
import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from matplotlib import colormaps as mpl_colormaps

from layergrid import wire
from layergrid.colors import Kind, kinds, table_index
from layergrid.intake import read
from layergrid.limits import read_center, read_limits, resolve_limits
from layergrid.norms import Norm, Scale, positions, read_norm
from layergrid.picture.ticks import bar_ticks
from layergrid.state import EMPTY_STATE, cmap_of, resolve


def resolved(values, limits="full", norm="linear", center=None) -> Scale:
    own = resolve_limits(read_limits(limits), read_norm(norm), read_center(center), read(values))
    return own.scale


def pair(*args, **kwargs) -> tuple[float, float]:
    return resolved(*args, **kwargs)[:2]


# ── limits ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("given_", [None, "full"])
def test_full_limits_are_those_of_the_finite_values(values, given_):
    assert pair(values, given_) == (-1.25, 7.0)


def test_other_limits(values):
    finite = values[np.isfinite(values)]
    assert pair(values, "symmetric") == (-7.0, 7.0)
    assert pair(values, "robust") == pytest.approx(tuple(np.percentile(finite, [1, 99])))
    assert pair(values, [np.float32(0.5), 2]) == (0.5, 2.0)


def test_absent_values_do_not_widen_the_limits(values):
    assert pair(np.ma.masked_array(values, mask=values == 7)) == (-1.25, 4.0)


def test_limits_are_over_all_steps():
    assert pair(np.arange(12.0).reshape(2, 3, 2)) == (0.0, 11.0)


@pytest.mark.parametrize("limits", ["full", "robust", "symmetric"])
@pytest.mark.parametrize(
    "dtype",
    [
        *["bool", "uint8", "uint64", "int64", "float16", "longdouble", ">f4"],
        *[ml_dtypes.bfloat16, ml_dtypes.float8_e5m2, ml_dtypes.int4],
    ],
)
def test_limits_of_every_dtype_are_plain_floats(limits, dtype):
    low, high = pair(np.array([[1, 0, 1], [0, 1, 1]], dtype), limits)
    assert type(low) is type(high) is float
    assert -1 <= low <= 0.1
    assert 0.9 <= high <= 1


@pytest.mark.parametrize(
    "limits",
    [
        [0, 2],
        np.array([0, 2], np.int8),
        (np.float16(0), np.array(2.0)),
        (np.uint8(0), ml_dtypes.bfloat16(2)),
        (Fraction(0), Decimal(2)),
    ],
)
def test_limits_can_be_any_two_numbers(limits):
    low, high = read_limits(limits)
    assert (low, high, type(low), type(high)) == (0, 2, float, float)


@pytest.mark.parametrize("values", [[[1e308, -1e308]], [[-1.7e308, 0, 1.7e308]]])
def test_robust_limits_of_extremes_are_finite(values):
    low, high = pair(values, "robust")
    assert np.min(values) <= low < high <= np.max(values)


def test_limits_of_extremes_stay_finite():
    big = np.finfo("f8").max
    for limits in ("full", "robust", "symmetric"):
        assert np.isfinite(pair([[-big, big], [0, 1]], limits)).all()
    assert np.isfinite(pair([[-big, 0]], center=1e308)).all()
    half = np.array([[-65504, 65504], [0, 1]], np.float16)
    assert np.isfinite(pair(half, "robust")).all()
    long = np.array([[1, 2], [3, 4]], np.longdouble) * (np.finfo(np.longdouble).max / 4)
    assert np.isfinite(pair(long)).all()


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
        (("0", "1"), TypeError, ["('0', '1')", "(low, high)"]),
        ((False, True), TypeError, ["(False, True)"]),
        ((np.False_, np.True_), TypeError, ["True"]),
        ((0, np.array(True)), TypeError, ["True"]),
        ((0, 1j), TypeError, ["1j"]),
        ((0, np.complex128(1)), TypeError, ["1+0j"]),
        (([0], [1]), TypeError, ["([0], [1])"]),
        ((np.array([0]), np.array([1])), TypeError, ["[0]"]),
        (b"01", TypeError, ["b'01'"]),
        ({0, 1}, TypeError, ["{0, 1}"]),
        ({0: 1, 1: 2}, TypeError, ["{0: 1"]),
        ((0, 10**400), ValueError, ["inf", "finite"]),
        ((-(10**5000), 0), ValueError, ["-inf", "finite"]),
    ],
)
def test_limits_that_are_none(limits, error, words):
    with pytest.raises(error) as caught:
        read_limits(limits)
    assert all(word in str(caught.value) for word in words), str(caught.value)


# ── center ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ("full", (1 - 6, 1 + 6)),
        ("symmetric", (1 - 6, 1 + 6)),
        ((-3, 5), (-3, 5)),
    ],
)
def test_a_center_lies_in_the_middle_of_automatic_limits(values, limits, expected):
    scale = resolved(values, limits, center=1)
    assert scale[:2] == expected
    assert positions(np.array([1.0]), scale).tolist() == [0.5]


@given(
    hnp.arrays("f8", (2, 3), elements=st.floats(allow_nan=False)),
    st.floats(-1e308, 1e308),
)
def test_no_value_lies_beyond_limits_about_a_center(values, center):
    scale = resolved(values, center=center)
    assert not np.isin(kinds(values, None, scale), [Kind.UNDER, Kind.OVER]).any()
    assert positions(np.array([center]), scale).tolist() == [0.5]


@pytest.mark.parametrize(
    ("center", "error", "words"),
    [
        ("0", TypeError, ["'0'", "number"]),
        (True, TypeError, ["True"]),
        (np.nan, ValueError, ["nan", "finite"]),
        (np.inf, ValueError, ["inf", "finite"]),
        (10**400, ValueError, ["inf", "finite"]),
        (np.array([1.0]), TypeError, ["[1.]"]),
        (1j, TypeError, ["1j"]),
    ],
)
def test_centers_that_are_none(center, error, words):
    with pytest.raises(error) as caught:
        read_center(center)
    assert all(word in str(caught.value) for word in words), str(caught.value)


# ── norms ────────────────────────────────────────────────────────────────────────────────────


def test_a_logarithm_spans_what_is_positive(values):
    assert pair(values, norm="log") == (0.001, 7.0)
    positive = values[np.isfinite(values) & (values > 0)]
    expected = tuple(np.percentile(positive, [1, 99]))
    assert pair(values, "robust", "log") == pytest.approx(expected)


def test_symlog_is_linear_up_to_a_thousandth_of_the_largest(values):
    assert resolved(values, norm="symlog").norm == Norm("symlog", linthresh=0.007)
    # Of the values, not of the limits.
    assert resolved(values, (0, 1), "symlog").norm.linthresh == 0.007
    assert resolved(values, norm=("symlog", 2)).norm.linthresh == 2.0


def test_symlog_can_be_symmetric_about_0(values):
    assert resolved(values, norm="symlog", center=0)[:2] == (-7.0, 7.0)
    assert resolved(values, (-2, 2), "symlog", 0)[:2] == (-2.0, 2.0)


EMPTIES = {
    "constant": np.full((2, 3), 3.5),
    "zero": np.zeros((2, 3), int),
    "negative": np.full((2, 3), -3.5),
    "the tiniest": np.full((2, 3), 5e-324),
    "one NaN": np.array([[np.nan, 1.0]]),
    "NaN": np.full((2, 3), np.nan),
    "infinite": np.array([[np.inf, -np.inf]]),
    "absent": np.ma.masked_all((2, 3)),
    "bool": np.array([[True, True]]),
}
NORMS = ["linear", "log", "symlog", "power", mpl.AsinhNorm(), mpl.TwoSlopeNorm(0)]


@pytest.mark.parametrize("values", EMPTIES.values(), ids=EMPTIES)
@pytest.mark.parametrize("norm", NORMS, ids=str)
@pytest.mark.parametrize("limits", ["full", "robust"])
def test_a_grid_with_no_range_is_drawable(values, norm, limits):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scale = resolved(values, limits, norm)
        state = resolve(EMPTY_STATE, {"values": values, "norm": norm, "limits": limits})
        wire.encode(state)
    assert np.isfinite(scale[:2]).all()
    assert scale.low <= scale.high
    assert scale.norm.kind != "log" or scale.low > 0
    position = positions(np.linspace(-4, 4, 9), scale)
    assert (np.diff(position) >= 0).all()


@pytest.mark.parametrize("values", EMPTIES.values(), ids=EMPTIES)
@pytest.mark.parametrize("center", [0, 3.5, -1e300])
def test_a_grid_with_no_range_is_drawable_about_a_center(values, center):
    scale = resolved(values, center=center)
    assert positions(np.array([center], float), scale).tolist() == [0.5]


@pytest.mark.parametrize(
    ("limits", "norm", "center", "words"),
    [
        ((0, 1), "log", None, ["(0.0, 1.0)", "'log'", "positive", "symlog"]),
        ((-1, 1), "log", None, ["(-1.0, 1.0)", "positive"]),
        ("symmetric", "log", None, ["'symmetric'", "'log'", "symlog"]),
        ("full", "log", 0, ["center is 0.0", "'log'", "symlog"]),
        ("full", "power", 0, ["center is 0.0", "'power'"]),
        ("full", mpl.TwoSlopeNorm(0), 0, ["center is 0.0", "TwoSlopeNorm"]),
        ("full", mpl.CenteredNorm(0), 0, ["center is 0.0", "CenteredNorm"]),
        ("full", mpl.AsinhNorm(), 0, ["center is 0.0", "AsinhNorm"]),
        ("full", mpl.LogNorm(-1, 1), None, ["(-1.0, 1.0)", "positive"]),
        ((0, 1), "linear", 1, ["center is 1.0", "(0.0, 1.0)", "inside"]),
        ((0, 1), "linear", 0, ["center is 0.0", "the limits are (0.0, 1.0)", "inside"]),
        ((0, 1), "linear", -3, ["center is -3.0", "(0.0, 1.0)", "inside"]),
        ((0, 1), mpl.TwoSlopeNorm(3), None, ["center is 3.0", "(0.0, 1.0)"]),
        ((0, 5), mpl.BoundaryNorm([0, 1, 2], 256), None, ["(0.0, 5.0)", "from 0.0 to 2.0"]),
        ("full", mpl.BoundaryNorm([0, 1, 2], 256), 1, ["center is 1.0", "BoundaryNorm"]),
        ("full", "symlog", 1, ["center is 1.0", "'symlog'", "center=0"]),
        ((-1, 2), "symlog", 0, ["(-1.0, 2.0)", "'symlog'", "symmetric"]),
    ],
)
def test_what_does_not_go_together(values, limits, norm, center, words):
    with pytest.raises(ValueError, match=r"center|limits") as caught:
        resolved(values, limits, norm, center)
    assert all(word in str(caught.value) for word in words), str(caught.value)


# ── a norm of matplotlib ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("norm", "expected"),
    [
        (mpl.Normalize(), (-1.25, 7.0)),
        (mpl.Normalize(-2, 3), (-2.0, 3.0)),
        (mpl.Normalize(vmin=-2), (-2.0, 7.0)),
        (mpl.Normalize(vmax=3), (-1.25, 3.0)),
        (mpl.Normalize(vmin=9), (9.0, 9.0)),
        (mpl.LogNorm(vmax=100), (0.001, 100.0)),
        (mpl.CenteredNorm(1), (-5.0, 7.0)),
        (mpl.CenteredNorm(1, 2), (-1.0, 3.0)),
        (mpl.TwoSlopeNorm(0), (-1.25, 7.0)),
        (mpl.TwoSlopeNorm(8), (-1.25, 17.25)),
        (mpl.TwoSlopeNorm(-2, vmax=4), (-11.0, 4.0)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_limits_of_a_norm_hold_where_it_has_any(values, norm, expected):
    before = (norm.vmin, norm.vmax)
    assert pair(values, norm=norm) == expected
    assert pair(values, (-20, 20) if not isinstance(norm, mpl.LogNorm) else (1, 20), norm)[1] == 20
    # The user's object stays as it was: matplotlib's own use of it would set both.
    assert (norm.vmin, norm.vmax) == before


def test_other_limits_win_over_those_of_a_norm(values):
    assert pair(values, "symmetric", mpl.Normalize(0, 1)) == (-7.0, 7.0)
    assert pair(values, "robust", mpl.Normalize(0, 1)) == pair(values, "robust")


def test_a_sampled_norm_follows_the_limits(values):
    norm = mpl.AsinhNorm(0.5)
    first, second = resolved(values, norm=norm), resolved(values, (0, 1), norm)
    assert (first.norm.edges[0], first.norm.edges[-1]) == (-1.25, 7.0)
    assert (second.norm.edges[0], second.norm.edges[-1]) == (0.0, 1.0)
    assert norm.vmin is None


@pytest.mark.parametrize(
    ("boundaries", "n", "extend"),
    [
        ([0, 1, 2, 4], 256, "neither"),
        ([-3, 0.1, 0.7, 1e3], 3, "neither"),
        ([0, 1, 2, 4], 7, "neither"),
        ([0, 0.5], 256, "neither"),
        (np.linspace(-1, 1, 12), 256, "both"),
        (np.linspace(-1, 1, 13), 12, "neither"),
        (np.linspace(-1, 1, 257), 256, "neither"),
        ([-1.7e308, 0, 1.7e308], 256, "neither"),
    ],
    ids=str,
)
def test_classes_have_the_colours_they_have_in_matplotlib(boundaries, n, extend):
    norm, cmap = mpl.BoundaryNorm(boundaries, n, extend=extend), mpl_colormaps["magma"].resampled(n)
    inner = np.array(boundaries[:-1], float)
    after = np.nextafter(np.array(boundaries, float), -np.inf)[1:]
    random = np.random.default_rng(0).uniform(0, 1, 50)
    spread = boundaries[0] * (1 - random) + boundaries[-1] * random
    values = np.concatenate([inner, after, spread])[None]
    state = resolve(EMPTY_STATE, {"values": values, "norm": norm, "cmap": cmap})
    assert state.color_limits == (boundaries[0], boundaries[-1])
    assert not kinds(values, None, state.scale).any()
    expected = np.round(cmap(norm(values))[..., :3] * 255)
    assert np.array_equal(state.table[table_index(values, state.scale)], expected)
    # The last class has both its boundaries.
    assert table_index(np.array([boundaries[-1]]), state.scale) == 255


def test_a_bar_of_classes_has_ticks_at_their_boundaries():
    scale = resolved([[1.0]], norm=mpl.BoundaryNorm([0, 1, 10, 40], 256))
    ticks = bar_ticks(scale, 300, True, lambda text: 7.0 * len(text))
    assert [tick.text for tick in ticks] == ["0", "1", "10", "40"]
    assert [tick.at for tick in ticks] == pytest.approx([0, 1 / 3, 2 / 3, 1], abs=1 / 256)
    many = resolved([[1.0]], norm=mpl.BoundaryNorm(range(200), 256))
    assert 2 <= len(bar_ticks(many, 300, True, lambda text: 7.0 * len(text))) <= 25


def test_setting_another_norm_unmakes_the_classes(values):
    old = resolve(EMPTY_STATE, {"values": values, "norm": mpl.BoundaryNorm([-2, 0, 9], 256)})
    assert len(np.unique(old.table, axis=0)) == 2
    new = resolve(old, {"norm": "linear"})
    assert np.array_equal(new.table, EMPTY_STATE.table)
    assert new.color_limits == (-1.25, 7.0)


def test_a_norm_is_read_when_it_is_set(values):
    for norm in (mpl.Normalize(), mpl.AsinhNorm(0.5)):
        old = resolve(EMPTY_STATE, {"values": values, "norm": norm})
        norm(np.array([5.0, 9.0]))  # which gives it limits
        assert old.norm.given is norm
        new = resolve(old, {"cmap": "magma"})
        assert new.scale == old.scale
        assert resolve(new, {"norm": norm}).color_limits == (5.0, 9.0)


def test_a_list_of_colours_is_read_when_it_is_set(values):
    cmap = ["red", "blue"]
    old = resolve(EMPTY_STATE, {"values": values, "cmap": cmap})
    cmap[:] = ["green", "white"]
    assert resolve(old, {"limits": (0, 1)}).table is old.table
    new = resolve(old, {"cmap": cmap})
    assert new.table[[0, -1]].tolist() == [[0, 128, 0], [255, 255, 255]]


# ── what a heatmap makes of it ───────────────────────────────────────────────────────────────

COLOURING = {"_table", "_reserved", "_limits", "_norm"}


@pytest.mark.parametrize(
    ("changes", "traits"),
    [
        ({"norm": "log"}, {"_norm", "_limits"}),
        ({"norm": "power"}, {"_norm"}),
        ({"norm": "symlog"}, {"_norm"}),
        ({"norm": mpl.AsinhNorm()}, {"_norm"}),
        ({"norm": mpl.Normalize()}, set()),
        ({"norm": None}, set()),
        ({"norm": "linear"}, set()),
        ({"center": 0}, {"_norm", "_limits", "_table", "_reserved"}),
        ({"center": 0, "cmap": "viridis"}, {"_norm", "_limits"}),
        ({"center": 2.875, "cmap": "viridis"}, {"_norm"}),
        ({"limits": (-1.25, 7)}, set()),
        ({"limits": "robust"}, {"_limits"}),
        ({"cmap": "magma"}, {"_table", "_reserved"}),
        ({"cmap": "viridis"}, set()),
    ],
    ids=str,
)
def test_colouring_anew_sends_no_values(values, changes, traits):
    old = resolve(EMPTY_STATE, {"values": values, "text": ".1f", "mask": values > 1})
    new = resolve(old, changes)
    sent = wire.encode(new, since=old)
    assert sent.keys() <= COLOURING
    assert {trait for trait in sent if sent[trait] != wire.encode(old)[trait]} == traits
    # Asked for once more, nothing is new.
    assert wire.encode(resolve(new, changes), since=new) == {}


@pytest.mark.parametrize(
    "norm", ["linear", "symlog", ("symlog", 0.5), "power", mpl.AsinhNorm(), mpl.TwoSlopeNorm(0)]
)
def test_new_values_within_the_same_limits_send_nothing_else(values, norm):
    old = resolve(EMPTY_STATE, {"values": values, "norm": norm})
    new = resolve(old, {"values": np.where(values == 2, 3, values)})
    assert wire.encode(new, since=old).keys().isdisjoint(COLOURING)
    assert new.scale == old.scale


def test_with_a_center_the_usual_map_diverges(values):
    state = resolve(EMPTY_STATE, {"values": values, "center": 0})
    assert cmap_of(state) == "RdBu_r"
    assert cmap_of(resolve(state, {"center": None})) == "viridis"
    assert cmap_of(resolve(state, {"cmap": "magma"})) == "magma"
    assert cmap_of(resolve(resolve(state, {"cmap": "viridis"}), {"center": 1})) == "viridis"


def test_a_change_that_is_refused_changes_nothing(values):
    old = resolve(EMPTY_STATE, {"values": values, "limits": (-1, 1)})
    with pytest.raises(ValueError, match="positive"):
        resolve(old, {"norm": "log"})
    assert resolve(old, {"limits": (0.5, 1), "norm": "log"}).scale == Scale(0.5, 1.0, Norm("log"))
