"""What nobody can see is not drawn; it is there when somebody can."""

from __future__ import annotations

from .conftest import Open
from .grid import GridPage

SETUP = """
import numpy as np, layergrid as lg
from IPython.display import HTML
dark, bright = np.zeros((36, 7)), np.ones((36, 7))
w = lg.Heatmap(dark, limits=(0, 1))
"""


def test_what_is_scrolled_away_is_drawn_once_it_is_back(open_notebook: Open) -> None:
    notebook = open_notebook(SETUP, "w", "HTML('<div style=\"height: 4000px\">far</div>')")
    for k in range(3):
        notebook.run(k)
    grid = GridPage(notebook, shape=(36, 7))
    canvas = grid.canvas.element_handle()
    painted = "(canvas) => canvas.getContext('2d').getImageData(5, 5, 1, 1).data[1]"
    panel = grid.page.locator(".jp-WindowedPanel-outer").first
    panel.evaluate("(node) => { node.scrollTop = 0; }")
    notebook.execute("w.values = dark + 0.5")
    middle = grid.page.wait_for_function(f"(canvas) => ({painted})(canvas) > 60", arg=canvas)
    assert middle
    before = canvas.evaluate(painted)
    # Observers tell with a frame that what was in sight is not.
    panel.evaluate(
        """(node) => new Promise((done) => {
          node.scrollTop = 3000;
          requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)));
        })"""
    )
    notebook.execute("w.values = bright")
    notebook.execute("w.selection = [(3, 3)]")
    assert canvas.evaluate(painted) == before
    panel.evaluate("(node) => { node.scrollTop = 0; }")
    grid.page.wait_for_function(f"(canvas) => ({painted})(canvas) > 200", arg=canvas)
    assert grid.status.text_content().startswith("1 selected")
