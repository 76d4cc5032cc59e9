"""Grids that were saved: they keep their names, and still find their tensors."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import layergrid as lg

from ..saving import check_saved, saved
from .checkpoints import write_safetensors

WAYS = [
    "netcdf scipy",
    *[f"netcdf {engine}" for engine in ("h5netcdf", "netcdf4") if find_spec(engine)],
]


@pytest.fixture
def path(tmp_path) -> Path:
    """A checkpoint of four layers, fused q, k and v; the second has no attention."""
    rng = np.random.default_rng(0)
    shapes = {"attn.c_attn": (6, 18), "attn.c_proj": (6, 6), "mlp.c_fc": (6, 8)}
    state = {
        f"h.{layer}.{name}.weight": rng.normal(size=shape).astype("f4")
        for layer in range(4)
        for name, shape in shapes.items()
        if layer != 1 or "attn" not in name
    }
    return write_safetensors(tmp_path / "model.safetensors", state)


def heads(path: Path, dtype: type) -> xr.DataArray:
    """Three heads of each layer that attends: their rows of its transposed o."""
    dims, layers = ("layer", "component"), [0, 2, 3]
    names = [[f"h.{layer}.attn.c_proj.weight"] * 3 for layer in layers]
    coords = {
        "layer": layers, "component": range(3), "name": (dims, names),
        "part": (dims, [["[0:2]", "[2:4]", "[4:6]"]] * 3), "shape": (dims, [["2×6"] * 3] * 3),
    }  # fmt: skip
    values = np.arange(9).reshape(3, 3).astype(dtype)
    return xr.DataArray(values, coords, dims, "change", {"path": str(path)})


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("statistic", ["rms", "parameters"])
def test_a_saved_grid_finds_its_tensors(path, tmp_path, statistic, way):
    grid = lg.weights(path, statistic)
    assert {"part", "absent"} <= {*grid.coords}
    back = saved(grid, tmp_path, way)
    check_saved(grid, back, path)
    assert lg.tensor(back, (2, "attn.k")).shape == (6, 6)
    with pytest.raises(ValueError, match=r"layer 1, component 'attn.k' is absent"):
        lg.tensor(back, (1, "attn.k"))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("dtype", [float, int])
def test_so_does_one_of_heads(path, tmp_path, dtype, way):
    grid = heads(path, dtype)
    back = saved(grid, tmp_path, way)
    check_saved(grid, back, path)
    shown = lg.show(back)
    shown.selection = [(2, 1)]
    assert shown.selection[0].coords["part"] == "[2:4]"
    np.testing.assert_array_equal(
        lg.tensor(back, shown.selection[0]), lg.tensor(lg.weights(path), (2, "attn.o"))[2:4]
    )


@pytest.mark.parametrize("way", WAYS)
def test_one_that_is_not_done_yet_stays_pending(path, tmp_path, way):
    shown, done = lg.Heatmap(), []

    def interrupted(tensor):
        if len(done) == 4:
            raise KeyboardInterrupt
        done.append(float(np.square(tensor).mean()))
        return done[-1]

    with pytest.raises(KeyboardInterrupt):
        lg.weights(path, interrupted, into=shown)
    grid = shown.data
    assert [int(grid.coords[hole].sum()) for hole in ("absent", "pending")] == [4, 12]
    back = saved(grid, tmp_path, way)
    check_saved(grid, back, path)
    again = lg.show(back)
    again.selection = [(3, "mlp.up")]
    assert again.selection[0].value is None
    assert again.selection[0].name == "h.3.mlp.c_fc.weight"


@pytest.mark.parametrize("way", WAYS)
def test_its_selection_is_exported_as_before(path, tmp_path, way):
    grid = lg.weights(path)
    back = saved(grid, tmp_path, way)
    picked = [(2, "attn.q"), (0, "mlp.up")]
    names = lg.export_cells(picked, "names", grid=back)
    assert names == ["h.2.attn.c_attn.weight[:, 0:6]", "h.0.mlp.c_fc.weight"]
    assert lg.import_cells(names, grid) == lg.import_cells(picked, back)
