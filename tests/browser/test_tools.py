"""Search, order, the next worst cell and undo, by mouse and keyboard; layers side by side."""

from __future__ import annotations

from playwright.sync_api import expect

from .conftest import Open
from .grid import GridPage, block


def row_labels(grid: GridPage) -> list[str]:
    labels = grid.root.locator(".layergrid-chrome [data-row]")
    return [text or "" for text in labels.all_text_contents()]


def test_search_goes_to_a_cell_and_picks_it_only_when_asked(grid: GridPage) -> None:
    grid.click(4, 2)
    grid.press("/")
    field = grid.page.get_by_role("combobox", name="Find")
    expect(field).to_be_focused()
    grid.page.keyboard.type("17 down")
    expect(grid.root.get_by_role("option")).to_have_text(["17 · mlp.down"])
    grid.press("Enter")
    expect(field).to_be_hidden()
    expect(grid.picture).to_be_focused()
    expect(grid.tooltip).to_contain_text("17 · mlp.down")
    assert grid.selected() == [(4, 2)]
    grid.press("Enter")
    assert grid.selected() == [(17, 6)]


def test_search_lists_a_layer_before_those_that_begin_like_it(grid: GridPage) -> None:
    grid.picture.hover()
    grid.tool("Search").click()
    grid.page.keyboard.type("2")
    options = grid.root.get_by_role("option")
    expect(options.first).to_have_text("2layer")
    expect(options.first).to_have_attribute("aria-selected", "true")
    grid.press("ArrowDown", "ArrowDown")
    expect(options.nth(2)).to_have_attribute("aria-selected", "true")
    options.nth(1).click()
    expect(grid.tooltip).to_contain_text("12 · attn.q")
    assert grid.selected() == []


def test_what_is_typed_in_the_search_is_no_shortcut(grid: GridPage) -> None:
    cells = grid.page.locator(".jp-Notebook .jp-Cell")
    before = cells.count()
    grid.click(4, 2)
    grid.press("/", "d", "d", "a", "b")
    expect(grid.page.get_by_role("combobox", name="Find")).to_have_value("ddab")
    expect(grid.page.get_by_role("listbox")).to_have_text("nothing is called that")
    grid.press("Escape")
    expect(grid.page.get_by_role("combobox", name="Find")).to_be_hidden()
    expect(grid.picture).to_be_focused()
    assert cells.count() == before
    assert grid.selected() == [(4, 2)]


def test_an_order_moves_cells_and_labels_but_no_index(grid: GridPage) -> None:
    grid.notebook.execute("w.values = np.where(np.arange(7) == 2, values, -values)")
    grid.click(5, 2)
    grid.press("s")
    menu = grid.page.get_by_role("menu")
    expect(menu.get_by_role("menuitemradio", name="given order").first).to_be_focused()
    menu.get_by_role("menuitemradio", name="value in attn.v").click()
    assert row_labels(grid)[0] == "29"
    assert grid.selected() == [(5, 2)]
    expect(grid.root.get_by_role("gridcell")).to_have_attribute("aria-rowindex", "25")
    grid.click(0, 0)  # at the top left of the screen
    assert grid.selected() == [(29, 0)]
    grid.drag((0, 1), (1, 2))
    assert set(grid.selected()) == set(block((28, 1), (29, 2)))

    sign = grid.root.get_by_role("button", name="layer by value in attn.v")
    sign.click()
    expect(sign).to_have_count(0)
    assert row_labels(grid)[0] == "0"
    assert set(grid.selected()) == set(block((28, 1), (29, 2)))


def test_the_order_follows_the_values(grid: GridPage) -> None:
    grid.click(0, 0)
    grid.press("s", "ArrowDown", "ArrowDown", "Enter")
    expect(grid.root.get_by_role("button", name="layer by maximum")).to_be_visible()
    assert row_labels(grid)[0] == "29"
    grid.notebook.execute("w.values = -values")
    expect(grid.root.locator(".layergrid-chrome [data-row]").first).to_have_text("0")


