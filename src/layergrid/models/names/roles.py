"""What a module is to its block by its own name: q, k, v, o; gate, up, down. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from .words import CACHED, each

#: Words round a role that only say what it is made of: q_proj, linear_q, to_q, q_lin, W_Q.
_ROUND = re.compile(
    r"(?:(?:linear|to|project|projection(?!_layer)|w)_)?(.+?)(?:_(?:proj|projection|lin|linear|layer|head|with_mqa|mqa))*"
)

_ATTENTION = {
    "q": each("q query queries wq q_attn"),
    "k": each("k key keys wk"),
    "v": each("v value values wv"),
    "o": each(
        "o out output wo dense proj projection post c_proj linear_proj out_proj proj_out out_lin"
        " final"
    ),
    "qkv": each("qkv query_key_value queries_keys_values c_attn wqkv w_pack in_proj linear_qkv"),
    "kv": each("kv key_value wkv"),
    "q_norm": each("q_norm q_layernorm query_layernorm query_norm norm_q q_ln ln_q"),
    "k_norm": each("k_norm k_layernorm key_layernorm key_norm norm_k k_ln ln_k"),
    "kv_norm": each("kv_norm kv_layernorm"),
    "q_a": each("q_a wq_a q_down linear_q_down"),
    "q_b": each("q_b wq_b q_up linear_q_up"),
    "kv_a": each("kv_a wkv_a kv_down linear_kv_down"),
    "kv_b": each("kv_b wkv_b kv_up linear_kv_up"),
    "k_b": ("k_b",),
    "v_b": ("v_b",),
    "q_a_norm": each("q_a_norm q_a_layernorm"),
    "kv_a_norm": each("kv_a_norm kv_a_layernorm"),
    "gate": each("gate output_gate"),
}
#: That these are q, k and v needs no block round them.
_BARE_ATTENTION = frozenset(
    each("q_proj k_proj v_proj o_proj qkv_proj q_lin k_lin v_lin out_lin query_key_value Wqkv")
)
_FEED_FORWARD = {
    "gate": each("gate gate_proj linear_gate w_gate wi_0 proj_up_gate"),
    "up": each("up up_proj proj_up linear_up wi_1"),
    "down": each(
        "down down_proj proj_down linear_down fc2 fc_2 fc_out c_proj wo dense_4h_to_h lin2"
        " linear2 linear_2 output_dense output_linear w_out proj_out linear_out linear_fc2 dense2"
        " layer_2 ffw_layer_2 conv2 conv_2 out_proj weights_out output"
    ),
    "gate_up": each("gate_up gate_up_proj"),
    # Comes before the activation: up, or gate and up in one, which its shape says.
    "in": each(
        "fc1 fc_1 fc_in c_fc wi dense_h_to_4h lin1 linear1 linear_1 intermediate_dense input_linear"
        " w_in proj_in linear_in linear_fc1 dense1 layer_1 ffw_layer_1 conv1 conv_1 in_proj"
        " weights_in intermediate"
    ),
}
#: A feed-forward's matrices that stand in the layer itself.
_SAYING_SO = frozenset(each("gate_proj up_proj down_proj gate_up_proj"))
_BARE_FEED_FORWARD = _SAYING_SO | frozenset(each("fc1 fc2 lin1 lin2 linear1 linear2"))
_SSM = {
    "in_proj": each("in in_proj"),
    "x_proj": each("x x_proj"),
    "dt_proj": each("dt dt_proj"),
    "out_proj": each("out out_proj"),
    "conv": each("conv conv1d"),
    "A_log": ("a_log",),
    "A": ("a",),
    "D": ("d",),
    "dt_bias": ("dt_bias",),
    "norm": ("norm",),
}
#: What a state-space block has and no other.
SSM_MARKS = frozenset(each("A_log x_proj dt_proj dt_bias"))
#: What the one matrix of a router may be called, or the one that a role's module wraps.
THE_MATRIX = frozenset(each("classifier layer gate linear proj wg dense conv conv1d"))
#: What else a router may be called, where there are experts.
ROUTERS = frozenset(each("gate wg gate_inp"))


def _inverse(table: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {name: role for role, names in table.items() for name in names}


_ATTENTION_ROLES = _inverse(_ATTENTION)
_FEED_FORWARD_ROLES = _inverse(_FEED_FORWARD)
_SSM_ROLES = _inverse(_SSM)
#: As GGUF files call them.
_PREFIXES = {
    "attn_": ("attn", _ATTENTION_ROLES),
    "cross_attn_": ("xattn", _ATTENTION_ROLES),
    "ffn_": ("mlp", _FEED_FORWARD_ROLES),
    "ssm_": ("ssm", _SSM_ROLES),
}
_GGUF = {"attn_kv_a_mqa": "kv_a"}

#: Every label that a family may give, in the order that the field reads them.
CANONICAL = {
    "attn": tuple(
        each(
            "q_a q_a_norm q_b q q_norm kv_a kv_a_norm kv_b k_b v_b kv kv_norm k k_norm v qkv gate o"
        )
    ),
    "mlp": ("gate", "up", "gate_up", "down"),
    "ssm": tuple(each("in_proj conv x_proj dt_proj dt_bias A_log A D norm out_proj")),
}


_FAMILIES = {"attn": "attn", "xattn": "attn", "mlp": "mlp", "moe": "mlp", "moe.shared": "mlp"}
_OF_ANY = frozenset(each("norm post_norm router"))


def is_canonical(text: str) -> bool:
    """Whether a text reads as a label that stands for one meaning in every model."""
    family, _, role = text.rpartition(".")
    table = CANONICAL.get(_FAMILIES.get(family, family), ())
    return role in table or (role in _OF_ANY and (bool(table) or family == "mixer"))


@lru_cache(CACHED)
def attention_role(segment: str) -> str | None:
    """Tell what `segment` is to an attention block."""
    return _look_up(_ATTENTION_ROLES, segment)


@lru_cache(CACHED)
def feed_forward_role(segment: str) -> str | None:
    """Tell what `segment` is to a feed-forward block; "in" if only its shape says up or gate_up."""
    return _look_up(_FEED_FORWARD_ROLES, segment)


def ssm_role(segment: str) -> str | None:
    """Tell what `segment` is to a state-space block."""
    return _SSM_ROLES.get(segment.lower())


def _look_up(roles: dict[str, str], segment: str) -> str | None:
    low = segment.lower()
    if low in roles:
        return roles[low]
    within = _ROUND.fullmatch(low)
    return roles.get(within[1]) if within else None


def leaf_of(rest: tuple[str, ...], role: Callable[[str], str | None]) -> list[str]:
    """Leave out a last segment that only says what a role's module is made of."""
    found = list(rest)
    while len(found) > 1 and found[-1] in THE_MATRIX and role(found[-2]):
        found.pop()
    return found


class Bare(NamedTuple):
    """What a module that stands in the layer itself is, and whether that takes attention there.

    Two linear layers are a feed-forward beside attention; elsewhere they may be anything.
    """

    family: str
    role: str
    needs_attention: bool = False


def bare_role(segment: str) -> Bare | None:
    """Tell what a module that stands in the layer itself is: q_proj, fc1, GGUF's attn_q."""
    if segment in _BARE_ATTENTION:
        role = attention_role(segment)
        return Bare("attn", role) if role else None
    if segment in _BARE_FEED_FORWARD:
        role = feed_forward_role(segment)
        return Bare("mlp", role, segment not in _SAYING_SO) if role else None
    for start, (family, table) in _PREFIXES.items():
        if segment.startswith(start):
            role = _GGUF.get(segment) or table.get(segment.removeprefix(start))
            return Bare(family, role) if role else None
    return None
