"""What the pages of a heatmap say and ask: read, done, and answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from . import wire
from .cells import cell_at
from .events import Dispatcher, logger
from .reader import Reader
from .selection import HoverEvent
from .state import State
from .store import Change, Store, announce
from .stream import Stream


class Hearing:
    """Hears what the pages of one heatmap send, and answers each by its name.

    Parameters
    ----------
    store : Store
        What messages change, and what requests are answered from.
    stream : Stream
        Who hears of live frames that were painted.
    reader : Reader
        Who answers what is asked about values that are not in memory.
    dispatcher : Dispatcher
        Who hears of hovering.
    send : callable
        Sends content, and buffers if there are any, to all pages.
    dismiss : callable
        Called when the person has read the error that is shown.
    placed : callable
        Told where a page has put the cells.
    """

    def __init__(
        self,
        store: Store,
        stream: Stream,
        reader: Reader,
        dispatcher: Dispatcher,
        send: Callable[..., None],
        dismiss: Callable[[], None],
        placed: Callable[[wire.Placed], None],
    ) -> None:
        self._store = store
        self._stream = stream
        self._reader = reader
        self._dispatcher = dispatcher
        self._send = send
        self._dismiss = dismiss
        self._placed = placed

    def receive(self, _widget: Any, content: Any, _buffers: Any) -> None:
        """Do what a message says; one that does not follow the schema is refused and logged."""
        state = self._store.state
        try:
            message = wire.decode_message(content, state.grid)
        except wire.MessageError as error:
            logger.error("refused a message from the page: %s", error)
            self._send(wire.encode_refusal(content, str(error)))
            return
        match message:
            case wire.Gesture(page=page, seq=seq):
                self._finish(self._store.obey(message, state.grid), wire.encode_ack(page, seq))
            case wire.Step(page=page, seq=seq):
                self._finish(self._store.go(message), wire.encode_stepped(page, seq))
            case wire.Frames():
                # What the traits say: the page knows no later values to ask for.
                self._send(*wire.encode_frames(message, self._store.shown))
            case wire.Blocks(shape):
                self._store.change(lambda old: replace(old, blocks=shape), "code")
            case wire.Read() | wire.Tile() if state.survey is not None:
                self._reader.ask(message)
            case wire.Read():
                self._answer(lambda state: wire.encode_read(message, state))
            case wire.Tile():
                self._answer(lambda state: wire.encode_tile(message, state))
            case wire.Painted():
                self._stream.painted(message)
            case wire.Hover(flat):
                cell = None if flat is None else cell_at(state.grid, state.step, flat)
                self._dispatcher.dispatch(HoverEvent(cell))
            case wire.Placed():
                self._placed(message)
            case wire.Dismiss():
                self._dismiss()

    def _answer(self, encode: Callable[[State], tuple[dict[str, Any], list[bytes]] | None]) -> None:
        """Answer out of a live frame, or out of what the traits say, whichever was asked about."""
        for state in (self._store.state, self._store.shown):
            answer = encode(state)
            if answer:
                self._send(*answer)
                return

    def _finish(self, changes: list[Change], answer: dict[str, Any]) -> None:
        try:
            announce(changes)
        finally:
            # Answered once all is done: a callback that takes long is a kernel that is busy.
            self._send(answer)
