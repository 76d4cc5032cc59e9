"""What pages did by hand counts once and in its place, whatever the kernel hears first."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layergrid import intake
from layergrid.gestures import Pages
from layergrid.picks import NOTHING, picks_in, picks_of
from layergrid.selection import Command, combine
from layergrid.state import EMPTY_STATE, full_mask, resolve
from layergrid.wire import Click, Gesture, Step

SHAPE = LAYERS, COMPONENTS = 4, 3
STATE = resolve(EMPTY_STATE, {"values": np.arange(12.0).reshape(SHAPE)})


def gesture(seq, op="add", rect=(0, 0, 0, 0), target="selection", click=None):
    return Gesture("page", seq, target, 0, Command(op, (rect,)), click)


def obey(pages, given, state):
    """Do a gesture as the store does: what it comes to is the next state."""
    outcome = pages.obey(given, state, state.grid)
    if outcome is None:
        return state
    pages.rebase(state, outcome.state, by=given.page)
    return outcome.state


@st.composite
def rects(draw):
    i0, j0 = draw(st.integers(0, LAYERS - 1)), draw(st.integers(0, COMPONENTS - 1))
    return i0, j0, draw(st.integers(i0, LAYERS - 1)), draw(st.integers(j0, COMPONENTS - 1))


OPS, TARGETS = st.sampled_from(["set", "add", "remove"]), st.sampled_from(["selection", "mask"])


@given(st.lists(st.tuples(OPS, rects(), TARGETS), max_size=6), st.data())
def test_whatever_comes_first_it_ends_as_it_was_done(done, data):
    gestures = [gesture(seq, *what) for seq, what in enumerate(done, 1)]
    heard = data.draw(st.permutations([*gestures, *gestures[:2]]), "heard, two of them twice")
    pages = Pages()
    in_order = reduce(lambda s, g: obey(Pages(), Gesture("one", 1, *_rest(g)), s), gestures, STATE)
    end = reduce(lambda state, given: obey(pages, given, state), heard, STATE)
    assert end.selection == in_order.selection
    np.testing.assert_array_equal(full_mask(end), full_mask(in_order))


def _rest(gesture):
    return gesture.target, gesture.step, gesture.command, gesture.click


def test_a_repeated_gesture_comes_to_nothing():
    pages = Pages()
    assert pages.obey(gesture(1), STATE, STATE.grid) is not None
    assert pages.obey(gesture(1, "remove"), STATE, STATE.grid) is None


def test_linked_heatmaps_can_follow_the_command_until_others_are_replayed():
    pages = Pages()
    late, early = gesture(1, "set", (0, 0, 0, 1)), gesture(2, "add", (2, 2, 2, 2))
    first = pages.obey(early, STATE, STATE.grid)
    assert ([*first.state.selection], first.replayed) == ([8], True)
    second = pages.obey(late, first.state, STATE.grid)
    assert ([*second.state.selection], second.replayed) == ([0, 1, 8], True)
    third = pages.obey(gesture(3, "remove", (0, 0, 0, 0)), second.state, STATE.grid)
    assert not third.replayed
    assert third.state.selection == combine(
        third.command.op, second.state.selection, picks_in(third.command.rects, COMPONENTS)
    )


def test_a_gesture_for_the_mask_is_none_for_linked_selections():
    outcome = Pages().obey(gesture(1, "set", (1, 1, 2, 1), "mask"), STATE, STATE.grid)
    assert outcome.command is None
    assert outcome.state.selection == NOTHING
    assert np.argwhere(outcome.state.mask).tolist() == [[1, 1], [2, 1]]


def test_what_was_seen_on_other_labels_only_takes_its_place():
    pages = Pages()
    other = intake.read(np.ones(SHAPE), layers=list("abcd"))
    outcome = pages.obey(gesture(1, click=Click(3, frozenset())), STATE, other)
    assert outcome == (outcome.state, (), None, False)
    assert outcome.state.selection == NOTHING
    assert not pages.obey(gesture(2), STATE, STATE.grid).replayed


def test_a_click_has_the_cell_that_was_seen():
    outcome = Pages().obey(gesture(1, click=Click(5, frozenset({"alt"}))), STATE, STATE.grid)
    ((cell, modifiers),) = [(click.cell, click.modifiers) for click in outcome.clicks]
    assert (cell.index, cell.value, modifiers) == ((1, 2), 5.0, {"alt"})


@pytest.mark.parametrize("target", ["selection", "mask"])
def test_what_somebody_else_did_is_not_done_over(target):
    pages = Pages()
    early = obey(pages, gesture(2, "add", (2, 2, 2, 2), target), STATE)
    cells = [(1, 1)] if target == "selection" else np.eye(*SHAPE) > 2
    by_code = resolve(early, {target: cells})
    pages.rebase(early, by_code, by=None)
    end = obey(pages, gesture(1, "add", (0, 0, 0, 0), target), by_code)
    if target == "selection":
        assert end.selection == picks_of([4, 0])
    else:
        assert np.argwhere(end.mask).tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("heard", "last"), [([1, 2, 3], [1, 1, 1]), ([2, 1, 2, 3], [1, 0, 0, 1]), ([5, 4], [1, 0])]
)
def test_of_steps_the_last_of_each_page_counts(heard, last):
    pages = Pages()
    assert pages.note_step(Step("other", 9, 0))
    assert [pages.note_step(Step("page", seq, 0)) for seq in heard] == [bool(x) for x in last]
