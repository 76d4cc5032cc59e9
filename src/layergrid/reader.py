"""The one thread that reads what is not in memory: for pages that ask, and on its own account."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import wire
from .events import Dispatcher
from .intake import Stored
from .intake.stored import Part
from .pyramid import Draft, Plan, Reduced, measure_part, measure_some, paint, refined, standing
from .seen import part_of
from .state import State
from .store import Store, announce

#: Seconds that nothing is read on its own account, for a page to show what is known first.
_FIRST = 0.8
#: Seconds from when a page asks for finer blocks: while a person zooms, nothing else is read.
_PAUSE = 0.5
#: Least seconds between two times that a page is told what was read meanwhile.
_BETWEEN = 0.2
#: Seconds that a page waits for exact blocks before it gets those that are known.
_SOON = 0.06
#: Beyond so many bytes what is looked at is not read for it alone: the survey gets there first.
_MOST_BYTES = 256 * 2**20
#: Answers that are kept for who asks again.
_KEPT = 32
#: Seconds that a scheduler is given work for at a time.
_BATCH = 0.3


class _Exact(NamedTuple):
    """Blocks that were read for a page, and of what."""

    partial: int
    step: int
    rect: tuple[int, ...]
    blocks: tuple[int, int]
    rule: str
    log: bool


class Reader:
    """Reads values that are not in memory, part by part, until all of them were read.

    What pages ask comes first, then what they look at, then the rest. Nothing here holds a lock
    while it reads, and each piece of work is short, so that neither the kernel nor a page waits.
    The thread is there only while there is something to read.

    Parameters
    ----------
    store : Store
        Whose values are read, and what is told of them.
    dispatcher : Dispatcher
        Who hears that values cannot be read.
    send : callable
        Sends content and buffers to all pages.
    """

    def __init__(self, store: Store, dispatcher: Dispatcher, send: Callable[..., None]) -> None:
        self._store = store
        self._dispatcher = dispatcher
        self._send = send
        # Held for moments only, and nothing else is taken within it.
        self._lock = threading.Condition(threading.Lock())
        self._thread: threading.Thread | None = None
        self._asked: dict[tuple[str, str], wire.Read | wire.Tile] = {}
        self._refining: wire.Tile | None = None
        self._plan: Plan | None = None
        self._step = 0
        self._failed: Plan | None = None
        self._begins_at = 0.0
        self._closed = False
        # Of the thread alone.
        self._draft: Draft | None = None
        self._order: list[int] = []
        self._looked: Part | None = None
        self._kept: OrderedDict[_Exact, Reduced] = OrderedDict()
        self._due_at = 0.0
        self._rate = 0.0
        self._batch = 1

    def follow(self, state: State) -> None:
        """Read the values of a state, and no others any more; called under the store's lock."""
        survey = state.survey
        with self._lock:
            plan, step = (None, 0) if survey is None else (survey.plan, survey.step)
            if self._closed or (plan is not None and plan is self._failed):
                return
            if plan is self._plan and step == self._step:
                return
            self._plan, self._step = plan, step
            self._failed = None
            self._begins_at = time.monotonic() + _FIRST
            if plan is None:
                self._forget()
            else:
                self._start()

    def ask(self, asked: wire.Read | wire.Tile) -> None:
        """Answer a page; of each kind only the last question counts."""
        with self._lock:
            if not self._closed:
                self._asked[asked.page, type(asked).__name__] = asked
                if isinstance(asked, wire.Tile):
                    self._begins_at = max(self._begins_at, time.monotonic() + _PAUSE)
                self._start()

    def stop(self) -> None:
        """Read nothing more, ever."""
        with self._lock:
            self._closed = True
            self._forget()

    def _forget(self) -> None:
        self._plan = self._refining = None
        self._asked.clear()
        self._lock.notify()

    # ── the thread ───────────────────────────────────────────────────────────────────────────

    def _start(self) -> None:
        self._lock.notify()
        if self._thread is None:
            # A daemon: the interpreter waits for no value when it exits.
            self._thread = threading.Thread(target=self._run, name="layergrid reader", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while (work := self._next()) is not None:
            try:
                work()
            except Exception as error:
                self._give_up(error)

    def _next(self) -> Callable[[], None] | None:
        """Give what is to be done now, or wait for it; None ends the thread."""
        with self._lock:
            while True:
                if self._asked:
                    asked = self._asked.pop(next(iter(self._asked)))
                    return lambda: self._answer(asked)
                if self._refining is not None:
                    refining, self._refining = self._refining, None
                    return lambda: self._refine(refining)
                if self._plan is None or self._is_read(self._plan):
                    self._thread = None
                    return None
                wait = self._begins_at - time.monotonic()
                if wait <= 0:
                    return self._survey
                self._lock.wait(wait)

    def _is_read(self, plan: Plan) -> bool:
        draft = self._draft
        if draft is None or draft.plan is not plan or draft.step != self._step:
            return False
        return draft.complete

    def _give_up(self, error: Exception) -> None:
        """Read nothing more of these values, and say why."""
        with self._lock:
            closed, self._failed = self._closed, self._plan
            self._forget()
        self._draft = None
        if not closed:  # as the cluster may be that was to read them
            self._dispatcher.report("reading the values", error)

    def _interrupted(self) -> bool:
        with self._lock:
            return bool(self._asked) or self._plan is None

    # ── what pages ask ───────────────────────────────────────────────────────────────────────

    def _answer(self, asked: wire.Read | wire.Tile) -> None:
        state = self._store.state
        stored = state.grid.values
        if not isinstance(stored, Stored) or not wire.current(asked, state):
            return
        if isinstance(asked, wire.Read):
            self._answer_read(asked, stored.frame(asked.step), state)
        else:
            self._answer_tile(asked, stored.frame(asked.step), state)

    def _answer_read(self, asked: wire.Read, stored: Stored, state: State) -> None:
        assert asked.rect is not None
        log = state.scale.norm.kind == "log"
        found = standing(stored, part_of(asked.rect), state.reduce, log, self._interrupted)
        if found is not None:
            (layer, component), value = found
            flat = layer * len(state.grid.components) + component
            self._send(*wire.encode_cell(asked, flat, value))

    def _answer_tile(self, asked: wire.Tile, stored: Stored, state: State) -> None:
        """Give exact blocks if they are soon read, else what is known, and exact ones later."""
        assert asked.rect is not None
        part = part_of(asked.rect)
        self._looked = part
        key = self._key(asked, state)
        known = self._kept.get(key)
        if known is None and stored.touched(part) <= self._rate * _SOON:
            known = self._read(asked, stored, state, key)
        if known is None and state.survey is not None and state.survey.step == asked.step:
            log = state.scale.norm.kind == "log"
            rough = state.survey.reduce(part, asked.blocks, state.reduce, log=log)
            self._send(*wire.encode_painted(asked, paint(rough, state.scale)))
            with self._lock:
                self._refining = asked if stored.touched(part) <= _MOST_BYTES else None
        if known is not None:
            self._send(*wire.encode_painted(asked, paint(known, state.scale)))

    def _refine(self, asked: wire.Tile) -> None:
        state = self._store.state
        stored = state.grid.values
        if not isinstance(stored, Stored) or not wire.current(asked, state):
            return
        known = self._read(asked, stored.frame(asked.step), state, self._key(asked, state))
        if known is not None:
            self._send(*wire.encode_painted(asked, paint(known, state.scale)))

    def _read(self, asked: wire.Tile, stored: Stored, state: State, key: _Exact) -> Reduced | None:
        """Read exact blocks, and keep them; None where something else comes first."""
        assert asked.rect is not None
        part = part_of(asked.rect)
        log = state.scale.norm.kind == "log"
        began = time.monotonic()
        reduced = refined(stored, part, asked.blocks, state.reduce, log, self._interrupted)
        if reduced is not None:
            self._note_rate(stored.touched(part), time.monotonic() - began)
            self._kept[key] = reduced
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return reduced

    def _key(self, asked: wire.Tile, state: State) -> _Exact:
        assert asked.rect is not None
        assert state.survey is not None
        log = state.scale.norm.kind == "log"
        return _Exact(asked.partial, asked.step, asked.rect, asked.blocks, state.reduce, log)

    def _note_rate(self, n_bytes: int, seconds: float) -> None:
        rate = n_bytes / max(seconds, 1e-4)
        self._rate = rate if self._rate == 0 else 0.7 * self._rate + 0.3 * rate

    # ── on its own account ───────────────────────────────────────────────────────────────────

    def _survey(self) -> None:
        """Read the next part of a frame, and now and then tell what is known by now."""
        state = self._store.state
        stored, survey = state.grid.values, state.survey
        if not isinstance(stored, Stored) or survey is None:
            return  # of others, of which `follow` tells
        draft = self._draft
        if draft is None or draft.plan is not survey.plan or draft.step != survey.step:
            draft = self._draft = Draft(survey)
            self._order = draft.plan.spread().tolist()[::-1]
            self._looked = None
            self._kept.clear()
        parts = self._due(draft, self._batch if stored.is_graph else 1)
        stored = stored.frame(draft.step)
        for part in (*parts, *self._order[-1:]):
            stored.expect(draft.plan.cells_of(draft.plan.blocks_of(part)))
        began = time.monotonic()
        if stored.is_graph:
            measured = measure_some(stored, draft.plan, parts, draft.taste)
        else:
            measured = [measure_part(stored, draft.plan, part, draft.taste) for part in parts]
        now = time.monotonic()
        for part, of in zip(parts, measured, strict=True):
            draft.put(part, of)
        cells = (draft.plan.cells_of(draft.plan.blocks_of(part)) for part in parts)
        self._note_rate(sum(map(stored.touched, cells)), now - began)
        if now - began < _BATCH / 2:
            self._batch *= 2
        elif now - began > _BATCH * 2:
            self._batch = max(1, self._batch // 2)
        if draft.complete or now > self._due_at:
            announce(self._store.learn(draft.survey()))
            # A tenth of the time, where it takes long to tell.
            told = time.monotonic()
            self._due_at = told + max(_BETWEEN, 10 * (told - now))

    def _due(self, draft: Draft, count: int) -> list[int]:
        """Give the parts to be read next: those that somebody looks at before the others."""
        due: list[int] = []
        if self._looked is not None:
            seen: NDArray[np.intp] = draft.unread(draft.plan.parts_in(self._looked))
            due = seen[:count].tolist()
        while len(due) < count and self._order:
            part = self._order.pop()
            if part not in due and draft.unread(np.array([part])).size:
                due.append(part)
        return due
