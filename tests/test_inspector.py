"""An Inspector without a page: what it shows, what it does to its heatmap, and its pure parts."""

from __future__ import annotations

import re
import sys
import threading
from types import SimpleNamespace

import ipywidgets
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import layergrid as lg
from layergrid.inspector.background import Latest
from layergrid.inspector.binning import bin_count, count
from layergrid.inspector.geometry import Axis, bands, predict, stand
from layergrid.inspector.reading import BEYOND, along, profiles, read
from layergrid.inspector.spectrum import read_spectrum
from layergrid.models.statistics.spectra import host_matrix, singular_values
from layergrid.norms import Norm, Scale
from layergrid.wire import Placed

NAMES = ["attn.q", "attn.k", "mlp.up"]
VALUES = np.array([[0.0, 1, 2], [3, np.nan, 5], [6, 7, np.inf], [9, 10, 12]])


@pytest.fixture
def w():
    return lg.Heatmap(VALUES, components=NAMES)


@pytest.fixture
def inspector(w):
    return lg.Inspector(w)


def widgets():
    """All that are open, but for what only says how another looks."""
    every = list(ipywidgets.widgets.widget._instances.values())
    return [one for one in every if not isinstance(one, ipywidgets.Layout | ipywidgets.Style)]


def said(caption):
    """What a caption says, without its marks."""
    return re.sub("<[^>]*>", "", caption.widget.value)


# ── what is shown ────────────────────────────────────────────────────────────────────────────


def test_with_nothing_picked_the_means_are_shown(inspector):
    assert said(inspector.profile.caption) == "mean over 3 components"
    assert said(inspector.across.caption) == "mean over 4 layers"
    means = np.array([1, 4, 6.5, 31 / 3]) / 12
    assert inspector.profile.points.x == pytest.approx(means)
    assert inspector.across.bars.y[:3] == pytest.approx(np.array([4.5, 6, 19 / 3]) / 12)


def test_it_shows_what_is_picked(w, inspector):
    w.selection = [(1, "mlp.up"), (3, "attn.k")]
    assert said(inspector.profile.caption) == "mlp.up attn.k"
    assert inspector.profile.lines.x == pytest.approx(
        np.array([[2, 5, np.nan, 12], [1, np.nan, 7, 10]]) / 12, nan_ok=True
    )
    assert len(inspector.profile.points.x) == 6
    assert inspector.profile.rings.x == pytest.approx(np.array([5, 10]) / 12)
    assert said(inspector.across.caption) == "layer 3"
    assert inspector.across.bars.y[:3] == pytest.approx(np.array([9, 10, 12]) / 12)
    assert inspector.across.bars.selected.tolist() == [1]


def test_points_and_bars_have_the_colours_of_their_cells(w, inspector):
    w.selection = [(3, "attn.q")]
    colours = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in w._store.state.table.tolist()]
    entries = np.minimum(256 * np.array([0, 3, 6, 9]) / 12, 255).astype(int)
    assert inspector.profile.points.colors == [colours[k] for k in entries]
    assert inspector.across.bars.colors[2] == colours[255]


def test_many_components_are_said_but_not_drawn():
    w = lg.Heatmap(np.arange(40.0).reshape(4, 10))
    inspector = lg.Inspector(w)
    w.selection = [(1, j) for j in range(10)]
    assert inspector.profile.lines.x.shape == (6, 4)
    assert said(inspector.profile.caption) == "0 1 2 3 4 5 and 4 more"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"values": VALUES * 2}, [0, 6, 12, 18]),
        ({"limits": (0, 6)}, [0, 3, 6, 9]),
        ({"norm": "log", "limits": (1, 10)}, None),
    ],
)
def test_it_follows_what_code_sets(w, inspector, change, expected):
    w.selection = [(0, "attn.q")]
    for name, value in reversed(change.items()):
        setattr(w, name, value)
    x = inspector.profile.points.x
    if expected is None:
        assert x == pytest.approx([0, np.log10(3), np.log10(6), np.log10(9)])
    else:
        low, high = w.color_limits
        assert x == pytest.approx(np.clip((np.array(expected) - low) / (high - low), 0, 1))


