"""Grids of live models and of real checkpoints that were saved; netCDF is tried every day, too."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import layergrid as lg

from ..saving import check_saved, saved

torch = pytest.importorskip("torch")
pytest.importorskip("zarr")
pytestmark = [
    pytest.mark.libraries,
    pytest.mark.filterwarnings("ignore:.*does not have a Zarr V3 specification"),
    pytest.mark.filterwarnings("ignore:Consolidated metadata"),
]

WAYS = ["netcdf scipy", "zarr 2", "zarr 3"]


@pytest.fixture(scope="module")
def models() -> dict[str, torch.nn.Module]:
    """Small ones: q, k and v in one matrix; experts in one tensor."""
    from transformers import AutoConfig, AutoModel

    size = {"vocab_size": 40, "hidden_size": 24, "intermediate_size": 32, "num_hidden_layers": 3}
    configs = {
        "gpt2": {"n_embd": 24, "n_layer": 3, "n_head": 4, "vocab_size": 40},
        "mixtral": {**size, "num_attention_heads": 4, "num_local_experts": 3},
    }
    return {
        kind: AutoModel.from_config(AutoConfig.for_model(kind, **fields))
        for kind, fields in configs.items()
    }


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["gpt2", "mixtral"])
def test_a_live_model_is_found_again(models, tmp_path, kind, way):
    model = models[kind]
    grid = lg.weights(model, experts="each")
    back = saved(grid, tmp_path, way)
    check_saved(grid, back, model)
    component = {"gpt2": "attn.v", "mixtral": "moe.experts.2.down"}[kind]
    parameters = dict(model.named_parameters())
    name = str(back.coords["name"].sel(layer=1, component=component).values)
    assert lg.tensor(back, (1, component)).untyped_storage().data_ptr() == (
        parameters[name].untyped_storage().data_ptr()
    )


@pytest.mark.parametrize("way", WAYS)
def test_so_are_the_heads_of_one(models, tmp_path, way):
    model, dims = models["gpt2"], ("layer", "component")
    names = [[f"h.{layer}.attn.c_proj.weight"] * 4 for layer in range(3)]
    parts = [[f"[{6 * head}:{6 * head + 6}]" for head in range(4)]] * 3
    coords = {
        "layer": range(3), "component": range(4), "name": (dims, names), "part": (dims, parts),
        "shape": (dims, [["6×24"] * 4] * 3), "absent": (dims, np.eye(3, 4) > 0),
    }  # fmt: skip
    values = np.where(np.eye(3, 4), np.nan, 1.0)
    grid = xr.DataArray(values, coords, dims, "change", lg.weights(model, "parameters").attrs)
    back = saved(grid, tmp_path, way)
    check_saved(grid, back, model)
    rows = model.h[2].attn.c_proj.weight[6:12]
    assert torch.equal(lg.tensor(back, (2, 1)), rows)


@pytest.mark.parametrize("way", WAYS)
def test_one_that_is_not_done_yet_stays_pending(models, tmp_path, way):
    shown, done = lg.Heatmap(), []

    def interrupted(weight):
        if len(done) == 7:
            raise KeyboardInterrupt
        done.append(float(weight.abs().max()))
        return done[-1]

    with pytest.raises(KeyboardInterrupt):
        lg.weights(models["gpt2"], interrupted, into=shown)
    assert int(shown.data.coords["pending"].sum()) == 3 * 6 - 7
    back = saved(shown.data, tmp_path, way)
    check_saved(shown.data, back, models["gpt2"])


@pytest.mark.parametrize("way", WAYS)
def test_a_real_checkpoint_is_found_again(minilm_folder, tmp_path, way):
    grid = lg.weights(minilm_folder, "parameters", components="all")
    check_saved(grid, saved(grid, tmp_path, way), minilm_folder)


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_zarr_opened_as_people_do_shows_names_too(models, tmp_path, zarr_format):
    grid = lg.weights(models["gpt2"])
    grid.to_zarr(tmp_path / "grid.zarr", zarr_format=zarr_format)
    back = xr.open_zarr(tmp_path / "grid.zarr")["rms"]
    check_saved(grid, back, models["gpt2"])
