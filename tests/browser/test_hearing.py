"""What Python hears and says: busy kernels, callbacks that raise, updates in place, views."""

from __future__ import annotations

import re

import ipykernel
import pytest
from playwright.sync_api import Locator, expect

from .conftest import SETUP, Open
from .grid import GridPage
from .lab import Notebook


def start(notebook: Notebook, index: int) -> Locator:
    """Run a cell and wait only until it is running; gives its prompt."""
    notebook.start(index)
    prompt = notebook.page.locator(".jp-InputPrompt").nth(index)
    expect(prompt).to_have_text("[*]:")
    return prompt


def test_five_quick_clicks_all_arrive_while_a_cell_awaits(open_notebook: Open) -> None:
    notebook = open_notebook(
        SETUP + "clicks = []\nw.on_click(lambda e: clicks.append(e.cell.index))",
        "w",
        "import asyncio\nbusy = True\nawait asyncio.sleep(3)\nbusy = False",
    )
    notebook.run(0)
    notebook.run(1)
    grid = GridPage(notebook)
    spots = [grid.centre(k, 1) for k in range(5)]
    prompt = start(notebook, 2)
    for spot in spots:
        notebook.page.mouse.click(*spot)
    expect(prompt).to_have_text("[3]:")
    assert grid.selected() == [(4, 1)]
    assert grid.value("clicks") == [(k, 1) for k in range(5)]


@pytest.mark.skipif(
    ipykernel.version_info < (7,), reason="ipykernel 6 delivers nothing while a cell awaits"
)
def test_next_selection_gives_what_the_person_picks(open_notebook: Open) -> None:
    notebook = open_notebook(SETUP, "w", "event = await w.next_selection()")
    notebook.run(0)
    notebook.run(1)
    grid = GridPage(notebook)
    spot = grid.centre(9, 4)
    prompt = start(notebook, 2)
    notebook.page.mouse.click(*spot)
    expect(prompt).to_have_text("[3]:")
    assert grid.value("event.cells[0].index") == (9, 4)


def test_a_busy_kernel_is_said_to_be_busy_and_blocks_nothing(open_notebook: Open) -> None:
    notebook = open_notebook(
        SETUP,
        "w",
        # Comms over subshells are heard while a cell runs; holding the lock they need is busy.
        "import time\nwith w._store.lock:\n    time.sleep(4)",
    )
    notebook.run(0)
    notebook.run(1)
    grid = GridPage(notebook)
    spots = [grid.centre(2, 2), grid.centre(6, 3)]
    start(notebook, 2)
    notebook.page.mouse.click(*spots[0])
    expect(grid.status).to_contain_text("1 selected")
    notebook.page.mouse.click(*spots[1])
    expect(grid.status).to_contain_text("kernel busy · 2 waiting")
    expect(grid.status).not_to_contain_text("busy", timeout=10_000)
    assert grid.selected() == [(6, 3)]


def test_a_callback_that_raises_is_shown_and_stops_no_other(grid: GridPage) -> None:
    grid.notebook.execute(
        "def broken(event): return event.cells[0].nmae\n"
        "ran = []\nw.on_select(broken); w.on_select(lambda e: ran.append(len(e.cells)))"
    )
    expect(grid.error).to_be_hidden()
    grid.click(3, 2)
    expect(grid.error).to_contain_text("broken raised AttributeError")
    grid.error.locator("summary").click()
    expect(grid.error.locator("pre")).to_contain_text("return event.cells[0].nmae")
    assert grid.value("ran") == [1]
    assert grid.notebook.value("type(w.last_error).__name__") == "'AttributeError'"
    grid.error.get_by_role("button", name="Dismiss").click()
    expect(grid.error).to_be_hidden()
    assert grid.notebook.value("type(w.last_error).__name__") == "'AttributeError'"


def test_hover_reads_a_value_and_tells_the_kernel_nothing_unless_asked(grid: GridPage) -> None:
    grid.page.evaluate(
        """() => {
          window.sent = 0;
          const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
          kernel.anyMessage.connect((_, { direction }) => { if (direction === "send") sent++; });
        }"""
    )
    grid.hover(5, 2)
    expect(grid.tooltip).to_contain_text("5 · attn.v")
    expect(grid.tooltip).to_contain_text("37")
    for k in range(12):
        grid.hover(k, k % 7)
    assert grid.page.evaluate("window.sent") == 0
    grid.notebook.execute(
        "hovered = []\nhear = w.on_hover(lambda e: hovered.append(e.cell and e.cell.index))"
    )
    grid.hover(20, 3)
    grid.page.wait_for_function("window.sent >= 2")
    grid.page.mouse.move(5, 5)
    grid.page.wait_for_function("window.sent >= 3")
    grid.settle()
    assert grid.value("hovered") == [(20, 3), None]


