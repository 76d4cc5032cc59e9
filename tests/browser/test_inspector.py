"""An Inspector in real JupyterLab, by mouse: its charts stand in line, and change the heatmap."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from .conftest import Open
from .grid import GridPage
from .lab import Notebook

SETUP = """
import numpy as np, layergrid as lg
values = np.arange(30 * 7.0).reshape(30, 7)
components = ["attn.q", "attn.k", "attn.v", "attn.o", "mlp.gate", "mlp.up", "mlp.down"]
w = lg.Heatmap(values, components=components, title="numbers")
i = lg.Inspector(w)
heard = []
w.on_select(lambda e: heard.append(([c.index for c in e.cells], e.source)))
"""


class InspectorPage:
    """A shown Inspector ``i`` of a heatmap ``w``, as a person finds it."""

    def __init__(self, notebook: Notebook, shape: tuple[int, int] = (30, 7)) -> None:
        self.notebook = notebook
        self.page = notebook.page
        self.grid = GridPage(notebook, shape=shape)
        self.root = self.page.locator(".layergrid-inspector")
        self.captions = self.root.locator(".layergrid-beside .layergrid-caption")
        expect(self.root.locator(".layergrid-beside .plotarea_events")).to_have_count(3)
        self.wait_in_line()

    def chart(self, area: str) -> Locator:
        """The figure that is "beside" the grid, "below" it, or in the "corner"."""
        return self.root.locator(".layergrid-beside .bqplot").nth(
            ["beside", "below", "corner"].index(area)
        )

    def box(self, area: str) -> dict[str, float]:
        """Where the chart is in that figure, without what is round it."""
        box = self.chart(area).locator(".plotarea_events").bounding_box()
        assert box
        return dict(box)

    def cells(self) -> dict[str, float]:
        """Where the cells are."""
        box = self.grid.canvas.bounding_box()
        assert box
        return dict(box)

    def wait_in_line(self) -> None:
        """Wait until the charts stand where the page has put the cells."""
        self.page.wait_for_function(
            """() => {
              const root = document.querySelector(".layergrid-inspector");
              const of = (e) => e?.getBoundingClientRect();
              const cells = of(root.querySelector("canvas.layergrid-cells"));
              const [beside, below] = [...root.querySelectorAll(".plotarea_events")].map(of);
              const near = (a, b) => Math.abs(a - b) < 1;
              return near(cells.y, beside.y) && near(cells.height, beside.height) &&
                near(cells.x, below.x) && near(cells.width, below.width);
            }"""
        )

    def marks(self, area: str, kind: str) -> list[dict[str, Any]]:
        """Boxes of all "dot" or "bar" elements of a chart that are shown, in their order."""
        found: list[dict[str, Any]] = self.chart(area).evaluate(
            """(figure, kind) => [...figure.querySelectorAll(`.${kind}`)]
              .filter((mark) => Number(getComputedStyle(mark).opacity) > 0)
              .map((mark) => {
                const { x, y, width, height } = mark.getBoundingClientRect();
                return { x, y, width, height, fill: getComputedStyle(mark).fill };
              })""",
            kind,
        )
        return found

    def points(self) -> list[dict[str, Any]]:
        """The points of the profile, without the rings round the picked ones."""
        return [dot for dot in self.marks("beside", "dot") if dot["fill"] != "none"]

    def click(self, mark: dict[str, Any]) -> None:
        """Click the middle of a mark."""
        self.page.mouse.click(mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2)

    def brush(self, start: float, end: float) -> None:
        """Drag over the histogram, from one part of its width to another."""
        box = self.box("corner")
        y = box["y"] + box["height"] / 2
        self.page.mouse.move(box["x"] + start * box["width"], y)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + (start + end) / 2 * box["width"], y, steps=3)
        self.page.mouse.move(box["x"] + end * box["width"], y, steps=3)
        self.page.mouse.up()

    def wait(self, expression: str, value: str) -> None:
        """Wait until an expression of Python has a value."""
        for _ in range(100):
            if (found := self.notebook.value(expression)) == value:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{expression} is {found}, not {value}")


@pytest.fixture
def inspected(open_notebook: Open) -> InspectorPage:
    notebook = open_notebook(SETUP, "i", viewport={"width": 1200, "height": 1100})
    notebook.run(0)
    notebook.run(1)
    return InspectorPage(notebook)


def test_points_and_bars_stand_where_their_cells_do(inspected: InspectorPage) -> None:
    cells, (columns, rows) = inspected.cells(), inspected.grid.edges()
    points, bars = inspected.points(), inspected.marks("below", "bar")
    assert (len(points), len(bars)) == (30, 7)
    for (first, last), point in zip(rows, points, strict=True):
        middle = point["y"] + point["height"] / 2
        assert middle == pytest.approx(cells["y"] + (first + last) / 2, abs=0.6)
    for (first, last), bar in zip(columns, bars, strict=True):
        assert bar["x"] == pytest.approx(cells["x"] + first, abs=0.6)
        assert bar["width"] == pytest.approx(last - first, abs=0.6)
    beside, corner = inspected.box("beside"), inspected.box("corner")
    assert (beside["x"], beside["width"]) == (corner["x"], corner["width"])


def test_it_turns_with_the_heatmap(inspected: InspectorPage) -> None:
    inspected.grid.click(11, 5)
    expect(inspected.captions.nth(1)).to_have_text("layer 11")
    inspected.notebook.execute("w.transpose = True")
    expect(inspected.captions.nth(0)).to_have_text("layer 11")
    expect(inspected.captions.nth(1)).to_have_text("mlp.up")
    inspected.wait_in_line()
    cells, bars = inspected.cells(), inspected.marks("beside", "bar")
    assert len(bars) == 7
    assert bars[0]["y"] == pytest.approx(cells["y"], abs=0.6)
    assert bars[-1]["y"] + bars[-1]["height"] == pytest.approx(cells["y"] + cells["height"], abs=1)
    dots = [dot for dot in inspected.marks("below", "dot") if dot["fill"] != "none"]
    inspected.click(dots[3])
    inspected.wait("heard[-1]", "([(3, 5)], 'user')")


def test_nothing_moves_when_the_pointer_does(inspected: InspectorPage) -> None:
    def boxes() -> list[Any]:
        return [inspected.root.bounding_box()] + [
            inspected.box(area) for area in ("beside", "below", "corner")
        ]

    before = boxes()
    for place in (inspected.grid.centre(4, 2), inspected.grid.centre(20, 6)):
        inspected.page.mouse.move(*place)
        expect(inspected.grid.tooltip).to_be_visible()
        assert boxes() == before
    point = inspected.points()[9]
    inspected.page.mouse.move(point["x"] + 3, point["y"] + 3)
    inspected.page.wait_for_timeout(100)
    assert boxes() == before


def test_a_click_on_a_cell_shows_its_component_and_its_layer(inspected: InspectorPage) -> None:
    expect(inspected.captions.nth(0)).to_have_text("mean over 7 components")
    expect(inspected.captions.nth(1)).to_have_text("mean over 30 layers")
    inspected.grid.click(11, 5)
    expect(inspected.captions.nth(0)).to_have_text("mlp.up")
    expect(inspected.captions.nth(1)).to_have_text("layer 11")
    inspected.grid.click(12, 1, "Control")
    expect(inspected.captions.nth(0)).to_have_text(re.compile("mlp.up.*attn.k"))
    expect(inspected.captions.nth(1)).to_have_text("layer 12")
    assert len(inspected.points()) == 60


def test_a_click_on_a_point_or_a_bar_picks_its_cell(inspected: InspectorPage) -> None:
    inspected.grid.click(11, 5)
    expect(inspected.captions.nth(0)).to_have_text("mlp.up")
    inspected.click(inspected.points()[20])
    inspected.wait("heard[-1]", "([(20, 5)], 'user')")
    assert inspected.grid.outlined("selection") == [(20, 5)]
    expect(inspected.captions.nth(1)).to_have_text("layer 20")
    inspected.click(inspected.marks("below", "bar")[2])
    inspected.wait("heard[-1]", "([(20, 2)], 'user')")
    assert inspected.grid.outlined("selection") == [(20, 2)]


def test_a_click_on_the_bar_of_a_mean_picks_all_that_it_is_of(inspected: InspectorPage) -> None:
    inspected.click(inspected.marks("below", "bar")[6])
    inspected.wait("(len(w.selection), {c.component for c in w.selection})", "(30, {'mlp.down'})")


def test_the_brush_makes_the_mask(inspected: InspectorPage) -> None:
    inspected.brush(0.5, 0.75)
    inspected.wait("bool(w.mask.any())", "True")
    low, high = 0.5 * 209, 0.75 * 209
    inspected.wait(
        f"bool((w.mask == ((values >= {low - 1.5}) & (values <= {high + 1.5}))).mean() > 0.98)",
        "True",
    )
    highlighted = inspected.notebook.value("int(w.mask.sum())")
    expect(inspected.captions.nth(2)).to_contain_text(f"{highlighted} highlighted")
    assert len(inspected.grid.outlined("mask")) == int(highlighted)
    # Whoever sets another mask takes the brush away.
    selection = inspected.chart("corner").locator(".brushintsel .selection")
    expect(selection).to_be_visible()
    inspected.notebook.execute("w.mask = values > 200")
    expect(selection).to_be_hidden()
    assert inspected.notebook.value("int(w.mask.sum())") == "9"


def test_a_click_beside_the_brush_takes_it_and_the_mask_away(inspected: InspectorPage) -> None:
    inspected.brush(0.2, 0.4)
    inspected.wait("bool(w.mask.any())", "True")
    box = inspected.box("corner")
    inspected.page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 20)
    inspected.wait("bool(w.mask.any())", "False")


def test_an_error_in_a_callback_is_seen(inspected: InspectorPage) -> None:
    inspected.notebook.execute("@w.on_select\ndef broken(event): raise RuntimeError('on purpose')")
    inspected.click(inspected.points()[3])
    expect(inspected.grid.error).to_contain_text("broken raised RuntimeError: on purpose")


def test_charts_follow_the_step_and_the_order_on_the_page(open_notebook: Open) -> None:
    notebook = open_notebook(
        SETUP + "w.close()\nw = lg.Heatmap(np.stack([values, 209 - values]), components=components)"
        "\ni = lg.Inspector(w)\nw.selection = [(0, 'attn.q')]",
        "i",
        viewport={"width": 1200, "height": 1100},
    )
    notebook.run(0)
    notebook.run(1)
    inspected = InspectorPage(notebook)

    def down() -> bool:
        x = [point["x"] for point in inspected.points()]
        return x == sorted(x)

    assert not down()  # the last step is shown
    notebook.execute("w.step = 0")
    inspected.page.wait_for_function(
        """() => {
          const x = [...document.querySelectorAll(".layergrid-inspector .dot")]
            .map((dot) => dot.getBoundingClientRect().x);
          return x.length === 31 && x[1] < x.at(-1);
        }"""
    )
    assert down()
    inspected.page.mouse.click(*inspected.grid.centre(0, 0))
    inspected.grid.press("s", "ArrowDown", "Enter")
    inspected.wait("bool((np.diff(i.profile.points.y) < 0).all())", "True")  # the largest first
    inspected.wait_in_line()
    inspected.grid.press("+")
    inspected.wait("len(i.profile.points.y) < 30", "True")
    box = inspected.box("beside")
    for point in inspected.points():
        assert box["y"] - 5 < point["y"] < box["y"] + box["height"]


def test_the_tensor_behind_a_cell_opens(open_notebook: Open) -> None:
    notebook = open_notebook(
        """
