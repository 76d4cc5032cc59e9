"""Names → stack, layer, expert, component, tail; held against 407 models and other schemes.

``hf_param_names.json.gz`` has, for each of 407 model types of transformers 5.23 at their default
configurations, the class, ``num_hidden_layers``, the names and shapes of all parameters and the
lengths of all module lists. ``causal_lm_types.txt`` are those of them that its
``MODEL_FOR_CAUSAL_LM_MAPPING_NAMES`` knows, encoders that may be used as decoders too.
"""

from __future__ import annotations

import gzip
import json
import math
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layergrid.models.names import expert_label, read_names
from layergrid.models.names.ordering import order
from layergrid.models.names.tails import is_buffer, split_all
from layergrid.models.names.words import each
from layergrid.models.names.wrappers import called_path, unwrap

DATA = Path(__file__).parents[1] / "data"
FAMILIES = {"attn", "xattn", "mlp", "moe", "ssm", "mixer"}


@pytest.fixture(scope="module")
def models():
    with gzip.open(DATA / "hf_param_names.json.gz", "rt") as file:
        found = json.load(file)
    return found | {
        name: model | {"params": dict(model["params"])} for name, model in found.items()
    }


@pytest.fixture(scope="module")
def namings(models):
    return {name: read_names(model["params"]) for name, model in models.items()}


def cells(stack):
    """What must be unique: a cell pools experts, but nothing else with them."""
    seen = Counter((p.layer, p.component, p.tail, p.expert) for p in stack.places)
    pooled = {(p.layer, p.component, p.tail) for p in stack.places if p.expert is not None}
    single = {(p.layer, p.component, p.tail) for p in stack.places if p.expert is None}
    return max(seen.values()) == 1 and not pooled & single


def in_pattern(title, names):
    """Find the names that count a stack's layers, by what its title says alone."""
    path = [r"(0|[1-9]\d*)" if s == "*" else re.escape(s) for s in title.split(".") if title]
    return [n for n in names if re.match(r"\.".join([*path, r"(0|[1-9]\d*)(\.|$)"]), n)]


def components(shapes, *, stack=0):
    return read_names(shapes).stacks[stack].components


def repeated(prefix, layer, count=2):
    """Repeat a layer's parameters: "{}" stands for its number."""
    return {f"{prefix.format(i)}{name}": s for i in range(count) for name, s in layer.items()}


def weights(text, **shapes):
    """Take each word as a module with a square weight, if no other shape is given."""
    return {f"{name}.weight": shapes.get(name.rpartition(".")[2], (8, 8)) for name in text.split()}


# ── 407 models ───────────────────────────────────────────────────────────────────────────────


def test_no_two_parameters_of_any_model_share_a_cell(namings):
    assert [name for name, found in namings.items() if not all(map(cells, found.stacks))] == []


def test_every_parameter_is_in_each_stack_whose_pattern_it_has_and_only_there(models, namings):
    for name, found in namings.items():
        names = models[name]["params"]
        in_some = set()
        for stack in found.stacks:
            placed = [place.name for place in stack.places]
            assert placed == in_pattern(stack.title, names), (name, stack.title)
            in_some.update(placed)
        assert list(found.rest) == [n for n in names if n not in in_some], name


def test_components_and_layers_are_those_of_the_places(namings):
    for found in namings.values():
        for stack in found.stacks:
            assert Counter(stack.components).most_common(1)[0][1] == 1
            assert set(stack.components) == {place.component for place in stack.places}
            assert set(stack.layers) == {place.layer for place in stack.places}


def test_a_stack_has_as_many_layers_as_the_model_says(models, namings):
    counted = [
        name
        for name, model in models.items()
        if model["n_layers"] and any(n == model["n_layers"] for n, _ in model["lists"].values())
    ]
    right = [
        name
        for name in counted
        if any(len(stack.layers) == models[name]["n_layers"] for stack in namings[name].stacks)
    ]
    assert len(counted) == 355
    # The other two name the first size of a list that has another size in every stage.
    assert set(counted) - set(right) == {"pp_ocrv5_mobile_rec", "pp_ocrv5_server_rec"}


def aliased_share(stack, shapes, dimensions):
    counted = [
        place
        for place in stack.places
        if place.tail == "weight" and len(shapes[place.name]) >= dimensions
    ]
    return sum(p.component.split(".")[0] in FAMILIES for p in counted) / len(counted)


@pytest.mark.parametrize(("dimensions", "least"), [(2, 0.93), (0, 0.89)])
def test_nearly_all_weights_of_language_models_have_an_alias(models, namings, dimensions, least):
    types = (DATA / "causal_lm_types.txt").read_text().split()
    full = [
        name
        for name in types
        if aliased_share(namings[name].stacks[0], models[name]["params"], dimensions) >= 0.99
    ]
    assert len(types) == 132
    assert len(full) / len(types) >= least


