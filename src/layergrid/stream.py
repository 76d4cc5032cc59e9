"""Live frames: as many as pages can paint become messages, and the last one becomes state."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Any

from . import wire
from .alarm import ALARM, Timer
from .frames import Frame, read_frame, with_frames
from .linked import companions, one_by_one
from .pace import Pace
from .state import State
from .store import Change, Store, announce

#: With no further frame for so many seconds, the last one is committed to the traits.
QUIET = 0.1


class Stream:
    """Takes the frames that are pushed to one heatmap, and sends of them what its pages can use.

    A push checks and keeps a frame; a timer sends the latest and commits the last. So it is
    shown however the loop that pushed it ends, and nobody has to say that it has.

    Parameters
    ----------
    store : Store
        What the frames change.
    send : callable
        Sends content and buffers to all pages.
    timer : Timer, optional
    """

    def __init__(self, store: Store, send: Callable[..., None], timer: Timer = ALARM) -> None:
        self._store = store
        self._send = send
        self._timer = timer
        self._pace = Pace()
        # Held for moments only, and nothing else is taken within it but the timer's own lock.
        self._lock = threading.Lock()
        #: The last frame of each place, in the order in which they came; and the last of all.
        self._frames: dict[int | None, Frame] = {}
        self._last: Frame | None = None
        self._pushed_at = -math.inf
        self._own = store.settled.own
        self._sent = 0
        self._idle = True

    def push(self, values: Any, step: Any) -> None:
        """Take a frame; see `Heatmap.push`."""
        state = self._store.settled
        like = (self._last or state.grid).values.dtype
        frame = read_frame(values, step, state, like)
        with self._lock:
            # What comes last counts: an interrupt before it leaves all as it was.
            self._pushed_at = self._timer.now()
            if not self._frames:
                self._timer.set(self._tick, max(self._pushed_at, self._pace.due))
                self._idle = False
            self._store.defer(self._absorb)
            self._last = frame
            before = {} if frame.place is None else self._frames
            others = {place: other for place, other in before.items() if place != frame.place}
            self._frames = {**others, frame.place: frame}

    def painted(self, message: wire.Painted) -> None:
        """Hear what a page has painted: the next frame may be due at once."""
        with self._lock:
            self._pace.painted(self._timer.now(), message.page, message.edition, message.visible)
            if not self._idle:
                self._timer.set(self._tick, self._next())

    def _absorb(self, state: State) -> State:
        with self._lock:
            frames, self._frames = self._frames, {}
            self._last = None
        return with_frames(state, frames.values())

    def _tick(self) -> None:
        done: list[Change] = []
        try:
            if self._timer.now() >= self._pace.due:
                done = self._show()
        except BaseException:
            with self._lock:
                self._idle = True  # or no frame would ever be sent again
            raise
        with self._store.lock, self._lock:  # both: a frame may be on its way from here to there
            self._idle = not self._frames and not self._ahead
            if not self._idle:
                self._timer.set(self._tick, self._next())
        announce(done)

    def _next(self) -> float:
        """Give when there is something to do again."""
        unsent = self._frames or self._store.settled.edition > self._sent
        return self._pace.due if unsent else max(self._pace.due, self._pushed_at + QUIET)

    @property
    def _ahead(self) -> bool:
        """Whether the traits have not been told of the last frame."""
        return self._store.settled.grid is not self._store.shown.grid

    def _show(self) -> list[Change]:
        """Send the latest frame, or commit it if it is the last; gives what is to be told."""
        store, done = self._store, []
        with one_by_one(store):
            with store.lock:
                state = store.state
                if self._ahead:
                    now = self._timer.now()
                    # Where steps travel one by one, a page asks for them by what the traits say.
                    if now >= self._pushed_at + QUIET or wire.partial(state):
                        done.append(store.commit())
                        self._note(now, state)
                    elif state.edition > self._sent:
                        self._send(*wire.encode_live(state, store.shown, self._pace.heard))
                        self._note(now, state)
            # Not only what this call has brought up to date: whoever reads does so too.
            if state.own != self._own:
                self._own = state.own
                done += [other.share() for other in companions(store, "limits")]
        return done

    def _note(self, now: float, state: State) -> None:
        with self._lock:
            self._sent = state.edition
            self._pace.sent(now, state.edition, wire.weight(state))
