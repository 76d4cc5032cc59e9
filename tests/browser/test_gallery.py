"""The gallery of figures in JupyterLab: what each shows, and what can be done with it."""

from __future__ import annotations

import ast
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from .grid import GridPage
from .lab import LabServer, Notebook

EXAMPLES = Path(__file__).parents[2] / "examples"
NOTEBOOK = "02_figures.ipynb"
COMPONENTS = ["q", "k", "v", "o", "up", "down", "gate"]
#: Where the figures stand among all heatmaps of the notebook.
STRIPS, EDITED, WEIGHTS, CHANGES, TESTS = range(7), 7, 8, (9, 10), (11, 12)


@pytest.fixture(scope="module")
def gallery(server: LabServer, browser: Browser) -> Iterator[Notebook]:
    """The notebook, run from top to bottom."""
    shutil.copytree(EXAMPLES, server.root / "gallery")
    source = json.loads((EXAMPLES / NOTEBOOK).read_text("utf-8"))
    notebook = Notebook(
        server, browser, f"gallery/{NOTEBOOK}", viewport={"width": 1250, "height": 6000}
    )
    for k, cell in enumerate(source["cells"]):
        if cell["cell_type"] == "code":
            notebook.run(k)
    yield notebook
    notebook.close()
    assert notebook.errors == []


def root(gallery: Notebook, nth: int) -> Locator:
    return gallery.page.locator(".layergrid").nth(nth)


def texts(figure: Locator, selector: str) -> list[str]:
    return figure.locator(f".layergrid-chrome {selector}").all_text_contents()


def strip(gallery: Notebook, nth: int, n_layers: int = 40) -> GridPage:
    return GridPage(gallery, f"strips[{nth}]", shape=(2, n_layers), nth=nth)


def test_it_runs_from_top_to_bottom(gallery: Notebook) -> None:
    page = gallery.page
    expect(page.locator(".layergrid")).to_have_count(13)
    stderr = "[data-mime-type='application/vnd.jupyter.stderr']"
    expect(page.locator(stderr)).to_have_count(0)
    expect(page.locator(".layergrid-error:visible")).to_have_count(0)


@pytest.mark.parametrize(
    ("nth", "title", "counts"),
    [
        (0, "llama-2-13b_cnndm · layers 0 to 39", (14, 20, 46)),
        (3, "llama-2-13b_chat_cnndm · layers 0 to 39", None),
        (4, "codellama-13b_humaneval · layers 0 to 39", None),
    ],
)
def test_a_strip_has_mlp_over_att_a_number_in_each_cell_and_a_legend(
    gallery: Notebook, nth: int, title: str, counts: tuple[int, int, int] | None
) -> None:
    grid = strip(gallery, nth)
    assert texts(grid.root, ".layergrid-title") == [title]
    assert texts(grid.root, "[data-row]") == ["MLP", "ATT"]
    mlp, attention, kept = ast.literal_eval(
        gallery.value(f"[int((strips[{nth}].values == kind).sum()) for kind in KINDS]")
    )
    assert counts in (None, (mlp, attention, kept))
    assert grid.legend() == {"MLP skipped": mlp, "ATT skipped": attention, "kept": kept}
    numbers = ast.literal_eval(gallery.value(f"strips[{nth}].text.T.astype(int).tolist()"))
    assert numbers == [list(range(2, 81, 2)), list(range(1, 80, 2))]
    for layer in (0, 17, 39):
        for row in (0, 1):
            assert inked(grid, row, layer), "a cell has no number"


def inked(grid: GridPage, row: int, column: int) -> bool:
    """Whether something is drawn in the middle of a cell."""
    columns, rows = grid.edges()
    box = [x for first, last in (columns[column], rows[row]) for x in (first + 3, last - 3)]
    marks = grid.root.locator("canvas.layergrid-marks")
    found: bool = marks.evaluate(
        """(canvas, [x0, x1, y0, y1]) => canvas.getContext("2d")
             .getImageData(x0, y0, x1 - x0, y1 - y0).data.some(Boolean)""",
        box,
    )
    return found


def test_the_strips_of_deeper_models_are_cut_where_they_can_be_read(gallery: Notebook) -> None:
    titles = [texts(root(gallery, nth), ".layergrid-title")[0] for nth in STRIPS]
    assert titles == [
        "llama-2-13b_cnndm · layers 0 to 39",
        "llama-2-70b_cnndm · layers 0 to 39",
        "llama-2-70b_cnndm · layers 40 to 79",
        "llama-2-13b_chat_cnndm · layers 0 to 39",
        "codellama-13b_humaneval · layers 0 to 39",
        "codellama-34b_humaneval · layers 0 to 23",
        "codellama-34b_humaneval · layers 24 to 47",
    ]
    last = strip(gallery, 6, 24)
    assert inked(last, 1, 23)
    last.hover(1, 23)
    expect(last.tooltip).to_contain_text("47 · ATT")


def test_a_click_in_one_strip_selects_the_sublayer_in_all_that_have_it(gallery: Notebook) -> None:
    grid = strip(gallery, 0)
    grid.click(0, 9)
    assert grid.value("[(c.layer, c.component, c.value) for c in strips[0].selection]") == [
        (9, "MLP", "MLP skipped")
    ]
    expect(strip(gallery, 4).status).to_contain_text("1 selected")
    assert grid.value("[len(one.selection) for one in strips]") == [1, 1, 0, 1, 1, 1, 0]
    assert grid.value("{(c.layer, c.component) for s in strips for c in s.selection}") == {
        (9, "MLP")
    }
    grid.entry("ATT skipped").click()
    grid.settle()
    assert grid.value("{(c.component, c.value) for c in strips[0].selection}") == {
        ("ATT", "ATT skipped")
    }
    assert grid.value("len(strips[0].selection)") == 20


