"""How q, k and v, or gate and up, lie in the one matrix that holds them. Pure.

A name alone never tells: the same ``query_key_value`` is three blocks in one kind of model and
alternates per head in another. So a layout is looked up by the projection's name together with
the ``model_type`` of a configuration, and it has to fit the shape.

The layouts are those of transformers' modelling code, and for InternLM2, ChatGLM2, Baichuan, Qwen,
nanoGPT and Megatron of the code that came with them. ``tests/libraries/test_fused.py`` runs the
former.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

Config = Mapping[str, Any]


class Split(NamedTuple):
    """How parts follow each other along an axis: `groups` times the same `parts`, with widths."""

    groups: int
    parts: tuple[tuple[str, int], ...]

    @property
    def length(self) -> int:
        """Along the axis, all together."""
        return self.groups * sum(width for _, width in self.parts)


def equal_parts(names: Sequence[str], length: int, groups: int = 1) -> Split | None:
    """Parts of one width, `groups` times; None if the length does not divide so."""
    width, rest = divmod(length, groups * len(names))
    return None if rest else Split(groups, tuple((name, width) for name in names))


def gate_up(length: int) -> Split | None:
    """All of gate, which goes through the activation, then all of up."""
    return equal_parts(("gate", "up"), length)


def alternating(length: int) -> Split | None:
    """Gate and up in turn."""
    return equal_parts(("gate", "up"), length, groups=max(length // 2, 1))


# Each layout takes the shape of the matrix as (out, in) and a configuration, and gives None where
# the configuration lacks what it needs.
Layout = Callable[[tuple[int, int], Config], Split | None]


def _equal(*names: str, groups: int = 1) -> Layout:
    """Give the layout of equal parts, which needs no configuration."""
    return lambda shape, config: equal_parts(names, shape[0], groups)


_THIRDS = _equal("q", "k", "v")
_HALVES = _equal("k", "v")
_GATE_UP = _equal("gate", "up")
_UP_GATE = _equal("up", "gate")
#: A group for each core that CodeGen was trained on; k comes last.
_CODEGEN = _equal("q", "v", "k", groups=4)


# ── numbers of heads ─────────────────────────────────────────────────────────────────────────


class Heads(NamedTuple):
    """What a configuration says about the heads of attention."""

    n: int
    n_kv: int
    width: int


def _number(config: Config, *names: str) -> int | None:
    for name in names:
        value = config.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
    return None


def _heads(config: Config) -> Heads | None:
    attention = config.get("attn_config")  # of DBRX
    of_kv = {**attention, **config} if isinstance(attention, Mapping) else config
    n = _number(config, "num_attention_heads", "n_head", "n_heads", "num_heads")
    hidden = _number(config, "hidden_size", "n_embd", "d_model", "embed_dim")
    width = _number(config, "head_dim", "kv_channels")
    if n is None or (width is None and (hidden is None or hidden % n)):
        return None
    kv = _number(of_kv, "num_key_value_heads", "num_kv_heads", "kv_n_heads", "num_query_groups")
    return Heads(n, kv or n, width or (hidden or 0) // n)


# ── layouts of q, k and v ────────────────────────────────────────────────────────────────────


def _named(names: str, *widths: int) -> tuple[tuple[str, int], ...]:
    return tuple(zip(names, widths, strict=True))


def _square_thirds(shape: tuple[int, int], config: Config) -> Split | None:
    """Give thirds, each as wide as the input: a matrix with fewer heads for k and v is not."""
    return equal_parts("qkv", shape[0]) if shape[0] == 3 * shape[1] else None


def _blocks(shape: tuple[int, int], config: Config) -> Split | None:
    """All heads of q, then those of k, then those of v."""
    heads = _heads(config)
    if heads is None:
        return None
    kv = heads.n_kv * heads.width
    return Split(1, _named("qkv", heads.n * heads.width, kv, kv))


def _each_head(shape: tuple[int, int], config: Config) -> Split | None:
    """Of each head q, k and v."""
    heads = _heads(config)
    if heads is None:
        return None
    return Split(heads.n, _named("qkv", heads.width, heads.width, heads.width))


def _each_group(shape: tuple[int, int], config: Config) -> Split | None:
    """Of each head of k the heads of q that share it, then it, then its v."""
    heads = _heads(config)
    if heads is None or heads.n % heads.n_kv:
        return None
    q = heads.n // heads.n_kv * heads.width
    return Split(heads.n_kv, _named("qkv", q, heads.width, heads.width))


def _one_kv_head(shape: tuple[int, int], config: Config) -> Split | None:
    """All heads of q, then one of k and one of v; if `multi_query` is off, of each head all."""
    heads = _heads(config)
    if heads is None or not config.get("multi_query", True):
        return _each_head(shape, config)
    return Split(1, _named("qkv", heads.n * heads.width, heads.width, heads.width))


def _falcon(shape: tuple[int, int], config: Config) -> Split | None:
    grouped = config.get("new_decoder_architecture", False)
    return _each_group(shape, config) if grouped else _one_kv_head(shape, config)


def _nanogpt(shape: tuple[int, int], config: Config) -> Split | None:
    """Give thirds, if the configuration is nanoGPT's: it has these fields and no model_type."""
    is_its = {"block_size", "n_head", "n_embd"} <= config.keys() and "model_type" not in config
    return _square_thirds(shape, config) if is_its else None


