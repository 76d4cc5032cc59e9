"""Which entries of a source together are one quantised (or pruned) parameter, and how. Pure.

What looks quantised, but as no scheme that is known for certain, stays one parameter that cannot
be read: better none than a wrong number.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from . import schemes

Config = Mapping[str, Any]


class Part(NamedTuple):
    """One of the entries that a quantised parameter consists of.

    `value` is there for the small ones that have to be known: those of `tells`.
    """

    shape: tuple[int, ...]
    dtype: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Scheme:
    """How the parts make one parameter.

    Attributes
    ----------
    label : str
        For people: ``"int4 (gptq)"``.
    shape : tuple of int
        Of the parameter. Of one that cannot be read, of its largest part.
    rows : callable or None
        Gives rows ``start:stop`` along the first axis, from the parts. None if not understood.
    step : int
        `start` and `stop` are multiples of this, or the end.
    """

    label: str
    shape: tuple[int, ...]
    rows: Callable[[schemes.Parts, int, int], schemes.Values] | None = None
    step: int = 1


# ── which belong together ────────────────────────────────────────────────────────────────────

#: A module with one of these is quantised.
_TELLING = re.compile(
    r"(qweight|weight_packed|weight_scale|weight_scale_inv|weight_scale_2|weight_scales|SCB|W_q"
    r"|codebooks|weight\.absmax|weight\._data(\._data)?)"
)
#: What else such a module has.
_BESIDE = re.compile(
    r"(weight|qzeros|scales|g_idx|weight_shape|weight_g_idx|weight_zero_point"
    r"|weight_global_scale|weight_format|weight\.(quant_map|nested_absmax|nested_quant_map)"
    r"|weight\.quant_state\..+|weight\._(scale|shift)|codes|zero|scale|meta"
    r"|(input|output|activation)_(scale|zero_point|global_scale))"
)
_TAIL = re.compile(rf"(?P<owner>.+?)\.(?P<tail>{_TELLING.pattern}|{_BESIDE.pattern})")


def gather(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Find the quantised parameters among names, and those that torch has pruned.

    Returns
    -------
    dict of str to dict of str to str
        For each, by the name it has when it is one: the names of its parts by their tails.
    """
    all_names = list(names)
    present = set(all_names)
    owners: dict[str, dict[str, str]] = {}
    found: dict[str, dict[str, str]] = {}
    for name in all_names:
        match = _TAIL.fullmatch(name)
        if match is not None:
            owners.setdefault(match["owner"], {})[match["tail"]] = name
        for tail, other in (("_blocks", "_scales"), ("_scale_inv", ""), ("_mask", "_orig")):
            stem = name.removesuffix(tail)
            # Experts in one have no module of their own: the tail is part of the last segment.
            is_apart = stem.endswith("weight") and tail != "_mask"
            if stem != name and not is_apart and stem + other in present:
                found[stem] = {tail: name, (other or "weight"): stem + other}
    for owner, parts in owners.items():
        packed = parts.keys() - {"weight_scale", "weight_scale_inv", "weight_scales"}
        if any(_TELLING.fullmatch(tail) for tail in parts) and any(
            tail == "weight" or _TELLING.fullmatch(tail) for tail in packed
        ):
            found[f"{owner}.weight"] = parts
    return found


def tells(tail: str) -> bool:
    """Whether a part is a few bytes that have to be read to know what the others are."""
    return tail in ("weight_shape", "weight_format") or tail.startswith("weight.quant_state.")


# ── which scheme it is ───────────────────────────────────────────────────────────────────────


def recognise(parts: Mapping[str, Part], config: Config) -> Scheme:
    """Find the scheme that parts are of.

    Parameters
    ----------
    parts : mapping of str to Part
        By their tails, as `gather` gives them.
    config : mapping
        The model's configuration, which may have a ``quantization_config``.
    """
    quantization = config.get("quantization_config")
    told = quantization if isinstance(quantization, Mapping) else {}
    method = str(told.get("quant_method", "")).replace("_", "-") or None
    if told and method is None and "config_groups" in told:
        method = "compressed-tensors"
    for tail, attempts in _BY_TAIL.items():
        if tail in parts:
            for methods, attempt in attempts:
                if method is None or method in methods or not methods:
                    try:
                        scheme = attempt(parts, told)
                    except (ArithmeticError, LookupError, TypeError, ValueError):
                        continue  # parts of other shapes than the scheme's
                    if scheme is not None:
                        return scheme
    largest = max(parts.values(), key=lambda part: math.prod(part.shape))
    return Scheme(f"{largest.dtype} ({method or 'unknown'}, packed)", largest.shape)


