"""Which part of a fused parameter is which; what the layouts mean is tests/libraries' business."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layergrid.models.packed import Stacked, fusions
from layergrid.models.slices import Slice

HEADS = {"hidden_size": 24, "num_attention_heads": 4, "num_key_value_heads": 2}


def pieces(name, shape, config=None, **beside):
    shapes = {name: shape, **{n.replace("__", "."): s for n, s in beside.items()}}
    found = fusions(shapes, config or {}).get(name)
    return {} if found is None else {piece: str(part) for piece, part in found.pieces}


def marked(widths, groups):
    """Rows that say what they are: `groups` times each name as often as it is wide."""
    return np.array([name for _ in range(groups) for name, n in widths for _ in range(n)])


# Written out as the models' own code takes them apart, see the comments.
LAYOUTS = {
    # lightllm, internlm2/layer_weights: reshape(n_kv, n // n_kv + 2, head_dim), [:-2], [-2], [-1]
    "internlm2": ("attention.wqkv", [("q", 12), ("k", 6), ("v", 6)], 2, HEADS),
    # Megatron Core, SelfAttention: as InternLM2, with num_query_groups
    "megatron": (
        "self_attention.linear_qkv",
        [("q", 12), ("k", 6), ("v", 6)],
        2,
        {"hidden_size": 24, "num_attention_heads": 4, "num_query_groups": 2, "kv_channels": 6},
    ),
    # ChatGLM2, SelfAttention: split([n * d, groups * d, groups * d])
    "chatglm": (
        "self_attention.query_key_value",
        [("q", 24), ("k", 12), ("v", 12)],
        1,
        {**HEADS, "multi_query_attention": True, "multi_query_group_num": 2, "kv_channels": 6},
    ),
    # Baichuan, Attention: unflatten(-1, (3, hidden_size))
    "baichuan": ("self_attn.W_pack", [("q", 24), ("k", 24), ("v", 24)], 1, HEADS),
    # Qwen, QWenAttention: split(split_size)
    "qwen": ("attn.c_attn", [("q", 24), ("k", 24), ("v", 24)], 1, HEADS),
    # transformers, conversion_mapping: Chunk(dim=0)
    "nomic_bert": ("attn.Wqkv", [("q", 24), ("k", 24), ("v", 24)], 1, HEADS),
    "gte": ("attention.qkv_proj", [("q", 24), ("k", 24), ("v", 24)], 1, HEADS),
    # Megatron Core, MLP: chunk(2), the first through the activation
    "gated megatron": ("mlp.linear_fc1", [("gate", 9), ("up", 9)], 1, {"gated_linear_unit": True}),
}


@pytest.mark.parametrize("kind", LAYOUTS)
@pytest.mark.parametrize("tail", ["weight", "bias"])
def test_layouts_of_models_that_no_library_here_has(kind, tail):
    name, widths, groups, config = LAYOUTS[kind]
    rows = marked(widths, groups)
    shapes = {f"layers.3.{name}.weight": (len(rows), 24), f"layers.3.{name}.bias": (len(rows),)}
    found = fusions(shapes, {**config, "model_type": kind})
    for piece, part in found[f"layers.3.{name}.{tail}"].pieces:
        assert set(part.of(rows)) == {piece}
        assert len(part.of(rows)) == (rows == piece).sum()


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("attn.query_key_value.weight", (72, 24)),
        ("attn.qkv_proj.weight", (72, 24)),
        ("attn.wqkv.weight", (48, 24)),
        ("attn.Wqkv.weight", (72, 24)),
        ("attn.c_attn.weight", (72, 24)),  # nanoGPT's, Qwen's or GPT-BigCode's
        ("mixer.in_proj.weight", (72, 24)),
        ("attn.in_proj_qkvz.weight", (96, 24)),
        ("attn.kv_b_proj.weight", (48, 24)),
        ("mlp.linear_fc1.weight", (72, 24)),
        ("attn.qkv.weight", (48, 24)),  # fewer heads of k and v, but how many?
        ("attn.qkv.weight", (72, 24, 1, 1)),  # a convolution; in some kinds per head
        ("attn.qkv.bias", (72,)),  # without its matrix
        ("mlp.gate_up_proj.weight", (41, 24)),
        ("attn.qkv.lora_B.default.weight", (72, 2)),
        ("q_proj.weight", (24, 24)),
    ],
)
def test_what_is_not_certain_stays_whole(name, shape):
    assert pieces(name, shape) == {}


def test_what_the_name_and_the_shape_tell():
    assert pieces("attn.qkv.weight", (72, 24)) == {"q": "[0:24]", "k": "[24:48]", "v": "[48:72]"}
    assert pieces("attn.qkv.bias", (72,), attn__qkv__weight=(72, 24))["v"] == "[48:72]"
    assert pieces("a.in_proj_weight", (72, 24))["k"] == "[24:48]"
    assert pieces("a.in_proj_bias", (72,), a__in_proj_weight=(72, 24))["k"] == "[24:48]"
    assert pieces("h.0.attn.c_attn.weight", (24, 72))["k"] == "[:, 24:48]"
    assert pieces("h.0.attn.c_attn.bias", (72,), h__0__attn__c_attn__weight=(24, 72))["k"] == (
        "[24:48]"
    )
    assert pieces("h.0.crossattention.c_attn.weight", (24, 48)) == {
        "k": "[:, 0:24]",
        "v": "[:, 24:48]",
    }
    assert pieces("mlp.gate_up_proj.weight", (40, 24)) == {"gate": "[0:20]", "up": "[20:40]"}


def test_the_configuration_has_to_fit():
    config = {**HEADS, "model_type": "phi3"}
    assert pieces("self_attn.qkv_proj.weight", (48, 24), config)["k"] == "[24:36]"
    assert pieces("self_attn.qkv_proj.weight", (72, 24), config) == {}
    for broken in ({"num_attention_heads": 0}, {"num_attention_heads": True}, {"hidden_size": 25}):
        assert pieces("self_attn.qkv_proj.weight", (48, 24), {**config, **broken}) == {}


def test_a_nested_configuration_counts_and_two_must_agree():
    text = {**HEADS, "model_type": "gpt_neox"}
    other = {**HEADS, "model_type": "falcon", "new_decoder_architecture": False}
    name, shape = "attention.query_key_value.weight", (72, 24)
    config = {"model_type": "composite", "text_config": text}
    assert pieces(name, shape, config)["k"] == "[4*6:12]"
    assert pieces(name, shape, {**config, "second": {**other, "multi_query": False}}) != {}
    wide = {**text, "num_attention_heads": 2}
    assert pieces(name, shape, {**config, "second": wide}) == {}


GATED = {"m__experts__down_proj": (3, 24, 20)}
TURNED = {"m__experts__down_proj": (3, 20, 24)}


@pytest.mark.parametrize(
    ("shape", "kind", "beside", "expected"),
    [
        ((3, 40, 24), None, GATED, {"gate": "[0:20]", "up": "[20:40]"}),
        ((3, 40, 24), "gpt_oss", GATED, {}),
        ((3, 24, 40), "gpt_oss", TURNED, {"gate": "[:, 20*0:1]", "up": "[:, 20*1:2]"}),
        ((3, 24, 40), "llama4_text", TURNED, {"gate": "[:, 0:20]", "up": "[:, 20:40]"}),
        ((3, 24, 40), "qwen3_vl_moe", TURNED, {"gate": "[:, 0:20]", "up": "[:, 20:40]"}),
        ((3, 24, 40), None, TURNED, {}),  # in turn or side by side?
        ((3, 40, 24), None, {}, {}),  # which axis?
        ((3, 40, 40), None, GATED, {}),
    ],
)
def test_experts_in_one(shape, kind, beside, expected):
    config = {} if kind is None else {"model_type": kind}
    name = "m.experts.gate_up_proj"
    assert pieces(name, shape, config, **beside) == expected
    assert fusions({name: shape}, config)[name].n_experts == 3


def test_live_modules_know_how_their_experts_lie():
    shapes = {"m.experts.gate_up_proj": (3, 24, 40), "m.experts.gate_up_proj_bias": (3, 40)}
    found = fusions(shapes, {}, {"m.experts": Stacked(transposed=True, alternating=True)})
    matrix = found["m.experts.gate_up_proj"]
    assert [str(part) for _, part in matrix.pieces] == ["[:, 20*0:1]", "[:, 20*1:2]"]
    bias = found["m.experts.gate_up_proj_bias"]
    assert bias.n_experts == 3
    assert [str(part) for _, part in bias.pieces] == ["[20*0:1]", "[20*1:2]"]


@pytest.mark.parametrize(("length", "expected"), [(0, ["gate", "up"]), (1, []), (41, [])])
def test_gate_and_up_in_turn_are_as_many(length, expected):
    shapes = {"m.experts.gate_up_proj": (3, length, 24)}
    found = fusions(shapes, {}, {"m.experts": Stacked(transposed=False, alternating=True)})
    assert [piece for piece, _ in found["m.experts.gate_up_proj"].pieces] == expected


def test_three_dimensions_are_not_always_experts():
    shapes = {"conv.weight": (8, 4, 3), "experts.0.conv.weight": (8, 4, 3), "experts.bias": (4,)}
    assert fusions(shapes, {}) == {}


@given(
    st.integers(1, 4).flatmap(
        lambda kv: st.tuples(st.just(kv), st.integers(1, 3).map(lambda n: n * kv))
    ),
    st.integers(1, 5),
    st.sampled_from(
        [
            ("phi3", "qkv_proj"),
            ("gpt_neox", "query_key_value"),
            ("falcon", "query_key_value"),
            ("internlm2", "wqkv"),
            ("dbrx", "Wqkv"),
        ]
    ),
)
def test_pieces_take_each_row_once(heads, width, model):
    (n_kv, n), (kind, name) = heads, model
    if kind == "gpt_neox":
        n_kv = n
    out = (n + 2 * n_kv) * width
    config = {"model_type": kind, "num_attention_heads": n, "head_dim": width}
    config |= {"num_key_value_heads": n_kv, "num_kv_heads": n_kv, "new_decoder_architecture": True}
    found = fusions({f"a.{name}.weight": (out, 7)}, config)[f"a.{name}.weight"].pieces
    rows = np.arange(out)
    taken = {piece: part.of(rows) for piece, part in found}
    assert sorted(np.concatenate(list(taken.values()))) == list(rows)
    of_kv = n_kv * width
    assert {p: len(r) for p, r in taken.items()} == {"q": n * width, "k": of_kv, "v": of_kv}
    assert all(isinstance(part, Slice) for _, part in found)
