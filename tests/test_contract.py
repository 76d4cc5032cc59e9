"""`data/contract.json` is what both sides say they know; here Python is held to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import anywidget
import ml_dtypes
import numpy as np
import pytest

from layergrid import Heatmap, Inspector, intake, link, row, selection, wire
from layergrid.inspector.geometry import NEEDED
from layergrid.state import EMPTY_STATE, resolve

CONTRACT = json.loads((Path(__file__).parent / "data" / "contract.json").read_text())


class Spy(dict):
    """An object of a message that remembers which fields were asked for."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.asked = []

    def get(self, key, default=None):
        self.asked.append(key)
        return super().get(key, default)


@pytest.fixture
def grid():
    return intake.read(np.ones((3, 2)))


def test_the_traits_are_those_of_the_contract():
    ours = set(Heatmap.class_trait_names(sync=True))
    ours -= set(anywidget.AnyWidget.class_trait_names(sync=True))
    assert sorted(ours) == CONTRACT["traits"]
    w = Heatmap([[1, 2], [3, 4], [5, 6]])
    assert ours <= w.get_state().keys()


def test_no_trait_of_ours_is_echoed():
    for name in CONTRACT["traits"]:
        assert Heatmap.class_traits()[name].metadata["echo_update"] is False


def test_the_codec_makes_all_traits_but_those_that_are_no_state():
    made = wire.encode(EMPTY_STATE)
    no_state = {"_error", "_hovers", "_links", "_row", "_variable"}
    assert made.keys() == set(CONTRACT["traits"]) - no_state
    assert list(made["_axes"]) == CONTRACT["axes"]


def test_the_types_that_values_travel_in():
    every = [*np.typecodes["AllInteger"], *np.typecodes["Float"], "?", ">f8", ">i2"]
    every += [ml_dtypes.bfloat16, ml_dtypes.float8_e5m2, ml_dtypes.float8_e4m3fn, ml_dtypes.int4]
    assert {wire.dtype_name(np.dtype(d)) for d in every} == set(CONTRACT["dtypes"])


def test_holes():
    found = {"present": intake.PRESENT, "absent": intake.ABSENT, "pending": intake.PENDING}
    assert found == CONTRACT["holes"]


def test_a_gesture_has_these_fields_and_no_others(grid):
    command = Spy(op="add", rects=[[0, 0, 1, 1]])
    click = Spy(cell=1, modifiers=CONTRACT["modifiers"])
    axes = wire.axes_id(grid.layers, grid.components)
    ids = {"page": "p", "seq": 1, "axes": axes, "target": "selection", "step": 0}
    gesture = Spy(kind="gesture", **ids, command=command, click=click)
    wire.decode_message(gesture, grid)
    assert set(gesture.asked) == {"kind", *CONTRACT["messages"]["to_kernel"]["gesture"]}
    assert set(command.asked) == set(CONTRACT["command"])
    assert set(click.asked) == set(CONTRACT["click"])


@pytest.mark.parametrize(
    "kind", ["step", "frames", "blocks", "read", "tile", "painted", "hover", "dismiss"]
)
def test_other_messages_have_these_fields_and_no_others(grid, kind):
    fields = {"cell": 1, "page": "p", "seq": 1, "step": 0, "partial": 1, "steps": [0]}
    large = {"layers": 1, "components": 1, "rect": [0, 0, 1, 1], "blocks": [1, 1]}
    message = Spy(kind=kind, **fields, **large, edition=1, visible=True)
    wire.decode_message(message, grid)
    assert set(message.asked) == {"kind", *CONTRACT["messages"]["to_kernel"][kind]}


def test_where_cells_are_has_these_fields_and_no_others(grid):
    axes = {"axes": 1, "layers": [0.5, 1.5], "components": []}
    box = {"room": 9, "transpose": False, "cells": [0, 0, 1, 1], "size": [1, 1], "cell": [1, 1]}
    message = Spy(kind="placed", **axes, **box)
    wire.decode_message(message, grid)
    assert set(message.asked) == {"kind", *CONTRACT["messages"]["to_kernel"]["placed"]}


def test_no_other_kind_is_known(grid):
    with pytest.raises(wire.MessageError) as caught:
        wire.decode_message({"kind": "?"}, grid)
    assert all(kind in str(caught.value) for kind in CONTRACT["messages"]["to_kernel"])


def test_answers_have_these_fields(grid):
    answers = [
        wire.encode_ack("p", 1),
        wire.encode_stepped("p", 1),
        wire.encode_frames(wire.Frames("p", 1, (0,)), EMPTY_STATE)[0],
        wire.encode_read(
            wire.Read("p", 0, 0, (0, 0, 1, 1)), resolve(EMPTY_STATE, {"values": grid})
        )[0],
        wire.encode_tile(
            wire.Tile("p", 0, 0, (0, 0, 1, 1), (1, 1)), resolve(EMPTY_STATE, {"values": grid})
        )[0],
        wire.encode_live(EMPTY_STATE, EMPTY_STATE, 0)[0],
        wire.encode_refusal({"page": "p", "seq": 1}, "why"),
    ]
    found = {answer["kind"]: list(answer)[1:] for answer in answers}
    assert found == CONTRACT["messages"]["to_page"]


def test_what_ties_heatmaps_together(grid):
    a, b = Heatmap(grid), Heatmap(grid)
    link(a, b)
    assert list(a._links[0]) == CONTRACT["link"]


def test_ops_targets_and_modifiers():
    assert list(get_args(selection.Op)) == CONTRACT["ops"]
    assert list(get_args(wire.Target)) == CONTRACT["targets"]
    assert set(CONTRACT["modifiers"]) == wire.MODIFIERS


def test_the_room_between_heatmaps_in_a_row(grid):
    gap = f"{CONTRACT['apart']}px"
    side_by_side = row(Heatmap(grid), Heatmap(grid))
    assert side_by_side.layout.grid_gap == gap
    assert f"gap: {gap}" in side_by_side._repr_mimebundle_()["text/html"]
    assert f"gap: {gap}" in side_by_side.to_html()


def test_a_box_that_a_heatmap_shares(grid):
    inspector = Inspector(Heatmap(grid))
    style, box = inspector.children[:2]
    assert CONTRACT["beside"]["box"] in box._dom_classes
    width = f".{CONTRACT['beside']['box']} {{ {CONTRACT['beside']['width']}: {NEEDED}px; }}"
    assert width in style.value


def test_a_title_is_one_trait_of_state():
    new = resolve(EMPTY_STATE, {"title": "rms"})
    assert wire.encode(new, since=EMPTY_STATE) == {"_title": "rms"}
