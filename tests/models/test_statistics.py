"""Statistics of arrays: beside plain formulas in float64, on values that are not tame."""

from __future__ import annotations

import math
import pickle
import threading
import tracemalloc
import warnings
from concurrent.futures import ThreadPoolExecutor

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from layergrid.intake import widen
from layergrid.models import statistics
from layergrid.models.statistics import STATISTICS, read_statistic
from layergrid.models.statistics.blocks import BLOCK, blocks

from ..arrays import EXTENDED, NATIVE, OnlyArray

IN_ANY_ORDER = [name for name, s in STATISTICS.items() if s.kind == "values"]
MATRIX = [name for name, s in STATISTICS.items() if s.kind == "matrix"]


def reference(name: str, tensor: np.ndarray) -> float:
    """The statistic as its formula says, in float64, of values whose powers stay in its range."""
    w = widen(tensor).astype(np.float64)
    size = np.abs(w)
    match name:
        case "rms":
            return float(np.sqrt(np.mean(w**2)))
        case "mean_abs":
            return float(size.mean())
        case "max_abs":
            return float(size.max())
        case "std":
            return float(w.std())
        case "outlier_ratio":
            return float(size.max() / np.sqrt(np.mean(w**2)))
        case "kurtosis":
            return float(stats.kurtosis(w, axis=None))
        case "zero_fraction":
            return float(np.mean(w == 0))
        case "nonfinite":
            return float(np.sum(~np.isfinite(w)))
        case "frobenius":
            return float(np.linalg.norm(w.ravel()))
    sigma = np.linalg.svd(w.reshape(len(w), -1), compute_uv=False)
    match name:
        case "spectral_norm":
            return float(sigma[0])
        case "stable_rank":
            return float(np.sum(sigma**2) / sigma[0] ** 2)
        case "effective_rank":
            return float(np.exp(stats.entropy(sigma)))
    raise KeyError(name)


def near(expected: float, floor: float = 1e-3):
    """What a statistic may be: off by a millionth of what is expected, or of `floor`."""
    return pytest.approx(expected, rel=1e-6, abs=1e-6 * floor, nan_ok=True)


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def normal(*shape: int) -> np.ndarray:
    return rng().standard_normal(shape)


# ── beside the formulas ──────────────────────────────────────────────────────────────────────

TYPES = [np.float16, np.float32, np.float64, np.int8, np.uint16, np.int64, np.bool_, *EXTENDED]


@pytest.mark.parametrize("dtype", TYPES, ids=lambda dtype: np.dtype(dtype).name)
def test_every_type_gives_what_the_formula_says(dtype):
    numbers = np.abs(2 * normal(37, 53)) + 0.25
    if np.dtype(dtype).kind != "u" and dtype != ml_dtypes.float8_e8m0fnu:
        numbers *= np.sign(normal(53, 37).T)
    tensor = (numbers - (dtype == np.bool_)).astype(dtype)
    tensor[1, :4] = 0 if tensor.dtype != ml_dtypes.float8_e8m0fnu else 1
    for name in IN_ANY_ORDER + MATRIX:
        expected = near(reference(name, tensor))
        assert STATISTICS[name].of(tensor) == expected, name
        if STATISTICS[name].kind == "values":
            assert STATISTICS[name].over([tensor.ravel()]) == expected, name


AWKWARD = {
    "mean far above std": 1000 + 0.01 * normal(40, 30),
    "one outlier": np.where(np.arange(1200).reshape(40, 30) == 700, 3e4, normal(40, 30)),
    "first is the outlier": np.where(np.arange(1200).reshape(40, 30) == 0, -3e4, normal(40, 30)),
    "mostly zero": normal(40, 30) * (normal(40, 30) > 1.5),
    "near the largest float16": np.full((40, 30), 65504.0) - 32 * (normal(40, 30) > 0),
    "float16 subnormal": 6e-8 * np.rint(5 * normal(40, 30)),
    "equal": np.full((40, 30), 0.1),
    "one value": np.full((1, 1), -2.5),
    "one row": normal(1, 700),
    "a kurtosis near zero": stats.norm.ppf((np.arange(12_000) + 0.5) / 12_000).reshape(120, 100),
}


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, np.float32, np.float64])
@pytest.mark.parametrize("kind", AWKWARD)
def test_awkward_values_give_what_the_formula_says(dtype, kind):
    tensor = AWKWARD[kind].astype(dtype)
    for name in IN_ANY_ORDER + MATRIX:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the formula: the statistic warns of nothing
            expected = reference(name, tensor)
        assert STATISTICS[name].of(tensor) == near(expected), name


