"""Which stored parameters hold several matrices, and which part of them is which. Pure.

Projections in one (q, k and v; gate and up), and experts in one. Where the layout is not certain
there are no pieces, and the parameter stays one: a wrong split would be a wrong number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ..slices import Slice
from .layouts import GRANITE, Config, Split, alternating, equal_parts, find_split, gate_up

Shapes = Mapping[str, tuple[int, ...]]
Pieces = tuple[tuple[str, Slice], ...]


class Fusion(NamedTuple):
    """What is known of a parameter that holds more than one matrix.

    Attributes
    ----------
    pieces : tuple of (str, Slice)
        Its parts by name; empty if it has none, or they are not known for certain.
    n_experts : int or None
        Length of the first axis where that axis is experts.
    """

    pieces: Pieces = ()
    n_experts: int | None = None


class Stacked(NamedTuple):
    """How a live module keeps its experts: as (in, out) or not, gate and up in turn or not."""

    transposed: bool
    alternating: bool


def fusions(
    shapes: Shapes, config: Config, stacked: Mapping[str, Stacked] | None = None
) -> dict[str, Fusion]:
    """Find the parameters that are fused of several, and those that are experts in one.

    Parameters
    ----------
    shapes : mapping of str to tuple of int
        All parameters of a model: their shapes, dequantised, by name.
    config : mapping
        The model's configuration as in ``config.json``, empty if there is none. Those nested in
        it (of a vision tower, say) count as well; if two of them disagree, neither is believed.
    stacked : mapping of str to Stacked, optional
        What live modules say of the experts in them, by the module's path.

    Returns
    -------
    dict of str to Fusion
        Only of parameters there is something to say about.
    """
    configs = list(_nested(config)) or [{}]
    found = {}
    for name, shape in shapes.items():
        matrix = _matrix_of(name, shapes)
        if matrix is None:
            continue
        if len(shapes[matrix]) == 2:
            fusion = _of_one(matrix, shape, shapes, configs)
        else:
            fusion = _of_experts(matrix, shape, shapes, configs, stacked or {})
        if fusion != Fusion():
            found[name] = fusion
    return found


def _nested(config: Config) -> Iterator[Config]:
    """Give a configuration and those inside it."""
    if config:
        yield config
    for value in config.values():
        if isinstance(value, Mapping) and "model_type" in value:
            yield from _nested(value)


def _matrix_of(name: str, shapes: Shapes) -> str | None:
    """Give the matrix that a bias belongs to, as only its shape tells the layout; else the name."""
    for tail, others in ((".bias", (".weight",)), ("_bias", ("_weight", ""))):
        if name.endswith(tail):
            owner = name.removesuffix(tail)
            return next((owner + other for other in others if owner + other in shapes), None)
    return name


def _path(matrix: str) -> list[str]:
    path = matrix.removesuffix(".weight").split(".")
    return path[:-1] if path[-1] == "base_layer" and len(path) > 1 else path  # PEFT wraps it


def _of_one(
    matrix: str, shape: tuple[int, ...], shapes: Shapes, configs: Sequence[Config]
) -> Fusion:
    out, into = shapes[matrix]
    axis, split = _projection(_path(matrix), (out, into), configs)
    return Fusion(_lay(split, axis if len(shape) == 2 else 0, shape))


def _of_experts(
    matrix: str,
    shape: tuple[int, ...],
    shapes: Shapes,
    configs: Sequence[Config],
    stacked: Mapping[str, Stacked],
) -> Fusion:
    path = _path(matrix)
    if len(shapes[matrix]) != 3 or not _holds_experts(path):
        return Fusion()
    axis, split = _gate_up_of_experts(path, matrix, shapes, configs, stacked)
    return Fusion(_lay(split, axis if len(shape) == 3 else 0, shape[1:]), shape[0])


def _lay(split: Split | None, axis: int, shape: tuple[int, ...]) -> Pieces:
    """Turn a split into slices, if it is exactly as long as the axis."""
    if split is None or split.length != shape[axis]:
        return ()
    pieces = []
    start = 0
    for name, width in split.parts:
        pieces.append((name, Slice(axis, split.groups, start, start + width)))
        start += width
    return tuple(pieces)


def _projection(
    path: list[str], shape: tuple[int, int], configs: Sequence[Config]
) -> tuple[int, Split | None]:
    """Find the axis along which a matrix is fused, and its split."""
    name, before = path[-1], path[-2:-1]
    if name == "c_attn" and shape[1] in (3 * shape[0], 2 * shape[0]):
        # GPT-2 and its kin keep a matrix as (in, out); with two thirds it is cross-attention.
        return 1, equal_parts("qkv" if shape[1] == 3 * shape[0] else "kv", shape[1])
    if name == "gate_up_proj" and before in (["feed_forward_in"], ["feed_forward_out"]):
        name = "feed_forward_in.gate_up_proj"  # the conformer's, beside a decoder's
    return 0, find_split(name, shape, configs)


# ── experts ──────────────────────────────────────────────────────────────────────────────────

#: Kinds of models that keep an expert's gate and up side by side in a matrix (in, out).
_TRANSPOSED = (
    "aria",
    "aria_text",
    "llama4",
    "llama4_text",
    "openai_privacy_filter",
    "qwen3_vl_moe",  # this one and the next in their files only
    "qwen3_vl_moe_text",
)


def _holds_experts(path: list[str]) -> bool:
    """Whether a parameter of three dimensions, a path leads to, is a stack of experts."""
    if path[-1] in ("input_linear", "output_linear"):  # of GraniteMoE and JetMoE
        return True
    at = [i for i, part in enumerate(path[:-1]) if part.endswith("experts")]
    return bool(at) and not any(char.isdigit() for part in path[at[-1] + 1 : -1] for char in part)


def _gate_up_of_experts(
    path: list[str],
    matrix: str,
    shapes: Shapes,
    configs: Sequence[Config],
    stacked: Mapping[str, Stacked],
) -> tuple[int, Split | None]:
    """Find the axis along which each expert is gate and up, and its split."""
    kinds = {config.get("model_type") for config in configs}
    _, rows, columns = shapes[matrix]
    if path[-1] == "input_linear":
        gated = kinds.intersection(GRANITE) or ("jetmoe" in kinds and path[-2:-1] == ["mlp"])
        return 0, gate_up(rows) if gated else None
    if path[-1] != "gate_up_proj":
        return 0, None
    live = stacked.get(".".join(path[:-1]))
    if live is not None:
        length = columns if live.transposed else rows
        split = alternating(length) if live.alternating else gate_up(length)
        return int(live.transposed), split
    down = shapes.get(matrix.replace("gate_up_proj", "down_proj"), ())
    if len(down) == 3 and (rows, columns) == (2 * down[2], down[1]) and "gpt_oss" not in kinds:
        return 0, gate_up(rows)
    if len(down) == 3 and (rows, columns) == (down[2], 2 * down[1]):
        if "gpt_oss" in kinds:
            return 1, alternating(columns)
        if kinds.intersection(_TRANSPOSED):
            return 1, gate_up(columns)
    return 0, None
