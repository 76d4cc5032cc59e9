"""The notebook that switches heads of a real model off: what a click makes it say."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from .examples import example, expect_no_errors
from .grid import GridPage
from .lab import Notebook


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Notebook]:
    """The notebook, run from top to bottom."""
    folder = tmp_path_factory.mktemp("knock-out")
    with example("04_knock_out.ipynb", folder, browser, height=5000) as notebook:
        yield notebook


def test_it_runs_from_top_to_bottom(notebook: Notebook) -> None:
    expect(notebook.page.locator(".layergrid")).to_have_count(4)
    expect_no_errors(notebook)


def test_the_sweep_filled_the_shown_heatmap(notebook: Notebook) -> None:
    assert notebook.value("heads.data.equals(changes)") == "True"
    assert notebook.value("changes.shape, 'pending' in changes.coords") == "((30, 9), False)"
    notebook.execute(
        "before = float(log_probability(model))\n"
        "with lg.ablate(model, [(23, 4)]):\n"
        "    change = float(log_probability(model)) - before"
    )
    assert (
        notebook.value("abs(float(changes.sel(layer=23, component=4)) - change) < 1e-4") == "True"
    )


def test_heads_that_are_clicked_are_off_while_it_speaks(notebook: Notebook) -> None:
    said = notebook.page.locator(".widget-html", has_text="off:")
    # The two worst ones, which the notebook has picked.
    expect(said).to_contain_text("off: 23·4, 1·4")
    expect(said).not_to_contain_text("Paris")
    grid = GridPage(notebook, "heads", shape=(30, 9), nth=1)
    grid.click(15, 0)
    expect(said).to_contain_text("off: 15·0")
    expect(said).to_contain_text("Paris")
    grid.click(23, 4)
    grid.click(1, 4, "Control")
    expect(said).to_contain_text("off: 23·4, 1·4")
    expect(said).not_to_contain_text("Paris")
    notebook.page.keyboard.press("Escape")
    expect(said).to_contain_text("off: none")
    expect(said).to_contain_text("Paris")
    assert notebook.value("sum(len(m._forward_hooks) for m in model.modules())") == "0"


def test_a_stopped_sweep_keeps_what_is_done_and_goes_on(notebook: Notebook) -> None:
    notebook.execute("heads.selection = []")
    notebook.page.evaluate(
        """() => {
          const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
          const sweep = 'part = lg.ablation(model, log_probability, "heads", layers=range(18, 24), '
            + 'into=heads, progress=False)';
          kernel.requestExecute({ code: sweep });
        }"""
    )
    legend = GridPage(notebook, "heads", shape=(6, 9)).root.locator(".layergrid-legend")
    # Cells are there while the rest is still to come: now somebody presses the stop button.
    expect(legend).to_contain_text(re.compile(r"pending([34]\d|5[0-3])(?!\d)"), timeout=60_000)
    notebook.page.evaluate("window.jupyterapp.commands.execute('notebook:interrupt-kernel')")
    assert notebook.value("0 < int(part.pending.sum()) < 54") == "True"
    assert notebook.value("heads.data.equals(part)") == "True"
    notebook.execute(
        "import numpy as np\n"
        "whole = lg.ablation(model, log_probability, resume=part, layers=range(18, 24), batch=9)\n"
        "same = np.allclose(whole, changes.sel(layer=range(18, 24)), atol=1e-4)"
    )
    assert notebook.value("same, 'pending' in whole.coords") == "(True, False)"
    assert notebook.value("sum(len(m._forward_hooks) for m in model.modules())") == "0"
