"""Arrays that are in files of zarr and h5py, or in a graph of dask: read only where looked at."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from layergrid import Heatmap
from layergrid.intake import ReadError
from layergrid.intake.stored import read_stored

pytestmark = pytest.mark.libraries

#: 72 MB of float32, which are more than are read at once.
SHAPE = (4000, 4500)


def until(condition: Callable[[], object]) -> None:
    """Wait for what another thread does."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def nothing_goes_on():
    yield
    until(lambda: not [t for t in threading.enumerate() if t.name == "layergrid reader"])


def share(w: Heatmap) -> float:
    return float(np.frombuffer(w._overview, "<f8", 1, offset=24)[0])


def values() -> np.ndarray:
    some = (np.arange(SHAPE[0] * SHAPE[1]) % 1000).astype("float32").reshape(SHAPE)
    some[2999, 4001] = -5
    return some


def check(source: object) -> None:
    """Show a source of `values`, and see that it is exact in the end."""
    w = Heatmap(source)
    assert w._store.state.survey is not None
    until(lambda: share(w) == 1)
    assert w.color_limits == (-5, 999)
    w.selection = [(2999, 4001), (0, 7)]
    assert [cell.value for cell in w.selection] == [-5, 7]
    w.close()


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_a_zarr_array_is_read_chunk_by_chunk(tmp_path, zarr_format):
    zarr = pytest.importorskip("zarr")
    path = tmp_path / "values.zarr"
    array = zarr.create_array(
        path, shape=SHAPE, chunks=(1000, 1500), dtype="float32", zarr_format=zarr_format
    )
    array[...] = values()
    check(zarr.open_array(path, mode="r"))


@pytest.mark.parametrize("chunks", [None, (500, 700)])
def test_a_dataset_of_h5py_is_read_part_by_part(tmp_path, chunks):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "values.h5", "w") as file:
        check(file.create_dataset("values", data=values(), chunks=chunks))


def test_a_closed_file_is_told(tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "values.h5", "w") as file:
        w = Heatmap(file.create_dataset("values", data=values()))
        until(lambda: share(w) == 1)
    w.selection = [(0, 0)]
    with pytest.raises(ReadError, match=r"h5py\.Dataset\) could not be read"):
        _ = w.selection
    w.close()


def test_a_dataarray_in_a_file_is_left_there(tmp_path):
    pytest.importorskip("zarr")
    array = xr.DataArray(values(), dims=("layer", "component"), name="v")
    array.to_zarr(tmp_path / "v.zarr", consolidated=False)
    back = xr.open_dataarray(tmp_path / "v.zarr", engine="zarr", chunks=None, consolidated=False)
    check(back)
    check(xr.open_dataarray(tmp_path / "v.zarr", engine="zarr", chunks={}, consolidated=False))


def test_the_data_of_a_graph_is_a_graph():
    da = pytest.importorskip("dask.array")
    array = da.ones(SHAPE, dtype="float32", chunks=(1000, 1000))
    w = Heatmap(xr.DataArray(array, dims=("layer", "component"), attrs={"units": "nm"}))
    assert w.values is array
    assert w.data.chunks == array.chunks
    assert w.data.attrs == {"units": "nm"}
    w.close()


# ── a virtual array of 40 GB, on a cluster ───────────────────────────────────────────────────

VIRTUAL = (100_000, 100_000)
CHUNK = 5000


def block(block_info: dict) -> np.ndarray:
    """Give the layers of a chunk as its values."""
    (first, last), columns = block_info[None]["array-location"]
    layers = np.arange(first, last, dtype="float32")[:, None]
    return np.broadcast_to(layers, (last - first, columns[1] - columns[0])).copy()


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, memory_limit="1GB", dashboard_address=":0"
        ) as some,
        distributed.Client(some) as client,
    ):
        yield client


# of distributed's own, at its end
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_virtual_array_shows_a_part_and_refines_what_is_looked_at(cluster):
    da = pytest.importorskip("dask.array")
    array = da.map_blocks(
        block, chunks=((CHUNK,) * (VIRTUAL[0] // CHUNK), (CHUNK,) * (VIRTUAL[1] // CHUNK)),
        dtype="float32", meta=np.empty((0, 0), "float32"),
    )  # fmt: skip
    assert array.nbytes == 40e9
    w = Heatmap(array, limits=(0, VIRTUAL[0]))
    sent: list[tuple[dict, list[bytes]]] = []
    w.send = w._reader._send = lambda content, buffers=None: sent.append((content, buffers))
    assert share(w) == 0
    # A page looks at the last corner.
    rect = [VIRTUAL[0] - 200, VIRTUAL[1] - 300, VIRTUAL[0] - 1, VIRTUAL[1] - 1]
    asked = {"page": "p", "partial": w._partial, "step": 0, "rect": rect}
    w._handle_custom_msg({"kind": "tile", "blocks": [100, 100], **asked}, [])
    w._handle_custom_msg({"kind": "read", **asked, "rect": rect[2:] * 2}, [])
    until(lambda: [content for content, _ in sent if content["kind"] == "read"])
    # Without a kind for any block: none is pending.
    until(lambda: [1 for content, raw in sent if content["kind"] == "tile" and len(raw[0]) == 1e4])
    until(lambda: share(w) > 0)
    assert share(w) < 0.5
    value = next(raw for content, raw in sent if content["kind"] == "read")[0]
    assert np.frombuffer(value, "<f4") == VIRTUAL[0] - 1
    w.selection = [(70_000, 5)]
    assert w.selection[0].value == 70_000
    w.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_task_that_fails_is_told(cluster):
    da = pytest.importorskip("dask.array")

    def fail(_: np.ndarray) -> np.ndarray:
        raise ValueError("no such shard")

    array = da.ones(SHAPE, dtype="float32", chunks=1000).map_blocks(fail, dtype="float32")
    stored = read_stored(array)
    assert stored is not None
    w = Heatmap(array)
    until(lambda: w.last_error)
    assert isinstance(w.last_error, ReadError)
    assert "ValueError: no such shard" in str(w.last_error)
    w.close()
