"""A grid with steps: gone through by hand and from Python, also where not all steps are sent."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from .grid import GridPage, block
from .lab import Notebook

SETUP = """
import numpy as np, xarray as xr, layergrid as lg
frame = 1 + np.arange(12 * 7.0).reshape(12, 7) / 100
values = xr.DataArray(
    np.stack([frame + k for k in range(8)]),
    dims=["step", "layer", "component"],
    coords={"step": range(0, 800, 100), "component": list("abcdefg")},
)
w = lg.Heatmap(values)
heard = []
w.observe(lambda change: heard.append(change.new), "step")
"""
#: More bytes than travel at once. Greys go from layer to layer, and on with each step.
LARGE = """
n = 80
w = lg.Heatmap(
    (np.arange(n)[:, None, None] + np.arange(80)[:, None] + np.zeros(180)) % n,
    cmap="gray", limits=(0, n), width=500, height=400,
)
"""
BUSY = "import time; time.sleep(3)"
#: Steps are heard while a cell runs, but not while one holds the lock that they need.
DEAF = "import time\nwith w._store.lock: time.sleep(3)"
CELLS = [SETUP, "w", BUSY, "plain", DEAF]


@pytest.fixture
def grid(notebook: Notebook) -> GridPage:
    """A new 12 × 7 grid ``w`` of 8 steps, 0 to 700, that shows the last one."""
    notebook.run(0)
    notebook.run(1)
    return GridPage(notebook, shape=(12, 7))


def slider(grid: GridPage) -> Locator:
    return grid.root.get_by_role("slider", name="step")


def step(grid: GridPage) -> Any:
    """The step that Python is at, once the page's word is heard."""
    grid.settle()
    return grid.value("w.step")


def put(grid: GridPage, part: float) -> None:
    """Press the slider's thumb, which is at its end, and drag it to a part of its length."""
    box = slider(grid).bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    grid.page.mouse.move(box["x"] + box["width"] - 4, y)
    grid.page.mouse.down()
    grid.page.mouse.move(box["x"] + box["width"] * part, y, steps=6)
    grid.page.mouse.up()


def scale(grid: GridPage) -> list[str]:
    """The colour bar: its numbers and its pixels."""
    pixels = grid.root.locator("canvas.layergrid-bar").evaluate("(bar) => bar.toDataURL()")
    return [*grid.root.locator(".layergrid-scale text").all_text_contents(), pixels]


def test_the_slider_goes_to_a_step_and_the_colours_keep_their_meaning(grid: GridPage) -> None:
    limits, bar, last = grid.value("w.color_limits"), scale(grid), grid.pixel(4, 2)
    put(grid, 0)
    assert step(grid) == 0
    assert grid.value("heard[-1]") == 0
    first = grid.pixel(4, 2)
    assert first != last
    grid.press("ArrowRight", "ArrowRight", "ArrowRight")  # the slider has the focus
    expect(slider(grid)).to_have_attribute("aria-valuetext", "step 300 of 700")
    assert step(grid) == 300
    assert grid.pixel(4, 2) not in (first, last)
    grid.press("End")
    assert step(grid) == 700
    assert grid.pixel(4, 2) == last
    assert grid.value("w.color_limits") == limits
    assert scale(grid) == bar
    assert set(grid.value("heard")) <= set(range(0, 800, 100))


def test_two_keys_step_back_and_on_and_stop_at_the_ends(grid: GridPage) -> None:
    grid.click(4, 2)
    grid.press(",", ",", ".")
    assert step(grid) == 600
    grid.press(".", ".", ".")
    assert step(grid) == 700
    expect(slider(grid)).to_have_value("7")
    assert grid.selected() == [(4, 2)]


def test_play_runs_to_the_end_and_stops(grid: GridPage) -> None:
    put(grid, 0.5)
    before = step(grid)
    assert 0 < before < 700
    grid.notebook.execute("heard.clear()")
    grid.root.get_by_role("button", name="Play").click()
    expect(grid.root.get_by_role("button", name="Pause")).to_be_visible()
    expect(grid.root.get_by_role("button", name="Play")).to_be_visible()
    expect(slider(grid)).to_have_value("7")
    assert step(grid) == 700
    heard = grid.value("heard")
    assert heard == sorted(heard)
    assert len(heard) >= 2


def test_a_step_set_by_code_is_shown(grid: GridPage) -> None:
    last = grid.pixel(4, 2)
    grid.notebook.execute("w.step = 200")
    expect(slider(grid)).to_have_value("2")
    expect(grid.root.locator(".layergrid-step")).to_have_text("step 200 of 700")
    assert grid.pixel(4, 2) != last
    grid.notebook.execute("w.step = 700")
    expect(slider(grid)).to_have_value("7")
    assert grid.pixel(4, 2) == last


