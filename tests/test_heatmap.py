"""The widget as people and pages meet it: public names, and messages over a real comm object."""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading

import ml_dtypes
import numpy as np
import pandas as pd
import pytest
import traitlets
import xarray as xr

import layergrid as lg
from layergrid import Cell, ClickEvent, Heatmap, HoverEvent, SelectEvent, picture, wire

LAYERS, COMPONENTS = [0, 1, 2, "out"], ["attn.q", "attn.k", "mlp.up"]


@pytest.fixture
def w(values) -> Heatmap:
    return Heatmap(values, layers=LAYERS, components=COMPONENTS)


@pytest.fixture
def page(w, open_page):
    page = open_page(w)
    page.clear()
    return page


def labels(cells):
    return [(cell.layer, cell.component) for cell in cells]


# ── making one ───────────────────────────────────────────────────────────────────────────────


def test_the_signature_is_the_documented_one():
    parameters = inspect.signature(Heatmap).parameters
    assert next(iter(parameters)) == "values"
    kinds = {p.kind for name, p in parameters.items() if name != "values"}
    assert kinds == {inspect.Parameter.KEYWORD_ONLY}


def test_a_misspelt_keyword_is_an_error(values):
    with pytest.raises(TypeError, match="colour"):
        Heatmap(values, colour="red")
    with pytest.raises(TypeError, match="titel"):
        lg.show(values, titel="x")


def test_show_is_heatmap(values):
    w = lg.show(values, title="t")
    assert isinstance(w, Heatmap)
    assert w.title == "t"


def test_an_error_comes_before_anything_is_made(values):
    with pytest.raises(ValueError, match="mask"):
        Heatmap(values, mask=np.ones((2, 2), bool))


def test_defaults(values):
    w = Heatmap(values)
    assert (w.layers, w.components) == ((0, 1, 2, 3), (0, 1, 2))
    assert (w.cmap, w.limits, w.color_limits) == ("viridis", "full", (-1.25, 7.0))
    assert (w.norm, w.center) == ("linear", None)
    assert (w.title, w.label, w.text, w.step, w.height, w.width) == (None,) * 6
    assert (w.click, w.selection, w.last_error) == ("select", (), None)
    assert w.mask.shape == (4, 3)
    assert not w.mask.any()


def test_an_empty_one_can_be_filled_later(values):
    w = Heatmap()
    assert (w.layers, w.components, w.selection) == ((), (), ())
    w.values = values
    assert w.layers == (0, 1, 2, 3)


def test_pending_cells_have_no_value_yet(values):
    w = Heatmap(layers=LAYERS, components=COMPONENTS)
    w.selection = [("out", "attn.k")]
    assert w.selection[0].value is None
    w.values = values
    assert w.selection[0].value == 7.0
    assert labels(w.selection) == [("out", "attn.k")]


def test_repr_tells_the_shape(w):
    w.title = "rms"
    assert repr(w) == "<Heatmap 'rms': 4 layers × 3 components>"


# ── reading ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("dtype", "value"),
    [
        ("int64", 2**62 + 1),
        ("uint64", 2**64 - 1),
        ("float64", 0.1 + 0.2),
        ("float32", float(np.float32(0.3))),
        ("bool", True),
        (ml_dtypes.bfloat16, 0.30078125),
    ],
)
def test_values_and_cells_are_exact(dtype, value):
    array = np.eye(2, 3).astype(dtype)
    array[1, 1] = value
    w = Heatmap(array)
    w.selection = [(1, 1)]
    assert w.values.dtype == dtype
    assert w.values[1, 1] == array[1, 1]
    assert w.selection[0].value == value
    assert type(w.selection[0].value) is type(value)