def _gptq(parts: Mapping[str, Part], told: Config) -> Scheme | None:
    form = told.get("checkpoint_format", "gptq")
    if not told or {"qzeros", "scales"} - parts.keys() or form not in ("gptq", "gptq_v2"):
        return None  # without a configuration nobody knows which of the two formats it is
    if told.get("pack_dtype", "int32") != "int32" or told.get("planar"):
        return None
    (words, n_out), (n_groups, zero_words) = parts["qweight"].shape, parts["qzeros"].shape
    bits, rest = divmod(zero_words * 32, n_out)
    n_in = words * 32 // bits if bits in (2, 3, 4, 8) else 0
    if rest or not n_in or told.get("bits", bits) != bits:
        return None
    if parts["scales"].shape != (n_groups, n_out) or n_in * bits != words * 32:
        return None
    if "g_idx" in parts and parts["g_idx"].shape != (n_in,):
        return None
    rows = partial(schemes.gptq, bits=bits, offset=int(form == "gptq"))
    return Scheme(f"int{bits} (gptq)", (n_out, n_in), rows)


def _awq(parts: Mapping[str, Part], told: Config) -> Scheme | None:
    version = str(told.get("version", "gemm")).lower()
    if {"qzeros", "scales"} - parts.keys() or "g_idx" in parts or version != "gemm":
        return None
    (n_in, words), (n_groups, n_out) = parts["qweight"].shape, parts["scales"].shape
    fits = words * 8 == n_out and parts["qzeros"].shape == (n_groups, words)
    if not fits or n_in % n_groups or told.get("bits", 4) != 4:
        return None
    return Scheme("int4 (awq)", (n_out, n_in), schemes.awq, step=8)