def test_what_is_read_is_of_the_step_and_what_is_selected_stays(grid: GridPage) -> None:
    grid.drag((4, 2), (5, 3))
    grid.hover(4, 2)
    expect(grid.tooltip).to_contain_text("4 · c8.3")
    grid.press(",")  # under a pointer that rests
    expect(grid.tooltip).to_contain_text("4 · c7.3")
    expect(grid.status).to_contain_text("4 selected · mean 7.34")
    assert grid.selected() == block((4, 2), (5, 3))
    assert grid.value("round(w.selection[0].value, 6)") == 7.3
    assert grid.outlined("selection") == block((4, 2), (5, 3))


@pytest.mark.parametrize("text", ["auto", ".2f"])
def test_text_in_the_cells_is_of_the_step(notebook: Notebook, text: str) -> None:
    """It is what stands in a grid of that step alone."""
    notebook.run(0)
    notebook.execute(
        f"w = lg.Heatmap(values, text={text!r})\n"
        f"plain = lg.Heatmap(values[3], text={text!r}, limits=w.color_limits)"
    )
    notebook.run(1)
    notebook.run(3)
    grid = GridPage(notebook, shape=(12, 7))
    plain = GridPage(notebook, "plain", shape=(12, 7), nth=1)
    drawn = "(marks) => marks.toDataURL()"
    marks = [one.root.locator("canvas.layergrid-marks") for one in (grid, plain)]
    assert marks[0].evaluate(drawn) != marks[1].evaluate(drawn)
    slider(grid).focus()
    grid.press("Home", "ArrowRight", "ArrowRight", "ArrowRight")
    assert step(grid) == 300
    assert marks[0].evaluate(drawn) == marks[1].evaluate(drawn)


def test_quick_moves_end_at_the_last_one_while_a_cell_is_busy(grid: GridPage) -> None:
    prompt = grid.page.locator(".jp-InputPrompt").nth(2)
    grid.notebook.start(2)
    expect(prompt).to_have_text("[*]:")
    slider(grid).focus()
    grid.press("Home", "ArrowRight", "End", "ArrowLeft", "ArrowLeft")
    expect(slider(grid)).to_have_value("5")
    shown = grid.pixel(4, 2)
    expect(prompt).not_to_have_text("[*]:")
    assert step(grid) == 500
    assert grid.value("heard[-1]") == 500
    expect(slider(grid)).to_have_value("5")
    expect(grid.status).to_have_text("")
    assert grid.pixel(4, 2) == shown


@pytest.fixture
def large(notebook: Notebook) -> GridPage:
    """A new 80 × 180 grid ``w`` of 80 steps, of which one is sent at a time."""
    notebook.run(0)
    notebook.execute(LARGE)
    notebook.run(1)
    grid = GridPage(notebook, shape=(80, 180))
    assert grid.value("w.values.nbytes > lg.wire.AT_ONCE")
    return grid


def expect_greys(grid: GridPage, k: int) -> None:
    """Wait until the cells have the greys of a step."""
    columns, rows = grid.edges()
    greys = [
        (sum(columns[90]) // 2, sum(rows[layer]) // 2, 256 * ((k + layer) % 80) // 80)
        for layer in (0, 17, 79)
    ]
    grid.page.wait_for_function(
        """([canvas, greys]) => greys.every(([x, y, grey]) =>
             canvas.getContext("2d").getImageData(x, y, 1, 1).data[0] === grey)""",
        arg=[grid.canvas.element_handle(), greys],
        timeout=10_000,
    )


def test_steps_that_are_not_sent_at_once_are_there_when_gone_to(large: GridPage) -> None:
    expect_greys(large, 79)
    slider(large).focus()
    large.press("Home")
    large.press(*["ArrowRight"] * 6)
    expect(large.root.locator(".layergrid-step")).to_have_text("step 6 of 79")
    expect_greys(large, 6)
    assert step(large) == 6
    large.press("End", "Home", "PageUp", "PageUp")
    there = int(slider(large).input_value())
    assert there not in (0, 6, 79)
    expect_greys(large, there)
    assert step(large) == there
    large.hover(17, 90)
    expect(large.tooltip).to_contain_text(f"{(there + 17) % 80}")
    large.notebook.execute("w.step = 41")
    expect(slider(large)).to_have_value("41")
    expect_greys(large, 41)


def test_steps_that_come_next_are_fetched_ahead(large: GridPage) -> None:
    """So they are shown while the kernel answers nothing."""
    large.received()
    slider(large).focus()
    large.press("Home", "ArrowRight")
    expect_greys(large, 1)
    large.page.wait_for_function("() => window.received.includes('frames')")
    prompt = large.page.locator(".jp-InputPrompt").nth(4)
    large.notebook.start(4)
    expect(prompt).to_have_text("[*]:")
    slider(large).focus()
    large.press("ArrowRight", "ArrowRight")
    expect_greys(large, 3)
    expect(prompt).to_have_text("[*]:")
    expect(prompt).not_to_have_text("[*]:")
    assert step(large) == 3
