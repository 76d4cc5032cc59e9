"""Heatmaps among other widgets, in boxes that ask their children how wide they are."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from .grid import GridPage
from .lab import Notebook

CELLS = [
    """
import numpy as np, layergrid as lg
from ipywidgets import GridBox, HBox, Label, VBox
w = lg.Heatmap(np.arange(84.0).reshape(12, 7), title="one")
other = lg.Heatmap(np.arange(20.0).reshape(4, 5), title="two")
boxes = {
    "across": HBox([w]),
    "centred": VBox([w], layout={"align_items": "center"}),
    "grid": GridBox([w], layout={"grid_template_columns": "max-content max-content"}),
}
box = boxes[kind]
@w.on_select
def beside(event):
    box.children = [w, other, Label("three")]
""",
    "box",
]
KINDS = ["across", "centred", "grid"]


@pytest.mark.parametrize("kind", KINDS)
def test_heatmaps_in_a_box_are_whole_and_overlap_nothing(notebook: Notebook, kind: str) -> None:
    notebook.execute(f"kind = {kind!r}")
    notebook.run(0)
    notebook.run(1)
    grid = GridPage(notebook, shape=(12, 7))
    expect(grid.root.locator(".layergrid-title")).to_have_text("one")
    alone = grid.root.bounding_box()
    assert alone is not None
    grid.click(11, 6)
    expect(notebook.page.locator(".layergrid")).to_have_count(2)
    second = GridPage(notebook, "other", shape=(4, 5), nth=1)
    expect(second.root.locator(".layergrid-title")).to_have_text("two")
    assert grid.selected() == [(11, 6)]
    for _ in range(3):
        # What stands beside it does not change its size, and nothing creeps.
        boxes = [grid.root.bounding_box(), second.root.bounding_box()]
        assert (boxes[0]["width"], boxes[0]["height"]) == (alone["width"], alone["height"])
        assert not any(overlap(a, b) for a, b in pairwise(boxes))
        notebook.page.evaluate("() => new Promise((done) => requestAnimationFrame(done))")
    second.click(3, 4)
    assert second.selected() == [(3, 4)]


def overlap(a: dict[str, float], b: dict[str, float]) -> bool:
    """Whether two boxes have a point in common."""
    return (
        a["x"] < b["x"] + b["width"]
        and b["x"] < a["x"] + a["width"]
        and a["y"] < b["y"] + b["height"]
        and b["y"] < a["y"] + a["height"]
    )
