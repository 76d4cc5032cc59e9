"""Work that takes long, on a thread of its own: of what is asked only the last counts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """Does one thing after the other in the background, and leaves out what was overtaken.

    Parameters
    ----------
    work : callable
        Does what was asked; it is also given a function that tells whether that was overtaken
        or forgotten meanwhile, so that it can leave off. It may not raise.
    """

    def __init__(self, work: Callable[[T, Callable[[], bool]], None]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._asked: list[T] = []
        #: Counts what was asked, or forgotten.
        self._turn = 0
        self._thread: threading.Thread | None = None

    def ask(self, what: T) -> None:
        """Do this next, and nothing that was asked before and has not begun."""
        with self._lock:
            self._asked = [what]
            self._turn += 1
            if self._thread is None:
                # A daemon: the interpreter waits for no picture when it exits.
                self._thread = threading.Thread(
                    target=self._run, name="layergrid tensor", daemon=True
                )
                self._thread.start()

    def forget(self) -> None:
        """Do nothing that was asked; who has begun can tell."""
        with self._lock:
            self._asked = []
            self._turn += 1

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._asked:
                    self._thread = None
                    return
                what, turn = self._asked.pop(), self._turn
            self._work(what, partial(self._is_past, turn))

    def _is_past(self, turn: int) -> bool:
        with self._lock:
            return turn != self._turn
