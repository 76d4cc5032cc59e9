"""The notebook about real models, in a kernel that has torch: what a click on a weight opens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from .examples import example, expect_no_errors
from .grid import GridPage
from .lab import Notebook


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Notebook]:
    """The notebook, run from top to bottom."""
    folder = tmp_path_factory.mktemp("models")
    with example("03_your_model.ipynb", folder, browser, height=6000) as notebook:
        yield notebook


def test_it_runs_from_top_to_bottom(notebook: Notebook) -> None:
    expect(notebook.page.locator(".layergrid")).to_have_count(6)
    expect_no_errors(notebook)


def test_the_live_grid_has_the_numbers_and_names_of_the_model(notebook: Notebook) -> None:
    assert notebook.value("grid.shape") == "(30, 7)"
    q = "float(grid.sel(layer=0, component='attn.q'))"
    reference = "model.model.layers[0].self_attn.q_proj.weight.double().square().mean().sqrt()"
    assert notebook.value(f"abs({q} - float({reference})) < 1e-6") == "True"
    name = "str(grid.sel(layer=29, component='mlp.down').coords['name'].values)"
    assert notebook.value(name) == "'model.layers.29.mlp.down_proj.weight'"


def test_a_click_opens_the_tensor_behind_the_cell(notebook: Notebook) -> None:
    grid = GridPage(notebook, "rms", shape=(30, 7))
    grid.click(17, 6)
    opened = notebook.page.locator(".layergrid").nth(1)
    expect(opened.locator(".layergrid-title")).to_contain_text("layers.17.mlp.down_proj.weight")
    same = "np.array_equal(side_by_side.children[1].values, grid_tensor.numpy())"
    notebook.execute("grid_tensor = model.model.layers[17].mlp.down_proj.weight.detach()")
    assert notebook.value(same) == "True"


def test_what_is_on_disk_fills_a_grid(notebook: Notebook) -> None:
    assert notebook.value("filled.values.shape, int(np.ma.count_masked(filled.values))") == (
        "((6, 6), 0)"
    )
    assert notebook.value("f'{int(parameters.sum()):,}'") == "'401,646,551,040'"
