"""Maps that move together: in JupyterLab, without its kernel, and in a page that never had one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

import layergrid as lg

from .conftest import Open
from .grid import GridPage
from .lab import Notebook

COMPONENTS = ["attn.q", "attn.k", "attn.v", "attn.o", "mlp.up", "mlp.down", "mlp.gate"]
SETUP = f"""
import numpy as np, layergrid as lg
components = {COMPONENTS}
a = lg.Heatmap(np.arange(36 * 7.0).reshape(36, 7), components=components, title="a")
b = lg.Heatmap(np.arange(28 * 7.0).reshape(28, 7)[:, ::-1], components=components[::-1], title="b")
heard = []
b.on_select(lambda e: heard.append(([(c.layer, c.component) for c in e.cells], e.source)))
link = lg.link(a, b)
"""


class Pair:
    """Two linked maps of 36 and of 28 layers; the second has its components in reverse."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.a = GridPage(notebook, "a", shape=(36, 7), nth=0)
        self.b = GridPage(notebook, "b", shape=(28, 7), nth=1)


@pytest.fixture
def pair(open_notebook: Open) -> Pair:
    notebook = open_notebook(SETUP, "lg.row(a, b)")
    notebook.run(0)
    notebook.run(1)
    return Pair(notebook)


def hovered(grid: GridPage) -> str:
    """Where the frame of the pointed cell is, "" without one."""
    return grid.root.locator("path.layergrid-line.layergrid-hover").get_attribute("d") or ""


def test_a_click_selects_by_label_in_both(pair: Pair) -> None:
    pair.a.click(17, 1)
    expect(pair.b.status).to_contain_text("1 selected")
    assert pair.a.picked() == pair.b.picked() == [(17, "attn.k")]
    pair.b.click(3, 0, "Control")  # mlp.gate, which is a's last component
    expect(pair.a.status).to_contain_text("2 selected")
    assert pair.a.picked() == [(17, "attn.k"), (3, "mlp.gate")]
    pair.a.click(30, 0)  # b has no such layer
    expect(pair.b.status).not_to_contain_text("selected")
    assert pair.b.picked() == []
    assert pair.a.value("[source for _, source in heard]") == ["user"] * 3


def test_python_moves_both_too(pair: Pair) -> None:
    pair.notebook.execute("b.selection = [(5, 'mlp.up'), (6, 'mlp.up')]")
    expect(pair.a.status).to_contain_text("2 selected")
    assert pair.a.picked() == [(5, "mlp.up"), (6, "mlp.up")]


def test_hovering_shows_the_same_cell_in_both(pair: Pair) -> None:
    pair.a.hover(12, 6)
    expect(pair.b.tooltip).to_be_visible()
    expect(pair.b.tooltip).to_contain_text("12 · mlp.gate")
    assert hovered(pair.b)
    pair.a.hover(33, 6)
    expect(pair.b.tooltip).to_be_hidden()
    assert not hovered(pair.b)


def test_after_unlink_each_goes_its_own_way(pair: Pair) -> None:
    pair.a.click(17, 1)
    expect(pair.b.status).to_contain_text("1 selected")
    pair.notebook.execute("link.unlink()")
    pair.a.click(18, 1)
    pair.a.hover(2, 2)
    expect(pair.a.tooltip).to_contain_text("2 · attn.v")
    assert pair.a.picked() == [(18, "attn.k")]
    assert pair.b.picked() == [(17, "attn.k")]
    expect(pair.b.tooltip).to_be_hidden()


def test_they_move_together_while_the_kernel_is_gone(pair: Pair) -> None:
    pair.notebook.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.shutdown()"
    )
    pair.a.drag((2, 0), (4, 1))
    expect(pair.b.status).to_contain_text("6 selected")
    pair.b.hover(3, 6)  # attn.q, there the last
    expect(pair.a.tooltip).to_contain_text("3 · attn.q")


def test_in_a_row_cells_have_one_size_and_there_is_one_bar(open_notebook: Open) -> None:
    notebook = open_notebook(SETUP + "a.limits = b.limits = (0, 252)", "lg.row(a, b)", "a")
    notebook.run(0)
    notebook.run(1)
    pair = Pair(notebook)
    sizes = []
    for grid in (pair.a, pair.b):
        box = grid.canvas.bounding_box()
        assert box
        columns, rows = grid.edges()
        sizes.append(({end - start for start, end in columns}, {e - s for s, e in rows}))
    assert sizes[0] == sizes[1]
    bars = [grid.root.locator("canvas.layergrid-bar") for grid in (pair.a, pair.b)]
    expect(bars[0]).to_be_hidden()
    expect(bars[1]).to_be_visible()
    notebook.execute("b.limits = (0, 100)")
    expect(bars[0]).to_be_visible()
    notebook.run(2)  # shown alone, it has its own
    alone = GridPage(notebook, "a", shape=(36, 7), nth=2)
    expect(alone.root.locator("canvas.layergrid-bar")).to_be_visible()


def test_a_row_wraps_where_there_is_no_room(open_notebook: Open) -> None:
    notebook = open_notebook(SETUP, "lg.row(a, b)", viewport={"width": 560, "height": 1600})
    notebook.run(0)
    notebook.run(1)
    pair = Pair(notebook)
    boxes = [grid.canvas.bounding_box() for grid in (pair.a, pair.b)]
    assert boxes[0]
    assert boxes[1]
    assert boxes[1]["y"] > boxes[0]["y"] + boxes[0]["height"]
    assert boxes[1]["x"] == boxes[0]["x"]


@pytest.fixture
def page_without_kernel(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    maps = [
        lg.Heatmap(np.random.default_rng(n).normal(size=(n, 7)), components=COMPONENTS)
        for n in (36, 28)
    ]
    lg.link(*maps)
    (tmp_path / "row.html").write_text(lg.row(*maps).to_html(), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1100, "height": 800})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "request", lambda request: errors.append(request.url) if "http" in request.url else None
    )
    page.goto((tmp_path / "row.html").as_uri())
    yield page
    page.close()
    assert errors == []


@pytest.mark.parametrize("order", ["ab", "ba", "aa"])
def test_the_bar_stands_beside_the_last_one_of_every_row(
    order: str, browser: Browser, tmp_path: Path
) -> None:
    maps = {name: lg.Heatmap(np.eye(5), title=name) for name in "ab"}
    rows = {names: lg.row(*(maps[name] for name in names)) for names in ("ab", "ba", "aa")}
    (tmp_path / "row.html").write_text(rows[order].to_html(), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1100, "height": 800})
    page.goto((tmp_path / "row.html").as_uri())
    bars = page.locator("canvas.layergrid-bar")
    expect(bars.nth(0)).to_be_hidden()
    expect(bars.nth(1)).to_be_visible()
    page.close()


def test_a_page_with_no_kernel_reads_selects_and_links(page_without_kernel: Page) -> None:
    page = page_without_kernel
    first, second = page.locator(".layergrid").all()
    canvas = first.locator("canvas.layergrid-cells")
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    expect(first.locator(".layergrid-tooltip")).to_contain_text("0 · attn.q")
    expect(second.locator(".layergrid-tooltip")).to_contain_text("0 · attn.q")
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    for root in (first, second):
        expect(root.locator(".layergrid-status")).to_contain_text("1 selected")
        expect(root.locator(".layergrid-status")).not_to_contain_text("kernel")