def test_what_is_given_out_cannot_be_written_into(w, values):
    for array in (w.values, w.mask):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1
    w.mask = values > 2
    with pytest.raises(ValueError, match="read-only"):
        w.mask[0, 0] = True
    w.values = np.ma.masked_array(values, mask=values == 7)
    with pytest.raises(ValueError, match="read-only"):
        w.values[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        w.values[0, 0] = np.ma.masked
    with pytest.raises(ValueError, match="read-only"):
        w.values.mask[0, 0] = True


def test_what_is_given_out_cannot_be_unlocked(w, values):
    for _ in range(2):
        for array in (w.values, w.mask, np.ma.getdata(w.values)):
            with pytest.raises(ValueError, match="cannot set WRITEABLE"):
                array.flags.writeable = True
        w.mask, w.values = values > 2, np.ma.masked_array(values, mask=values == 7)


def test_data_cannot_be_spoilt(values):
    names = xr.DataArray(np.full((4, 3), "m"), dims=("layer", "component"))
    array = names.copy(data=values).assign_coords(name=names)
    w = Heatmap(array.assign_attrs(a=1))
    data = w.data
    for part in (data, data.coords["name"]):
        with pytest.raises(ValueError, match="is a view"):
            part[0, 0] = 99
        with pytest.raises(ValueError, match="cannot set WRITEABLE"):
            part.values.flags.writeable = True
    data.attrs["a"] = 2
    data.coords["layer"].attrs["long_name"] = "block"
    data["more"] = 7
    assert w.data.identical(
        array.assign_attrs(a=1).assign_coords(layer=range(4), component=range(3))
    )
    copy = data.copy()
    copy[0, 0] = 99
    assert w.data[0, 0] == 0.5


def test_what_is_pending_is_so_in_data_too():
    w = Heatmap(layers=LAYERS, components=COMPONENTS)
    again = Heatmap(w.data)
    assert w.data.isnull().all()
    assert w.data.pending.all()
    assert not w.data.absent.any()
    assert again.get_state()["_holes"] == w.get_state()["_holes"] == bytes([2] * 12)


def test_what_was_given_may_change_afterwards(values):
    mask, text = values > 2, np.full((4, 3), "a")
    w = Heatmap(values, mask=mask, text=text)
    values[0, 0], mask[...], text[0, 0] = 99, True, "b"
    assert w.values[0, 0] == 0.5
    assert w.mask.sum() == 4
    assert w.text[0, 0] == "a"


def test_values_are_masked_only_if_something_is_absent(w, values):
    assert type(w.values) is np.ndarray
    w.values = np.ma.masked_array(values, mask=values == 7)
    assert isinstance(w.values, np.ma.MaskedArray)
    assert w.values.mask.tolist() == (values == 7).tolist()
    w.selection = [("out", "attn.k")]
    assert w.selection[0].value is None
    w.values = values
    assert type(w.values) is np.ndarray


def test_data_is_a_dataarray(w, values):
    assert isinstance(w.data, xr.DataArray)
    assert w.data.dims == ("layer", "component")
    np.testing.assert_array_equal(w.data.values, values)
    assert w.data.identical(w.data)
    assert np.shares_memory(w.data.values, w.data.values)
    assert np.isinf(w.data.sel(layer=1, component="attn.q"))
    assert w.data.sel(layer="out", component="attn.k") == 7
    w.label = "rms"
    assert w.data.name == "rms"


def test_another_heatmap_of_its_data_is_the_same(values):
    frame = pd.DataFrame(values, index=pd.Index(LAYERS, name="block"), columns=COMPONENTS)
    a = Heatmap(frame.astype(object).where(frame != 7, None))
    b = Heatmap(a.data)
    assert (a.layers, a.components) == (b.layers, b.components)
    np.testing.assert_array_equal(a.values.mask, b.values.mask)
    np.testing.assert_array_equal(a.values.compressed(), b.values.compressed())
    assert a.get_state()["_axes"] == b.get_state()["_axes"]
    assert a.get_state()["_axes"]["titles"] == ["block", None]


def test_coordinates_reach_the_cell(values):
    names = [[f"model.{i}.{j}" for j in "qkv"] for i in range(4)]
    array = xr.DataArray(
        values,
        dims=("layer", "component"),
        coords={
            "name": (("layer", "component"), names),
            "shape": ("component", ["2×3", "4", "5"]),
        },
    )
    w = Heatmap(array)
    w.selection = [(2, 1)]
    (cell,) = w.selection
    assert cell == Cell(2, 1, 2.0, "model.2.k", {"name": "model.2.k", "shape": "4"}, index=(2, 1))
    w.values = -values  # the names stay with their cells
    assert w.selection[0].name == "model.2.k"
    assert w.selection[0].value == -2.0


def test_steps(values):
    w = Heatmap(np.stack([values, -values]))
    assert w.step == 1
    w.selection = [(3, 1)]
    assert w.selection[0].value == -7
    w.step = 0
    assert w.selection[0].value == 7
    assert w.values.shape == (2, 4, 3)
    assert w.mask.shape == (4, 3)


# ── setting in place ─────────────────────────────────────────────────────────────────────────


def test_new_values_leave_the_rest(w, values):
    w.selection, w.mask, w.title = [("out", "mlp.up"), (1, "attn.q")], values > 2, "t"
    w.limits = (0, 2)
    w.values = -values
    assert labels(w.selection) == [("out", "mlp.up"), (1, "attn.q")]
    assert [cell.value for cell in w.selection] == [-4.0, -np.inf]
    assert (w.title, w.limits, w.color_limits) == ("t", (0.0, 2.0), (0.0, 2.0))
    assert np.array_equal(w.mask, values > 2)


def test_other_labels_drop_what_is_gone_and_report_it(w, values):
    events = []
    w.on_select(events.append)
    w.mask = values == 7
    w.selection = [(2, "attn.q"), ("out", "attn.k"), (0, "mlp.up")]
    w.values = pd.DataFrame(values[:3], index=["out", "x", 0], columns=["attn.k", "attn.q", "o"])
    assert (w.layers, w.components) == (("out", "x", 0), ("attn.k", "attn.q", "o"))
    assert labels(w.selection) == [("out", "attn.k")]
    assert w.selection[0].index == (0, 0)
    assert [(w.layers[i], w.components[j]) for i, j in np.argwhere(w.mask)] == [("out", "attn.k")]
    assert len(events) == 2
    assert labels(events[1].removed) == [(2, "attn.q"), (0, "mlp.up")]
    np.testing.assert_equal([cell.value for cell in events[1].removed], [-np.inf, np.nan])
    assert (events[1].added, events[1].source) == ((), "code")


def test_the_step_is_observed_by_its_label(values):
    cube = xr.DataArray(np.stack([values, -values]), dims=("step", "layer", "component"))
    w = Heatmap(cube.assign_coords(step=[0, 1], layer=range(4), component=range(3)))
    changes = []
    w.observe(changes.append, names="step")
    w.values = w.data.assign_coords(step=[10, 20])
    w.values = w.data.assign_coords(step=[5, 10, 20][1:])
    assert [(change.old, change.new) for change in changes] == [(1, 20)]


def test_observers_of_everything_hear_of_public_traits(w):
    heard = []
    w.observe(heard.append)
    w.title = "t"
    assert ("title", None, "t") in [(c.name, c.old, c.new) for c in heard]


def test_cells_are_made_for_nobody(w, page, monkeypatch):
    """A million of them take seconds."""
    made = []
    init = Cell.__init__
    monkeypatch.setattr(Cell, "__init__", lambda *a: made.append(a) or init(*a))
    page.send(page.command("set", [0, 0, 3, 2]))
    w.selection, w.title = [(1, "attn.k")], "t"
    assert made == []
    w.on_select(print)
    w.title, w.values = "u", -w.values
    assert made == []
    w.selection = []
    assert len(made) == 1


def test_the_same_cells_in_another_place_are_no_event(w, values):
    w.selection = [(1, "attn.k")]
    events = []
    w.on_select(events.append)
    w.values = pd.DataFrame(values[::-1], index=LAYERS[::-1], columns=COMPONENTS)
    assert events == []
    assert w.selection[0].index == (2, 1)


@pytest.mark.parametrize(
    ("name", "wrong", "error"),
    [
        ("values", np.ones((2, 2)), ValueError),
        ("values", "no", TypeError),
        ("mask", np.ones((4, 3)), TypeError),
        ("selection", [("out", "nope")], ValueError),
        ("limits", (2, 1), ValueError),
        ("cmap", "no map", ValueError),
        ("norm", "logarithmic", ValueError),
        ("center", "middle", TypeError),
        ("text", ".2q", ValueError),
        ("title", 3, TypeError),
        ("click", "twice", ValueError),
        ("step", 1, ValueError),
        ("height", 0, ValueError),
    ],
)
def test_a_refused_assignment_changes_and_sends_nothing(w, page, name, wrong, error):
    w.selection = [(1, "attn.k")]
    before = {trait: repr(getattr(w, trait)) for trait in ("values", "mask", "selection", "cmap")}
    page.clear()
    with pytest.raises(error):
        setattr(w, name, wrong)
    assert {trait: repr(getattr(w, trait)) for trait in before} == before
    assert w.comm.sent == []


@pytest.mark.parametrize("name", ["data", "layers", "components", "last_error", "color_limits"])
def test_what_can_only_be_read(w, name):
    with pytest.raises(AttributeError):
        setattr(w, name, None)


def test_colours_read_back_as_they_were_asked_for(values):
    w = Heatmap(values, norm=("symlog", 0.5), center=0, cmap="PuOr")
    assert (w.norm, w.center, w.cmap) == (("symlog", 0.5), 0, "PuOr")
    assert (w.limits, w.color_limits) == ("full", (-7.0, 7.0))
    w.norm, w.limits = None, (-2, 9)
    assert (w.norm, w.limits, w.color_limits) == ("linear", (-2.0, 9.0), (-2.0, 9.0))
    w.center, w.cmap = None, None
    assert (w.center, w.cmap) == (None, "viridis")


# ── what is sent ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "make", "traits"),
    [
        ("transpose", lambda v: True, {"_transpose"}),
        ("title", lambda v: "t", {"_title"}),
        ("label", lambda v: "rms", {"_label"}),
        ("mask", lambda v: v > 2, {"_mask"}),
        ("selection", lambda v: [(2, "attn.k")], {"_selection"}),
        ("limits", lambda v: (0, 1), {"_limits"}),
        ("cmap", lambda v: "magma", {"_table", "_reserved"}),
        ("norm", lambda v: "power", {"_norm"}),
        ("center", lambda v: 0, {"_norm", "_limits", "_table", "_reserved"}),
        ("text", lambda v: ".2f", {"_text"}),
        ("click", lambda v: "none", {"_click"}),
        ("height", lambda v: 200, {"_size"}),
        ("values", lambda v: v[:, ::-1], {"_values", "_edition"}),
        ("values", lambda v: v + 1, {"_values", "_limits", "_edition"}),
        ("values", lambda v: v, {"_edition"}),
        ("title", lambda v: None, set()),
        ("selection", lambda v: [], set()),
        ("limits", lambda v: "full", set()),
        ("limits", lambda v: (-1.25, 7), set()),
        ("cmap", lambda v: "viridis", set()),
    ],
)
def test_only_what_changed_is_sent_and_in_one_message(w, page, values, name, make, traits):
    setattr(w, name, make(values))
    updates = page.updates()
    assert len(updates) == (1 if traits else 0)
    assert {trait for update in updates for trait in update} == traits
    assert len(w.comm.sent) == len(updates)


