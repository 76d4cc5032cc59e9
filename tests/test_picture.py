"""The picture in the notebook file: right colours, everything there, small, and always drawn."""

from __future__ import annotations

import html
import io
import itertools
import json
import re
import subprocess
import sys
from base64 import b64decode
from pathlib import Path

import ml_dtypes
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from layergrid import Heatmap, colors
from layergrid.colors import Kind
from layergrid.picture import bundle, bundle_metadata
from layergrid.picture.axes import make_axis, reduced_axis
from layergrid.picture.blocks import representatives
from layergrid.picture.canvas import RULE, SCALE
from layergrid.picture.describe import describe
from layergrid.picture.draw import arrange
from layergrid.picture.frame import read_frame
from layergrid.picture.glyphs import LEVELS, stamp
from layergrid.picture.layout import Layout
from layergrid.picture.render import BUDGET, render
from layergrid.picture.shapes import Room, shape_of, stencil, taken_of
from layergrid.reserved import reserved
from layergrid.state import EMPTY_STATE, State, frame_mask, resolve

DATA = Path(__file__).parent / "data"
ATTN = ["attn.q", "attn.k", "attn.v", "attn.o", "mlp.gate", "mlp.up", "mlp.down"]


def state_of(values, **options) -> State:
    return resolve(EMPTY_STATE, {"values": values, **options})


def pixels_of(state: State) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(render(state).png)).convert("RGB"))


def place_of(state: State) -> Layout:
    return arrange(state, read_frame(state))


