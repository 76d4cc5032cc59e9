"""A shown heatmap as a person finds it: where its cells are, what it says, how it is clicked."""

from __future__ import annotations

import ast
import re
from typing import Any

from playwright.sync_api import Locator, expect

from .lab import Notebook


class GridPage:
    """The ``nth`` heatmap of a notebook, a view of the variable `name`."""

    def __init__(
        self,
        notebook: Notebook,
        name: str = "w",
        *,
        shape: tuple[int, int] = (30, 7),
        nth: int = 0,
    ) -> None:
        self.notebook = notebook
        self.page = notebook.page
        self.name = name
        self.n_layers, self.n_components = shape
        self.root: Locator = self.page.locator(".layergrid").nth(nth)
        self.canvas = self.root.locator("canvas.layergrid-cells")
        self.picture = self.root.locator(".layergrid-picture")
        self.tooltip = self.root.locator(".layergrid-tooltip")
        self.status = self.root.locator(".layergrid-status")
        self.error = self.root.locator(".layergrid-error")
        self.wait_painted()
        self.page.evaluate(_WATCH)

    def wait_painted(self) -> None:
        """Wait until the labels stand, which is after the cells are painted."""
        expect(self.root.locator(".layergrid-chrome text").first).to_be_attached()

    # ── where things are ──

    def centre(self, layer: int, component: int) -> tuple[float, float]:
        """Page coordinates of the middle of a cell: halfway between its edges on the canvas."""
        self.canvas.scroll_into_view_if_needed()
        box = self.canvas.bounding_box()
        assert box
        columns, rows = self.edges()
        left, right = columns[component]
        top, bottom = rows[layer]
        scale = box["width"] / self.canvas.evaluate("(canvas) => canvas.width")
        return (
            box["x"] + (left + right) / 2 * scale,
            box["y"] + (top + bottom) / 2 * scale,
        )

    def label(self, text: str) -> tuple[float, float]:
        """Page coordinates of the middle of a label."""
        labels = self.root.locator(".layergrid-chrome text")
        box = labels.filter(has_text=re.compile(f"^{re.escape(text)}$")).bounding_box()
        assert box
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def edges(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """First and last pixel of every column and row, read off the gaps between the cells."""
        opaque = self.root.evaluate(
            """(root) => {
              // A blank cell is empty but for its frame, which is a mark.
              const canvases = [...root.querySelectorAll(
                "canvas.layergrid-cells, canvas.layergrid-marks:not([hidden])")];
              const [{ width, height }] = canvases;
              const pixels = canvases.map(
                (one) => one.getContext("2d").getImageData(0, 0, width, height).data);
              const any = (n, at) => Array.from({ length: n }, (_, k) => at(k));
              const alpha = (x, y) => pixels.some((data) => data[(y * width + x) * 4 + 3] > 0);
              return [any(width, (x) => any(height, (y) => alpha(x, y)).some(Boolean)),
                      any(height, (y) => any(width, (x) => alpha(x, y)).some(Boolean))];
            }"""
        )
        columns, rows = (
            _runs(line) if False in line else _equal(len(line), count)
            for line, count in zip(opaque, (self.n_components, self.n_layers), strict=True)
        )
        assert (len(rows), len(columns)) == (self.n_layers, self.n_components)
        return columns, rows

    def pixel(self, layer: int, component: int) -> tuple[int, ...]:
        """RGBA in the middle of a cell."""
        columns, rows = self.edges()
        x, y = sum(columns[component]) // 2, sum(rows[layer]) // 2
        return tuple(
            self.page.evaluate(
                "([canvas, x, y]) => [...canvas.getContext('2d').getImageData(x, y, 1, 1).data]",
                [self.canvas.element_handle(), x, y],
            )
        )

    def outlined(self, line: str) -> list[tuple[int, int]]:
        """Cells, row by row, that lie within the outline of the "selection" or the "mask"."""
        columns, rows = self.edges()
        middles = [[sum(span) / 2 for span in spans] for spans in (rows, columns)]
        inside: list[list[int]] = self.root.locator(f".layergrid-line.layergrid-{line}").evaluate(
            """async (line, [ys, xs]) => {
              await new Promise(requestAnimationFrame);  // what was just done is drawn with it
              const path = new Path2D(line.getAttribute("d"));
              const pen = document.createElement("canvas").getContext("2d");
              const within = (x, y) => pen.isPointInPath(path, x, y, "evenodd");
              return ys.flatMap((y, i) => xs.flatMap((x, j) => (within(x, y) ? [[i, j]] : [])));
            }""",
            middles,
        )
        return [(i, j) for i, j in inside]

    def entry(self, name: str) -> Locator:
        """The entry of the legend with a name, such as "NaN"; its number is left open."""
        legend = self.root.get_by_role("group", name="Legend")
        return legend.get_by_role("button", name=re.compile(f"^{re.escape(name)}: [\\d,]+$"))

    def legend(self) -> dict[str, int]:
        """What the legend says: its names and how many cells each has."""
        entries = self.root.get_by_role("group", name="Legend").get_by_role("button").all()
        said = [entry.get_attribute("aria-label") or "" for entry in entries]
        return {name: int(n.replace(",", "")) for name, n in (s.rsplit(": ", 1) for s in said)}

    def tool(self, name: str) -> Locator:
        """One of the tools over the cells."""
        return self.root.get_by_role("toolbar").get_by_role("button", name=name)

    # ── doing things ──

    def click(self, layer: int, component: int, *modifiers: str) -> None:
        """Click a cell, holding modifiers."""
        for key in modifiers:
            self.page.keyboard.down(key)
        self.page.mouse.click(*self.centre(layer, component))
        for key in modifiers:
            self.page.keyboard.up(key)

    def hover(self, layer: int, component: int) -> None:
        """Move the pointer to a cell."""
        self.page.mouse.move(*self.centre(layer, component))

    def drag(self, first: tuple[int, int], last: tuple[int, int], *modifiers: str) -> None:
        """Drag from one cell to another."""
        for key in modifiers:
            self.page.keyboard.down(key)
        self.page.mouse.move(*self.centre(*first))
        self.page.mouse.down()
        self.page.mouse.move(*self.centre(*last), steps=4)
        self.page.mouse.up()
        for key in modifiers:
            self.page.keyboard.up(key)

    def press(self, *keys: str) -> None:
        """Press keys while the grid has the focus."""
        for key in keys:
            self.page.keyboard.press(key)

    # ── what the kernel knows ──

    def value(self, expression: str) -> Any:
        """A literal value from the kernel."""
        return ast.literal_eval(self.notebook.value(expression))

    def selected(self) -> list[tuple[int, int]]:
        """Indices of the cells that Python holds as selected, once the page's word is heard."""
        self.settle()
        return self.value(f"[c.index for c in {self.name}.selection]")

    def picked(self) -> list[tuple[Any, Any]]:
        """The same cells by their labels, (layer, component)."""
        self.settle()
        return self.value(f"[(c.layer, c.component) for c in {self.name}.selection]")

    def settle(self) -> None:
        """Wait until the kernel has answered everything that this page has asked of it."""
        # Widgets are heard beside the cells, so an answer of the kernel to this says nothing of
        # them; but it comes after what the page sends when it hears of the answers before.
        for _ in range(2):
            self.page.wait_for_function("() => window.unanswered.size === 0")
            self.notebook.value("None")

    def received(self) -> set[str]:
        """Names of the traits and kinds of the messages that came since this was asked last."""
        return set(self.page.evaluate("() => window.received.splice(0)"))


#: Notes what passes between a page and its kernel.
_WATCH = """() => {
  if (window.unanswered) return;
  window.unanswered = new Set();
  window.received = [];
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  kernel.anyMessage.connect((_, { msg, direction }) => {
    const { method, state = {}, buffer_paths = [], content } = msg.content?.data ?? {};
    const received = direction === "recv";
    if (method === "update" && received) {
      window.received.push(...Object.keys(state), ...buffer_paths.map(String));
    }
    if (method !== "custom") return;
    const { kind, page, seq } = content;
    const asked = { ack: "gesture", refused: "gesture", stepped: "step" }[kind] ?? kind;
    if (received) {
      window.received.push(kind);
      window.unanswered.delete(`${page} ${asked} ${seq}`);
    } else if (kind === "gesture" || kind === "step") {
      window.unanswered.add(`${page} ${asked} ${seq}`);
    }
  });
}"""


def _runs(line: list[bool]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for k, on in enumerate(line):
        if on and (k == 0 or not line[k - 1]):
            runs.append((k, k + 1))
        elif on:
            runs[-1] = (runs[-1][0], k + 1)
    return runs


def _equal(pixels: int, count: int) -> list[tuple[int, int]]:
    """Cells without gaps between them."""
    return [(k * pixels // count, (k + 1) * pixels // count) for k in range(count)]


def block(first: tuple[int, int], last: tuple[int, int]) -> list[tuple[int, int]]:
    """All cells of a rectangle, row by row."""
    return [
        (i, j)
        for i in range(min(first[0], last[0]), max(first[0], last[0]) + 1)
        for j in range(min(first[1], last[1]), max(first[1], last[1]) + 1)
    ]