LLAMA = "attn.q attn.k attn.v attn.o mlp.gate mlp.up mlp.down attn.norm mlp.norm"
BERT = "attn.q attn.k attn.v attn.o attn.norm mlp.up mlp.down mlp.norm"


@pytest.mark.parametrize(
    ("name", "title", "expected"),
    [
        ("llama", "layers", LLAMA),
        ("gpt2", "h", "attn.norm attn.qkv attn.o mlp.norm mlp.up mlp.down"),
        ("bloom", "h", "attn.norm attn.qkv attn.o mlp.norm mlp.up mlp.down"),
        ("bert", "encoder.layer", BERT),
        ("distilbert", "transformer.layer", BERT),
        ("albert", "encoder.albert_layer_groups", BERT),
        ("modernbert", "layers", "attn.norm attn.qkv attn.o mlp.norm mlp.gate_up mlp.down"),
        ("vit", "layers", BERT),
        (
            "t5",
            "decoder.block",
            "attn.q attn.k attn.v attn.o attn.relative_attention_bias attn.norm xattn.q xattn.k"
            " xattn.v xattn.o xattn.norm mlp.up mlp.down mlp.norm",
        ),
        (
            "bart",
            "decoder.layers",
            "attn.k attn.v attn.q attn.o attn.norm xattn.k xattn.v xattn.q xattn.o xattn.norm"
            " mlp.up mlp.down mlp.norm",
        ),
        ("gemma2", "layers", f"{LLAMA} attn.post_norm mlp.post_norm"),
        (
            "olmo2",
            "layers",
            "attn.q attn.k attn.v attn.o attn.q_norm attn.k_norm mlp.gate mlp.up mlp.down"
            " attn.post_norm mlp.post_norm",
        ),
        (
            "mixtral",
            "layers",
            "attn.q attn.k attn.v attn.o moe.router moe.gate_up moe.down attn.norm mlp.norm",
        ),
        (
            "qwen2_moe",
            "layers",
            "attn.q attn.k attn.v attn.o moe.router moe.gate_up moe.down moe.shared.gate"
            " moe.shared.up moe.shared.down moe.shared_expert_gate attn.norm mlp.norm",
        ),
        (
            "deepseek_v3",
            "layers",
            "attn.q_a attn.q_a_norm attn.q_b attn.kv_a attn.kv_a_norm attn.kv_b attn.o mlp.gate"
            " mlp.up mlp.down moe.gate_up moe.down moe.router moe.shared.gate moe.shared.up"
            " moe.shared.down attn.norm mlp.norm",
        ),
        (
            "jetmoe",
            "layers",
            "moe.gate_up moe.down moe.router attn.norm mlp.norm attn.experts mlp attn.kv"
            " attn.experts.input_linear attn.experts.output_linear attn.experts.router.layer",
        ),
        (
            "jamba",
            "layers",
            "ssm.A_log ssm.D ssm.conv ssm.in_proj ssm.x_proj ssm.dt_proj ssm.out_proj"
            " ssm.dt_layernorm ssm.b_layernorm ssm.c_layernorm attn.q attn.k attn.v attn.o mlp.gate"
            " mlp.up mlp.down moe.router moe.gate_up moe.down mixer.norm mlp.norm",
        ),
        (
            "mamba2",
            "layers",
            "norm ssm.dt_bias ssm.A_log ssm.D ssm.conv ssm.in_proj ssm.norm ssm.out_proj",
        ),
        (
            "swin",
            "encoder.layers.*.blocks",
            "attn.q attn.k attn.v attn.o"
            " attn.relative_position_bias.relative_position_bias_table attn.norm mlp.norm mlp.up"
            " mlp.down",
        ),
    ],
)
def test_what_well_known_models_have(namings, name, title, expected):
    stack = next(stack for stack in namings[name].stacks if stack.title == title)
    assert sorted(stack.components) == sorted(expected.split())


def test_a_router_is_no_gate_and_a_gate_no_router(models, namings):
    for name, found in namings.items():
        splits = split_all(models[name]["params"])
        for stack in found.stacks:
            for place in stack.places:
                last = splits[place.name].path[-1]
                if place.component.endswith("mlp.gate"):
                    assert last not in ("gate", "router"), place
                if place.component.endswith("moe.router"):
                    assert last not in ("gate_proj", "w1"), place


def test_parallel_attentions_keep_their_paths(namings):
    two_way = next(s for s in namings["sam"].stacks if s.title == "mask_decoder.transformer.layers")
    assert "cross_attn_token_to_image.q_proj" in two_way.components
    assert not [c for c in two_way.components if c.startswith("xattn.")]


def test_of_two_feed_forwards_none_is_the_feed_forward(namings):
    conformer = next(s for s in namings["canary"].stacks if s.title == "encoder.layers")
    assert {"feed_forward1.linear1", "feed_forward2.linear1"} <= set(conformer.components)
    assert "attn.q" in conformer.components


# ── levels ───────────────────────────────────────────────────────────────────────────────────