def test_the_numbers_cross_as_they_are(w, page, values):
    w.values = (values * 2).astype("f4")
    (update,) = page.updates()
    received = np.frombuffer(update["_values"], "<f4").reshape(4, 3)
    np.testing.assert_array_equal(received, (values * 2).astype("f4"))
    assert update["_dtype"] == "float32"
    assert update["_limits"] == [-2.5, 14.0]


def test_opening_sends_the_whole_picture_once(values, open_page):
    w = Heatmap(values, title="t", mask=values > 2)
    (opened,) = open_page(w).widget.comm.sent
    assert opened["type"] == "comm_open"
    state = opened["state"]
    assert state["_title"] == "t"
    assert state["_axes"]["layers"] == 4
    buffers = {"_values", "_holes", "_overview", "_mask", "_table", "_reserved"}
    assert {path[0] for path in opened["buffer_paths"]} == buffers


def test_a_page_that_writes_what_the_kernel_owns_hears_no_echo(w, page):
    page.widget._handle_msg(
        {"content": {"data": {"method": "update", "state": {"_title": "x"}}}, "buffers": []}
    )
    assert all(message.get("method") != "echo_update" for message in w.comm.sent)


# ── the page picks ───────────────────────────────────────────────────────────────────────────


def test_millions_of_cells_are_picked_as_few_runs(open_page):
    w = Heatmap(np.zeros((3000, 2000), np.int8))
    page, events = open_page(w), []
    w.on_select(events.append)
    page.send(page.command("set", [500, 0, 2499, 1499]))
    page.send(page.command("remove", [600, 10, 2399, 10]))
    assert [len(event.cells) for event in events] == [3_000_000, 2_998_200]
    assert [len(event.removed) for event in events] == [0, 1800]
    assert events[1].removed[0].index == (600, 10)
    assert w.selection == events[1].cells
    assert (w.selection[0].index, w.selection[-1].index) == ((500, 0), (2499, 1499))
    assert len(w._selection) == 2 * (2000 + 1800)
    assert len(w.selection[10:20]) == 10
    kept = w.selection
    w.selection = [*kept[:2], (2999, 1999)]
    assert labels(w.selection) == [(500, 0), (500, 1), (2999, 1999)]
    w.selection = kept
    assert w.selection[-1].index == (2499, 1499)


