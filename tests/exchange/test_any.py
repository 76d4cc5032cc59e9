"""What is the same for every form: what cells may be, and what is none of the forms."""

from __future__ import annotations

import pytest

import layergrid as lg

from .grids import grid_of, heads, labels


def test_cells_of_another_grid_are_found_by_label():
    w = lg.Heatmap(grid_of("llama"))
    w.selection = [(1, "attn.q"), (3, "mlp.up")]
    other = grid_of("phi3").rename("other")
    w2 = lg.Heatmap(other)
    for what in (w.selection[1:], w.selection[1], [(3, "mlp.up")]):
        w2.selection = lg.import_cells(what, w2)
        assert labels(w2.selection) == [(3, "mlp.up")]
    assert labels(lg.import_cells(w, grid_of("llama"))) == [(1, "attn.q"), (3, "mlp.up")]
    with pytest.raises(ValueError, match=r"there is no component 'attn.q'"):
        lg.import_cells(w.selection, w2)


@pytest.mark.parametrize("form", ["peft", "swift", "transformer_lens", "names"])
def test_nothing_selected_is_nothing_in_every_form(form):
    w = lg.Heatmap(grid_of("llama"))
    nothing = lg.export_cells(w, form)
    assert not any(nothing.values() if isinstance(nothing, dict) else nothing)
    assert lg.import_cells(nothing, w) == ()
    assert lg.export_cells((), form) == nothing


def test_one_cell_alone_is_cells_enough():
    w = lg.Heatmap(grid_of("llama"))
    w.selection = [(1, "attn.q")]
    assert lg.export_cells(w.selection[0], "names") == ["layers.1.self_attn.q_proj.weight"]


def test_what_is_none_of_it_is_refused():
    grid = grid_of("llama")
    with pytest.raises(ValueError, match=r"to is 'lora'; expected 'peft', 'swift'"):
        lg.export_cells([(1, "attn.q")], "lora")
    with pytest.raises(TypeError, match=r"cells is 'attn.q'; expected a Heatmap, or a list"):
        lg.export_cells("attn.q", "names")
    with pytest.raises(TypeError, match=r"cells holds 17; expected a Cell or \(layer, component\)"):
        lg.export_cells([17], "names")
    with pytest.raises(TypeError, match=r"grid is a list; expected a grid from lg.weights"):
        lg.import_cells(["a"], [[1]])
    for what in (17, {"rank": 8}, [1, 2], None):
        with pytest.raises(TypeError, match=r"what is .*; expected PEFT's target_modules"):
            lg.import_cells(what, grid)


def test_cells_with_steps_are_read_too():
    grid = heads().expand_dims(step=[10, 20])
    assert lg.import_cells([(1, 2)], grid)[0].value == 6.0
    name = "model.layers.1.self_attn.o_proj.weight[:, 32:48]"
    assert labels(lg.import_cells(name, grid)) == [(1, 2)]
