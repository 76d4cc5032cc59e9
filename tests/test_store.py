"""The store alone: no widget, no page."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from layergrid import SelectEvent
from layergrid.events import Dispatcher
from layergrid.hearing import Hearing
from layergrid.reader import Reader
from layergrid.selection import Command
from layergrid.store import Store, announce
from layergrid.stream import Stream
from layergrid.wire import Gesture, axes_id

VALUES = np.arange(12.0).reshape(4, 3)


class Heard:
    """What a store told, in order."""

    def __init__(self):
        self.errors, self.shown, self.told, self.events = [], [], [], []
        self.dispatcher = Dispatcher(self.errors.append)
        self.dispatcher.register(SelectEvent, self.events.append)
        self.store = Store(
            self.dispatcher,
            {"values": VALUES},
            show=lambda new, old: self.shown.append((new, old)),
            tell=self.tell,
        )

    def tell(self, old, new, source):
        self.told.append((old, new, source))
        self.dispatcher.dispatch()


@pytest.fixture
def heard():
    return Heard()


def add(seq, flat):
    rect = (*divmod(flat, 3), *divmod(flat, 3))
    return Gesture("page", seq, "selection", 0, Command("add", (rect,)), None)


def test_a_change_is_shown_at_once_and_told_when_it_is_announced(heard):
    old = heard.store.state
    changes = heard.store.assign({"selection": [(1, 1)]})
    assert heard.shown == [(heard.store.state, old)]
    assert (heard.told, heard.events) == ([], [])
    announce(changes)
    assert heard.told == [(old, heard.store.state, "code")]
    assert [event.source for event in heard.events] == ["code"]


def test_what_is_refused_changes_shows_and_tells_nothing(heard):
    old = heard.store.state
    with pytest.raises(ValueError, match="no layer 9"):
        heard.store.assign({"title": "t", "selection": [(9, 9)]})
    assert heard.store.state is old
    assert heard.shown == heard.told == []


def test_each_set_of_values_has_an_edition_of_its_own(heard):
    editions = [heard.store.state.edition]
    for changes in ({"title": "t"}, {"values": -VALUES}, {"mask": VALUES > 2}, {"values": VALUES}):
        heard.store.assign(changes)
        editions.append(heard.store.state.edition)
    assert editions == [1, 1, 2, 2, 3]


def test_listeners_are_told_while_no_lock_is_held(heard):
    free = []

    def try_from_another_thread():
        free.append(heard.store.lock.acquire(timeout=5))
        heard.store.lock.release()

    def listen(old, new, source):
        thread = threading.Thread(target=try_from_another_thread)
        thread.start()
        thread.join()

    heard.store.tell = listen
    announce(heard.store.obey(add(1, 4), heard.store.state.grid))
    assert free == [True]


def test_all_are_told_in_order_where_one_raises():
    first, faulty, last = maps = [Heard(), Heard(), Heard()]
    told = []
    first.store.tell = lambda *_: told.append("first")
    last.store.tell = lambda *_: told.append("last")

    def fail(*_):
        raise ZeroDivisionError

    faulty.store.tell = fail
    changes = [change for heard in maps for change in heard.store.assign({"title": "t"})]
    with pytest.raises(ZeroDivisionError):
        announce(changes)
    assert told == ["first", "last"]


def test_events_come_in_the_order_of_what_they_tell(heard):
    first = heard.store.obey(add(1, 4), heard.store.state.grid)
    second = heard.store.obey(add(2, 7), heard.store.state.grid)
    announce(second)
    announce(first)
    assert [[cell.index for cell in event.cells] for event in heard.events] == [
        [(1, 1)],
        [(1, 1), (2, 1)],
    ]


# ── messages of a page ───────────────────────────────────────────────────────────────────────


@pytest.fixture
def sent():
    return []


@pytest.fixture
def hearing(heard, sent):
    return Hearing(
        heard.store,
        Stream(heard.store, lambda *a: sent.append(a)),
        Reader(heard.store, heard.dispatcher, lambda *a: sent.append(a)),
        heard.dispatcher,
        lambda *a: sent.append(a),
        lambda: sent.append("dismissed"),
        sent.append,
    )


def gesture(heard, seq):
    grid = heard.store.state.grid
    command = {"op": "add", "rects": [[0, 0, 0, 0]]}
    ids = {"page": "p", "seq": seq, "axes": axes_id(grid.layers, grid.components)}
    return {"kind": "gesture", **ids, "target": "selection", "step": 0, "command": command}


def test_a_gesture_is_answered_once_all_have_heard(heard, hearing, sent):
    answered = []
    heard.dispatcher.register(SelectEvent, lambda _: answered.append(list(sent)))
    hearing.receive(None, gesture(heard, 1), [])
    assert answered == [[]]
    assert sent == [({"kind": "ack", "page": "p", "seq": 1},)]
    hearing.receive(None, gesture(heard, 1), [])
    assert (len(sent), len(heard.events)) == (2, 1)


def test_a_gesture_is_answered_also_where_a_listener_raises(heard, hearing, sent):
    def interrupted(*_):
        raise KeyboardInterrupt

    heard.store.tell = interrupted
    with pytest.raises(KeyboardInterrupt):
        hearing.receive(None, gesture(heard, 1), [])
    assert sent == [({"kind": "ack", "page": "p", "seq": 1},)]


def test_frames_are_answered_with_their_values(hearing, sent):
    hearing.receive(None, {"kind": "frames", "page": "p", "partial": 0, "steps": [0]}, [])
    ((content, buffers),) = sent
    assert (content["kind"], content["steps"]) == ("frames", [0])
    np.testing.assert_array_equal(np.frombuffer(buffers[0]), VALUES.ravel())


def test_an_error_that_was_read_is_dismissed(hearing, sent):
    hearing.receive(None, {"kind": "dismiss"}, [])
    assert sent == ["dismissed"]
