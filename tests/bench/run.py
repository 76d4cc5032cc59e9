"""Time layergrid beside the floor and a peer, in one run of real JupyterLab in real Chromium.

    make bench                     36 × 7 and 1000 × 1000, three rounds
    python -m tests.bench.run --sizes 36x7 --rounds 5 --only floor,layergrid

Prints a Markdown table of ratios of medians to the floor. Absolute times mean nothing beyond the
run they were taken in: read the ratios.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from ..browser.lab import LabServer, Notebook, launch_chromium
from .contenders import CONTENDERS, Contender

COLUMNS = {
    "first": "first paint", "update": "update", "click": "click", "bytes": "bytes per update"
}  # fmt: skip
UPDATES, CLICKS = 9, 8

Figures = dict[str, float]

# Resolves with the time, on the clock that the kernel uses too, of the first frame that passes.
_WATCH = """window.watch = (passes) => new Promise((resolve) => {
  const look = () => passes() ? resolve(performance.timeOrigin + performance.now())
                              : requestAnimationFrame(look);
  look();
});"""


def measure(server: LabServer, browser: Browser, name: str, contender: Contender) -> Figures:
    """Give the seconds of first paint, update and click, and the bytes of an update."""
    server.write(f"{name}.ipynb", [contender.build, "start = time.time()\ndisplay(widget)"])
    notebook = Notebook(server, browser, f"{name}.ipynb", viewport={"width": 1400, "height": 1800})
    page = notebook.page
    page.evaluate(f"{_WATCH} window.probe = () => JSON.stringify({contender.probe});")
    notebook.run(0)
    notebook.value("None")
    _settle(page.evaluate)

    page.evaluate(f"() => {{ window.done = watch(() => {contender.painted}); }}")
    notebook.run(1)
    painted = page.evaluate("window.done") / 1000
    found = {"first": painted - float(notebook.value("start"))}

    updates = []
    for k in range(1, UPDATES + 1):
        page.evaluate("() => { const old = probe(); window.done = watch(() => probe() !== old); }")
        notebook.execute(f"start, k = time.time(), {k}\n{contender.update}")
        updates.append(page.evaluate("window.done") / 1000 - float(notebook.value("start")))
    found["update"] = statistics.median(updates)

    clicks = []
    for k in range(CLICKS):
        x, y = page.evaluate(f"(k) => {contender.spot}", k)
        notebook.execute("clicked.clear()")
        start = time.time()
        page.mouse.click(x, y)
        clicks.append(_wait_for_click(notebook) - start)
    found["click"] = statistics.median(clicks)

    # Last, because counting frames slows large ones down.
    found["bytes"] = _bytes_of_update(notebook, contender)
    assert not notebook.errors, notebook.errors
    notebook.close()
    return found


def _settle(evaluate: Callable[[str], object]) -> None:
    """Wait until the page has had nothing to do for a while."""
    evaluate(
        """() => new Promise((resolve) => {
          let quiet = 0;
          const look = (deadline) => {
            quiet = deadline.timeRemaining() > 20 ? quiet + 1 : 0;
            if (quiet > 20) resolve(); else requestIdleCallback(look);
          };
          requestIdleCallback(look);
        })"""
    )


def _wait_for_click(notebook: Notebook) -> float:
    while True:
        heard = notebook.value("clicked[-1] if clicked else 0.0")
        if float(heard):
            return float(heard)
        notebook.page.wait_for_timeout(10)


def _bytes_of_update(notebook: Notebook, contender: Contender) -> float:
    counted = 0

    def count(frame: dict) -> None:
        nonlocal counted
        payload = frame["response"]["payloadData"]
        binary = frame["response"]["opcode"] == 2  # in base64
        counted += len(payload) * 3 // 4 if binary else len(payload)

    session = notebook.context.new_cdp_session(notebook.page)
    session.on("Network.webSocketFrameReceived", count)
    session.send("Network.enable")
    notebook.page.evaluate(
        "() => { const old = probe(); window.done = watch(() => probe() !== old); }"
    )
    notebook.execute(f"k = {UPDATES + 1}\n{contender.update}")
    notebook.page.evaluate("window.done")
    notebook.value("None")
    return float(counted)


def table(size: str, medians: dict[str, Figures]) -> str:
    """Give the ratios to the floor as Markdown."""
    base = medians["floor"]
    lines = [f"| {size} | " + " | ".join(COLUMNS.values()) + " |", "|---" * 5 + "|"]
    for name, found in medians.items():
        ratios = (f"{found[key] / base[key]:.2f}" for key in COLUMNS)
        lines.append(f"| {name} | " + " | ".join(ratios) + " |")
    absolute = ", ".join(
        f"{title} {base[key] / 1e3:.1f} kB"
        if key == "bytes"
        else f"{title} {base[key] * 1e3:.0f} ms"
        for key, title in COLUMNS.items()
    )
    return "\n".join([*lines, "", f"The floor in this run: {absolute}.", ""])


def main() -> None:
    """Run every contender in turn, round by round, and print a table for each size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="36x7,1000x1000")
    parser.add_argument("--only", default=",".join(CONTENDERS), help="floor is always among them")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    names = list(dict.fromkeys(["floor", *options.only.split(",")]))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = LabServer(Path(folder))
        try:
            for size in options.sizes.split(","):
                layers, components = map(int, size.split("x"))
                runs: dict[str, list[Figures]] = {name: [] for name in names}
                for k in range(options.rounds):
                    for name in names:
                        # A browser of its own: what one contender left behind slows no other.
                        browser = launch_chromium(playwright)
                        contender = CONTENDERS[name](layers, components)
                        notebook = f"{name}-{size}-{k}"
                        runs[name].append(measure(server, browser, notebook, contender))
                        browser.close()
                medians = {
                    name: {key: statistics.median(run[key] for run in found) for key in COLUMNS}
                    for name, found in runs.items()
                }
                print(table(size.replace("x", " × "), medians), flush=True)
        finally:
            server.close()


if __name__ == "__main__":
    main()
