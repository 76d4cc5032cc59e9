"""Before anything is displayed a page runs the widget's code once, where nobody sees it."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

import layergrid as lg

from .host import HostPage

# Counts the views that come into the page, and calls `window.onView` with each.
WATCH_VIEWS = """
window.views = new Set();
new MutationObserver((records) => {
  for (const node of records.flatMap(({ addedNodes }) => [...addedNodes])) {
    const view = node.matches?.(".layergrid") ? node : node.querySelector?.(".layergrid");
    if (!view || window.views.has(view)) continue;
    window.views.add(view);
    window.onView?.(view);
  }
}).observe(document, { childList: true, subtree: true });
"""
GONE = "window.views.size === 1 && !document.querySelector('.layergrid')"

grids = pytest.mark.parametrize(
    "values", [np.random.default_rng(0).random(shape) for shape in ((36, 7), (900, 1100))]
)


@grids
def test_nobody_sees_or_hears_of_a_rehearsal(browser: Browser, values: np.ndarray) -> None:
    host = HostPage(browser, init=WATCH_VIEWS)
    # As seen in the middle of it.
    host.page.evaluate("""() => { window.onView = (view) => {
        window.stage = view.parentElement;
        window.visibility = getComputedStyle(view).visibility;
        window.scrolls = document.documentElement.scrollHeight > innerHeight;
    }; }""")
    host.make(lg.Heatmap(values))
    host.page.wait_for_function(GONE)
    assert host.page.evaluate("[stage.inert, stage.isConnected]") == [True, False]
    assert host.page.evaluate("[visibility, scrolls]") == ["hidden", False]
    assert host.page.evaluate("hosts[0].sent") == []
    assert host.page.evaluate("[...hosts[0].listeners.values()].flat().length") == 0
    host.page.evaluate("display()")
    expect(host.page.locator("canvas.layergrid-cells")).to_be_visible()
    assert host.page.evaluate("views.size") == 2
    assert host.errors == []
    host.close()


def test_there_is_one_rehearsal_in_a_page_and_none_after_the_first_view(browser: Browser) -> None:
    host = HostPage(browser, init=WATCH_VIEWS)
    heatmap = lg.Heatmap(np.eye(3))
    host.make(heatmap)
    host.make(heatmap)
    host.page.wait_for_function(GONE)
    host.mount(heatmap)
    host.make(heatmap)
    host.page.evaluate("new Promise((resolve) => requestIdleCallback(() => setTimeout(resolve)))")
    assert host.page.evaluate("views.size") == 2
    host.close()


def test_a_view_that_comes_in_the_middle_of_a_rehearsal_ends_it(browser: Browser) -> None:
    host = HostPage(browser, init=WATCH_VIEWS)
    host.page.evaluate("""() => { window.onView = () => {
        window.onView = null;
        window.left = document.querySelectorAll(".layergrid").length;
        window.display();
    }; }""")
    host.make(lg.Heatmap(np.eye(3)))
    expect(host.page.locator("canvas.layergrid-cells")).to_be_visible()
    assert host.page.evaluate("left") == 1
    assert host.page.locator(".layergrid").count() == 1
    assert host.errors == []
    host.close()


def test_a_browser_that_never_says_when_it_is_idle_shows_heatmaps_without_one(
    browser: Browser,
) -> None:
    host = HostPage(
        browser,
        init=f"{WATCH_VIEWS}\ndelete window.requestIdleCallback; delete window.cancelIdleCallback;",
    )
    host.make(lg.Heatmap(np.eye(3)))
    host.page.evaluate("display()")
    expect(host.page.locator("canvas.layergrid-cells")).to_be_visible()
    assert host.page.evaluate("views.size") == 1
    assert host.errors == []
    host.close()
