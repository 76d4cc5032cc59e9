"""A hundred heatmaps in one notebook beside as many floors that carry as many bytes of ESM.

- Painted: from running the first of their cells until all have run and those in sight are painted.
- Reload: from the kernel's connection in the new page until those in sight are painted again, and
  the last one, once it is scrolled to, is too. The host gives up 4 s after it has asked for them
  all: then nothing is restored, and the time is infinite.
"""

from __future__ import annotations

import math
import sys

from .bundle import BUNDLE
from .contenders import CONTENDERS, Contender
from .contenders.contender import frames
from .contenders.floor import floor
from .figures import Figures, Outcome, medians
from .markdown import ratio, seconds, table
from .stage import CannotMeasure, Stage, TimedNotebook

HEATMAPS = 100
LAYERS, COMPONENTS = 36, 7
RESTORED_WITHIN = 20.0  # several times what the host takes until it gives up
_SELECTORS = {"floor": "canvas.floor", "layergrid": "canvas.layergrid-cells"}

# Cells in sight have a canvas each, and those canvases in sight that are not painted are none.
_ALL_PAINTED = """() => {{
  const cells = [...document.querySelectorAll(".jp-Notebook .jp-CodeCell")]
    .filter((cell) => bench.isVisible(cell) && !cell.textContent.includes("def make"));
  const canvases = cells.map((cell) => cell.querySelector("{selector}"));
  const visible = canvases.filter((canvas) => canvas && bench.isVisible(canvas));
  return visible.length > 0 && canvases.every(Boolean) &&
    visible.every((canvas) => bench.isPainted(bench.colours(canvas)));
}}"""

_RUN_BELOW = """async () => {
  const { shell, commands } = window.jupyterapp;
  shell.currentWidget.content.activeCellIndex = 1;
  const start = bench.now();
  await commands.execute("notebook:run-all-below");
  return start;
}"""

_SCROLL_TO_LAST = """async (last) => {
  const { content } = window.jupyterapp.shell.currentWidget;
  content.activeCellIndex = last;
  await content.scrollToItem(last);
}"""


def time_many(stage: Stage, rounds: int, limit: float) -> Outcome:
    """Time both in turn, round by round."""
    contenders = {
        "floor": floor(esm_bytes=len(BUNDLE.read_bytes())),
        "layergrid": CONTENDERS["layergrid"],
    }
    found: dict[str, list[Figures]] = {name: [] for name in contenders}
    for k in range(rounds):
        for name, contender in contenders.items():
            try:
                figures = _measure(stage, f"many-{name}-{k + 1}", name, contender, limit)
            except CannotMeasure as reason:
                return Outcome(f"{HEATMAPS} heatmaps: not measured; {name}: {reason}.")
            found[name].append(figures)
            told = ", ".join(f"{key} {seconds(value)}" for key, value in figures.items())
            print(f"many {name} {k + 1}: {told}", file=sys.stderr)
    of = {name: medians(figures) for name, figures in found.items()}
    rows = [
        [
            name,
            seconds(figures["first"]),
            ratio(figures["first"] / of["floor"]["first"]),
            seconds(figures["reload"]),
            ratio(figures["reload"] / of["floor"]["reload"]),
        ]
        for name, figures in of.items()
    ]
    head = [f"{HEATMAPS} of {LAYERS} × {COMPONENTS}", "painted", "ratio", "reload", "ratio"]
    facts = {
        "many first": of["layergrid"]["first"] / of["floor"]["first"],
        "many reload": of["layergrid"]["reload"],
    }
    return Outcome(table(head, rows), facts)


def _measure(stage: Stage, title: str, name: str, contender: Contender, limit: float) -> Figures:
    setup = stage.beacon.code + frames(LAYERS, COMPONENTS) + contender.build
    cells = [setup, *(f"make(frames[{k % 4}])" for k in range(HEATMAPS))]
    with stage.notebook(title, cells, limit) as notebook:
        passes = f"({_ALL_PAINTED.format(selector=_SELECTORS[name])})()"
        notebook.run(0)
        notebook.rest()
        start = notebook.page.evaluate(_RUN_BELOW)
        notebook.expect(passes, limit)
        found = {"first": notebook.seen() - start}
        notebook.rest()
        notebook.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
        found["reload"] = _time_reload(notebook, passes)
    return found


def _time_reload(notebook: TimedNotebook, passes: str) -> float:
    notebook.page.reload(wait_until="commit")
    try:
        notebook.expect(passes, RESTORED_WITHIN)
        painted = notebook.seen()
        notebook.page.evaluate(_SCROLL_TO_LAST, HEATMAPS)
        notebook.expect(passes, RESTORED_WITHIN)
        notebook.seen()
    except CannotMeasure:
        return math.inf
    return float(painted - notebook.page.evaluate("bench.connected"))
