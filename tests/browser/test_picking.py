"""Every gesture, by mouse and keyboard, and what Python then holds."""

from __future__ import annotations

from playwright.sync_api import expect

from .conftest import Open
from .grid import GridPage, block


def test_a_click_selects_by_name(grid: GridPage) -> None:
    grid.click(17, 6)
    assert grid.selected() == [(17, 6)]
    cell = grid.notebook.value("w.selection[0]")
    assert cell == "Cell(layer=17, component='mlp.down', value=125.0, name=None)"
    assert grid.value("heard") == [([(17, 6)], "user")]


def test_clicking_the_only_selected_cell_changes_nothing(grid: GridPage) -> None:
    grid.click(3, 1)
    grid.click(3, 1)
    assert grid.selected() == [(3, 1)]
    assert len(grid.value("heard")) == 1


def test_ctrl_toggles(grid: GridPage) -> None:
    grid.click(2, 0)
    grid.click(4, 3, "Control")
    assert grid.selected() == [(2, 0), (4, 3)]
    grid.click(2, 0, "Control")
    assert grid.selected() == [(4, 3)]


def test_shift_extends_a_rectangle_from_where_it_began(grid: GridPage) -> None:
    grid.click(5, 4)
    grid.click(8, 2, "Shift")
    assert grid.selected() == block((5, 2), (8, 4))
    grid.click(4, 5, "Shift")
    assert grid.selected() == block((4, 4), (5, 5))


def test_a_drag_is_one_event_on_release(grid: GridPage) -> None:
    grid.drag((10, 1), (12, 5))
    assert grid.selected() == block((10, 1), (12, 5))
    assert len(grid.value("heard")) == 1


def test_a_ctrl_drag_adds(grid: GridPage) -> None:
    grid.click(0, 0)
    grid.drag((10, 1), (11, 2), "Control")
    assert grid.selected() == [(0, 0), *block((10, 1), (11, 2))]


def test_a_drag_that_leaves_the_grid_takes_what_is_nearest(grid: GridPage) -> None:
    x, y = grid.centre(27, 5)
    grid.page.mouse.move(x, y)
    grid.page.mouse.down()
    grid.page.mouse.move(x + 300, y + 60, steps=5)
    grid.page.mouse.up()
    assert grid.selected() == block((27, 5), (29, 6))


def test_esc_abandons_a_drag_and_clears_a_selection(grid: GridPage) -> None:
    grid.click(1, 1)
    grid.page.mouse.move(*grid.centre(5, 1))
    grid.page.mouse.down()
    grid.page.mouse.move(*grid.centre(9, 3), steps=3)
    grid.press("Escape")
    grid.page.mouse.up()
    assert grid.selected() == [(1, 1)]
    grid.press("Escape")
    assert grid.selected() == []


def test_headers_take_whole_layers_components_and_groups(grid: GridPage) -> None:
    grid.page.mouse.click(*grid.label("8"))
    assert grid.selected() == block((8, 0), (8, 6))
    grid.page.keyboard.down("Control")
    grid.page.mouse.click(*grid.label("up"))
    grid.page.keyboard.up("Control")
    assert set(grid.selected()) == {*block((8, 0), (8, 6)), *block((0, 5), (29, 5))}
    grid.page.mouse.click(*grid.label("attn"))
    assert grid.selected() == block((0, 0), (29, 3))


def test_keys_move_pick_and_extend(grid: GridPage) -> None:
    grid.click(4, 2)
    grid.press("ArrowDown", "ArrowRight")
    assert grid.selected() == [(4, 2)]
    grid.press("Enter")
    assert grid.selected() == [(5, 3)]
    grid.press("Shift+ArrowDown", "Shift+ArrowRight")
    assert grid.selected() == block((5, 3), (6, 4))
    grid.press("Home", " ")
    assert grid.selected() == [(6, 0)]
    grid.press("Control+End", "Enter")
    assert grid.selected() == [(29, 6)]


def test_notebook_shortcuts_do_not_fire_while_the_grid_has_the_focus(grid: GridPage) -> None:
    grid.click(4, 2)
    cells = grid.page.locator(".jp-Notebook .jp-Cell")
    before = cells.count()
    grid.press("a", "b", "d", "d", "m", "y", "x", "ArrowUp")
    assert cells.count() == before
    grid.press("Enter")
    assert grid.selected() == [(3, 2)]


def test_shift_enter_still_runs_the_cell(grid: GridPage) -> None:
    grid.click(4, 2)
    prompt = grid.page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt").nth(1)
    before = prompt.inner_text()
    grid.press("Shift+Enter")
    expect(prompt).not_to_have_text(before)


def test_a_screen_reader_is_told_of_the_focused_cell(grid: GridPage) -> None:
    grid.click(17, 6)
    expect(grid.root.get_by_role("gridcell")).to_have_text("17, mlp.down, 125, selected")
    grid.press("ArrowUp")
    expect(grid.root.get_by_role("gridcell")).to_have_text("16, mlp.down, 118")


def test_the_selection_is_copied_as_the_line_that_restores_it(open_notebook: Open) -> None:
    notebook = open_notebook(
        "import layergrid as lg, numpy as np\n"
        "change = lg.Heatmap(np.eye(3), layers=[0, 'x', True], components=['q', 'k', 'v'])\nchange",
        permissions=["clipboard-read", "clipboard-write"],
    )
    notebook.run(0)
    grid = GridPage(notebook, "change", shape=(3, 3))
    grid.click(0, 1)
    grid.click(1, 2, "Control")
    grid.click(2, 0, "Control")
    line = 'change.selection = [(0, "k"), ("x", "v"), (True, "q")]'
    grid.press("Control+c")
    assert notebook.page.evaluate("navigator.clipboard.readText()") == line
    notebook.page.evaluate("navigator.clipboard.writeText('')")
    grid.root.get_by_role("button", name="copy").click()
    expect(grid.root.get_by_role("button", name="copied")).to_be_visible()
    assert notebook.page.evaluate("navigator.clipboard.readText()") == line
    notebook.execute(f"change.selection = None\n{line}")
    assert grid.selected() == [(0, 1), (1, 2), (2, 0)]


def test_with_click_none_a_click_is_heard_and_selects_nothing(grid: GridPage) -> None:
    grid.notebook.execute(
        "w.click = 'none'; clicks = []\n"
        "w.on_click(lambda e: clicks.append((e.cell.index, sorted(e.modifiers))))"
    )
    grid.click(3, 3, "Shift")
    grid.drag((1, 1), (5, 5))
    assert grid.selected() == []
    assert grid.value("clicks") == [((3, 3), ["shift"])]
