"""Large matrices: what stands for a block, and what travels of them."""

from __future__ import annotations

import math

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from layergrid import Heatmap, wire
from layergrid.colors import Kind, kinds
from layergrid.intake import ABSENT, PENDING, PRESENT
from layergrid.norms import Norm, Scale
from layergrid.picture.axes import reduced_axis
from layergrid.picture.blocks import representatives
from layergrid.picture.frame import read_frame
from layergrid.pyramid import (
    MOST_CELLS,
    RULES,
    first_cells,
    is_large,
    overview,
    reduce,
    remarkable,
    usual_blocks,
)
from layergrid.state import EMPTY_STATE, resolve

SPECIAL = [0.0, -1.0, 1.0, -2.5, 2.5, math.nan, math.inf, -math.inf]
DTYPES = ["float32", "float64", "float16", "int8", "int64", "uint16", "bool", ml_dtypes.bfloat16]


def rank(value: float, log: bool) -> tuple[float, ...]:
    """How remarkable a value is, by the rule in words."""
    if math.isnan(value):
        return (5.0,)
    if math.isinf(value):
        return (4.0,) if value > 0 else (3.0,)
    if log and value <= 0:
        return (2.0, -value)
    return (1.0, abs(value), value)


@st.composite
def frames(draw):
    dtype = np.dtype(draw(st.sampled_from(DTYPES)))
    shape = draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    if dtype.kind in "fV":
        values = draw(npst.arrays("float32", shape, elements=st.sampled_from(SPECIAL)))
        values = values.astype(dtype)
    else:
        values = draw(npst.arrays(dtype, shape))
    holes = draw(st.none() | npst.arrays("uint8", shape, elements=st.sampled_from([0, 0, 0, 1, 2])))
    blocks = tuple(draw(st.integers(1, n)) for n in shape)
    return values, holes, blocks


@given(frames(), st.booleans())
def test_a_block_has_the_value_of_its_most_remarkable_cell(frame, log):
    values, holes, blocks = frame
    reduced = reduce(values, holes, blocks, log=log)
    assert reduced.values.dtype == values.dtype
    edges = [[*first_cells(n, k), n] for n, k in zip(values.shape, blocks, strict=True)]
    for i in range(blocks[0]):
        for j in range(blocks[1]):
            part = np.s_[edges[0][i] : edges[0][i + 1], edges[1][j] : edges[1][j + 1]]
            hole = np.zeros(values[part].shape, np.uint8) if holes is None else holes[part]
            found = PRESENT if reduced.holes is None else reduced.holes[i, j]
            there = values[part][hole == PRESENT].astype(np.float64).tolist()
            if not there:
                assert found == (PENDING if (hole == PENDING).any() else ABSENT)
                continue
            assert found == PRESENT
            best = max(there, key=lambda value: rank(value, log))
            assert rank(float(reduced.values[i, j]), log) == rank(best, log)


@given(frames(), st.sampled_from(RULES), st.booleans())
def test_whatever_the_rule_no_block_hides_its_nan_or_infinity(frame, rule, log):
    values, holes, blocks = frame
    reduced = reduce(values, holes, blocks, rule=rule, log=log)
    edges = [[*first_cells(n, k), n] for n, k in zip(values.shape, blocks, strict=True)]
    by = {"min": np.min, "max": np.max, "mean": np.mean}
    for i, j in np.ndindex(blocks):
        part = np.s_[edges[0][i] : edges[0][i + 1], edges[1][j] : edges[1][j + 1]]
        there = values[part].ravel().astype(np.float64)
        if holes is not None:
            there = there[holes[part].ravel() == PRESENT]
        found = float(reduced.values[i, j])
        special = [v for v in (np.nan, np.inf, -np.inf) if any(same(v, one) for one in there)]
        if special:
            assert same(found, special[0])
        elif there.size and rule in by:
            assert found == pytest.approx(by[rule](there), rel=1e-2)


def same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


