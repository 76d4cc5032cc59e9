"""Where things stand, and the outline of regions: the same in the picture as on the page."""

from __future__ import annotations

import json
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from layergrid.norms import Norm, Scale
from layergrid.picture.aids import ENTRY, places_of
from layergrid.picture.axes import Axis, cell_at
from layergrid.picture.draw import draw
from layergrid.picture.fit import Request, sides_of
from layergrid.picture.frame import read_frame
from layergrid.picture.labels import distinct, header, is_numbered, shorten, thin
from layergrid.picture.layout import Layout, layout
from layergrid.picture.outline import outline
from layergrid.picture.sizes import Box
from layergrid.picture.steps import longest_step, step_text
from layergrid.state import EMPTY_STATE, resolve

VECTORS = json.loads((Path(__file__).parent / "data" / "layout.json").read_text())


def measure(text: str) -> float:
    return 7 * len(text)


def labels_of(spec: int | list[Any]) -> list[Any]:
    return list(range(spec)) if isinstance(spec, int) else spec


def request_of(case: dict[str, Any]) -> Request:
    rows, columns = sides_of(
        labels_of(case["layers"]),
        labels_of(case["components"]),
        tuple(case.get("titles", (None, None))),
        case.get("transpose", False),
    )
    return Request(
        rows=rows,
        columns=columns,
        title=case.get("title", ""),
        label=case.get("label", ""),
        scale=Scale(
            *case.get("limits", (0, 1)), Norm("categories" if "categories" in case else "linear")
        ),
        room=case.get("room", 700),
        size=tuple(case.get("size", (None, None))),
        ratio=case.get("ratio", 1),
        text_width=case.get("textWidth", 0),
        legend=case.get("legend", ()),
        total=case.get("total", ""),
        note=case.get("note", ""),
        steps=case.get("steps", ""),
        pitch=case.get("pitch"),
        bar=case.get("bar", True),
    )


def summary(place: Layout) -> dict[str, Any]:
    bar, legend, scrubber = place.bar, place.legend, place.scrubber

    def box(b):
        return [b.x, b.y, b.w, b.h]

    def axis(a):
        gap = a.start[1] - a.end[0] if a.count > 1 and not a.reduced else 0
        return {"pixels": a.pixels, "pitch": a.pitch, "reduced": a.reduced, "gap": gap}

    def labels(placed):
        return [[label.index, label.at, label.text] for label in placed]

    return {
        "rows": axis(place.rows),
        "columns": axis(place.columns),
        "cells": box(place.cells),
        "below": place.below,
        "turned": place.turned,
        "groups": [group.name for group in place.header.groups],
        "rowLabels": labels(place.row_labels),
        "columnLabels": labels(place.column_labels),
        "title": place.title,
        "label": bar.label if bar else "",
        "titles": [place.row_title, place.column_title],
        "y": [place.group_y, place.column_y, place.column_title_y, place.status_y],
        "bar": bar and box(bar.box),
        "vertical": bar and bar.vertical,
        "labelX": bar and bar.label_x,
        "ticks": [[tick.text, tick.at] for tick in bar.ticks] if bar else [],
        "legend": legend and {"box": box(legend.box), "names": list(legend.names)},
        "scrubber": scrubber and {"box": box(scrubber.box), "beside": scrubber.beside},
        "size": [place.width, place.height],
    }


def rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: rounded(v) for key, v in value.items()}
    if isinstance(value, list):
        return [rounded(v) for v in value]
    return round(value, 6) if isinstance(value, float) else value


# ── as on the page ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("case", VECTORS["header"], ids=lambda case: str(case["components"]))
def test_shared_headers(case):
    found = header(case["components"])
    assert [[group.name, group.first, group.last] for group in found.groups] == case["groups"]
    assert list(found.short) == case["short"]
    assert list(found.breaks) == case["breaks"]


