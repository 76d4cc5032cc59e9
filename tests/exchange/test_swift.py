"""SWIFT's dict of skipped sub-layers, out and back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import layergrid as lg

from .grids import cells_of, grid_of, labels, shown

FILE = Path(__file__).parents[2] / "examples" / "data" / "swift.json"
SWIFT = json.loads(FILE.read_text())


@pytest.mark.parametrize("model", SWIFT["skipped"])
@pytest.mark.parametrize("columns", [("MLP", "ATT"), ("attn", "mlp")])
def test_the_masks_of_the_paper_come_back(model, columns):
    n = SWIFT["n_layers"][model]
    w = lg.Heatmap(pd.DataFrame(np.zeros((n, 2)), columns=columns))
    skipped = SWIFT["skipped"][model]
    w.selection = lg.import_cells(skipped, w)
    assert len(w.selection) == sum(map(len, skipped.values()))
    assert lg.export_cells(w, "swift") == lg.export_cells(w.selection, "swift") == skipped


@pytest.mark.parametrize("kind", ["llama", "gpt2", "bert", "phi3", "mixtral"])
@given(attention=st.sets(st.integers(0, 3)), mlp=st.sets(st.integers(0, 3)))
def test_a_sub_layer_is_all_its_components(kind, attention, mlp):
    grid = shown(kind)
    family = {"attn": attention, "mlp": mlp, "moe": mlp}
    cells = [(k, c) for k, c in cells_of(grid.data) if k in family[c.partition(".")[0]]]
    skipped = lg.export_cells(cells, "swift", grid=grid)
    assert skipped == {"attention": sorted(attention), "mlp": sorted(mlp)}
    assert {*labels(lg.import_cells(skipped, grid))} == {*cells}


def test_a_part_of_a_sub_layer_cannot_be_skipped_alone():
    names = [f"layers.{k}.attn.{m}_proj.weight" for k in range(3) for m in "qkvo"]
    grid = lg.weights(dict.fromkeys(names, np.ones((2, 2))))
    three = [(1, "attn.q"), (1, "attn.v"), (1, "attn.o")]
    with pytest.raises(
        ValueError, match=r"component 'attn.q' is a part of the attention.*'attn.k'"
    ):
        lg.export_cells(three, "swift", grid=grid)
    with pytest.raises(ValueError, match=r"pass the heatmap itself, or grid="):
        lg.export_cells(three, "swift")
    assert lg.export_cells([*three, (1, "attn.k")], "swift", grid=grid)["attention"] == [1]
    assert lg.export_cells([(1, "attn"), (1, "attn.q")], "swift")["attention"] == [1]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ((0, "ssm.conv"), "'ssm.conv' is in none of them"),
        ((0, "xattn.q"), "'xattn.q' is in none of them"),
        ((0, "layer"), "'layer' is in none of them"),
        ((0, 3), "whole sub-layers, and 3 is in none of them"),
        (("2.5", "attn"), "counts layers from 0 on, and '2.5' is no such number"),
    ],
)
def test_what_swift_has_no_words_for_says_so(cell, said):
    with pytest.raises(ValueError, match=said):
        lg.export_cells([cell], "swift")


def test_what_the_grid_has_not_is_named():
    with pytest.raises(
        ValueError, match=r"'mlp' has 17, but the grid has no layer 17; there are 0"
    ):
        lg.import_cells({"attention": [], "mlp": [17]}, grid_of("llama"))
    with pytest.raises(
        ValueError, match=r"'attention' has 1, but layer 1 of the grid has no atten"
    ):
        lg.import_cells({"attention": [1]}, grid_of("jamba"))
    with pytest.raises(ValueError, match=r"for each of 'llama-2-13b_cnndm', .*pass one of them"):
        lg.import_cells(SWIFT["skipped"], grid_of("llama"))
