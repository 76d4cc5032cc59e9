"""Grids of real models, live and from disk, beside what torch says of the same tensors."""

from __future__ import annotations

import copy
import gc
import weakref
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

import layergrid as lg

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.libraries

COMPONENTS = ["attn.q", "attn.k", "attn.v", "attn.o", "mlp.gate", "mlp.up", "mlp.down"]


def tiny(kind: str, **fields):
    """A small model of a transformers type, with random weights."""
    from transformers import AutoConfig, AutoModel

    torch.manual_seed(0)
    return AutoModel.from_config(AutoConfig.for_model(kind, **fields))


LLAMA = {
    "vocab_size": 40, "hidden_size": 24, "intermediate_size": 32, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2,
}  # fmt: skip


def rms(tensor) -> float:
    return float(tensor.detach().double().square().mean().sqrt())


def test_a_live_decoder_has_the_known_numbers(smollm2):
    grid = lg.weights(smollm2)
    assert grid.shape == (30, 7)
    assert grid.component.values.tolist() == COMPONENTS
    first = [0.284, 0.398, 0.047, 0.065, 0.185, 0.190, 0.194]
    np.testing.assert_allclose(grid.sel(layer=0), first, atol=6e-4)
    modules = dict(smollm2.named_parameters())
    for cell in grid.stack(cell=("layer", "component")):
        assert float(cell) == pytest.approx(rms(modules[str(cell.coords["name"].values)]), rel=1e-7)
    assert grid.attrs["source"] == "LlamaForCausalLM"


def test_counts_of_a_live_decoder_add_up(smollm2):
    in_layers = sum(p.numel() for p in smollm2.model.layers.parameters())
    assert int(lg.weights(smollm2, "parameters").sum()) == in_layers
    assert int(lg.weights(smollm2, "bytes").sum()) == 4 * in_layers


def test_disk_and_memory_say_the_same(minilm_folder):
    from transformers import AutoModel

    live = lg.weights(AutoModel.from_pretrained(minilm_folder), "kurtosis", components="all")
    disk = lg.weights(minilm_folder, "kurtosis", components="all")
    # The file has its names in the order of the alphabet, so that only the model knows its own.
    assert {*live.component.values} == {*disk.component.values}
    np.testing.assert_allclose(live, disk.sel(component=live.component), rtol=1e-9)
    assert disk.sizes["layer"] == 6
    assert {"attn.q", "attn.k", "attn.v", "attn.o", "mlp.up", "mlp.down"} <= {
        *disk.component.values
    }


def test_a_pickled_checkpoint_reads_as_its_model(rxnfp_folder):
    folder = rxnfp_folder / "bert_ft"
    tensors = torch.load(folder / "pytorch_model.bin", weights_only=True)
    prefix = next(iter(tensors)).startswith("bert.") * "bert."
    grid = lg.weights(folder, "max_abs")
    assert grid.sizes["layer"] == 12
    for cell in grid.stack(cell=("layer", "component")):
        assert float(cell) == float(tensors[str(cell.coords["name"].values)].abs().max())
    opened = lg.tensor(grid, (3, "attn.q"))
    name = f"{prefix}encoder.layer.3.attention.self.query.weight"
    np.testing.assert_array_equal(opened, tensors[name])


def test_a_cell_leads_back_to_the_live_tensor_and_keeps_no_model_alive():
    model = tiny("llama", **LLAMA)
    grid = lg.weights(model)
    weight = model.layers[1].mlp.down_proj.weight
    found = lg.tensor(grid, (1, "mlp.down"))
    assert found.data_ptr() == weight.data_ptr()
    assert not found.requires_grad
    saved = copy.deepcopy(grid)
    assert lg.tensor(saved, (1, "mlp.down")).data_ptr() == weight.data_ptr()
    alive = weakref.ref(model)
    shown = lg.Heatmap(grid)
    del model, weight, found
    gc.collect()
    assert alive() is None
    with pytest.raises(LookupError, match="LlamaModel, which is not in memory any more"):
        lg.tensor(shown.data, (1, "mlp.down"))


def test_fused_projections_are_components_of_their_own():
    model = tiny("gpt2", n_embd=24, n_layer=2, n_head=4, vocab_size=40)
    grid = lg.weights(model, components=["attn"])
    assert grid.component.values.tolist() == ["attn.q", "attn.k", "attn.v", "attn.o"]
    fused = model.h[1].attn.c_attn.weight
    for k, part in enumerate(("attn.q", "attn.k", "attn.v")):
        assert float(grid.sel(layer=1, component=part)) == pytest.approx(
            rms(fused[:, 24 * k : 24 * k + 24])
        )
        assert torch.equal(lg.tensor(grid, (1, part)), fused[:, 24 * k : 24 * k + 24])
    counted = lg.weights(model, "parameters")
    assert int(counted.sum()) == sum(p.numel() for p in model.h.parameters())
    assert int(counted.sel(layer=0, component="attn.v")) == 24 * 24 + 24


