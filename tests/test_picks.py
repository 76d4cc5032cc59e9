"""Picks as runs do what tuples of indices would do, at the cost of the runs."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from layergrid.picks import NOTHING, picks_in, picks_of

#: Few enough that runs meet, and that rectangles overlap.
flats = st.lists(st.integers(0, 60), unique=True)
WIDTH = 8


@st.composite
def rects(draw):
    i0, i1 = sorted((draw(st.integers(0, 6)), draw(st.integers(0, 6))))
    j0, j1 = sorted((draw(st.integers(0, WIDTH - 1)), draw(st.integers(0, WIDTH - 1))))
    return i0, j0, i1, j1


def test_rectangles_are_picked_row_by_row():
    assert [*picks_in([(0, 1, 1, 2), (1, 0, 1, 1)], 3)] == [1, 2, 4, 5, 3]
    assert picks_in([], 3) == NOTHING


@given(st.lists(rects(), max_size=6))
def test_cells_of_several_rectangles_are_picked_once(given_rects):
    cells = {
        i * WIDTH + j: None
        for i0, j0, i1, j1 in given_rects
        for i in range(i0, i1 + 1)
        for j in range(j0, j1 + 1)
    }
    assert [*picks_in(given_rects, WIDTH)] == [*cells]


@given(flats, flats)
def test_picks_are_added_and_removed_in_order(a, b):
    assert [*(picks_of(a) | picks_of(b))] == [*dict.fromkeys(a + b)]
    assert [*(picks_of(a) - picks_of(b))] == [flat for flat in a if flat not in b]


@given(flats, flats, st.data())
def test_the_same_indices_are_the_same_picks(a, b, data):
    picks = picks_of(a)
    assert (picks == picks_of(b)) == (a == b)
    # However they came to be.
    at = data.draw(st.integers(0, len(a)))
    pieces = picks[:at] | picks[at:]
    assert pieces == picks
    assert hash(pieces) == hash(picks)
    assert picks != tuple(a)


@given(flats, st.data())
def test_picks_are_counted_found_and_cut_as_a_list_is(a, data):
    picks = picks_of(a)
    assert len(picks) == len(a)
    assert [flat in picks for flat in range(-1, 62)] == [flat in a for flat in range(-1, 62)]
    part = data.draw(st.slices(len(a)))
    assert [*picks[part]] == a[part]
    assert [*picks[:: 2**64]] == a[:: 2**64]


@given(flats, st.integers(1, 9))
def test_runs_are_cut_into_rows(a, width):
    row, first, beyond = picks_of(a).in_rows(width)
    assert (first >= 0).all()
    assert (beyond <= width).all()
    parts = zip(row, first, beyond, strict=True)
    assert [i * width + j for i, from_, to in parts for j in range(from_, to)] == a


@given(st.lists(st.integers(0, 34), unique=True), st.data())
def test_cells_are_found_in_another_grid(a, data):
    def moves(count):
        stays = st.lists(st.booleans(), min_size=count, max_size=count)
        places = data.draw(st.permutations(range(10)))
        return [k if stay else -1 for k, stay in zip(places, data.draw(stays), strict=False)]

    layers, components = moves(5), moves(7)
    moved = picks_of(a).moved(np.array(layers), np.array(components), 10)
    there = [(layers[flat // 7], components[flat % 7]) for flat in a]
    assert [*moved] == [i * 10 + j for i, j in there if i >= 0 and j >= 0]


def test_a_hundred_million_cells_are_few_runs():
    n = 20_000
    square = picks_in([(5000, 5000, 14_999, 14_999)], n)
    hole = picks_in([(7000, 7000, 8999, 8999)], n)
    ring = square - hole
    assert len(ring) == 10**8 - 4 * 10**6
    assert len(ring | hole) == 10**8
    assert square.starts.nbytes + square.lengths.nbytes == 160_000