@pytest.mark.parametrize(
    "scale", [2.0**-1040, 1e-300, 1e-200, 1e-30, 2e-22, 1e30, 1e200, 2.0**1015]
)
@pytest.mark.parametrize("name", IN_ANY_ORDER + MATRIX)
def test_the_scale_of_values_takes_nothing_away(name, scale):
    tame = np.round(normal(60, 50) * 64) / 64
    tame[0, 0] = 100
    exact = 2.0 ** round(math.log2(scale))
    expected = reference(name, tame)
    if name in ("rms", "mean_abs", "max_abs", "std", "frobenius", "spectral_norm"):
        expected *= exact
    for dtype in [np.float64, np.float32][: 2 if 1e-31 < scale < 1e31 else 1]:
        found = STATISTICS[name].of((tame * exact).astype(dtype))
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-12 * exact)
    if STATISTICS[name].kind == "values":
        # The scale may change from chunk to chunk, too.
        chunks = [np.zeros(9), tame.ravel()[:1000] * exact, tame.ravel()[1000:] * exact]
        whole = reference(name, np.concatenate([np.zeros(9), tame.ravel()]))
        if expected != reference(name, tame):
            whole *= exact
        assert STATISTICS[name].over(chunks) == pytest.approx(whole, rel=1e-6, abs=1e-12 * exact)


def test_chunks_may_lie_at_both_ends_of_the_range():
    for chunks in ([[1e300], [1e-300] * 3], [[1e-300] * 3, [1e300]]):
        values = [np.array(chunk) for chunk in chunks]
        assert STATISTICS["rms"].over(values) == pytest.approx(5e299)
        assert STATISTICS["std"].over(values) == pytest.approx(1e300 * math.sqrt(3) / 4)
        assert STATISTICS["kurtosis"].over(values) == pytest.approx(7 / 3 - 3)


@pytest.mark.parametrize("dtype", [ml_dtypes.bfloat16, np.float32, np.float64])
def test_rounding_does_not_add_up_when_all_values_are_equal(dtype):
    for value in rng().uniform(1, 2, 20).astype(dtype):
        tensor = np.full(BLOCK + 1237, value)
        exact = float(value)
        assert statistics.rms(tensor) == near(exact)
        assert statistics.mean_abs(tensor) == near(exact)
        assert statistics.std(tensor) == 0
        assert math.isnan(statistics.kurtosis(tensor))


def test_a_mean_far_from_zero_keeps_the_digits_of_the_rest():
    w = normal(3 * BLOCK // 2)
    away = w + 1e6  # rounds w to 1e-10
    assert statistics.std(away) == pytest.approx(w.std(), rel=1e-9)
    assert statistics.kurtosis(away) == pytest.approx(stats.kurtosis(w), abs=1e-8)


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16])
def test_all_numbers_of_two_bytes_are_widened_as_they_are(dtype):
    every = np.arange(2**16, dtype=np.uint16).view(dtype)
    with np.errstate(invalid="ignore"):
        finite = every[np.isfinite(every)]
    for part in (finite, every, every[1:]):
        read = np.concatenate([np.array(b._values) for b in blocks([part], 1001)])
        with np.errstate(invalid="ignore"):
            expected = part.astype(np.float32)
        np.testing.assert_array_equal(np.sort(read), np.sort(expected))


# ── chunks ───────────────────────────────────────────────────────────────────────────────────


