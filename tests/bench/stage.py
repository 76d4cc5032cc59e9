"""One JupyterLab for a whole run; for each thing timed a Chromium, a page and a kernel of its own.

What one contender left behind then slows no other. A page that takes too long loses its browser:
nothing else ends an evaluation in a page that does not answer.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import tempfile
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from playwright.sync_api import Browser, Playwright
from playwright.sync_api import Error as PlaywrightError

from ..browser.lab import LabServer, Notebook, launch_chromium
from .contenders import Contender

_PAGE = Path(__file__).with_name("page.js")


class CannotMeasure(Exception):
    """Why there is no figure; told below the table."""


class TimedNotebook(Notebook):
    """A notebook whose page has `bench`, and whose kernel has ``clicked()``."""

    def __init__(self, server: LabServer, browser: Browser, name: str) -> None:
        super().__init__(server, browser, name, viewport={"width": 1400, "height": 1800})
        self._cdp = self.context.new_cdp_session(self.page)

    def open(self) -> None:
        """Open the notebook; its page runs `page.js` first."""
        self.page.add_init_script(path=_PAGE)
        super().open()

    def number(self, expression: str) -> float:
        """Evaluate a number in the kernel."""
        return float(self.value(expression))

    def rest(self) -> None:
        """Wait until the kernel, then the page, have nothing to do."""
        self.value("None")
        self.page.evaluate("bench.rest()")

    def look_at(self, contender: Contender, layers: int, components: int) -> None:
        """Say whose colours `look()` gives, and whose cells `spot(k)` points at."""
        self.page.evaluate(
            f"""() => {{
              window.look = () => ({contender.colours})({layers}, {components});
              window.spot = (k) => ({contender.spot})(k, {layers}, {components});
            }}"""
        )

    def expect(self, passes: str, seconds: float) -> None:
        """Begin to watch for the first frame that passes; `seen` waits for it."""
        self.page.evaluate(
            f"(seconds) => {{ window.seen = bench.watch(() => {passes}, seconds); }}", seconds
        )

    def expect_other(self, seconds: float) -> None:
        """Begin to watch for the first frame with other colours than now."""
        self.page.evaluate(
            """(seconds) => {
              const old = look();
              window.seen = bench.watch(() => bench.isOther(look(), old), seconds);
            }""",
            seconds,
        )

    def seen(self) -> float:
        """Wait for what was expected; gives when it was, in seconds of the kernel's clock.

        Raises
        ------
        CannotMeasure
            If it did not come in time.
        """
        time = self.page.evaluate("window.seen")
        if time is None:
            raise CannotMeasure("what should be seen did not come in time")
        return float(time)

    def memory(self) -> float:
        """Give the bytes that the page holds: its heaps after a collection, and its canvases."""
        self._cdp.send("HeapProfiler.collectGarbage")
        heap = self._cdp.send("Runtime.getHeapUsage")
        parts = ("usedSize", "embedderHeapUsedSize", "backingStorageSize")
        return sum(heap[part] for part in parts) + self.page.evaluate("bench.canvasBytes()")

    def received(self) -> float:
        """Give how many bytes have come from the server."""
        return float(self.page.evaluate("bench.received"))


class Beacon:
    """Where kernels tell when Python heard of a click, past the channels that are timed."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))

    @property
    def code(self) -> str:
        """What defines ``clicked()`` in a kernel."""
        return (
            "import socket, time\n"
            "beacon = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
            "def clicked():\n"
            f"    beacon.sendto(repr(time.time()).encode(), {self._socket.getsockname()})\n"
        )

    def forget(self) -> None:
        """Drop what was told and not asked for: some contenders tell twice."""
        self._socket.setblocking(False)
        try:
            while True:
                self._socket.recv(64)
        except BlockingIOError:
            pass

    def wait(self, seconds: float) -> float:
        """Give the time that is told next."""
        self._socket.settimeout(seconds)
        try:
            return float(self._socket.recv(64))
        except TimeoutError:
            raise CannotMeasure(f"no click was heard within {seconds:.0f} s") from None

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()


class Stage:
    """The server of a run, and pages in it."""

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)
        self.beacon = Beacon()
        self._server = LabServer(self.folder)
        self.chromium = ""

    def __enter__(self) -> Stage:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._server.close()
        self.beacon.close()
        self._folder.cleanup()

    @contextmanager
    def notebook(self, name: str, cells: Sequence[str], seconds: float) -> Iterator[TimedNotebook]:
        """Open a notebook for no longer than that.

        Raises
        ------
        CannotMeasure
            If the page or its kernel fails or takes longer.
        """
        browser = launch_chromium(self._playwright)
        self.chromium = browser.version
        overdue = threading.Event()

        def end() -> None:
            overdue.set()
            os.kill(process, signal.SIGKILL)

        process = _process_of(browser)
        timer = threading.Timer(seconds, end)
        timer.start()
        try:
            self._server.write(f"{name}.ipynb", cells)
            notebook = TimedNotebook(self._server, browser, f"{name}.ipynb")
            yield notebook
            if notebook.errors:
                raise CannotMeasure(notebook.errors[0])
        except PlaywrightError as error:
            reason = f"not done within {seconds:.0f} s" if overdue.is_set() else _reason(error)
            raise CannotMeasure(reason) from error
        finally:
            timer.cancel()
            timer.join()
            if not overdue.is_set():
                browser.close()
            self._end_kernels()

    def _end_kernels(self) -> None:
        address = f"{self._server.url}/api/kernels"
        with urllib.request.urlopen(address, timeout=30) as answer:
            kernels = json.load(answer)
        for kernel in kernels:
            request = urllib.request.Request(f"{address}/{kernel['id']}", method="DELETE")
            urllib.request.urlopen(request, timeout=60).close()


def _process_of(browser: Browser) -> int:
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return next(process["id"] for process in processes if process["type"] == "browser")


def _reason(error: PlaywrightError) -> str:
    # The last line of a kernel's traceback, without its colours, or of what a page said.
    plain = re.sub(r"\x1b\[[0-9;]*m", "", error.message)
    lines = [line.strip() for line in plain.splitlines()]
    lines = [line for line in lines if line and not line.startswith(("at ", "Call log"))]
    return lines[-1].rstrip(".") if lines else type(error).__name__