import numpy as np, layergrid as lg
rng = np.random.default_rng(0)
state = {f"layers.{k}.mlp.{name}_proj.weight": rng.normal(size=(40, 24)).astype("float32")
         for k in range(4) for name in ("up", "down") if (k, name) != (2, "down")}
grid = lg.weights(state, progress=False)
w = lg.Heatmap(grid)
i = lg.Inspector(w, state)
""",
        "i",
        viewport={"width": 1200, "height": 1100},
    )
    notebook.run(0)
    notebook.run(1)
    inspected = InspectorPage(notebook, (4, 2))
    note = inspected.root.locator(".layergrid-note")
    inspected.root.get_by_role("button", name="tensor").click()
    expect(note).to_contain_text("pick a cell")
    inspected.grid.click(1, 0)
    expect(note).to_have_text(re.compile(r"layers\.1\.mlp\.up_proj\.weight.*40×24 · float32"))
    assert notebook.value(
        "np.array_equal(i.tensor.heatmap.values, state[w.selection[0].name])"
    ) == ("True")
    opened = inspected.root.locator(".layergrid-body")
    expect(opened.locator("canvas.layergrid-cells")).to_be_visible()
    expect(opened).to_contain_text("24 singular values")
    expect(opened).to_contain_text("960 values")
    height = opened.bounding_box()
    inspected.grid.click(2, 1)
    expect(note).to_contain_text("no tensor: layer 2, component 'mlp.down' is absent")
    assert opened.bounding_box() == height
    inspected.click(inspected.points()[2])  # of layer 3: layer 2 has none
    expect(note).to_contain_text("layers.3.mlp.down_proj.weight")