def _packed_ints(parts: Mapping[str, Part], told: Config) -> Scheme | None:
    packed, scale = parts["weight_packed"], parts.get("weight_scale")
    shape = parts["weight_shape"].value if "weight_shape" in parts else None
    if packed.dtype != "int32" or scale is None or shape is None or len(packed.shape) != 2:
        return None
    n_out, n_in = (int(n) for n in shape)
    groups = told.get("config_groups", {}).values()
    # Dense packing leaves at most one word in part empty, so that few numbers of bits fit.
    told_bits = {group.get("weights", {}).get("num_bits") for group in groups if group}
    fitting = [b for b in range(2, 9) if -(-n_in * b // 32) == packed.shape[1]]
    bits = [b for b in fitting if not told_bits or b in told_bits]
    if len(bits) != 1 or packed.shape[0] != n_out or len(scale.shape) != 2:
        return None
    if scale.shape[0] != n_out or n_in % scale.shape[1]:
        return None
    rows = partial(schemes.packed_ints, bits=bits[0], n_in=n_in)
    return Scheme(f"int{bits[0]} (compressed-tensors)", (n_out, n_in), rows)


def _fp4(parts: Mapping[str, Part], told: Config) -> Scheme | None:
    packed, scale = parts["weight_packed"], parts.get("weight_scale")
    if packed.dtype != "uint8" or scale is None or len(packed.shape) != 2:
        return None
    n_out, n_in = packed.shape[0], packed.shape[1] * 2
    if len(scale.shape) != 2 or scale.shape[0] != n_out or n_in % scale.shape[1]:
        return None
    block = n_in // scale.shape[1]
    kind = (scale.dtype, block, "weight_global_scale" in parts)
    label = {("float8_e4m3fn", 16, True): "nvfp4", ("uint8", 32, False): "mxfp4"}.get(kind)
    if label is None:
        return None
    rows = partial(schemes.fp4, overall=label == "nvfp4")
    return Scheme(f"{label} (compressed-tensors)", (n_out, n_in), rows)


def _scaled(parts: Mapping[str, Part], told: Config) -> Scheme | None:
    """8 bits with `weight_scale` or `weight_scale_inv`; both are multiplied with."""
    weight = parts.get("weight")
    names = parts.keys() & {"weight_scale", "weight_scale_inv", "_scale_inv"}
    if weight is None or len(names) != 1 or "weight_scale_2" in parts:
        return None
    (name,) = names
    is_float = weight.dtype.startswith("float8")
    if not is_float and (weight.dtype != "int8" or name != "weight_scale"):
        return None
    fits, block = _block(weight.shape, parts[name].shape, told)
    if not fits or (block is not None and "weight_zero_point" in parts):
        return None
    rows = partial(schemes.scaled, scale=name, block=block)
    return Scheme(f"{weight.dtype} (scaled)", weight.shape, rows)


def _block(
    shape: tuple[int, ...], scale: tuple[int, ...], told: Config
) -> tuple[bool, tuple[int, int] | None]:
    """Tell whether scales fit a parameter, and how large the block is that each is for."""
    if math.prod(scale) == 1:
        return True, None
    per_output = (shape[:1], (shape[0], *(1,) * (len(shape) - 1)), (*shape[:-1], 1))
    if scale in per_output:
        return True, None
    sizes = told.get("weight_block_size") or next(
        (
            group["weights"].get("block_structure")
            for group in told.get("config_groups", {}).values()
            if group and group.get("weights")
        ),
        None,
    )
    rows, columns = sizes or (128, 128)
    wanted = (*shape[:-2], -(-shape[-2] // rows), -(-shape[-1] // columns))
    return len(shape) in (2, 3) and scale == wanted, (int(rows), int(columns))


def _bnb_int8(parts: Mapping[str, Part], told: Config) -> Scheme | None:
    weight = parts.get("weight")
    if weight is None or weight.dtype != "int8" or parts["SCB"].shape != weight.shape[:1]:
        return None
    if "weight_format" in parts and (
        parts["weight_format"].value is None or any(parts["weight_format"].value.reshape(-1))
    ):
        return None  # rows in an order of some GPU
    return Scheme("int8 (bitsandbytes)", weight.shape, schemes.bnb_int8)


def _bnb_4bit(parts: Mapping[str, Part], told: Config) -> Scheme | None:
    state = next((part for tail, part in parts.items() if "quant_state" in tail), None)
    if state is None or state.value is None or {"weight", "weight.quant_map"} - parts.keys():
        return None
    facts = json.loads(bytes(state.value.reshape(-1).astype("u1")))
    shape, block = tuple(facts["shape"]), facts["blocksize"]
    nested = None
    if "weight.nested_absmax" in parts:
        nested = facts["nested_blocksize"], facts["nested_offset"]
    n_blocks = -(-math.prod(shape) // block)
    if len(shape) != 2 or math.prod(parts["weight"].shape) != -(-math.prod(shape) // 2):
        return None
    if parts["weight.absmax"].shape != (n_blocks,) or parts["weight.quant_map"].shape != (16,):
        return None
    rows = partial(schemes.bnb_4bit, row=shape[1], block=block, nested=nested)
    return Scheme(f"{facts['quant_type']} (bitsandbytes)", shape, rows)


def _mxfp4_experts(parts: Mapping[str, Part], told: Config) -> Scheme | None:
    blocks, scales = parts["_blocks"], parts["_scales"]
    if len(blocks.shape) != 4 or blocks.shape[:3] != scales.shape or blocks.shape[3] != 16:
        return None
    if {blocks.dtype, scales.dtype} != {"uint8"}:
        return None
    n, n_out, n_blocks, n_bytes = blocks.shape
    return Scheme("mxfp4", (n, n_blocks * n_bytes * 2, n_out), schemes.mxfp4_experts)


def _pruned(parts: Mapping[str, Part], told: Config) -> Scheme | None:
    before = parts["_orig"]
    if not before.shape or parts["_mask"].shape != before.shape:
        return None
    return Scheme(f"{before.dtype} (pruned)", before.shape, schemes.pruned)


_Attempt = Callable[[Mapping[str, Part], Config], Scheme | None]

#: By the part that tells it: methods that a configuration may name, none if any may be named, and
#: how to recognise it.
_BY_TAIL: Mapping[str, tuple[tuple[tuple[str, ...], _Attempt], ...]] = {
    "qweight": ((("gptq",), _gptq), (("awq",), _awq)),
    "weight_packed": (
        (("compressed-tensors",), _packed_ints),
        (("compressed-tensors",), _fp4),
    ),
    "SCB": ((("bitsandbytes",), _bnb_int8),),
    "weight.absmax": ((("bitsandbytes",), _bnb_4bit),),
    "_blocks": ((("mxfp4",), _mxfp4_experts),),
    "_mask": (((), _pruned),),
    **dict.fromkeys(
        ("weight_scale", "weight_scale_inv", "_scale_inv"),
        ((("fp8", "compressed-tensors", "fbgemm-fp8", "modelopt"), _scaled),),
    ),
}
