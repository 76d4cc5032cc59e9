"""A grid that fills while a model is read, as somebody sees it who waits."""

from __future__ import annotations

from playwright.sync_api import expect

from .conftest import Open
from .grid import GridPage

SETUP = """
import time
from pathlib import Path
import numpy as np, layergrid as lg
state = {
    f"layers.{i}.mlp.{p}_proj.weight": np.full((4, 4), i + 1.0)
    for i in range(3) for p in ("up", "down")
}
measured = []
def when_allowed(tensor):
    measured.append(tensor)
    while not Path(f"go-{len(measured)}").exists():
        time.sleep(0.005)
    return float(tensor.mean())
w = lg.Heatmap()
w
"""


def test_cells_are_pending_until_they_are_measured(open_notebook: Open) -> None:
    notebook = open_notebook(SETUP, "grid = lg.weights(state, when_allowed, into=w)")
    go = [notebook.server.root / f"go-{k}" for k in range(1, 7)]
    notebook.run(0)
    notebook.start(1)
    grid = GridPage(notebook, shape=(3, 2))
    legend = grid.root.locator(".layergrid-legend")
    expect(legend).to_contain_text("pending6")
    expect(grid.root.locator(".layergrid-chrome")).to_contain_text("mlp")
    for path in go[:3]:
        path.touch()
    # The fourth is not done, nor is any value after it: the third shows all the same.
    expect(legend).to_contain_text("pending3")
    for path in go[3:]:
        path.touch()
    expect(legend).not_to_contain_text("pending")
    assert notebook.value("grid.values.tolist()") == "[[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]"
    assert notebook.value("np.array_equal(w.values, grid)") == "True"
    for path in go:
        path.unlink()