def test_it_follows_the_step():
    w = lg.Heatmap(np.stack([VALUES, VALUES[::-1]]), components=NAMES)
    inspector = lg.Inspector(w)
    w.selection = [(0, "attn.q")]
    assert inspector.profile.points.x == pytest.approx(np.array([9, 6, 3, 0]) / 12)
    w.step = 0
    assert inspector.profile.points.x == pytest.approx(np.array([0, 3, 6, 9]) / 12)


def test_it_follows_other_labels_and_another_shape(w, inspector):
    w.values = pd.DataFrame(np.ones((2, 5)), columns=[*NAMES, "a", "b"])
    assert len(inspector.profile.points.x) == 2
    assert len(inspector.across.bars.x) == 5 + 2


def test_it_follows_limits_that_a_link_brings(w, inspector):
    other = lg.Heatmap(VALUES * 10, components=NAMES)
    w.selection = [(3, "mlp.up")]
    assert inspector.profile.points.x[-1] == 1
    link = lg.link(w, other, limits=True)
    assert inspector.profile.points.x[-1] == pytest.approx(0.1)
    link.unlink()
    assert inspector.profile.points.x[-1] == 1


def test_layers_that_stand_side_by_side_have_a_profile_below(w, inspector):
    w.transpose = True
    w.selection = [(0, "attn.q")]
    assert inspector.profile.points.y == pytest.approx(np.array([0, 3, 6, 9]) / 12)
    assert inspector.across.bars.orientation == "horizontal"


def test_what_has_no_profile_any_more_says_so(w, inspector):
    kinds = pd.DataFrame([["a", "b", "a"]] * 4, columns=NAMES)
    w.values = kinds
    assert "categories, which have no profile" in said(inspector.histogram.caption)
    assert inspector.profile.figure.layout.visibility == "hidden"
    w.values = pd.DataFrame(np.nan_to_num(VALUES, posinf=0), columns=NAMES)
    assert inspector.profile.figure.layout.visibility == "visible"


# ── what it does ─────────────────────────────────────────────────────────────────────────────


def element(index):
    return {"event": "element_click", "data": {"index": index}}


def test_a_point_picks_its_cell_and_is_the_persons_doing(w, inspector):
    heard = []
    w.on_select(lambda event: heard.append((event.source, [c.index for c in event.cells])))
    w.selection = [(0, "mlp.up")]
    # The third of them: the layer before has an infinity, which has no point.
    inspector.profile.points._handle_custom_msgs(None, element(2), None)
    assert heard == [("code", [(0, 2)]), ("user", [(3, 2)])]


def test_a_point_of_the_mean_picks_its_layer(w, inspector):
    inspector.profile.points._handle_custom_msgs(None, element(2), None)
    assert [cell.index for cell in w.selection] == [(2, 0), (2, 1), (2, 2)]


def test_a_bar_picks_its_cell(w, inspector):
    w.selection = [(1, "attn.q")]
    inspector.across.bars._handle_custom_msgs(None, element(2), None)
    assert [cell.index for cell in w.selection] == [(1, 2)]


def test_the_least_value_has_a_bar_that_can_be_clicked(w, inspector):
    w.selection = [(0, "attn.q")]
    assert inspector.across.bars.y[0] == pytest.approx(0.02)
    w.selection = [(1, "attn.q")]
    assert inspector.across.bars.y[1] == 0  # of a NaN there is none


def test_a_click_on_what_has_just_gone_does_nothing(w, inspector):
    w.selection = [(1, "attn.q")]
    inspector.across.bars._handle_custom_msgs(None, element(4), None)  # an aid, out of sight
    inspector.profile.points._handle_custom_msgs(None, element(99), None)
    assert [cell.index for cell in w.selection] == [(1, 0)]
    assert w.last_error is None


def test_the_brush_makes_the_mask_until_somebody_else_does(w, inspector):
    inspector.histogram.brush.selected = [0.2, 0.6]
    expected = (VALUES >= 0.2 * 12) & (VALUES <= 0.6 * 12)
    assert w.mask.tolist() == expected.tolist()
    assert "4 highlighted" in said(inspector.histogram.caption)
    w.mask = VALUES > 8
    assert inspector.histogram.brush.selected is None
    assert w.mask.sum() == 4