def test_nested_repeats_are_stacks_of_their_own_the_inner_one_first(namings, models):
    inner, outer = namings["swin"].stacks[:2]
    assert (inner.title, outer.title) == ("encoder.layers.*.blocks", "encoder.layers")
    assert inner.layers[:4] == ("0.0", "0.1", "1.0", "1.1")
    assert outer.layers == (0, 1, 2, 3)
    assert {"blocks.0.attn.q", "downsample.reduction"} <= set(outer.components)
    shapes = models["swin"]["params"]
    assert sum(math.prod(shapes[p.name]) for p in outer.places) == sum(
        math.prod(shape) for name, shape in shapes.items() if name.startswith("encoder.layers.")
    )


def test_two_blocks_of_a_kind_in_a_layer_have_their_number_in_the_label(namings):
    stack = namings["longcat_flash"].stacks[0]
    assert (stack.title, len(stack.layers)) == ("layers", 28)
    assert {"attn.0.q_a", "attn.1.o", "mlp.0.gate", "mlp.1.norm"} <= set(stack.components)


def test_rows_are_in_order_of_their_numbers_whatever_that_of_the_names():
    shapes = repeated("blocks.{}.", weights("attn.qkv attn.proj"), 12)
    assert read_names(dict(sorted(shapes.items()))).stacks[0].layers == tuple(range(12))


def test_a_plain_sequential_is_a_stack():
    naming = read_names({"0.weight": (4, 8), "0.bias": (4,), "2.weight": (2, 4), "2.bias": (2,)})
    (stack,) = naming.stacks
    assert (stack.title, stack.layers, stack.components) == ("", (0, 2), ("layer",))


def test_a_transformer_in_a_sequential_is_no_layer_of_it():
    layer = weights("attention.self.query intermediate.dense output.dense")
    shapes = repeated("0.auto_model.encoder.layer.{}.", layer, 4) | {"2.linear.weight": (8, 8)}
    naming = read_names(shapes)
    assert [stack.title for stack in naming.stacks] == ["0.auto_model.encoder.layer"]
    assert naming.rest == ("2.linear.weight",)


def test_experts_are_no_stack():
    naming = read_names(repeated("experts.{}.", weights("w1 w2 w3"), 8))
    assert naming.stacks == ()
    assert len(naming.rest) == 24


def test_the_largest_stack_comes_first():
    small = repeated("encoder.layers.{}.", weights("attn.q mlp.up", q=(2, 2), up=(2, 2)), 3)
    large = repeated("decoder.layers.{}.", weights("attn.q mlp.up"), 2)
    assert [s.title for s in read_names(small | large).stacks] == [
        "decoder.layers",
        "encoder.layers",
    ]


# ── schemes ──────────────────────────────────────────────────────────────────────────────────

FF = {"linear1": (32, 8), "linear2": (8, 32)}


