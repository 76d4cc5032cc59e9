"""Values that are not in memory: what is read of them, when, and what is said of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from layergrid import Heatmap
from layergrid.colors import Kind
from layergrid.intake.grid import make_grid
from layergrid.intake.stored import READ_AT_ONCE, ReadError, Stored, read_stored
from layergrid.norms import Scale
from layergrid.pyramid import (
    RULES,
    Draft,
    Survey,
    first_look,
    measure_part,
    plan,
    plan_of,
    reduce,
    refined,
    standing,
)
from layergrid.pyramid.reduce import reduce_at

SHAPE = (4000, 5000)
#: One odd value of each kind, where no sample looks.
ODD = {(1234, 56): np.nan, (77, 4321): np.inf, (3999, 0): -9.0}


class Counting:
    """An array that tells how many cells were read of it; it fails once it is broken."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values
        self.cells = 0
        self.reads: list[tuple[float, int]] = []
        self.broken = False

    def __getitem__(self, part: tuple) -> np.ndarray:
        if self.broken:
            raise OSError("the disk is gone")
        found = self.values[part]
        self.cells += found.size
        self.reads.append((time.monotonic(), found.size))
        return found


def stored_of(values: np.ndarray, chunks: tuple[int, int] | None = None, slow: int = 0) -> Stored:
    starts = chunks and tuple(
        np.arange(0, n, size) for n, size in zip(values.shape[-2:], chunks, strict=True)
    )
    return Stored(Counting(values), values.shape, values.dtype, starts, slow)