@pytest.mark.parametrize("case", VECTORS["thin"], ids=str)
def test_shared_thinning(case):
    assert thin(case["n"], case["pitch"], case["size"], case["numbered"]) == case["shown"]


@pytest.mark.parametrize("case", VECTORS["distinct"], ids=str)
def test_shared_telling_apart(case):
    assert list(distinct(case["texts"], case["room"], measure)) == case["distinct"]


@pytest.mark.parametrize("case", VECTORS["shorten"], ids=str)
def test_shared_shortening(case):
    assert shorten(case["text"], case["room"], measure) == case["short"]


@pytest.mark.parametrize(
    "case", VECTORS["layouts"], ids=lambda case: f"{case['layers']}-{case['components']}"
)
def test_shared_layouts(case):
    assert rounded(summary(layout(request_of(case), measure))) == case["layout"]


@pytest.mark.parametrize("case", VECTORS["steps"], ids=str)
def test_shared_steps(case):
    texts = [step_text(tuple(case["steps"]), index) for index in range(len(case["steps"]))]
    assert texts == case["texts"]
    assert longest_step(tuple(case["steps"])) == case["longest"]


# ── what always holds ────────────────────────────────────────────────────────────────────────

any_labels = st.integers(1, 140).map(lambda n: list(range(n))) | st.lists(
    st.from_regex(r"(attn|mlp|a_long_name)?\.?[a-z_]{1,12}", fullmatch=True),
    min_size=1,
    max_size=60,
    unique=True,
)
SCALES = [Scale(*limits) for limits in [(0, 1), (0.11, 0.13), (-3e-9, 1e-9), (2, 2), (0, 1e7)]]
SCALES += [
    Scale(1e-8, 1, Norm("log")),
    Scale(-7, 1.25, Norm("symlog", linthresh=0.007)),
    Scale(-1, 1, Norm("power", gamma=8)),
    Scale(-0.3719, 2.1111, Norm("twoslope", center=0.12345)),
]
sides = st.builds(sides_of, any_labels, any_labels, transpose=st.booleans())
requests = st.builds(
    lambda sides, **rest: Request(*sides, **rest),
    sides,
    title=st.sampled_from(["", "a title"]),
    label=st.sampled_from(["", "rms", "a label that is much longer than any bar could be"]),
    scale=st.sampled_from(SCALES),
    room=st.integers(300, 1200),
    size=st.tuples(st.none() | st.integers(60, 900), st.none() | st.integers(300, 900)),
    ratio=st.sampled_from([0.5, 1, 1.25, 1.5, 2, 3]),
    text_width=st.sampled_from([0, 30]),
    legend=st.lists(st.sampled_from(["NaN", "−∞", "below 0.1", "a category with a name"]))
    | st.just([f"category {k}" for k in range(30)]),
    total=st.sampled_from(["80", "1,000,000"]),
    note=st.sampled_from(["", "", "no finite values"]),
    steps=st.sampled_from(["", "step 1200 of 2000"]),
    bar=st.booleans(),
)


@given(requests)
def test_cells_are_equal_ordered_and_inside(request_):
    place = layout(request_, measure)
    for axis, size in ((place.rows, place.cells.h), (place.columns, place.cells.w)):
        start, end = np.array(axis.start), np.array(axis.end)
        assert size == pytest.approx(axis.pixels / place.ratio)
        assert (start[0], end[-1]) == (0, axis.pixels)
        assert (end > start).all()
        if not axis.reduced:
            assert len(set(end - start)) == 1
            assert (start[1:] >= end[:-1]).all()
    room = request_.room if request_.size[1] is None else request_.size[1]
    assert place.cells.x + place.cells.w <= max(room, place.cells.x + 40)
    for box in boxes_of(place):
        assert box.x > 0
        assert box.y > 0
        assert box.x + box.w <= place.width
        assert box.y + box.h <= place.height


def boxes_of(place: Layout) -> list[Box]:
    aids = (place.bar, place.legend, place.scrubber)
    return [place.cells, *(aid.box for aid in aids if aid)]


