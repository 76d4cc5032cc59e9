"""Live frames: which are sent and when, what is read meanwhile, and what stays."""

from __future__ import annotations

import gc
import subprocess
import sys
import textwrap
import threading
import time
import weakref

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from layergrid import Heatmap, link, row, wire
from layergrid.alarm import Alarm
from layergrid.events import Dispatcher
from layergrid.pace import BETWEEN, PATIENCE, UNHEARD, UNSEEN
from layergrid.picks import picks_of
from layergrid.selection import Command
from layergrid.store import Store
from layergrid.stream import QUIET, Stream

START = np.zeros((4, 3))


def frame(*values):
    """Give a frame with these values in each of its rows."""
    return START + np.array(values)


class FakeTimer:
    """A timer whose time passes when it is told to."""

    def __init__(self):
        self.time, self.due = 0.0, {}

    def now(self):
        return self.time

    def set(self, call, when):
        self.due[call] = when

    def wait(self, seconds):
        end = self.time + seconds
        while self.due and min(self.due.values()) <= end:
            call = min(self.due, key=self.due.__getitem__)
            self.time = max(self.time, self.due.pop(call))
            call()
        self.time = end


class Streaming:
    """A stream without a widget: what it sent as messages, and as traits, and when."""

    def __init__(self, **options):
        self.timer, self.messages, self.commits, self.told = FakeTimer(), [], [], []
        self.store = Store(
            Dispatcher(lambda _: None),
            {"values": START, **options},
            show=self.commit,
            tell=lambda old, new, _: self.told.append((old, new)),
        )
        self.stream = Stream(self.store, self.send, self.timer)

    def send(self, content, buffers):
        self.messages.append((self.timer.time, content, buffers))

    def commit(self, new, old):
        if new.grid is not old.grid:
            self.commits.append((self.timer.time, new))

    def push(self, value, step=None):
        self.stream.push(np.full(START.shape, float(value)), step)

    def paint(self, visible=True):
        edition = self.messages[-1][1]["edition"] if self.messages else 0
        self.stream.painted(wire.Painted("page", edition, visible))

    @property
    def times(self):
        return sorted([at for at, *_ in self.messages] + [at for at, _ in self.commits])

    @property
    def last_sent(self):
        _, content, buffers = self.messages[-1]
        values = buffers[content["binary"].index("_values")]
        return float(np.frombuffer(values, content["traits"]["_dtype"])[0])


@pytest.fixture
def streaming():
    return Streaming()


# ── pace ─────────────────────────────────────────────────────────────────────────────────────


def test_the_first_frame_is_sent_at_once_and_the_last_is_committed(streaming):
    streaming.push(1)
    streaming.timer.wait(0)
    assert (len(streaming.messages), streaming.last_sent) == (1, 1)
    streaming.timer.wait(1)
    assert [float(new.grid.values[0, 0]) for _, new in streaming.commits] == [1]
    assert streaming.timer.due == {}


def test_pages_that_paint_get_sixty_frames_a_second_and_no_more(streaming):
    for k in range(10_000):
        streaming.push(k)
        streaming.timer.wait(1e-4)
        streaming.paint()
    assert 55 <= len(streaming.messages) <= 61
    assert not streaming.commits


def test_without_an_answer_ten_a_second_are_sent_by_the_clock(streaming):
    for k in range(2000):
        streaming.push(k)
        streaming.timer.wait(1e-3)
    assert 19 <= len(streaming.messages) <= 21


def test_a_page_that_answered_is_waited_for_and_no_longer_than_that(streaming):
    streaming.push(1)
    streaming.timer.wait(0)
    streaming.paint()
    for k in range(1000):
        streaming.push(k)
        streaming.timer.wait(1e-3)
    times = [at for at, *_ in streaming.messages]
    assert times[1] == pytest.approx(BETWEEN, abs=2e-3)
    assert times[2] == pytest.approx(PATIENCE, abs=2e-3)
    assert np.diff(times[2:]) == pytest.approx(UNHEARD, abs=2e-3)


def test_a_kernel_that_hears_again_sends_the_last_frame_at_once(streaming):
    streaming.push(0)
    streaming.timer.wait(0)
    edition = streaming.messages[0][1]["edition"]
    for k in range(1, 250):
        streaming.push(k)
        streaming.timer.wait(1e-3)
    streaming.stream.painted(wire.Painted("page", edition, True))
    streaming.timer.wait(BETWEEN)
    assert streaming.last_sent == 249