@given(
    cuts=st.lists(st.integers(0, 700), max_size=6),
    dtype=st.sampled_from([np.float16, np.float32, np.float64, np.int8, ml_dtypes.bfloat16]),
    seed=st.integers(0, 2**32),
)
def test_chunks_do_not_matter_and_are_not_kept(cuts, dtype, seed):
    tensor = (3 + 10 * np.random.default_rng(seed).standard_normal(700)).astype(dtype)

    def chunks():
        buffer = np.empty(700, dtype)
        for start, stop in zip([0, *sorted(cuts)], [*sorted(cuts), 700], strict=True):
            part = buffer[: stop - start]
            part[:] = tensor[start:stop]
            yield part
            part[:] = 99  # good until the next is asked for, and no longer

    for name in IN_ANY_ORDER:
        expected = STATISTICS[name].of(tensor)
        assert STATISTICS[name].over(chunks()) == pytest.approx(expected, rel=3e-7, abs=1e-10)


def test_the_order_and_the_layout_of_values_do_not_matter():
    tensor = normal(64, 48).astype(np.float32)
    wide = np.repeat(tensor, 2, axis=1)
    swapped = tensor.astype(">f4")
    unaligned = np.frombuffer(b"x" + tensor.tobytes(), np.uint8)[1:].view(np.float32)
    for name in IN_ANY_ORDER + MATRIX:
        expected = near(STATISTICS[name].of(tensor))
        for other in (tensor.T, wide[:, ::2], swapped, unaligned.reshape(64, 48), tensor[::-1]):
            assert STATISTICS[name].of(other) == expected


def test_an_array_is_only_read():
    for dtype in (np.float32, np.float64, np.float16):
        tensor = normal(30, 20).astype(dtype)
        tensor[0, 0] = 1e4
        before = tensor.copy()
        tensor.flags.writeable = False
        for statistic in STATISTICS.values():
            statistic.of(tensor)
        np.testing.assert_array_equal(tensor, before)


def test_memory_stays_bounded():
    chunk = normal(BLOCK).astype(ml_dtypes.bfloat16)
    for name in IN_ANY_ORDER:
        STATISTICS[name].over([chunk])
        tracemalloc.start()
        STATISTICS[name].over(chunk for _ in range(6))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 24 * BLOCK  # three buffers of float64


def test_threads_do_not_disturb_each_other():
    tensors = [(k + 1) * normal(4096 * 9).astype(np.float16) for k in range(8)]
    ready = threading.Barrier(4)

    def measure(tensor):
        ready.wait()
        return [STATISTICS[name].of(tensor) for name in IN_ANY_ORDER for _ in range(3)]

    alone = [[STATISTICS[name].of(t) for name in IN_ANY_ORDER for _ in range(3)] for t in tensors]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(measure, tensors)) == alone


# ── what is not a number, or not there ───────────────────────────────────────────────────────

NAN, INF = math.nan, math.inf

HONEST = {
    # of nothing, zeros, equal values, +inf, ±inf, NaN, NaN and inf
    "rms": (NAN, 0, 2, INF, INF, NAN, NAN),
    "mean_abs": (NAN, 0, 2, INF, INF, NAN, NAN),
    "max_abs": (NAN, 0, 2, INF, INF, NAN, NAN),
    "std": (NAN, 0, 0, NAN, NAN, NAN, NAN),
    "outlier_ratio": (NAN, NAN, 1, NAN, NAN, NAN, NAN),
    "kurtosis": (NAN, NAN, NAN, NAN, NAN, NAN, NAN),
    "zero_fraction": (NAN, 1, 0, 1 / 6, 1 / 6, 1 / 6, 1 / 6),
    "nonfinite": (0, 0, 0, 1, 2, 1, 2),
    "frobenius": (0, 0, math.sqrt(24), INF, INF, NAN, NAN),
    "spectral_norm": (0, 0, math.sqrt(24), INF, INF, NAN, NAN),
    "stable_rank": (NAN, NAN, 1, NAN, NAN, NAN, NAN),
    "effective_rank": (NAN, NAN, 1, NAN, NAN, NAN, NAN),
    "parameters": (0, 6, 6, 6, 6, 6, 6),
    "bytes": (0, 24, 24, 24, 24, 24, 24),
}


