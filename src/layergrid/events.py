"""Callbacks: who is listening, in which order they hear, and where their errors go."""

from __future__ import annotations

import inspect
import logging
import threading
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

logger = logging.getLogger("layergrid")

E = TypeVar("E")
Callback = TypeVar("Callback", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class CallbackError:
    """A callback that raised: who it was, and its traceback as text."""

    error: Exception
    headline: str
    traceback: str


class Dispatcher:
    """Hands each event to the callbacks registered for its type, one at a time and in order.

    Messages from the page arrive on whichever thread the kernel chose, now and then on two at
    once. Whoever finds nobody handing out events does it until none is left; everybody else
    only leaves theirs in the queue. So callbacks never run side by side, never out of order,
    and nobody waits for a lock.
    """

    def __init__(self, on_error: Callable[[CallbackError], None]) -> None:
        self._callbacks: dict[type, tuple[Callable[[Any], Any], ...]] = {}
        self._queue: deque[Any] = deque()
        self._turn = threading.Lock()
        self._registry = threading.Lock()
        self._on_error = on_error

    def register(self, event_type: type, callback: Callback) -> Callback:
        """Call `callback` with every event of this type; registering it twice changes nothing.

        Raises
        ------
        TypeError
            If it cannot be called, or is a coroutine function, whose body would never run.
        """
        if not callable(callback):
            raise TypeError(f"callback is {callback!r}, which cannot be called")
        if inspect.iscoroutinefunction(callback):
            raise TypeError(
                f"callback {_name(callback)} is async and would never be awaited; "
                "pass a plain function, or use `await w.next_selection()`"
            )
        with self._registry:
            present = self._callbacks.get(event_type, ())
            if callback not in present:
                self._callbacks[event_type] = (*present, callback)
        return callback

    def remove(self, callback: Callable[..., Any]) -> None:
        """Call `callback` no more, for any type of event.

        Raises
        ------
        ValueError
            If it is not registered.
        """
        with self._registry:
            if not any(callback in callbacks for callbacks in self._callbacks.values()):
                raise ValueError(f"{_name(callback)} is not registered here")
            for event_type, callbacks in self._callbacks.items():
                self._callbacks[event_type] = tuple(c for c in callbacks if c != callback)

    def wanted(self, event_type: type) -> bool:
        """Whether anybody listens for this type of event."""
        return bool(self._callbacks.get(event_type))

    async def next(self, event_type: type[E], wanted: Callable[[E], bool]) -> E:
        """Wait for the next event of this type that is wanted."""
        import asyncio  # takes half of what importing this package takes; a kernel has it

        loop = asyncio.get_running_loop()
        future: asyncio.Future[E] = loop.create_future()

        def resolve_once(event: E) -> None:
            if not future.done():
                future.set_result(event)

        def hear(event: E) -> None:
            # The event may come on another thread than the loop's.
            if wanted(event):
                loop.call_soon_threadsafe(resolve_once, event)

        self.register(event_type, hear)
        try:
            return await future
        finally:
            self.remove(hear)

    def queue(self, *events: Any) -> None:
        """Leave `events` for the next `dispatch`, by whomever."""
        self._queue.extend(events)

    def dispatch(self, *events: Any) -> None:
        """Hand out `events`, after all that came before them."""
        self.queue(*events)
        while self._queue and self._turn.acquire(blocking=False):
            try:
                while self._queue:
                    self._hand_out(self._queue.popleft())
            finally:
                self._turn.release()

    def _hand_out(self, event: Any) -> None:
        for callback in self._callbacks.get(type(event), ()):
            try:
                callback(event)
            except Exception as error:
                self.report(_name(callback), error)

    def report(self, who: str, error: Exception) -> None:
        """Log what `who` raised, and pass it on to be shown."""
        headline = f"{who} raised {type(error).__name__}: {error}"
        logger.error(headline, exc_info=error)
        self._on_error(CallbackError(error, headline, "".join(traceback.format_exception(error))))


def _name(callback: Any) -> str:
    return getattr(callback, "__qualname__", None) or repr(callback)
