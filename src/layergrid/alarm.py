"""One thread that calls what is due, for all heatmaps; while nothing is, there is no thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

from .events import logger

#: Least seconds between two calls. Notebook servers drop what comes beyond 1,000 messages a
#: second, from all heatmaps together.
APART = 1 / 400


class Timer(Protocol):
    """What calls somebody at a time; there is one entry for each `call`, the last one."""

    def now(self) -> float:
        """Give the time, in seconds."""

    def set(self, call: Callable[[], None], when: float) -> None:
        """Call `call` at `when`, and not when it was to be called before."""


class Alarm:
    """A `Timer` on a thread of its own, which ends with the last thing that is due."""

    def __init__(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._due: dict[Callable[[], None], float] = {}
        self._thread: threading.Thread | None = None
        self._free_at = self._wakes_at = 0.0

    now = staticmethod(time.monotonic)

    def set(self, call: Callable[[], None], when: float) -> None:
        """Call `call` at `when`, on the alarm's thread."""
        with self._changed:
            self._due[call] = when
            if self._thread is None or not self._thread.is_alive():
                # A daemon: the interpreter waits for no frame when it exits.
                self._thread = threading.Thread(target=self._run, name="layergrid", daemon=True)
                self._thread.start()
            elif when < self._wakes_at:
                self._changed.notify()

    def _run(self) -> None:
        while (call := self._next()) is not None:
            try:
                call()
            except Exception:
                logger.exception("a live frame was not sent")
            del call  # which may be the last to hold a heatmap

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            while self._due:
                call = min(self._due, key=self._due.__getitem__)
                wait = max(self._due[call], self._free_at) - self.now()
                if wait <= 0:
                    del self._due[call]
                    self._free_at = self.now() + APART
                    return call
                del call
                self._wakes_at = self.now() + wait
                self._changed.wait(wait)
            self._thread = None
            return None


#: The one of this process.
ALARM = Alarm()