def test_a_command_selects_and_is_acknowledged(w, page):
    events = []
    w.on_select(events.append)
    page.send(page.command("set", [1, 0, 2, 1]))
    assert labels(w.selection) == [
        (1, "attn.q"), (1, "attn.k"), (2, "attn.q"), (2, "attn.k")
    ]  # fmt: skip
    assert page.heard() == [{"kind": "ack", "page": "page", "seq": 1}]
    assert page.updates() == [{"_selection": [3, 2, 6, 2]}]
    (event,) = events
    assert isinstance(event, SelectEvent)
    assert event.cells == event.added == w.selection
    assert (event.removed, event.source) == ((), "user")


def test_a_repeated_command_is_acknowledged_again_but_done_once(w, page):
    events = []
    w.on_select(events.append)
    w.on_click(events.append)
    first = page.command("add", [0, 0, 0, 0], click={"cell": 0, "modifiers": []})
    page.send(first, page.command("remove", [0, 0, 0, 0]), first)
    assert w.selection == ()
    assert [m["seq"] for m in page.heard()] == [1, 2, 1]
    assert [type(event) for event in events] == [ClickEvent, SelectEvent, SelectEvent]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1, 1, 0)])
def test_commands_out_of_order_end_as_if_in_order(w, page, order):
    gestures = [
        page.command("set", [0, 0, 3, 0]),
        page.command("remove", [1, 0, 1, 2]),
        page.command("add", [1, 2, 1, 2], [0, 0, 0, 0]),
    ]
    events = []
    w.on_select(events.append)
    page.send(*(gestures[k] for k in order))
    assert labels(w.selection) == [
        (0, "attn.q"), (2, "attn.q"), ("out", "attn.q"), (1, "mlp.up")
    ]  # fmt: skip
    selected = []
    for event in events:  # every event starts where the last one ended
        assert all(cell in selected for cell in labels(event.removed))
        kept = [cell for cell in selected if cell not in labels(event.removed)]
        selected = [*kept, *labels(event.added)]
        assert sorted(map(str, selected)) == sorted(map(str, labels(event.cells)))
    assert len(events) <= 3


def test_clicks_are_heard_in_every_mode(w, page):
    clicks = []
    w.on_click(clicks.append)
    w.click = "none"
    page.send(page.click(10, "ctrl", "shift"))
    (event,) = clicks
    assert event.cell == Cell("out", "attn.k", 7.0, index=(3, 1))
    assert event.modifiers == {"ctrl", "shift"}
    assert w.selection == ()


def test_what_was_done_on_other_labels_does_nothing(w, page, values):
    events = []
    w.on_select(events.append)
    w.on_click(events.append)
    gesture = page.command("set", [3, 0, 3, 2], click={"cell": 9, "modifiers": []})
    w.values = pd.DataFrame(values[:2], columns=COMPONENTS)
    page.clear()
    page.send(gesture)
    assert (w.selection, events) == ((), [])
    assert [m["kind"] for m in page.heard()] == ["ack"]
    page.send(page.command("set", [1, 2, 1, 2]))
    assert labels(w.selection) == [(1, "mlp.up")]


