from __future__ import annotations

import math
from dataclasses import replace

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layergrid.models.slices import Slice, runs_of


@st.composite
def slices(draw):
    """A slice, and the shape of a parameter that it is a part of."""
    inner = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    axis = draw(st.integers(0, len(inner) - 1))
    groups = draw(st.integers(1, 3))
    start = draw(st.integers(0, inner[axis]))
    stop = draw(st.integers(start, inner[axis]))
    inner[axis] *= groups
    n_experts = draw(st.integers(1, 3))
    expert = draw(st.none() | st.just("*") | st.integers(0, n_experts - 1))
    shape = tuple(inner) if expert is None else (n_experts, *inner)
    return Slice(axis, groups, start, stop, expert), shape


def by_index(part: Slice, array: np.ndarray) -> np.ndarray:
    """Take a part as its docstring says, element by element."""
    axis = part.axis
    if part.expert == "*":
        axis += 1
    elif part.expert is not None:
        array = array[part.expert]
    run = array.shape[axis] // part.groups
    taken = [k for k in range(array.shape[axis]) if part.start <= k % run < part.stop]
    return np.take(array, taken, axis=axis)


@given(slices())
def test_of_takes_the_runs_and_shape_foretells_it(drawn):
    part, shape = drawn
    array = np.arange(math.prod(shape)).reshape(shape)
    taken = part.of(array)
    np.testing.assert_array_equal(taken, by_index(part, array))
    assert taken.shape == part.shape(shape)


@given(slices())
def test_runs_are_the_same_elements_in_order(drawn):
    part, shape = drawn
    runs = runs_of(shape, part)
    elements = [runs.first + k * runs.period + i for k in range(runs.n) for i in range(runs.length)]
    array = np.arange(math.prod(shape)).reshape(shape)
    assert elements == part.of(array).ravel().tolist()


@given(slices())
def test_the_text_form_comes_back(drawn):
    part, _ = drawn
    assert Slice.parse(str(part)) == part


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (Slice(0, 1, 0, 576), "[0:576]"),
        (Slice(1, 1, 768, 1536), "[:, 768:1536]"),
        (Slice(0, 9, 0, 64), "[9*0:64]"),
        (Slice(0, 1, 0, 1408, expert=3), "[expert 3, 0:1408]"),
        (Slice(1, 1, 0, 1408, expert="*"), "[expert *, :, 0:1408]"),
    ],
)
def test_the_text_form(part, text):
    assert str(part) == text
    assert Slice.parse(text) == part


@given(st.text("[]0123456789:*,- expr", max_size=20))
def test_any_other_text_is_refused_by_itself(text):
    try:
        part = Slice.parse(text)
    except ValueError as error:
        refusal = str(error)
    else:
        refusal = ""
        assert Slice.parse(str(part)) == part
    assert not refusal or "no part of a parameter" in refusal


@given(slices(), st.lists(st.integers(0, 4), max_size=4).map(tuple))
def test_another_shape_has_such_a_part_or_is_refused(drawn, shape):
    part, _ = drawn
    try:
        foretold = part.shape(shape)
    except ValueError:
        with pytest.raises(ValueError, match=r"has no part \["):
            part.of(np.zeros(shape))
    else:
        assert by_index(part, np.zeros(shape)).shape == foretold


@pytest.mark.parametrize(
    ("part", "shape"),
    [
        (Slice(0, 1, 0, 5), (4, 3)),
        (Slice(2, 1, 0, 1), (4, 3)),
        (Slice(0, 3, 0, 1), (4, 3)),
        (Slice(0, 2, 0, 3), (4, 3)),
        (Slice(0, 1, 0, 3, expert=2), (2, 4, 3)),
        (Slice(0, 1, 0, 3, expert=0), (4,)),
        (Slice(0, 1, 0, 0), ()),
    ],
)
def test_a_part_that_reaches_outside(part, shape):
    with pytest.raises(ValueError, match=r"shape \(.*\) has no part \["):
        part.shape(shape)


@pytest.mark.parametrize(
    "numbers", [(-1, 1, 0, 1), (0, 0, 0, 1), (0, 1, 2, 1), (0, 1, -2, 1), (0, 1, 0, 1, -1)]
)
def test_numbers_that_no_part_has(numbers):
    with pytest.raises(ValueError, match="no part of a parameter"):
        Slice(*numbers)


@given(slices())
def test_a_plain_slice_is_a_view(drawn):
    part, shape = drawn
    plain = replace(part, groups=1)
    array = np.zeros(shape, ml_dtypes.bfloat16)
    plain.of(array)[...] = 1
    assert np.count_nonzero(array) == plain.of(array).size
