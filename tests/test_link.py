"""Heatmaps that move together: what is done to one is done to the others, by label."""

from __future__ import annotations

import asyncio
import threading
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import traitlets
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import CenteredNorm, FuncNorm, TwoSlopeNorm

import layergrid as lg
from layergrid import Heatmap, SelectEvent, wire

from .conftest import Page


def labelled(layers, components, scale=1.0, **options):
    values = np.arange(1.0, 1 + len(layers) * len(components)).reshape(len(layers), -1) * scale
    return Heatmap(pd.DataFrame(values, index=layers, columns=components), **options)


def labels(w):
    return [(cell.layer, cell.component) for cell in w.selection]


@pytest.fixture
def a():
    return labelled([0, 1, 2], ["q", "k"])


@pytest.fixture
def b():
    """Other cells in another order: "q" of layer 0 is not there, and "o" nowhere else."""
    return labelled([2, 1], ["o", "k", "q"], scale=10)


# ── making and ending one ────────────────────────────────────────────────────────────────────


def test_what_cannot_be_linked(a, b):
    with pytest.raises(ValueError, match="two different heatmaps or more, and got 1"):
        lg.link(a, a)
    with pytest.raises(ValueError, match="got 0"):
        lg.link()
    with pytest.raises(TypeError, match="it takes heatmaps"):
        lg.link(a, np.eye(3))
    with pytest.raises(ValueError, match="nothing would be linked"):
        lg.link(a, b, hover=False, selection=False)
    strings = Heatmap([["a", "b"], ["b", "a"]])
    with pytest.raises(ValueError, match="categories, which have no limits"):
        lg.link(a, strings, limits=True)
    assert lg.link(a, strings).heatmaps == (a, strings)
    assert [len(w._links) for w in (a, b, strings)] == [1, 0, 1]


def test_a_link_says_what_it_links(a, b):
    link = lg.link(a, b, a, limits=True)
    assert isinstance(link, lg.Link)
    assert link.heatmaps == (a, b)
    assert repr(link) == "<Link of 2 heatmaps: hover, selection, limits>"


def test_the_page_is_told_who_is_linked(a, b):
    link = lg.link(a, b, hover=False)
    assert a._links == b._links == [{"id": link.id, "hover": False, "selection": True}]
    second = lg.link(a, b, selection=False)
    assert [tie["id"] for tie in a._links] == [link.id, second.id]
    link.unlink()
    assert a._links == b._links == [{"id": second.id, "hover": True, "selection": False}]
    link.unlink()
    second.unlink()
    assert a._links == b._links == []


def test_nothing_changes_before_something_is_done(a, b):
    a.selection, b.selection = [(1, "k")], [(2, "o")]
    lg.link(a, b)
    assert (labels(a), labels(b)) == ([(1, "k")], [(2, "o")])
    a.selection = [(1, "k")]
    assert labels(b) == [(2, "o")]


def test_after_unlink_each_goes_its_own_way(a, b):
    link = lg.link(a, b)
    a.selection = [(1, "k")]
    link.unlink()
    a.selection = [(2, "q")]
    assert labels(b) == [(1, "k")]


# ── selection ────────────────────────────────────────────────────────────────────────────────


def test_a_selection_by_code_is_set_by_label(a, b):
    lg.link(a, b)
    b.selection = [(2, "o")]
    assert labels(a) == []
    a.selection = [(0, "q"), (2, "q"), (1, "k")]
    assert labels(b) == [(2, "q"), (1, "k")]
    assert [cell.value for cell in b.selection] == [30.0, 50.0]
    b.selection = []
    assert labels(a) == []


def test_a_command_by_hand_is_done_by_label(a, b, open_page):
    lg.link(a, b)
    page = open_page(a)
    b.selection = [(1, "o")]
    page.send(page.command("add", [1, 0, 2, 0]))
    assert labels(b) == [(1, "o"), (1, "q"), (2, "q")]
    page.send(page.command("remove", [2, 0, 2, 1]))
    assert labels(b) == [(1, "o"), (1, "q")]
    page.send(page.command("set", [0, 0, 0, 1]))
    assert (labels(a), labels(b)) == ([(0, "q"), (0, "k")], [])


