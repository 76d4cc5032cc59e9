"""More cells than pixels: an overview is sent, and what is looked at is asked for."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .grid import GridPage
from .lab import Notebook

SETUP = """
import numpy as np, layergrid as lg
def make(n):
    values = np.random.default_rng(0).normal(size=(n, n)).astype("float32")
    values[n // 2, n // 2], values[10, 20] = np.nan, np.inf
    return lg.Heatmap(values, cmap="RdBu_r", limits=(-4, 4), label="weight")
"""
#: Of the first the page may ask for all values, of the second for single cells.
SIZES = [1000, 3000]
PIXELS = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return [...data].join();
}"""


@pytest.fixture(params=SIZES)
def large(open_notebook, request: pytest.FixtureRequest) -> tuple[GridPage, int]:
    notebook: Notebook = open_notebook(SETUP, f"w = make({request.param})\nw")
    notebook.run(0)
    notebook.run(1)
    return GridPage(notebook), request.param


def at(grid: GridPage, across: float, down: float) -> tuple[float, float]:
    """Page coordinates at parts of the cells' box."""
    grid.canvas.scroll_into_view_if_needed()
    box = grid.canvas.bounding_box()
    assert box
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def read(grid: GridPage) -> tuple[tuple[int, int], float]:
    """The cell that the tooltip is of, and its value."""
    expect(grid.tooltip).to_contain_text("= ")
    layer, component = grid.tooltip.locator("b").inner_text().split(" · ")
    exact = grid.tooltip.locator(".layergrid-exact").inner_text()
    return (int(layer), int(component)), float(exact.removeprefix("= "))


def test_nothing_is_hidden_and_all_is_counted(large):
    grid, n = large
    assert {name: n for name, n in grid.legend().items() if name in ("NaN", "+∞")} == {
        "NaN": 1,
        "+∞": 1,
    }
    grid.page.mouse.move(*at(grid, 0.5 + 0.3 / n, 0.5 + 0.3 / n))
    expect(grid.tooltip).to_contain_text("NaN")
    assert grid.tooltip.locator("b").inner_text() == f"{n // 2} · {n // 2}"


def test_the_cell_that_a_pixel_shows_is_read_exactly_and_picked(large):
    grid, n = large
    grid.page.mouse.move(*at(grid, 0.31, 0.73))
    cell, value = read(grid)
    grid.page.mouse.click(*at(grid, 0.31, 0.73))
    expect(grid.status).to_contain_text("1 selected")
    grid.settle()
    assert grid.value("[(c.layer, c.component) for c in w.selection]") == [cell]
    assert grid.value("float(w.selection[0].value)") == pytest.approx(value, rel=1e-6)
    # It is the largest of those that share its pixel.
    box = grid.canvas.bounding_box()
    assert box
    near = [
        [k for k in range(n) if k * int(size) // n == at * int(size) // n]
        for at, size in zip(cell, (box["height"], box["width"]), strict=True)
    ]
    largest = grid.value(f"float(abs(w.values[np.ix_({near[0]}, {near[1]})]).max())")
    assert abs(value) == pytest.approx(largest, rel=1e-6)


def test_other_values_are_read_where_the_pointer_stays(large):
    grid, _ = large
    grid.page.mouse.move(*at(grid, 0.31, 0.73))
    cell, value = read(grid)
    before = grid.tooltip.inner_text()
    # The colours stay the same, the values do not.
    grid.notebook.execute("w.limits = (-8, 8); w.values = w.values * 2")
    expect(grid.tooltip).not_to_have_text(before)
    assert read(grid) == (cell, pytest.approx(2 * value, rel=1e-6))


#: Where the paper of a NaN is seen, as parts of the canvas, once it is that of one cell at most
#: and stays there.
ONE_NAN = """async (canvas) => {
  const dark = canvas.closest(".layergrid").dataset.theme === "dark";
  const paper = dark ? 0xff2f2926 : 0xfffafafa;
  for (let k = 0, before = "", same = 0; k < 1200; k++) {
    await new Promise(requestAnimationFrame);
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    const pixels = new Uint32Array(data.buffer);
    const seen = pixels.reduce((sum, pixel) => sum + (pixel === paper), 0);
    const found = seen > 0 && seen <= 49 * 49;
    const now = canvas.toDataURL();
    same = found && now === before ? same + 1 : 0;
    before = now;
    const first = pixels.indexOf(paper);
    const [x, y] = [first % width, Math.floor(first / width)];
    if (same === 20) return [(x + 3) / width, (y + 3) / height];
  }
  throw new Error("no single cell is seen");
}"""


def test_n_goes_to_the_worst_cell_once_the_values_are_here(large):
    grid, n = large
    grid.page.mouse.click(*at(grid, 0.7, 0.7))
    grid.press("?")
    offered = grid.root.get_by_text("next worst cell")
    if n > 1000:
        expect(grid.root.get_by_text("search", exact=True)).to_be_visible()
        expect(offered).to_have_count(0)
        return
    expect(offered).to_be_visible()
    grid.press("Escape", "n")
    expect(grid.tooltip).to_contain_text(f"{n // 2} · {n // 2}")
    grid.press("n")
    expect(grid.tooltip).to_contain_text("10 · 20")


def test_what_is_zoomed_in_on_is_shown_cell_by_cell(large):
    grid, n = large
    x, y = at(grid, 0.5, 0.5)
    grid.page.mouse.move(round(x), round(y))
    grid.page.keyboard.down("Control")
    for _ in range(30):
        grid.page.mouse.wheel(0, -100)
    grid.page.mouse.wheel(0, 250)
    grid.page.keyboard.up("Control")
    # Its block was NaN as a whole; of its cells one is.
    there = at(grid, *grid.canvas.evaluate(ONE_NAN))
    grid.page.mouse.move(*there)
    expect(grid.tooltip).to_contain_text("NaN")
    assert grid.tooltip.locator("b").inner_text() == f"{n // 2} · {n // 2}"
    grid.page.mouse.click(*there)
    grid.settle()
    assert grid.value("[(c.layer, c.component) for c in w.selection]") == [(n // 2, n // 2)]


def test_a_rectangle_of_very_many_cells_is_picked_and_outlined(large):
    grid, n = large
    grid.page.mouse.move(*at(grid, 0.25, 0.25))
    grid.page.mouse.down()
    grid.page.mouse.move(*at(grid, 0.5, 0.6))
    grid.page.mouse.move(*at(grid, 0.75, 0.75))
    grid.page.mouse.up()
    expect(grid.status).to_contain_text("selected")
    grid.settle()
    first, last, count = grid.value(
        "[w.selection[0].index, w.selection[-1].index, len(w.selection)]"
    )
    assert count == (last[0] - first[0] + 1) * (last[1] - first[1] + 1)
    assert first == pytest.approx([n / 4, n / 4], abs=n / 100)
    assert last == pytest.approx([3 * n / 4, 3 * n / 4], abs=n / 100)
    expect(grid.status).to_contain_text(f"{count:,} selected")
    # One closed path with four corners, round the pixels of just these.
    path = grid.root.locator(".layergrid-line.layergrid-selection").first.get_attribute("d")
    assert path
    corners = [float(number) for number in re.findall(r"-?[\d.]+", path)]
    box = grid.canvas.evaluate("(canvas) => [canvas.height, canvas.width]")
    assert len(corners) == 8
    assert min(corners[1::2]) == pytest.approx(first[0] * box[0] / n, abs=2)
    assert max(corners[1::2]) == pytest.approx((last[0] + 1) * box[0] / n, abs=2)
    assert min(corners[::2]) == pytest.approx(first[1] * box[1] / n, abs=2)
    assert max(corners[::2]) == pytest.approx((last[1] + 1) * box[1] / n, abs=2)


def test_the_overview_is_what_all_values_look_like(open_notebook):
    notebook = open_notebook(SETUP, "w = make(1000)\nw")
    notebook.run(0)
    notebook.run(1)
    grid = GridPage(notebook)
    overview = grid.canvas.evaluate(PIXELS)
    grid.page.mouse.move(*at(grid, 0.31, 0.73))
    # Only with the values here is anything in the legend known well enough to be picked.
    expect(grid.entry("NaN")).to_be_enabled()
    assert grid.canvas.evaluate(PIXELS) == overview


def test_an_overview_has_as_many_blocks_as_there_are_pixels(open_notebook):
    notebook = open_notebook(SETUP, "w = make(1000)\nw.height, w.width = 400, 500\nw")
    notebook.run(0)
    notebook.run(1)
    grid = GridPage(notebook)
    size = grid.canvas.evaluate("(canvas) => [canvas.height, canvas.width]")
    grid.page.wait_for_function("() => true")
    grid.settle()
    assert grid.value("w._store.state.blocks") == tuple(size)