def test_a_piece_that_lies_between_others_is_found_again():
    model = tiny(
        "gpt_neox", hidden_size=24, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=32, vocab_size=40,
    )  # fmt: skip
    grid = lg.weights(model, components=["attn"])
    fused = model.layers[1].attention.query_key_value.weight
    k = fused.reshape(4, 3, 6, 24)[:, 1].reshape(24, 24)
    assert str(grid.sel(layer=1, component="attn.k").coords["part"].values) == "[4*6:12]"
    assert torch.equal(lg.tensor(grid, (1, "attn.k")), k)
    assert float(grid.sel(layer=1, component="attn.k")) == pytest.approx(rms(k))


def test_the_experts_of_one_tensor_are_told_apart(tmp_path):
    model = tiny("mixtral", **LLAMA, num_local_experts=3)
    each = lg.weights(model, experts="each")
    gate_up = model.layers[1].mlp.experts.gate_up_proj
    for expert in range(3):
        cell = each.sel(layer=1, component=f"moe.experts.{expert}.up")
        assert float(cell) == pytest.approx(rms(gate_up[expert, 32:]))
        opened = lg.tensor(each, (1, f"moe.experts.{expert}.up"))
        assert torch.equal(opened, gate_up[expert, 32:])
    mean = lg.weights(model)
    by_hand = np.mean([rms(gate_up[expert, :32]) for expert in range(3)])
    assert float(mean.sel(layer=1, component="moe.gate")) == pytest.approx(by_hand)
    # The file has each expert by itself; the grid is the same.
    model.save_pretrained(tmp_path)
    disk = lg.weights(tmp_path, experts="each").sel(component=each.component)
    np.testing.assert_allclose(disk, each)
    total = sum(p.numel() for p in model.layers.parameters())
    assert int(lg.weights(tmp_path, "parameters").sum()) == total
    assert int(lg.weights(model, "parameters").sum()) == total


def test_shared_weights_stand_in_every_layer_and_count_once():
    layer = torch.nn.Linear(3, 3)

    class Shared(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = torch.nn.ModuleList([layer, torch.nn.Linear(3, 3), layer])

    grid = lg.weights(Shared())
    assert float(grid[0, 0]) == float(grid[2, 0]) != float(grid[1, 0])
    assert lg.weights(Shared(), "parameters").values[:, 0].tolist() == [12, 12, 0]


@pytest.mark.filterwarnings("ignore:.*(torch.jit|is_gradient_checkpointing)")  # of torch and PEFT
@pytest.mark.parametrize("wrap", ["compile", "peft", "state_dict", "parallel"])
def test_wrappers_change_no_label_and_no_number(wrap):
    model = tiny("llama", **LLAMA)
    plain = lg.weights(model, components="all")
    if wrap == "compile":
        wrapped = torch.compile(model)
    elif wrap == "peft":
        from peft import LoraConfig, get_peft_model

        wrapped = get_peft_model(model, LoraConfig(r=2, target_modules=["q_proj", "down_proj"]))
    elif wrap == "state_dict":
        wrapped = {f"module.{name}": tensor for name, tensor in model.state_dict().items()}
    else:
        wrapped = torch.nn.DataParallel(model)
    grid = lg.weights(wrapped, components="all")
    assert grid.component.values.tolist() == plain.component.values.tolist()
    np.testing.assert_array_equal(grid, plain)
    if wrap == "peft":
        lora = lg.weights(wrapped, tail="lora_A")
        assert lora.component.values.tolist() == ["attn.q", "mlp.down"]
        name = "base_model.model.layers.1.self_attn.q_proj.lora_A.default.weight"
        q = wrapped.get_parameter(name)
        assert float(lora.sel(layer=1, component="attn.q")) == pytest.approx(rms(q))
        assert torch.equal(lg.tensor(lora, (1, "attn.q")), q)


def test_a_transformer_of_torch_itself():
    layer = torch.nn.TransformerEncoderLayer(12, 3, 20, batch_first=True)
    grid = lg.weights(torch.nn.TransformerEncoder(layer, 3, enable_nested_tensor=False))
    assert grid.component.values.tolist() == [
        "attn.q", "attn.k", "attn.v", "attn.o", "mlp.up", "mlp.down"
    ]  # fmt: skip
    assert grid.sizes["layer"] == 3


def test_without_values_there_are_names_and_counts_only():
    with torch.device("meta"):
        model = tiny("llama", **LLAMA)
    counted = lg.weights(model, "parameters")
    assert int(counted.sum()) == sum(p.numel() for p in model.layers.parameters())
    shown = lg.Heatmap()
    with pytest.raises(ValueError, match=r"meta.*'parameters'"):
        lg.weights(model, "rms", into=shown)
    assert shown.layers == ()


def test_a_live_model_stays_in_its_process():
    model = tiny("llama", **LLAMA)
    with ThreadPoolExecutor(2) as threads:
        np.testing.assert_array_equal(lg.weights(model, executor=threads), lg.weights(model))
    with (
        ProcessPoolExecutor(1, get_context("spawn")) as processes,  # JAX has threads
        pytest.raises(TypeError, match=r"ThreadPoolExecutor.*path of its checkpoint"),
    ):
        lg.weights(model, executor=processes)
