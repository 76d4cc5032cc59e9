"""From cells, of live grids and of grids read from disk, to the live module and parameter."""

from __future__ import annotations

import copy
from types import SimpleNamespace

import numpy as np
import pytest

import layergrid as lg
from layergrid import Cell

from .test_ablate import BASE, LLAMA, tiny

torch = pytest.importorskip("torch")
nn = torch.nn
pytestmark = pytest.mark.libraries

MOE = {"num_local_experts": 3, "num_experts": 3, "num_experts_per_tok": 2}
T5 = {
    "vocab_size": 40, "d_model": 24, "d_kv": 6, "d_ff": 32, "num_layers": 2, "num_heads": 4,
    "pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0,
}  # fmt: skip
GPT2 = {
    "vocab_size": 40, "n_embd": 24, "n_layer": 2, "n_head": 4, "bos_token_id": 1, "eos_token_id": 2,
}  # fmt: skip


def cells_of(grid, **asked):
    """All cells of a grid that are not absent."""
    heatmap = lg.Heatmap(grid)
    heatmap.selection = [(layer, one) for layer in heatmap.layers for one in heatmap.components]
    return [cell for cell in heatmap.selection if cell.name]


def check(grid, model, source=None):
    """Compare every cell's parameter with the tensor in the grid's own source."""
    cells = cells_of(grid)
    assert cells
    for cell in cells:
        wanted = np.asarray(lg.tensor(grid, cell, source))
        found = cell.parameter(model)
        assert np.array_equal(found.detach().numpy(), wanted), cell
        module = cell.module(model)
        assert module in set(model.modules())
        assert found.requires_grad
    return cells


@pytest.mark.parametrize(
    ("kind", "auto", "fields"),
    [
        ("llama", "AutoModelForCausalLM", LLAMA),
        ("gpt2", "AutoModelForCausalLM", GPT2),
        ("gpt_neox", "AutoModelForCausalLM", BASE),
        ("bert", "AutoModelForMaskedLM", BASE),
        ("t5", "AutoModelForSeq2SeqLM", T5),
        ("mixtral", "AutoModelForCausalLM", {**LLAMA, **MOE}),
        (
            "qwen2_moe", "AutoModelForCausalLM",
            {**LLAMA, **MOE, "moe_intermediate_size": 8, "shared_expert_intermediate_size": 8},
        ),
        ("phi3", "AutoModelForCausalLM", LLAMA),
    ],
)  # fmt: skip
def test_a_grid_from_disk_leads_to_the_live_model(kind, auto, fields, tmp_path):
    model = tiny(kind, auto, **fields)
    model.save_pretrained(tmp_path)
    for stack in ["encoder", "decoder"] if kind == "t5" else [None]:
        grid = lg.weights(tmp_path, components="all", experts="each", stack=stack)
        assert not grid.attrs["source"].startswith(type(model).__name__)
        check(grid, model)
        check(lg.weights(model, components="all", experts="each", stack=stack), model)
        # The same without what stands before the names of the whole model.
        if model.base_model is not model:
            check(grid, model.base_model)


def test_names_on_disk_are_other_names(tmp_path):
    model = tiny("mixtral", "AutoModelForCausalLM", **LLAMA, **MOE)
    model.save_pretrained(tmp_path)
    heatmap = lg.Heatmap(lg.weights(tmp_path, experts="each"))
    heatmap.selection = [(1, "moe.experts.2.up")]
    (cell,) = heatmap.selection
    assert cell.name == "model.layers.1.block_sparse_moe.experts.2.w3.weight"
    experts = model.model.layers[1].mlp.experts
    assert cell.module(model) is experts
    assert torch.equal(cell.parameter(model), experts.gate_up_proj[2, 32:])
    # Not by its labels alone: they may be anybody's.
    other = Cell("a", "b", name=cell.name, coords=cell.coords)
    assert torch.equal(other.parameter(model), experts.gate_up_proj[2, 32:])