def test_what_nobody_sees_is_slowed_down_until_somebody_does(streaming):
    streaming.push(0)
    streaming.timer.wait(0)
    streaming.paint(visible=False)
    for k in range(5000):
        streaming.push(k)
        streaming.timer.wait(1e-3)
    assert len(streaming.messages) == 1 + int(5 / UNSEEN)
    streaming.paint(visible=True)
    streaming.timer.wait(0)
    assert streaming.last_sent == 4999


def test_of_large_frames_less_travels_blind():
    streaming = Streaming(values=np.zeros((1000, 1000)))
    for k in range(40):
        streaming.stream.push(np.full((1000, 1000), float(k)), None)
        streaming.timer.wait(0.1)
    assert len(streaming.messages) <= 3


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("push"), st.integers(-9, 9)),
            st.tuples(st.just("paint"), st.booleans()),
            st.tuples(st.just("wait"), st.sampled_from([0, 1e-3, 0.02, 0.09, 0.2, 3])),
            st.tuples(st.sampled_from(["read", "title", "assign", "limits"]), st.integers(0, 9)),
        )
    )
)
def test_in_any_order_the_last_frame_is_shown_and_the_rate_is_kept(acts):
    streaming = Streaming()
    store, expected, by_code = streaming.store, 0.0, 0
    for act, value in acts:
        if act == "push":
            streaming.push(value)
            expected = float(value)
        elif act == "paint":
            streaming.paint(value)
        elif act == "wait":
            streaming.timer.wait(value)
        elif act == "read":
            assert store.state.grid.values[0, 0] == expected
        elif act == "title":
            before = len(streaming.commits)
            store.assign({"title": str(value)})
            assert len(streaming.commits) == before
        elif act == "assign":
            store.assign({"values": START + 100 + value})
            expected, by_code = 100.0 + value, by_code + 1
        else:
            store.assign({"limits": (0, value + 1)})
            by_code += 1
    streaming.timer.wait(5)
    assert streaming.timer.due == {}
    assert store.shown.grid is store.state.grid
    assert np.all(store.shown.grid.values == expected)
    assert store.shown.edition == store.state.edition
    times = [at for at, *_ in streaming.messages] if by_code else streaming.times
    assert np.diff(times).min(initial=1) >= BETWEEN - 1e-9
    editions = [content["edition"] for _, content, _ in streaming.messages]
    assert editions == sorted(set(editions))


# ── what is read, and what stays ─────────────────────────────────────────────────────────────


def test_reading_gives_what_was_pushed_and_sends_nothing(values, open_page):
    w = Heatmap(values)
    page = open_page(w)
    page.clear()
    w._stream._timer = FakeTimer()
    w.push(-values)
    np.testing.assert_array_equal(w.values, -values)
    np.testing.assert_array_equal(w.data.values, -values)
    assert not w.values.flags.writeable
    assert page.updates() == page.heard() == []


def test_the_array_that_was_pushed_is_copied(values):
    w = Heatmap(values)
    mine = values.copy()
    w.push(mine)
    mine[0, 0] = 99
    assert w.values[0, 0] == 0.5


def test_labels_selection_and_mask_stay(values):
    w = Heatmap(values, components=["q", "k", "v"], mask=values > 2)
    w.selection = [(1, "k")]
    w.push(values[::-1])
    assert w.components == ("q", "k", "v")
    assert [(cell.index, cell.value) for cell in w.selection] == [((1, 1), 2.0)]
    np.testing.assert_array_equal(w.mask, values > 2)


def test_values_that_are_assigned_after_a_push_win(values, open_page):
    w = Heatmap(values)
    page = open_page(w)
    w.push(values + 1)
    w.values = values + 2
    np.testing.assert_array_equal(w.values, values + 2)
    page.clear()
    eventually(lambda: w._stream._idle)
    assert page.updates() == []


def test_a_frame_that_comes_in_the_middle_of_a_gesture_is_not_lost(streaming, monkeypatch):
    pages = streaming.store._pages
    obey = pages.obey

    def interrupted(*args):
        outcome = obey(*args)
        streaming.push(7)
        return outcome

    monkeypatch.setattr(pages, "obey", interrupted)
    gesture = wire.Gesture("page", 1, "selection", 0, Command("add", ((0, 0, 0, 0),)), None)
    streaming.store.obey(gesture, streaming.store.state.grid)
    assert streaming.store.state.selection == picks_of([0])
    assert streaming.store.state.grid.values[0, 0] == 7
    streaming.timer.wait(1)
    assert streaming.store.shown.grid.values[0, 0] == 7