@pytest.mark.parametrize(
    ("prefix", "layer", "expected"),
    [
        pytest.param(
            "layers.{}.",
            {"self_attn.in_proj_weight": (24, 8), "self_attn.in_proj_bias": (24,)}
            | weights("self_attn.out_proj linear1 linear2 norm1 norm2", **FF),
            "attn.qkv attn.o mlp.up mlp.down attn.norm mlp.norm",
            id="torch encoder",
        ),
        pytest.param(
            "decoder.layers.{}.",
            {"self_attn.in_proj_weight": (24, 8), "multihead_attn.in_proj_weight": (24, 8)}
            | weights(
                "self_attn.out_proj multihead_attn.out_proj linear1 linear2 norm1 norm2 norm3", **FF
            ),
            "attn.qkv xattn.qkv attn.o xattn.o mlp.up mlp.down attn.norm xattn.norm mlp.norm",
            id="torch decoder",
        ),
        pytest.param(
            "decoder.layers.{}.",
            {
                "self_attention.linear_qkv.layer_norm_weight": (8,),
                "mlp.linear_fc1.layer_norm_weight": (8,),
            }
            | weights(
                "self_attention.linear_qkv self_attention.linear_proj mlp.linear_fc1"
                " mlp.linear_fc2",
                linear_fc1=(64, 8),
                linear_fc2=(8, 32),
            ),
            "attn.norm mlp.norm attn.qkv attn.o mlp.gate_up mlp.down",
            id="Megatron",
        ),
        pytest.param(
            "blk.{}.",
            weights(
                "attn_norm attn_q attn_k attn_v attn_output post_attention_norm ffn_norm ffn_gate"
                " ffn_up ffn_down post_ffw_norm"
            ),
            "attn.norm attn.q attn.k attn.v attn.o attn.post_norm mlp.norm mlp.gate mlp.up mlp.down"
            " mlp.post_norm",
            id="GGUF, Gemma",
        ),
        pytest.param(
            "blk.{}.",
            weights(
                "attn_norm attn_kv_a_mqa attn_kv_b attn_output ffn_gate_inp ffn_gate_inp_shexp"
                " ffn_gate_shexp ffn_norm"
            )
            | weights("ffn_up_exps ffn_down_exps", ffn_up_exps=(4, 8, 8), ffn_down_exps=(4, 8, 8)),
            "attn.norm attn.kv_a attn.kv_b attn.o moe.router moe.shared_expert_gate moe.shared.gate"
            " mlp.norm moe.up moe.down",
            id="GGUF, experts",
        ),
        pytest.param(
            "blk.{}.",
            {"ssm_a": (8, 2), "ssm_d": (8,)} | weights("attn_norm ssm_in ssm_conv1d ssm_x ssm_out"),
            "ssm.A ssm.D mixer.norm ssm.in_proj ssm.conv ssm.x_proj ssm.out_proj",
            id="GGUF, Mamba",
        ),
        pytest.param(
            "layers.{}.",
            weights(
                "attention.wq attention.wk attention.wv attention.wo feed_forward.w1"
                " feed_forward.w2 feed_forward.w3 attention_norm ffn_norm"
            ),
            "attn.q attn.k attn.v attn.o mlp.gate mlp.down mlp.up attn.norm mlp.norm",
            id="Meta",
        ),
        pytest.param(
            "blocks.{}.",
            {
                "ln1.w": (8,),
                "ln2.w": (8,),
                "attn.W_Q": (2, 8, 4),
                "attn.b_Q": (2, 4),
                "attn.W_O": (2, 4, 8),
                "mlp.W_in": (8, 32),
                "mlp.b_in": (32,),
                "mlp.W_gate": (8, 32),
                "mlp.W_out": (32, 8),
            },
            "attn.norm mlp.norm attn.q attn.o mlp.up mlp.gate mlp.down",
            id="TransformerLens",
        ),
        pytest.param(
            "transformer_blocks.{}.",
            weights(
                "norm1 attn1.to_q attn1.to_k attn1.to_v attn1.to_out.0 norm2 attn2.to_q attn2.to_k"
                " attn2.to_v attn2.to_out.0 norm3"
            )
            | {"ff.net.0.proj.weight": (64, 8), "ff.net.2.weight": (8, 32)},
            "attn.norm attn.q attn.k attn.v attn.o xattn.norm xattn.q xattn.k xattn.v xattn.o"
            " mlp.norm mlp.gate_up mlp.down",
            id="diffusers",
        ),
        pytest.param(
            "blocks.{}.",
            weights("norm1 attn.qkv attn.proj norm2 mlp.fc1 mlp.fc2") | {"ls1.gamma": (8,)},
            "attn.norm attn.qkv attn.o mlp.norm mlp.up mlp.down ls1.gamma",
            id="timm",
        ),
    ],
)
def test_other_schemes(prefix, layer, expected):
    assert components(repeated(prefix, layer)) == tuple(expected.split())


def test_a_gate_beside_experts_is_a_router_and_elsewhere_a_gate():
    dense = repeated("layers.{}.", weights("mlp.gate mlp.up mlp.down"))
    assert set(components(dense)) == {"mlp.gate", "mlp.up", "mlp.down"}
    experts = weights("block_sparse_moe.gate", gate=(4, 8)) | {
        f"block_sparse_moe.experts.{e}.{w}.weight": (8, 8)
        for e in range(4)
        for w in ("w1", "w2", "w3")
    }
    assert set(components(repeated("layers.{}.", experts))) == {
        "moe.router",
        "moe.gate",
        "moe.up",
        "moe.down",
    }
    alone = repeated("layers.{}.", weights("mlp.gate attn.q_proj"))
    assert components(alone) == ("*.mlp.gate", "attn.q")  # its path, which is no label


