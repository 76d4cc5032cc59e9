"""What was closed or replaced is gone from the page, too."""

from __future__ import annotations

from playwright.sync_api import CDPSession, expect

from .conftest import Open

AT_ONCE, ROUNDS = 10, 5

SETUP = f"""
import numpy as np, layergrid as lg
from IPython.display import display
frames = [np.full((36, 7), k, "float32") for k in range(4)]
def show():
    global shown
    shown = [lg.Heatmap(frame) for frame in frames * {AT_ONCE}][:{AT_ONCE}]
    display(*shown)
def close():
    for heatmap in shown:
        heatmap.close()
"""

# Every heatmap that comes into the page, without holding it; the one that a page rehearses with is
# not displayed, yet must go like the others.
WATCH = """() => {
  window.come = [];
  window.displayed = 0;
  new MutationObserver(() => {
    for (const root of document.querySelectorAll(".layergrid")) {
      if (come.some((known) => known.deref() === root)) continue;
      come.push(new WeakRef(root));
      if (!root.closest("[inert]")) displayed++;
    }
  }).observe(document.body, { childList: true, subtree: true });
}"""


def used(cdp: CDPSession) -> float:
    cdp.send("HeapProfiler.collectGarbage")
    usage = cdp.send("Runtime.getHeapUsage")
    return float(usage["usedSize"] + usage["backingStorageSize"])


def test_closed_heatmaps_leave_nothing_in_the_page(open_notebook: Open) -> None:
    notebook = open_notebook(SETUP, "show()")
    page = notebook.page
    cdp = notebook.context.new_cdp_session(page)
    notebook.run(0)
    page.evaluate(WATCH)
    for _ in range(ROUNDS):
        notebook.run(1)
        expect(page.locator(".layergrid")).to_have_count(AT_ONCE)
        page.locator(".layergrid").first.hover()
        notebook.execute("close()")
        expect(page.locator(".layergrid")).to_have_count(0)
    assert page.evaluate("displayed") == AT_ONCE * ROUNDS
    cdp.send("HeapProfiler.collectGarbage")
    assert page.evaluate("come.filter((root) => root.deref()).length") == 0


def test_ten_thousand_updates_leave_no_more_than_the_last_in_the_page(open_notebook: Open) -> None:
    notebook = open_notebook(SETUP, "w = lg.Heatmap(frames[0])\nw")
    notebook.run(0)
    notebook.run(1)
    cdp = notebook.context.new_cdp_session(notebook.page)
    update = "for k in range(500):\n    w.values = frames[k % 4]"
    notebook.execute(update)
    before = used(cdp)
    for _ in range(20):
        notebook.execute(update)
    # Each frame alone is a kilobyte.
    assert used(cdp) - before < 2_000_000
