"""Every contender at one size: first paint, update, click, bytes, kernel CPU, page memory.

- First paint: from ``display()`` of a widget that the cell before made to its first picture.
- Update: from before the assignment in the kernel to the frame that shows it at every spot.
- Click: from the mouse button going down to Python's callback.
- Bytes: what the server sends to the page for an update.
- Kernel CPU: process time of the kernel, all its threads, for an update.
- Page memory: by how much widget and picture make the page's heaps and canvases grow.

Bytes and CPU are those of a cell that updates several times with pauses in between, less those of
the same cell without the updates: what the harness itself sends and runs is not counted.
"""

from __future__ import annotations

import math
import statistics
import sys
from collections.abc import Sequence

from .contenders import CONTENDERS, Contender
from .contenders.contender import frames
from .figures import Figures, Outcome, medians
from .markdown import ABSENT, nbytes, ratio, seconds, table
from .stage import CannotMeasure, Stage, TimedNotebook

COLUMNS = {
    "first": ("first paint", seconds),
    "update": ("update", seconds),
    "click": ("click", seconds),
    "bytes": ("bytes per update", nbytes),
    "cpu": ("kernel CPU per update", seconds),
    "memory": ("page memory", nbytes),
}
CLICKS = 6

_PACED = """
import asyncio, time
cpu = time.process_time()
for k in range({count}):
    {update}
    await asyncio.sleep({pause})
cpu = time.process_time() - cpu
"""


def time_size(
    stage: Stage, size: tuple[int, int], names: Sequence[str], rounds: int, limit: float
) -> Outcome:
    """Time these contenders at one size, in turn, round by round."""
    layers, components = size
    missing = {
        name: CONTENDERS[name].why
        for name in names
        if layers * components > CONTENDERS[name].most_cells
    }
    found: dict[str, list[Figures]] = {name: [] for name in names}
    for k in range(rounds):
        for name in _turned(names, k):
            if name in missing:
                continue
            title = f"{name} {layers}x{components} {k + 1}"
            try:
                figures = measure(stage, title, CONTENDERS[name], size, limit)
            except CannotMeasure as reason:
                missing[name] = str(reason)
                found[name].clear()
                print(f"{title}: {reason}", file=sys.stderr)
            else:
                found[name].append(figures)
                told = ", ".join(f"{key} {COLUMNS[key][1](figures[key])}" for key in COLUMNS)
                print(f"{title}: {told}", file=sys.stderr)
    of = {name: medians(figures) for name, figures in found.items() if figures}
    return Outcome(_describe(size, names, of, missing), _facts(size, of))


def _turned(names: Sequence[str], by: int) -> list[str]:
    # Nobody always comes after the same one.
    by %= len(names)
    return [*names[by:], *names[:by]]


def measure(
    stage: Stage, title: str, contender: Contender, size: tuple[int, int], limit: float
) -> Figures:
    """Time one contender once, in a page of its own."""
    layers, components = size
    # Four frames of the largest size would fill the memory of many machines.
    count = 4 if layers * components <= 16_000_000 else 2
    cells = [
        stage.beacon.code + frames(layers, components, count),
        contender.build + "\nwidget = make(frames[0])",
        "start = time.time()\ndisplay(widget)",
    ]
    with stage.notebook(title.replace(" ", "-"), cells, limit) as notebook:
        notebook.look_at(contender, layers, components)
        notebook.run(0)
        notebook.rest()
        before = notebook.memory()
        notebook.run(1)
        notebook.rest()

        notebook.expect("bench.isPainted(look())", limit)
        notebook.run(2)
        found = {"first": notebook.seen() - notebook.number("start")}
        notebook.rest()

        times = 9 if layers * components < 1_000_000 else 3
        found["update"] = _time_updates(notebook, count, times, limit)
        found["click"] = _time_clicks(stage, notebook)
        found |= _weigh_updates(notebook, count, found["update"], limit)
        notebook.rest()
        found["memory"] = notebook.memory() - before
    return found


def _time_updates(notebook: TimedNotebook, count: int, times: int, limit: float) -> float:
    taken = []
    for k in range(1, times + 1):
        notebook.expect_other(limit)
        notebook.execute(f"start = time.time()\nupdate(widget, frames[{k % count}])")
        taken.append(notebook.seen() - notebook.number("start"))
    return statistics.median(taken)


def _time_clicks(stage: Stage, notebook: TimedNotebook) -> float:
    taken = []
    for k in range(CLICKS):
        x, y = notebook.page.evaluate("(k) => spot(k)", k)
        notebook.rest()
        stage.beacon.forget()
        notebook.page.mouse.click(x, y)
        heard = stage.beacon.wait(10)
        taken.append(heard - notebook.page.evaluate("bench.acted"))
    return statistics.median(taken)


def _weigh_updates(notebook: TimedNotebook, count: int, update: float, limit: float) -> Figures:
    pause = max(0.05, 2 * update)
    times = max(2, min(20, round(1 / pause)))  # about a second of them
    totals = []
    for code in ("pass", f"update(widget, frames[k % {count}])"):
        notebook.rest()
        received = notebook.received()
        notebook.execute(_PACED.format(count=times, update=code, pause=pause))
        notebook.rest()
        totals.append((notebook.received() - received, notebook.number("cpu")))
    (plain_bytes, plain_cpu), (all_bytes, all_cpu) = totals
    return {"bytes": (all_bytes - plain_bytes) / times, "cpu": (all_cpu - plain_cpu) / times}


def _describe(
    size: tuple[int, int], names: Sequence[str], of: dict[str, Figures], missing: dict[str, str]
) -> str:
    base = of.get("floor")
    title = " × ".join(f"{n:,}" for n in size)
    rows = []
    for name in names:
        if name not in of:
            cells = [ABSENT] * len(COLUMNS)
        elif base is None:
            cells = [show(of[name][key]) for key, (_, show) in COLUMNS.items()]
        else:
            cells = [ratio(_relative(of[name], base, key)) for key in COLUMNS]
        rows.append([name, *cells])
    lines = [table([title, *(head for head, _ in COLUMNS.values())], rows), ""]
    if base is not None:
        told = (f"{head} {show(base[key])}" for key, (head, show) in COLUMNS.items())
        lines.append(f"Ratios to the floor, which took: {', '.join(told)}.")
    else:
        lines.append("Absolute figures: the floor cannot be measured at this size.")
    lines += [f"- {name}: {reason}." for name, reason in missing.items()]
    return "\n".join(lines)


def _facts(size: tuple[int, int], of: dict[str, Figures]) -> Figures:
    """Give our ratios to the floor, for the targets."""
    if not {"floor", "layergrid"} <= of.keys():
        return {}
    layers, components = size
    return {
        f"{layers}x{components} {key}": _relative(of["layergrid"], of["floor"], key)
        for key in COLUMNS
    }


def _relative(figures: Figures, base: Figures, key: str) -> float:
    # What is less than the harness can tell from nothing has no ratio.
    return figures[key] / base[key] if base[key] > 0 else math.nan