@pytest.mark.parametrize("name", STATISTICS)
def test_what_is_not_finite_or_not_there_is_told_honestly(name):
    tensors = [
        np.zeros((0, 3)),
        np.zeros((2, 3)),
        np.full((2, 3), -2),
        np.array([[0, 1, INF], [2, -3, 4]]),
        np.array([[0, 1, INF], [2, -INF, 4]]),
        np.array([[0, 1, NAN], [2, -3, 4]]),
        np.array([[0, 1, NAN], [2, INF, 4]]),
    ]
    statistic = STATISTICS[name]
    expected = pytest.approx(HONEST[name], rel=1e-9, nan_ok=True)
    assert tuple(statistic.of(t.astype(np.float32)) for t in tensors) == expected
    if statistic.kind == "header":
        return
    for dtype in (np.float16, np.float64, ml_dtypes.bfloat16):
        assert tuple(statistic.of(t.astype(dtype)) for t in tensors) == expected
    if statistic.kind == "values":
        # An infinity in one block and a NaN in the next is not an infinity.
        each = [[np.array([value]) for value in t.ravel()] for t in tensors]
        assert tuple(statistic.over(chunks) for chunks in each) == expected


@pytest.mark.parametrize("shape", [(0,), (0, 4), (4, 0), (0, 0), (2, 0, 3)])
def test_shapes_without_values(shape):
    for name, statistic in STATISTICS.items():
        if statistic.kind != "matrix" or len(shape) > 1:
            found = statistic.of(np.empty(shape, np.float32))
            assert found == pytest.approx(HONEST[name][0], nan_ok=True)


# ── singular values ──────────────────────────────────────────────────────────────────────────


def with_singular_values(sigma: np.ndarray, rows: int, columns: int) -> np.ndarray:
    u, _ = np.linalg.qr(normal(rows, len(sigma)))
    v, _ = np.linalg.qr(normal(columns, len(sigma))[::-1])
    return (u * sigma) @ v.T


@pytest.mark.parametrize("shape", [(90, 70), (70, 90), (3000, 40), (80, 80)])
@pytest.mark.parametrize("decades", [0, 3, 6, 9, 12, 18])
def test_ranks_hold_however_small_the_singular_values(shape, decades):
    sigma = 10.0 ** -np.linspace(0, decades, min(shape))
    tensor = with_singular_values(sigma, *shape)
    assert statistics.effective_rank(tensor) == near(float(np.exp(stats.entropy(sigma))))
    assert statistics.stable_rank(tensor) == near(float(np.sum(sigma**2)))
    assert statistics.spectral_norm(tensor) == near(1.0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, ml_dtypes.bfloat16])
@pytest.mark.parametrize("rank", [1, 8])
def test_low_rank_products_have_low_ranks(rank, dtype):
    product = (normal(200, rank) @ normal(rank, 120)).astype(dtype)
    found = statistics.effective_rank(product)
    assert found == near(reference("effective_rank", product))
    if dtype == np.float64:
        assert found <= rank + 1e-9


def test_more_than_two_dimensions_are_flattened_after_the_first():
    kernel = normal(6, 5, 3, 3).astype(np.float32)
    for name in MATRIX:
        assert STATISTICS[name].of(kernel) == near(reference(name, kernel))
        assert STATISTICS[name].of(kernel) == STATISTICS[name].of(kernel.reshape(6, 45))


@pytest.mark.parametrize("name", MATRIX)
@pytest.mark.parametrize("shape", [(), (5,)])
def test_less_than_two_dimensions_are_no_matrix(name, shape):
    with pytest.raises(ValueError, match=r"tensor has shape \(5?,?\), which is no"):
        STATISTICS[name].of(np.ones(shape))


# ── what statistics are of ───────────────────────────────────────────────────────────────────


def test_anything_array_like_is_measured():
    assert statistics.rms([[3, 4], [0, 0]]) == 2.5
    assert statistics.rms(OnlyArray(np.full((2, 3), 2.0))) == 2
    assert statistics.bytes(OnlyArray(np.full((2, 3), 2.0))) == 48
    assert statistics.parameters(np.float32(3)) == 1
    assert statistics.rms(np.float32(-3)) == 3


