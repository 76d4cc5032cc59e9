"""Live modules as sources: what is in them, by which name, and read without a copy."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from layergrid.models.live import mapping_source, module_source
from layergrid.models.packed import unpack
from layergrid.models.slices import Slice

torch = pytest.importorskip("torch")
nn = torch.nn
pytestmark = pytest.mark.libraries

LLAMA = {
    **{"hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 40},
    **{"num_key_value_heads": 2, "intermediate_size": 20, "tie_word_embeddings": True},
}


def llama():
    import transformers

    return transformers.LlamaForCausalLM(transformers.LlamaConfig(**LLAMA))


def by_name(source):
    return {entry.name: entry for entry in source.entries}


def test_reading_gives_views_of_what_is_there_now():
    model = nn.Sequential(nn.Linear(5, 3), nn.BatchNorm1d(3))
    source = module_source(model)
    assert [entry.name for entry in source.entries] == [n for n, _ in model.named_parameters()]
    entry = source.entries[0]
    tensor = source.read(entry)
    assert tensor.data_ptr() == model[0].weight.data_ptr()
    assert not tensor.requires_grad
    model[0].weight = nn.Parameter(torch.full((3, 5), 7.0))
    assert source.read(entry)[0, 0] == 7
    part = source.read(entry, Slice(1, 1, 1, 4))
    assert part.shape == (3, 3)
    assert part.untyped_storage().data_ptr() == model[0].weight.untyped_storage().data_ptr()


def test_tied_weights_are_twins_under_each_name():
    model = llama()
    entries = by_name(module_source(model))
    assert entries["lm_head.weight"].twin == "model.embed_tokens.weight"
    assert [n for n, e in entries.items() if e.twin] == ["lm_head.weight"]


def test_shared_layers_and_shared_memory():
    layer = nn.Linear(4, 4)
    model = nn.ModuleList([layer, layer])
    entries = by_name(module_source(model))
    assert entries["1.weight"].twin == "0.weight"
    assert entries["1.bias"].twin == "0.bias"
    whole = torch.randn(4, 4)
    entries = by_name(
        mapping_source(
            {"a": whole, "b": whole[:], "c": whole.T, "d": whole[:2], "e": whole.clone()}
        )
    )
    assert {name: entry.twin for name, entry in entries.items()} == {
        **{"a": None, "b": "a", "c": None, "d": None, "e": None}
    }


def test_albert_repeats_no_memory_and_zamba2_shares_blocks():
    import transformers

    config = transformers.Zamba2Config(
        **{"hidden_size": 16, "num_hidden_layers": 4, "vocab_size": 20, "mamba_d_state": 4},
        **{"num_attention_heads": 2, "mamba_headdim": 8, "n_mamba_heads": 4, "num_mem_blocks": 1},
        layers_block_type=["mamba", "hybrid", "mamba", "hybrid"],
    )
    with torch.device("meta"):
        model = transformers.Zamba2Model(config)
    entries = module_source(model).entries
    everything = sum(entry.size for entry in entries if entry.twin is None)
    assert everything == sum(p.numel() for p in model.parameters())
    twins = [entry for entry in entries if entry.twin]
    assert twins
    assert all(e.shape == by_name(module_source(model))[e.twin].shape for e in twins)


def test_meta_tensors_have_all_but_values():
    with torch.device("meta"):
        model = llama()
    source = unpack(module_source(model))
    entry = by_name(source)["model.layers.1.mlp.up_proj.weight"]
    assert (entry.shape, entry.dtype, entry.nbytes) == ((20, 24), "float32", 20 * 24 * 4)
    assert source.read(entry).is_meta


def test_meta_tensors_of_a_state_dict_are_twins_where_they_share_storage():
    with torch.device("meta"):
        model = llama()
        blocks = torch.empty(8, 4).split(4)
    entries = by_name(mapping_source(model.state_dict()))
    assert [n for n, e in entries.items() if e.twin] == ["lm_head.weight"]
    assert entries["lm_head.weight"].twin == "model.embed_tokens.weight"
    entries = by_name(mapping_source({"a": blocks[0], "b": blocks[1], "c": blocks[0].detach()}))
    assert {name: entry.twin for name, entry in entries.items()} == {"a": None, "b": None, "c": "a"}


def holding(name):
    """Give what wraps a model by holding it under a name, as one library or the other does."""

    def wrap(model):
        wrapper = nn.Module()
        wrapper.add_module(name, model)
        return wrapper

    return wrap


@pytest.mark.filterwarnings("ignore:`torch.jit")
@pytest.mark.parametrize(
    ("wrap", "prefix"),
    [
        pytest.param(torch.compile, "_orig_mod.", id="compiled"),
        pytest.param(nn.DataParallel, "module.", id="data parallel"),
        pytest.param(holding("module"), "module.", id="DeepSpeed"),
        pytest.param(holding("_forward_module"), "_forward_module.", id="Lightning"),
        pytest.param(
            lambda model: holding("_forward_module")(nn.DataParallel(torch.compile(model))),
            "_forward_module.module._orig_mod.",
            id="several",
        ),
    ],
)
def test_wrappers_keep_title_and_config(wrap, prefix):
    import transformers

    with torch.device("meta"):
        model = transformers.Phi3ForCausalLM(transformers.Phi3Config(**LLAMA, pad_token_id=0))
    source = unpack(module_source(wrap(model)))
    assert (source.title, source.config["model_type"]) == ("Phi3ForCausalLM", "phi3")
    assert source.entries[0].name == prefix + "model.embed_tokens.weight"
    fused = by_name(source)[f"{prefix}model.layers.0.self_attn.qkv_proj.weight"]
    assert [piece for piece, _ in fused.pieces] == ["q", "k", "v"]


def test_a_part_that_is_called_module_is_no_wrapped_model():
    model = holding("module")(llama())
    model.head = nn.Linear(2, 2)
    assert module_source(model).title == "Module"


@pytest.mark.filterwarnings("ignore")  # PEFT's own
def test_adapters_are_plain_parameters_and_split_ones_stay_split():
    import peft
    import transformers

    config = transformers.Phi3Config(**{**LLAMA, "pad_token_id": 0, "tie_word_embeddings": False})
    model = peft.get_peft_model(
        transformers.Phi3ForCausalLM(config), peft.LoraConfig(target_modules=["qkv_proj"], r=2)
    )
    source = unpack(module_source(model))
    assert (source.title, source.config["model_type"]) == ("Phi3ForCausalLM", "phi3")
    stem = "base_model.model.model.layers.0.self_attn.qkv_proj"
    entries = by_name(source)
    assert entries[f"{stem}.lora_A.default.weight"].shape == (2, 24)
    assert not entries[f"{stem}.lora_B.default.weight"].pieces
    assert [piece for piece, _ in entries[f"{stem}.base_layer.weight"].pieces] == ["q", "k", "v"]


def test_lazy_modules_are_an_error_that_says_what_to_do():
    model = nn.Sequential(nn.LazyLinear(3))
    with pytest.raises(ValueError, match=r"0\.weight gets its shape only .* run the model once"):
        module_source(model)
    model(torch.zeros(1, 2))
    assert module_source(model).entries[0].shape == (3, 2)


def test_experts_say_how_they_lie():
    import transformers

    config = transformers.GptOssConfig(**LLAMA, num_local_experts=3, head_dim=6)
    with torch.device("meta"):
        model = transformers.GptOssForCausalLM(config)
    # The module knows, whatever the configuration says.
    model.config.model_type = "unknown"
    entries = by_name(unpack(module_source(model)))
    entry = entries["model.layers.0.mlp.experts.gate_up_proj"]
    assert entry.n_experts == 3
    assert dict(entry.pieces) == {"gate": Slice(1, 20, 0, 1), "up": Slice(1, 20, 1, 2)}
    bias = entries["model.layers.0.mlp.experts.gate_up_proj_bias"]
    assert dict(bias.pieces) == {"gate": Slice(0, 20, 0, 1), "up": Slice(0, 20, 1, 2)}
    down = entries["model.layers.0.mlp.experts.down_proj"]
    assert (down.n_experts, down.pieces) == (3, ())


def test_multihead_attention_in_blocks():
    torch.manual_seed(0)
    attention = nn.MultiheadAttention(8, 2, batch_first=True)
    attention.in_proj_bias.data.normal_()
    source = unpack(module_source(attention))
    entries = by_name(source)
    x = torch.randn(1, 5, 8)
    q, k, v = (
        x @ source.read(entries["in_proj_weight"], w).T + source.read(entries["in_proj_bias"], b)
        for (_, w), (_, b) in zip(
            entries["in_proj_weight"].pieces, entries["in_proj_bias"].pieces, strict=True
        )
    )
    heads = [t.unflatten(-1, (2, 4)).transpose(1, 2) for t in (q, k, v)]
    mixed = nn.functional.scaled_dot_product_attention(*heads).transpose(1, 2).flatten(-2)
    torch.testing.assert_close(attention.out_proj(mixed), attention(x, x, x)[0])
    different = nn.MultiheadAttention(8, 2, kdim=4, vdim=6)
    assert not any(entry.pieces for entry in unpack(module_source(different)).entries[:3])


def test_nanogpt_by_its_dataclass():
    @dataclasses.dataclass
    class GPTConfig:
        block_size: int = 16
        n_head: int = 2
        n_embd: int = 8

    block = nn.Module()
    block.c_attn = nn.Linear(8, 24)
    model = nn.Module()
    model.attn = block
    assert not unpack(module_source(model)).entries[0].pieces
    model.config = GPTConfig()
    assert [piece for piece, _ in unpack(module_source(model)).entries[0].pieces] == list("qkv")


def test_pruned_parameters_are_as_they_are_used():
    from torch.nn.utils import prune

    model = nn.Sequential(nn.Linear(6, 4), nn.Linear(4, 4))
    prune.l1_unstructured(model[0], "weight", 0.5)
    prune.random_unstructured(model[0], "bias", 0.5)
    source = unpack(module_source(model))
    entries = by_name(source)
    assert list(entries) == ["0.weight", "0.bias", "1.weight", "1.bias"]
    assert entries["0.weight"].dtype == "float32 (pruned)"
    for name in ("weight", "bias"):
        used = getattr(model[0], name).detach().numpy()
        np.testing.assert_array_equal(source.read(entries[f"0.{name}"]), used)
    prune.remove(model[0], "weight")
    assert by_name(unpack(module_source(model)))["0.weight"].dtype == "float32"


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16", "float8_e4m3fn"])
def test_types_are_called_as_numpy_does(dtype):
    model = nn.Linear(110, 100, bias=False)
    model.weight = nn.Parameter(model.weight.data.to(getattr(torch, dtype)), requires_grad=False)
    source = module_source(model)
    (entry,) = source.entries
    assert (entry.dtype, entry.nbytes) == (dtype, 11_000 * model.weight.element_size())
    assert source.read(entry).dtype == model.weight.dtype
    assert source.chunks(entry) is None  # it is in memory as it is


@pytest.mark.parametrize("list_them", ["named_modules", "named_children"])
def test_modules_in_a_mapping_are_no_tensors(list_them):
    model = nn.Sequential(nn.Linear(2, 3))
    with pytest.raises(TypeError, match=r"which is no tensor: pass the model itself, or its state"):
        mapping_source(dict(getattr(model, list_them)()))


def test_a_state_dict_with_odd_entries():
    model = nn.Linear(2, 3)
    source = mapping_source({**model.state_dict(), "bn._extra_state": None})
    assert [entry.name for entry in source.entries] == ["weight", "bias"]
    assert source.read(source.entries[0]).data_ptr() == model.weight.data_ptr()


def test_jax_arrays_in_a_mapping():
    jnp = pytest.importorskip("jax.numpy")
    source = mapping_source({"w": jnp.arange(6, dtype=jnp.bfloat16).reshape(2, 3)})
    (entry,) = source.entries
    assert (entry.shape, entry.dtype, entry.nbytes) == ((2, 3), "bfloat16", 12)
    assert source.read(entry).astype("f4").tolist() == [[0, 1, 2], [3, 4, 5]]


# ── layers of libraries with an installation of their own, written out ───────────────────────


class Params4bit(nn.Parameter):
    """As bitsandbytes': two codes in a byte, the first in the upper half."""


