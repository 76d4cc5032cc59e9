"""A checkpoint measured by a dask cluster, whose workers read the files themselves."""

from __future__ import annotations

import pytest
import xarray as xr

import layergrid as lg

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.libraries


# of distributed's own, at its end
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_cluster_measures_a_checkpoint(minilm_folder):
    alone = lg.weights(minilm_folder, "kurtosis")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as some,
        distributed.Client(some) as client,
    ):
        spread = lg.weights(minilm_folder, "kurtosis", executor=client.get_executor())
    xr.testing.assert_identical(spread, alone)