def test_labels_that_change_while_a_gesture_is_read(w, page, values):
    """Another thread may set values between checking a message and doing what it says."""

    class Slow(dict):
        def get(self, key, default=None):
            if key == "click":
                w.values = pd.DataFrame(values[:1], columns=COMPONENTS)
            return super().get(key, default)

    gesture = Slow(page.command("set", [3, 0, 3, 2], click={"cell": 11, "modifiers": []}))
    events = []
    w.on_click(events.append)
    w._handle_custom_msg(gesture, [])
    assert (w.selection, events) == ((), [])
    assert page.heard()[-1]["kind"] == "ack"


def test_an_early_command_is_not_replayed_on_other_labels(w, page, values):
    page.seq = 1
    page.send(page.command("remove", [0, 1, 0, 1]))
    w.values = pd.DataFrame(values[:, ::-1], index=LAYERS, columns=["a", "b", "c"])
    page.seq = 0
    page.send(page.command("add", [0, 1, 0, 1]))
    assert labels(w.selection) == [(0, "b")]


def test_code_that_selects_wins_over_commands_before_it(w, page):
    late = page.command("add", [0, 0, 0, 0])
    page.send(page.command("set", [3, 0, 3, 2]))
    w.selection = [(1, "attn.k")]
    page.send(late)
    assert labels(w.selection) == [(1, "attn.k"), (0, "attn.q")]


def test_two_pages_of_one_widget(w, page, open_page):
    other = open_page(w, "other")
    page.send(page.command("set", [0, 0, 0, 0]))
    other.send(other.command("add", [1, 1, 1, 1]))
    page.send(page.command("add", [2, 2, 2, 2]))
    assert labels(w.selection) == [(0, "attn.q"), (1, "attn.k"), (2, "mlp.up")]
    assert [(m["page"], m["seq"]) for m in page.heard()] == [("page", 1), ("other", 1), ("page", 2)]


def test_two_widgets_do_not_disturb_each_other(values, open_page):
    a, b = Heatmap(values), Heatmap(values, title="b")
    heard = {a: [], b: []}
    for w in (a, b):
        w.on_select(heard[w].append)
    pages = {w: open_page(w) for w in (a, b)}
    for p in pages.values():
        p.clear()
    pages[a].send(pages[a].command("set", [0, 0, 0, 0]))
    a.title, a.mask = "a", values > 2
    assert (len(heard[a]), len(heard[b])) == (1, 0)
    assert (b.selection, b.title, b.mask.any()) == ((), "b", False)
    assert b.comm.sent == []
    pages[b].send(pages[b].command("set", [3, 2, 3, 2]))
    assert [labels(w.selection) for w in (a, b)] == [[(0, 0)], [(3, 2)]]


@pytest.mark.parametrize(
    "message",
    [
        None,
        {"kind": "gesture", "page": "page", "seq": 1, "axes": 0, "command": [], "click": None},
        {"kind": "hover", "cell": 12},
        {"kind": "gesture", "page": [], "seq": {}},
    ],
)
def test_a_message_that_is_off_is_refused_and_logged(w, page, message, caplog):
    if message and message.get("command") == []:
        message["axes"] = wire.axes_id(w.layers, w.components)
    with caplog.at_level(logging.ERROR, "layergrid"):
        w._handle_custom_msg(message, [])
    (answer,) = page.heard()
    assert answer["kind"] == "refused"
    assert answer["reason"] in caplog.text
    assert w.selection == ()


# ── the page edits the mask ──────────────────────────────────────────────────────────────────


def marked(w):
    return [tuple(index) for index in np.argwhere(w.mask).tolist()]


@pytest.fixture
def masking(w, page):
    w.click = "mask"
    page.clear()
    return page


def test_a_gesture_for_the_mask_changes_nothing_else(w, masking):
    selected, clicked, observed = [], [], []
    w.on_select(selected.append)
    w.on_click(clicked.append)
    w.observe(observed.append, names="mask")
    masking.send(masking.mark("set", [1, 0, 2, 1], click={"cell": 7, "modifiers": []}))
    assert marked(w) == [(1, 0), (1, 1), (2, 0), (2, 1)]
    assert (w.selection, selected) == ((), [])
    assert [event.cell.index for event in clicked] == [(2, 1)]
    (change,) = observed
    assert not change.old.any()
    assert np.array_equal(change.new, w.mask)
    assert masking.heard() == [{"kind": "ack", "page": "page", "seq": 1}]
    assert [set(update) for update in masking.updates()] == [{"_mask"}]
    with pytest.raises(ValueError, match="read-only"):
        w.mask[0, 0] = True


def test_a_gesture_that_leaves_the_mask_as_it_is_tells_nobody(w, masking):
    observed = []
    w.observe(observed.append, names="mask")
    masking.send(masking.mark("remove", [0, 0, 0, 0]))
    w.mask = np.eye(4, 3) > 0
    masking.send(masking.mark("add", [1, 1, 1, 1]))
    assert len(observed) == 1
    assert [m["seq"] for m in masking.heard()] == [1, 2]
    assert [set(update) for update in masking.updates()] == [{"_mask"}]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2), (2, 0, 2, 3, 1, 1)])
