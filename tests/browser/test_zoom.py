"""Closer to some of the cells and back: what stays in its place, and that all means the same."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from .conftest import Open
from .grid import GridPage
from .lab import Notebook

CELLS = [
    "import numpy as np, layergrid as lg\n"
    "values = np.random.default_rng(0).normal(size=(300, 200)).cumsum(0)\n"
    "values[150:153, 100:104] = np.nan\n"
    "components = [f'c{j}' for j in range(200)]\n"
    "w = lg.Heatmap(values, title='300 × 200')\nw",
    "print('\\n' * 200)",
]


class Zoomed(GridPage):
    """A heatmap of which not all cells need be in sight; places are parts of the cells' box."""

    @property
    def minimap(self) -> Locator:
        return self.root.locator(".layergrid-minimap")

    @property
    def back(self) -> Locator:
        return self.tool("Back to all")

    def at(self, down: float, across: float) -> tuple[float, float]:
        """Page coordinates of a place in the cells' box."""
        box = self.canvas.bounding_box()
        assert box
        # Whole pixels: a click is at one, where a move may be between two.
        return round(box["x"] + across * box["width"]), round(box["y"] + down * box["height"])

    def point(self, down: float, across: float) -> tuple[int, int]:
        """Point there; gives the layer and the component that the tooltip names."""
        self.page.mouse.move(*self.at(down, across))
        return self.pointed()

    def pointed(self) -> tuple[int, int]:
        """The layer and the component that the tooltip names, once what is asked for is drawn."""
        self.frame()
        layer, component = self.tooltip.locator("b").inner_text().split(" · ")
        return int(layer), int(component)

    def frame(self) -> None:
        """Wait until what is asked for is drawn."""
        self.page.evaluate(
            "() => new Promise((ok) => requestAnimationFrame(() => requestAnimationFrame(ok)))"
        )

    def wheel(self, *turns: float) -> None:
        """Turn the wheel with ctrl held, up for closer."""
        self.page.keyboard.down("Control")
        for turn in turns:
            self.page.mouse.wheel(0, -100 * turn)
            self.frame()
        self.page.keyboard.up("Control")

    def labels(self, side: str) -> dict[int, float]:
        """Labels of a side that stand, and where in the cells' box, as a part of it."""
        found = self.root.evaluate(
            """(root, side) => {
              const box = root.querySelector("canvas.layergrid-cells").getBoundingClientRect();
              const middle = ({ x, y, width, height }) => side === "row"
                ? (y + height / 2 - box.y) / box.height : (x + width / 2 - box.x) / box.width;
              const labels = root.querySelectorAll(
                `.layergrid-chrome [data-${side}]:not([data-extra])`);
              return [...labels].map(
                (node) => [Number(node.textContent), middle(node.getBoundingClientRect())]);
            }""",
            side,
        )
        return {int(label): at for label, at in found}

    def shot(self) -> bytes:
        """A picture of the heatmap with no pointer over it."""
        self.page.mouse.move(2, 2)
        self.frame()
        return self.root.screenshot()


@pytest.fixture(scope="module")
def shown(notebook: Notebook) -> Zoomed:
    notebook.run(0)
    return Zoomed(notebook, shape=(300, 200))


@pytest.fixture
def zoomed(shown: Zoomed) -> Zoomed:
    """All cells in sight, none selected, the focus on the cells."""
    shown.notebook.execute("w.selection = None; w.values = values")
    shown.canvas.scroll_into_view_if_needed()
    shown.page.mouse.move(2, 2)
    shown.picture.focus()
    shown.press("0", "Escape")
    shown.settle()
    return shown


def test_the_wheel_with_ctrl_zooms_about_the_pointer(zoomed: Zoomed) -> None:
    cell = zoomed.point(0.313, 0.721)
    columns = len(zoomed.labels("column"))
    for turn in range(16):
        zoomed.wheel(1)
        # Where a cell is hardly a pixel, half a pixel may be the next one.
        off = max(abs(a - b) for a, b in zip(zoomed.pointed(), cell, strict=True))
        assert off <= (turn < 6)
    box = zoomed.canvas.bounding_box()
    assert box
    # 48 px a cell, and no more.
    last = zoomed.labels("column")
    zoomed.wheel(1, 1, 1)
    assert zoomed.labels("column") == last
    steps = [b - a for a, b in zip(list(last.values()), list(last.values())[1:], strict=False)]
    assert [round(step * box["width"]) for step in steps] == [48] * len(steps)
    assert len(last) != columns
    zoomed.wheel(*[-1] * 24)
    expect(zoomed.minimap).to_be_hidden()
    assert zoomed.pointed() == cell