def test_n_goes_from_one_bad_cell_to_the_next(grid: GridPage) -> None:
    grid.notebook.execute(
        "bad = values.copy(); bad[3, 1] = np.nan; bad[20, 5] = -np.inf; bad[9, 0] = -999\n"
        "w.values = bad"
    )
    grid.click(10, 3)
    for expected in ("3 · attn.k", "20 · mlp.up", "9 · attn.q", "29 · mlp.down"):
        grid.press("n")
        expect(grid.tooltip).to_contain_text(expected)
    grid.press("Shift+N", "Shift+N")
    expect(grid.tooltip).to_contain_text("20 · mlp.up")
    assert grid.selected() == [(10, 3)]


def test_tools_show_while_the_pointer_or_the_focus_is_there(grid: GridPage) -> None:
    bar = grid.root.get_by_role("toolbar")
    grid.page.mouse.move(2, 2)
    expect(bar).to_have_css("opacity", "0")
    grid.hover(3, 3)
    expect(bar).to_have_css("opacity", "1")
    expect(grid.tool("Undo")).to_be_hidden()
    box, cells = bar.bounding_box(), grid.canvas.bounding_box()
    assert box
    assert cells
    assert box["y"] + box["height"] <= cells["y"]
    grid.click(3, 3)
    grid.page.mouse.move(2, 2)
    expect(bar).to_have_css("opacity", "1")


def test_help_says_what_the_gestures_do_here(grid: GridPage) -> None:
    grid.click(1, 1)
    grid.press("?")
    expect(grid.page.locator(".layergrid-help")).to_contain_text("copy as Python")
    grid.press("Escape")
    expect(grid.page.locator(".layergrid-help")).to_be_hidden()
    grid.notebook.execute("w.click = 'none'")
    expect(grid.picture).to_be_focused()
    grid.press("?")
    expect(grid.page.locator(".layergrid-help")).not_to_contain_text("pick")


def test_changes_of_the_mask_are_undone_and_done_again(grid: GridPage) -> None:
    grid.notebook.execute("w.click = 'mask'; flagged = lambda: np.argwhere(w.mask).tolist()")
    grid.click(3, 1)
    grid.click(4, 1, "Control")
    grid.settle()
    assert grid.value("flagged()") == [[3, 1], [4, 1]]
    grid.press("Control+z")
    grid.settle()
    assert grid.value("flagged()") == [[3, 1]]
    grid.press("Escape")
    grid.tool("Redo").click()
    grid.settle()
    assert grid.value("flagged()") == [[3, 1], [4, 1]]
    expect(grid.tool("Redo")).to_be_disabled()
    assert grid.selected() == []


def test_layers_side_by_side_keep_their_indices(open_notebook: Open) -> None:
    notebook = open_notebook(
        "import numpy as np, layergrid as lg\n"
        "w = lg.Heatmap(np.arange(80.0).reshape(40, 2), components=['ATT', 'MLP'],"
        " transpose=True)\nw"
    )
    notebook.run(0)
    grid = GridPage(notebook, shape=(2, 40))  # rows and columns of the screen
    grid.click(1, 17)
    assert grid.selected() == [(17, 1)]
    grid.press("ArrowRight", "Shift+ArrowUp")
    assert grid.selected() == [(18, 0), (18, 1)]
    expect(grid.root.get_by_role("gridcell")).to_have_text("18, ATT, 36, selected")
    grid.drag((0, 3), (1, 5))
    assert set(grid.selected()) == set(block((3, 0), (5, 1)))
    grid.page.mouse.click(*grid.label("MLP"))
    assert grid.selected() == [(layer, 1) for layer in range(40)]
    notebook.execute("w.transpose = False")
    down = GridPage(notebook, shape=(40, 2))
    assert down.selected() == [(layer, 1) for layer in range(40)]
    down.click(17, 1)
    assert down.selected() == [(17, 1)]