@given(requests)
def test_nothing_lies_over_anything(request_):
    place = layout(request_, measure)
    status = Box(place.cells.x, place.status_y - 12, place.width, 16)
    for a, b in combinations([*boxes_of(place), status], 2):
        assert a.x + a.w <= b.x or b.x + b.w <= a.x or a.y + a.h <= b.y or b.y + b.h <= a.y


@given(requests)
def test_entries_of_the_legend_lie_side_by_side_inside_of_it(request_):
    legend = layout(request_, measure).legend
    if legend is None:
        return
    box = legend.box
    entries = [
        Box(x, y, width, ENTRY)
        for (x, y), width in zip(places_of(legend, legend.widths), legend.widths, strict=False)
    ]
    assert entries
    for entry in entries:
        assert box.x <= entry.x
        assert entry.x + entry.w <= box.x + box.w
        assert box.y <= entry.y
        # But for a cut of the last one, which tells that there are more.
        assert entry.y + entry.h <= box.y + box.h + (6 if len(entries) < len(legend.names) else 0)
    for a, b in combinations(entries, 2):
        assert a.x + a.w <= b.x or a.y + a.h <= b.y


@given(requests)
def test_the_slider_is_as_wide_as_the_cells(request_):
    place = layout(request_, measure)
    if place.scrubber is None:
        assert not request_.steps
        return
    box = place.scrubber.box
    assert (box.x, box.w) == (place.cells.x, max(160, place.cells.w))
    if place.scrubber.beside:
        assert box.x + box.w + measure(request_.steps) <= place.width


@given(requests, st.tuples(st.integers(4, 40), st.integers(4, 40)))
def test_a_pitch_from_elsewhere_is_kept(request_, pitch):
    place = layout(request_._replace(pitch=pitch, ratio=1), measure)
    assert (place.columns.pitch, place.rows.pitch) == pitch


@given(requests)
def test_labels_never_overlap(request_):
    place = layout(request_, measure)
    for labels, axis, size in (
        (place.row_labels, place.rows, lambda _: 9),
        (place.column_labels, place.columns, (lambda _: 9) if place.turned else measure),
    ):
        assert labels[0].index == 0
        for before, label in pairwise(labels):
            # But for the rounding of a pixel, 4 apart.
            assert label.at - before.at > (size(label.text) + size(before.text)) / 2 + 1
        longest = max(size(label.text) for label in labels)
        if axis.pitch / place.ratio * (axis.count - 1) >= longest + 4:
            assert labels[-1].index == axis.count - 1


@given(requests)
def test_every_cell_is_found_again(request_):
    place = layout(request_, measure)
    for axis in (place.rows, place.columns):
        for k in range(axis.count):
            for at in (axis.start[k], axis.start[k] + 0.5, axis.end[k] - 1):
                found = cell_at(axis, at)
                assert axis.start[found] == int(at) if axis.reduced else found == k
        assert cell_at(axis, -50) == 0
        assert cell_at(axis, axis.pixels + 50) == axis.count - 1


@given(requests)
def test_the_bar_tells_two_values(request_):
    bar = layout(request_, measure).bar
    if bar is None or bar.noted:
        assert bar is None or [tick.text for tick in bar.ticks] == [request_.note]
        return
    assert len(bar.ticks) >= (2 if request_.scale.low < request_.scale.high else 1)
    for before, tick in pairwise(bar.ticks):
        length = bar.box.h if bar.vertical else bar.box.w
        size = 9 if bar.vertical else (measure(tick.text) + measure(before.text)) / 2
        assert (tick.at - before.at) * length >= size


def test_whole_numbers_only_are_numbered():
    assert is_numbered([0, 1.0, 2])
    assert not is_numbered([0, 1.5])
    assert not is_numbered([True, False])
    assert not is_numbered(["0", "1"])
    assert not is_numbered([0.0, float("inf")])


