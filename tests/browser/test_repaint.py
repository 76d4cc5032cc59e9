"""What only colours or moves the cells repaints at once, and sends the values to no page again."""

from __future__ import annotations

import pytest

from .grid import GridPage
from .lab import Notebook

SETUP = """
import numpy as np, layergrid as lg
rng = np.random.default_rng(0)
values = 10 ** rng.uniform(-2, 2, (12, 7))
w = lg.Heatmap(values)
"""
CELLS = [SETUP, "w"]


@pytest.fixture
def grid(notebook: Notebook) -> GridPage:
    notebook.run(0)
    notebook.run(1)
    return GridPage(notebook, shape=(12, 7))


PICTURE = "(canvas) => canvas.toDataURL()"


@pytest.mark.parametrize(
    "change",
    [
        "w.cmap = 'magma'",
        "w.limits = 'robust'",
        "w.limits = (1, 2)",
        "w.norm = 'log'",
        "w.norm = ('power', 0.3)",
        "w.center = 1",
        "w.transpose = True",
    ],
)
def test_a_change_repaints_and_sends_no_values(grid: GridPage, change: str) -> None:
    before = grid.canvas.evaluate(PICTURE)
    grid.received()
    grid.notebook.execute(change)
    grid.page.wait_for_function(
        "([canvas, before]) => canvas.toDataURL() !== before",
        arg=[grid.canvas.element_handle(), before],
    )
    received = grid.received()
    assert received
    assert not received & {"_values", "_holes", "_axes", "_coords", "_dtype"}, received
    grid.notebook.execute("w.values = values[::-1]")
    assert "_values" in grid.received()
