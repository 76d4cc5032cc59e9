"""Notebooks of examples/ that need torch and real models, run from top to bottom."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, expect

from .lab import LabServer, Notebook

ROOT = Path(__file__).parents[2]


@contextmanager
def example(
    name: str, folder: Path, browser: Browser, *, width: int = 1500, height: int
) -> Iterator[Notebook]:
    """Run a notebook in a kernel that has torch, in a page of that many CSS pixels."""
    python = ROOT / ".venv-libraries" / "bin" / "python"
    assert python.exists(), "run `make test-libraries` first: this needs torch and real models"
    with closing(LabServer(folder, python)) as server:
        shutil.copytree(ROOT / "examples", server.root, dirs_exist_ok=True)
        source = json.loads((server.root / name).read_text("utf-8"))
        notebook = Notebook(server, browser, name, viewport={"width": width, "height": height})
        for k, cell in enumerate(source["cells"]):
            if cell["cell_type"] == "code":
                notebook.run(k, seconds=300)  # models are loaded, and run hundreds of times
        yield notebook
        notebook.close()
        assert notebook.errors == []


def expect_no_errors(notebook: Notebook) -> None:
    """Expect that no cell and no callback raised."""
    expect(notebook.page.locator(".layergrid-error:visible")).to_have_count(0)
    errors = "[data-mime-type='application/vnd.jupyter.error']"
    expect(notebook.page.locator(errors)).to_have_count(0)
