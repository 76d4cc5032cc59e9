"""Grids in files, and out of them again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

import layergrid as lg


def saved(grid: xr.DataArray, folder: Path, way: str) -> xr.DataArray:
    """Give a grid as it comes back from a file: of netCDF by an engine, or of a format of zarr."""
    kind, _, which = way.partition(" ")
    path = folder / f"grid.{kind}"
    if kind == "netcdf":
        grid.to_netcdf(path, engine=which)
        return xr.open_dataarray(path, engine=which)
    grid.to_zarr(path, zarr_format=int(which))
    return xr.open_dataarray(path, engine="zarr")


def check_saved(grid: xr.DataArray, back: xr.DataArray, source) -> None:
    """Assert that a grid that came back shows, selects and leads to its tensors as before.

    `source` is what it was made from, where its tensors are compared with those.
    """
    before, after = lg.Heatmap(grid), lg.show(back)
    xr.testing.assert_identical(after.data, before.data)
    there = np.ones(grid.shape, bool)
    if "absent" in grid.coords:
        there = ~grid.coords["absent"].values
    picked = [(after.layers[i], after.components[j]) for i, j in np.argwhere(there)]
    for w in (before, after):
        w.selection = picked[::2]
    assert after.selection == before.selection
    assert after.selection[0].name
    for cell in after.selection:
        found = lg.tensor(back, cell)
        np.testing.assert_array_equal(found, lg.tensor(grid, cell, source))
        np.testing.assert_array_equal(found, lg.tensor(after.data, cell))