@pytest.mark.parametrize("name", ["bert_ft", "bert_pretrained"])
@pytest.mark.parametrize("kind", ["BertModel", "BertForMaskedLM"])
def test_a_prefix_that_only_one_has(rxnfp_folder, name, kind):
    import transformers

    grid = lg.weights(rxnfp_folder / name, "parameters", components="matrices")[:1]
    model = getattr(transformers, kind).from_pretrained(rxnfp_folder / name)
    first = str(grid.coords["name"].values[0, 0])
    assert first.startswith("bert.") == (name == "bert_pretrained")
    check(grid, model)


def test_a_real_checkpoint(minilm_folder):
    from transformers import AutoModel

    check(lg.weights(minilm_folder), AutoModel.from_pretrained(minilm_folder))


def test_a_parameter_is_the_live_one(smollm2):
    cell = cells_of(lg.weights(smollm2))[7]
    assert (cell.layer, cell.component) == (1, "attn.q")
    module = smollm2.model.layers[1].self_attn.q_proj
    assert cell.module(smollm2) is module
    assert cell.parameter(smollm2) is module.weight


def test_a_part_is_a_view_through_which_gradients_flow():
    model = tiny("gpt2", **GPT2)
    cells = {(cell.layer, cell.component): cell for cell in cells_of(lg.weights(model))}
    key = cells[1, "attn.k"].parameter(model)
    whole = model.h[1].attn.c_attn.weight
    key.square().sum().backward()
    expected = torch.zeros_like(whole)
    expected[:, 24:48] = 2 * whole[:, 24:48]
    assert torch.equal(whole.grad, expected)
    with torch.no_grad():
        cells[1, "attn.k"].parameter(model).zero_()
    assert (whole[:, 24:48] == 0).all()
    assert (whole[:, :24] != 0).all()
    # Between those of others it is a copy, through which gradients flow as well.
    model = tiny("gpt_neox", **BASE)
    cells = {(cell.layer, cell.component): cell for cell in cells_of(lg.weights(model))}
    cells[0, "attn.v"].parameter(model).sum().backward()
    rows = model.layers[0].attention.query_key_value.weight.grad[:, 0].reshape(4, 3, 6)
    assert (rows == torch.tensor([0.0, 0, 1])[:, None]).all()


def test_a_head_is_what_the_output_projection_takes_in():
    from layergrid.models.ablate import Anatomy

    for kind, fields in (("llama", LLAMA), ("gpt2", GPT2)):
        model = tiny(kind, **fields)
        target = Anatomy(model).target(1, 2)
        coords = {key: getattr(target, key) for key in ("name", "part", "shape", "dtype")}
        head = Cell(1, 2, 0.5, target.name, coords)
        output = head.module(model)
        if kind == "llama":
            assert output is model.layers[1].self_attn.o_proj
            assert torch.equal(head.parameter(model), output.weight[:, 12:18])
        else:
            assert output is model.h[1].attn.c_proj
            assert torch.equal(head.parameter(model), output.weight[12:18])


@pytest.mark.filterwarnings("ignore")
def test_wrapped_and_adapted_models():
    peft = pytest.importorskip("peft")
    model = tiny("llama", "AutoModelForCausalLM", **LLAMA)
    grid = lg.weights(model)
    plain = copy.deepcopy(model)
    config = peft.LoraConfig(target_modules=["q_proj", "o_proj"], r=2)
    adapted = peft.get_peft_model(copy.deepcopy(model), config)
    compiled = torch.compile(plain)
    wrapped = nn.Sequential()
    wrapped.add_module("module", plain)
    for other in (adapted, compiled, wrapped):
        for cell in cells_of(grid):
            wanted = np.asarray(lg.tensor(grid, cell, model).detach())
            assert np.array_equal(cell.parameter(other).detach().numpy(), wanted), cell
    query = cells_of(grid)[0]
    layer = adapted.base_model.model.model.layers[0]
    assert query.module(adapted) is layer.self_attn.q_proj.base_layer
    for cell in cells_of(lg.weights(adapted, tail="lora_A")):
        assert cell.parameter(adapted).shape == (2, 24)


# ── cells with nothing behind them ───────────────────────────────────────────────────────────