def test_gestures_for_both_end_as_if_in_order(w, masking, order):
    gestures = [
        masking.mark("add", [0, 0, 3, 0]),
        masking.command("set", [1, 1, 1, 2]),
        masking.mark("set", [2, 0, 2, 2]),
        masking.mark("remove", [2, 1, 2, 1]),
    ]
    masking.send(*(gestures[k] for k in order))
    assert marked(w) == [(2, 0), (2, 2)]
    assert labels(w.selection) == [(1, "attn.k"), (1, "mlp.up")]


def test_code_that_sets_the_mask_wins_over_gestures_before_it(w, masking):
    late = masking.mark("add", [0, 0, 0, 0])
    masking.send(masking.mark("set", [3, 0, 3, 2]))
    w.mask = None
    masking.send(late)
    assert marked(w) == [(0, 0)]


def test_code_that_selects_leaves_what_is_to_be_replayed_of_the_mask(w, masking):
    late = masking.mark("set", [0, 0, 0, 0])
    masking.send(masking.mark("add", [3, 2, 3, 2]))
    w.selection = [(1, "attn.k")]
    masking.send(late)
    assert marked(w) == [(0, 0), (3, 2)]
    assert labels(w.selection) == [(1, "attn.k")]


def test_each_step_has_its_mask_if_the_mask_has_steps(values, open_page):
    w = Heatmap(np.stack([values, -values]), mask=np.zeros((2, 4, 3), bool), click="mask")
    page = open_page(w)
    page.send(page.mark("add", [0, 1, 0, 1], step=0), page.mark("set", [3, 0, 3, 0]))
    page.send(page.mark("add", [1, 2, 1, 2], step=1))
    assert marked(w) == [(0, 3, 0), (1, 1, 2)]
    w.mask = np.eye(4, 3) > 0
    page.send(page.mark("remove", [0, 0, 0, 0], step=0))
    assert marked(w) == [(1, 1), (2, 2)]


# ── the page goes through the steps ──────────────────────────────────────────────────────────


@pytest.fixture
def stepped(values, open_page):
    w = Heatmap(xr.DataArray(
        np.stack([values * k for k in (1, 2, 3)]),
        dims=("step", "layer", "component"), coords={"step": [100, 200, 300]},
    ))  # fmt: skip
    page = open_page(w)
    page.clear()
    return page


def test_a_step_by_hand_moves_the_heatmap(stepped):
    w, observed = stepped.widget, []
    w.observe(observed.append, names="step")
    limits = w.color_limits
    stepped.send({"kind": "step", "page": "page", "seq": 1, "step": 0})
    assert w.step == 100
    assert [(change.old, change.new) for change in observed] == [(300, 100)]
    assert stepped.updates() == [{"_step": 0}]
    assert stepped.heard() == [{"kind": "stepped", "page": "page", "seq": 1}]
    assert w.color_limits == limits


def test_the_last_step_of_a_page_counts_in_whatever_order_they_come(stepped):
    w = stepped.widget
    for seq, step in ((1, 1), (3, 0), (2, 1)):
        stepped.send({"kind": "step", "page": "page", "seq": seq, "step": step})
    assert w.step == 100
    assert [m["seq"] for m in stepped.heard()] == [1, 3, 2]
    stepped.send({"kind": "step", "page": "other", "seq": 1, "step": 1})
    assert w.step == 200


def test_a_step_that_is_gone_is_answered_and_goes_nowhere(stepped):
    stepped.send({"kind": "step", "page": "page", "seq": 1, "step": 3})
    assert stepped.widget.step == 300
    assert [m["kind"] for m in stepped.heard()] == ["stepped"]


def test_a_step_set_in_reply_to_a_step_stands(stepped):
    w = stepped.widget
    w.observe(lambda change: setattr(w, "step", 200), names="step")
    stepped.send({"kind": "step", "page": "page", "seq": 1, "step": 0})
    assert w.step == 200
    assert [update["_step"] for update in stepped.updates()] == [0, 1]


def test_an_observer_of_steps_that_raises_is_shown(stepped):
    def faulty(change):
        raise LookupError("who?")

    stepped.widget.observe(faulty, names="step")
    stepped.send({"kind": "step", "page": "page", "seq": 1, "step": 0})
    assert isinstance(stepped.widget.last_error, LookupError)
    assert [m["kind"] for m in stepped.heard()] == ["stepped"]


def test_a_click_has_the_value_of_the_step_that_the_person_saw(stepped):
    clicks = []
    stepped.widget.on_click(clicks.append)
    stepped.send(stepped.click(10, step=0), stepped.click(10, step=2))
    assert [event.cell.value for event in clicks] == [7.0, 21.0]