def test_observers_hear_of_what_is_committed(values):
    w = Heatmap(values)
    timer = w._stream._timer = FakeTimer()
    heard = []
    w.observe(lambda change: heard.append(float(change.new[0, 0])), "values")
    for k in range(100):
        w.push(np.full((4, 3), float(k)))
        timer.wait(1e-3)
    assert heard == []
    timer.wait(1)
    assert heard == [99.0]


def test_an_observer_that_raises_is_shown_and_stops_no_stream(values):
    w = Heatmap(values)
    timer = w._stream._timer = FakeTimer()
    w.observe(lambda change: 1 / 0, "values")
    for _ in range(2):
        w.push(values)
        timer.wait(1)
    assert isinstance(w.last_error, ZeroDivisionError)


def test_other_changes_between_frames_do_not_send_them(open_page):
    w = Heatmap(START)
    timer, page = FakeTimer(), open_page(w)
    w._stream._timer = timer
    page.clear()
    w.push(START + 1)
    w.title = "one"
    w.selection = [(0, 0)]
    assert all("_values" not in update for update in page.updates())
    w.limits = (0, 5)
    update = page.updates()[-1]
    np.testing.assert_array_equal(np.frombuffer(update["_values"]), START.ravel() + 1)


def test_messages_are_numbered_together_with_what_is_committed(open_page):
    w = Heatmap(START)
    timer, page = FakeTimer(), open_page(w)
    w._stream._timer = timer
    page.clear()
    w.push(START + 1)
    timer.wait(0)
    (live,) = page.heard()
    timer.wait(1)
    (update,) = page.updates()
    assert live["edition"] == update["_edition"] == 2
    w.values = START
    assert page.updates()[-1]["_edition"] == 3


def test_a_page_answers_over_the_comm(open_page):
    w = Heatmap(START)
    timer, page = FakeTimer(), open_page(w)
    w._stream._timer = timer
    for k in range(3):
        w.push(START + k)
        timer.wait(BETWEEN)
        edition = page.heard()[-1]["edition"]
        page.send({"kind": "painted", "page": "p", "edition": edition, "visible": True})
    lives = [content for content in page.heard() if content["kind"] == "live"]
    assert [live["heard"] for live in lives] == [0, 2, 3]


# ── what can be pushed ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "given",
    [
        [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]],
        np.arange(12, dtype="int8").reshape(4, 3),
        np.arange(12, dtype=">f4").reshape(4, 3)[::-1],
        xr.DataArray(np.arange(12.0).reshape(4, 3), dims=("layer", "component")),
    ],
)
def test_anything_that_values_takes(given):
    w = Heatmap(START)
    w.push(given)
    np.testing.assert_array_equal(w.values, np.asarray(given))
    assert w.values.dtype == np.asarray(given).dtype


def test_cells_can_be_absent_in_one_frame_and_present_in_the_next():
    w = Heatmap(START)
    w.push(np.ma.masked_array(START, mask=np.eye(4, 3)))
    assert w.values.mask.sum() == 3
    w.push([[1.0, None, np.nan], *[[0, 1, 2]] * 3])
    assert w.values[0, 1] is np.ma.masked
    assert np.isnan(w.values[0, 2])
    w.push(START)
    assert not np.ma.isMaskedArray(w.values)


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        (np.zeros((3, 4)), ValueError, r"shape \(3, 4\), but \(4, 3\) is to be shown"),
        (np.zeros((2, 4, 3)), ValueError, r"shape \(2, 4, 3\)"),
        ([["a"] * 3] * 4, TypeError, "strings"),
        (np.zeros((4, 3), complex), TypeError, "complex"),
        (None, TypeError, "None"),
        (
            xr.DataArray(START, coords={"layer": [3, 2, 1, 0]}, dims=("layer", "component")),
            ValueError,
            "other layers",
        ),
    ],
)
def test_what_does_not_fit_is_refused_at_once_and_loses_nothing(given, error, says):
    w = Heatmap(START)
    w.push(START + 1)
    with pytest.raises(error, match=says):
        w.push(given)
    np.testing.assert_array_equal(w.values, START + 1)


