"""The notebook about the Inspector, in a kernel that has torch: down to a real tensor."""

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
    folder = tmp_path_factory.mktemp("inspector")
    with example("05_inspector.ipynb", folder, browser, width=1300, height=4000) as notebook:
        yield notebook


def test_it_runs_from_top_to_bottom(notebook: Notebook) -> None:
    expect(notebook.page.locator(".layergrid-inspector")).to_have_count(2)
    expect_no_errors(notebook)


def test_what_code_picks_is_in_the_charts(notebook: Notebook) -> None:
    first = notebook.page.locator(".layergrid-inspector").nth(0)
    captions = first.locator(".layergrid-beside .layergrid-caption")
    expect(captions.nth(0)).to_have_text("attn.k attn.v")
    expect(captions.nth(1)).to_have_text("layer 0")
    expect(captions.nth(2)).to_contain_text(f"{notebook.value('int(w.mask.sum())')} highlighted")


def test_a_real_tensor_opens_with_its_singular_values(notebook: Notebook) -> None:
    second = notebook.page.locator(".layergrid-inspector").nth(1)
    note = second.locator(".layergrid-note")
    expect(note).to_contain_text("model.layers.17.mlp.down_proj.weight")
    expect(second.locator(".layergrid-body")).to_contain_text("576 singular values", timeout=60_000)
    weight = "model.model.layers[17].mlp.down_proj.weight.detach()"
    notebook.execute(f"import numpy as np; weight = {weight}; wide = weight.double().numpy()")
    assert notebook.value("np.array_equal(opened.tensor.heatmap.values, weight.numpy())") == "True"
    rank = float(notebook.value("float((wide**2).sum() / np.linalg.norm(wide, 2) ** 2)"))
    expect(second.locator(".layergrid-body")).to_contain_text(f"stable rank {rank:.4g}")


def test_another_pick_opens_another_tensor(notebook: Notebook) -> None:
    ranks = notebook.page.locator(".layergrid-inspector").nth(1)
    grid = GridPage(notebook, "ranks", shape=(30, 7), nth=2)
    grid.click(3, 1)
    expect(ranks.locator(".layergrid-note")).to_contain_text("layers.3.self_attn.k_proj.weight")
    expect(ranks.locator(".layergrid-body")).to_contain_text("192 singular values")
