"""Grids of all kinds of values in zarr files; netCDF is tried every day."""

from __future__ import annotations

import pytest
import xarray as xr

from layergrid import Heatmap

pytest.importorskip("zarr")
pytestmark = [
    pytest.mark.libraries,
    pytest.mark.filterwarnings("ignore:.*does not have a Zarr V3 specification"),
    pytest.mark.filterwarnings("ignore:Consolidated metadata"),
]


@pytest.mark.parametrize(
    "values",
    [
        [["attn", "mlp", None], ["mlp", "norm", "attn"]],
        [[1, None, 3], [4, 5, 6]],
        [[0.5, float("nan"), None], [1.5, 2.5, 3.5]],
    ],
    ids=["strings", "integers", "floats"],
)
@pytest.mark.parametrize("zarr_format", [2, 3])
def test_a_grid_comes_back_from_zarr(tmp_path, values, zarr_format):
    w = Heatmap(values, components=["q", "k", "v"])
    w.data.rename("kind").to_zarr(tmp_path / "grid.zarr", zarr_format=zarr_format)
    back = xr.open_dataarray(tmp_path / "grid.zarr", engine="zarr")
    same = Heatmap(back)
    xr.testing.assert_identical(same.data, w.data.rename("kind"))
    assert same.categories == w.categories