ATTENTION = {"attn.qkv.weight": (24, 8), "attn.proj.weight": (8, 8), "norm1.weight": (8,)}


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        pytest.param(
            {"mlp.w1": (20, 8), "mlp.w2": (8, 20), "mlp.w3": (20, 8)},
            "mlp.gate mlp.down mlp.up",
            id="Llama's w2 comes down",
        ),
        pytest.param(
            {"mlp.w1": (20, 8), "mlp.w2": (20, 8), "mlp.w3": (8, 20), "mlp.ffn_ln": (20,)},
            "mlp.gate mlp.up mlp.down mlp.ffn_ln",
            id="xformers' w3 comes down",
        ),
        pytest.param(
            {"mlp.w1": (8, 20), "mlp.w2": (20, 8), "mlp.w3": (20, 8)},
            "mlp.w1 mlp.w2 mlp.w3",
            id="nobody's w1 comes down",
        ),
        pytest.param(
            {"mlp.w12": (40, 8), "mlp.w3": (8, 20)}, "mlp.gate_up mlp.down", id="DINOv2's w12"
        ),
        pytest.param(
            {"mlp.w13": (40, 8), "mlp.w2": (8, 20)}, "mlp.gate_up mlp.down", id="vLLM's w13"
        ),
        pytest.param(
            {"mlp.gate_proj": (20, 8), "mlp.down_proj": (8, 20)},
            "mlp.up mlp.down",
            id="a gate of nothing only goes up",
        ),
        pytest.param(
            {"ffn_up": (40, 8), "ffn_down": (8, 20)}, "mlp.gate_up mlp.down", id="GGUF's Phi-3"
        ),
        pytest.param(
            {
                "moe.gate": (4, 8),
                "moe.gate_proj": (4, 20, 8),
                "moe.up_proj": (4, 20, 8),
                "moe.down_proj": (4, 8, 20),
            },
            "moe.router moe.gate moe.up moe.down",
            id="Step's experts in one parameter",
        ),
        pytest.param(
            {
                "block_sparse_moe.input_linear.weight[gate]": (4, 40, 8),
                "block_sparse_moe.input_linear.weight[up]": (4, 40, 8),
                "block_sparse_moe.output_linear": (4, 8, 20),
                "block_sparse_moe.router.layer": (4, 8),
            },
            "moe.gate moe.up moe.down moe.router",
            id="Granite's fused experts",
        ),
    ],
)
def test_names_and_shapes_tell_the_parts_of_a_feed_forward(layer, expected):
    layer = {n if n.endswith("]") else f"{n}.weight": shape for n, shape in layer.items()}
    found = components(repeated("layers.{}.", ATTENTION | layer))
    assert found[3:] == tuple(expected.split())


def test_the_last_norm_of_a_conformer_is_no_feed_forwards():
    layer = weights("ffn1.up_proj ffn1.down_proj self_attn.q_proj ffn2.up_proj ffn2.down_proj") | {
        f"{norm}.weight": (8,)
        for norm in ("ffn1_layer_norm", "self_attn_layer_norm", "final_layer_norm")
    }
    found = components(repeated("layers.{}.", layer))
    assert set(found) >= {"final_layer_norm", "attn.norm"}
    assert "mlp.norm" not in found


def test_a_norm_between_two_matrices_is_not_the_one_before_them():
    layer = weights("self_attn.q_proj ffn.fc1 ffn.fc2", fc1=(20, 8), fc2=(8, 20)) | {
        "self_attn_layer_norm.weight": (8,),
        "ffn.ffn_layernorm.weight": (20,),
        "final_layer_norm.weight": (8,),
    }
    naming = read_names(repeated("layers.{}.", layer))
    labels = {p.name.removeprefix("layers.0."): p.component for p in naming.stacks[0].places}
    assert labels["final_layer_norm.weight"] == "mlp.norm"
    assert labels["ffn.ffn_layernorm.weight"] == "mlp.ffn_layernorm"


def test_a_path_that_reads_like_a_label_is_told_from_it():
    layer = weights("attn.wq_a attn.wq_b attn.wkv_a attn.wkv_b attn.wo") | {
        "attn.q_norm.weight": (4,),
        "attn.kv_norm.weight": (3,),
        "attn.norm.weight": (3,),
        "attn_norm.weight": (8,),
    }
    naming = read_names(repeated("layers.{}.", layer))
    labels = {p.name.removeprefix("layers.0."): p.component for p in naming.stacks[0].places}
    expected = {
        "attn.q_norm.weight": "attn.q_a_norm",  # of the latent, as there are two matrices for q
        "attn.kv_norm.weight": "attn.kv_a_norm",
        "attn.norm.weight": "*.attn.norm",
        "attn_norm.weight": "attn.norm",
    }
    assert {name: labels[name] for name in expected} == expected


def test_a_star_in_a_name_is_a_letter_like_others():
    shapes = repeated("layers.{}.", {"a.*.3.weight": (3, 3), "*.weight": (3, 3)})
    assert components(shapes) == ("a.*.3", "*")


def test_experts_that_have_a_parameter_each_have_their_number():
    shapes = repeated(
        "layers.{}.mlp.",
        {f"experts.{e}.up_proj.weight": (8, 8) for e in range(3)}
        | {"experts.down_proj": (3, 8, 8), "experts.down_proj_bias": (3, 8), "gate.weight": (3, 8)},
    )
    by_name = {place.name: place for place in read_names(shapes).stacks[0].places}
    up = by_name["layers.1.mlp.experts.2.up_proj.weight"]
    assert (up.layer, up.expert, up.component) == (1, 2, "moe.up")
    down = by_name["layers.0.mlp.experts.down_proj"]
    assert (down.expert, down.component, down.tail) == (None, "moe.down", "weight")
    bias = by_name["layers.0.mlp.experts.down_proj_bias"]
    assert (bias.expert, bias.component, bias.tail) == (None, "moe.down", "bias")


def test_a_weight_for_each_expert_in_one_module():
    shapes = repeated(
        "decoder.layers.{}.mlp.",
        {f"experts.linear_fc1.weight{e}": (8, 8) for e in range(3)} | {"router.weight": (3, 8)},
    )
    places = read_names(shapes).stacks[0].places
    assert {(p.component, p.expert) for p in places} == {
        ("moe.router", None),
        ("moe.up", 0),
        ("moe.up", 1),
        ("moe.up", 2),
    }


