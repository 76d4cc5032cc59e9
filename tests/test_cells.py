"""Cells as Python gets them: exact values, and a great many that act as a tuple of them."""

from __future__ import annotations

import copy
import pickle

import ml_dtypes
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layergrid.cells import AT_ONCE, Cells, cell_at, cells_at
from layergrid.intake import read
from layergrid.picks import picks_in, picks_of


@pytest.fixture
def grid(values):
    return read(values, layers=[0, 1, 2, "out"], components=["attn.q", "attn.k", "mlp.up"])


# ── one cell ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("dtype", "value"),
    [
        ("int64", 2**62 + 1),
        ("uint64", 2**64 - 1),
        ("int8", -128),
        ("float64", 0.1 + 0.2),
        ("float64", -5e-324),
        ("float32", float(np.float32(0.1))),
        ("float16", float(np.float16(0.1))),
        ("longdouble", 0.1),
        (">f8", 0.1),
        (">i8", -(2**60) - 1),
        ("bool", True),
        (ml_dtypes.bfloat16, 0.10009765625),
        (ml_dtypes.float8_e4m3fn, 0.1015625),
        (ml_dtypes.int4, -7),
    ],
)
def test_a_value_is_an_exact_python_scalar(dtype, value):
    cell = cell_at(read(np.array([[0, 0], [0, value]], dtype)), 0, 3)
    assert cell.value == value
    assert type(cell.value) in (bool, int, float)
    assert type(cell.value) is type(value) or dtype is ml_dtypes.int4


def test_a_cell_knows_where_it_is_and_what_else_is_known():
    grid = read(np.arange(6).reshape(3, 2), components=["q", "k"])
    coords = {
        "name": np.array([["a", "b"], ["c", ""], ["e", "f"]]),
        "parameters": np.array([[1, 2], [3, 4], [5, 6]]),
    }
    object.__setattr__(grid, "coords", coords)
    cell = cell_at(grid, 0, 2)
    assert (cell.layer, cell.component, cell.index, cell.name) == (1, "q", (1, 0), "c")
    assert cell.coords == {"name": "c", "parameters": 3}
    assert isinstance(cell.coords, dict)
    assert type(cell.coords["parameters"]) is int
    assert cell_at(grid, 0, 3).name is None


def test_an_absent_cell_has_no_value_but_nan_is_one(values):
    grid = read(np.ma.masked_array(values, mask=values == 7))
    assert cell_at(grid, 0, 10).value is None
    assert np.isnan(cell_at(grid, 0, 2).value)
    assert cell_at(grid, 0, 6).value == -np.inf


def test_the_value_is_that_of_the_step():
    grid = read(np.arange(12).reshape(2, 3, 2))
    assert [cell_at(grid, step, 5).value for step in (0, 1)] == [5, 11]


def test_cells_can_be_compared_hashed_copied_and_sent_to_other_processes(grid):
    cell = cell_at(grid, 0, 1)
    assert cell == cell_at(grid, 0, 1)
    assert {cell: 1}[cell_at(grid, 0, 1)] == 1
    assert pickle.loads(pickle.dumps(cell)) == copy.deepcopy(cell) == cell
    with pytest.raises(AttributeError):
        cell.value = 1


# ── many cells ───────────────────────────────────────────────────────────────────────────────

WIDE = read(np.arange(60_000.0).reshape(200, 300))


def few(flats):
    return tuple(cell_at(WIDE, 0, flat) for flat in flats)


@given(st.lists(st.integers(0, 59_999), unique=True, max_size=9), st.data())
def test_cells_act_as_a_tuple_of_them(flats, data):
    cells, made = Cells(WIDE, 0, picks_of(flats)), few(flats)
    assert cells == made
    assert made == cells
    assert hash(cells) == hash(made)
    assert (len(cells), [*cells]) == (len(made), [*made])
    part = data.draw(st.slices(len(made)))
    assert cells[part] == made[part]
    assert (cells + made, made + cells) == (made + made, made + made)
    for at in range(-len(made), len(made)):
        assert cells[at] == made[at]
        assert made[at] in cells
        assert cells.index(made[at]) == made.index(made[at])
    for at in (len(made), -len(made) - 1):
        with pytest.raises(IndexError):
            cells[at]
    other = data.draw(st.integers(0, 59_999))
    assert (cell_at(WIDE, 0, other) in cells) == (other in flats)
    assert (*few([other]), *cells) != cells


def test_a_few_cells_are_a_tuple_and_many_are_made_when_asked_for():
    assert type(cells_at(WIDE, 0, picks_of(range(AT_ONCE)))) is tuple
    cells = cells_at(WIDE, 0, picks_in([(10, 0, 109, 299)], 300))
    assert isinstance(cells, Cells)
    assert (len(cells), cells[0].index, cells[-1].index) == (30_000, (10, 0), (109, 299))
    assert [cell.value for cell in cells] == [*range(3000, 33_000)]
    assert repr(cells) == (
        "(Cell(layer=10, component=0, value=3000.0, name=None), "
        "Cell(layer=10, component=1, value=3001.0, name=None), …, "
        "Cell(layer=109, component=299, value=32999.0, name=None); 30,000 cells)"
    )
    assert (10, 0) not in cells


def test_many_cells_go_where_a_tuple_goes():
    cells = cells_at(WIDE, 0, picks_in([(0, 0, 9, 299)], 300))
    assert np.array(cells, object).shape == (3000,)
    assert pd.DataFrame(cells).component.tolist() == [*range(300)] * 10
    sent = pickle.loads(pickle.dumps(cells))
    assert (type(sent), sent) == (tuple, cells)
    assert copy.deepcopy(cells) == cells
