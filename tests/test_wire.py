"""What crosses, and what must not get across."""

from __future__ import annotations

import json
import math

import ml_dtypes
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from layergrid import wire
from layergrid.intake import read
from layergrid.picks import picks_of
from layergrid.selection import Command
from layergrid.state import EMPTY_STATE, resolve
from layergrid.wire import (
    Click,
    Dismiss,
    Frames,
    Gesture,
    Hover,
    MessageError,
    Placed,
    Step,
    decode_message,
)

GRID = read(np.ones((4, 3)))
AXES = wire.axes_id(GRID.layers, GRID.components)


# ── state ────────────────────────────────────────────────────────────────────────────────────


def test_limits_say_which_values_stand_for_them():
    values = np.float16([[0.2, 0.3]])
    state = resolve(EMPTY_STATE, {"values": values, "limits": (0.2, 0.3)})
    assert state.color_limits == (0.2, 0.3)
    assert wire.encode(state)["_limits"] == [0.2, 0.3, *values[0].tolist()]
    double = resolve(state, {"values": values.astype(np.float64)})
    assert wire.encode(double, since=state)["_limits"] == [0.2, 0.3]


@pytest.mark.parametrize(
    ("dtype", "sent"),
    [
        ("bool", "bool"),
        ("int8", "int8"),
        (">i2", "int16"),
        ("int64", "int64"),
        (">u8", "uint64"),
        ("float16", "float32"),
        (ml_dtypes.bfloat16, "float32"),
        (ml_dtypes.float8_e4m3fn, "float32"),
        (ml_dtypes.float8_e5m2, "float32"),
        ("float32", "float32"),
        (">f8", "float64"),
        ("longdouble", "float64"),
    ],
)
def test_values_travel_exactly(dtype, sent):
    values = np.array([[0, 1, 0.5], [1, 0.25, 0]]).astype(dtype)
    state = resolve(EMPTY_STATE, {"values": values})
    encoded = wire.encode(state)
    assert encoded["_dtype"] == sent
    received = np.frombuffer(encoded["_values"], np.dtype(sent).newbyteorder("<"))
    assert received.tolist() == values.astype(sent).ravel().tolist()
    assert isinstance(encoded["_values"], bytes)


@given(
    hnp.arrays(
        st.sampled_from([np.dtype(d) for d in ("<i8", ">i8", "<u8", "<f4", ">f8", "<i2")]),
        hnp.array_shapes(min_dims=2, max_dims=3, max_side=4),
    )
)
def test_the_bytes_are_the_values(array):
    dtype = wire.wire_dtype(array.dtype)
    received = np.frombuffer(wire.encode_values(array), dtype).reshape(array.shape)
    np.testing.assert_array_equal(received, array)


def test_a_long_double_too_long_is_infinite():
    values = np.array([[1, 2]], np.longdouble) * (np.finfo(np.longdouble).max / 4)
    received = np.frombuffer(wire.encode_values(values), "<f8")
    assert np.isinf(received).all() == (np.finfo(np.longdouble).max > np.finfo("f8").max)