def test_what_is_not_real_is_refused_by_type():
    with pytest.raises(TypeError, match=r"complex64.*abs\(\)"):
        statistics.rms(np.ones((2, 2), np.complex64))
    with pytest.raises(TypeError, match="complex128"):
        STATISTICS["rms"].over([np.ones(3, np.complex128)])
    for others in (np.array(["a", "b"]), np.array([1, None]), np.array(["2026-01-01"], "M8[D]")):
        with pytest.raises(TypeError, match=r"dtype (<U1|object|datetime64).*numbers") as caught:
            statistics.max_abs(others)
        assert "complex" not in str(caught.value)
    with pytest.raises(ValueError, match=r"masked array.*filled"):
        statistics.rms(np.ma.masked_equal([[1, 2], [2, 3]], 2))


@pytest.mark.parametrize("dtype", NATIVE)
def test_the_header_tells_sizes(dtype):
    tensor = np.ones((3, 5), dtype)
    assert statistics.parameters(tensor) == 15
    assert statistics.bytes(tensor) == tensor.nbytes


# ── by name ──────────────────────────────────────────────────────────────────────────────────


def test_every_statistic_says_what_it_is():
    assert list(STATISTICS) == [
        "rms", "mean_abs", "max_abs", "std", "outlier_ratio", "kurtosis", "zero_fraction",
        "nonfinite", "frobenius", "spectral_norm", "stable_rank", "effective_rank", "parameters",
        "bytes",
    ]  # fmt: skip
    for name, statistic in STATISTICS.items():
        assert read_statistic(name) is statistic
        assert read_statistic(getattr(statistics, name)) is statistic
        assert statistic.name == name
        assert statistic.formula
        assert statistic.source
        assert statistic.measure.__doc__


def test_statistics_travel_to_other_processes():
    for statistic in STATISTICS.values():
        assert pickle.loads(pickle.dumps(statistic)) == statistic


def test_an_unknown_name_is_answered_with_those_there_are():
    with pytest.raises(ValueError, match=r"'rsm'; expected one of 'rms', .*; did you mean 'rms'"):
        read_statistic("rsm")
    with pytest.raises(ValueError, match=r"'spectral'; .*; did you mean 'spectral_norm'"):
        read_statistic("spectral")
    with pytest.raises(ValueError, match=r"'xyzzy'; .* or a function of a tensor$"):
        read_statistic("xyzzy")
    with pytest.raises(TypeError, match=r"statistic is 3 \(int\)"):
        read_statistic(3)


def spread(tensor):
    """The range of values."""
    return tensor.max() - tensor.min()


def test_a_function_is_called_with_the_tensor_as_it_is():
    statistic = read_statistic(spread)
    assert (statistic.name, statistic.kind, statistic.units) == ("spread", "tensor", "")
    assert statistic.source.endswith("test_statistics.spread")
    assert statistic.of(np.array([[1, 5], [2, 3]], np.int16)) == 4.0
    tensor = object()
    assert read_statistic(lambda given: given is tensor and 7).of(tensor) == 7.0


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "None"),
        ("high", "'high'"),
        (np.ones((2, 3)), r"a ndarray of shape \(2, 3\)"),
        (np.ones(1), r"a ndarray of shape \(1,\)"),
        ([1.0], r"\[1.0\]"),
        (1 + 2j, r"\(1\+2j\)"),
    ],
)
def test_a_function_that_gives_no_number_is_named(value, words):
    def broken(tensor):
        return value

    with pytest.raises(TypeError, match=rf"statistic broken gave {words}; .* one number"):
        read_statistic(broken).of(np.ones((2, 2)))


@pytest.mark.parametrize("name", ["spectral_norm", "parameters"])
def test_what_needs_a_whole_tensor_takes_no_chunks(name):
    with pytest.raises(TypeError, match=f"{name} needs the whole tensor"):
        STATISTICS[name].over([np.ones(3)])
