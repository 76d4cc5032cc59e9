"""Cells, labels ↔ indices, and commands that arrive in whatever order they please."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from layergrid.cells import Cell, cell_at, cells_at
from layergrid.intake import read
from layergrid.picks import NOTHING, picks_in, picks_of
from layergrid.selection import Command, Ledger, carry_over, read_selection

N_LAYERS, N_COMPONENTS = 4, 3


@pytest.fixture
def grid(values):
    return read(values, layers=[0, 1, 2, "out"], components=["attn.q", "attn.k", "mlp.up"])


# ── labels ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("cells", "picks"),
    [
        ([(2, "attn.k"), ("out", "attn.q")], (7, 9)),
        ([[2, "attn.k"], (np.int64(2), np.str_("attn.k")), (0, "attn.q")], (7, 0)),
        ([(2.0, "attn.k")], (7,)),
        (iter([(0, "mlp.up")]), (2,)),
        (Cell(1, "attn.q"), (3,)),
        ({(1, "attn.q"): "whatever"}.keys(), (3,)),
        (np.array([[1, "attn.q"]], object), (3,)),
        ([], ()),
        ((), ()),
        (None, ()),
    ],
)
def test_a_selection_is_read_by_label(grid, cells, picks):
    assert read_selection(grid, cells) == picks_of(picks)


@pytest.mark.parametrize(
    ("cells", "error", "words"),
    [
        ([("2", "attn.q")], ValueError, ["no layer '2'", "did you mean 2 (int)?"]),
        ([(1, "attn.qq")], ValueError, ["no component 'attn.qq'", "'attn.q'"]),
        ([(1, "zzz")], ValueError, ["no component 'zzz'", "'attn.q', 'attn.k', 'mlp.up'"]),
        ([(99, "attn.q")], ValueError, ["no layer 99", "0, 1, 2, 'out'"]),
        ([([1], "attn.q")], ValueError, ["no layer '[1]'"]),
        ((1, "attn.q"), TypeError, ["selection holds 1", "expected a list"]),
        ([(1, "attn.q", 3)], TypeError, ["length 3", "expected a list"]),
        (["ab"], TypeError, ["'ab'", "expected a list"]),
        ("ab", TypeError, ["'ab'", "expected a list"]),
        ({(1, "attn.q"): 1}, TypeError, ["expected a list"]),
        (7, TypeError, ["selection is 7", "expected a list"]),
    ],
)
def test_what_is_no_selection(grid, cells, error, words):
    with pytest.raises(error) as caught:
        read_selection(grid, cells)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_many_labels_are_not_all_listed():
    with pytest.raises(ValueError, match=r"there are 0, 1, 2, 3, …, 98, 99$"):
        read_selection(read(np.ones((100, 2))), [("embed", 0)])


def test_an_empty_grid_says_so():
    with pytest.raises(ValueError, match="no cells yet"):
        read_selection(read(None), [(0, 0)])


@pytest.mark.parametrize(
    "layers",
    [
        pd.date_range("2024-01-01", periods=3),
        pd.date_range("2024-01-01", periods=3, freq="h", tz="UTC"),
        pd.MultiIndex.from_tuples([("a", 0), ("a", 1), ("b", 0)]),
        pd.Index([0.5, 1.5, np.nan]),
        pd.Index([True, 2, "x"], dtype=object),
    ],
)
def test_labels_are_found_in_whatever_form_they_are_read(layers):
    grid = read(pd.DataFrame(np.ones((3, 2)), index=layers))
    assert read_selection(grid, [(layer, 1) for layer in layers]) == picks_of((1, 3, 5))
    assert read_selection(grid, [(layer, 0) for layer in grid.layers]) == picks_of((0, 2, 4))


@pytest.mark.parametrize("labels", [[3, 7], ["a", "b"], pd.date_range("2024-05-01", periods=2)])
def test_labels_may_be_arrays_without_dimensions(labels):
    array = xr.DataArray(np.ones((2, 1)), dims=("layer", "component"), coords={"layer": labels})
    grid = read(array)
    assert read_selection(grid, [(label, 0) for label in array.layer]) == picks_of((0, 1))
    bare = [(label.values[()], 0) for label in array.layer]
    assert read_selection(grid, bare) == picks_of((0, 1))
    with pytest.raises(ValueError, match=r"no component 2; there are 0$"):
        read_selection(grid, [(array.layer[0], np.int64(2))])


def test_a_great_many_cells_are_read_without_looking_at_each():
    grid = read(np.zeros((1500, 2000)))
    picks = picks_in([(0, 0, 1499, 1999)], 2000)
    assert read_selection(grid, cells_at(grid, 0, picks)) is picks
    # Of other labels each is found, or said to be unknown.
    with pytest.raises(ValueError, match="no layer 2"):
        read_selection(read(np.zeros((2, 2000))), cells_at(grid, 0, picks))


@given(st.permutations(range(5)), st.permutations("abc"), st.data())
def test_picks_are_carried_by_label(layers, components, data):
    old = read(pd.DataFrame(np.ones((5, 3)), index=range(5), columns=list("abc")))
    kept = layers[: data.draw(st.integers(1, 5))]
    new = read(pd.DataFrame(np.ones((len(kept), 3)), index=kept, columns=components))
    picks = picks_of(data.draw(st.lists(st.integers(0, 14), unique=True)))
    named = [(cell_at(old, 0, flat).layer, cell_at(old, 0, flat).component) for flat in picks]
    carried = carry_over(picks, old, new)
    assert [(cell_at(new, 0, f).layer, cell_at(new, 0, f).component) for f in carried] == [
        (layer, component) for layer, component in named if layer in kept
    ]


# ── commands ─────────────────────────────────────────────────────────────────────────────────


@st.composite
def rects(draw):
    i0, i1 = sorted(draw(st.lists(st.integers(0, N_LAYERS - 1), min_size=2, max_size=2)))
    j0, j1 = sorted(draw(st.lists(st.integers(0, N_COMPONENTS - 1), min_size=2, max_size=2)))
    return i0, j0, i1, j1


commands = st.builds(
    Command,
    st.sampled_from(["set", "add", "remove"]),
    st.lists(rects(), max_size=3).map(tuple),
)
masks = st.sampled_from([(N_LAYERS, N_COMPONENTS), (2, N_LAYERS, N_COMPONENTS)]).flatmap(
    lambda shape: hnp.arrays(bool, shape)
)
picks_ = st.lists(st.integers(0, N_LAYERS * N_COMPONENTS - 1), unique=True).map(picks_of)


@given(picks_, commands)
def test_commands_are_idempotent_and_keep_pick_order(picks, command):
    once = command.apply(picks, N_COMPONENTS)
    assert command.apply(once, N_COMPONENTS) == once
    cells = picks_in(command.rects, N_COMPONENTS)
    match command.op:
        case "set":
            assert once == cells
        case "add":
            assert [*once] == [*dict.fromkeys([*picks, *cells])]
        case "remove":
            assert [*once] == [flat for flat in picks if flat not in cells]


@given(masks, commands, st.data())
def test_a_mask_is_changed_by_the_same_commands(mask, command, data):
    step = data.draw(st.integers(0, mask.shape[0] - 1)) if mask.ndim == 3 else 7
    before = mask.copy()
    after = command.apply_to_mask(mask, step)
    assert np.array_equal(mask, before)
    assert after is mask or not after.flags.writeable
    assert (after is mask) == np.array_equal(after, mask)
    frames = [(mask, after)] if mask.ndim == 2 else [*zip(mask, after, strict=True)]
    for k, (old, new) in enumerate(frames):
        if mask.ndim == 2 or k == step:
            flats = picks_of(np.flatnonzero(old))
            assert set(np.flatnonzero(new)) == set(command.apply(flats, N_COMPONENTS))
        else:
            assert np.array_equal(old, new)
    assert command.apply_to_mask(after, step) is after


def deliver(ledger, seq, command, picks):
    if ledger.seen(seq):
        return picks
    return ledger.apply(seq, command and partial(command.apply, n_components=N_COMPONENTS), picks)


@given(st.data(), masks, st.lists(st.none() | st.tuples(commands, st.integers(0, 1)), max_size=7))
def test_commands_for_the_mask_end_as_if_in_order_too(data, start, edits):
    def changes(edit):
        command, step = edit
        return lambda mask: command.apply_to_mask(mask, step)

    expected = start
    for edit in edits:
        expected = expected if edit is None else changes(edit)(expected)
    ledger, mask = Ledger(), start
    for seq in data.draw(st.permutations(range(1, len(edits) + 1))):
        edit = edits[seq - 1]
        mask = ledger.apply(seq, None if edit is None else changes(edit), mask)
    assert np.array_equal(mask, expected)


@given(st.permutations(range(1, 8)))
def test_what_is_in_turn_needs_no_replay(arrivals):
    ledger, heard = Ledger(), []
    for seq in arrivals:
        in_turn = ledger.in_turn(seq)
        assert in_turn == (sorted(heard) == list(range(1, seq)))
        ledger.apply(seq, None, ())
        heard.append(seq)


@given(st.data(), picks_, st.lists(st.none() | commands, max_size=7))
def test_any_order_of_arrival_ends_as_if_in_order(data, start, given_commands):
    numbered = list(enumerate(given_commands, 1))
    again = data.draw(st.lists(st.sampled_from(numbered), max_size=4) if numbered else st.just([]))
    arrivals = data.draw(st.permutations([*numbered, *again]))

    expected = start
    for command in given_commands:
        expected = expected if command is None else command.apply(expected, N_COMPONENTS)

    ledger, picks, applied = Ledger(), start, []
    for seq, command in arrivals:
        if not ledger.seen(seq):
            applied.append(seq)
        picks = deliver(ledger, seq, command, picks)
        assert ledger.seen(seq)
    assert picks == expected
    assert sorted(applied) == [seq for seq, _ in numbered]
    assert not any(ledger.seen(seq) for seq in (len(numbered) + 1, len(numbered) + 50))


@given(picks_, st.lists(commands, min_size=1, max_size=6), st.data())
def test_an_early_command_is_applied_at_once(start, given_commands, data):
    arrivals = data.draw(st.permutations(list(enumerate(given_commands, 1))))
    ledger, picks, so_far = Ledger(), start, []
    for seq, command in arrivals:
        picks = deliver(ledger, seq, command, picks)
        so_far.append((seq, command))
        expected = start
        for _, known in sorted(so_far, key=lambda entry: entry[0]):
            expected = known.apply(expected, N_COMPONENTS)
        assert picks == expected


@given(st.data(), st.lists(commands, min_size=2, max_size=6), picks_)
def test_code_wins_over_what_came_before_it(data, given_commands, by_code):
    arrivals = data.draw(st.permutations(list(enumerate(given_commands, 1))))
    cut = data.draw(st.integers(0, len(arrivals)))
    ledger, picks = Ledger(), NOTHING
    for seq, command in arrivals[:cut]:
        picks = deliver(ledger, seq, command, picks)
    ledger.rebase(by_code)
    assert all(ledger.seen(seq) for seq, _ in arrivals[:cut])
    picks = expected = by_code
    for seq, command in arrivals[cut:]:
        picks = deliver(ledger, seq, command, picks)
    for _, command in sorted(arrivals[cut:], key=lambda entry: entry[0]):
        expected = command.apply(expected, N_COMPONENTS)
    assert picks == expected