def test_a_trackpad_zooms_in_as_many_small_steps_as_it_takes(zoomed: Zoomed) -> None:
    cell = zoomed.point(0.5, 0.25)
    zoomed.wheel(*[0.02] * 60)
    rows = zoomed.labels("row")
    zoomed.wheel(*[-0.02] * 60)
    expect(zoomed.minimap).to_be_hidden()
    assert zoomed.pointed() == cell
    assert max(rows) - min(rows) < 300 / 2


def test_a_plain_wheel_scrolls_the_page(zoomed: Zoomed) -> None:
    zoomed.notebook.run(1)
    zoomed.canvas.scroll_into_view_if_needed()
    zoomed.point(0.5, 0.5)
    before = zoomed.canvas.bounding_box()
    zoomed.page.mouse.wheel(0, 60)
    zoomed.page.wait_for_function(
        "([canvas, before]) => canvas.getBoundingClientRect().y < before",
        arg=[zoomed.canvas.element_handle(), (before or {})["y"]],
    )
    expect(zoomed.minimap).to_be_hidden()


def test_keys_zoom_and_lead_back_to_the_same_pixels(zoomed: Zoomed) -> None:
    before = zoomed.shot()
    zoomed.press("+", "=")
    expect(zoomed.minimap).to_be_visible()
    middle = zoomed.point(0.5, 0.5)
    zoomed.press("-")
    assert zoomed.point(0.5, 0.5) == middle
    zoomed.press("+", "0")
    expect(zoomed.minimap).to_be_hidden()
    expect(zoomed.back).to_be_hidden()
    assert zoomed.shot() == before
    zoomed.press("+")
    zoomed.picture.hover()
    zoomed.back.click()
    assert zoomed.shot() == before


def test_nothing_but_cells_and_labels_moves(zoomed: Zoomed) -> None:
    def places() -> list[list[float]]:
        return zoomed.root.evaluate(
            """(root) => [...root.querySelectorAll(
              "canvas, .layergrid-title, .layergrid-axis, .layergrid-number, .layergrid-foot, "
              + ".layergrid-entry span")].filter((node) => !node.closest(".layergrid-minimap"))
              .map((node) => node.getBoundingClientRect())
              .map(({ x, y, width, height }) => [x, y, width, height])"""
        )

    before = places()
    zoomed.press("+", "+", "+", "+", "+", "+")
    expect(zoomed.minimap).to_be_visible()
    zoomed.frame()
    marks = zoomed.root.locator("canvas.layergrid-marks")
    expect(marks).to_be_visible()  # NaN is hatched now
    moved = places()
    assert [a for a in before if a[2] > 0 and a not in moved] == []


def test_labels_stand_by_their_cells_at_every_level(zoomed: Zoomed) -> None:
    seen = []
    zoomed.press("+", "+")  # from 1 px on: in whole pixels there is no middle of that
    for _ in range(7):
        zoomed.press("+")
        zoomed.frame()
        rows, columns = zoomed.labels("row"), zoomed.labels("column")
        seen.append(len(rows))
        for layer, down in rows.items():
            assert 0 <= down <= 1
            assert zoomed.point(down, 0.5)[0] == layer
        for component, across in columns.items():
            assert 0 <= across <= 1
            assert zoomed.point(0.5, across)[1] == component
    assert min(seen) >= 3


