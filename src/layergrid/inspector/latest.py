"""Work that takes long, on a thread of its own: of what is asked only the last counts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """Does one thing after the other in the background, and leaves out what was overtaken.

    Parameters
    ----------
    work : callable
        Does what was asked; it is also given a function that tells whether something newer was
        asked meanwhile, so that it can leave off. It may not raise.
    """

    def __init__(self, work: Callable[[T, Callable[[], bool]], None]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._asked: list[T] = []
        self._thread: threading.Thread | None = None

    def ask(self, what: T) -> None:
        """Do this next, and nothing that was asked before and has not begun."""
        with self._lock:
            self._asked = [what]
            if self._thread is None:
                # A daemon: the interpreter waits for no picture when it exits.
                self._thread = threading.Thread(
                    target=self._run, name="layergrid tensor", daemon=True
                )
                self._thread.start()

    def forget(self) -> None:
        """Do nothing that has not begun."""
        with self._lock:
            self._asked = []

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._asked:
                    self._thread = None
                    return
                what = self._asked.pop()
            self._work(what, self._overtaken)

    def _overtaken(self) -> bool:
        with self._lock:
            return bool(self._asked)