def test_a_mirrored_change_is_sent_before_the_answer(a, b, open_page, monkeypatch):
    lg.link(a, b)
    page, sent = open_page(a), []
    for w in (a, b):
        publish = w.comm.publish_msg
        monkeypatch.setattr(
            w.comm, "publish_msg", lambda *args, w=w, publish=publish, **data: (
                sent.append((w, data["data"]["method"])), publish(*args, **data)
            ),
        )  # fmt: skip
    page.send(page.command("set", [1, 0, 1, 0]))
    assert sent == [(a, "update"), (b, "update"), (a, "custom")]


def test_callbacks_and_observers_of_all_hear_of_it_once(a, b, open_page):
    lg.link(a, b)
    heard = []
    for w in (a, b):
        w.on_select(lambda event, w=w: heard.append((w, event.source, labels(w))))
        w.observe(lambda change, w=w: heard.append((w, "observed")), names="selection")
        w.on_click(lambda event, w=w: heard.append((w, "clicked")))
    page = open_page(a)
    page.send(page.command("set", [1, 0, 1, 0], click={"cell": 2, "modifiers": []}))
    assert heard == [
        (a, "clicked"), (a, "user", [(1, "q")]), (a, "observed"),
        (b, "user", [(1, "q")]), (b, "observed"),
    ]  # fmt: skip
    heard.clear()
    b.selection = [(2, "k"), (2, "o")]
    assert [entry[:2] for entry in heard] == [
        (b, "code"), (b, "observed"), (a, "code"), (a, "observed")
    ]  # fmt: skip
    page.send(page.command("set", [0, 0, 0, 0]), page.command("set", [0, 1, 0, 1]))
    heard.clear()
    page.send(page.command("set", [0, 0, 0, 1]))  # b has none of these, before and after
    assert {entry[0] for entry in heard} == {a}


def test_who_listens_to_one_hears_although_who_listens_to_another_raises(a, b):
    lg.link(a, b)

    def faulty(change):
        raise LookupError("who?")

    heard = []
    a.observe(faulty, names="selection")
    b.observe(heard.append, names="selection")
    with pytest.raises(LookupError):
        a.selection = [(1, "q")]
    assert len(heard) == 1


def test_masks_are_not_linked(a, b, open_page):
    lg.link(a, b)
    a.click = "mask"
    page = open_page(a)
    page.send(page.mark("set", [1, 0, 1, 0]))
    assert a.mask.sum() == 1
    assert not b.mask.any()


def test_links_spread_through_chains_and_rings(open_page):
    maps = [labelled([0, 1, 2], ["q", "k"]) for _ in range(4)]
    chain = [lg.link(one, next_one) for one, next_one in pairwise(maps)]
    lg.link(maps[3], maps[0])
    page = open_page(maps[1])
    events = []
    for w in maps:
        w.on_select(events.append)
    page.send(page.command("set", [1, 0, 1, 1]))
    assert [labels(w) for w in maps] == [[(1, "q"), (1, "k")]] * 4
    assert len(events) == 4
    for link in chain:
        link.unlink()
    maps[0].selection = []
    assert [len(w.selection) for w in maps] == [0, 2, 2, 0]


def test_only_links_of_selections_mirror_them(a, b):
    lg.link(a, b, selection=False, limits=True)
    a.selection = [(1, "k")]
    assert labels(b) == []


def test_new_labels_here_deselect_nothing_there(a, b):
    lg.link(a, b)
    a.selection = [(1, "k"), (2, "q")]
    a.values = pd.DataFrame(np.ones((1, 1)), index=[1], columns=["k"])
    assert (labels(a), labels(b)) == ([(1, "k")], [(1, "k"), (2, "q")])
    b.selection = [(2, "k"), (1, "k")]
    assert labels(a) == [(1, "k")]


