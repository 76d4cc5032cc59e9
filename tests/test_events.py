"""Who hears what, in which order, on which thread, and what becomes of errors."""

from __future__ import annotations

import functools
import logging
import threading
from dataclasses import dataclass

import pytest

from layergrid.events import Dispatcher


@dataclass(frozen=True)
class Ping:
    n: int


@dataclass(frozen=True)
class Pong:
    n: int


@pytest.fixture
def errors():
    return []


@pytest.fixture
def dispatcher(errors):
    return Dispatcher(errors.append)


def test_callbacks_hear_their_events_in_order(dispatcher):
    heard = []
    dispatcher.register(Ping, lambda e: heard.append(("a", e.n)))
    dispatcher.register(Ping, lambda e: heard.append(("b", e.n)))
    dispatcher.register(Pong, lambda e: heard.append(("pong", e.n)))
    dispatcher.dispatch(Ping(1), Pong(2), Ping(3))
    assert heard == [("a", 1), ("b", 1), ("pong", 2), ("a", 3), ("b", 3)]


def test_registering_gives_the_callback_and_twice_is_once(dispatcher):
    heard = []

    def callback(event):
        heard.append(event.n)

    assert dispatcher.register(Ping, callback) is callback
    dispatcher.register(Ping, callback)
    dispatcher.dispatch(Ping(1))
    assert heard == [1]


def test_removing_ends_it_for_every_type(dispatcher):
    heard = []
    for kind in (Ping, Pong):
        dispatcher.register(kind, heard.append)
    assert dispatcher.wanted(Ping)
    dispatcher.remove(heard.append)  # another bound method, equal to the first
    dispatcher.dispatch(Ping(1), Pong(1))
    assert heard == []
    assert not dispatcher.wanted(Ping)
    with pytest.raises(ValueError, match=r"append.* is not registered"):
        dispatcher.remove(heard.append)


def test_what_cannot_be_a_callback(dispatcher):
    async def later(event): ...

    with pytest.raises(TypeError, match="callback is 3"):
        dispatcher.register(Ping, 3)
    for wrong in (later, functools.partial(later)):
        with pytest.raises(TypeError, match="next_selection"):
            dispatcher.register(Ping, wrong)
    assert not dispatcher.wanted(Ping)


def test_events_from_within_a_callback_come_after(dispatcher):
    heard = []

    @functools.partial(dispatcher.register, Ping)
    def first(event):
        heard.append(("first", event.n))
        if event.n < 3:
            dispatcher.dispatch(Ping(event.n + 1))

    dispatcher.register(Ping, lambda e: heard.append(("second", e.n)))
    dispatcher.dispatch(Ping(1))
    assert heard == [(who, n) for n in (1, 2, 3) for who in ("first", "second")]


def test_callbacks_can_come_and_go_while_events_are_handed_out(dispatcher):
    heard = []

    def once(event):
        heard.append(("once", event.n))
        dispatcher.remove(once)
        dispatcher.register(Ping, lambda e: heard.append(("next", e.n)))

    dispatcher.register(Ping, once)
    dispatcher.dispatch(Ping(1), Ping(2))
    assert heard == [("once", 1), ("next", 2)]


def test_queued_events_wait_for_a_dispatch(dispatcher):
    heard = []
    dispatcher.register(Ping, lambda e: heard.append(e.n))
    dispatcher.queue(Ping(1))
    assert heard == []
    dispatcher.dispatch(Ping(2))
    assert heard == [1, 2]


def test_a_callback_that_raises_does_not_stop_the_others(dispatcher, errors, caplog):
    heard = []

    def faulty(event):
        raise ZeroDivisionError("50 % of nothing")

    dispatcher.register(Ping, faulty)
    dispatcher.register(Ping, lambda e: heard.append(e.n))
    with caplog.at_level(logging.ERROR, "layergrid"):
        dispatcher.dispatch(Ping(1), Ping(2))
    assert heard == [1, 2]
    assert [type(error.error) for error in errors] == [ZeroDivisionError] * 2
    assert errors[0].headline.endswith("faulty raised ZeroDivisionError: 50 % of nothing")
    assert "in faulty" in errors[0].traceback
    assert [record.exc_info[0] for record in caplog.records] == [ZeroDivisionError] * 2


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_passes_and_the_next_event_finds_all_in_order(dispatcher, errors, interrupt):
    heard, armed = [], [True]

    def interrupted(event):
        heard.append(event.n)
        if armed.pop() if armed else False:
            raise interrupt

    dispatcher.register(Ping, interrupted)
    with pytest.raises(interrupt):
        dispatcher.dispatch(Ping(1), Ping(2))
    assert heard == [1]
    dispatcher.dispatch(Ping(3))
    assert heard == [1, 2, 3]
    assert errors == []


def test_nobody_waits_while_another_thread_hands_out(dispatcher):
    heard, busy, go = [], threading.Event(), threading.Event()

    def slow(event):
        heard.append((event.n, threading.current_thread().name))
        if event.n == 1:
            busy.set()
            assert go.wait(10)

    dispatcher.register(Ping, slow)
    thread = threading.Thread(target=dispatcher.dispatch, args=[Ping(1)], name="subshell")
    thread.start()
    assert busy.wait(10)
    dispatcher.dispatch(Ping(2))  # returns, though the callback is still in the first
    assert heard == [(1, "subshell")]
    go.set()
    thread.join(10)
    assert heard == [(1, "subshell"), (2, "subshell")]


def test_many_threads_lose_nothing_and_never_run_side_by_side(dispatcher):
    heard, inside, overlaps = [], [], []
    start = threading.Barrier(8)

    def callback(event):
        overlaps.extend(inside)
        inside.append(event)
        heard.append(event.n)
        inside.pop()

    dispatcher.register(Ping, callback)

    def work(k):
        start.wait(10)
        for n in range(200):
            dispatcher.dispatch(Ping(1000 * k + n))

    threads = [threading.Thread(target=work, args=[k]) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert overlaps == []
    assert len(heard) == 8 * 200
    for k in range(8):
        mine = [n for n in heard if n // 1000 == k]
        assert mine == sorted(mine)


def test_many_threads_can_register_at_once(dispatcher):
    start = threading.Barrier(8)
    callbacks = [[lambda e, k=k, n=n: None for n in range(50)] for k in range(8)]

    def work(k):
        start.wait(10)
        for callback in callbacks[k]:
            dispatcher.register(Ping, callback)
        for callback in callbacks[k][1:]:
            dispatcher.remove(callback)

    threads = [threading.Thread(target=work, args=[k]) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    for own in callbacks:
        dispatcher.remove(own[0])
    assert not dispatcher.wanted(Ping)
