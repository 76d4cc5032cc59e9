"""Is a piece called q truly the q of the model? Asked of transformers' models by running them.

What a row of a projection does is found without knowing the model: in attention the q of one
token reaches no other token's output, k and v do; once q is zero only v still does. Of gate and
up, the output is a straight line in up and not in gate.
"""

from __future__ import annotations

import pytest

from layergrid.models.packed import fusions

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytestmark = [
    pytest.mark.libraries,
    pytest.mark.filterwarnings("ignore"),  # other people's deprecations
]


def rows_of(part, length):
    """The places along its axis that a slice takes."""
    run = length // part.groups
    return [g * run + i for g in range(part.groups) for i in range(part.start, part.stop)]


def build(kind, fields, std=0.3):
    """A small model of random weights, in the given kind's modelling code."""
    torch.manual_seed(0)
    config = transformers.AutoConfig.for_model(kind, **fields)
    config._attn_implementation = "eager"
    model = transformers.AutoModel.from_config(config, dtype=torch.float32).eval()
    for name, parameter in model.named_parameters():
        if parameter.ndim > 1 or name.endswith("bias"):
            torch.nn.init.normal_(parameter, std=std)
    return model


def found_in(model):
    shapes = {name: tuple(p.shape) for name, p in model.named_parameters()}
    return fusions(shapes, model.config.to_dict())


