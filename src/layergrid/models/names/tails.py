"""A name is a path and a tail: which parameter of a module it is. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from .words import CACHED, EXPERTS, each, is_norm


class Split(NamedTuple):
    """A name taken apart.

    Attributes
    ----------
    path : tuple of str
        Its segments up to the tail.
    piece : str or None
        Which slice of a fused parameter it is; what stands in brackets.
    tail : str
        "weight", "bias", "lora_A", "qweight" …; a parameter that has none is a "weight".
    adapter : str or None
        Which of several adapters a ``lora_A`` and the like belongs to.
    """

    path: tuple[str, ...]
    piece: str | None
    tail: str
    adapter: str | None = None


_PLAIN = frozenset(
    each("""
    weight bias
    qweight qzeros scales g_idx
    weight_scale weight_scale_inv weight_scale_2 weight_zero_point weight_packed weight_shape
    weight_g_idx weight_global_scale input_scale input_zero_point input_global_scale output_scale
    SCB weight_format
    weight_g weight_v weight_orig weight_mask weight_u bias_orig bias_mask
    running_mean running_var num_batches_tracked
    """)
)
_ALIKE = {"w": "weight", "b": "bias", "kernel": "weight"}
#: What a norm calls its two vectors outside of torch.
_OF_NORMS = {"gamma": "weight", "scale": "weight", "beta": "bias"}
#: What bitsandbytes keeps below a weight.
_BELOW_WEIGHT = re.compile(r"absmax|quant_map|nested_absmax|nested_quant_map|quant_state\..+")
_ADAPTER = re.compile(r"(lora|ia3|oft|boft|vera|hada|lokr|fourierft|hra|randlora|shira|bone)_.+")
_RECURRENT = re.compile(r"(weight|bias)_((?:ih|hh|hr)_l\d+(?:_reverse)?)")
_GROUPED = re.compile(r"(weight|bias)(0|[1-9]\d*)")
_PIECE = re.compile(r"(.+)\[([^\[\]]+)\]")
_BRACKETS = re.compile(r"(?<=[^.])\[[^\[\].]+\](?=\.[^.]+$|$)")
_LETTER = re.compile(r"b_(Q|K|V|O|in|out|gate)")

_BUFFERS = frozenset(
    each("""
    inv_freq original_inv_freq cos_cached sin_cached rotary_pos_emb
    masked_bias causal_mask position_ids token_type_ids
    running_mean running_var num_batches_tracked
    relative_position_index relative_coords_table
    """)
)


def is_buffer(name: str, shape: Sequence[int] = ()) -> bool:
    """Whether a tensor of a checkpoint is no parameter: a mask, positions, running averages.

    `shape` tells GPT-2's causal mask, ``attn.bias`` (1 × 1 × n × n), from a bias.
    """
    last = name.rpartition(".")[2]
    if last in _BUFFERS:
        return True
    return last == "bias" and len(shape) == 4 and shape[0] == shape[1] == 1 < shape[2] == shape[3]


def whole(name: str) -> str:
    """Give the name of the parameter that a slice is of."""
    return _BRACKETS.sub("", name) if "[" in name else name


def split_all(names: Iterable[str]) -> dict[str, Split]:
    """Take names apart; adapters keep their own name in the tail only if there are several."""
    names = list(names)
    known = {whole(name) for name in names}
    found = {name: _split(name, known) for name in names}
    adapters = {split.adapter for split in found.values()} - {None}
    if len(adapters) > 1:
        return {
            name: split if split.adapter is None else _of_its_adapter(split)
            for name, split in found.items()
        }
    return found


def _of_its_adapter(split: Split) -> Split:
    return split._replace(tail=f"{split.tail}.{split.adapter}")


def _split(name: str, known: Collection[str]) -> Split:
    segments = name.split(".")
    piece = None
    for at in (len(segments) - 1, len(segments) - 2):
        is_slice = at >= 0 and segments[at].endswith("]")
        if is_slice and (bracketed := _PIECE.fullmatch(segments[at])):
            segments[at], piece = bracketed.groups()
            break
    path, tail, adapter = _parts(segments, known)
    return Split(tuple(path), piece, tail, adapter)


def _parts(segments: list[str], known: Collection[str]) -> tuple[list[str], str, str | None]:
    found = _known_tail(tuple(segments[-4:]))
    if found is not None:
        length, tail, adapter = found
        return segments[:-length], tail, adapter
    *path, last = segments
    if recurrent := _RECURRENT.fullmatch(last):
        return [*path, recurrent[2]], recurrent[1], None
    lists = [i for i, segment in enumerate(path) if EXPERTS.fullmatch(segment)]
    if lists and (grouped := _GROUPED.fullmatch(last)):
        # Transformer Engine's grouped linear: one module, a weight for each expert.
        at = lists[-1] + 1
        return [*path[:at], grouped[2], *path[at:]], grouped[1], None
    return _joined(path, last, known)


@lru_cache(CACHED)
def _known_tail(end: tuple[str, ...]) -> tuple[int, str, str | None] | None:
    """Tell how many of the last segments are the tail, what to call it, and whose it is."""
    last, before = end[-1], end[-2:-1]
    for length in range(1, min(len(end), 4)):
        if _ADAPTER.fullmatch(end[-length]):
            return length, *_adapted(end[-length], end[len(end) - length + 1 :])
    if before and len(end) > 3 and end[-3] == "parametrizations" and last.startswith("original"):
        return 3, f"{end[-2]}.{last}", None
    for length in (1, 2):
        state = ".".join(end[-length:])
        is_below = len(end) > length + 1 and end[-length - 1] == "weight"
        if is_below and _BELOW_WEIGHT.fullmatch(state):
            return length + 1, state, None
    if last in _PLAIN:
        return 1, last, None
    if before and last in _ALIKE:
        return 1, _ALIKE[last], None
    if before and last in _OF_NORMS and is_norm(end[-2]):
        return 1, _OF_NORMS[last], None
    return None


def _adapted(kind: str, below: tuple[str, ...]) -> tuple[str, str | None]:
    is_bias = below[-1:] == ("bias",)
    if below[-1:] in (("weight",), ("bias",)):
        below = below[:-1]
    return kind + (".bias" if is_bias else ""), ".".join(below) or None


def _joined(
    path: list[str], last: str, known: Collection[str]
) -> tuple[list[str], str, str | None]:
    """Take apart what is one segment: in_proj_weight, gate_up_proj_bias, gate_up_proj_blocks."""
    stem, _, end = last.rpartition("_")
    near = ".".join([*path, stem])
    if (
        stem
        and end == "weight"
        and (stem.endswith("proj") or is_norm(stem) or f"{near}_bias" in known)
    ):
        return [*path, stem], "weight", None
    is_bias = stem.endswith("proj") or any(near + rest in known for rest in ("", "_weight"))
    if stem and end == "bias" and is_bias:
        return [*path, stem], "bias", None
    if (
        stem
        and end in ("blocks", "scales")
        and f"{near}_blocks" in known
        and f"{near}_scales" in known
    ):
        return [*path, stem], end, None
    letter = _LETTER.fullmatch(last)
    if letter and ".".join([*path, f"W_{letter[1]}"]) in known:
        return [*path, f"W_{letter[1]}"], "bias", None
    return [*path, last], "weight", None
