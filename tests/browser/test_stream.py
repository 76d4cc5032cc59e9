"""Live frames in a real notebook: what is on screen, what travels, and what is still there."""

from __future__ import annotations

import time

from playwright.sync_api import expect

from .conftest import Open
from .grid import GridPage
from .lab import Notebook

SETUP = """
import time
import numpy as np, layergrid as lg
base = np.arange(36 * 7, dtype="float32").reshape(36, 7) / 251
w = lg.Heatmap(base, limits=(0, 1), text=None)
last = np.zeros((36, 7), "float32")
last[17, 3] = 1
"""

# Custom messages of the kernel by when they came; those of other comms are not for a heatmap.
COUNT = """() => {
  window.live = [];
  window.frames = [];
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  kernel.anyMessage.connect((_, { direction, msg }) => {
    const data = msg.content?.data;
    if (direction === "recv" && msg.header.msg_type === "comm_msg" && data?.method)
      live.push({ at: performance.now(), kind: data.content?.kind ?? data.method });
  });
  const tick = (at) => { window.frames.push(at); requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
}"""

# The busiest second of a list of times.
BUSIEST = """(times) => Math.max(0, ...times.map(
  (from) => times.filter((at) => at >= from && at < from + 1000).length))"""


def shown(open_notebook: Open, *cells: str) -> GridPage:
    notebook = open_notebook(SETUP, "w", *cells)
    notebook.run(0)
    notebook.run(1)
    grid = GridPage(notebook, shape=(36, 7))
    grid.page.evaluate(COUNT)
    return grid


def expect_last(grid: GridPage) -> None:
    """Wait until the last frame is on screen: one bright cell, all others dark."""
    end = time.monotonic() + 10
    while grid.pixel(17, 3)[0] < 200 or grid.pixel(17, 2)[0] > 100:
        assert time.monotonic() < end, (grid.pixel(17, 3), grid.pixel(17, 2))
    assert grid.pixel(35, 6) == grid.pixel(0, 0)


def test_of_a_tight_loop_the_last_frame_is_shown_and_no_more_than_a_screen_shows(
    open_notebook: Open,
) -> None:
    grid = shown(
        open_notebook,
        "for k in range(20_000):\n    w.push(base + k % 7)\nw.push(last)\nprint('done')",
    )
    grid.notebook.run(2)
    expect_last(grid)
    grid.page.wait_for_function("live.some(({ kind }) => kind === 'update')")
    assert 2 <= grid.page.evaluate("live.length") <= 200
    busiest = grid.page.evaluate(f"({BUSIEST})(live.map(({{ at }}) => at))")
    assert busiest <= 62  # sixty, the commit, and what arrives a moment late
    assert grid.notebook.value("float(w.values[17, 3]), w._edition == w._store.state.edition") == (
        "(1.0, True)"
    )


def test_a_long_loop_moves_on_screen_and_takes_a_click(open_notebook: Open) -> None:
    grid = shown(
        open_notebook,
        "end = time.time() + 3\n"
        "while time.time() < end:\n"
        "    w.push(base * np.float32(np.random.rand()), step=int(time.time()))\n"
        "w.push(last, step='end')",
    )
    grid.notebook.start(2)
    grid.page.wait_for_function("live.filter(({ kind }) => kind === 'live').length > 8")
    grid.page.evaluate("window.frames.length = 0")
    grid.click(4, 4)
    expect(grid.status).to_contain_text("1 selected")
    expect(grid.status).to_contain_text("step end", timeout=20_000)
    expect_last(grid)
    assert grid.page.evaluate(f"({BUSIEST})(live.map(({{ at }}) => at))") <= 75
    assert grid.selected() == [(4, 4)]


def test_the_last_frame_is_shown_where_the_cell_raises(open_notebook: Open) -> None:
    grid = shown(open_notebook, "for k in range(3000):\n    w.push(base * k)\nw.push(last)\n1 / 0")
    grid.notebook.run(2)
    expect_last(grid)
    grid.page.wait_for_function("live.at(-1)?.kind === 'update'")


def interrupt(notebook: Notebook) -> None:
    notebook.page.evaluate(
        "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt()"
    )


def test_the_last_frame_is_shown_where_the_cell_is_interrupted(open_notebook: Open) -> None:
    grid = shown(
        open_notebook,
        "k = 0\nwhile True:\n    k += 1\n    w.push(last if k > 3000 else base)",
    )
    grid.notebook.start(2)
    grid.page.wait_for_function("live.filter(({ kind }) => kind === 'live').length > 5")
    expect_last(grid)
    interrupt(grid.notebook)
    grid.page.wait_for_function("live.at(-1)?.kind === 'update'")
    expect_last(grid)
    assert grid.notebook.value("k > 3000 and float(w.values[17, 3])") == "1.0"


def test_a_reload_shows_the_last_frame(open_notebook: Open) -> None:
    grid = shown(
        open_notebook, "for k in range(500):\n    w.push(base + k)\nw.push(last, step=500)"
    )
    grid.notebook.run(2)
    grid.page.wait_for_function("live.some(({ kind }) => kind === 'update')")
    grid.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    grid.notebook.open()
    again = GridPage(grid.notebook, shape=(36, 7))
    expect_last(again)
    expect(again.status).to_contain_text("step 500")


def test_what_is_scrolled_away_costs_little_and_is_there_when_it_is_back(
    open_notebook: Open,
) -> None:
    grid = shown(
        open_notebook,
        "from IPython.display import HTML\nHTML('<div style=\"height: 4000px\">far</div>')",
        "import threading\n"
        "def loop():\n"
        "    end = time.time() + 5\n"
        "    while time.time() < end:\n"
        "        w.push(base * np.float32(np.random.rand())); time.sleep(0.001)\n"
        "    w.push(last)\n"
        "loop_thread = threading.Thread(target=loop); loop_thread.start()",
    )
    grid.notebook.run(2)
    grid.notebook.run(3)
    notebook = grid.page.locator(".jp-WindowedPanel-outer").first
    grid.canvas.scroll_into_view_if_needed()
    grid.page.wait_for_function("live.filter(({ kind }) => kind === 'live').length > 5")
    notebook.evaluate("(node) => { node.scrollTop = 3000; }")
    grid.page.wait_for_timeout(500)
    before = grid.page.evaluate("live.length")
    grid.page.wait_for_timeout(2000)
    assert grid.page.evaluate("live.length") - before <= 6
    notebook.evaluate("(node) => { node.scrollTop = 0; }")
    grid.notebook.execute("loop_thread.join()")
    expect_last(grid)