def test_frames_come_on_request_where_there_are_many_values(values, open_page, monkeypatch):
    monkeypatch.setattr(wire.traits, "AT_ONCE", 100)
    frames = np.stack([values * k for k in (1, 2, 3)]).astype("f4")
    w = Heatmap(frames)
    page = open_page(w)
    page.clear()
    first = w._partial
    ask = {"kind": "frames", "page": "page", "partial": first, "steps": [0, 2]}
    page.send(ask)
    (message,) = w.comm.sent
    assert message["content"]["steps"] == [0, 2]
    received = [np.frombuffer(buffer, "<f4").reshape(4, 3) for buffer in message["buffers"][::2]]
    np.testing.assert_array_equal(received, frames[[0, 2]])
    assert message["buffers"][1::2] == [b"", b""]
    w.step = 1
    np.testing.assert_array_equal(np.frombuffer(w._values, "<f4").reshape(4, 3), frames[1])
    assert w._partial == first
    w.values = -frames
    assert w._partial > first
    page.clear()
    page.send(ask)
    assert page.heard()[0]["steps"] == []


# ── callbacks ────────────────────────────────────────────────────────────────────────────────


def test_on_select_by_code_once_per_real_change(w):
    events = []

    @w.on_select
    def remember(event):
        events.append(event)

    assert callable(remember)
    w.selection = [(0, "attn.q"), (1, "attn.q")]
    w.selection = [(0, "attn.q"), (1, "attn.q")]
    w.selection = w.selection
    w.selection = [(1, "attn.q"), (2, "attn.q")]
    w.title = "t"
    assert [labels(e.cells) for e in events] == [
        [(0, "attn.q"), (1, "attn.q")],
        [(1, "attn.q"), (2, "attn.q")],
    ]
    assert labels(events[1].added) == [(2, "attn.q")]
    assert labels(events[1].removed) == [(0, "attn.q")]
    assert {e.source for e in events} == {"code"}
    w.off(remember)
    w.selection = []
    assert len(events) == 2
    with pytest.raises(ValueError, match="not registered"):
        w.off(remember)


def test_a_command_that_changes_nothing_is_no_event(w, page):
    w.selection = [(0, "attn.q")]
    events = []
    w.on_select(events.append)
    page.send(page.command("set", [0, 0, 0, 0]), page.command("remove", [3, 0, 3, 2]))
    assert events == []


def test_hover_is_asked_for_and_unasked(w, page):
    heard = []
    w.on_hover(heard.append)
    page.send({"kind": "hover", "cell": 10}, {"kind": "hover", "cell": None})
    assert heard == [HoverEvent(Cell("out", "attn.k", 7.0, index=(3, 1))), HoverEvent(None)]
    w.off(heard.append)
    assert page.updates() == [{"_hovers": True}, {"_hovers": False}]


def test_a_callback_can_select_again(w, page):
    seen = []

    @w.on_select
    def only_one(event):
        seen.append((event.source, labels(event.cells)))
        if len(event.cells) > 1:
            w.selection = event.cells[-1:]

    page.send(page.command("set", [0, 0, 0, 1]))
    assert seen == [
        ("user", [(0, "attn.q"), (0, "attn.k")]),
        ("code", [(0, "attn.k")]),
    ]


def test_a_callback_that_raises_is_shown_kept_and_logged(w, page, caplog):
    heard = []

    @w.on_select
    def faulty(event):
        raise ZeroDivisionError("nothing left")

    w.on_select(heard.append)
    with caplog.at_level(logging.ERROR, "layergrid"):
        page.send(page.command("set", [0, 0, 0, 0]))
    assert len(heard) == 1
    assert isinstance(w.last_error, ZeroDivisionError)
    assert "nothing left" in caplog.text
    shown = [u["_error"] for u in page.updates() if "_error" in u]
    assert len(shown) == 1
    assert "faulty raised ZeroDivisionError: nothing left" in shown[0][0]
    assert "Traceback" in shown[0][1]
    assert page.heard() == [{"kind": "ack", "page": "page", "seq": 1}]
    page.clear()
    page.send({"kind": "dismiss"})
    assert page.updates() == [{"_error": []}]
    assert isinstance(w.last_error, ZeroDivisionError)


def test_an_interrupt_leaves_the_widget_usable(w):
    heard, armed = [], [True]

    @w.on_select
    def interrupted(event):
        heard.append(labels(event.cells))
        if armed.pop() if armed else False:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        w.selection = [(0, "attn.q")]
    w.selection = [(1, "attn.q")]
    assert heard == [[(0, "attn.q")], [(1, "attn.q")]]


def test_next_selection_waits_for_a_hand(w, page):
    async def story():
        waiting = asyncio.ensure_future(w.next_selection())
        both = asyncio.ensure_future(w.next_selection())
        await asyncio.sleep(0)  # until it listens
        w.selection = [(0, "attn.q")]  # by code: not the one
        gesture = page.command("set", [2, 1, 2, 1])
        await asyncio.to_thread(page.send, gesture)
        return await asyncio.wait_for(asyncio.gather(waiting, both), 10)

    first, second = asyncio.run(story())
    assert first is second
    assert labels(first.cells) == [(2, "attn.k")]
    assert first.source == "user"
    page.send(page.command("set", [0, 0, 0, 0]))  # nobody listens any more; nobody fails
    assert w.last_error is None


def test_next_selection_can_be_given_up(w, page):
    async def story():
        waiting = asyncio.ensure_future(w.next_selection())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    asyncio.run(story())
    page.send(page.command("set", [0, 0, 0, 0]))
    assert w.last_error is None