def of(grid, layer, component) -> Cell:
    heatmap = lg.Heatmap(grid)
    heatmap.selection = [(layer, component)]
    return heatmap.selection[0]


def refused(cell, model, said, only_parameter=False):
    with pytest.raises(LookupError, match=said):
        cell.parameter(model)
    if only_parameter:
        assert cell.module(model) in set(model.modules())
    else:
        with pytest.raises(LookupError, match=said):
            cell.module(model)


def test_a_cell_without_one_says_why():
    model = tiny("llama", "AutoModelForCausalLM", **LLAMA)
    grid = lg.weights(model)
    plain = lg.Heatmap(np.eye(3, 2))
    plain.selection = [(0, 1)]
    (cell,) = plain.selection
    refused(cell, model, "layer 0, component 1 is of a grid without names")
    t5 = tiny("t5", **T5)
    bias = lg.weights(t5, stack="encoder", components="all")
    refused(of(bias, 1, "attn.relative_attention_bias"), t5, "is absent: the model has no such")
    moe = tiny("mixtral", **LLAMA, **MOE)
    refused(of(lg.weights(moe), 0, "moe.up"), moe, r"pools several experts, .*experts='each'")
    larger = tiny("llama", "AutoModelForCausalLM", **{**LLAMA, "intermediate_size": 48})
    refused(of(grid, 1, "mlp.up"), larger, r"has shape 48×24 in LlamaForCausalLM, but 32×24 in the")
    refused(of(grid, 1, "mlp.gate"), t5.encoder, r"T5Stack has no parameter 'model.layers.1.mlp")
    with pytest.raises(TypeError, match=r"model is a dict; expected a torch\.nn\.Module"):
        of(grid, 1, "mlp.up").module(dict(model.state_dict()))


def test_a_module_without_such_a_parameter_says_why():
    model = nn.Sequential(*(nn.Sequential(nn.Linear(4, 6), nn.Linear(6, 4)) for _ in range(2)))
    cell = of(lg.weights(model), 1, "0")
    assert cell.parameter(model) is model[1][0].weight
    meta = copy.deepcopy(model).to("meta")
    refused(cell, meta, "1.0.weight is on the meta device", only_parameter=True)
    normed = copy.deepcopy(model)
    nn.utils.parametrizations.weight_norm(normed[1][0])
    refused(cell, normed, r"computes it anew for every pass from .*original0", only_parameter=True)
    pruned = copy.deepcopy(model)
    from torch.nn.utils import prune

    prune.l1_unstructured(pruned[1][0], "weight", 0.5)
    refused(cell, pruned, "computes it anew for every pass", only_parameter=True)

    class Params4bit(nn.Parameter):
        """As bitsandbytes'."""

    four = copy.deepcopy(model)
    packed = torch.zeros(12, 1, dtype=torch.uint8)
    four[1][0].weight = Params4bit(packed, requires_grad=False)
    four[1][0].weight.quant_state = SimpleNamespace(
        shape=torch.Size((6, 4)), quant_type="nf4", nested=False, blocksize=64,
        absmax=torch.ones(1), code=torch.linspace(-1, 1, 16),
    )  # fmt: skip
    refused(cell, four, r"1.0.weight is kept as nf4 \(bitsandbytes\)", only_parameter=True)


def test_cells_of_whole_modules():
    from layergrid.models.ablate import Anatomy

    model = tiny("mixtral", **LLAMA, **MOE)
    anatomy = Anatomy(model)
    for component, module in (("layer", model.layers[1]), ("moe", model.layers[1].mlp)):
        target = anatomy.target(1, component)
        cell = Cell(1, component, name=target.name, coords={"name": target.name, "shape": ""})
        assert cell.module(model) is module
        refused(cell, model, "and no parameter: take its module", only_parameter=True)
    target = anatomy.target(1, "moe.experts.2")
    coords = {"name": target.name, "part": target.part, "shape": target.shape}
    cell = Cell(1, "moe.experts.2", name=target.name, coords=coords)
    assert torch.equal(cell.parameter(model), model.layers[1].mlp.experts.down_proj[2])
