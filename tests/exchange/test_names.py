"""Plain names of parameters, out and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import layergrid as lg

from .grids import KINDS, cells_of, grid_of, labels, shown

A_PART = "h.3.attn.c_attn.weight[:, 0:768]"


@pytest.mark.parametrize("kind", [*KINDS, "heads"])
@given(data=st.data())
def test_names_come_back_as_the_same_cells_in_the_same_order(kind, data):
    grid = shown(kind)
    picked = data.draw(st.lists(st.sampled_from(cells_of(grid.data)), unique=True, max_size=12))
    names = lg.export_cells(picked, "names", grid=grid)
    assert len(names) == len(picked)
    assert labels(lg.import_cells(names, grid)) == picked


def test_a_heatmap_gives_its_selection_and_takes_it_back():
    w = lg.Heatmap(grid_of("gpt2"))
    w.selection = [(3, "attn.q"), (0, "mlp.down")]
    names = lg.export_cells(w, "names")
    assert names == [A_PART, "h.0.mlp.c_proj.weight"]
    assert lg.export_cells(w.selection, "names") == names  # the cells carry their names
    picked = w.selection
    w.selection = ()
    w.selection = lg.import_cells(names, w)
    assert w.selection == picked


def test_very_many_cells_are_named_too():
    one = np.zeros((1, 1))
    both = [f"layers.{k}.mlp.{m}_proj.weight" for k in range(600) for m in ("up", "down")]
    grid = lg.weights(dict.fromkeys(both, one), "parameters")
    w = lg.Heatmap(grid)
    w.selection = cells_of(grid)
    assert not isinstance(w.selection, tuple)
    names = lg.export_cells(w.selection, "names")
    assert len(names) == 1200
    assert labels(lg.import_cells(names, w)) == cells_of(grid)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("h.3.attn.c_attn.weight", [(3, "attn.q"), (3, "attn.k"), (3, "attn.v")]),
        ("h.3.attn.c_attn", [(3, "attn.q"), (3, "attn.k"), (3, "attn.v")]),
        ("h.3.mlp.c_proj.bias", [(3, "mlp.down")]),
        ("transformer.h.3.mlp.c_proj.weight", [(3, "mlp.down")]),
        ("h.2.mlp", [(2, "mlp.up"), (2, "mlp.down")]),
        (A_PART, [(3, "attn.q")]),
    ],
)
def test_what_people_have_as_names(name, meant):
    grid = grid_of("gpt2")
    assert labels(lg.import_cells(name, grid)) == meant
    assert labels(lg.import_cells({name}, grid)) == meant


def test_a_base_model_and_the_one_round_it_call_their_parameters_alike():
    inner, outer = grid_of("llama"), "model.layers.2.self_attn.q_proj.weight"
    assert labels(lg.import_cells([outer], inner)) == [(2, "attn.q")]
    names = [[f"model.{name}" for name in row] for row in inner.coords["name"].values]
    larger = inner.assign_coords(name=(inner.dims, names))
    assert labels(lg.import_cells(["layers.2.self_attn.q_proj"], larger)) == [(2, "attn.q")]


def test_names_that_no_cell_has_are_refused_with_what_was_meant():
    with pytest.raises(ValueError, match=r"'h.3.mlp.c_porj.weight'; did you mean 'h.3.mlp.c_proj"):
        lg.import_cells(["h.3.mlp.c_porj.weight"], grid_of("gpt2"))
    with pytest.raises(ValueError, match=r"no cell of the grid has the name 'lm_head'"):
        lg.import_cells("lm_head", grid_of("gpt2"))


def test_cells_without_a_name_of_their_own_say_so():
    jamba = grid_of("jamba")
    absent = (0, "moe.router")
    with pytest.raises(ValueError, match=r"layer 0, component 'moe.router' is absent.*leave"):
        lg.export_cells([absent], "names", grid=jamba)
    w = lg.Heatmap(jamba)
    w.selection = [absent]
    with pytest.raises(ValueError, match=r"layer 0, component 'moe.router' is absent"):
        lg.export_cells(w, "names")
    with pytest.raises(ValueError, match=r"layer 0, component 'moe.router' has no name"):
        lg.export_cells(w.selection, "names")
    with pytest.raises(ValueError, match=r"layer 3, component 'attn.q' has no name.*pass grid="):
        lg.export_cells([(3, "attn.q")], "names")
    experts = [f"layers.{k}.mlp.experts.{e}.up_proj.weight" for k in range(2) for e in range(3)]
    pooled = lg.weights(dict.fromkeys(experts, np.zeros((1, 1))), "parameters")
    with pytest.raises(ValueError, match=r"pools several parameters.*experts='each'"):
        lg.export_cells([(0, "moe.up")], "names", grid=pooled)