def test_experts_within_attention_are_numbered_once():
    assert expert_label("attn.experts.input_linear", 3) == "attn.experts.3.input_linear"
    assert expert_label("moe.up", 3) == "moe.experts.3.up"


def test_experts_of_one_number_keep_their_names():
    ends = [f"experts.{expert}.up_proj.weight" for expert in ("3", "expert_3")]
    (stack,) = read_names(repeated("layers.{}.mlp.", dict.fromkeys(ends, (8, 8)))).stacks
    assert [(p.component, p.expert) for p in stack.places] == [(p.name, 3) for p in stack.places]
    assert len(stack.components) == 4


def test_one_expert_has_a_label_of_its_own():
    assert expert_label("moe.up", 3) == "moe.experts.3.up"
    assert expert_label("up", 3) == "up.experts.3"


def test_slices_are_what_they_are_called():
    shapes = repeated(
        "layers.{}.",
        {f"self_attn.qkv_proj.weight[{p}]": (24, 8) for p in "qkv"}
        | {f"self_attn.in_proj_bias[{p}]": (24,) for p in "qkv"}
        | {f"mlp.experts.gate_up_proj[{p}]": (4, 64, 8) for p in ("gate", "up")}
        | {"mlp.gate.weight": (4, 8), "linear_attn.in_proj_qkvz.weight[z]": (8, 8)}
        | {"linear_attn.A_log": (4,), "linear_attn.out_proj.weight": (8, 8)},
    )
    stack = read_names(shapes).stacks[0]
    assert set(stack.components) == {
        *("attn.q", "attn.k", "attn.v", "moe.gate", "moe.up", "moe.router"),
        *("ssm.in_proj_qkvz[z]", "ssm.A_log", "ssm.out_proj"),
    }


def test_a_weight_for_each_of_three_and_one_bias_for_all():
    layer = {f"self_attn.{p}_proj_weight": (8, 8) for p in "qkv"}
    layer |= {f"self_attn.in_proj_bias[{p}]": (24,) for p in "qkv"}
    places = read_names(repeated("layers.{}.", layer)).stacks[0].places
    assert {(p.component, p.tail) for p in places} == {
        (f"attn.{p}", tail) for p in "qkv" for tail in ("weight", "bias")
    }


def test_shapes_tell_a_fused_matrix_from_one_that_goes_up():
    for first, expected in {(64, 8): "mlp.gate_up", (32, 8): "mlp.up"}.items():
        layer = weights("mlp.dense_h_to_4h mlp.dense_4h_to_h")
        layer["mlp.dense_h_to_4h.weight"], layer["mlp.dense_4h_to_h.weight"] = first, (8, 32)
        assert components(repeated("h.{}.", layer)) == (expected, "mlp.down")


def test_two_matrices_side_by_side_are_not_guessed_at():
    layer = weights("mlp.w1 mlp.w2 mlp.c_proj", w1=(32, 8), w2=(32, 8), c_proj=(8, 32))
    assert components(repeated("h.{}.", layer)) == ("mlp.w1", "mlp.w2", "mlp.down")


# ── tails, wrappers, buffers ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("end", "path", "tail"),
    [
        ("q_proj.weight", "q_proj", "weight"),
        ("q_proj.bias", "q_proj", "bias"),
        ("q_proj", "q_proj", "weight"),
        ("q_proj.base_layer.weight", "q_proj", "weight"),
        ("q_proj.lora_A.default.weight", "q_proj", "lora_A"),
        ("q_proj.lora_B.weight", "q_proj", "lora_B"),
        ("q_proj.lora_B.default.bias", "q_proj", "lora_B.bias"),
        ("q_proj.lora_embedding_A.default", "q_proj", "lora_embedding_A"),
        ("q_proj.lora_magnitude_vector.default.weight", "q_proj", "lora_magnitude_vector"),
        ("q_proj.qweight", "q_proj", "qweight"),
        ("q_proj.g_idx", "q_proj", "g_idx"),
        ("q_proj.weight_scale_inv", "q_proj", "weight_scale_inv"),
        ("q_proj.weight.absmax", "q_proj", "absmax"),
        ("q_proj.weight.quant_state.bitsandbytes__nf4", "q_proj", "quant_state.bitsandbytes__nf4"),
        ("q_proj.SCB", "q_proj", "SCB"),
        ("q_proj.weight_g", "q_proj", "weight_g"),
        ("q_proj.parametrizations.weight.original0", "q_proj", "weight.original0"),
        ("in_proj_weight", "in_proj", "weight"),
        ("A_log", "A_log", "weight"),
        ("dt_bias", "dt_bias", "weight"),
        ("norm.scale", "norm", "weight"),
        ("norm.beta", "norm", "bias"),
        ("fc.kernel", "fc", "weight"),
    ],
)
def test_tails(end, path, tail):
    name = f"layers.0.{end}"
    short = unwrap([name])[name]
    split = split_all([short])[short]
    assert (".".join(split.path), split.tail) == (f"layers.0.{path}", tail)