@given(frames(), st.booleans())
def test_the_cell_that_stands_for_a_block_is_one_that_has_its_value(frame, log):
    values, holes, _ = frame
    only = reduce(values, holes, (1, 1), log=log)
    flat = remarkable(values, holes, log=log)
    if only.holes is not None:
        assert holes is not None
        assert holes.ravel()[flat] == only.holes[0, 0]
        return
    found, told = (float(v) for v in (values.ravel()[flat], only.values[0, 0]))
    assert found == told or (math.isnan(found) and math.isnan(told))
    assert holes is None or holes.ravel()[flat] == PRESENT


@given(frames())
def test_an_overview_counts_every_cell(frame):
    values, holes, blocks = frame
    scale = Scale(-1.0, 1.5, Norm("linear"))
    state = resolve(EMPTY_STATE, {"values": values})
    grid = state.grid if holes is None else type(state.grid)(
        values=values, layers=state.grid.layers, components=state.grid.components, holes=holes
    )  # fmt: skip
    seen = overview(grid.frame(0), grid.frame_holes(0), scale, blocks)
    expected = np.bincount(kinds(values, holes, scale).ravel(), minlength=len(Kind))
    assert seen.counts.tolist() == expected.tolist()
    assert seen.blocks.codes.shape == blocks


def test_blocks_are_as_equal_as_they_can_be():
    for count, blocks in [(1000, 480), (7, 7), (5, 1), (4000, 480)]:
        sizes = np.diff([*first_cells(count, blocks), count])
        assert sizes.min() >= count // blocks
        assert sizes.max() <= -(-count // blocks)


# ── what travels ─────────────────────────────────────────────────────────────────────────────

N = 600  # more cells than are sent, fewer than cannot be asked for


@pytest.fixture
def large():
    values = np.linspace(-1, 1, N * N, dtype="float32").reshape(N, N)
    return values.copy()


def read_overview(raw: bytes) -> tuple[tuple[int, int], bool, list[int], np.ndarray, np.ndarray]:
    layers, components, fetchable, _, _, _, n = np.frombuffer(raw, "<f8", 7).astype(int)
    counts = np.frombuffer(raw, "<f8", n, offset=56).astype(int).tolist()
    shape = (int(layers), int(components))
    return shape, bool(fetchable), counts, *read_blocks(raw[56 + 8 * n :], shape)


def read_blocks(raw: bytes, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    n = shape[0] * shape[1]
    kind = np.zeros(n, np.uint8)
    if len(raw) > n:
        bits, special = np.split(np.frombuffer(raw, np.uint8, offset=n), [-(-n // 8)])
        kind[np.unpackbits(bits, bitorder="little", count=n).astype(bool)] = special
    return np.frombuffer(raw, np.uint8, n).reshape(shape), kind.reshape(shape)


def test_of_a_large_grid_an_overview_travels_and_no_values(large):
    assert large.size > MOST_CELLS
    large[3, 4] = np.nan
    w = Heatmap(large, limits=(-1, 1))
    assert (w._values, w._holes) == (b"", b"")
    blocks, fetchable, counts, codes, kind = read_overview(w._overview)
    assert blocks == usual_blocks(w._store.state.grid, transpose=False) == codes.shape
    assert fetchable
    assert counts[Kind.NAN] == 1
    assert counts[Kind.FINITE] == large.size - 1
    assert np.argwhere(kind).tolist() == [[3 * blocks[0] // N, 4 * blocks[1] // N]]
    assert codes[-1, -1] == 255
    assert len(w._overview) < large.nbytes / 3


def test_a_small_one_has_no_overview():
    w = Heatmap(np.zeros((512, 512)))
    assert w._overview == b""
    assert len(w._values) == w.values.nbytes


def test_more_limits_another_overview_and_another_cmap_none(large):
    w = Heatmap(large)
    before = w._overview
    w.cmap = "magma"
    assert w._overview is before
    w.limits = (-2, 2)
    assert w._overview != before


def test_a_page_says_how_many_pixels_there_are(large):
    w = Heatmap(large)
    w._handle_custom_msg({"kind": "blocks", "layers": 300, "components": 200}, [])
    assert read_overview(w._overview)[0] == (300, 200)
    w._handle_custom_msg({"kind": "blocks", "layers": 10**9, "components": 0}, [])
    assert read_overview(w._overview)[0] == (N, 1)


def test_values_are_given_to_who_asks(large):
    state = resolve(EMPTY_STATE, {"values": large})
    asked = wire.Frames("p", wire.partial(state), (0,))
    content, buffers = wire.encode_frames(asked, state)
    assert content["steps"] == [0]
    assert buffers == [large.tobytes(), b""]


def test_a_page_asks_which_cell_stands_for_some(large):
    large[7, 9] = -5
    state = resolve(EMPTY_STATE, {"values": large})
    asked = wire.Read("p", wire.partial(state), 0, (6, 8, 9, 11))
    content, (value, hole) = wire.encode_read(asked, state)
    assert content["cell"] == 7 * N + 9
    assert np.frombuffer(value, "<f4").tolist() == [-5]
    assert hole == b""
    assert wire.encode_read(wire.Read("p", 0, 0, (0, 0, 1, 1)), state) is None


def test_a_page_asks_for_finer_blocks_of_some_cells(large):
    large[7, 9] = np.nan
    state = resolve(EMPTY_STATE, {"values": large, "limits": (-1, 1)})
    asked = wire.Tile("p", wire.partial(state), 0, (6, 8, 9, 11), (4, 4))
    content, (raw,) = wire.encode_tile(asked, state)
    assert content["blocks"] == [4, 4]
    assert np.argwhere(read_blocks(raw, (4, 4))[1]).tolist() == [[1, 1]]
    assert wire.encode_tile(asked._replace(partial=0), state) is None


def test_a_page_without_a_kernel_has_all_values(large):
    saved = Heatmap(large)._saved()
    assert saved["_values"] == large.tobytes()
    assert saved["_overview"] == b""


def test_the_rule_is_said_and_can_be_set(large):
    w = Heatmap(large, limits=(-1, 1), reduce="min")
    assert w.reduce == w._reduce == "min"
    lowest = read_overview(w._overview)[3]
    w.reduce = "max"
    assert (read_overview(w._overview)[3] >= lowest).all()
    with pytest.raises(ValueError, match="reduce is 'median'; expected one of 'extreme', 'mean'"):
        w.reduce = "median"
    assert w.reduce == "max"


@pytest.mark.parametrize("rule", RULES)
def test_the_picture_keeps_the_rule(rule):
    values = np.linspace(-2, 1, 40 * 40).reshape(40, 40)
    values[7, 7] = np.nan
    frame = read_frame(resolve(EMPTY_STATE, {"values": values, "reduce": rule}))
    axes = [reduced_axis(n, 4) for n in values.shape]
    chosen = representatives(frame.values, frame.kind, *axes, frame.rule)
    exact = reduce(values, None, (4, 4), rule=rule).values
    found = values.ravel()[chosen].reshape(4, 4)
    np.testing.assert_allclose(found, exact, atol=0.04 if rule == "mean" else 0)


def test_categories_are_never_reduced():
    w = Heatmap(np.full((N, N), "a"))
    assert not is_large(w._store.state.grid)
    assert w._overview == b""


def test_the_picture_of_a_large_grid_says_what_there_is(large):
    large[3, 4] = np.nan
    alt = Heatmap(large, title="t")._repr_mimebundle_()[0]["text/html"]
    assert "600 layers × 600 components" in alt
    assert "from −1 to 1" in alt
    assert "1 NaN" in alt


def test_a_coarser_picture_keeps_the_largest_magnitude(large):
    large[...] = np.abs(large) / 2
    large[300, 300] = -1
    frame = read_frame(resolve(EMPTY_STATE, {"values": large, "limits": (-1, 1)}))
    chosen = representatives(
        frame.values, frame.kind, *(reduced_axis(n, 10) for n in frame.code.shape)
    )
    assert chosen is not None
    assert frame.values.ravel()[chosen].min() == -1