def test_pages_on_many_threads(w, page, open_page):
    """What comes at once is done one after the other, and told in that order."""
    events, start = [], threading.Barrier(6)
    w.on_select(events.append)

    def work(k):
        own = open_page(w, f"page {k}")
        start.wait(10)
        for _ in range(25):
            own.send(own.command("add", [k // 3, k % 3, k // 3, k % 3]))
            own.send(own.command("remove", [k // 3, k % 3, k // 3, k % 3]))
        own.send(own.command("add", [k // 3 + 2, k % 3, k // 3 + 2, k % 3]))

    threads = [threading.Thread(target=work, args=[k]) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(cell.index for cell in w.selection) == [(i, j) for i in (2, 3) for j in range(3)]
    assert len(events) == 6 * 51
    selected = []
    for event in events:
        kept = [cell for cell in selected if cell not in labels(event.removed)]
        selected = [*kept, *labels(event.added)]
        assert selected == labels(event.cells)
    assert [*wire.decode_picks(w._selection)] == [i * 3 + j for i, j in indices(w)]


def indices(w):
    return [cell.index for cell in w.selection]


# ── observers ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("values", lambda v: -v),
        ("mask", lambda v: v > 2),
        ("selection", lambda v: [(1, "attn.k")]),
        ("limits", lambda v: (0, 1)),
        ("cmap", lambda v: "magma"),
        ("norm", lambda v: ("symlog", 0.5)),
        ("center", lambda v: 0.5),
        ("text", lambda v: "auto"),
        ("title", lambda v: "t"),
        ("label", lambda v: "rms"),
        ("click", lambda v: "none"),
        ("height", lambda v: 100),
    ],
)
def test_every_property_can_be_observed(w, values, name, make):
    changes = []
    w.observe(changes.append, names=name)
    before = getattr(w, name)
    setattr(w, name, make(values))
    (change,) = changes
    assert (change.name, change.owner, change.type) == (name, w, "change")
    np.testing.assert_equal(change.old, before)
    np.testing.assert_equal(change.new, getattr(w, name))
    w.unobserve(changes.append, names=name)
    assert w.has_trait(name)


@pytest.mark.parametrize(
    ("name", "value"),
    [("selection", [(1, "attn.k")]), ("limits", (0, 1)), ("title", "t" * 3), ("height", 3000)],
)
def test_setting_the_same_again_notifies_nobody(w, name, value):
    setattr(w, name, value)
    changes = []
    w.observe(changes.append, names=name)
    setattr(w, name, type(value)(value))
    assert changes == []


def test_a_click_reaches_observers_and_their_errors_are_shown(w, page):
    changes = []

    def faulty(change):
        raise LookupError("who?")

    w.observe(faulty, names="selection")
    w.observe(changes.append, names="selection")
    page.send(page.command("set", [0, 0, 0, 0]))
    assert isinstance(w.last_error, LookupError)
    assert labels(w.selection) == [(0, "attn.q")]
    assert page.heard() == [{"kind": "ack", "page": "page", "seq": 1}]


def test_an_observer_that_raises_is_heard_by_code(w):
    def faulty(change):
        raise LookupError("who?")

    w.observe(faulty, names="title")
    with pytest.raises(LookupError):
        w.title = "t"
    assert w.title == "t"


def test_traits_of_two_heatmaps_can_be_linked(values):
    a, b = Heatmap(values), Heatmap(values)
    link = traitlets.link((a, "title"), (b, "title"))
    selections = traitlets.link((a, "selection"), (b, "selection"))
    a.title = "both"
    b.selection = [(3, 1)]
    assert b.title == "both"
    assert labels(a.selection) == [(3, 1)]
    link.unlink()
    selections.unlink()
    a.title = "one"
    assert b.title == "both"


# ── being shown ──────────────────────────────────────────────────────────────────────────────

VIEW = "application/vnd.jupyter.widget-view+json"


def test_beside_the_live_view_stands_a_picture(w):
    data, metadata = w._repr_mimebundle_()
    assert data[VIEW]["model_id"] == w.model_id
    assert data["text/html"].startswith("<img ")
    assert metadata["image/png"].keys() == {"width", "height"}
    assert w._repr_mimebundle_()[0]["image/png"] is data["image/png"]  # not drawn again
    w.title = "t"
    assert w._repr_mimebundle_()[0]["image/png"] != data["image/png"]


def test_a_picture_that_fails_costs_no_live_view(w, monkeypatch, caplog):
    def faulty(state):
        raise ZeroDivisionError("no font")

    monkeypatch.setattr(picture, "bundle", faulty)
    with caplog.at_level(logging.ERROR, "layergrid"):
        data, metadata = w._repr_mimebundle_()
    assert data[VIEW]["model_id"] == w.model_id
    assert not {"image/png", "text/html"} & {*data, *metadata}
    assert "the live view is not affected" in caplog.text
    assert "ZeroDivisionError: no font" in caplog.text
    monkeypatch.undo()
    assert "image/png" in w._repr_mimebundle_()[0]


# ── the end ──────────────────────────────────────────────────────────────────────────────────


def test_a_closed_heatmap_still_answers_code(w, values):
    w.close()
    w.title = "t"
    w.values = -values
    w.selection = [(1, "attn.k")]
    assert labels(w.selection) == [(1, "attn.k")]