def test_what_is_beside_a_bias_tells_whose_it_is():
    layer = {"mlp.experts.up_proj_blocks": (2, 4, 2, 16), "mlp.experts.up_proj_scales": (2, 4, 2)}
    layer |= {"mlp.experts.up_proj_bias": (2, 4), "mlp.router.weight": (2, 4), "mlp.A_bias": (3,)}
    places = read_names(repeated("layers.{}.", layer)).stacks[0].places
    assert {(p.component, p.tail) for p in places} == {
        *(("moe.up", "blocks"), ("moe.up", "scales"), ("moe.up", "bias")),
        *(("moe.router", "weight"), ("moe.A_bias", "weight")),
    }


def test_several_adapters_keep_their_names():
    layer = {f"q_proj.lora_A.{name}.weight": (2, 8) for name in ("one", "two")}
    places = read_names(repeated("layers.{}.", layer)).stacks[0].places
    assert {place.tail for place in places} == {"lora_A.one", "lora_A.two"}


PLAIN = repeated(
    "model.layers.{}.",
    weights("self_attn.q_proj self_attn.o_proj mlp.up_proj mlp.down_proj input_layernorm"),
    3,
)


@pytest.mark.parametrize(
    "wrapper",
    [
        "module.{}",
        "_orig_mod.{}",
        "module._orig_mod.{}",
        "_orig_mod.module.{}",
        "module.module.{}",
        "_fsdp_wrapped_module._fsdp_wrapped_module.{}",
        "base_model.model.{}",
    ],
)
def test_wrappers_change_nothing(wrapper):
    wrapped = read_names({wrapper.format(name): shape for name, shape in PLAIN.items()})
    plain = read_names(PLAIN)
    assert [(s.title, s.layers, s.components) for s in wrapped.stacks] == [
        (s.title, s.layers, s.components) for s in plain.stacks
    ]
    assert wrapped.stacks[0].places[0].name == wrapper.format(next(iter(PLAIN)))


@pytest.mark.parametrize(
    ("path", "called"),
    [
        ("layers.0.attn.q_proj", "layers.0.attn.q_proj"),
        ("layers.0.attn.q_proj.base_layer", "layers.0.attn.q_proj"),
        ("layers.0._orig_mod", "layers.0"),
        ("layers.0.linear.parametrizations.weight", "layers.0.linear"),
        ("linear.base_layer.parametrizations.weight", "linear"),
        ("base_layer.attn", "base_layer.attn"),
        ("", ""),
    ],
)
def test_what_a_model_calls(path, called):
    assert called_path(path) == called


def test_wrappers_in_the_middle_change_nothing():
    inner = "._fsdp_wrapped_module._checkpoint_wrapped_module."
    wrapped = {re.sub(r"(layers\.\d+)\.", rf"\1{inner}", name): s for name, s in PLAIN.items()}
    assert read_names(wrapped).stacks[0].components == read_names(PLAIN).stacks[0].components


def test_names_that_only_a_wrapper_tells_apart_stay_apart():
    shapes = PLAIN | {f"module.{name}": shape for name, shape in PLAIN.items()}
    titles = {stack.title for stack in read_names(shapes).stacks}
    assert titles == {"model.layers", "module.model.layers"}


@pytest.mark.parametrize(
    ("name", "shape", "expected"),
    [
        ("model.layers.0.self_attn.rotary_emb.inv_freq", (32,), True),
        ("h.0.attn.masked_bias", (), True),
        ("h.0.attn.bias", (1, 1, 1024, 1024), True),
        ("h.0.attn.bias", (1024,), False),
        ("embeddings.position_ids", (1, 512), True),
        ("bn1.running_mean", (64,), True),
        ("bn1.weight", (64,), False),
    ],
)
def test_what_is_no_parameter_is_known_by_its_name(name, shape, expected):
    assert is_buffer(name, shape) is expected


# ── the order of components ──────────────────────────────────────────────────────────────────


def test_components_are_in_the_models_own_order():
    layer = weights("ln_1 attn.c_attn attn.c_proj ln_2 mlp.c_fc mlp.c_proj")
    assert components(repeated("h.{}.", layer)) == (
        *("attn.norm", "attn.qkv", "attn.o", "mlp.norm", "mlp.up", "mlp.down"),
    )


def test_layers_of_several_kinds_stand_beside_what_they_have_in_common():
    both = weights("mlp.up_proj mlp.down_proj")
    mamba = {
        f"layers.{i}.{n}": s for i in (0, 2) for n, s in (weights("mamba.in_proj") | both).items()
    }
    attention = {f"layers.1.{n}": s for n, s in (weights("self_attn.q_proj") | both).items()}
    assert components(dict(mamba | attention)) == ("ssm.in_proj", "attn.q", "mlp.up", "mlp.down")