def test_a_heatmap_to_be_filled_says_what_comes_first():
    with pytest.raises(ValueError, match="assign the first values"):
        Heatmap().push(START)


def test_a_frame_that_its_text_cannot_write_is_refused_at_once():
    w = Heatmap(np.zeros((2, 2), int), text="d")
    with pytest.raises(ValueError, match=r"no format for 0\.5"):
        w.push(np.full((2, 2), 0.5))
    assert w.values.dtype == int


def test_categories_take_those_that_there_are():
    w = Heatmap([["a", "b"], ["b", None]])
    w.push([["b", "b"], [None, "a"]])
    assert np.ma.filled(w.values, "-").ravel().tolist() == ["b", "b", "-", "a"]
    with pytest.raises(ValueError, match="'c'"):
        w.push([["c", "b"], ["a", "a"]])


# ── steps ────────────────────────────────────────────────────────────────────────────────────


def test_a_step_of_the_grid_is_replaced_and_shown():
    steps = np.zeros((3, 4, 3), "int32")
    w = Heatmap(xr.DataArray(steps, dims=("step", "layer", "component"), coords={"step": [*"abc"]}))
    w.push(START + 1.5, step="b")
    w.push(START.astype("int32") + 2, step="a")
    assert w.step == "a"
    assert w.values[:, 0, 0].tolist() == [2, 1.5, 0]
    w.push(steps + 7)
    assert (w.step, w.values[:, 0, 0].tolist()) == ("a", [7, 7, 7])
    with pytest.raises(ValueError, match="no step 'd'"):
        w.push(START, step="d")
    with pytest.raises(ValueError, match="step=label takes one frame"):
        w.push(START)


def test_steps_that_travel_one_by_one_are_committed_at_the_pace(open_page):
    w = Heatmap(np.zeros((12, 500, 400), "float32"))
    timer, page = FakeTimer(), open_page(w)
    w._stream._timer = timer
    page.clear()
    w.push(np.ones((500, 400), "float32"), step=1)
    timer.wait(0)
    (update,) = page.updates()
    assert (update["_step"], update["_edition"], len(update["_values"])) == (1, 2, 800_000)
    w.push(np.zeros((500, 400), "float32"), step=1)
    page.send({"kind": "frames", "page": "p", "partial": update["_partial"], "steps": [0]})
    assert page.heard()[-1]["steps"] == [0]


def test_without_steps_a_frame_has_a_name_until_values_are_set(open_page):
    w = Heatmap(START)
    timer, page = FakeTimer(), open_page(w)
    w._stream._timer = timer
    page.clear()
    w.push(START, step=np.int64(120))
    timer.wait(0)
    assert page.heard()[-1]["traits"]["_moment"] == 120
    timer.wait(1)
    assert w._moment == 120
    w.values = START
    assert w._moment is None


# ── limits ───────────────────────────────────────────────────────────────────────────────────


def test_automatic_limits_only_widen():
    w = Heatmap(frame(1.0, 2.0, 3.0))
    for value, limits in ((5, (1, 5)), (2, (1, 5)), (-1, (-1, 5)), (np.nan, (-1, 5)), (0, (-1, 5))):
        w.push(START + value)
        assert w.color_limits == limits
    w.values = frame(0.0, 0.0, 1.0)
    assert w.color_limits == (0, 1)


def test_limits_of_nothing_give_way():
    w = Heatmap(layers=range(4), components=range(3))
    w.push(frame(5.0, 6.0, 7.0))
    assert w.color_limits == (5, 7)


@pytest.mark.parametrize(
    ("options", "limits"),
    [
        ({"limits": (0, 2)}, (0, 2)),
        ({"limits": "symmetric"}, (-8, 8)),
        ({"center": 1.0}, (-6, 8)),
        ({"norm": "log"}, (1, 8)),
    ],
)
def test_limits_that_were_asked_for_widen_as_such(options, limits):
    w = Heatmap(frame(1.0, 2.0, 3.0), **options)
    w.push(START + 8)
    assert w.color_limits == limits


def test_linked_heatmaps_share_the_wider_limits():
    a, b = Heatmap(frame(0.0, 0.0, 1.0)), Heatmap(frame(0.0, 0.0, 2.0))
    link(a, b, limits=True)
    row(a, b)
    timer = a._stream._timer = b._stream._timer = FakeTimer()
    a.push(START + 9)
    b.push(START - 3)
    assert a.color_limits[1] == 9
    timer.wait(1)
    assert a.color_limits == b.color_limits == (-3, 9)