def test_a_callback_that_selects_again_ends(a, b):
    lg.link(a, b)

    @b.on_select
    def only_one(event):
        if len(event.cells) > 1:
            b.selection = event.cells[-1:]

    a.selection = [(1, "q"), (2, "q")]
    assert labels(a) == labels(b) == [(2, "q")]


def test_what_traitlets_links_and_this_links_live_together(a, b):
    lg.link(a, b)
    traitlets.link((a, "selection"), (b, "selection"))
    a.selection = [(1, "q")]
    b.selection = [(2, "k")]
    assert labels(a) == labels(b) == [(2, "k")]


def test_next_selection_hears_a_hand_elsewhere(a, b, open_page):
    lg.link(a, b)
    page = open_page(a)

    async def story():
        waiting = asyncio.ensure_future(b.next_selection())
        await asyncio.sleep(0)  # until it listens
        await asyncio.to_thread(page.send, page.command("set", [1, 1, 1, 1]))
        return await asyncio.wait_for(waiting, 10)

    event = asyncio.run(story())
    assert isinstance(event, SelectEvent)
    assert event.cells == b.selection


names = st.lists(st.sampled_from([0, 1, 2, "1", "out", True, 2.5]), min_size=1, unique=True)


@st.composite
def gestures(draw, w):
    n, m = len(w.layers), len(w.components)
    rects = []
    for _ in range(draw(st.integers(0, 2))):
        i0, i1 = sorted((draw(st.integers(0, n - 1)), draw(st.integers(0, n - 1))))
        j0, j1 = sorted((draw(st.integers(0, m - 1)), draw(st.integers(0, m - 1))))
        rects.append([i0, j0, i1, j1])
    return draw(st.sampled_from(["set", "add", "remove"])), rects


def picked(w, rects):
    return {
        (w.layers[i], w.components[j])
        for i0, j0, i1, j1 in rects
        for i in range(i0, i1 + 1)
        for j in range(j0, j1 + 1)
    }


@given(st.data(), names, names, names, names)
def test_commands_end_as_their_image_by_label(data, layers, components, others, theirs):
    a, b = labelled(layers, components), labelled(others, theirs)
    page = Page(a)
    cells = [(layer, component) for layer in b.layers for component in b.components]
    b.selection = data.draw(st.lists(st.sampled_from(cells), unique=True))
    lg.link(a, b)
    expected = set(labels(b))
    for _ in range(data.draw(st.integers(1, 4))):
        op, rects = data.draw(gestures(a))
        page.send(page.command(op, *rects))
        image = picked(a, rects) & set(cells)
        expected = {"set": image, "add": expected | image, "remove": expected - image}[op]
        assert set(labels(b)) == expected
    page.send(page.command("set", [0, 0, len(layers) - 1, len(components) - 1]))
    assert labels(b) == [cell for cell in labels(a) if cell in cells]


@given(st.data())
def test_commands_that_come_in_another_order_end_alike_in_all(data):
    a, b = labelled([0, 1, 2], ["q", "k"]), labelled([2, 0, 1], ["k", "q"])
    lg.link(a, b)
    page = Page(a)
    given_commands = [data.draw(gestures(a)) for _ in range(data.draw(st.integers(1, 5)))]
    messages = [page.command(op, *rects) for op, rects in given_commands]
    page.send(*data.draw(st.permutations(messages)))
    expected: set = set()
    for op, rects in given_commands:
        image = picked(a, rects)
        expected = {"set": image, "add": expected | image, "remove": expected - image}[op]
    assert set(labels(a)) == set(labels(b)) == expected