class Int8Params(nn.Parameter):
    """As bitsandbytes'."""


class HQQLinear(nn.Module):
    """As hqq's: no parameter, and a way to undo the packing."""

    def __init__(self):
        super().__init__()
        self.W_q = torch.zeros(2, 3, dtype=torch.uint8)
        self.meta = {"nbits": 4, "shape": (4, 3), "scale": torch.ones(3)}
        self.bias = torch.tensor([5.0, 6, 7, 8])

    def dequantize(self):
        return torch.arange(12.0).reshape(4, 3)


@pytest.mark.parametrize("nested", [False, True])
def test_four_bits_of_bitsandbytes(nested):
    codes = torch.tensor([[0, 1, 2], [3, 15, 14]])
    packed = codes.reshape(3, 2) @ torch.tensor([16, 1])
    linear = nn.Linear(3, 2, bias=False)
    linear.weight = Params4bit(packed.to(torch.uint8)[:, None], requires_grad=False)
    state = SimpleNamespace(
        **{"shape": torch.Size((2, 3)), "quant_type": "nf4", "nested": nested, "blocksize": 4},
        **{"code": torch.linspace(-1, 1, 16), "absmax": torch.tensor([2.0, 10.0])},
    )
    if nested:  # the scales are codes themselves, about their mean
        state.absmax, state.offset = torch.tensor([1, 0], dtype=torch.uint8), 4.0
        state.state2 = SimpleNamespace(
            blocksize=256, absmax=torch.tensor([2.0]), code=torch.tensor([3.0, -1.0])
        )
    linear.weight.quant_state = state
    source = module_source(linear)
    (entry,) = source.entries
    assert (entry.name, entry.shape, entry.dtype) == ("weight", (2, 3), "nf4 (bitsandbytes)")
    assert entry.nbytes == 3 + 16 * 4 + (2 + 2 * 4 + 4 if nested else 2 * 4)
    scales = torch.tensor([[2.0, 2, 2], [2, 10, 10]])  # of blocks that do not end with a row
    torch.testing.assert_close(source.read(entry), (codes / 7.5 - 1) * scales)