def test_layers_with_nothing_in_common_stand_one_after_the_other(namings):
    # Mamba, experts, attention and a feed-forward, each a layer by itself.
    families = [name.split(".")[0] for name in namings["nemotron_h"].stacks[0].components]
    assert list(dict.fromkeys(families)) == ["norm", "ssm", "moe", "attn", "mlp"]


SORTED = "attn.norm attn.q attn.k attn.v attn.o mlp.norm mlp.gate mlp.up mlp.down"


def test_sorted_names_come_in_the_order_of_the_field():
    layer = weights(
        "self_attn.q_proj self_attn.k_proj self_attn.v_proj self_attn.o_proj mlp.gate_proj"
        " mlp.up_proj mlp.down_proj input_layernorm post_attention_layernorm"
    )
    shapes = repeated("model.layers.{}.", layer, 12)
    assert components(dict(sorted(shapes.items()))) == tuple(SORTED.split())


def test_what_has_no_place_of_its_own_follows_the_rest_of_its_block():
    labels = each("moe.shared.x moe.x moe.shared_expert_gate moe.shared.up moe.up attn.x attn.o")
    assert order([labels], by_rank=True) == (
        *("attn.o", "attn.x", "moe.up", "moe.x"),
        *("moe.shared.up", "moe.shared.x", "moe.shared_expert_gate"),
    )


def test_a_gguf_file_keeps_the_order_of_sorted_names_that_it_was_made_from():
    layer = weights("attn_norm ffn_down ffn_gate ffn_up ffn_norm attn_k attn_output attn_q attn_v")
    assert components(repeated("blk.{}.", layer, 3)) == tuple(SORTED.split())


# ── whatever the names ───────────────────────────────────────────────────────────────────────

WORDS = each(
    "layers blocks attn self_attn attn2 attention.self mlp mlp.0 experts experts.1 shared_experts"
    " expert_1 router gate gate_up_proj q_proj q k out_proj wq up fc1 fc2 w1 w2 w3 norm norm1 ln_2"
    " post_attention_layernorm mixer A_log x layer 0 1 2 10 00 attn_q ffn_up cross_attn in_proj"
)
ENDS = each("weight bias b W_Q b_Q in_proj_weight in_proj_bias lora_A.default.weight scales x x[q]")
SHAPES = st.sampled_from([(), (4,), (8, 4), (4, 8), (4, 8, 4), (0, 3)])


def made_up(words=WORDS, ends=ENDS):
    path = st.lists(st.sampled_from(words), max_size=6)
    name = st.builds(lambda path, end: ".".join([*path, end]), path, st.sampled_from(ends))
    return st.dictionaries(name, SHAPES, min_size=1, max_size=30)


def place_of(naming):
    return {(stack.title, place.name): place for stack in naming.stacks for place in stack.places}


@given(made_up([*WORDS, "module", "_orig_mod", "base_layer", "", "Ünïcode", "9" * 30]))
def test_any_names_have_places_of_their_own(shapes):
    naming = read_names(shapes)
    for stack in naming.stacks:
        assert cells(stack)
        assert len({place.name for place in stack.places}) == len(stack.places)
        assert set(stack.components) == {place.component for place in stack.places}
    placed = {place.name for stack in naming.stacks for place in stack.places}
    assert placed | set(naming.rest) == set(shapes)
    assert placed.isdisjoint(naming.rest)


@given(made_up(ends=["weight", "bias"]))
def test_any_name_is_in_each_stack_whose_pattern_it_has(shapes):
    for stack in read_names(shapes).stacks:
        assert [place.name for place in stack.places] == in_pattern(stack.title, shapes)


@given(made_up(), st.randoms(use_true_random=False))
def test_the_order_of_names_changes_no_place(shapes, random):
    names = list(shapes)
    random.shuffle(names)
    shuffled = {name: shapes[name] for name in names}
    assert place_of(read_names(shuffled)) == place_of(read_names(shapes))


@given(made_up(), st.sampled_from(["module.", "_orig_mod.", "base_model.model.", "module.module."]))
def test_wrapping_changes_no_place(shapes, prefix):
    wrapped = read_names({prefix + name: shape for name, shape in shapes.items()})
    plain = read_names(shapes)
    assert [(s.title, s.layers, s.components) for s in wrapped.stacks] == [
        (s.title, s.layers, s.components) for s in plain.stacks
    ]
    assert wrapped.rest == tuple(prefix + name for name in plain.rest)


def test_very_deep_names_and_very_long_numbers():
    shapes = {
        ".".join(["0", "a"] * 900): (2, 2),
        ".".join("01" * 900): (2,),
        f"a.{'9' * 6000}.b": (),
    }
    naming = read_names(shapes)
    assert {p.name for s in naming.stacks for p in s.places} | set(naming.rest) == set(shapes)