def test_hands_on_many_threads_leave_all_alike(open_page):
    maps = [labelled(range(6), ["q", "k"]) for _ in range(3)]
    lg.link(*maps[:2])
    lg.link(*maps[1:], limits=True)
    start = threading.Barrier(6)

    def by_hand(k):
        page = open_page(maps[k % 3], f"page {k}")
        start.wait(10)
        for i in range(20):
            page.send(page.command(("set", "add", "remove")[i % 3], [k, 0, k, i % 2]))

    def by_code(k):
        start.wait(10)
        for i in range(20):
            maps[k].selection = [(i % 6, "k")]
            maps[k].limits = (0, 1 + i)

    threads = [threading.Thread(target=by_hand, args=[k]) for k in range(3)]
    threads += [threading.Thread(target=by_code, args=[k]) for k in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert set(labels(maps[0])) == set(labels(maps[1])) == set(labels(maps[2]))
    for w in maps:
        assert set(wire.decode_picks(w._selection)) == {
            cell.index[0] * 2 + cell.index[1] for cell in w.selection
        }
    assert maps[1].color_limits == maps[2].color_limits == (0, 20)


# ── limits ───────────────────────────────────────────────────────────────────────────────────


def test_limits_are_those_of_all_together(a, b, open_page):
    page = open_page(b)
    page.clear()
    link = lg.link(a, b, limits=True)
    assert a.color_limits == b.color_limits == (1.0, 60.0)
    assert (a.limits, b.limits) == ("full", "full")
    assert {k for update in page.updates() for k in update} == {"_links", "_limits"}
    a.values = a.values * -1
    assert a.color_limits == b.color_limits == (-6.0, 60.0)
    b.limits = (0, 5)
    assert a.color_limits == b.color_limits == (-6.0, 5.0)
    assert b.limits == (0.0, 5.0)
    page.clear()
    b.title = "t"
    assert page.updates() == [{"_title": "t"}]
    link.unlink()
    assert (a.color_limits, b.color_limits) == ((-6.0, -1.0), (0.0, 5.0))


def test_limits_spread_and_part_again(a, b):
    c = labelled([0], ["q"], scale=500)
    first, second = lg.link(a, b, limits=True), lg.link(b, c, limits=True)
    assert a.color_limits == b.color_limits == c.color_limits == (1.0, 500.0)
    first.unlink()
    assert a.color_limits == (1.0, 6.0)
    assert b.color_limits == c.color_limits == (10.0, 500.0)
    second.unlink()
    assert (b.color_limits, c.color_limits) == ((10.0, 60.0), (500.0, 500.0))


def test_a_refused_change_leaves_all_as_they_were(a, b):
    lg.link(a, b, limits=True)
    with pytest.raises(ValueError, match="limits"):
        a.limits = (2, 1)
    assert a.color_limits == b.color_limits == (1.0, 60.0)


def test_each_keeps_its_norm(a, b):
    a.norm, b.center = "log", 35
    lg.link(a, b, limits=True)
    assert a.color_limits == b.color_limits == (1.0, 69.0)
    assert (a._norm["kind"], b._norm) == ("log", {"kind": "twoslope", "center": 35.0})
    b.limits = (-5, 100)
    assert b.color_limits == (-5.0, 100.0)
    assert a.color_limits == (1.0, 100.0)  # what is not positive has no logarithm


def test_values_that_become_categories_have_no_limits_to_share(a, b):
    lg.link(a, b, limits=True)
    a.values = pd.DataFrame([["x", "y"]], index=[0], columns=["q", "k"])
    assert b.color_limits == (10.0, 60.0)
    assert a._norm == {"kind": "categories"}
    a.values = pd.DataFrame([[0.5, 100]], index=[0], columns=["q", "k"])
    assert a.color_limits == b.color_limits == (0.5, 100.0)


def test_a_sampled_norm_follows_the_limits_it_has(a, b):
    a.norm = FuncNorm((np.sqrt, np.square))
    alone = a._norm["edges"]
    link = lg.link(a, b, limits=True)
    assert a._norm["edges"][0] == 1
    assert a._norm["edges"][-1] == 60
    link.unlink()
    assert a._norm["edges"] == alone


def grid(low, high, **options):
    return Heatmap([[low, high]], **options)


def root():
    """Give a norm that is defined from 0 on."""
    return FuncNorm((np.sqrt, np.square))


def test_what_is_not_defined_on_the_limits_of_all_keeps_its_own():
    a, c = grid(0.0, 1.0, norm=root()), grid(-1.0, 1.0)
    link = lg.link(a, c, limits=True)
    assert (a.color_limits, c.color_limits) == ((0.0, 1.0), (-1.0, 1.0))
    a.title = "x"
    c.values = [[0.0, 4.0]]
    assert a.color_limits == c.color_limits == (0.0, 4.0)
    heard = []
    c.observe(lambda change: heard.append(change.name), "values")
    c.values = [[-1.0, 9.0]]
    assert heard == ["values"]
    assert (a.color_limits, c.color_limits) == ((0.0, 1.0), (-1.0, 9.0))
    link.unlink()
    assert (a.color_limits, c.color_limits) == ((0.0, 1.0), (-1.0, 9.0))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"norm": "symlog", "center": 0}, (-10.0, 10.0)),
        ({"norm": "symlog", "center": 0, "limits": (-2, 2)}, (-10.0, 10.0)),
        ({"limits": "symmetric"}, (-10.0, 10.0)),
        ({"center": 2}, (-6.0, 10.0)),
        ({"norm": CenteredNorm(2)}, (-6.0, 10.0)),
        ({"center": 0, "limits": (-2, 1)}, (-2.0, 10.0)),  # each side has a slope of its own
        ({"norm": TwoSlopeNorm(0)}, (-1.0, 10.0)),
    ],
    ids=str,
)
def test_shared_limits_are_symmetric_about_a_center(options, expected):
    x, y = grid(-1.0, 1.0, **options), grid(10.0, 10.0)
    link = lg.link(x, y, limits=True)
    assert x.color_limits == y.color_limits == expected
    link.unlink()
    assert y.color_limits == (10.0, 10.0)