def test_linked_heatmaps_share_limits_that_were_read_meanwhile():
    a, b = Heatmap(START), Heatmap(START + 1)
    link(a, b, limits=True)
    timer = a._stream._timer = FakeTimer()
    a.push(START + 9)
    assert a.values[0, 0] == 9
    timer.wait(1)
    assert b.color_limits == (0, 9)


# ── threads ──────────────────────────────────────────────────────────────────────────────────


def eventually(condition, seconds=10):
    """Wait for a condition, and fail if it does not come."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_the_last_frame_is_committed_with_no_help(values):
    w = Heatmap(values)
    heard = threading.Event()
    w.observe(lambda _: heard.set(), "values")

    def loop():
        for k in range(1000):
            w.push(values + k)
            if k == 500:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        loop()
    assert heard.wait(10)
    np.testing.assert_array_equal(w.values, values + 500)


def test_threads_can_push_at_once(values, open_page):
    maps = [Heatmap(START) for _ in range(2)]
    link(*maps, limits=True)
    pages = [open_page(w) for w in maps]

    def push(seed):
        for k in range(300):
            w = maps[(seed + k) % 2]
            w.push(START + seed * 1000 + k)
            if k % 50 == 0:
                w.title, _ = str(k), w.values

    threads = [threading.Thread(target=push, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    eventually(lambda: all(w._stream._idle for w in maps))
    for w, page in zip(maps, pages, strict=True):
        last = [update["_values"] for update in page.updates() if "_values" in update][-1]
        np.testing.assert_array_equal(np.frombuffer(last), w.values.ravel())


def test_a_stream_that_is_done_is_held_by_nobody_and_has_no_thread():
    alarm, store = Alarm(), Streaming().store
    stream = Stream(store, lambda *_: None, alarm)
    stream.push(START + 1, None)
    (thread,) = [t for t in threading.enumerate() if t is alarm._thread]
    thread.join(10)
    assert not thread.is_alive()
    assert store.shown.grid.values[0, 0] == 1
    gone = weakref.ref(stream)
    del stream, thread
    gc.collect()
    assert gone() is None


def test_a_closed_heatmap_takes_frames_and_sends_none(open_page):
    w = Heatmap(START)
    sent = w.comm.sent
    w.close()
    before = len(sent)
    w.push(START + 1)
    eventually(lambda: w._stream._idle)
    assert w.values[0, 0] == 1
    assert len(sent) == before


def test_frames_go_on_after_one_could_not_be_sent(caplog):
    streaming = Streaming()
    alarm = Alarm()
    fail = [True]

    def send(*_):
        if fail.pop() if fail else False:
            raise OSError("no socket")

    stream = Stream(streaming.store, send, alarm)
    stream.push(START + 1, None)
    eventually(lambda: stream._idle and "was not sent" in caplog.text)
    stream.push(START + 2, None)
    eventually(lambda: streaming.store.shown.grid.values[0, 0] == 2)


def test_an_interpreter_exits_in_the_middle_of_a_stream():
    code = f"""
    import sys; sys.path[:] = {sys.path!r}
    import numpy as np, layergrid
    w = layergrid.Heatmap(np.zeros((2, 2)))
    for k in range(100):
        w.push(np.full((2, 2), k))
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_loop_is_quiet_at_the_end():
    streaming = Streaming()
    streaming.push(1)
    streaming.timer.wait(QUIET / 2)
    streaming.push(2)
    streaming.timer.wait(QUIET / 2 + 1e-3)
    assert streaming.commits == []
    streaming.timer.wait(QUIET)
    assert [float(new.grid.values[0, 0]) for _, new in streaming.commits] == [2]


def test_a_large_frame_is_reduced_too(open_page):
    w = Heatmap(np.zeros((600, 600), "float32"))
    timer, page = FakeTimer(), open_page(w)
    w._stream._timer = timer
    page.clear()
    w.push(np.ones((600, 600), "float32"))
    timer.wait(0)
    (update,) = page.updates()
    assert 0 < len(update["_overview"]) < w.values.nbytes / 3
    assert "_values" not in update
    w.push(np.zeros((600, 600), "float32"))
    before = timer.now()
    timer.wait(0.12)  # the pace of ten a second, not that of all its values
    assert len(page.updates()) == 2
    assert timer.now() - before < 0.2