def test_a_click_picks_the_cell_that_is_seen(zoomed: Zoomed) -> None:
    zoomed.point(0.8, 0.2)
    zoomed.wheel(*[1] * 9)
    cell = zoomed.point(0.4, 0.6)
    zoomed.page.mouse.click(*zoomed.at(0.4, 0.6))
    assert zoomed.picked() == [cell]
    outline = zoomed.root.locator(".layergrid-line.layergrid-selection").bounding_box()
    x, y = zoomed.at(0.4, 0.6)
    assert outline
    assert outline["x"] < x < outline["x"] + outline["width"]
    assert outline["y"] < y < outline["y"] + outline["height"]
    # A drag that leaves the box takes what is in sight.
    last = zoomed.point(0.99, 0.99)
    zoomed.page.mouse.move(*zoomed.at(0.4, 0.6))
    zoomed.page.mouse.down()
    zoomed.page.mouse.move(*zoomed.at(1.1, 1.02), steps=4)
    zoomed.page.mouse.up()
    assert zoomed.picked()[-1] == last
    assert zoomed.picked()[0] == cell


def test_a_double_click_picks_the_cell_and_goes_there_and_in_the_end_back(zoomed: Zoomed) -> None:
    cell = zoomed.point(0.61, 0.33)
    zoomed.page.mouse.dblclick(*zoomed.at(0.61, 0.33))
    assert zoomed.pointed() == cell
    assert zoomed.picked() == [cell]
    expect(zoomed.minimap).to_be_visible()
    for _ in range(4):
        zoomed.page.mouse.dblclick(*zoomed.at(0.61, 0.33))
        zoomed.frame()
    expect(zoomed.minimap).to_be_hidden()
    assert zoomed.picked() == [cell]


def test_a_drag_with_alt_moves_the_cells_and_picks_none(zoomed: Zoomed) -> None:
    zoomed.point(0.5, 0.5)
    zoomed.wheel(*[1] * 8)
    cell = zoomed.point(0.7, 0.7)
    zoomed.page.keyboard.down("Alt")
    zoomed.page.mouse.down()
    zoomed.page.mouse.move(*zoomed.at(0.2, 0.4), steps=5)
    zoomed.page.mouse.up()
    zoomed.page.keyboard.up("Alt")
    assert zoomed.point(0.2, 0.4) == cell
    assert zoomed.selected() == []
    # Held still, it is a click like any other.
    zoomed.page.keyboard.down("Alt")
    zoomed.page.mouse.click(*zoomed.at(0.2, 0.4))
    zoomed.page.keyboard.up("Alt")
    assert zoomed.picked() == [cell]


def test_the_minimap_shows_where_one_is_and_leads_elsewhere(zoomed: Zoomed) -> None:
    zoomed.press(*["+"] * 6)
    expect(zoomed.minimap).to_be_visible()
    box = zoomed.minimap.bounding_box()
    assert box
    zoomed.page.mouse.click(box["x"] + 1, box["y"] + 1)
    assert zoomed.point(0.01, 0.01) == (0, 0)
    zoomed.page.mouse.move(box["x"] + 1, box["y"] + 1)
    zoomed.page.mouse.down()
    zoomed.page.mouse.move(box["x"] + box["width"] + 20, box["y"] + box["height"] + 20, steps=3)
    zoomed.page.mouse.up()
    assert zoomed.point(0.99, 0.99) == (299, 199)
    frame = zoomed.minimap.locator(".layergrid-frame").bounding_box()
    assert frame
    assert abs(frame["x"] + frame["width"] - box["x"] - box["width"]) <= 2
    expect(zoomed.picture).to_be_focused()
    assert zoomed.selected() == []


def test_the_focus_is_followed_into_view(zoomed: Zoomed) -> None:
    zoomed.press(*["+"] * 7)
    zoomed.press("Control+Home", "PageDown", "ArrowUp")
    assert zoomed.pointed() == (9, 0)
    zoomed.press("Control+End", "Enter")
    assert zoomed.picked() == [(299, 199)]
    zoomed.press("/")
    zoomed.page.keyboard.type("17 45")
    zoomed.press("Enter")
    assert zoomed.pointed() == (17, 45)
    box, at = zoomed.canvas.bounding_box(), zoomed.tooltip.bounding_box()
    assert box
    assert at
    assert box["y"] - 40 < at["y"] < box["y"] + box["height"]


