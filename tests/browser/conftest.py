"""One JupyterLab and one Chromium for all browser tests; a fresh page and kernel for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from .grid import GridPage
from .lab import LabServer, Notebook, launch_chromium

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    server = LabServer(tmp_path_factory.mktemp("lab"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        yield browser
        browser.close()


Open = Callable[..., Notebook]


@pytest.fixture
def open_notebook(
    server: LabServer, browser: Browser, request: pytest.FixtureRequest
) -> Iterator[Open]:
    """Open a notebook with these cells in a page of its own; page errors fail the test."""
    opened: list[Notebook] = []

    def open_(*cells: str, **context: object) -> Notebook:
        name = f"{request.node.name.replace('[', '-').replace(']', '')}-{len(opened)}.ipynb"
        server.write(name, cells)
        notebook = Notebook(server, browser, name, **context)
        opened.append(notebook)
        return notebook

    yield open_
    errors = [error for notebook in opened for error in notebook.errors]
    for notebook in opened:
        notebook.close()
    assert errors == []


@pytest.fixture(scope="module")
def notebook(
    server: LabServer, browser: Browser, request: pytest.FixtureRequest
) -> Iterator[Notebook]:
    """A notebook that the tests of a module share: its `CELLS`, in a page of its `CONTEXT`."""
    module = request.module
    name = server.write(f"{module.__name__.rpartition('.')[2]}.ipynb", module.CELLS)
    notebook = Notebook(server, browser, name, **getattr(module, "CONTEXT", {}))
    yield notebook
    notebook.close()
    assert notebook.errors == []


SETUP = """
import numpy as np, layergrid as lg
values = np.arange(30 * 7.0).reshape(30, 7)
components = ["attn.q", "attn.k", "attn.v", "attn.o", "mlp.gate", "mlp.up", "mlp.down"]
w = lg.Heatmap(values, components=components)
heard = []
w.on_select(lambda e: heard.append(([c.index for c in e.cells], e.source)))
"""


@pytest.fixture
def grid(open_notebook: Open) -> GridPage:
    """A shown 30 × 7 grid called ``w``, whose SelectEvents gather in ``heard``."""
    notebook = open_notebook(SETUP, "w", "done = True")
    notebook.run(0)
    notebook.run(1)
    return GridPage(notebook)
