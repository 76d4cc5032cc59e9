"""Hook names of TransformerLens, out and back."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import layergrid as lg

from .grids import KINDS, cells_of, grid_of, heads, labels, shown

#: What TransformerLens hooks in a layer, as its tests and its components list it.
HOOKED = {
    "attn.hook_q", "attn.hook_k", "attn.hook_v", "hook_attn_out", "mlp.hook_pre",
    "mlp.hook_pre_linear", "hook_mlp_out", "ln1.hook_normalized", "ln2.hook_normalized",
    "ln3.hook_normalized", "cross_attn.hook_q", "cross_attn.hook_k", "cross_attn.hook_v",
    "hook_cross_attn_out",
}  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "swin"])
@given(data=st.data())
def test_hooks_come_back_as_the_same_cells(kind, data):
    w = shown(kind)
    attention, feed_forward = ["q", "k", "v", "o", "norm"], ["gate", "up", "down", "norm"]
    known = [f"attn.{role}" for role in attention] + [f"mlp.{role}" for role in feed_forward]
    if kind == "t5":
        known += [f"xattn.{role}" for role in attention]
    there = [cell for cell in cells_of(w.data) if cell[1] in known]
    picked = data.draw(st.lists(st.sampled_from(there), unique=True, max_size=12))
    hooks = lg.export_cells(picked, "transformer_lens", grid=w)
    assert labels(lg.import_cells(hooks, w)) == labels(lg.import_cells([*hooks], w)) == picked
    root = "decoder" if kind == "t5" else "blocks"
    assert {name.split(".", 2)[0] for name in hooks} <= {root}
    assert {name.split(".", 2)[2] for name in hooks} <= HOOKED


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), unique=True))
def test_heads_are_indices_into_hook_z(picked):
    w = shown("heads")
    hooks = lg.export_cells(picked, "transformer_lens", grid=w)
    assert hooks == lg.export_cells(picked, "transformer_lens")
    found = [(int(name.split(".")[1]), head) for name, some in hooks.items() for head in some]
    assert sorted(found) == sorted(picked)
    assert {*hooks} == {f"blocks.{layer}.attn.hook_z" for layer, _ in picked}
    assert {*labels(lg.import_cells(hooks, w))} == {*picked}


@pytest.mark.parametrize(
    "what",
    [
        {"blocks.1.attn.hook_z": [2, 0]},
        [("blocks.1.attn.hook_z", 2), ("blocks.1.attn.hook_result", [0])],
        iter([("blocks.1.attn.hook_z", (2, 0))]),
    ],
)
def test_heads_as_people_have_them(what):
    assert labels(lg.import_cells(what, heads())) == [(1, 2), (1, 0)]


@pytest.mark.parametrize(
    ("own", "component"),
    [
        *[(f"attn.{part}.hook_out", f"attn.{part}") for part in "qkvo"],
        ("attn.hook_out", "attn.o"),
        ("mlp.in.hook_out", "mlp.up"),
        ("mlp.out.hook_out", "mlp.down"),
        ("mlp.hook_out", "mlp.down"),
    ],
)
@pytest.mark.parametrize("kind", ["llama", "gpt2"])
def test_the_names_of_version_4_are_read_too(kind, own, component):
    assert labels(lg.import_cells(f"blocks.2.{own}", shown(kind))) == [(2, component)]


def test_a_hook_of_all_heads_is_all_of_them():
    hooks = [("blocks.1.attn.hook_z", lambda z, hook: z)]  # as run_with_hooks takes them
    for what in (hooks, "blocks.1.attn.hook_z", ["blocks.1.attn.hook_z"]):
        assert labels(lg.import_cells(what, heads())) == [(1, 0), (1, 1), (1, 2), (1, 3)]


def test_whether_a_gate_is_beside_it_decides_the_hook_of_up():
    expected = {"llama": "mlp.hook_pre_linear", "gpt2": "mlp.hook_pre", "apertus": "mlp.hook_pre"}
    for kind, hook in expected.items():
        hooks = lg.export_cells([(2, "mlp.up")], "transformer_lens", grid=grid_of(kind))
        assert hooks == {f"blocks.2.{hook}": None}
    both = [(2, "mlp.up"), (2, "mlp.gate")]
    hooks = lg.export_cells(both, "transformer_lens")
    assert [*hooks] == ["blocks.2.mlp.hook_pre_linear", "blocks.2.mlp.hook_pre"]
    with pytest.raises(ValueError, match=r"hook_pre_linear beside a gate.*pass the heatmap itself"):
        lg.export_cells(both[:1], "transformer_lens")


def test_sub_layers_and_layers_have_what_they_add():
    columns = {"component": ["attn", "attn.o", "mlp", "layer"]}
    grid = xr.DataArray(np.zeros((2, 4)), columns, ("layer", "component"))
    hooks = lg.export_cells([(0, "attn"), (1, "mlp"), (1, "layer")], "transformer_lens")
    ends = ["0.hook_attn_out", "1.hook_mlp_out", "1.hook_resid_post"]
    assert [*hooks] == [f"blocks.{end}" for end in ends]
    assert labels(lg.import_cells(hooks, grid)) == [(0, "attn"), (1, "mlp"), (1, "layer")]
    assert lg.export_cells([(0, "ATT")], "transformer_lens") == {"blocks.0.hook_attn_out": None}


def test_the_encoder_of_t5_is_told_from_its_decoder():
    encoder = grid_of("t5", stack="encoder.block")
    hooks = lg.export_cells([(1, "attn.q"), (1, "mlp.norm")], "transformer_lens", grid=encoder)
    assert [*hooks] == ["encoder.1.attn.hook_q", "encoder.1.ln2.hook_normalized"]
    assert labels(lg.import_cells(hooks, encoder)) == [(1, "attn.q"), (1, "mlp.norm")]
    with pytest.raises(ValueError, match=r"no cell of the grid is at 'encoder.1.attn.hook_q'"):
        lg.import_cells(hooks, grid_of("t5"))


@pytest.mark.parametrize("cell", [(0, "moe.experts.1.up"), (0, "attn.qkv"), ("1.2", "attn.q")])
def test_what_has_no_hook_says_so(cell):
    with pytest.raises(ValueError, match=r"has no hook point in TransformerLens; those that have"):
        lg.export_cells([cell], "transformer_lens")


def test_hooks_that_no_cell_is_at_are_refused():
    with pytest.raises(ValueError, match=r"at 'blocks.1.hook_resid_mid'; did you mean"):
        lg.import_cells("blocks.1.hook_resid_mid", grid_of("llama"))
    with pytest.raises(ValueError, match=r"has head 7; the grid has 0, 1, 2, 3 there"):
        lg.import_cells({"blocks.1.attn.hook_z": [7]}, heads())
    with pytest.raises(ValueError, match=r"has heads \[1\], but the grid has none there"):
        lg.import_cells({"blocks.1.attn.hook_q": [1]}, grid_of("llama"))
