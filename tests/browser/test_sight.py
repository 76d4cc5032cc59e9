"""What nobody can see is not drawn; it is there when somebody can."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

import layergrid as lg

from .conftest import Open
from .grid import GridPage
from .host import HostPage

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


# A page that has nothing to do only when it is told so, and where things come far below its top.
FAR = """
window.resting = new Map();
window.requestIdleCallback = (then) => {
  resting.set(resting.size + 1, then);
  return resting.size;
};
window.cancelIdleCallback = (handle) => resting.delete(handle);
window.rest = () => {
  const all = [...resting.values()];
  resting.clear();
  for (const then of all) then();
};
addEventListener("DOMContentLoaded", () => {
  const far = document.createElement("div");
  far.style.height = "4000px";
  document.body.append(far);
});
"""
GRIDS = {
    "plain": lambda: lg.Heatmap(np.random.default_rng(0).random((36, 7)), title="so many"),
    "steps": lambda: lg.Heatmap(np.random.default_rng(0).random((3, 12, 9))),
    "wide": lambda: lg.Heatmap(np.random.default_rng(0).random((4, 200)), label="rms"),
    "counted": lambda: lg.Heatmap([[1.0, np.nan], [np.inf, 3.0]]),
    "large": lambda: lg.Heatmap(np.random.default_rng(0).random((900, 1100))),
}
HEIGHT = "document.documentElement.scrollHeight"


@pytest.fixture
def far(browser: Browser) -> Iterator[HostPage]:
    host = HostPage(browser, init=FAR)
    host.mount(lg.Heatmap(np.eye(3)))
    yield host
    assert host.errors == []
    host.close()


@pytest.mark.parametrize("grid", GRIDS)
def test_there_is_room_for_what_nobody_sees_yet_and_it_is_shown_once_somebody_does(
    far: HostPage, grid: str
) -> None:
    far.make(GRIDS[grid]())
    far.page.evaluate("display()")
    heatmap = far.page.locator(".layergrid")
    before = far.page.evaluate(HEIGHT)
    assert heatmap.count() == 1
    far.page.evaluate("scrollTo(0, 1e6)")
    expect(far.page.locator("canvas.layergrid-cells").nth(1)).to_be_in_viewport()
    expect(heatmap).to_have_count(2)
    assert far.page.evaluate(HEIGHT) == before
    far.page.evaluate("leave()")
    assert heatmap.count() == 1


def test_one_that_comes_alone_is_shown_at_once(far: HostPage) -> None:
    far.page.evaluate("rest()")
    far.make(lg.Heatmap(np.eye(3)))
    far.page.evaluate("display()")
    assert far.page.locator(".layergrid").count() == 2


def test_what_nobody_sees_is_shown_once_the_page_has_nothing_to_do(far: HostPage) -> None:
    far.make(lg.Heatmap(np.eye(3)))
    far.page.evaluate("display(); rest()")
    expect(far.page.locator(".layergrid")).to_have_count(2)
    expect(far.page.locator("canvas.layergrid-cells").nth(1)).not_to_be_in_viewport()


def test_what_is_taken_away_before_anybody_saw_it_never_comes(far: HostPage) -> None:
    far.make(lg.Heatmap(np.eye(3)))
    before = far.page.evaluate(HEIGHT)
    far.page.evaluate("display(); leave()")
    assert far.page.evaluate(HEIGHT) == before
    far.page.evaluate("rest(); scrollTo(0, 1e6)")
    far.page.evaluate("new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))")
    assert far.page.locator(".layergrid").count() == 1
    assert far.page.evaluate("[...hosts[1].listeners.values()].flat().length") == 0


def test_a_browser_that_never_says_when_it_is_idle_shows_what_nobody_sees_soon(
    browser: Browser,
) -> None:
    never = "delete window.requestIdleCallback; delete window.cancelIdleCallback;"
    host = HostPage(browser, init=FAR + never)
    host.mount(lg.Heatmap(np.eye(3)))
    host.make(lg.Heatmap(np.eye(3)))
    host.page.evaluate("display(); window.first = document.querySelectorAll('.layergrid').length")
    assert host.page.evaluate("first") == 1
    expect(host.page.locator(".layergrid")).to_have_count(2)
    host.close()
