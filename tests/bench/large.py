"""A 100,000 × 10,000 memmap of 4 GB: the first picture of it, and zooming and panning in it.

The file is sparse, with numbers in some bands of its layers, and what is written is in the page
cache. The kernel may not allocate half of it: a heatmap that copies the array fails at once and is
skipped, instead of filling the machine.

- First: from before ``Heatmap(memmap)`` until its picture is on the screen.
- Zoom, pan: from the last event of the gesture to the last frame that changes the picture.
- Frame: the longest gap between two frames while zooming and panning.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from .contenders import CONTENDERS
from .figures import Figures, Outcome, medians
from .markdown import seconds, table
from .stage import CannotMeasure, Stage, TimedNotebook

LAYERS, COMPONENTS = 100_000, 10_000
# Where pages look for colours, `SPOTS` in page.js; the layers in between stay holes of zeros.
_BANDS = ((30_000, 36_000), (50_000, 56_000), (79_000, 83_000))

_SETUP = f"""
import numpy as np, resource, time
values = np.memmap({{path!r}}, "float32", "r", shape=({LAYERS}, {COMPONENTS}))
with open("/proc/self/status") as status:
    held = next(int(line.split()[1]) for line in status if line.startswith("VmData")) * 1024
resource.setrlimit(resource.RLIMIT_DATA, (held + values.nbytes // 2,) * 2)
"""


def time_large(stage: Stage, rounds: int, limit: float) -> Outcome:
    """Time the array, round by round."""
    title = f"{LAYERS:,} × {COMPONENTS:,} on disk"
    path = stage.folder / "large.f32"
    _write(path)
    found = []
    for k in range(rounds):
        try:
            found.append(_measure(stage, f"large-{k + 1}", path, limit))
        except CannotMeasure as reason:
            return Outcome(f"{title}: skipped, {reason}.")
        told = ", ".join(f"{key} {seconds(value)}" for key, value in found[-1].items())
        print(f"large {k + 1}: {told}", file=sys.stderr)
    figures = medians(found)
    head = [title, "first picture", "zoom settles", "pan settles", "longest frame"]
    row = ["layergrid", *(seconds(figures[key]) for key in ("first", "zoom", "pan", "frame"))]
    return Outcome(table(head, [row]), {f"large {key}": value for key, value in figures.items()})


def _write(path: Path) -> None:
    values = np.memmap(path, "float32", "w+", shape=(LAYERS, COMPONENTS))
    rng = np.random.default_rng(0)
    along = np.linspace(0.1, 0.9, COMPONENTS, dtype="float32")
    for start, stop in _BANDS:
        for layer in range(start, stop, 500):
            noise = rng.random((500, COMPONENTS), dtype="float32")
            values[layer : layer + 500] = along + np.float32(0.1) * noise


def _measure(stage: Stage, title: str, path: Path, limit: float) -> Figures:
    contender = CONTENDERS["layergrid"]
    cells = [
        stage.beacon.code + contender.build + _SETUP.format(path=str(path)),
        "start = time.time()\nwidget = make(values)",
        "display(widget)",
    ]
    with stage.notebook(title, cells, limit) as notebook:
        notebook.look_at(contender, LAYERS, COMPONENTS)
        notebook.run(0)
        notebook.rest()
        notebook.expect("bench.isPainted(look())", limit)
        # Not as a cell: this tells what Heatmap() raises.
        notebook.execute(cells[1])
        notebook.run(2)
        found = {"first": notebook.seen() - notebook.number("start")}
        notebook.rest()
        found["zoom"], longest = _time_gesture(notebook, _zoom)
        found["pan"], other = _time_gesture(notebook, _pan)
        found["frame"] = max(longest, other)
    return found


def _time_gesture(
    notebook: TimedNotebook, gesture: Callable[[TimedNotebook], None]
) -> tuple[float, float]:
    """Give the seconds until the picture settles, and the longest frame until then."""
    notebook.page.evaluate(
        """() => {
          window.seen = bench.watchUntilStill(() => look().join(), 0.5, 10);
          window.stop = bench.countFrames();
        }"""
    )
    gesture(notebook)
    settled = notebook.seen()
    longest = notebook.page.evaluate("stop().longest")
    return max(0.0, settled - notebook.page.evaluate("bench.acted")), longest


def _zoom(notebook: TimedNotebook) -> None:
    page = notebook.page
    page.mouse.move(*page.evaluate("spot(0)"))
    page.keyboard.down("Control")
    for _ in range(5):
        page.mouse.wheel(0, -120)
    page.keyboard.up("Control")


def _pan(notebook: TimedNotebook) -> None:
    page = notebook.page
    x, y = page.evaluate("spot(0)")
    page.mouse.move(x, y)
    page.keyboard.down("Alt")
    page.mouse.down()
    page.mouse.move(x + 60, y + 40, steps=5)
    page.mouse.up()
    page.keyboard.up("Alt")