def cell_pixels(state: State, most: int = 1000) -> np.ndarray:
    """Give the pixel a quarter into each cell, clear of outlines, but no more than `most`."""
    place, pixels = place_of(state), pixels_of(state)
    ys, xs = (
        [round(origin * SCALE) + start + min(most, (end - start) // 4) for start, end in spans]
        for origin, spans in (
            (place.cells.y, list(zip(place.rows.start, place.rows.end, strict=True))),
            (place.cells.x, list(zip(place.columns.start, place.columns.end, strict=True))),
        )
    )
    return pixels[np.ix_(ys, xs)]


def expected_colours(state: State) -> np.ndarray:
    frame = state.grid.frame(state.step)
    return state.table[colors.table_index(frame, state.scale)]


@pytest.fixture
def normal() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(36, 7))


# ── colours ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("cmap", ["viridis", "coolwarm", "magma", "tab10"])
@pytest.mark.parametrize("shape", [(36, 7), (1, 1), (2, 40), (32, 32), (96, 128), (300, 2)])
def test_cells_have_the_colours_of_the_table(shape, cmap):
    state = state_of(np.random.default_rng(1).normal(size=shape), cmap=cmap)
    assert np.array_equal(cell_pixels(state), expected_colours(state))


def test_252_different_colours_fit_into_the_palette():
    state = state_of(np.linspace(0, 1, 252).reshape(36, 7))
    assert np.array_equal(cell_pixels(state), expected_colours(state))
    assert Image.open(io.BytesIO(render(state).png)).mode == "P"


def test_more_colours_than_a_palette_holds():
    state = state_of(np.linspace(0, 1, 1024).reshape(32, 32))
    assert np.array_equal(cell_pixels(state), expected_colours(state))
    assert Image.open(io.BytesIO(render(state).png)).mode == "RGB"


def test_colours_stay_exact_under_text_and_mask(normal):
    state = state_of(normal, text=".1f", mask=normal > 1)
    pixels = cell_pixels(state)
    flagged = frame_mask(state)
    assert np.array_equal(pixels[~flagged], expected_colours(state)[~flagged])


def test_what_is_no_number(values):
    state = state_of(np.ma.array(values, mask=np.eye(4, 3, dtype=bool)))
    pixels = cell_pixels(state)
    assert tuple(pixels[0, 0]) == (255, 255, 255)
    assert np.array_equal(pixels[1, 0], state.table[255])
    assert np.array_equal(pixels[2, 0], state.table[0])
    # A NaN is hatched: paper and lines, but nothing else.
    place = place_of(state)
    y, x = round(place.cells.y * SCALE), round(place.cells.x * SCALE)
    columns, rows = place.columns, place.rows
    box = pixels_of(state)[
        y + rows.start[0] : y + rows.end[0], x + columns.start[2] : x + columns.end[2]
    ]
    assert (box == 250).all(axis=-1).mean() > 0.4
    assert ((box < 200).all(axis=-1)).mean() > 0.05
    assert np.ptp(box.astype(int), axis=-1).max() < 25


# ── marks ────────────────────────────────────────────────────────────────────────────────────

#: Of each kind one, and numbers round them; with the norm "log" and these limits.
KINDS = {
    Kind.FINITE: 2,
    Kind.NAN: np.nan,
    Kind.POSITIVE_INFINITY: np.inf,
    Kind.NEGATIVE_INFINITY: -np.inf,
    Kind.ABSENT: None,
    Kind.UNDER: 0.5,
    Kind.OVER: 20,
    Kind.NONPOSITIVE: 0,
}
_BEYOND = {
    Kind.UNDER: 0,
    Kind.NEGATIVE_INFINITY: 0,
    Kind.OVER: 255,
    Kind.POSITIVE_INFINITY: 255,
}


def one_of_each(shape=(8, 8), **options) -> State:
    values = np.full(shape, 3.0)
    values[0, : len(KINDS)] = [np.nan if value is None else value for value in KINDS.values()]
    mask = np.zeros(shape, bool)
    mask[0, list(KINDS).index(Kind.ABSENT)] = True
    options = {"norm": "log", "limits": (1, 10), **options}
    return state_of(np.ma.array(values, mask=mask), **options)


def boxes(state: State) -> dict[Kind, np.ndarray]:
    """Give the pixels of the cells that are of some kind."""
    place, pixels = place_of(state), pixels_of(state)
    y, x = round(place.cells.y * SCALE), round(place.cells.x * SCALE)
    rows, columns = place.rows, place.columns
    return {
        kind: pixels[y + rows.start[0] : y + rows.end[0], x + columns.start[j] : x + columns.end[j]]
        for j, kind in enumerate(KINDS)
    }


@pytest.mark.parametrize("cmap", ["viridis", "Greys", "RdBu_r", "hot"])
@pytest.mark.parametrize(
    ("shape", "pitches"), [((60, 40), (8, 8)), ((30, 20), (16, 16)), ((12, 8), (24, 40))]
)
def test_every_kind_is_told_by_a_mark(shape, pitches, cmap):
    state = one_of_each(shape, cmap=cmap)
    place = place_of(state)
    assert (place.rows.pitch / SCALE, place.columns.pitch / SCALE) == pitches
    drawn = boxes(state)
    for kind, box in drawn.items():
        paper = box[0, 1].astype(int)
        if kind in (Kind.NAN, Kind.NONPOSITIVE):
            paper = np.array([250, 250, 250])
        elif kind == Kind.ABSENT:
            paper = np.array([255, 255, 255])
        elif kind != Kind.FINITE:
            assert np.array_equal(paper, state.table[_BEYOND[kind]])
        marked = (abs(box - paper).max(axis=-1) > 60).mean()
        assert marked == 0 if kind == Kind.FINITE else 0.001 < marked < 0.5
    # In shades of grey too, and in whatever colours.
    shades = [np.sign(box.mean(axis=-1) - box[0, 1].mean()).astype(int) for box in drawn.values()]
    for a, b in itertools.combinations(shades, 2):
        assert not np.array_equal(a, b)


def test_small_cells_have_reserved_colours():
    state = one_of_each((96, 96))
    place = place_of(state)
    assert not place.rows.reduced
    assert place.rows.pitch < 8 * SCALE
    colours = reserved(state.table)[0]
    for kind, box in boxes(state).items():
        if kind == Kind.FINITE:
            expected = expected_colours(state)[0, 0]
        else:
            expected = colours[kind, :3] if colours[kind, 3] else (255, 255, 255)
        assert (box == expected).all()


def test_a_block_shows_reserved_colours_within_the_palette():
    values = np.linspace(1, 10, 2_000_000).reshape(2000, 1000)
    for k, value in enumerate((np.nan, np.inf, -np.inf, 0, 0.5, 20)):
        values[300 * k : 300 * k + 9, 400:409] = value
    state = state_of(values, norm="log", limits=(1, 10))
    assert Image.open(io.BytesIO(render(state).png)).mode == "P"
    there = {tuple(colour) for colour in pixels_of(state).reshape(-1, 3).tolist()}
    for kind in (Kind.NAN, Kind.POSITIVE_INFINITY, Kind.NEGATIVE_INFINITY, Kind.NONPOSITIVE):
        assert tuple(reserved(state.table)[0, kind, :3].tolist()) in there
    assert tuple(reserved(state.table)[0, Kind.OVER, :3].tolist()) in there


def test_text_stands_beside_a_triangle():
    plain = one_of_each(text=".1f", limits=(0.1, 100))
    clipped = one_of_each(text=".1f")
    before, after = boxes(plain)[Kind.OVER], boxes(clipped)[Kind.OVER]
    h, w = after.shape[:2]
    ink = (abs(after.astype(int) - after[0, 0]) > 100).any(axis=-1)
    # The triangle is in the corner, and the text where it is in other cells.
    assert ink[: h // 3, w - w // 4 :].any()
    assert not ink[: h // 4, : w // 2].any()
    assert ink[h // 3 :].sum() == (abs(before.astype(int) - before[0, 0]) > 100).any(axis=-1).sum()


def test_a_blank_category_is_a_frame():
    labels = np.array([["kept", "skipped", "kept"]] * 2, object)
    labels[1, 2] = None
    categories = {"kept": None, "skipped": "#2f6fdb"}
    state = state_of(labels, categories=categories)
    pixels = cell_pixels(state)
    assert (pixels[:, 0] == 255).all()
    assert (pixels[:, 1] == (0x2F, 0x6F, 0xDB)).all()
    place = place_of(state)
    y, x = round(place.cells.y * SCALE), round(place.cells.x * SCALE)
    corner = pixels_of(state)[y, [x + start for start in place.columns.start]]
    assert tuple(corner[0]) == RULE
    assert tuple(corner[1]) == (0x2F, 0x6F, 0xDB)
    assert describe(state, read_frame(state)).endswith("3 kept, 2 skipped. 1 absent.")


@pytest.mark.parametrize("case", json.loads((DATA / "shapes.json").read_text()))
def test_shapes_are_those_of_the_page(case):
    room = Room(case["w"], case["h"], case["line"], case["digits"])
    drawn = stencil(shape_of(Kind(case["kind"]), room), room)
    assert ["".join(".#"[pixel] for pixel in line) for line in drawn.tolist()] == case["picture"]


@given(st.integers(1, 3), st.integers(7, 60), st.integers(7, 60))
def test_shapes_stay_inside_the_cell_and_apart_from_text(line, width, height):
    written = 0.7 * min(11 * line, (height - 2) * line)
    for digits in (0, written) if height >= 10 else (0,):
        room = Room(width * line, height * line, line, digits)
        for kind in Kind:
            for x, y, w, h in shape_of(kind, room):
                assert min(x, y) >= 0
                assert min(w, h) > 0
                assert x + w <= room.w
                assert y + h <= room.h
        for x, y, _, h in shape_of(Kind.OVER, room) if digits else ():
            assert y + h < (room.h - digits) / 2 or x > room.w - taken_of(room)


# ── what is shown ────────────────────────────────────────────────────────────────────────────


def test_the_step_that_is_shown():
    values = np.random.default_rng(2).normal(size=(3, 4, 5))
    for step in range(3):
        state = state_of(values, step=step)
        assert np.array_equal(cell_pixels(state), expected_colours(state))


def test_the_bar_runs_through_the_table(normal):
    state = state_of(normal[:, :3])
    bar = place_of(state).bar.box
    x = round((bar.x + bar.w / 2) * SCALE)
    top, bottom = round(bar.y * SCALE), round((bar.y + bar.h) * SCALE)
    drawn = pixels_of(state)[top:bottom, x]
    length = bottom - top
    wanted = state.table[(np.arange(length)[::-1] * 2 + 1) * 128 // length]
    assert abs(drawn.astype(int) - wanted).max() <= 6


# ── many cells ───────────────────────────────────────────────────────────────────────────────


def brute_force(values, kind, rows, columns):
    rank = {0: 2, 1: 6, 2: 5, 3: 4, 4: 0, 5: 1, 6: 2, 7: 2, 8: 3}
    chosen = {}
    for i, j in np.ndindex(values.shape):
        block = (
            rows.start[i] if rows.reduced else i,
            columns.start[j] if columns.reduced else j,
        )
        size = abs(values[i, j]) if kind[i, j] in (0, 6, 7) else 0
        score = (rank[int(kind[i, j])], size)
        if block not in chosen or score > chosen[block][0]:
            chosen[block] = (score, i * values.shape[1] + j)
    shape = [max(block[axis] for block in chosen) + 1 for axis in (0, 1)]
    found = np.zeros(shape, int)
    for block, (_, flat) in chosen.items():
        found[block] = flat
    return found


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 30), st.integers(1, 30), st.data())
def test_the_most_telling_cell_stands_for_its_block(n, m, height, width, data):
    random = np.random.default_rng(data.draw(st.integers(0, 1000)))
    values = random.integers(-3, 4, (n, m)).astype(float)  # few, so that there are ties
    kind = random.choice(9, (n, m), p=[0.6, *[0.05] * 8]).astype(np.uint8)
    values[kind == 1] = np.nan
    rows, columns = (
        reduced_axis(count, pixels) if pixels < count else make_axis(count, 3, count * 3, 0)
        for count, pixels in ((n, height), (m, width))
    )
    found = representatives(values, kind, rows, columns)
    if not (rows.reduced or columns.reduced):
        assert found is None
    else:
        assert np.array_equal(found, brute_force(values, kind, rows, columns))


def test_one_nan_in_a_million_is_seen():
    values = np.zeros((1000, 1000))
    values[417, 583] = np.nan
    values[100, 100] = 1
    state = state_of(values)
    pixels = pixels_of(state)
    assert (pixels == reserved(state.table)[0, Kind.NAN, :3]).all(axis=-1).any()
    assert (pixels[:, : pixels.shape[1] * 3 // 4] == state.table[255]).all(axis=-1).any()


@pytest.mark.parametrize("shape", [(1000, 1000), (2000, 3), (3, 5000), (96, 128), (300, 300)])
def test_large_pictures_are_within_the_budget(shape):
    values = np.random.default_rng(0).normal(size=shape)
    sizes = bundle(state_of(values, mask=abs(values) > 4))
    assert sum(len(part) for part in sizes.values()) < BUDGET


# ── mask ─────────────────────────────────────────────────────────────────────────────────────


def test_a_mask_is_outlined(normal):
    plain, masked = state_of(normal), state_of(normal, mask=normal > 1)
    assert np.array_equal(cell_pixels(plain), cell_pixels(masked))
    place = place_of(masked)
    different = (pixels_of(plain) != pixels_of(masked)).any(axis=-1)
    y, x = round(place.cells.y * SCALE), round(place.cells.x * SCALE)
    for (i, j), flag in np.ndenumerate(normal > 1):
        top, left = y + place.rows.start[i], x + place.columns.start[j]
        middle = left + (place.columns.end[j] - place.columns.start[j]) // 2
        if flag and not (normal > 1)[i - 1, j]:
            assert different[top : top + 3, middle].all()
    assert not different[:, : x - 8].any()


def test_the_mask_of_the_step_that_is_shown():
    values = np.zeros((2, 3, 4))
    mask = np.zeros((2, 3, 4), bool)
    mask[0, 1, 1] = True
    plain = state_of(values, step=1)
    assert render(state_of(values, mask=mask, step=1)).png == render(plain).png
    assert render(state_of(values, mask=mask, step=0)).png != render(plain).png


# ── always drawn ─────────────────────────────────────────────────────────────────────────────

LONG = "a label that is a good deal longer than what there is room for, " * 3
ODD = {
    "nan": (np.full((4, 5), np.nan), {}),
    "constant": (np.full((4, 5), 2.0), {"text": "auto"}),
    "infinite": (np.full((4, 5), np.inf), {}),
    "absent": (np.ma.masked_all((4, 5)), {}),
    "pending": (None, {"layers": [0, 1], "components": ["q", "k"]}),
    "steps": (np.zeros((3, 4, 5)), {}),
    "bf16": (np.ones((4, 5), ml_dtypes.bfloat16), {"text": ".2f"}),
    "bool": (np.eye(4, dtype=bool), {"text": "auto"}),
    "int64": (np.array([[-(2**63), 2**63 - 1]]), {"text": "auto"}),
    "huge": (np.array([[-1.797e308, 1.797e308], [5e-324, 0]]), {}),
    "one": ([[1]], {}),
    "nothing": (None, {"title": "nothing"}),
    "row": (np.zeros((1, 300)), {}),
    "column": (np.zeros((300, 1)), {}),
    "long": (np.eye(3), {"layers": [f"{LONG}{k}" for k in range(3)], "title": LONG, "label": LONG}),
    "unicode": (
        np.eye(3),
        {
            "components": ["σ₁(W)", "層", "é–∞×−"],
            "layers": ["\U0001d4b3", "ض", ""],
            "title": "Δ\u200b\n<b>",
        },
    ),
    "narrow": (np.eye(7), {"components": ATTN, "width": 1, "height": 1}),
    "wide": (np.eye(7), {"components": ATTN, "width": 3000, "height": 2000}),
    "frame": (
        pd.DataFrame(np.eye(4), columns=pd.MultiIndex.from_product([["attn", "mlp"], ["a", "b"]])),
        {"text": ".2f", "label": "x"},
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_anything_is_drawn(name):
    values, options = ODD[name]
    state = state_of(values, **options)
    picture = render(state)
    image = Image.open(io.BytesIO(picture.png))
    image.load()
    assert image.size == (picture.width * SCALE, picture.height * SCALE)
    assert (np.asarray(image.convert("RGB")) < 128).any(axis=-1).sum() > 20
    if min(state.grid.shape) > 0 and name not in ("narrow", "nan"):
        frame, holes = state.grid.frame(state.step), state.grid.frame_holes(state.step)
        kind = colors.kinds(frame, holes, state.scale)
        finite = kind == 0
        assert np.array_equal(cell_pixels(state)[finite], expected_colours(state)[finite])


def test_an_empty_heatmap():
    picture = render(Heatmap()._store.state)
    assert picture.alt == "Heatmap of 0 layers × 0 components."
    assert picture.width > 60


@settings(max_examples=30)
@given(
    st.integers(1, 60),
    st.integers(1, 60),
    st.sampled_from([None, "auto", ".3f"]),
    st.booleans(),
    st.sampled_from(["", "t"]),
)
def test_any_size_is_drawn(n, m, text, named, title):
    values = np.random.default_rng(n * m).normal(size=(n, m))
    text = text if n * m < 200 else None  # more may be too much to write
    labels = {"components": [f"part{j % 3}.c{j}" for j in range(m)]} if named else {}
    state = state_of(values, text=text, title=title, mask=values > 1, **labels)
    plain = ~frame_mask(state)
    corners = cell_pixels(state, most=2)  # clear of text
    assert np.array_equal(corners[plain], expected_colours(state)[plain])


# ── text ─────────────────────────────────────────────────────────────────────────────────────


def test_the_own_font_has_every_plain_character():
    characters = [chr(k) for k in range(ord("!"), ord("~") + 1)]
    stamps = {c: stamp(c, 24).ink for c in [*characters, "\U0010fffd"]}
    assert all(ink.any() for ink in stamps.values())
    assert len({ink.tobytes() for ink in stamps.values()}) == len(stamps)


@pytest.mark.parametrize("size", [16, 22, 24, 26])
def test_signs_are_drawn(size):
    minus, dash, times, infinity, at_most = (stamp(sign, size) for sign in "−–×∞≤")
    digit = stamp("0", size)
    for sign in (minus, dash, times, infinity, at_most):
        lines, columns = (np.flatnonzero((sign.ink > 1).any(axis)) for axis in (1, 0))
        assert sign.ink.max() >= LEVELS - 1
        assert digit.top <= sign.top + lines[0] <= sign.top + lines[-1] < 0
        assert 0 <= sign.left + columns[0] <= sign.left + columns[-1] <= sign.advance
    together = stamp("−1×∞", size)
    assert together.advance == pytest.approx(
        minus.advance + stamp("1", size).advance + times.advance + infinity.advance
    )


def test_a_line_break_is_a_space():
    assert np.array_equal(stamp("a\nb\tc", 24).ink, stamp("a b c", 24).ink)


# ── in the notebook file ─────────────────────────────────────────────────────────────────────


def test_the_bundle_is_small(normal):
    state = state_of(
        normal, components=ATTN, mask=normal > 1, title="A title", label="relative change"
    )
    parts = bundle(state)
    assert parts.keys() == {"image/png", "text/html"}
    assert sum(len(part.encode()) for part in parts.values()) < 100_000
    png = b64decode(parts["image/png"])
    assert png.startswith(b"\x89PNG")
    assert parts["image/png"] in parts["text/html"]
    picture = render(state)
    assert picture.png == png
    assert bundle_metadata(parts) == {
        "image/png": {"width": picture.width, "height": picture.height}
    }


def test_text_keeps_the_bundle_small(normal):
    for text in ("auto", ".5f", np.full((36, 7), "0.123")):
        assert sum(len(part) for part in bundle(state_of(normal, text=text)).values()) < 200_000
    # Where it would not, there is none.
    many = np.random.default_rng(0).normal(size=(40, 40))
    parts = bundle(state_of(many, text=".3f", width=1600, height=900))
    assert sum(len(part) for part in parts.values()) < 200_000


def test_the_same_state_gives_the_same_bytes(normal):
    program = (
        "import numpy as np, hashlib\n"
        "from layergrid.state import *\n"
        "from layergrid.picture.render import render\n"
        "v = np.random.default_rng(0).normal(size=(36, 7))\n"
        "state = resolve(EMPTY_STATE, {'values': v, 'mask': v > 1, 'title': 'a − b'})\n"
        "print(hashlib.sha256(render(state).png).hexdigest())"
    )
    run = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert run[0] == run[1]
    assert len(run[0]) == 65


def test_pillow_is_imported_when_something_is_drawn():
    program = "import sys, layergrid.picture; print('PIL' in sys.modules)"
    out = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert out.stdout == "False\n"


def test_alt_text_says_what_is_there(values):
    state = state_of(
        np.ma.array(values, mask=np.eye(4, 3, dtype=bool)),
        title="A title",
        label="rms",
        mask=np.ones((4, 3), bool),
    )
    assert describe(state, read_frame(state)) == (
        "A title: heatmap of 4 layers × 3 components. rms from −1.25 to 7. "
        "1 NaN, 1 +∞, 1 −∞, 3 absent. 12 highlighted."
    )
    steps = state_of(np.zeros((2, 1, 3)))
    beyond = one_of_each()
    assert describe(beyond, read_frame(beyond)).endswith(
        "Values from 0 to 20. 1 NaN, 1 +∞, 1 −∞, 1 below the limits, 1 above the limits, "
        "1 without a logarithm, 1 absent."
    )
    assert (
        describe(steps, read_frame(steps)) == "Heatmap of 1 layer × 3 components, step 1. Values 0."
    )


def test_html_is_escaped():
    state = state_of([[1]], title='<script>"a" & b')
    text = bundle(state)["text/html"]
    assert "<script>" not in text
    alt = re.search(r'alt="([^"]*)"', text)
    assert alt is not None
    assert html.unescape(alt[1]).startswith('<script>"a" & b: heatmap')
    assert text.count("<") == 1