@given(hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=3, max_side=6)))
def test_bits(mask):
    bits = wire.encode_bits(mask)
    frames = mask.reshape(-1, mask.shape[-2] * mask.shape[-1])
    size = -(-frames.shape[1] // 8)
    assert len(bits) == size * len(frames)
    for f, frame in enumerate(frames):
        mine = bits[f * size : (f + 1) * size]
        assert [bool(mine[k // 8] >> (k % 8) & 1) for k in range(frame.size)] == frame.tolist()


@given(st.lists(st.integers(0, 30), unique=True))
def test_picks_round_trip(picks):
    runs = wire.encode_picks(picks_of(picks))
    assert [*wire.decode_picks(runs)] == picks
    assert wire.encode_picks(wire.decode_picks(runs)) == runs


def test_picks_in_a_row_are_short():
    assert wire.encode_picks(picks_of(range(5, 10_005))) == [5, 10_000]
    assert wire.encode_picks(picks_of((3, 4, 2, 1, 9))) == [3, 2, 2, 1, 1, 1, 9, 1]


@pytest.mark.parametrize(
    ("labels", "sent"),
    [
        (range(100_000), 100_000),
        ([0], 1),
        ([1, 2], [1, 2]),
        ([0, 2, 1], [0, 2, 1]),
        ([False, True], [False, True]),
        ([0, 1.0], [0, 1.0]),
        (["0", "1"], ["0", "1"]),
    ],
)
def test_labels_that_count_travel_as_how_many_there_are(labels, sent):
    state = resolve(EMPTY_STATE, {"values": None, "layers": labels, "components": ["q"]})
    axes = wire.encode(state)["_axes"]
    assert repr(axes["layers"]) == repr(sent)
    assert axes["components"] == ["q"]


def test_other_labels_are_other_axes():
    assert wire.axes_id((0, 1), ("q",)) != wire.axes_id((1, 0), ("q",))
    assert wire.axes_id((0, 1), ("q",)) != wire.axes_id(("0", 1), ("q",))
    assert wire.axes_id((0,), (1, 2)) != wire.axes_id((0, 1), (2,))


CHANGES = [
    ("values", lambda: np.zeros((4, 3)), {"_values"}),
    ("values", lambda: np.zeros((4, 3), "f4"), {"_values", "_dtype"}),
    ("values", lambda: np.ma.masked_equal(np.eye(4, 3), 1), {"_values", "_holes"}),
    ("mask", lambda: np.eye(4, 3, dtype=bool), {"_mask"}),
    ("selection", lambda: [(1, 2)], {"_selection"}),
    ("limits", lambda: (0.1, 0.2), {"_limits"}),
    ("limits", lambda: "symmetric", {"_limits"}),
    ("limits", lambda: "full", set()),
    ("cmap", lambda: "magma", {"_table", "_reserved"}),
    ("norm", lambda: "power", {"_norm"}),
    ("text", lambda: "auto", {"_text"}),
    ("title", lambda: "t", {"_title"}),
    ("label", lambda: "rms", {"_label"}),
    ("click", lambda: "none", {"_click"}),
    ("height", lambda: 300, {"_size"}),
    ("title", lambda: None, set()),
    ("mask", lambda: None, set()),
    ("selection", lambda: [], set()),
]


@pytest.mark.parametrize(("name", "make", "traits"), CHANGES)
def test_only_what_changed_is_made_anew(values, name, make, traits):
    # Both limits are among the new values too, so that the colours need not change.
    old = resolve(EMPTY_STATE, {"values": values, "limits": (-1, 7) if name == "values" else None})
    new = resolve(old, {name: make()})
    before, changed = wire.encode(old), wire.encode(new, since=old)
    assert {trait for trait, value in changed.items() if value != before[trait]} == traits
    assert before | changed == wire.encode(new)


def test_what_travels_as_json_is_json(values):
    frame = pd.DataFrame(values, index=[np.inf, 1.5, np.nan, 2.0], columns=["q", 1, True and 7])
    state = resolve(EMPTY_STATE, {"values": frame, "text": "auto", "title": "t"})
    encoded = {k: v for k, v in wire.encode(state).items() if not isinstance(v, bytes)}
    assert json.loads(json.dumps(encoded, allow_nan=False)) == encoded


def test_text_that_says_values_has_those_of_all_steps():
    values = np.arange(12).reshape(2, 3, 2)
    state = resolve(EMPTY_STATE, {"values": values, "text": ".0f"})
    assert wire.encode(state)["_text"] == [str(k) for k in range(12)]
    assert wire.encode(resolve(state, {"step": 0}), since=state).keys() == {"_step"}
    changed = wire.encode(resolve(state, {"values": values + 1}), since=state)
    assert changed["_text"][0] == "1"


def test_the_page_writes_what_is_auto_itself():
    state = resolve(EMPTY_STATE, {"values": np.arange(12).reshape(2, 3, 2), "text": "auto"})
    assert wire.encode(state)["_text"] == "auto"
    assert "_text" not in wire.encode(resolve(state, {"values": np.ones((2, 3, 2))}), since=state)


def test_text_of_each_step_travels_with_the_steps(monkeypatch):
    text = np.arange(12).reshape(2, 3, 2).astype(str)
    whole = resolve(EMPTY_STATE, {"values": np.ones((2, 3, 2)), "text": text, "step": 0})
    assert wire.encode(whole)["_text"] == [str(k) for k in range(12)]
    monkeypatch.setattr(wire.traits, "AT_ONCE", 50)
    assert wire.encode(whole)["_text"] == ["0", "1", "2", "3", "4", "5"]
    later = resolve(whole, {"step": 1})
    assert wire.encode(later, since=whole)["_text"] == ["6", "7", "8", "9", "10", "11"]
    # Bytes are a quarter of the size: all of them travel at once.
    small = resolve(whole, {"values": np.ones((2, 3, 2), "i1")})
    assert len(wire.encode(small, since=whole)["_text"]) == 12


def test_text_that_is_given_is_the_same_at_every_step():
    text = np.arange(6).reshape(3, 2).astype(str)
    state = resolve(EMPTY_STATE, {"values": np.ones((2, 3, 2)), "text": text})
    assert wire.encode(state)["_text"] == ["0", "1", "2", "3", "4", "5"]
    assert wire.encode(resolve(state, {"step": 0}), since=state).keys() == {"_step"}


@pytest.fixture
def few_at_once(monkeypatch):
    """Few enough that a grid of two steps of 4 × 3 cells is too many."""
    monkeypatch.setattr(wire.traits, "AT_ONCE", 100)


def received(encoded, shape=(4, 3)):
    return np.frombuffer(encoded["_values"], encoded["_dtype"]).reshape(shape).tolist()


@pytest.mark.usefixtures("few_at_once")
def test_of_many_values_only_those_of_the_present_step_travel():
    values = np.ma.masked_equal(np.arange(24.0).reshape(2, 4, 3), 23)
    state = resolve(EMPTY_STATE, {"values": values, "text": ".0f"})
    encoded = wire.encode(state)
    assert encoded["_partial"] > 0
    assert received(encoded) == values[1].data.tolist()
    assert list(encoded["_holes"]) == [0] * 11 + [1]
    assert encoded["_text"][:2] == ["12", "13"]
    assert len(encoded["_text"]) == 12
    earlier = wire.encode(resolve(state, {"step": 0}), since=state)
    assert earlier.keys() == {"_step", "_values", "_holes", "_text"}
    assert list(earlier["_holes"]) == [0] * 12
    assert encoded["_limits"] == wire.encode(resolve(state, {"step": 0}))["_limits"] == [0.0, 22.0]


@pytest.mark.usefixtures("few_at_once")
def test_few_values_or_no_steps_travel_at_once():
    for values in (np.ones((2, 2, 3)), np.ones((40, 30))):
        encoded = wire.encode(resolve(EMPTY_STATE, {"values": values}))
        assert encoded["_partial"] == 0
        assert len(encoded["_values"]) == values.nbytes


@pytest.mark.usefixtures("few_at_once")
def test_frames_are_given_as_asked_for_while_they_are_those_values():
    values = np.ma.masked_equal(np.arange(24, dtype="f4").reshape(2, 4, 3), 0)
    values = np.ma.concatenate([values, values + 50])
    state = resolve(EMPTY_STATE, {"values": values})
    partial, dtype = wire.encode(state)["_partial"], wire.encode(state)["_dtype"]
    content, buffers = wire.encode_frames(Frames("p", partial, (2, 0)), state)
    assert content == {"kind": "frames", "page": "p", "partial": partial, "steps": [2, 0]}
    assert [np.frombuffer(b, dtype).tolist() for b in buffers[::2]] == [
        values.data[step].ravel().tolist() for step in (2, 0)
    ]
    assert [list(b) for b in buffers[1::2]] == [[1] + [0] * 11] * 2
    assert all(type(buffer) is bytes for buffer in buffers)
    content, buffers = wire.encode_frames(Frames("p", partial + 1, (2, 0)), state)
    assert (content["steps"], content["partial"], buffers) == ([], partial + 1, [])


# ── messages ─────────────────────────────────────────────────────────────────────────────────


STEPS = read(np.ones((2, 4, 3)))


def step(**more):
    return {"kind": "step", "page": "p", "seq": 1, "step": 0, **more}


def frames(**more):
    return {"kind": "frames", "page": "p", "partial": 3, "steps": [], **more}


def gesture(**more):
    empty = {"target": "selection", "step": 0, "command": None, "click": None}
    return {"kind": "gesture", "page": "p", "seq": 1, "axes": AXES, **empty, **more}


def test_messages_that_are_right():
    command = {"op": "add", "rects": [[0, 0, 3, 2], [1, 1, 1, 1]]}
    click = {"cell": 11, "modifiers": ["ctrl", "shift"]}
    decoded = decode_message(gesture(command=command, click=click), GRID)
    assert decoded.command == Command("add", ((0, 0, 3, 2), (1, 1, 1, 1)))
    assert decoded.click == Click(11, frozenset({"ctrl", "shift"}))
    assert (decoded.page, decoded.seq) == ("p", 1)
    assert (decoded.target, decoded.step) == ("selection", 0)
    assert decode_message(gesture(), GRID) == Gesture("p", 1, "selection", 0, None, None)
    for_mask = gesture(target="mask", step=1, command=command)
    assert decode_message(for_mask, STEPS).target == "mask"
    assert decode_message(for_mask, STEPS).step == 1
    assert decode_message(step(step=1), STEPS) == Step("p", 1, 1)
    assert decode_message(step(step=2), STEPS) == Step("p", 1, None)
    assert decode_message(frames(steps=[1, 0, 1, 2]), STEPS) == Frames("p", 3, (1, 0))
    assert decode_message({"kind": "hover", "cell": 0}, GRID) == Hover(0)
    assert decode_message({"kind": "hover", "cell": None}, GRID) == Hover(None)
    assert decode_message({"kind": "dismiss"}, GRID) == Dismiss()


def test_a_gesture_on_other_axes_means_nothing_now():
    command = {"op": "set", "rects": [[90, 0, 99, 2]]}
    stale = gesture(axes=AXES + 1, command=command, click={"cell": 299, "modifiers": []})
    assert decode_message(stale, GRID) == Gesture("p", 1, "selection", 0, None, None)


def test_a_gesture_at_a_step_that_is_gone_means_nothing_now():
    stale = gesture(step=2, command=command(), click={"cell": 1, "modifiers": []})
    assert decode_message(stale, STEPS) == Gesture("p", 1, "selection", 2, None, None)


def command(op="set", rects=((0, 0, 1, 1),)):
    return {"op": op, "rects": rects if isinstance(rects, str | None) else [list(r) for r in rects]}


def placed(**other: object) -> dict[str, object]:
    """Where cells stand, as a page says."""
    box = {"room": 9, "transpose": False, "cells": [0, 0, 1, 1], "size": [1, 1], "cell": [1, 1]}
    return {"kind": "placed", "axes": AXES, **box, "layers": [], "components": [], **other}


def test_where_cells_are_is_read():
    told = decode_message(placed(components=[0.5, 1.5, 2.5]), GRID)
    assert told == Placed(True, 9, False, (0, 0, 1, 1), (1, 1), (1, 1), (), (0.5, 1.5, 2.5))


def test_where_cells_of_other_axes_are_is_no_error():
    told = decode_message(placed(axes=1, layers=[0.5]), GRID)
    assert isinstance(told, Placed)
    assert not told.current


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (None, "message is None"),
        ([], r"message is \[\]"),
        ({}, "kind is None"),
        ({"kind": "gestures"}, "kind is 'gestures'"),
        ({"kind": ["gesture"]}, r"kind is \['gesture'\]"),
        (gesture(page=None), "page is None"),
        (gesture(page=""), "page is ''"),
        (gesture(page="x" * 65), "page is 'xxx"),
        (gesture(seq=0), "seq is 0"),
        (gesture(seq=True), "seq is True"),
        (gesture(seq=1.0), "seq is 1.0"),
        (gesture(seq="1"), "seq is '1'"),
        (gesture(target="both"), "target is 'both'"),
        (gesture(target=None), "target is None"),
        (gesture(step=-1), "step is -1"),
        (gesture(step=None), "step is None"),
        (gesture(step=True), "step is True"),
        (gesture(command=[]), r"command is \[\]"),
        (gesture(command=command("toggle")), "op is 'toggle'"),
        (gesture(command=command(["set"])), r"op is \['set'\]"),
        (gesture(command=command("set", None)), "rects is None"),
        (gesture(command=command("set", "0")), "rects is '0'"),
        (gesture(command=command("set", [(0, 0, 4, 0)])), r"rect \[0, 0, 4, 0\].*4 × 3"),
        (gesture(command=command("set", [(0, 0, 0, 3)])), r"rect \[0, 0, 0, 3\]"),
        (gesture(command=command("set", [(1, 0, 0, 0)])), "rect"),
        (gesture(command=command("set", [(-1, 0, 0, 0)])), "rect"),
        (gesture(command=command("set", [(0, 0, 0)])), "rect"),
        (gesture(command=command("set", [(0, 0, 0, 0.0)])), "rect"),
        (gesture(command=command("set", [(0, 0, 0, None)])), "rect"),
        (gesture(command=command("set", [(0, 0, 0, True)])), "rect"),
        (gesture(click=3), "click is 3"),
        (gesture(click={"cell": 12, "modifiers": []}), "cell is 12"),
        (gesture(click={"cell": -1, "modifiers": []}), "cell is -1"),
        (gesture(click={"modifiers": []}), "cell is None"),
        (gesture(click={"cell": 1}), "modifiers is None"),
        (gesture(click={"cell": 1, "modifiers": "ctrl"}), "modifiers is 'ctrl'"),
        (gesture(click={"cell": 1, "modifiers": ["hyper"]}), "modifiers is .*'hyper'"),
        (gesture(click={"cell": 1, "modifiers": [[]]}), "modifiers is"),
        (gesture(click={"cell": 1, "modifiers": [{}]}), "modifiers is"),
        (step(page=7), "page is 7"),
        (step(seq=0), "seq is 0"),
        (step(step="1"), "step is '1'"),
        (frames(page=""), "page is ''"),
        (frames(partial=None), "partial is None"),
        (frames(steps=None), "steps is None"),
        (frames(steps=[0, -1]), r"steps is \[0, -1\]"),
        (frames(steps=[[0]]), r"steps is \[\[0\]\]"),
        ({"kind": "hover", "cell": 12}, "cell is 12"),
        ({"kind": "hover", "cell": "1"}, "cell is '1'"),
        ({"kind": "hover", "cell": False}, "cell is False"),
        (placed(room="9"), "room is '9', not a length"),
        (placed(transpose=1), "transpose is 1"),
        (placed(cells=[0, 0, 1]), "cells has 3 lengths; expected 4"),
        (placed(size=[1, math.nan]), r"size is \[1, nan\]"),
        (placed(layers=[0.5]), "1 middles of 4 cells"),
    ],
)
def test_messages_that_are_off_say_which_field(message, words):
    with pytest.raises(MessageError, match=words):
        decode_message(message, GRID)


@pytest.mark.parametrize("cell", [0, 1])
def test_an_empty_grid_has_no_cell_to_speak_of(cell):
    with pytest.raises(MessageError):
        decode_message({"kind": "hover", "cell": cell}, read(None))


KEYS = ["kind", "page", "seq", "axes", "command", "click", "op", "rects", "cell", "modifiers"]
KEYS += ["target", "step", "steps", "partial"]
KINDS = ["gesture", "step", "frames", "blocks", "read", "tile", "hover", "placed", "dismiss"]
words = st.sampled_from([*KEYS, *KINDS, "set", "add", "ctrl", "p", "mask"])
scalars = st.none() | st.booleans() | st.integers(-3, 40) | st.floats() | words | st.text()
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=6),
    max_leaves=12,
)
hostile = st.fixed_dictionaries(
    {"kind": st.sampled_from(KINDS) | json_values},
    optional={
        "page": st.just("p") | json_values,
        "seq": st.just(1) | json_values,
        "axes": st.just(AXES) | json_values,
        "target": st.just("mask") | json_values,
        "step": st.just(0) | json_values,
        "partial": st.just(0) | json_values,
        "steps": st.just([0]) | json_values,
        "cell": st.just([1, 1]) | json_values,
        "room": st.just(9) | json_values,
        "transpose": st.booleans() | json_values,
        "cells": st.just([0, 0, 1, 1]) | json_values,
        "size": st.just([1, 1]) | json_values,
        "layers": st.just([]) | json_values,
        "components": st.just([]) | json_values,
        "command": json_values
        | st.fixed_dictionaries({"op": st.just("set") | json_values, "rects": json_values}),
        "click": json_values
        | st.fixed_dictionaries({"cell": st.just(1) | json_values, "modifiers": json_values}),
    },
)


@given(hostile | json_values)
def test_a_hostile_message_raises_nothing_else(message):
    try:
        decoded = decode_message(message, GRID)
    except MessageError as error:
        answer = wire.encode_refusal(message, str(error))
        assert answer["kind"] == "refused"
        assert answer["reason"]
    else:
        assert isinstance(decoded, Gesture | Step | Frames | Hover | Placed | Dismiss)


def test_a_refusal_of_what_is_no_object():
    assert wire.encode_refusal(7, "why") == {
        "kind": "refused", "page": None, "seq": None, "reason": "why"
    }  # fmt: skip
