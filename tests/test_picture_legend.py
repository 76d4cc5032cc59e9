"""The legend and the notes of the colour bar: the same words in the picture as on the page."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layergrid.colors import Kind, category_table
from layergrid.intake import Categories
from layergrid.intake.grid import make_grid
from layergrid.norms import Norm, Scale
from layergrid.picture.canvas import SCALE, Canvas
from layergrid.picture.draw import arrange, draw
from layergrid.picture.frame import read_frame
from layergrid.picture.legend import read_legend, read_note
from layergrid.picture.palette import cell_colours
from layergrid.picture.png import MOST_COLOURS
from layergrid.state import EMPTY_STATE, State, resolve

VECTORS = json.loads((Path(__file__).parent / "data" / "legend.json").read_text())


def state_of(case: dict[str, Any]) -> State:
    """Give the state that a case describes."""
    values = np.array([[list(map(float, row)) for row in step] for step in case["values"]])
    holes = np.array(case["holes"], np.uint8) if "holes" in case else None
    norm = Norm(case.get("norm", "linear"))
    state = replace(EMPTY_STATE, scale=Scale(*case["limits"], norm))
    if "categories" not in case:
        return replace(state, grid=make_grid(values, "case", holes))
    colors = {label: color or None for label, color in case["categories"]}
    grid = make_grid(values.astype(np.uint8), "case", holes)
    grid = replace(grid, categories=Categories(colors, np.array(list(colors), object)))
    return replace(state, grid=grid, table=category_table(colors))


@pytest.mark.parametrize("case", VECTORS["legends"], ids=str)
def test_shared_legends(case):
    state = state_of(case)
    frame = read_frame(state)
    assert [list(entry) for entry in read_legend(state, frame)] == case["entries"]
    assert read_note(state, frame) == case["note"]


# ── the drawing ──────────────────────────────────────────────────────────────────────────────


def all_kinds(n_layers: int, n_components: int) -> State:
    """Give a grid with every kind of cell in it."""
    values = np.random.default_rng(0).uniform(1, 99, (n_layers, n_components))
    values.flat[:6] = [np.nan, np.inf, -np.inf, -1, 1000, 1.0001]
    holes = np.zeros(values.shape, np.uint8)
    holes.flat[6:8] = [1, 2]
    changes = {"values": values, "limits": (2, 98), "norm": "log"}
    state = resolve(EMPTY_STATE, changes)
    return replace(state, grid=replace(state.grid, holes=holes))


def legend_colours(state: State) -> tuple[Canvas, np.ndarray, dict[int, tuple[int, int, int]]]:
    """Draw a state; give the canvas, its legend's pixels, and the colour of each entry."""
    frame = read_frame(state)
    entries = read_legend(state, frame)
    canvas = draw(state, frame)
    place = arrange(state, frame)
    assert place.legend is not None
    x, y, w, h = (round(edge * SCALE) for edge in place.legend.box)
    pixels = np.array(canvas.colours, np.uint8)[canvas.codes[y : y + h, x : x + w]]
    marked = min(place.rows.pitch, place.columns.pitch) >= 8 * SCALE
    colours = cell_colours(state, marked)
    return canvas, pixels, {entry.code: tuple(colours[entry.code]) for entry in entries}


@pytest.mark.parametrize("shape", [(12, 7), (96, 128), (3000, 300)])
def test_each_swatch_has_the_colour_of_its_cells(shape):
    canvas, pixels, colours = legend_colours(all_kinds(*shape))
    assert len(colours) == len(Kind) - 1
    for *colour, alpha in colours.values():
        if alpha:
            assert (pixels == colour).all(axis=-1).any()
    # Where cells share pixels they leave the palette room for the legend.
    assert len(canvas.colours) <= MOST_COLOURS or shape == (96, 128)


def test_a_category_that_no_cell_has_keeps_its_swatch():
    colours = {"a": "#102030", "b": "#405060", "c": None}
    state = resolve(EMPTY_STATE, {"values": [["a", "c"], ["a", "a"]], "categories": colours})
    _, pixels, _ = legend_colours(state)
    assert (pixels == (0x40, 0x50, 0x60)).all(axis=-1).any()


def test_the_bar_shows_no_colours_without_values():
    state = resolve(EMPTY_STATE, {"values": np.full((12, 7), np.nan)})
    canvas = draw(state, read_frame(state))
    assert tuple(state.table[40].tolist()) not in canvas.colours


def test_values_beyond_the_limits_show_at_the_ends_of_the_bar():
    values = np.linspace(0, 1, 84).reshape(12, 7)

    def above_and_below(limits):
        state = resolve(EMPTY_STATE, {"values": values, "limits": limits})
        frame = read_frame(state)
        place = arrange(state, frame)
        codes = draw(state, frame).codes
        assert place.bar is not None
        x, y, w, h = (round(edge * SCALE) for edge in place.bar.box)
        column = slice(x, x + w)
        return codes[y - 6 * SCALE : y, column].any(), codes[
            y + h : y + h + 6 * SCALE, column
        ].any()

    assert above_and_below((0, 1)) == (False, False)
    assert above_and_below((0, 0.9)) == (True, False)
    assert above_and_below((0.1, 1)) == (False, True)


def test_the_step_is_said_under_the_cells():
    values = np.zeros((3, 12, 7))
    values[1:] += 1
    with_steps = resolve(EMPTY_STATE, {"values": values})
    without = resolve(EMPTY_STATE, {"values": values[2], "limits": (0, 1)})
    codes = [draw(state, read_frame(state)).codes for state in (with_steps, without)]
    assert codes[0].shape[0] - codes[1].shape[0] == 28 * SCALE
    frame = read_frame(with_steps)
    box = arrange(with_steps, frame).scrubber.box
    top, left = round(box.y * SCALE), round(box.x * SCALE)
    assert codes[0][top : top + 28 * SCALE, left : left + 100].any()
