"""The example notebook, run from top to bottom as `make demo` opens it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from playwright.sync_api import Browser, expect

from .grid import GridPage
from .lab import LabServer, Notebook

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_quickstart_runs_and_a_click_is_known_by_name(
    server: LabServer, browser: Browser
) -> None:
    shutil.copytree(EXAMPLES, server.root / "examples")
    name = "examples/01_quickstart.ipynb"
    cells = json.loads((server.root / name).read_text())["cells"]
    assert len(cells) <= 15
    code = [k for k, cell in enumerate(cells) if cell["cell_type"] == "code"]
    notebook = Notebook(server, browser, name, viewport={"width": 1200, "height": 6000})
    for k in code[:2]:
        notebook.run(k)
    grid = GridPage(notebook)
    grid.click(17, 6)
    assert grid.selected() == [(17, 6)]
    read = notebook.value("(w.selection[0].name, w.selection[0].layer, w.selection[0].component)")
    assert read == "('model.layers.17.mlp.down_proj.weight', 17, 'mlp.down')"
    for k in code[2:]:
        notebook.run(k)
    expect(
        notebook.page.locator("[data-mime-type='application/vnd.jupyter.stderr']")
    ).to_have_count(0)
    expect(notebook.page.locator(".layergrid-error:visible")).to_have_count(0)
    expect(grid.root.locator(".layergrid-title")).to_contain_text("|weight| / rms")
    assert notebook.value("[cell.component for cell in sigma.selection]") == "['mlp.gate']"
    assert notebook.value("w.selection[0].name") == "'model.layers.27.mlp.gate_proj.weight'"
    assert notebook.errors == []
    notebook.close()
