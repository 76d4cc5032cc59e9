"""The mask edited by hand: every gesture, what Python then holds and hears, and the way back."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from .grid import GridPage, block
from .lab import Notebook

Cells = list[tuple[int, int]]

SETUP = """
import numpy as np, layergrid as lg
values = np.arange(12 * 7.0).reshape(12, 7)
components = ["attn.q", "attn.k", "attn.v", "attn.o", "mlp.gate", "mlp.up", "mlp.down"]
w = lg.Heatmap(values, components=components, click="mask")
flagged = lambda mask: [tuple(at) for at in np.argwhere(mask).tolist()]
masks, clicks, selections = [], [], []
w.observe(lambda change: masks.append(flagged(change.new)), "mask")
w.on_click(lambda event: clicks.append(event.cell.index))
w.on_select(selections.append)
"""
CELLS = [SETUP, "w"]


@pytest.fixture
def grid(notebook: Notebook) -> GridPage:
    """A new 12 × 7 grid ``w`` whose mask is edited; `masks` and `clicks` gather what is heard."""
    notebook.run(0)
    notebook.run(1)
    return GridPage(notebook, shape=(12, 7))


def flagged(grid: GridPage) -> Cells:
    """The mask as Python holds it, once the page's word is heard; the page shows the same."""
    grid.settle()
    cells: Cells = grid.value("flagged(w.mask)")
    assert grid.outlined("mask") == cells
    return cells


def can(grid: GridPage) -> tuple[bool, bool]:
    """Whether there is something to undo, and to do again."""
    return grid.tool("Undo").is_enabled(), grid.tool("Redo").is_enabled()


def test_every_gesture_edits_the_mask_and_none_the_selection(grid: GridPage) -> None:
    grid.click(3, 1)
    assert flagged(grid) == [(3, 1)]
    grid.click(5, 4, "Control")
    grid.click(6, 4, "Control")
    grid.click(5, 4, "Control")
    assert flagged(grid) == [(3, 1), (6, 4)]
    grid.click(8, 2, "Shift")  # from 5, 4 on, which ctrl touched last
    assert flagged(grid) == block((5, 2), (8, 4))
    grid.drag((0, 0), (1, 1), "Control")
    assert flagged(grid) == [*block((0, 0), (1, 1)), *block((5, 2), (8, 4))]
    grid.drag((9, 5), (10, 6))
    assert flagged(grid) == block((9, 5), (10, 6))
    grid.page.mouse.click(*grid.label("8"))
    assert flagged(grid) == block((8, 0), (8, 6))
    grid.page.mouse.click(*grid.label("mlp"))
    assert flagged(grid) == block((0, 4), (11, 6))
    grid.click(2, 2)
    grid.press("ArrowDown", "Enter", "Shift+ArrowRight")
    assert flagged(grid) == block((3, 2), (3, 3))
    expect(grid.status).to_have_text("2 highlighted")

    masks = grid.value("masks")
    assert len(masks) == 12
    assert masks[-1] == block((3, 2), (3, 3))
    assert all(one != other for one, other in pairwise(masks))
    assert grid.value("clicks") == [(3, 1), (5, 4), (6, 4), (5, 4), (8, 2), (2, 2), (3, 2)]
    assert grid.selected() == []
    assert grid.notebook.value("selections") == "[]"


def test_changes_are_taken_back_and_done_again(grid: GridPage) -> None:
    grid.notebook.execute("w.mask = values < 3")
    before = block((0, 0), (0, 2))
    assert flagged(grid) == before
    grid.click(0, 1, "Control")
    grid.drag((4, 0), (6, 3))  # in place of all there was
    grid.click(9, 6, "Control")
    states = [before, [(0, 0), (0, 2)], block((4, 0), (6, 3))]
    states.append([*states[-1], (9, 6)])
    assert flagged(grid) == states[3]
    grid.press("Control+z", "Control+z")
    assert flagged(grid) == states[1]
    grid.press("Control+Shift+Z")
    assert flagged(grid) == states[2]
    grid.tool("Undo").click()
    grid.tool("Undo").click()
    assert flagged(grid) == before
    assert can(grid) == (False, True)
    for state in states[1:]:
        grid.tool("Redo").click()
        assert flagged(grid) == state
    assert can(grid) == (True, False)
    grid.press("Control+z")
    grid.click(1, 1)  # another way on: what was undone is gone
    assert can(grid) == (True, False)
    assert flagged(grid) == [(1, 1)]
    assert grid.value("masks[-2:]") == [states[2], [(1, 1)]]


