"""Grids with the names of real models; their values stand for nothing."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path

import numpy as np
import xarray as xr

import layergrid as lg

DATA = Path(__file__).parents[1] / "data"
#: Plain, fused, encoder and decoder, experts in one tensor, several kinds of layer, nested stacks.
KINDS = ["llama", "gpt2", "bert", "t5", "bart", "phi3", "mixtral", "jamba", "opt", "swin"]


@cache
def types() -> dict[str, dict]:
    return json.loads(gzip.decompress((DATA / "hf_param_names.json.gz").read_bytes()))


@cache
def names_of(kind: str) -> dict[str, tuple[int, ...]]:
    """The parameters of a type of transformers', those of its first four layers for speed."""
    late = [f".{layer}." for layer in range(4, types()[kind]["n_layers"])]
    params = types()[kind]["params"]
    return {n: tuple(s) for n, s in params.items() if not any(one in f".{n}" for one in late)}


@cache
def grid_of(kind: str, **options) -> xr.DataArray:
    """A grid of it, each expert by itself."""
    state = {n: np.broadcast_to(np.float32(0), shape) for n, shape in names_of(kind).items()}
    return lg.weights(state, "parameters", experts="each", **options)


@cache
def shown(kind: str) -> lg.Heatmap:
    """The same as a heatmap, which need not be read again and again."""
    return lg.Heatmap(heads() if kind == "heads" else grid_of(kind))


def heads() -> xr.DataArray:
    """A grid of 3 layers and 4 heads, each its columns of o."""
    rows = [[f"model.layers.{k}.self_attn.o_proj.weight"] * 4 for k in range(3)]
    parts = [[f"[:, {16 * h}:{16 * h + 16}]" for h in range(4)]] * 3
    dims = ("layer", "component")
    coords = {
        "layer": range(3), "component": range(4),
        "name": (dims, rows), "part": (dims, parts), "shape": (dims, [["64×16"] * 4] * 3),
    }  # fmt: skip
    return xr.DataArray(np.arange(12.0).reshape(3, 4), coords, dims)


def cells_of(grid: xr.DataArray) -> list[tuple]:
    """The labels of all cells that are there."""
    absent = grid.coords["absent"].values if "absent" in grid.coords else np.zeros(grid.shape, bool)
    layers, components = grid.layer.values.tolist(), grid.component.values.tolist()
    return [(layers[i], components[j]) for i, j in np.argwhere(~absent)]


def labels(cells) -> list[tuple]:
    return [(cell.layer, cell.component) for cell in cells]
