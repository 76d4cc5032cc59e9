"""Layers side by side: what stands at a place of the screen, and what Python calls it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .grid import GridPage, block
from .lab import Notebook

SETUP = """
import numpy as np, layergrid as lg
values = np.stack([np.arange(40) * 7 % 40, -np.arange(40.0)], axis=1)
strip = lg.Heatmap(values, layers=range(1, 41), components=["MLP", "ATT"], transpose=True)
"""
CELLS = [SETUP, "strip"]
CONTEXT = {"permissions": ["clipboard-read", "clipboard-write"]}


@pytest.fixture
def strip(notebook: Notebook) -> GridPage:
    """A new strip of 40 layers, 1 to 40, and 2 components; its shape is that of the screen."""
    notebook.run(0)
    notebook.run(1)
    return GridPage(notebook, "strip", shape=(2, 40))


def all_of(layer: int) -> list[tuple[int, str]]:
    return [(layer, "MLP"), (layer, "ATT")]


def test_a_place_of_the_screen_is_the_layer_across_and_the_component_down(
    strip: GridPage,
) -> None:
    strip.click(0, 16)
    assert strip.picked() == [(17, "MLP")]
    assert strip.value("(strip.selection[0].index, strip.selection[0].value)") == ((16, 0), 32)
    strip.click(1, 39, "Control")
    assert strip.picked() == [(17, "MLP"), (40, "ATT")]
    strip.drag((0, 2), (1, 3))
    assert strip.picked() == [*all_of(3), *all_of(4)]
    strip.click(0, 5, "Shift")
    assert strip.picked() == [(layer, "MLP") for layer in (3, 4, 5, 6)]
    strip.hover(1, 24)
    expect(strip.tooltip).to_contain_text("25 · ATT−24")


def test_keys_move_on_the_screen(strip: GridPage) -> None:
    strip.click(0, 10)
    strip.press("ArrowRight", "ArrowRight", "ArrowDown", "Enter")
    assert strip.picked() == [(13, "ATT")]
    strip.press("ArrowDown", "Enter")  # there is nothing below
    assert strip.picked() == [(13, "ATT")]
    strip.press("End", "Shift+ArrowUp", "Shift+ArrowLeft")
    assert strip.picked() == [(39, "MLP"), (39, "ATT"), (40, "MLP"), (40, "ATT")]
    expect(strip.picture).to_have_attribute("aria-rowcount", "2")
    expect(strip.picture).to_have_attribute("aria-colcount", "40")
    expect(strip.root.get_by_role("gridcell")).to_have_attribute("aria-colindex", "39")


def test_labels_take_their_layer_and_their_component(strip: GridPage) -> None:
    strip.page.mouse.click(*strip.label("40"))
    assert strip.picked() == all_of(40)
    strip.page.mouse.click(*strip.label("ATT"))
    assert strip.picked() == [(layer, "ATT") for layer in range(1, 41)]


def test_what_python_selects_is_outlined_where_it_stands(strip: GridPage) -> None:
    strip.notebook.execute("strip.selection = [(5, 'ATT'), (40, 'MLP')]; strip.mask = values > 38")
    expect(strip.status).to_contain_text("2 selected")
    assert strip.outlined("selection") == [(0, 39), (1, 4)]
    assert strip.outlined("mask") == [(0, 17)]  # 7 · 17 = 119 leaves 39
    pixels = [strip.pixel(0, 17), strip.pixel(1, 39)]
    strip.notebook.execute("strip.transpose = False")
    expect(strip.picture).to_have_attribute("aria-rowcount", "40")
    down = GridPage(strip.notebook, "strip", shape=(40, 2))
    assert down.outlined("selection") == [(4, 1), (39, 0)]
    assert down.outlined("mask") == [(17, 0)]
    assert [down.pixel(17, 0), down.pixel(39, 1)] == pixels


def test_an_order_moves_cells_and_no_label(strip: GridPage) -> None:
    strip.click(0, 0)
    strip.press("s")
    menu = strip.page.get_by_role("menu")
    menu.get_by_role("menuitemradio", name="value in MLP").click()
    expect(strip.root.get_by_role("button", name="layer by value in MLP")).to_be_visible()
    assert strip.outlined("selection") == [(0, 39)]  # the least of all
    strip.click(1, 0)
    assert strip.picked() == [(18, "ATT")]  # MLP has its largest value there
    strip.press("ArrowRight", "ArrowUp", "Enter")
    assert strip.picked() == [(35, "MLP")]
    assert strip.value("strip.selection[0].value") == 38
    strip.drag((0, 0), (1, 1))
    assert set(strip.picked()) == {*all_of(18), *all_of(35)}
    strip.notebook.execute("strip.selection = [(12, 'ATT')]")
    expect(strip.status).to_contain_text("1 selected")
    assert strip.outlined("selection") == [(1, 2)]

    strip.press("Control+c")
    line = 'strip.selection = [(12, "ATT")]'
    assert strip.page.evaluate("navigator.clipboard.readText()") == line
    strip.notebook.execute(f"strip.selection = None\n{line}")
    assert strip.picked() == [(12, "ATT")]


def test_a_mask_is_edited_where_it_is_seen(strip: GridPage) -> None:
    strip.notebook.execute("strip.click = 'mask'")
    expect(strip.tool("Undo")).to_be_visible()
    strip.drag((1, 7), (1, 9))
    strip.click(0, 20, "Control")
    strip.settle()
    mask = [tuple(at) for at in strip.value("np.argwhere(strip.mask).tolist()")]
    assert mask == [(7, 1), (8, 1), (9, 1), (20, 0)]
    assert strip.outlined("mask") == [(0, 20), *block((1, 7), (1, 9))]