def test_a_mask_set_by_code_cannot_be_taken_back_by_hand(grid: GridPage) -> None:
    grid.click(3, 1)
    grid.click(4, 1, "Control")
    grid.press("Control+z")
    assert can(grid) == (True, True)
    grid.notebook.execute("w.mask = values < 2")
    expect(grid.tool("Undo")).to_be_disabled()
    expect(grid.tool("Redo")).to_be_disabled()
    grid.press("Control+z", "Control+y")
    assert flagged(grid) == [(0, 0), (0, 1)]


def test_values_set_by_an_observer_of_the_mask_leave_the_way_back(grid: GridPage) -> None:
    grid.notebook.execute("w.observe(lambda _: setattr(w, 'values', values + w.mask), 'mask')")
    grid.click(3, 1)
    grid.click(4, 2)
    assert flagged(grid) == [(4, 2)]
    assert can(grid) == (True, False)
    grid.press("Control+z")
    assert flagged(grid) == [(3, 1)]
    assert grid.value("float(w.values[3, 1] - values[3, 1])") == 1


def test_esc_abandons_a_drag_and_clears_nothing(grid: GridPage) -> None:
    grid.click(1, 1)
    grid.page.mouse.move(*grid.centre(5, 1))
    grid.page.mouse.down()
    grid.page.mouse.move(*grid.centre(9, 3), steps=3)
    assert grid.outlined("mask") == block((5, 1), (9, 3))
    grid.press("Escape")
    grid.page.mouse.up()
    grid.press("Escape", "Escape")
    assert flagged(grid) == [(1, 1)]


def test_with_steps_the_mask_of_the_step_that_is_shown_is_edited(notebook: Notebook) -> None:
    notebook.run(0)
    notebook.execute(
        "marked = np.zeros((4, 12, 7), bool); marked[:, 0, 0] = True\n"
        "w = lg.Heatmap(np.stack([values] * 4), mask=marked, click='mask'); w.step = 2"
    )
    notebook.run(1)
    grid = GridPage(notebook, shape=(12, 7))
    slider = grid.root.get_by_role("slider")
    expect(slider).to_have_value("2")
    grid.click(5, 5, "Control")
    grid.settle()
    assert grid.value("np.argwhere(w.mask[:, 5, 5]).tolist()") == [[2]]
    assert grid.value("int(w.mask.sum())") == 5
    grid.press(",")
    expect(grid.status).to_have_text("1 highlighted")
    assert grid.outlined("mask") == [(0, 0)]
    grid.click(6, 6)  # in place of those of this step alone
    grid.settle()
    assert grid.value("np.argwhere(w.mask).tolist()") == [
        [0, 0, 0], [1, 6, 6], [2, 0, 0], [2, 5, 5], [3, 0, 0]
    ]  # fmt: skip
    grid.press("Control+z", "Control+z")
    expect(slider).to_have_value("2")  # where what was undone can be seen
    assert grid.outlined("mask") == [(0, 0)]
    grid.settle()
    assert grid.value("np.array_equal(w.mask, marked)")
    assert grid.value("w.step") == 2


def test_a_reload_keeps_the_mask_and_forgets_what_led_to_it(grid: GridPage) -> None:
    grid.drag((2, 2), (3, 5))
    assert flagged(grid) == block((2, 2), (3, 5))
    grid.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    grid.notebook.open()
    again = GridPage(grid.notebook, shape=(12, 7))
    assert flagged(again) == block((2, 2), (3, 5))
    assert can(again) == (False, False)
    again.click(2, 2, "Control")
    assert flagged(again) == block((2, 2), (3, 5))[1:]
