"""What PEFT adapts, out and back; tests/libraries asks PEFT itself."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import layergrid as lg
from layergrid.exchange import peft
from layergrid.exchange.spots import Spot
from layergrid.models.names import module_of, read_names

from .grids import KINDS, cells_of, grid_of, heads, labels, shown, types


@cache
def modules_of(kind: str) -> dict[str, list[tuple]]:
    """The modules of a type, each with its cells."""
    found: dict[str, list[tuple]] = {}
    for cell in lg.import_cells(cells_of(grid_of(kind)), grid_of(kind)):
        if module := module_of(cell.name):
            found.setdefault(module, []).append((cell.layer, cell.component))
    return found


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_what_is_adapted_comes_back_as_the_same_cells(kind, data):
    w, modules = shown(kind), modules_of(kind)
    some = data.draw(st.lists(st.sampled_from(list(modules)), unique=True, min_size=1, max_size=9))
    picked = [cell for module in some for cell in modules[module]]
    config = lg.export_cells(picked, "peft", grid=w)
    assert {*labels(lg.import_cells(config, w))} == {*picked}


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_so_do_the_same_components_in_several_layers(kind, data):
    w = shown(kind)
    of = {cell: module for module, cells in modules_of(kind).items() for cell in cells}
    layers = data.draw(st.sets(st.sampled_from(w.layers), min_size=1))
    roots = data.draw(st.sets(st.sampled_from(sorted({c for _, c in of})), min_size=1))
    modules = {of[cell] for cell in of if cell[0] in layers and cell[1] in roots}
    picked = [cell for cell in of if of[cell] in modules]
    config = lg.export_cells(picked, "peft", grid=w)
    assert {*labels(lg.import_cells(config, w))} == {*picked}


def test_a_product_is_ends_of_paths_and_layers():
    state = {f"model.{n}": np.zeros((1, 1)) for n in grid_of("llama").coords["name"].values.ravel()}
    w = lg.Heatmap(lg.weights(state, "parameters"))
    w.selection = [(layer, c) for layer in (4 - 1, 2) for c in ("mlp.down", "attn.q")]
    expected = {
        "target_modules": ["mlp.down_proj", "self_attn.q_proj"],
        "layers_to_transform": [2, 3],
        "layers_pattern": "layers",
    }
    assert lg.export_cells(w, "peft") == lg.export_cells(w.selection, "peft") == expected
    w.selection = [(2, "mlp.down"), (3, "attn.q")]
    paths = ["model.layers.2.mlp.down_proj", "model.layers.3.self_attn.q_proj"]
    assert lg.export_cells(w, "peft") == {"target_modules": paths}
    w.selection = ()
    assert lg.export_cells(w, "peft") == {"target_modules": []}
    assert lg.import_cells({"target_modules": []}, w) == ()


def test_cells_alone_mean_no_other_module_of_any_model():
    """Products of many models, by the rule over all their names, with no grid to look in."""
    inexact = set()
    for kind in sorted(types())[::8]:
        params = types()[kind]["params"]
        linear = {module_of(n) for n, shape in params.items() if len(shape) == 2} - {None}
        for stack in read_names({n: tuple(s) for n, s in params.items()}).stacks[:2]:
            layers = stack.layers[1:3]
            by_component: dict[str, list[Spot]] = {}
            for place in stack.places:
                if place.layer in layers and place.tail == "weight" and place.expert is None:
                    spot = Spot(place.layer, place.component, place.name)
                    if module_of(place.name) in linear:
                        by_component.setdefault(place.component, []).append(spot)
            for spots in by_component.values():
                rule = peft.read_rule(peft.write(tuple(spots), None))
                adapted = {m for m in linear if rule.adapts(Spot("", "", f"{m}.weight"))}
                if adapted != {module_of(spot.name) for spot in spots}:
                    inexact.add(kind)
    assert not inexact


def test_a_part_of_a_module_cannot_be_adapted_alone():
    gpt2 = grid_of("gpt2")
    message = r"component 'attn.q' is the part \[:, 0:768\] of h.3.attn.c_attn.*'attn.k', 'attn.v'"
    with pytest.raises(ValueError, match=message):
        lg.export_cells([(3, "attn.q")], "peft", grid=gpt2)
    whole = [(3, "attn.q"), (3, "attn.k"), (3, "attn.v")]
    config = lg.export_cells(whole, "peft", grid=gpt2)
    assert config["target_modules"] == ["attn.c_attn"]
    w = lg.Heatmap(gpt2)
    w.selection = whole
    with pytest.raises(ValueError, match=r"as a whole; select all cells of it and pass the heat"):
        lg.export_cells(w.selection, "peft")
    assert lg.export_cells(w, "peft") == config
    only_q = gpt2.sel(component=["attn.q"])
    with pytest.raises(ValueError, match=r"is the part .* of h.3.attn.c_attn"):
        lg.export_cells([(3, "attn.q")], "peft", grid=only_q)


def test_what_peft_has_no_words_for_says_so():
    with pytest.raises(ValueError, match=r"layer 1, component 2 is a head, a part of .*'attn.o'"):
        lg.export_cells([(1, 2)], "peft", grid=heads())
    message = r"layers.1.mlp.experts.down_proj, a parameter that is no module.*target_parameters=\["
    with pytest.raises(ValueError, match=message):
        lg.export_cells([(1, "moe.experts.0.down")], "peft", grid=grid_of("mixtral"))


@pytest.mark.parametrize(
    ("meant", "config"),
    [
        (
            [(1, "attn.q"), (1, "attn.v"), (2, "attn.q"), (2, "attn.v")],
            {"target_modules": r".*\.[12]\.self_attn\.[qv]_proj"},
        ),
        (
            [(2, "attn.q")],
            {
                "target_modules": ["q_proj"],
                "layers_to_transform": 2,
                "layers_pattern": ["h", "layers"],
            },
        ),
        (
            [(1, "attn.q"), (2, "attn.q")],
            {
                "target_modules": {"q_proj"},
                "exclude_modules": ["0.self_attn.q_proj", "3.self_attn.q_proj"],
            },
        ),
        (
            [(2, "mlp.up")],
            {
                "target_modules": ["up_proj"],
                "layers_to_transform": [1, 2],
                "layers_pattern": "layers",
                "modules_to_save": ["layers.1.mlp"],
            },
        ),
        (
            [(1, "mlp.up")],
            {
                "peft_type": "LORA",
                "r": 8,
                "target_modules": ["layers.1.mlp.up_proj"],
                "layers_to_transform": None,
            },
        ),
    ],
)
def test_configs_that_people_have(meant, config):
    assert labels(lg.import_cells(config, grid_of("llama"))) == meant


def test_experts_of_one_tensor_are_target_parameters():
    config = {"target_modules": [], "target_parameters": ["mlp.experts.down_proj"]}
    found = labels(lg.import_cells(config, grid_of("mixtral")))
    assert found == [(k, f"moe.experts.{e}.down") for k in range(4) for e in range(8)]


def test_all_linear_is_every_matrix():
    cells = lg.import_cells({"target_modules": "all-linear"}, grid_of("llama"))
    matrices = {f"attn.{p}" for p in "qkvo"} | {"mlp.gate", "mlp.up", "mlp.down"}
    assert {cell.component for cell in cells} == matrices
    assert len(cells) == 4 * 7


def test_targets_in_no_cell_are_told():
    with pytest.warns(UserWarning, match="no cell of the grid is in .*: 'lm_head'") as raised:
        found = lg.import_cells({"target_modules": ["q_proj", "lm_head"]}, grid_of("llama"))
    assert len(found) == 4
    assert raised[0].filename == __file__
    with pytest.raises(
        ValueError, match=r"no cell of the grid is in .*: 'c_attn'.*'layers.0.self_attn.q_"
    ):
        lg.import_cells({"target_modules": ["c_attn"]}, grid_of("llama"))
