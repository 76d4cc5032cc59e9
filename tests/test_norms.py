"""How values map onto the range of colours: as matplotlib does it, in order, and inside."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import matplotlib.colors as mpl
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from layergrid.intake import read
from layergrid.limits import resolve_limits
from layergrid.norms import Norm, Scale, positions, read_norm, sample

EDGES = json.loads((Path(__file__).parent / "data" / "edges.json").read_text())


def scale_of(norm: mpl.Normalize) -> Scale:
    return resolve_limits("full", read_norm(norm), None, read([[0.0, 1.0]])).scale


# ── as in matplotlib ─────────────────────────────────────────────────────────────────────────

THEIRS = [
    mpl.Normalize(-1.25, 7),
    mpl.Normalize(0.11, 0.13),
    mpl.LogNorm(1e-8, 1),
    mpl.LogNorm(0.5, 40),
    mpl.SymLogNorm(1e-3, vmin=-1, vmax=1),
    mpl.SymLogNorm(0.007, vmin=-1.25, vmax=7),
    mpl.SymLogNorm(2, vmin=3, vmax=400),
    mpl.PowerNorm(0.5, 0, 1),
    mpl.PowerNorm(2.2, -2, 6),
    mpl.TwoSlopeNorm(0, -1, 10),
    mpl.TwoSlopeNorm(0.115, 0.11, 0.13),
    mpl.CenteredNorm(1, 3),
]


@pytest.mark.parametrize("norm", THEIRS, ids=lambda norm: type(norm).__name__)
@given(st.lists(st.floats(0, 1), min_size=1))
def test_positions_are_those_of_matplotlib(norm, parts):
    values = norm.vmin + (norm.vmax - norm.vmin) * np.array([0, *parts, 1])
    values = values.clip(norm.vmin, norm.vmax)
    assert positions(values, scale_of(norm)) == pytest.approx(np.asarray(norm(values)), abs=1e-12)


OTHERS = [
    mpl.AsinhNorm(0.5, vmin=-3, vmax=40),
    mpl.SymLogNorm(0.1, linscale=0.3, vmin=-1, vmax=30, base=10),
    mpl.SymLogNorm(0.1, vmin=-1, vmax=30, base=2),
    mpl.FuncNorm((np.sqrt, np.square), vmin=0, vmax=9),
    mpl.FuncNorm((lambda x: x**3, np.cbrt), vmin=-2, vmax=2),
]


@pytest.mark.parametrize("norm", OTHERS, ids=lambda norm: type(norm).__name__)
@given(st.lists(st.floats(0, 1), min_size=1))
def test_any_other_norm_takes_the_entries_it_takes_in_matplotlib(norm, parts):
    values = norm.vmin + (norm.vmax - norm.vmin) * np.array(parts)
    scale = scale_of(norm)
    assert scale.norm.kind == "edges"
    found, theirs = positions(values, scale) * 256, np.asarray(norm(values)) * 256
    # Between the edges it is straight, which moves nothing beyond them.
    same = np.floor(found) == np.floor(theirs)
    assert (same | (abs(theirs - np.round(theirs)) < 1e-6)).all()


@pytest.mark.parametrize(
    ("norm", "kind"),
    [
        (mpl.Normalize(), "linear"),
        (mpl.LogNorm(), "log"),
        (mpl.SymLogNorm(3), "symlog"),
        (mpl.SymLogNorm(3, base=2), "edges"),
        (mpl.SymLogNorm(3, linscale=2), "edges"),
        (mpl.PowerNorm(0.3), "power"),
        (mpl.TwoSlopeNorm(0), "twoslope"),
        (mpl.CenteredNorm(0), "linear"),
        (mpl.AsinhNorm(), "edges"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_norm_of_matplotlib_is_recognised(norm, kind):
    assert read_norm(norm).norm.kind == kind


# ── what always holds ────────────────────────────────────────────────────────────────────────

finite = st.floats(allow_nan=False, allow_infinity=False)
positive = st.floats(5e-324, 1e308)
norms = (
    st.just(Norm())
    | positive.map(lambda linthresh: Norm("symlog", linthresh=linthresh))
    | st.floats(0.01, 20).map(lambda gamma: Norm("power", gamma=gamma))
    | finite.map(lambda center: Norm("twoslope", center=center))
    | st.lists(finite, min_size=2, max_size=9).map(
        lambda edges: Norm("edges", edges=tuple(np.sort(np.resize(edges, 257)).tolist()))
    )
)


def check(values: list[float], low: float, high: float, norm: Norm) -> None:
    found = positions(np.array(sorted([*values, low, high])), Scale(low, high, norm))
    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(found) >= 0).all()
    assert positions(np.array([low, high]), Scale(low, high, norm)).tolist() == [0, 1]


@given(st.lists(finite), finite, finite, norms)
def test_a_larger_value_never_lies_lower(values, low, high, norm):
    if norm.kind == "edges":
        low, high = norm.edges[0], norm.edges[-1]
    if norm.kind == "twoslope":
        assume(low < norm.center < high)
    assume(low < high)
    check(values, low, high, norm)


@given(st.lists(finite), positive, positive)
def test_a_larger_value_never_lies_lower_on_a_logarithm(values, low, high):
    assume(low < high)
    check([value for value in values if value > 0], low, high, Norm("log"))


@pytest.mark.parametrize(
    "norm",
    [
        Norm(),
        Norm("log"),
        Norm("symlog", linthresh=1.0),
        Norm("power", gamma=0.5),
        Norm("twoslope", center=2.0),
        Norm("edges", edges=(2.0,) * 257),
    ],
    ids=lambda norm: norm.kind,
)
def test_a_range_of_one_value_has_that_value_in_the_middle(norm):
    assert positions(np.array([1, 2, 3]), Scale(2.0, 2.0, norm)).tolist() == [0, 0.5, 1]


@given(st.lists(finite, min_size=3, max_size=3, unique=True))
def test_a_center_lies_in_the_middle(values):
    low, center, high = sorted(values)
    scale = Scale(low, high, Norm("twoslope", center=center))
    assert positions(np.array([low, center, high]), scale).tolist() == [0, 0.5, 1]


@pytest.mark.parametrize(("value", "at"), EDGES["positions"])
def test_shared_positions_between_edges(value, at):
    scale = Scale(*EDGES["limits"], Norm("edges", edges=tuple(EDGES["edges"])))
    assert positions(np.array([value]), scale)[0] == pytest.approx(at, abs=1e-12)


def test_a_category_is_its_entry():
    found = positions(np.arange(256, dtype=np.uint8), Scale(0.0, 0.0, Norm("categories")))
    assert np.floor(found * 256).tolist() == list(range(256))


# ── what is asked for ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("norm", "expected"),
    [
        (None, Norm()),
        ("linear", Norm()),
        ("log", Norm("log")),
        ("symlog", Norm("symlog")),
        (("symlog", 3), Norm("symlog", linthresh=3.0)),
        (("symlog", np.float32(0.5)), Norm("symlog", linthresh=0.5)),
        ("power", Norm("power", gamma=0.5)),
        (("power", 2), Norm("power", gamma=2.0)),
    ],
)
def test_norms_by_name(norm, expected):
    assert read_norm(norm).norm == expected
    assert read_norm(norm).given == (norm or "linear")


@pytest.mark.parametrize(
    ("norm", "error", "words"),
    [
        ("logarithmic", ValueError, ["'logarithmic'", '"log"', "Normalize"]),
        ("twoslope", ValueError, ["'twoslope'"]),
        ("", ValueError, ["''"]),
        ((), ValueError, ["()"]),
        (("log", 2), ValueError, ["('log', 2)"]),
        (("symlog", 0), ValueError, ["('symlog', 0)", "linthresh", "positive"]),
        (("symlog", np.inf), ValueError, ["linthresh"]),
        (("symlog", "1"), ValueError, ["linthresh"]),
        (("power", -1), ValueError, ["('power', -1)", "gamma", "positive"]),
        (("power", True), ValueError, ["gamma"]),
        (("power", 1, 2), ValueError, ["('power', 1, 2)"]),
        (2, TypeError, ["2", '"log"']),
        (["log"], TypeError, ["['log']"]),
        (np.array([1, 2]), TypeError, ["[1, 2]", "Normalize"]),
        ((np.array([1, 2]),), ValueError, ["[1, 2]", "Normalize"]),
        (("power", 10**400), ValueError, ["gamma", "positive"]),
        (mpl.Normalize(np.nan), ValueError, ["vmin=nan", "finite"]),
        (mpl.Normalize(0, np.inf), ValueError, ["vmax=inf", "finite"]),
        (mpl.LogNorm(1, np.inf), ValueError, ["vmax=inf", "finite"]),
        (mpl.AsinhNorm(vmax=np.nan), ValueError, ["vmax=nan", "finite"]),
        (mpl.TwoSlopeNorm(np.nan), ValueError, ["vcenter=nan", "finite"]),
        (mpl.CenteredNorm(np.inf), ValueError, ["vcenter=inf", "finite"]),
        (mpl.LogNorm, TypeError, ["LogNorm", "Normalize"]),
        (mpl.Normalize(2, 1), ValueError, ["vmin=2.0", "vmax=1.0"]),
        (mpl.PowerNorm(-1), ValueError, ["gamma"]),
        (mpl.BoundaryNorm([0, 2, 1], 256), ValueError, ["[0.0, 2.0, 1.0]", "ascending"]),
        (mpl.BoundaryNorm([0, 1, np.inf], 256), ValueError, ["vmax=inf", "finite"]),
        (mpl.NoNorm(), ValueError, ["NoNorm"]),
    ],
    ids=str,
)
def test_norms_that_are_none(norm, error, words):
    with pytest.raises(error) as caught:
        read_norm(norm)
    assert all(word in str(caught.value) for word in words), str(caught.value)


class NoInverse(mpl.Normalize):
    """As people write it: what it inherits does not undo what it does."""

    def __call__(self, value, clip=None):
        return np.ma.array(np.interp(value, [self.vmin, 1.0, self.vmax], [0, 0.9, 1]))


@pytest.mark.parametrize(
    ("norm", "low", "high"),
    [
        (NoInverse(), 0.0, 10.0),
        (mpl.FuncNorm((np.log10, lambda x: 10**x)), -1.0, 1.0),
        (mpl.FuncNorm((np.abs, np.abs)), -1.0, 1.0),
    ],
)
def test_a_norm_that_cannot_be_undone_is_refused(norm, low, high):
    with pytest.raises(ValueError, match=f"between {re.escape(str(low))} and {high}"):
        sample(norm, low, high)


def test_sampling_leaves_the_norm_alone():
    norm = mpl.AsinhNorm(0.5)
    heard = []
    norm.callbacks.connect("changed", lambda: heard.append(norm))
    edges = sample(norm, -1.0, 2.0).edges
    assert (norm.vmin, norm.vmax, heard) == (None, None, [])
    assert len(edges) == 257
    assert (edges[0], edges[-1]) == (-1.0, 2.0)
    assert all(math.isfinite(edge) and type(edge) is float for edge in edges)
