"""A page with the widget in it and no Jupyter: traits are put in from here, pixels read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, Route

import layergrid
from layergrid import Heatmap
from layergrid.page import pack

STATIC = Path(layergrid.__file__).parent / "static"
HOST = Path(__file__).with_name("host.js")
_URL = "http://layergrid.test/"


class HostPage:
    """A page that shows states of heatmaps with no kernel behind them."""

    def __init__(
        self, browser: Browser, *, policy: str = "", init: str = "", **context: Any
    ) -> None:
        """Open a page, with this Content-Security-Policy, that runs a script before all others."""
        self.context = browser.new_context(**context)
        self.page: Page = self.context.new_page()
        self.page.add_init_script(init)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.route(f"{_URL}**", partial(_serve, policy=policy))
        self.page.goto(_URL)
        self.page.wait_for_function("() => Boolean(window.mount)")

    def mount(self, heatmap: Heatmap) -> None:
        """Show a heatmap below those that are shown."""
        self.page.evaluate("(saved) => window.mount(saved)", pack(heatmap._saved()))

    def make(self, heatmap: Heatmap) -> None:
        """Make a heatmap that is not displayed yet; `display()` in the page displays it."""
        self.page.evaluate(
            "async (saved) => { window.display = await window.make(saved); }",
            pack(heatmap._saved()),
        )

    def colours_of(
        self, states: Iterable[Mapping[str, Any]], layers: int, components: int
    ) -> np.ndarray:
        """Show states in turn; gives RGBA in the middle of each cell, (state, layer, component)."""
        colours = self.page.evaluate(
            """async ([states, layers, components]) => {
              const all = [];
              for (const saved of states) {
                all.push(await window.coloursOf(saved, layers, components));
              }
              return all;
            }""",
            [[pack(traits) for traits in states], layers, components],
        )
        return np.array(colours, int).reshape(-1, layers, components, 4)

    def close(self) -> None:
        """Close the page."""
        self.context.close()


def _serve(route: Route, policy: str) -> None:
    name = route.request.url.removeprefix(_URL).partition("?")[0]
    match name:
        case "widget.js":
            route.fulfill(path=STATIC / "widget.js", content_type="text/javascript")
        case "host.js":
            route.fulfill(path=HOST, content_type="text/javascript")
        case "":
            route.fulfill(
                content_type="text/html",
                headers={"Content-Security-Policy": policy} if policy else {},
                body="<!doctype html><meta charset=utf-8>"
                "<style>body { margin: 16px }</style>"
                '<body data-theme="light"><script type="module" src="host.js"></script>',
            )
        case _:
            route.fulfill(status=404)