def test_the_brush_is_a_rule_which_other_values_have_too(w, inspector):
    inspector.histogram.brush.selected = [0.2, 0.6]
    w.values = VALUES[::-1]
    assert w.mask.tolist() == ((VALUES >= 2.4) & (VALUES <= 7.2))[::-1].tolist()
    w.limits = (0, 24)
    assert w.mask.tolist() == ((VALUES >= 4.8) & (VALUES <= 14.4))[::-1].tolist()
    assert inspector.histogram.brush.selected.tolist() == [0.2, 0.6]
    inspector.histogram.brush.selected = None
    assert not w.mask.any()


def test_what_lies_beyond_the_limits_is_brushed_with_that_end(w, inspector):
    w.limits = (2, 8)
    inspector.histogram.brush.selected = [0.5, 1.0]
    assert w.mask.tolist() == (np.isfinite(VALUES) & (VALUES >= 5)).tolist()


def test_a_brush_masks_every_step_by_its_own_values():
    w = lg.Heatmap(np.stack([VALUES, VALUES[::-1]]), components=NAMES)
    lg.Inspector(w).histogram.brush.selected = [0.2, 0.6]
    assert w.mask.shape == (2, 4, 3)
    assert w.mask[0].tolist() == w.mask[1][::-1].tolist()


def test_an_absent_cell_is_not_brushed():
    values = np.ma.masked_array([[1.0, 2], [3, 2]], [[False, False], [False, True]])
    w = lg.Heatmap(values)
    lg.Inspector(w).histogram.brush.selected = [0.0, 1.0]
    assert w.mask.tolist() == [[True, True], [True, False]]


def test_what_goes_wrong_by_hand_is_shown_in_the_heatmap(w, inspector):
    inspector.histogram.brush.selected = ["?", "!"]
    assert isinstance(w.last_error, ValueError)


# ── the tensor ───────────────────────────────────────────────────────────────────────────────


def opened(inspector, said, seconds=10):
    """Wait until the panel says something."""
    found = threading.Event()

    def look(_=None):
        if said in inspector.tensor.note.value:
            found.set()

    inspector.tensor.note.observe(look, "value")
    look()
    assert found.wait(seconds), inspector.tensor.note.value
    inspector.tensor.note.unobserve(look, "value")


@pytest.fixture
def state():
    rng = np.random.default_rng(0)
    return {
        f"layers.{k}.mlp.{name}_proj.weight": rng.normal(size=(6, 4)).astype("float32")
        for k in range(3)
        for name in ("up", "down")
        if (k, name) != (2, "down")
    }


def test_a_tensor_is_read_only_when_the_panel_is_open(state):
    w = lg.Heatmap(lg.weights(state, progress=False))
    inspector = lg.Inspector(w, state)
    w.selection = [(1, "mlp.up")]
    assert inspector.tensor.note.value == "<span></span>"
    assert inspector.tensor.heatmap.layers == ()
    inspector.tensor.button.value = True
    opened(inspector, "6×4 · float32")
    name = "layers.1.mlp.up_proj.weight"
    assert name in inspector.tensor.note.value
    assert inspector.tensor.heatmap.values.tolist() == state[name].tolist()


def test_a_cell_without_a_tensor_says_why(state):
    w = lg.Heatmap(lg.weights(state, progress=False))
    inspector = lg.Inspector(w, state)
    inspector.tensor.button.value = True
    opened(inspector, "pick a cell")
    w.selection = [(2, "mlp.down")]
    opened(inspector, "no tensor: layer 2, component &#x27;mlp.down&#x27; is absent")
    assert inspector.tensor.body.layout.visibility == "hidden"
    w.selection = [(2, "mlp.up")]
    opened(inspector, "layers.2.mlp.up_proj.weight")


def test_numbers_of_no_model_have_no_tensor(w, inspector):
    inspector.tensor.button.value = True
    w.selection = [(0, "attn.q")]
    opened(inspector, "no tensor: the grid has no coordinate")


@given(shape=st.tuples(st.integers(2, 12), st.integers(2, 12)), seed=st.integers(0, 99))
def test_singular_values_are_those_of_a_decomposition(shape, seed):
    matrix = np.random.default_rng(seed).normal(size=shape)
    expected = np.linalg.svd(matrix, compute_uv=False)
    assert singular_values(host_matrix(matrix)) == pytest.approx(expected, abs=1e-6 * expected[0])