def test_an_edited_strip_prints_what_is_left(gallery: Notebook) -> None:
    grid = GridPage(gallery, "edited", shape=(2, 40), nth=EDITED)
    printed = gallery.page.locator(".jp-OutputArea code", has_text='"attention"')

    def skipped() -> dict[str, list[int]]:
        read: dict[str, list[int]] = json.loads(printed.inner_text())
        return read

    before = skipped()
    assert (len(before["attention"]), len(before["mlp"])) == (20, 14)
    blank, blue = grid.pixel(0, 3), grid.pixel(0, 9)
    grid.click(0, 3, "Control")
    after = {**before, "mlp": [3, *before["mlp"]]}
    expect(printed).to_have_text(json.dumps(after))
    assert grid.pixel(0, 3) == blue
    assert grid.legend() == {"MLP skipped": 15, "ATT skipped": 20, "kept": 45}
    grid.click(0, 9, "Control")
    expect(grid.entry("MLP skipped")).to_have_accessible_name("MLP skipped: 14")
    assert 9 not in skipped()["mlp"]
    assert grid.pixel(0, 9) == blank
    grid.drag((1, 36), (1, 38), "Control")
    expect(grid.entry("ATT skipped")).to_have_accessible_name("ATT skipped: 23")
    assert skipped()["attention"] == [*before["attention"], 36, 37, 38]
    grid.press("Control+z", "Control+z", "Control+z")
    expect(printed).to_have_text(json.dumps(before))
    assert (grid.pixel(0, 3), grid.pixel(0, 9)) == (blank, blue)


def test_the_weights_are_found_by_name(gallery: Notebook) -> None:
    grid = GridPage(gallery, shape=(30, 7), nth=WEIGHTS)
    assert texts(grid.root, ".layergrid-scale .layergrid-axis") == ["weight rms"]
    grid.hover(29, 0)
    expect(grid.tooltip).to_contain_text("model.layers.29.self_attn.q_proj.weight")


@pytest.mark.parametrize(
    ("nth", "n_layers", "ticks"),
    [
        (CHANGES[0], 36, [*map(str, range(0, 36, 4)), "35"]),
        (CHANGES[1], 28, [*map(str, range(0, 28, 4)), "27"]),
    ],
)
def test_maps_of_changes_have_seven_matrices_and_count_their_layers(
    gallery: Notebook, nth: int, n_layers: int, ticks: list[str]
) -> None:
    grid = GridPage(gallery, shape=(n_layers, 7), nth=nth)
    assert texts(grid.root, ".layergrid-title") == [f"{n_layers} layers"]
    assert texts(grid.root, "[data-column]") == COMPONENTS
    assert texts(grid.root, ".layergrid-group") == ["attn", "mlp"]
    assert texts(grid.root, "[data-row]") == ticks


def test_maps_of_changes_have_one_scale_and_follow_each_other(gallery: Notebook) -> None:
    first, second = (
        GridPage(gallery, shape=(n, 7), nth=nth) for n, nth in zip((36, 28), CHANGES, strict=True)
    )
    expect(first.root.locator("canvas.layergrid-bar")).to_be_hidden()
    expect(second.root.locator("canvas.layergrid-bar")).to_be_visible()
    assert texts(second.root, ".layergrid-scale .layergrid-axis") == ["‖ΔW‖ / ‖W‖"]
    first.hover(20, 4)
    expect(second.tooltip).to_contain_text("20 · mlp.up")
    first.click(20, 4)
    expect(second.status).to_contain_text("1 selected")
    first.click(30, 4)
    expect(second.status).not_to_contain_text("selected")


def test_maps_of_tests_have_their_titles_and_one_bar(gallery: Notebook) -> None:
    shown = [GridPage(gallery, f"maps[{k}]", shape=(30, 9), nth=n) for k, n in enumerate(TESTS)]
    for grid, name in zip(shown, ("AttnScore", "Laplacian eigenvalues"), strict=True):
        (title,) = texts(grid.root, ".layergrid-title")
        assert title.startswith(name)
        assert title.endswith("of heads pass")
        axes = texts(grid.root, "> .layergrid-axis")
        assert axes == ["Layer index", "Head index"]
        assert texts(grid.root, "[data-column]")[0] == texts(grid.root, "[data-row]")[0] == "0"
        flagged = grid.value(f"np.argwhere({grid.name}.mask).tolist()")
        assert grid.outlined("mask") == [tuple(at) for at in flagged]
        assert flagged
    expect(shown[0].root.locator("canvas.layergrid-bar")).to_be_hidden()
    expect(shown[1].root.locator("canvas.layergrid-bar")).to_be_visible()
    assert texts(shown[1].root, ".layergrid-scale .layergrid-axis") == ["p-value"]
    numbers = texts(shown[1].root, ".layergrid-scale .layergrid-number")
    assert (float(numbers[0]), float(numbers[-1])) == (0, 1)
    sizes = [grid.canvas.bounding_box() for grid in shown]
    assert sizes[0]
    assert sizes[1]
    assert (sizes[0]["width"], sizes[0]["height"]) == (sizes[1]["width"], sizes[1]["height"])