# ── outline ──────────────────────────────────────────────────────────────────────────────────


def spaced(count: int) -> Axis:
    """Give cells three pixels wide and one apart."""
    return Axis(count, 4 * count - 1, 4, range(0, 4 * count, 4), range(3, 4 * count + 3, 4))


def reduced(count: int, pixels: int) -> Axis:
    starts = [k * pixels // count for k in range(count)]
    return Axis(count, pixels, pixels / count, starts, [s + 1 for s in starts], True)


def is_inside(loops, x, y):
    """Even-odd rule."""
    crossings = 0
    for loop in loops:
        for (x0, y0), (x1, y1) in zip(loop, [*loop[1:], loop[0]], strict=True):
            crossings += x0 == x1 and x0 > x and min(y0, y1) < y < max(y0, y1)
    return crossings % 2 == 1


flags = hnp.arrays(bool, st.tuples(st.integers(1, 8), st.integers(1, 8)))


@given(flags, st.sampled_from([0, 1, -0.5]))
def test_outline_holds_the_flagged_cells_and_no_others(flagged, inset):
    rows, columns = spaced(flagged.shape[0]), spaced(flagged.shape[1])
    loops = outline(flagged, rows, columns, inset)
    for (i, j), flag in np.ndenumerate(flagged):
        assert is_inside(loops, columns.start[j] + 1.5, rows.start[i] + 1.5) == flag


@given(flags)
def test_outline_has_right_angles_only(flagged):
    loops = outline(flagged, spaced(flagged.shape[0]), spaced(flagged.shape[1]), 1)
    for loop in loops:
        for a, b, c in zip(loop, [*loop[1:], loop[0]], [*loop[2:], *loop[:2]], strict=True):
            assert (a[0] == b[0]) != (a[1] == b[1])
            assert (a[0] == b[0]) != (b[0] == c[0])


@given(flags)
def test_outline_goes_round_pixels_where_cells_share_them(flagged):
    n_rows, n_columns = flagged.shape
    rows, columns = reduced(n_rows, -(-n_rows // 2)), reduced(n_columns, -(-n_columns // 3))
    loops = outline(flagged, rows, columns)
    expected = np.zeros((rows.pixels, columns.pixels), bool)
    for (i, j), flag in np.ndenumerate(flagged):
        expected[rows.start[i], columns.start[j]] |= flag
    for (y, x), flag in np.ndenumerate(expected):
        assert is_inside(loops, x + 0.5, y + 0.5) == flag


def test_one_loop_round_a_region():
    ring = np.ones((3, 3), bool)
    ring[1, 1] = False
    assert len(outline(ring, spaced(3), spaced(3))) == 2
    assert outline(np.ones((2, 2), bool), spaced(2), spaced(2), 1) == [
        [(6, 1), (6, 6), (1, 6), (1, 1)]
    ]
    assert len(outline(np.eye(2, dtype=bool), spaced(2), spaced(2))) == 2
    assert outline(np.zeros((2, 2), bool), spaced(2), spaced(2)) == []


# ── layers across ────────────────────────────────────────────────────────────────────────────


def test_layers_across_are_drawn_as_components_across_are():
    values = np.random.default_rng(1).random((5, 3))
    values[2, 1], values[3, 0] = np.nan, np.inf
    names = ["attn.q", "attn.k", "mlp"]
    mask = values > 0.5
    texts = np.arange(15).reshape(5, 3).astype(str)
    coords = {"part": names}

    def picture(values, dims, mask, text, **options):
        labelled = xr.DataArray(values, dims=dims, coords=coords)
        changes = {"values": labelled, "mask": mask, "text": text, **options}
        return draw(state := resolve(EMPTY_STATE, changes), read_frame(state)).codes

    across = picture(values, ("block", "part"), mask, texts, transpose=True)
    down = picture(values.T, ("part", "block"), mask.T, texts.T)
    assert np.array_equal(across, down)