def test_other_values_keep_the_zoom_and_other_axes_end_it(zoomed: Zoomed) -> None:
    zoomed.press(*["+"] * 5)
    cell = zoomed.point(0.5, 0.5)
    before = zoomed.tooltip.inner_text()
    zoomed.notebook.execute("w.values = values + 1")
    expect(zoomed.tooltip).not_to_have_text(before)
    assert zoomed.pointed() == cell
    expect(zoomed.minimap).to_be_visible()
    zoomed.notebook.execute("w.transpose = True")
    expect(zoomed.minimap).to_be_hidden()
    zoomed.press("+")
    expect(zoomed.minimap).to_be_visible()
    zoomed.notebook.execute(
        "import pandas as pd; w.transpose = False; w.values = pd.DataFrame(values[:290])"
    )
    expect(zoomed.minimap).to_be_hidden()
    zoomed.notebook.execute("w.values = pd.DataFrame(values)")


def test_another_width_keeps_to_the_same_cells(zoomed: Zoomed) -> None:
    zoomed.press(*["+"] * 5)
    cell = zoomed.point(0.5, 0.5)
    size = zoomed.page.viewport_size
    assert size
    zoomed.page.set_viewport_size({"width": size["width"] - 400, "height": size["height"]})
    zoomed.frame()
    layer, component = zoomed.point(0.5, 0.5)
    zoomed.page.set_viewport_size(size)
    zoomed.frame()
    assert abs(layer - cell[0]) <= 1
    assert abs(component - cell[1]) <= 1
    assert zoomed.point(0.5, 0.5) == cell


def test_a_pinch_zooms_and_one_finger_does_not(open_notebook: Open) -> None:
    notebook = open_notebook(CELLS[0], has_touch=True)
    notebook.run(0)
    grid = Zoomed(notebook, shape=(300, 200))
    cdp = notebook.context.new_cdp_session(notebook.page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        fingers = [{"x": x, "y": y, "id": k} for k, (x, y) in enumerate(points)]
        cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    x, y = grid.at(0.5, 0.5)
    grid.canvas.scroll_into_view_if_needed()
    cell = grid.point(0.5, 0.5)
    touch("touchStart", (x - 20, y))
    touch("touchStart", (x - 20, y), (x + 20, y))
    for apart in (40, 80, 120):
        touch("touchMove", (x - apart, y), (x + apart, y))
    touch("touchEnd")
    grid.frame()
    expect(grid.minimap).to_be_visible()
    assert grid.selected() == []
    assert grid.point(0.5, 0.5) == cell
    columns = grid.labels("column")
    assert max(columns) - min(columns) < 200 / 5


def test_an_axis_whose_cells_are_large_stays_whole(open_notebook: Open) -> None:
    notebook = open_notebook(
        "import numpy as np, layergrid as lg\n"
        "w = lg.Heatmap(np.random.default_rng(0).random((400, 2)), components=['MLP', 'ATT'])\nw",
        "v = lg.Heatmap(np.eye(12, 2), components=['MLP', 'ATT'], click='none')\nlg.link(w, v)\nv",
    )
    notebook.run(0)
    notebook.run(1)
    tall = Zoomed(notebook, shape=(400, 2))
    tall.page.mouse.move(*tall.at(0.5, 0.25))
    tall.wheel(*[1] * 20)
    expect(tall.minimap).to_be_visible()
    assert tall.root.locator(".layergrid-chrome [data-column]").all_text_contents() == [
        "MLP",
        "ATT",
    ]
    assert len(tall.labels("row")) < 20

    # Where all are, the wheel is the page's own, also with ctrl.
    notebook.page.evaluate(
        "addEventListener('wheel', (e) => {"
        "  window.taken = e.defaultPrevented; e.preventDefault(); }, { passive: false })"
    )
    few = Zoomed(notebook, "v", shape=(12, 2), nth=1)
    few.page.mouse.move(*few.at(0.1, 0.25))
    few.wheel(1)
    assert notebook.page.evaluate("window.taken") is False
    expect(few.minimap).to_be_hidden()
    # What is pointed at there is out of sight here, and so is all that would tell of it.
    expect(few.tooltip).to_be_visible()
    expect(tall.tooltip).to_be_hidden()
