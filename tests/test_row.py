"""Heatmaps side by side."""

from __future__ import annotations

import ipywidgets
import numpy as np
import pytest

import layergrid as lg
from layergrid import Heatmap

VIEW = "application/vnd.jupyter.widget-view+json"


def test_a_row_holds_them_in_order(values):
    maps = [Heatmap(values, title=title) for title in "abc"]
    row = lg.row(*maps)
    assert isinstance(row, ipywidgets.Box)
    assert row.heatmaps == tuple(maps)
    assert row.children == tuple(maps)
    assert [w._row for w in maps] == [True] * 3
    assert repr(row) == "<Row of 3 heatmaps>"


def test_beside_the_live_view_stand_the_pictures(values):
    row = lg.row(Heatmap(values, title="first"), Heatmap(-values, title="second"))
    data = row._repr_mimebundle_()
    assert data[VIEW]["model_id"] == row.model_id
    assert data["text/plain"] == "<Row of 2 heatmaps>"
    assert data["text/html"].count("<img ") == 2
    assert data["text/html"].index("first") < data["text/html"].index("second")


def test_what_is_no_row(values):
    with pytest.raises(ValueError, match="one heatmap or more"):
        lg.row()
    with pytest.raises(TypeError, match="it takes heatmaps"):
        lg.row(Heatmap(values), np.eye(3))
    with pytest.raises(TypeError, match="it takes heatmaps"):
        lg.row([Heatmap(values)])
