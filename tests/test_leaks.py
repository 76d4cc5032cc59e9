"""What was closed or replaced is gone, however often it happens."""

from __future__ import annotations

import gc
import sys
import threading
import weakref
from collections import Counter
from collections.abc import Callable

import comm
import numpy as np
import pytest

from layergrid import Heatmap, link

FRAMES = [np.full((36, 7), k, "float32") for k in range(4)]


@pytest.fixture(autouse=True)
def recording_comms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unlike in other tests, what is sent is not kept."""
    monkeypatch.setattr(comm, "create_comm", comm.DummyComm)


def ours() -> Counter[str]:
    """What there is of ours by type, once no frame waits to be sent, nor anything to be read."""
    for thread in threading.enumerate():
        if thread.name.startswith("layergrid"):
            thread.join(30)
    gc.collect()
    kinds = (type(thing) for thing in gc.get_objects())
    return Counter(kind.__qualname__ for kind in kinds if "layergrid" in str(kind.__module__))


def held(do: Callable[[int], object], times: int) -> int:
    """Give how many blocks of memory are held after doing something so often, and not before."""
    do(10)  # caches fill
    ours()
    before = sys.getallocatedblocks()
    do(times)
    ours()
    return sys.getallocatedblocks() - before


def open_and_close(times: int) -> None:
    for k in range(times):
        w = Heatmap(FRAMES[k % 4])
        w.on_click(lambda event: None)
        w.push(FRAMES[(k + 1) % 4])
        w.close()


def test_values_that_were_replaced_are_let_go_though_they_were_drawn():
    w = Heatmap(np.zeros((1000, 1000), "float32"))
    w._repr_mimebundle_()
    # An array that is kept keeps its memory: for large grids, what counts.
    replaced = weakref.ref(w._store.state.grid.values)
    w.values = np.ones((1000, 1000), "float32")
    assert replaced() is None
    w.close()


def test_a_thousand_heatmaps_made_and_closed_leave_nothing():
    open_and_close(3)
    before = ours()
    open_and_close(1000)
    assert ours() - before == Counter()


def test_one_that_is_closed_is_gone_from_those_it_was_linked_with():
    stays = Heatmap(FRAMES[0])

    def link_and_close(times: int) -> None:
        for _ in range(times):
            w = Heatmap(FRAMES[1])
            link(stays, w, limits=True).unlink()
            w.close()

    link_and_close(3)
    before = ours()
    link_and_close(50)
    assert ours() - before == Counter()


def test_ten_thousand_updates_hold_no_more_than_the_last():
    w = Heatmap(FRAMES[0])

    def update(times: int) -> None:
        for k in range(times):
            w.values = FRAMES[k % 4]

    assert held(update, 10_000) < 1000


def test_ten_thousand_live_frames_hold_no_more_than_the_last():
    w = Heatmap(FRAMES[0])

    def push(times: int) -> None:
        for k in range(times):
            w.push(FRAMES[k % 4], step=k)

    assert held(push, 10_000) < 1000
    w.close()


def test_values_that_are_replaced_are_let_go():
    array = FRAMES[0].copy()
    w = Heatmap(array)
    old = weakref.ref(w.values.base)
    w.values = FRAMES[1]
    gc.collect()
    assert old() is None