def test_setting_from_python_updates_every_view_in_place(open_notebook: Open) -> None:
    notebook = open_notebook(SETUP, "w", "w")
    for k in range(3):
        notebook.run(k)
    views = [GridPage(notebook, nth=k) for k in range(2)]
    views[0].click(4, 2)
    expect(views[1].status).to_contain_text("1 selected")
    before = [view.pixel(4, 2) for view in views]
    notebook.execute("w.values = values[::-1]; w.title = 'upside down'; w.mask = values > 200")
    for view, pixel in zip(views, before, strict=True):
        expect(view.root.locator(".layergrid-title")).to_have_text("upside down")
        expect(view.status).to_contain_text("9 highlighted")
        assert view.pixel(4, 2) != pixel
    assert views[0].selected() == [(4, 2)]
    notebook.execute("w.selection = [(1, 'attn.k'), (2, 'attn.k')]; w.cmap = 'gray'")
    for view in views:
        expect(view.status).to_contain_text("2 selected")
        r, g, b, _ = view.pixel(4, 2)
        assert r == g == b
    notebook.execute("w.limits = (0, 1)")
    for view in views:
        expect(view.root.locator(".layergrid-number").last).to_have_text("1.0")
        assert view.pixel(4, 2) == (255, 255, 255, 255)


def test_two_heatmaps_do_not_disturb_each_other(open_notebook: Open) -> None:
    notebook = open_notebook(SETUP + "v = lg.Heatmap(-values)\n", "w", "v")
    for k in range(3):
        notebook.run(k)
    first, second = GridPage(notebook), GridPage(notebook, "v", nth=1)
    first.click(1, 1)
    second.click(2, 2)
    assert first.selected() == [(1, 1)]
    assert second.selected() == [(2, 2)]
    expect(first.status).to_contain_text("1 selected")
    assert first.pixel(0, 0) == second.pixel(29, 6)


def test_a_reload_keeps_selection_and_mask(grid: GridPage) -> None:
    grid.notebook.execute("w.mask = values < 3")
    grid.click(17, 6)
    assert grid.selected() == [(17, 6)]
    grid.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    grid.notebook.open()
    again = GridPage(grid.notebook)
    expect(again.status).to_contain_text("1 selected")
    expect(again.status).to_contain_text("3 highlighted")
    again.click(3, 3, "Control")
    assert again.selected() == [(17, 6), (3, 3)]


def test_a_click_on_labels_that_are_gone_is_not_taken_for_another_cell(
    open_notebook: Open,
) -> None:
    notebook = open_notebook(
        SETUP,
        "w",
        "import pandas as pd, time\n"
        "with w._store.lock:\n"
        "    time.sleep(2)\n"
        "    w.values = pd.DataFrame(values, columns=components[::-1])",
    )
    notebook.run(0)
    notebook.run(1)
    grid = GridPage(notebook)
    spot = grid.centre(0, 0)
    prompt = start(notebook, 2)
    notebook.page.mouse.click(*spot)
    expect(prompt).to_have_text("[3]:")
    assert grid.selected() == []
    expect(grid.status).not_to_contain_text(re.compile("selected|busy"))


def test_the_theme_is_followed_while_shown(grid: GridPage) -> None:
    def ink() -> str:
        style = "(node) => getComputedStyle(node).color"
        return str(grid.root.evaluate(style))

    grid.notebook.execute("values[0, 0] = np.nan; w.values = values")
    light = ink()
    marks = "(canvas) => canvas.toDataURL()"
    drawn = grid.root.locator(".layergrid-marks").evaluate(marks)
    grid.page.evaluate(
        "window.jupyterapp.commands.execute('apputils:change-theme', { theme: 'JupyterLab Dark' })"
    )
    expect(grid.root).to_have_attribute("data-theme", "dark")
    assert ink() != light
    assert grid.root.locator(".layergrid-marks").evaluate(marks) != drawn
    assert grid.pixel(5, 5)[3] == 255
    # The server keeps the theme for whoever comes after.
    grid.page.evaluate(
        "window.jupyterapp.commands.execute('apputils:change-theme', { theme: 'JupyterLab Light' })"
    )
    expect(grid.root).to_have_attribute("data-theme", "light")