def test_a_center_that_comes_later_counts_too():
    x, y = grid(-1.0, 1.0), grid(10.0, 10.0)
    lg.link(x, y, limits=True)
    assert y.color_limits == (-1.0, 10.0)
    x.limits = "symmetric"  # which comes to the same, alone
    assert x.color_limits == y.color_limits == (-10.0, 10.0)


def test_where_centers_differ_each_has_its_own():
    x, y, z = grid(-1.0, 1.0, center=0), grid(0.0, 9.0, center=5), grid(2.0, 3.0)
    lg.link(x, y, z, limits=True)
    assert (x.color_limits, y.color_limits) == ((-10.0, 10.0), (-1.0, 11.0))
    assert z.color_limits == (-1.0, 10.0)


def test_a_center_at_the_end_of_all_still_lies_inside():
    x, y = grid(0.0, 0.0, norm=TwoSlopeNorm(0)), grid(1.0, 4.0)
    lg.link(x, y, limits=True)
    assert (x.color_limits, y.color_limits) == ((-4.0, 4.0), (0.0, 4.0))


def test_symlog_of_all_is_linear_as_in_one_grid():
    x, y = grid(-1.0, 1.0, norm="symlog"), grid(0.0, 100.0, norm="symlog")
    other = grid(0.0, 1e6, norm=("symlog", 7), limits=(0, 100))
    link = lg.link(x, y, other, limits=True)
    assert x._norm == y._norm == {"kind": "symlog", "linthresh": 0.1}
    assert other._norm == {"kind": "symlog", "linthresh": 7.0}
    link.unlink()
    assert (x._norm["linthresh"], y._norm["linthresh"]) == (0.001, 0.1)


def test_logarithms_of_all_begin_at_one_value():
    x, y, z = grid(1.0, 6.0, norm="log"), grid(0.5, 5.0, norm="log"), grid(-5.0, 100.0)
    lg.link(x, y, z, limits=True)
    assert x.color_limits == y.color_limits == (0.5, 100.0)
    assert z.color_limits == (-5.0, 100.0)
