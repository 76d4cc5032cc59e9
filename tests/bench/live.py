"""``push`` in a tight loop, as a training loop calls it: what it costs, and what is seen of it.

- Kernel: process time of the kernel for each push, with all that its threads do until the last
  frame is on the screen.
- Last: from the end of the loop until its last frame is on the screen.
- Frames: of the page, from the start of the loop until then.
"""

from __future__ import annotations

import sys

import layergrid

from .contenders import CONTENDERS
from .contenders.contender import frames
from .figures import Figures, Outcome, medians
from .markdown import seconds, table
from .stage import CannotMeasure, Stage

PUSHES = 20_000
LAYERS, COMPONENTS = 36, 7

# The last frame is shown once before, so that the page knows it when it comes again.
_LOOP = f"""
cpu, start = time.process_time(), time.time()
for k in range({PUSHES - 1}):
    widget.push(frames[k % 32])
widget.push(frames[32])
end = time.time()
"""


def time_pushes(stage: Stage, rounds: int, limit: float) -> Outcome:
    """Time the loop, round by round."""
    if not hasattr(layergrid.Heatmap, "push"):
        return Outcome("Live frames: skipped, `Heatmap` has no `push`.")
    found = []
    for k in range(rounds):
        try:
            found.append(_measure(stage, f"live-{k + 1}", limit))
        except CannotMeasure as reason:
            return Outcome(f"Live frames: not measured, {reason}.")
        told = ", ".join(f"{key} {value:.3g}" for key, value in found[-1].items())
        print(f"live {k + 1}: {told}", file=sys.stderr)
    figures = medians(found)
    row = [
        f"{PUSHES:,} of {LAYERS} × {COMPONENTS}",
        f"{figures['push'] * 1e6:.1f} µs",
        f"{figures['wall'] * 1e6:.1f} µs",
        seconds(figures["last"]),
        f"{figures['frames']:.0f}",
        seconds(figures["longest"]),
    ]
    head = ["push", "kernel CPU each", "by the clock", "last frame", "frames a second", "longest"]
    facts = {f"live {key}": figures[key] for key in ("push", "last", "frames")}
    return Outcome(table(head, [row]), facts)


def _measure(stage: Stage, title: str, limit: float) -> Figures:
    contender = CONTENDERS["layergrid"]
    cells = [
        stage.beacon.code + frames(LAYERS, COMPONENTS, 33) + contender.build,
        "widget = make(frames[32])\ndisplay(widget)",
        _LOOP,
    ]
    with stage.notebook(title, cells, limit) as notebook:
        notebook.look_at(contender, LAYERS, COMPONENTS)
        notebook.run(0)
        notebook.expect("bench.isPainted(look())", limit)
        notebook.run(1)
        notebook.seen()
        notebook.rest()
        notebook.page.evaluate("() => { window.last = look().join(); }")
        notebook.expect_other(limit)
        notebook.execute("update(widget, frames[0])")
        notebook.seen()
        notebook.rest()

        notebook.page.evaluate("() => { window.stop = bench.countFrames(); }")
        # It is the last only once the loop is over: no frame before looks like it.
        notebook.expect("look().join() === last", limit)
        notebook.run(2)
        shown = notebook.seen()
        counted = notebook.page.evaluate("stop()")
        notebook.rest()
        used = notebook.number("time.process_time() - cpu")
        end = notebook.number("end")
        return {
            "push": used / PUSHES,
            "wall": (end - notebook.number("start")) / PUSHES,
            "last": max(0.0, shown - end),
            "frames": counted["perSecond"],
            "longest": counted["longest"],
        }