def test_singular_values_that_are_not_found_are_told():
    assert "shorter one is 3,000" in read_spectrum(np.broadcast_to(np.zeros(1), (3000, 4000)))
    assert "NaN" in read_spectrum(np.array([[1, np.nan], [0, 1]]))
    assert "vector" in read_spectrum(np.ones((1, 8)))
    assert read_spectrum(np.zeros((3, 2))).tolist() == [0, 0]


def test_of_what_is_asked_meanwhile_only_the_last_is_done():
    done, begun, go = [], threading.Event(), threading.Event()
    finished = threading.Event()

    def work(what, overtaken):
        begun.set()
        assert go.wait(10)
        done.append((what, overtaken()))
        if what == 3:
            finished.set()

    latest = Latest(work)
    latest.ask(0)
    assert begun.wait(10)
    for what in (1, 2, 3):
        latest.ask(what)
    go.set()
    assert finished.wait(10)
    assert done == [(0, True), (3, False)]


# ── the pure parts ───────────────────────────────────────────────────────────────────────────

SCALES = st.sampled_from(
    [
        Scale(-1.0, 3.0),
        Scale(0.1, 100.0, Norm("log")),
        Scale(-10.0, 10.0, Norm("symlog", linthresh=0.5)),
        Scale(0.0, 4.0, Norm("power", gamma=0.5)),
        Scale(-2.0, 8.0, Norm("twoslope", center=0.0)),
    ]
)
NUMBERS = hnp.arrays(
    np.float64, hnp.array_shapes(max_dims=1, max_side=40), elements=st.floats(-200, 200)
)


@given(values=NUMBERS, scale=SCALES, n_bins=st.integers(1, 30), cut=st.integers(0, 40))
def test_every_value_is_counted_once_in_whatever_parts_it_comes(values, scale, n_bins, cut):
    bins = count([values[:cut], values[cut:]], scale, n_bins)
    assert bins.counts.sum() + bins.under + bins.over + bins.other == values.size
    whole = count([values], scale, n_bins)
    assert bins.counts.tolist() == whole.counts.tolist()


@given(values=NUMBERS, scale=SCALES)
def test_what_is_counted_lies_where_it_is_drawn(values, scale):
    n_bins = 8
    units = along(values, scale, values.dtype)
    inside = units[(units >= 0) & (units <= 1)]
    drawn = np.histogram(inside, np.linspace(0, 1, n_bins + 1))[0]
    assert count([values], scale, n_bins).counts.tolist() == drawn.tolist()


@given(values=NUMBERS, scale=SCALES)
def test_values_lie_in_their_order_and_those_beyond_beyond(values, scale):
    values = np.sort(values)
    units = along(values, scale, values.dtype)
    assert (np.diff(units) >= 0).all()
    assert ((units < 0) == (values < scale.low)).all()
    assert ((units > 1) == (values > scale.high)).all()
    assert units.min() >= -BEYOND


def test_numbers_that_are_none_are_not_counted():
    bins = count([np.array([1.0, np.nan, np.inf, -np.inf, 2.0])], Scale(0, 4), 4)
    assert (bins.counts.tolist(), bins.other) == ([0, 1, 1, 0], 3)


def test_bins_are_neither_few_nor_many():
    assert [bin_count(n) for n in (0, 1, 252, 10**9)] == [12, 12, 40, 64]


