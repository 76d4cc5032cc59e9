"""Numbers as people read them, and ticks where people look for them."""

from __future__ import annotations

import json
import math
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from layergrid.norms import Norm, Scale, positions
from layergrid.numerals import format_value, ticks
from layergrid.picture.ticks import bar_ticks

VECTORS = json.loads((Path(__file__).parent / "data" / "numerals.json").read_text())

finite = st.floats(allow_nan=False, allow_infinity=False)


def parse(text: str) -> float:
    return float(text.replace("−", "-").replace(",", ""))


def significant(text: str) -> str:
    return re.sub(r"e.*|\D", "", text).lstrip("0")


# ── values ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("case", VECTORS["values"], ids=str)
def test_shared_values(case):
    assert format_value(case["value"]) == case["text"]


@pytest.mark.parametrize("case", VECTORS["integers"], ids=str)
def test_shared_integers(case):
    assert format_value(int(case["integer"])) == case["text"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (math.nan, "NaN"),
        (math.inf, "+∞"),
        (-math.inf, "−∞"),
        (True, "True"),
        (False, "False"),
        (np.float64(0.1123), "0.1123"),
    ],
)
def test_what_is_no_usual_number(value, text):
    assert format_value(value) == text


@given(finite)
def test_four_digits_are_as_near_as_four_digits_can_be(value):
    text = format_value(value)
    if value == 0:
        assert text == "0"
        return
    assert text.startswith("−") == (value < 0)
    assert len(significant(text).rstrip("0")) <= 4
    assert not re.search(r"\.\d*0(e|$)", text)  # no trailing zeros
    if abs(value) > 1e-300:  # below, floats themselves have fewer digits
        assert parse(text) == pytest.approx(value, rel=5.01e-4) or math.isinf(parse(text))


@given(finite, finite)
def test_a_larger_value_never_reads_as_a_smaller_one(a, b):
    assume(a <= b)
    assert parse(format_value(a)) <= parse(format_value(b))


@given(st.integers(-(2**70), 2**70))
def test_integers_are_exact(value):
    assert int(format_value(value).replace("−", "-").replace(",", "")) == value


# ── ticks ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("case", VECTORS["ticks"], ids=str)
def test_shared_ticks(case):
    found = ticks(case["low"], case["high"], case["most"])
    assert [text for _, text in found] == case["texts"]
    assert [value for value, _ in found] == pytest.approx(case["values"], rel=1e-12, abs=0)


def measure(text: str) -> float:
    return 7 * len(text)


@pytest.mark.parametrize("case", VECTORS["bars"], ids=str)
def test_shared_ticks_of_the_colour_bar(case):
    scale = Scale(*case["limits"], Norm(**case["norm"]))
    found = bar_ticks(scale, case["length"], case["vertical"], measure)
    assert [tick.text for tick in found] == [text for text, _ in case["ticks"]]
    assert [tick.at for tick in found] == pytest.approx([at for _, at in case["ticks"]], abs=1e-6)


@st.composite
def scales(draw):
    size = draw(st.floats(-12, 12))
    low, high = sorted(draw(st.lists(st.floats(-1, 1), min_size=2, max_size=2, unique=True)))
    low, high = low * 10**size, high * 10 ** draw(st.just(size) | st.floats(-12, 12))
    assume(low < high)
    kind = draw(st.sampled_from(["linear", "log", "symlog", "power", "twoslope"]))
    if kind == "log":
        low, high = sorted((abs(low), abs(high)))
        assume(0 < low < high)
        return Scale(low, high, Norm("log"))
    if kind == "symlog":
        largest = max(abs(low), abs(high))
        return Scale(low, high, Norm(kind, linthresh=largest * draw(st.floats(1e-9, 10))))
    if kind == "power":
        return Scale(low, high, Norm(kind, gamma=draw(st.floats(0.05, 10))))
    if kind == "twoslope":
        center = low + (high - low) * draw(st.floats(0.01, 0.99))
        assume(low < center < high)
        return Scale(low, high, Norm(kind, center=center))
    return Scale(low, high)


@given(scales(), st.sampled_from([96, 120, 160, 400]), st.booleans())
def test_the_bar_has_two_ticks_where_their_values_lie_and_none_over_another(
    scale, length, vertical
):
    found = bar_ticks(scale, length, vertical, measure)
    assert len(found) >= 2
    values = np.array([tick.value for tick in found])
    assert [tick.at for tick in found] == positions(values, scale).tolist()
    slack = (scale.high - scale.low) * 1e-6
    assert ((values >= scale.low - slack) & (values <= scale.high + slack)).all()
    for before, tick in pairwise(found):
        size = 9 if vertical else (measure(before.text) + measure(tick.text)) / 2
        assert (tick.at - before.at) * length >= size
    if scale.norm.center is not None and vertical:
        assert format_value(scale.norm.center) in [tick.text for tick in found]
    for tick in found:
        assert parse(tick.text) == pytest.approx(tick.value, rel=1e-3, abs=slack)


moderate = st.floats(-1e12, 1e12) | st.floats(-1, 1) | st.floats(-1e-9, 1e-9)


@given(moderate, moderate, st.integers(2, 12))
@example(0.0, 5e-324, 6)
@example(0.0, 3e-323, 6)
@example(1e12, 1e12 + 1e-3, 3)
@example(99.0, 101.0, 2)
def test_ticks_are_few_round_and_inside(low, high, most):
    assume(low < high)
    found = ticks(low, high, most)
    values = [value for value, _ in found]
    assert values == sorted(set(values))
    assert len(found) <= most
    assert found or most == 2  # between two of the steps that leave at most two
    slack = (high - low) * 1e-6
    assert all(low - slack <= value <= high + slack for value in values)
    for value, text in found:
        assert parse(text) == pytest.approx(value, rel=1e-3, abs=slack)
    texts = [text for _, text in found]
    if len(found) > 2:
        assert len(set(texts)) == len(texts)
        steps = np.diff(values)
        assert steps == pytest.approx([steps[0]] * len(steps), rel=1e-3)


@given(finite, finite)
def test_any_limits_have_ticks(low, high):
    assume(low <= high)
    found = ticks(low, high)
    assert found
    assert all(math.isfinite(value) and isinstance(text, str) for value, text in found)