TEXT = {
    "vocab_size": 40,
    "hidden_size": 24,
    "num_hidden_layers": 1,
    "num_attention_heads": 4,
    "intermediate_size": 20,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
GROUPED = {**TEXT, "num_key_value_heads": 2}
GPT2 = {"vocab_size": 40, "n_embd": 24, "n_layer": 1, "n_head": 4}
BLOOM = {"vocab_size": 40, "hidden_size": 24, "n_layer": 1, "n_head": 4}
FALCON = {**TEXT, "alibi": False, "bias": True}
MOE = {**GROUPED, "num_local_experts": 3, "num_experts": 3, "num_experts_per_tok": 2}
DBRX = {
    "d_model": 24,
    "n_heads": 4,
    "n_layers": 1,
    "vocab_size": 40,
    "pad_token_id": 0,
    "attn_config": {"kv_n_heads": 2, "clip_qkv": 90.0, "rope_theta": 1e4},
    "ffn_config": {"ffn_hidden_size": 20, "moe_num_experts": 2, "moe_top_k": 1},
}
SAM = {
    "hidden_size": 24,
    "num_attention_heads": 4,
    "num_hidden_layers": 1,
    "image_size": 16,
    "patch_size": 4,
    "output_channels": 8,
    "window_size": 0,
    "global_attn_indexes": [0],
}
HIERA = {
    "embed_dim": 12,
    "image_size": [16, 16],
    "patch_size": [3, 3],
    "patch_stride": [4, 4],
    "patch_padding": [1, 1],
    "depths": [1],
    "num_heads": [2],
    "masked_unit_size": [2, 2],
    "num_query_pool": 0,
    "query_stride": [2, 2],
}

READS_TEXT = {
    "phi3": ("phi3", GROUPED, "qkv_proj"),
    "codegen": ("codegen", {**GPT2, "n_head": 8, "n_embd": 48, "rotary_dim": 2}, "qkv_proj"),
    "gpt2": ("gpt2", GPT2, "c_attn"),
    "openai-gpt": ("openai-gpt", GPT2, "c_attn"),
    "gpt_bigcode": ("gpt_bigcode", GPT2, "c_attn"),
    "gpt_bigcode, k per head": ("gpt_bigcode", {**GPT2, "multi_query": False}, "c_attn"),
    "gpt_neox": ("gpt_neox", TEXT, "query_key_value"),
    "gpt_neox_japanese": ("gpt_neox_japanese", TEXT, "query_key_value"),
    "bloom": ("bloom", BLOOM, "query_key_value"),
    "persimmon": (
        "persimmon",
        {**TEXT, "hidden_size": 32, "qk_layernorm": False},
        "query_key_value",
    ),
    "falcon": ("falcon", {**FALCON, "multi_query": True}, "query_key_value"),
    "falcon, k per head": ("falcon", {**FALCON, "multi_query": False}, "query_key_value"),
    "falcon, groups": (
        "falcon",
        {**FALCON, "new_decoder_architecture": True, "num_kv_heads": 2},
        "query_key_value",
    ),
    "mpt": ("mpt", {"vocab_size": 40, "d_model": 24, "n_heads": 4, "n_layers": 1}, "Wqkv"),
    "dbrx": ("dbrx", DBRX, "Wqkv"),
    "modernbert": ("modernbert", TEXT, "Wqkv"),
    "deberta": ("deberta", TEXT, "in_proj"),
    "jetmoe": ("jetmoe", {**MOE, "kv_channels": 6}, "kv_proj"),
}
GATED = {
    "phi3": ("phi3", GROUPED, "mlp.gate_up_proj.weight"),
    "glm4": ("glm4", {**GROUPED, "head_dim": 6}, "mlp.gate_up_proj.weight"),
    "zamba2": (
        "zamba2",
        {**TEXT, "layers_block_type": ["hybrid"], "mamba_d_state": 4},
        "feed_forward.gate_up_proj.weight",
    ),
    "granitemoe": ("granitemoe", MOE, "experts.gate_up_proj"),
    "granitemoeshared": (
        "granitemoeshared",
        {**MOE, "shared_intermediate_size": 12},
        "shared_mlp.input_linear.weight",
    ),
    "jetmoe": ("jetmoe", {**MOE, "kv_channels": 6}, "mlp.input_linear.weight"),
    "mixtral": ("mixtral", MOE, "experts.gate_up_proj"),
    "qwen3_moe": ("qwen3_moe", {**MOE, "moe_intermediate_size": 8}, "experts.gate_up_proj"),
    "gpt_oss": ("gpt_oss", {**MOE, "head_dim": 6}, "experts.gate_up_proj"),
    "gpt_oss, bias": ("gpt_oss", {**MOE, "head_dim": 6}, "experts.gate_up_proj_bias"),
    "llama4_text": (
        "llama4_text",
        {**MOE, "intermediate_size_mlp": 20, "moe_layers": [0], "head_dim": 6},
        "experts.gate_up_proj",
    ),
    "aria_text": ("aria_text", {**MOE, "moe_num_experts": 3}, "experts.gate_up_proj"),
    "openai_privacy_filter": (
        "openai_privacy_filter",
        {**MOE, "head_dim": 6},
        "experts.gate_up_proj",
    ),
    "minimax_m2": ("minimax_m2", {**MOE, "head_dim": 6}, "experts.gate_up_proj"),
}
SEES = {"sam": ("sam_vision_model", SAM, "qkv"), "hiera": ("hiera", HIERA, "qkv")}


def the_one(model, projection):
    """The first projection of that name, the module it is in, and its fused matrix's name."""
    name = next(n for n, _ in model.named_modules() if n.split(".")[-1] == projection)
    return model.get_submodule(name), model.get_submodule(name.rpartition(".")[0]), name


def reach(model, projection, given):
    """Which features of a projection's output reach which tokens of the attention's output.

    One bool each for: reaches the last token from there, reaches the last token from another.
    """
    fused, attention, _ = the_one(model, projection)
    kept = {}

    def keep(key):
        def hook(module, args, output):
            kept[key] = output[0] if isinstance(output, tuple | list) else output

        return hook

    handles = [fused.register_forward_hook(keep("fused"))]
    handles.append(attention.register_forward_hook(keep("attention")))
    model(**given)
    for handle in handles:
        handle.remove()
    last = kept["attention"].flatten(0, -2)[-1]
    weights = torch.randn(last.shape, generator=torch.Generator().manual_seed(1))
    (slope,) = torch.autograd.grad((last * weights).sum(), kept["fused"])
    moves = slope.flatten(0, -2).abs() > 1e-9
    return moves[-1], moves[:-1].any(0)


def rows_by_role(model, projection):
    """What our pieces say: for each name a bool for each feature of the projection."""
    fused, _, name = the_one(model, projection)
    pieces = found_in(model)[f"{name}.weight"].pieces
    axis = pieces[0][1].axis
    length = fused.weight.shape[axis]
    roles = {role: torch.zeros(length, dtype=torch.bool) for role, _ in pieces}
    for role, part in pieces:
        roles[role][rows_of(part, length)] = True
    assert torch.stack(list(roles.values())).sum(0).eq(1).all()
    return roles


@pytest.mark.parametrize("which", READS_TEXT)
def test_pieces_are_the_models_q_k_and_v(which):
    kind, fields, projection = READS_TEXT[which]
    model = build(kind, fields)
    roles = rows_by_role(model, projection)
    ids = torch.tensor([[3, 7, 11, 5, 9]])
    here, elsewhere = reach(model, projection, {"input_ids": ids})
    assert here.all()
    assert torch.equal(elsewhere, roles["k"] | roles["v"])
    alone, _ = reach(model, projection, {"input_ids": ids[:, :1]})
    assert torch.equal(alone, roles["v"])  # with one token to attend to, q and k do nothing


@pytest.mark.parametrize("which", SEES)
def test_pieces_are_a_vision_models_q_k_and_v(which):
    kind, fields, projection = SEES[which]
    model = build(kind, fields)
    roles = rows_by_role(model, projection)
    given = {"pixel_values": torch.randn(1, 3, 16, 16)}
    here, elsewhere = reach(model, projection, given)
    assert here.all()
    assert torch.equal(elsewhere, roles["k"] | roles["v"])
    fused, _, _ = the_one(model, projection)
    with torch.no_grad():
        fused.weight[roles["q"]] = 0
        fused.bias[roles["q"]] = 0
    _, elsewhere = reach(model, projection, given)
    assert torch.equal(elsewhere, roles["v"])  # without a q every k counts the same


@pytest.mark.parametrize("which", GATED)
def test_pieces_are_the_models_gate_and_up(which):
    kind, fields, tail = GATED[which]
    model = build(kind, fields, std=0.1)  # below the limits that some clamp to
    name = next(n for n, _ in model.named_parameters() if n.endswith(tail))
    fusion = found_in(model)[name]
    parameter = model.get_parameter(name)
    in_one = "experts" in name or parameter.ndim == 3
    assert fusion.n_experts == (3 if in_one else None)
    assert {piece for piece, _ in fusion.pieces} == {"gate", "up"}

    module = name.removesuffix(".weight").rpartition(".")[0]
    straight = is_straight(model, module, parameter, fusion)
    assert straight == {"gate": False, "up": True}


def is_straight(model, module, parameter, fusion):
    """For each piece whether a module's output is a straight line in its weights."""
    kept = []
    handle = model.get_submodule(module).register_forward_hook(
        lambda m, args, output: kept.append(output[0] if isinstance(output, tuple) else output)
    )
    straight = {}
    whole = parameter.detach().clone()
    for piece, part in fusion.pieces:
        axis = part.axis + (fusion.n_experts is not None)
        rows = torch.tensor(rows_of(part, whole.shape[axis]))
        kept.clear()
        for times in (0.0, 1.0, 2.0):
            changed = whole.index_select(axis, rows) * times
            with torch.no_grad():
                parameter.copy_(whole.index_copy(axis, rows, changed))
                model(input_ids=torch.tensor([[3, 7, 11, 5, 9]]))
        nothing, once, twice = kept
        assert not torch.allclose(once, twice)
        straight[piece] = torch.allclose(twice - once, once - nothing, rtol=1e-3, atol=1e-5)
    handle.remove()
    return straight


def test_the_conformer_of_phi4_has_up_first():
    from transformers.models.phi4_multimodal import modeling_phi4_multimodal as phi4

    config = transformers.Phi4MultimodalConfig(audio_config={"hidden_size": 24})
    with torch.device("meta"):
        names = dict(phi4.Phi4MultimodalModel(config).named_parameters())
    stem = "audio_embed.encoder.encoders.0.feed_forward_in."
    (name,) = (n for n in names if n.endswith(f"{stem}gate_up_proj.weight"))
    shapes = {n: tuple(p.shape) for n, p in names.items()}
    found = fusions(shapes, config.to_dict())
    assert [piece for piece, _ in found[name].pieces] == ["up", "gate"]
    assert [p for p, _ in found["layers.0.mlp.gate_up_proj.weight"].pieces] == ["gate", "up"]

    torch.manual_seed(0)
    mlp = phi4.Phi4MultimodalAudioMLP(config.audio_config).eval()
    weight = mlp.gate_up_proj.weight
    h = mlp.layer_norm(torch.randn(5, 24))
    by_name = {p: (h @ weight[part.start : part.stop].T) for p, part in found[name].pieces}
    mlp.gate_up_proj.bias.data.zero_()
    mlp.layer_norm = torch.nn.Identity()
    expected = mlp.down_proj(by_name["up"] * mlp.act_fn(by_name["gate"]))
    torch.testing.assert_close(mlp(h), expected)
