"""What PEFT itself adapts when it is given an exported selection, and what it says of itself."""

from __future__ import annotations

import json

import pytest

import layergrid as lg

pytest.importorskip("torch")
peft = pytest.importorskip("peft")
pytestmark = [
    pytest.mark.libraries,
    pytest.mark.filterwarnings("ignore:fan_in_fan_out is set to False"),  # GPT-2's Conv1D
    pytest.mark.filterwarnings("ignore:.*(torch.jit|is_gradient_checkpointing)"),
]

SMALL = {
    "vocab_size": 40, "hidden_size": 24, "intermediate_size": 32, "num_hidden_layers": 3,
    "num_attention_heads": 4,
}  # fmt: skip
MODELS = {
    "llama": {**SMALL, "num_key_value_heads": 2},
    "gpt2": {"n_embd": 24, "n_layer": 3, "n_head": 4, "vocab_size": 40},
    "bert": SMALL,
    "opt": {**SMALL, "ffn_dim": 32, "word_embed_proj_dim": 24},
    "t5": {"vocab_size": 40, "d_model": 24, "d_ff": 32, "d_kv": 6, "num_layers": 3, "num_heads": 4},
    "mixtral": {**SMALL, "num_key_value_heads": 2, "num_local_experts": 3},
}


def tiny(kind: str):
    from transformers import AutoConfig, AutoModel

    return AutoModel.from_config(AutoConfig.for_model(kind, **MODELS[kind]))


def adapted(model, config) -> set[str]:
    """The modules that PEFT adapts, by their names in the model as it was."""
    from peft.tuners.tuners_utils import BaseTunerLayer

    wrapped = peft.get_peft_model(model, config)
    start = "base_model.model."
    return {
        name.removeprefix(start)
        for name, module in wrapped.named_modules()
        if isinstance(module, BaseTunerLayer)
    }


def modules(cells) -> set[str]:
    return {cell.name.removesuffix(".weight") for cell in cells}


#: Products of layers and components, and what is none; fused modules as a whole.
SELECTIONS = [
    ("llama", [(1, "attn.q"), (1, "mlp.down"), (2, "attn.q"), (2, "mlp.down")]),
    ("llama", [(0, "attn.q"), (2, "attn.v"), (1, "mlp.up")]),
    ("llama", [(k, "attn.o") for k in range(3)]),
    ("gpt2", [(k, f"attn.{part}") for k in (0, 2) for part in "qkv"]),
    ("gpt2", [(0, "attn.o"), (1, "attn.o")]),
    ("gpt2", [(0, "mlp.down"), (1, "mlp.up")]),
    ("bert", [(0, "mlp.down"), (1, "mlp.down")]),
    ("bert", [(0, "attn.o"), (2, "attn.o")]),
    ("opt", [(0, "mlp.up"), (2, "mlp.up")]),
    ("t5", [(1, "attn.q"), (2, "attn.q")]),
    ("t5", [(1, "xattn.v"), (2, "mlp.down")]),
    ("mixtral", [(0, "attn.k"), (2, "attn.k")]),
]


@pytest.mark.parametrize(("kind", "picked"), SELECTIONS)
def test_exactly_the_selected_modules_are_adapted(kind, picked):
    model = tiny(kind)
    w = lg.Heatmap(lg.weights(model))
    w.selection = picked
    chosen = w.selection
    config = peft.LoraConfig(**lg.export_cells(w, "peft"))
    w.selection = lg.import_cells(config, w)
    assert {*w.selection} == {*chosen}
    assert adapted(model, config) == modules(chosen)


@pytest.mark.parametrize(
    "targets",
    [
        {"target_modules": ["q_proj", "v_proj"]},
        {"target_modules": "all-linear"},
        {"target_modules": r".*\.[02]\.(mlp\.up|self_attn\.k)_proj"},
        {"target_modules": ["down_proj"], "layers_to_transform": [0, 2]},
        {"target_modules": ["k_proj"], "layers_to_transform": 1, "layers_pattern": "layers"},
        {"target_modules": ["o_proj", "model.layers.1.mlp.up_proj"], "layers_to_transform": [0]},
        {"target_modules": ["q_proj"], "exclude_modules": ["layers.1.self_attn.q_proj"]},
        {"target_modules": ["q_proj"], "exclude_modules": r".*\.2\..*"},
    ],
)
def test_a_config_is_read_as_peft_reads_it(targets):
    from transformers import AutoConfig, AutoModelForCausalLM

    model = AutoModelForCausalLM.from_config(AutoConfig.for_model("llama", **MODELS["llama"]))
    grid = lg.weights(model)
    config = peft.LoraConfig(**targets)
    cells = lg.import_cells(config, grid)
    assert lg.import_cells(config.to_dict(), grid) == cells
    assert adapted(model, config) == modules(cells) != set()


def test_a_saved_adapter_says_which_cells_it_is_of(tmp_path):
    model = tiny("llama")
    grid = lg.weights(model)
    picked = [(k, c) for k in (0, 2) for c in ("attn.q", "mlp.up")]
    config = peft.LoraConfig(**lg.export_cells(picked, "peft", grid=grid))
    peft.get_peft_model(model, config).save_pretrained(tmp_path)
    saved = json.loads((tmp_path / "adapter_config.json").read_text())
    found = lg.import_cells(saved, grid)
    assert {(cell.layer, cell.component) for cell in found} == {*picked}
    # The adapter's own parameters are names of the same modules, and so are the wrapped model's.
    wrapped = lg.weights(model, tail="lora_A")
    assert {(c.layer, c.component) for c in lg.import_cells(config, wrapped)} == {*picked}


def test_smollm2_is_adapted_where_it_was_selected(smollm2):
    import copy

    model = copy.deepcopy(smollm2)
    w = lg.Heatmap(lg.weights(model, "parameters"))
    w.selection = [(layer, c) for layer in (3, 4) for c in ("attn.q", "attn.v", "mlp.gate")]
    exported = lg.export_cells(w.selection, "peft")
    assert exported == {
        "target_modules": ["self_attn.q_proj", "self_attn.v_proj", "mlp.gate_proj"],
        "layers_to_transform": [3, 4],
        "layers_pattern": "layers",
    }
    assert adapted(model, peft.LoraConfig(**exported)) == modules(w.selection)