def test_eight_bits_of_bitsandbytes():
    linear = nn.Linear(3, 2, bias=False)
    values = torch.tensor([[127, -127, 0], [1, 2, 3]], dtype=torch.int8)
    linear.weight = Int8Params(values, requires_grad=False)
    linear.weight.SCB = torch.tensor([2.0, 127])
    source = module_source(linear)
    (entry,) = source.entries
    assert (entry.shape, entry.dtype, entry.nbytes) == ((2, 3), "int8 (bitsandbytes)", 6 + 8)
    expected = torch.tensor([[2.0, -2, 0], [1, 2, 3]])
    torch.testing.assert_close(source.read(entry), expected)
    # The first forward pass moves the scales.
    linear.state, linear.weight.SCB = SimpleNamespace(SCB=linear.weight.SCB), None
    torch.testing.assert_close(source.read(entry), expected)
    linear.state.SCB = None
    with pytest.raises(ValueError, match=r"weight is quantised .* lost its scales: load the model"):
        source.read(entry)


def test_a_layer_of_hqq():
    source = module_source(nn.Sequential(HQQLinear()))
    weight, bias = source.entries
    assert (weight.name, weight.shape, weight.dtype) == ("0.weight", (4, 3), "int4 (hqq)")
    assert weight.nbytes == 6 + 12
    assert source.read(weight)[3].tolist() == [9, 10, 11]
    assert (bias.name, source.read(bias).tolist()) == ("0.bias", [5, 6, 7, 8])


@pytest.mark.filterwarnings("ignore")  # torch.distributed's own
def test_parameters_spread_over_processes(tmp_path):
    import torch.distributed as dist
    from torch.distributed.fsdp import fully_shard

    dist.init_process_group(
        "gloo", init_method=f"file://{tmp_path / 'meeting'}", rank=0, world_size=1
    )
    try:
        model = nn.Sequential(nn.Linear(4, 6))
        weight = model[0].weight.detach().clone()
        fully_shard(model, mesh=dist.device_mesh.init_device_mesh("cpu", (1,)))
        source = unpack(module_source(model))
        entry = source.entries[0]
        assert (entry.name, entry.shape, entry.nbytes) == ("0.weight", (6, 4), 96)
        assert torch.equal(source.read(entry).full_tensor(), weight)
        part = Slice(0, 2, 1, 3)
        assert torch.equal(source.read(entry, part), part.of(weight))
    finally:
        dist.destroy_process_group()