def _chatglm(shape: tuple[int, int], config: Config) -> Split | None:
    groups = _number(config, "multi_query_group_num")
    if not config.get("multi_query_attention", False) or groups is None:
        return None
    return _blocks(shape, {**config, "num_key_value_heads": groups})


def _megatron(shape: tuple[int, int], config: Config) -> Split | None:
    return _each_group(shape, config) if "num_query_groups" in config else None


# ── layouts of gate and up ───────────────────────────────────────────────────────────────────


def _gated_megatron(shape: tuple[int, int], config: Config) -> Split | None:
    return gate_up(shape[0]) if config.get("gated_linear_unit") is True else None


def _gated_chatglm(shape: tuple[int, int], config: Config) -> Split | None:
    width = _number(config, "ffn_hidden_size")
    return gate_up(shape[0]) if width is not None and shape[0] == 2 * width else None


# ── which projection has which ───────────────────────────────────────────────────────────────

#: Any kind of model, and none: the name and the shape suffice.
_ANY = ""

GRANITE = ("granitemoe", "granitemoeshared", "granitemoehybrid", "granitemoe_swa")

#: The projection's name, the kinds of models, its layout.
_LAYOUTS: tuple[tuple[str, tuple[str, ...], Layout], ...] = (
    ("in_proj_weight", (_ANY,), _square_thirds),  # of torch.nn.MultiheadAttention
    ("qkv", (_ANY,), _square_thirds),
    ("qkv", ("hiera", "sam2_hiera_det_model", "sam2_vision_model"), _THIRDS),
    ("qkv", ("exaone4_5_vision",), _blocks),
    ("qkv_proj", ("phi3", "phi4_multimodal"), _blocks),
    ("qkv_proj", ("codegen",), _CODEGEN),
    ("qkv_proj", ("minimax",), _each_head),
    ("qkv_proj", ("gte",), _square_thirds),
    ("qkv_linear", ("layoutlmv2",), _THIRDS),
    ("in_proj", ("deberta",), _each_head),
    ("Wqkv", ("mpt", "modernbert", "nomic_bert", "jina_embeddings_v3"), _square_thirds),
    ("Wqkv", ("dbrx",), _blocks),
    ("W_pack", (_ANY,), _square_thirds),
    ("wqkv", ("internlm2",), _each_group),
    ("c_attn", ("qwen",), _THIRDS),
    ("c_attn", ("gpt_bigcode",), _one_kv_head),
    ("c_attn", (_ANY,), _nanogpt),
    ("query_key_value", ("gpt_neox", "gpt_neox_japanese", "bloom", "persimmon"), _each_head),
    ("query_key_value", ("falcon",), _falcon),
    ("query_key_value", ("chatglm",), _chatglm),
    ("linear_qkv", (_ANY,), _megatron),
    ("kv_proj", ("jetmoe",), _HALVES),
    ("to_kv", ("granite_speech_encoder", "granite_speech"), _HALVES),
    ("gate_up_proj", (_ANY,), _GATE_UP),
    ("feed_forward_in.gate_up_proj", ("phi4_multimodal",), _UP_GATE),
    ("up_gate_proj", ("gte",), _UP_GATE),
    ("input_linear", GRANITE, _GATE_UP),
    ("linear_fc1", (_ANY,), _gated_megatron),
    ("dense_h_to_4h", ("chatglm",), _gated_chatglm),
)


def find_split(name: str, shape: tuple[int, int], configs: Sequence[Config]) -> Split | None:
    """Give the split that fits, if all configurations that know any agree."""
    found = set()
    for config in configs:
        for known, kinds, layout in _LAYOUTS:
            if known == name and (_ANY in kinds or config.get("model_type") in kinds):
                split = layout(shape, config)
                if split is not None and split.length == shape[0]:
                    found.add(split)
    return found.pop() if len(found) == 1 else None