@given(
    n=st.integers(1, 40),
    pitch=st.floats(2, 50),
    gap=st.sampled_from([0, 0.67, 1]),
    group=st.sampled_from([0, 9]),
)
def test_bars_come_out_as_thick_as_cells(n, pitch, gap, group):
    starts = np.arange(n) * pitch + group * (np.arange(n) >= n // 2)
    axis = Axis(float(starts[-1] + pitch - gap), starts + (pitch - gap) / 2, pitch - gap)
    (first, last), padding = bands(axis)
    # What bqplot makes of it: d3's band scale, rounded.
    step = np.floor((last - first) / (n + 2))
    assert step * (1 - padding) == pytest.approx(axis.thickness, abs=1e-6)
    assert first < -axis.thickness
    assert last > axis.length + axis.thickness


PLACED = Placed(True, 1000, False, (45, 64, 320, 480), (470, 573), (44, 12), (), ())


def test_charts_stand_in_line_with_the_cells():
    at = stand(PLACED, 4, 2)
    assert (at.beside.height, at.beside.margins[:3:2], at.stacked) == (573, (64, 29), False)
    assert (at.width, at.below.margins.left, at.below.margins.right) == (470, 45, 105)
    assert at.rows.middles.tolist() == [60, 180, 300, 420]
    assert at.beside.length == 480


def test_without_room_beside_the_cells_all_stands_below():
    at = stand(PLACED._replace(room=600), 4, 2)
    assert at.stacked
    assert at.beside.length == 480
    assert at.beside.margins.top < 64


def test_an_order_on_the_page_is_that_of_the_profile(w, inspector):
    w.selection = [(0, "attn.q")]
    placed = predict(w._store.state)
    inspector.place(placed._replace(layers=placed.layers[::-1]))
    assert inspector.profile.points.y.tolist() == list(placed.layers[::-1])
    assert inspector.profile.lines.y.tolist() == sorted(placed.layers)


def test_a_layer_out_of_sight_has_no_point(w, inspector):
    w.selection = [(0, "attn.q")]
    placed = predict(w._store.state)
    inspector.place(placed._replace(layers=(-30.0, 5.0, 40.0, 400.0)))
    assert len(inspector.profile.points.y) == 2


def test_a_component_out_of_sight_has_no_bar(w, inspector):
    w.selection = [(3, "mlp.up"), (3, "attn.q")]
    placed = predict(w._store.state)
    inspector.place(placed._replace(components=(-40.0, 20.0, 60.0)))
    assert inspector.across.bars.x[:2].tolist() == [20, 60]
    assert len(inspector.across.bars.x) == 2 + 2
    assert inspector.across.bars.selected.tolist() == [1]
    inspector.across.bars._handle_custom_msgs(None, element(0), None)
    assert [cell.index for cell in w.selection] == [(3, 1)]


def test_a_mean_leaves_out_what_is_no_number():
    values = np.ma.masked_array([[1.0, np.nan, 3], [2, 4, 9]], [[0, 0, 0], [0, 0, 1]])
    reading = read(lg.Heatmap(values, limits=(0, 4))._store.state)
    (mean,), more = profiles(reading)
    assert (mean.units.tolist(), more) == ([0.5, 0.75], 0)


# ── bad input, and an end ────────────────────────────────────────────────────────────────────


def test_what_is_no_heatmap_is_refused():
    with pytest.raises(TypeError, match=r"got \[\[1\]\].*lg\.Heatmap"):
        lg.Inspector([[1]])


@pytest.mark.parametrize(
    ("heatmap", "why"),
    [
        (lambda: lg.Heatmap(), "no values yet: assign some"),
        (lambda: lg.Heatmap([["a", "b"]]), "categories, which have no profile"),
        (lambda: lg.Heatmap(np.zeros((1025, 2))), "1,025 × 2 cells.*inspect a part"),
    ],
)
def test_what_has_no_profile_is_refused(heatmap, why):
    with pytest.raises(ValueError, match=why):
        lg.Inspector(heatmap())


def test_what_is_not_in_memory_is_refused(tmp_path):
    values = np.lib.format.open_memmap(
        tmp_path / "values.npy", mode="w+", dtype="float64", shape=(3000, 3000)
    )
    with pytest.raises(ValueError, match=r"Inspector needs all values at once.*72|0\.072 GB"):
        lg.Inspector(lg.Heatmap(values))


def test_pending_cells_fill_in():
    w = lg.Heatmap(layers=range(4), components=NAMES)
    inspector = lg.Inspector(w)
    assert inspector.profile.points.x.size == 0
    w.values = np.nan_to_num(VALUES, posinf=0)
    assert inspector.profile.points.x.size == 4


def test_marimo_shows_the_heatmap_and_says_why(inspector, w, monkeypatch):
    # A stand-in for the two functions that are used; marimo itself was tried by hand.
    marimo = SimpleNamespace(vstack=list, md=str)
    monkeypatch.setitem(sys.modules, "marimo", marimo)
    note, shown = inspector._display_()
    assert "does not show the charts" in note
    assert shown is w


def test_a_closed_inspector_follows_no_more_and_leaves_nothing(w):
    before = set(widgets())
    inspector = lg.Inspector(w)
    w.transpose = True  # which has other charts
    inspector.close()
    assert [type(one).__name__ for one in set(widgets()) - before] == []
    w.selection = [(0, "attn.q")]
    assert w.last_error is None
