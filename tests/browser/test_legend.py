"""The legend: what the colour bar cannot say, how often it occurs, and a click that selects it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .grid import GridPage, block
from .lab import Notebook

NUMBERS = """
import numpy as np, layergrid as lg
values = np.arange(12 * 7.0).reshape(12, 7)
values[2:4, 1:3] = np.nan
values[9, 6] = np.nan
values[0, 0] = np.inf
values[11, 6] = -np.inf
components = ["attn.q", "attn.k", "attn.v", "attn.o", "mlp.gate", "mlp.up", "mlp.down"]
gone = np.zeros((12, 7), bool); gone[5:7, 3] = True
w = lg.Heatmap(np.ma.masked_array(values, gone), components=components, limits=(4, 79))
"""
CATEGORIES = """
import numpy as np, layergrid as lg
values = np.full((12, 7), "kept", dtype="<U7")
values[3, 1:4] = values[8, 6] = "skipped"
w = lg.Heatmap(values, categories={"kept": None, "skipped": "#2b6cd4", "never": "#d2413a"})
"""
CELLS = [NUMBERS, CATEGORIES, "w"]


@pytest.fixture
def grid(notebook: Notebook) -> GridPage:
    """A new 12 × 7 grid ``w`` with cells of many kinds."""
    notebook.run(0)
    notebook.run(2)
    return GridPage(notebook, shape=(12, 7))


@pytest.fixture
def kept(notebook: Notebook) -> GridPage:
    """A new 12 × 7 grid ``w`` of categories."""
    notebook.run(1)
    notebook.run(2)
    return GridPage(notebook, shape=(12, 7))


def test_it_counts_what_the_colour_bar_cannot_say(grid: GridPage) -> None:
    assert grid.legend() == {
        "NaN": 5, "+∞": 1, "−∞": 1, "above 79": 3, "below 4": 3, "absent": 2
    }  # fmt: skip


def test_a_click_selects_exactly_those_cells(grid: GridPage) -> None:
    grid.click(1, 1)
    grid.entry("NaN").click()
    assert set(grid.picked()) == {
        (2, "attn.k"), (2, "attn.v"), (3, "attn.k"), (3, "attn.v"), (9, "mlp.down")
    }  # fmt: skip
    assert grid.value("all(np.isnan(c.value) for c in w.selection)")
    grid.entry("above 79").click(modifiers=["Control"])
    grid.entry("absent").click(modifiers=["Control"])
    beyond = [(11, 3), (11, 4), (11, 5)]
    nan = [*block((2, 1), (3, 2)), (9, 6)]
    assert sorted(grid.selected()) == sorted([*nan, *beyond, (5, 3), (6, 3)])
    grid.entry("NaN").click(modifiers=["Control"])
    assert sorted(grid.selected()) == [(5, 3), (6, 3), *beyond]
    grid.entry("−∞").click()
    assert grid.picked() == [(11, "mlp.down")]


def test_other_values_are_counted_anew_and_move_no_cell(grid: GridPage) -> None:
    box = grid.canvas.bounding_box()
    grid.notebook.execute("w.values = np.where(np.isnan(values), 10, values)")
    expect(grid.entry("NaN")).to_have_count(0)
    assert grid.legend() == {"+∞": 1, "−∞": 1, "above 79": 3, "below 4": 3}
    grid.notebook.execute("w.values = np.where(values > 70, np.nan, values)")
    expect(grid.entry("NaN")).to_be_visible()
    assert grid.legend() == {"NaN": 18, "−∞": 1, "below 4": 3}
    assert grid.canvas.bounding_box() == box
    grid.notebook.execute("w.limits = (-2, 100)")
    expect(grid.entry("below 4")).to_have_count(0)
    assert grid.legend() == {"NaN": 18, "−∞": 1}


def test_what_has_no_logarithm_is_named(grid: GridPage) -> None:
    grid.notebook.execute("w.values = values - 3; w.limits = (1, 50); w.norm = 'log'")
    expect(grid.entry("no logarithm (≤ 0)")).to_be_visible()
    grid.entry("no logarithm (≤ 0)").click()
    assert grid.selected() == [(0, 1), (0, 2), (0, 3)]
    grid.hover(0, 2)
    expect(grid.tooltip).to_contain_text("−1, no logarithm (≤ 0)")


def test_where_clicks_edit_the_mask_an_entry_does(grid: GridPage) -> None:
    grid.notebook.execute("w.click = 'mask'")
    expect(grid.tool("Undo")).to_be_visible()
    grid.entry("absent").click()
    grid.entry("+∞").click(modifiers=["Control"])
    grid.settle()
    assert grid.value("np.argwhere(w.mask).tolist()") == [[0, 0], [5, 3], [6, 3]]
    grid.entry("absent").click(modifiers=["Control"])
    grid.settle()
    assert grid.value("np.argwhere(w.mask).tolist()") == [[0, 0]]
    assert grid.selected() == []
    grid.picture.focus()
    grid.press("Control+z", "Control+z")
    grid.settle()
    assert grid.value("np.argwhere(w.mask).tolist()") == [[5, 3], [6, 3]]


def test_every_category_is_named_and_a_click_selects_its_cells(kept: GridPage) -> None:
    assert kept.legend() == {"kept": 80, "skipped": 4, "never": 0}
    expect(kept.entry("never")).to_be_disabled()
    kept.entry("skipped").click()
    assert kept.picked() == [(3, 1), (3, 2), (3, 3), (8, 6)]
    assert kept.value("[c.value for c in w.selection]") == ["skipped"] * 4
    assert kept.outlined("selection") == [(3, 1), (3, 2), (3, 3), (8, 6)]
    kept.hover(3, 2)
    expect(kept.tooltip).to_contain_text("3 · 2skipped")
    kept.hover(4, 2)
    expect(kept.tooltip).to_contain_text("4 · 2kept")
    expect(kept.root.locator("canvas.layergrid-bar")).to_be_hidden()


def test_categories_are_counted_anew_and_move_no_cell(kept: GridPage) -> None:
    box = kept.canvas.bounding_box()
    blue = kept.pixel(8, 6)
    assert blue == (0x2B, 0x6C, 0xD4, 255)
    kept.notebook.execute("values[0, :] = 'never'; w.values = values")
    expect(kept.entry("never")).to_be_enabled()
    assert kept.legend() == {"kept": 73, "skipped": 4, "never": 7}
    assert kept.canvas.bounding_box() == box
    assert kept.pixel(8, 6) == blue
    assert kept.pixel(0, 3) == (0xD2, 0x41, 0x3A, 255)


def test_in_a_row_too_values_that_come_and_go_move_no_cell(notebook: Notebook) -> None:
    notebook.execute(
        "import numpy as np, layergrid as lg\n"
        "maps = [lg.Heatmap(np.eye(n, 7), limits=(0, 1)) for n in (36, 28)]; w = lg.row(*maps)"
    )
    notebook.run(2)
    first = GridPage(notebook, shape=(36, 7))
    second = GridPage(notebook, shape=(28, 7), nth=1)
    boxes = [grid.canvas.bounding_box() for grid in (first, second)]
    notebook.execute("maps[0].values = np.where(np.eye(36, 7) > 0, np.nan, 0)")
    expect(first.entry("NaN")).to_be_visible()
    assert [grid.canvas.bounding_box() for grid in (first, second)] == boxes