def until(condition: Callable[[], object]) -> None:
    """Wait for what another thread does."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "layergrid reader"]


def progress(w: Heatmap) -> tuple[float, float]:
    share, every = np.frombuffer(w._overview, "<f8", 2, offset=24)
    return float(share), float(every)


def counts(w: Heatmap) -> np.ndarray:
    return np.frombuffer(w._overview, "<f8", len(Kind), offset=56)


@pytest.fixture(autouse=True)
def nothing_goes_on():
    yield
    until(lambda: not readers())


@pytest.fixture(scope="module")
def mapped(tmp_path_factory):
    path = tmp_path_factory.mktemp("stored") / "values.f32"
    values = np.memmap(path, "float32", "w+", shape=SHAPE)
    values[...] = np.linspace(-1, 1, values.size, dtype="float32").reshape(SHAPE)
    for cell, value in ODD.items():
        values[cell] = value
    values.flush()
    return np.memmap(path, "float32", "r", shape=SHAPE)


@pytest.fixture
def w(mapped):
    w = Heatmap(mapped)
    yield w
    w.close()


# ── what is left where it is ─────────────────────────────────────────────────────────────────


def test_a_large_memmap_and_views_of_one_are_left_where_they_are(mapped):
    assert mapped.nbytes > READ_AT_ONCE
    for values in (mapped, np.asarray(mapped), mapped[1:], mapped.T, mapped[:, ::-1]):
        stored = read_stored(values)
        assert stored is not None
        assert stored.shape == values.shape
        part = np.s_[3:5, 7:9]
        np.testing.assert_array_equal(stored.read(part), values[part])
        stored.expect(part)
    assert read_stored(mapped[:100]) is None
    assert read_stored(np.array(mapped)) is None
    assert read_stored(np.ma.masked_invalid(mapped)) is None


def test_values_come_back_as_they_are_and_read_only(w, mapped):
    assert isinstance(w.values, np.memmap)
    assert np.shares_memory(w.values, mapped)
    with pytest.raises(ValueError, match="read-only"):
        w.values[0, 0] = 1
    assert w.data.shape == SHAPE
    assert np.shares_memory(w.data.values, mapped)
    assert w.mask.shape == SHAPE


def test_a_cell_is_read_exactly(w, mapped):
    w.selection = [(77, 4321), (3999, 0), (5, 6)]
    assert [cell.value for cell in w.selection] == [np.inf, -9.0, float(mapped[5, 6])]


# ── from a sample to all of it ───────────────────────────────────────────────────────────────


def test_a_memmap_is_first_a_sample_and_then_exact(mapped):
    first = first_look(read_stored(mapped))
    assert 0 < first.progress.every < 100
    assert first.progress.share == 0
    w = Heatmap(mapped)
    until(lambda: progress(w) == (1, 0))
    assert w.color_limits == (-9, 1)
    assert counts(w)[Kind.NAN] == counts(w)[Kind.POSITIVE_INFINITY] == 1
    assert counts(w).sum() == mapped.size
    w.close()


def test_the_picture_says_that_it_is_of_a_sample(w):
    said = "A sample: not all cells were read yet"
    assert said in w._repr_mimebundle_()[0]["text/html"]
    until(lambda: progress(w)[0] == 1)
    assert said not in w._repr_mimebundle_()[0]["text/html"]


def test_a_first_look_reads_a_small_part():
    values = np.zeros((30_000, 3000), "float32")
    stored = stored_of(values)
    survey = first_look(stored, seconds=10)
    assert stored.source.cells == pytest.approx(values.size / survey.progress.every, rel=0.05)
    assert stored.source.cells < values.size / 10
    assert (survey.known.numbers > 0).all()


def test_a_first_look_at_few_endless_lines_reads_a_small_part_too():
    values = np.broadcast_to(np.float32(2), (8, 10_000_000))
    stored = stored_of(values)
    survey = first_look(stored, seconds=10)
    assert stored.source.cells < values.size / 50
    assert (survey.known.numbers > 0).all()


def test_a_first_look_at_chunks_reads_whole_ones_and_leaves_the_rest_pending():
    values = np.ones((4000, 4000), "float32")
    stored = stored_of(values, (1000, 1000))
    survey = first_look(stored, seconds=0)
    share = stored.source.cells / values.size
    assert survey.progress == (share, 0)
    assert 0 < share < 1
    seen = survey.overview((40, 40), Scale(0, 1), "extreme")
    assert seen.blocks.kinds is not None
    assert (seen.blocks.kinds == Kind.PENDING).mean() == 1 - share


def test_chunks_that_are_large_are_not_waited_for():
    stored = stored_of(np.ones((6000, 6000), "float32"), (6000, 6000))
    assert first_look(stored).progress == (0, 0)
    assert stored.source.cells == 0


def test_every_part_is_read_once():
    values = np.arange(700 * 900, dtype="int32").reshape(700, 900)
    stored = stored_of(values, (256, 256))
    w = Heatmap(make_grid(stored, "counting"))
    until(lambda: progress(w)[0] == 1)
    until(lambda: not readers())
    assert stored.source.cells == values.size
    assert w.color_limits == (0, values.size - 1)
    w.close()


def test_robust_limits_are_those_of_a_sample(mapped):
    w = Heatmap(mapped, limits="robust")
    until(lambda: progress(w)[0] == 1)
    assert w.color_limits == pytest.approx((-0.98, 0.98), abs=0.02)
    assert counts(w)[Kind.OVER] == pytest.approx(mapped.size / 100, rel=0.3)
    w.close()


def test_log_takes_the_positive_values(mapped):
    w = Heatmap(mapped, norm="log")
    until(lambda: progress(w)[0] == 1)
    low, high = w.color_limits
    assert 0 < low < 1e-3
    assert high == 1
    assert counts(w)[Kind.NONPOSITIVE] == pytest.approx(mapped.size / 2, rel=0.05)
    w.close()


def test_steps_are_read_one_by_one():
    values = np.arange(3, dtype="float32")[:, None, None] * np.ones((1, 300, 400), "float32")
    stored = stored_of(values)
    w = Heatmap(make_grid(stored, "counting"))
    until(lambda: progress(w)[0] == 1)
    until(lambda: not readers())
    assert stored.source.cells == values[0].size
    w.step = 0
    until(lambda: w.color_limits == (0, 2))
    until(lambda: progress(w)[0] == 1)
    w.close()


def test_other_values_are_read_instead(w, mapped):
    w.values = np.ones(SHAPE, "float32")
    until(lambda: not readers())
    assert w.color_limits == (1, 1)
    assert progress(w) == (1, 0)


def test_a_heatmap_that_is_closed_reads_nothing_more():
    stored = stored_of(np.ones((3000, 3000), "float32"), (100, 100))
    w = Heatmap(make_grid(stored, "counting"))
    w.close()
    until(lambda: not readers())
    read = stored.source.cells
    w.limits = (0, 2)
    assert not readers()
    assert stored.source.cells == read


# ── what goes wrong ──────────────────────────────────────────────────────────────────────────


def test_values_that_cannot_be_read_are_told_and_not_read_again():
    stored = stored_of(np.ones((3000, 3000), "float32"), (3000, 3000))
    stored.source.broken = True
    with pytest.raises(ReadError, match="OSError: the disk is gone; open the source again"):
        stored.read(np.s_[:1, :1])
    stored = stored_of(np.ones((8000, 8000), "float32"), (8000, 8000))
    stored.source.broken = True
    w = Heatmap(make_grid(stored, "counting"))
    until(lambda: w.last_error)
    assert isinstance(w.last_error, ReadError)
    assert "reading the values raised ReadError" in w._error[0]
    w.title = "still there"
    until(lambda: not readers())
    w.values = np.zeros((8000, 8000), "int8")
    assert progress(w) == (1, 0)
    w.close()


def test_a_first_look_that_fails_raises_at_once():
    stored = stored_of(np.ones((3000, 3000), "float32"))
    stored.source.broken = True
    with pytest.raises(ReadError, match="the disk is gone"):
        Heatmap(make_grid(stored, "counting"))


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"text": "auto"}, "text"),
        ({"click": "mask"}, "click='mask'"),
        ({"mask": np.zeros(SHAPE, bool)}, "mask"),
        ({"categories": {1: "red"}}, "categories"),
    ],
)
def test_what_needs_all_values_is_refused(mapped, options, what):
    with pytest.raises(TypeError, match=f"^{what} needs all values at once, but these .*0.08 GB"):
        Heatmap(mapped, **options)


def test_nothing_is_pushed_over_them_or_compared_with_them(w, mapped):
    with pytest.raises(TypeError, match="push needs all values at once"):
        w.push(np.zeros(SHAPE))
    with pytest.raises(TypeError, match="mask needs all values at once"):
        Heatmap(np.zeros((2, 3)), mask=mapped)


# ── what pages ask ───────────────────────────────────────────────────────────────────────────


@pytest.fixture
def asking(w):
    """A heatmap, and what it sends."""
    sent: list[tuple[dict, list[bytes]]] = []
    w.send = w._reader._send = lambda content, buffers=None: sent.append((content, buffers))
    return w, sent


def ask(w: Heatmap, kind: str, rect: list[int], **more: object) -> None:
    content = {"kind": kind, "page": "p", "partial": w._partial, "step": 0, "rect": rect, **more}
    w._handle_custom_msg(content, [])


def test_a_page_asks_which_cell_stands_for_some(asking):
    w, sent = asking
    ask(w, "read", [3990, 0, 3999, 20])
    until(lambda: sent)
    content, (value, hole) = sent[0]
    assert content["cell"] == 3999 * SHAPE[1]
    assert np.frombuffer(value, "<f4") == -9
    assert hole == b""


def test_finer_blocks_are_exact_in_the_end(asking):
    w, sent = asking
    rect = [1200, 0, 1263, 99]
    ask(w, "tile", rect, blocks=[64, 100])

    def nan_alone() -> bool:
        tiles = [buffers[0] for content, buffers in sent if content["kind"] == "tile"]
        # Its bit, and one byte for its kind.
        return bool(tiles) and len(tiles[-1]) == 6400 + 800 + 1

    until(nan_alone)
    raw = np.frombuffer(sent[-1][1][0], np.uint8)
    bits = np.unpackbits(raw[6400:7200], bitorder="little").reshape(64, 100)
    assert np.argwhere(bits).tolist() == [[34, 56]]


def test_while_a_person_zooms_nothing_else_is_read():
    stored = stored_of(np.zeros((4000, 8000), "float32"))
    w = Heatmap(make_grid(stored, "counting"))
    until(lambda: progress(w)[0] > 0)
    asked = time.monotonic()
    ask(w, "tile", [0, 0, 9, 9], blocks=[10, 10])
    until(lambda: progress(w)[0] == 1)
    after = [(at - asked, cells) for at, cells in stored.source.reads if at > asked]
    meanwhile = sum(cells for seconds, cells in after if seconds < 0.5)
    assert 0 < meanwhile < sum(cells for _, cells in after) / 3
    w.close()


def test_what_is_gone_is_not_answered(asking):
    w, sent = asking
    content = {"kind": "read", "page": "p", "partial": w._partial + 1, "step": 0}
    w._handle_custom_msg({**content, "rect": [0, 0, 1, 1]}, [])
    ask(w, "read", [0, 0, 0, 0])
    until(lambda: sent)
    assert len(sent) == 1


# ── the arithmetic ───────────────────────────────────────────────────────────────────────────

SPECIAL = [0.0, -1.0, 1.0, -2.5, 2.5, np.nan, np.inf, -np.inf]


@st.composite
def frames(draw):
    shape = draw(st.tuples(st.integers(1, 12), st.integers(1, 12)))
    if draw(st.booleans()):
        values = draw(npst.arrays("float32", shape, elements=st.sampled_from(SPECIAL)))
    else:
        values = draw(npst.arrays(draw(st.sampled_from(["int8", "uint16", "bool"])), shape))
    chunks = draw(st.none() | st.tuples(st.integers(1, 5), st.integers(1, 5)))
    return values, stored_of(values, chunks, draw(st.integers(0, 1)))


def surveyed(stored: Stored) -> Survey:
    draft = Draft(Survey.blank(plan_of(stored), stored.dtype))
    for part in draft.plan.spread().tolist():
        draft.put(part, measure_part(stored, draft.plan, part, draft.taste))
    return draft.survey()


@given(frames(), st.sampled_from(RULES), st.booleans())
def test_a_complete_survey_is_the_reduction(frame, rule, log):
    values, stored = frame
    with patch.multiple(plan, _MOST_KEPT=12, _USUALLY_KEPT=3, _MOST_ALONG=5, READ_BYTES=40):
        survey = surveyed(stored)
    assert survey.complete
    assert stored.source.cells == values.size
    down, across = survey.plan.down, survey.plan.across
    exact = reduce_at(values, None, down, across, rule=rule, log=log)
    every = slice(0, values.shape[0]), slice(0, values.shape[1])
    known = survey.reduce(every, values.shape, rule, log=log)
    assert known.holes is None
    np.testing.assert_allclose(known.values[np.ix_(down, across)], exact.values)
    finite = values[np.isfinite(values)]
    assert survey.ends.tolist() == ([finite.min(), finite.max()] if finite.size else [])
    if values.dtype.kind == "f":
        found = [np.isnan(values), values == np.inf, values == -np.inf]
        assert survey.specials.tolist() == [cells.sum() for cells in found]


@given(frames(), st.sampled_from(RULES), st.data())
def test_what_is_read_for_a_page_is_the_reduction(frame, rule, data):
    values, stored = frame
    edges = [sorted(data.draw(st.tuples(*[st.integers(0, n - 1)] * 2))) for n in values.shape]
    part = tuple(slice(first, last + 1) for first, last in edges)
    blocks = tuple(data.draw(st.integers(1, of.stop - of.start)) for of in part)
    with patch("layergrid.pyramid.exact.READ_BYTES", 24):
        read = refined(stored, part, blocks, rule, False, lambda: False)
        cell, value = standing(stored, part, rule, False, lambda: False)
    exact = reduce(values[part], None, blocks, rule=rule)
    np.testing.assert_allclose(read.values, exact.values)
    np.testing.assert_array_equal(values[cell], value[0, 0])
    if rule != "mean":
        np.testing.assert_array_equal(reduce(values[part], None, (1, 1), rule=rule).values, value)


def test_reading_for_a_page_stops_for_what_comes_first():
    stored = stored_of(np.ones((3000, 3000), "float32"))
    every = np.s_[0:3000, 0:3000]
    assert refined(stored, every, (10, 10), "extreme", False, lambda: True) is None
    assert standing(stored, every, "extreme", False, lambda: True) is None
    assert stored.source.cells < 9_000_000


@given(frames())
def test_single_cells_are_read_wherever_they_are(frame):
    values, stored = frame
    i, j = np.divmod(np.random.default_rng(0).permutation(values.size), values.shape[1])
    np.testing.assert_array_equal(stored.at(i, j), values[i, j])
