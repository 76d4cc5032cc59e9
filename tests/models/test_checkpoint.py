"""Checkpoints on disk as sources. Neither torch nor safetensors is installed here."""

from __future__ import annotations

import json
import os
import pickle
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from layergrid.models.files import locate, open_checkpoint, streaming
from layergrid.models.slices import Slice

from .checkpoints import CODES, framed, write_safetensors, write_sharded


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def tensors(rng):
    return {
        "embed.weight": rng.standard_normal((70, 9)).astype(ml_dtypes.bfloat16),
        "layers.0.qkv.weight": rng.standard_normal((24, 9)).astype("f4"),
        "layers.0.norm.weight": np.array([1, np.nan, -np.inf], "f2"),
        "layers.0.experts": rng.standard_normal((3, 8, 5)),
        "scale": np.array(-2.5, "f4"),
        "nothing": np.zeros((0, 4), "f4"),
        "flags": np.array([[True, False]]),
    }


@pytest.fixture
def path(tmp_path, tensors):
    return write_safetensors(tmp_path / "model.safetensors", tensors)


def values(source, name, part=None):
    """Put the chunks of a parameter together again."""
    entry = next(entry for entry in source.entries if entry.name == name)
    chunks = [chunk.copy() for chunk in source.chunks(entry, part)]
    assert all(chunk.ndim == 1 for chunk in chunks)
    read = source.read(entry, part)
    return np.concatenate([np.empty(0, read.dtype), *chunks]), read


def test_a_file(path, tensors):
    source = open_checkpoint(path)
    assert source.title == "model.safetensors"
    assert source.config == {}
    assert [entry.name for entry in source.entries] == list(tensors)
    for entry, array in zip(source.entries, tensors.values(), strict=True):
        assert (entry.shape, entry.dtype) == (array.shape, str(array.dtype))
        assert (entry.nbytes, entry.size) == (array.nbytes, array.size)
        assert (entry.pieces, entry.n_experts, entry.twin) == ((), None, None)
        streamed, read = values(source, entry.name)
        assert (read.dtype, read.shape) == (array.dtype, array.shape)
        assert read.tobytes() == streamed.tobytes() == array.tobytes()
        assert not read.flags.writeable


@pytest.mark.parametrize("dtype", CODES, ids=str)
def test_every_dtype_keeps_its_bits(tmp_path, dtype, rng):
    bits = rng.integers(0, 2 if dtype.kind == "b" else 256, (3, 5 * dtype.itemsize), np.uint8)
    array = bits.view(dtype)
    source = open_checkpoint(write_safetensors(tmp_path / "a.safetensors", {"a": array}))
    assert source.entries[0].dtype == dtype.name
    streamed, read = values(source, "a")
    assert read.dtype == streamed.dtype == dtype
    assert read.tobytes() == streamed.tobytes() == array.tobytes()


@pytest.mark.parametrize(
    ("code", "named", "n_bytes"),
    [("F4", "float4_e2m1fn", 2), ("F6_E3M2", "float6_e3m2fn", 3), ("F3_NEW", "F3_NEW", 7)],
)
def test_a_dtype_that_is_not_read_is_named(tmp_path, code, named, n_bytes):
    facts = {"dtype": code, "shape": [2, 2], "data_offsets": [0, n_bytes]}
    path = tmp_path / "a.safetensors"
    path.write_bytes(framed(json.dumps({"q": facts}).encode()) + bytes(n_bytes))
    source = open_checkpoint(path)
    assert (source.entries[0].dtype, source.entries[0].nbytes) == (named, n_bytes)
    with pytest.raises(ValueError, match=rf"^q in a.safetensors has dtype {named}"):
        source.read(source.entries[0])
    with pytest.raises(ValueError, match=f"has dtype {named}"):
        next(iter(source.chunks(source.entries[0])))


@pytest.mark.parametrize("code", ["f4", "float32", "bfloat16", "float8_e4m3fn"])
def test_a_dtype_by_numpys_name_is_not_the_formats(tmp_path, code):
    facts = {"dtype": code, "shape": [2], "data_offsets": [0, 1]}
    path = tmp_path / "a.safetensors"
    path.write_bytes(framed(json.dumps({"q": facts}).encode()) + bytes(1))
    source = open_checkpoint(path)
    with pytest.raises(ValueError, match=f"has dtype {code}"):
        source.read(source.entries[0])


PARTS = [
    ("layers.0.qkv.weight", Slice(0, 1, 8, 16)),
    ("layers.0.qkv.weight", Slice(0, 4, 2, 4)),
    ("layers.0.qkv.weight", Slice(1, 1, 3, 6)),
    ("layers.0.qkv.weight", Slice(1, 3, 1, 3)),
    ("layers.0.qkv.weight", Slice(0, 1, 5, 5)),
    ("layers.0.experts", Slice(0, 1, 0, 8, expert=2)),
    ("layers.0.experts", Slice(0, 1, 4, 8, expert=1)),
    ("layers.0.experts", Slice(0, 4, 1, 2, expert=1)),
    ("layers.0.experts", Slice(1, 1, 0, 2, expert=0)),
    ("layers.0.experts", Slice(0, 1, 4, 8, expert="*")),
    ("nothing", Slice(1, 1, 0, 2)),
]


@pytest.mark.parametrize("chunk", [16, 80, 512, 1 << 20])
@pytest.mark.parametrize(("name", "part"), PARTS, ids=lambda x: str(x))
def test_parts(path, tensors, name, part, chunk, monkeypatch):
    monkeypatch.setattr(streaming, "CHUNK", chunk)
    monkeypatch.setattr(streaming, "_WORTH_A_READ", chunk // 2)
    monkeypatch.setattr(streaming, "_spare", [])
    streamed, read = values(open_checkpoint(path), name, part)
    expected = part.of(tensors[name])
    np.testing.assert_array_equal(read, expected)
    np.testing.assert_array_equal(streamed, expected.ravel())


@pytest.mark.parametrize("name", ["flags", "scale"])
def test_a_part_that_there_is_not(path, name):
    source = open_checkpoint(path)
    entry = next(entry for entry in source.entries if entry.name == name)
    for take in (source.read, lambda *of: list(source.chunks(*of))):
        with pytest.raises(ValueError, match=r"has no part \[0:2\]"):
            take(entry, Slice(0, 1, 0, 2))


def test_a_plain_slice_of_a_large_file_reads_only_its_bytes(tmp_path):
    """The file is sparse: to read all of it would take longer than anybody waits."""
    n = 1 << 42  # 4 TiB
    facts = {"dtype": "U8", "shape": [16, n // 16], "data_offsets": [0, n]}
    path = tmp_path / "a.safetensors"
    path.write_bytes(framed(json.dumps({"a": facts}).encode()))
    try:
        os.truncate(path, path.stat().st_size + n)
    except OSError:
        pytest.skip("this file system has no files as large")
    source = open_checkpoint(path)
    entry = source.entries[0]
    assert next(iter(source.chunks(entry, Slice(0, 1, 15, 16))))[:9].tolist() == [0] * 9
    narrow = Slice(1, 1, n // 16 - 5, n // 16)
    assert np.concatenate([c.copy() for c in source.chunks(entry, narrow)]).shape == (80,)
    assert source.read(entry, narrow).shape == (16, 5)


def test_interleaved_readers_do_not_share_a_buffer(path, tensors):
    source = open_checkpoint(path)
    first, second = source.entries[0], source.entries[1]
    for a, b in zip(source.chunks(first), source.chunks(second), strict=True):
        assert a.tobytes() == tensors[first.name].tobytes()
        assert b.tobytes() == tensors[second.name].tobytes()


def test_buffers_are_used_again(path, monkeypatch):
    monkeypatch.setattr(streaming, "_spare", [])
    source = open_checkpoint(path)
    for entry in source.entries * 3:
        for _ in source.chunks(entry):
            pass
    abandoned = source.chunks(source.entries[0])
    next(abandoned)
    abandoned.close()
    assert len(streaming._spare) == 1


def test_many_threads(path, tensors):
    source = open_checkpoint(path)
    barrier = threading.Barrier(8)

    def read(_):
        barrier.wait(10)
        return [values(source, name)[0].tobytes() for name in tensors]

    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(read, range(8)):
            assert found == [array.tobytes() for array in tensors.values()]


def test_a_pickled_source_opens_its_files_again(path, tensors):
    copy = pickle.loads(pickle.dumps(open_checkpoint(path)))
    assert values(copy, "scale")[0] == tensors["scale"]
    assert pickle.loads(pickle.dumps(copy)) is copy  # opened once in a process
    assert len(pickle.dumps(copy)) < 1000


def test_a_copy_is_of_the_same_files(path, tensors):
    sent = pickle.dumps(open_checkpoint(path))
    write_safetensors(path, {**tensors, "scale": np.ones(3, "f4")})
    with pytest.raises(ValueError, match=r"^model\.safetensors has changed since it was opened"):
        pickle.loads(sent)


def test_a_copy_is_of_the_same_shards(tmp_path, tensors):
    folder = write_sharded(tmp_path / "big", tensors, shards=3)
    sent = pickle.dumps(open_checkpoint(folder))
    os.utime(folder / "model-00002-of-00003.safetensors", (1, 1))
    with pytest.raises(ValueError, match=r"^big has changed since it was opened"):
        pickle.loads(sent)


def _total(source):
    return sum(float(np.sum(chunk, dtype="f8")) for chunk in source.chunks(source.entries[1]))


def test_a_source_goes_to_another_process(path, tensors, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = open_checkpoint(path.name)  # relative to a folder that the other does not work in
    monkeypatch.chdir("/")
    with get_context("spawn").Pool(1) as pool:
        total = pool.apply(_total, (source,))
    assert total == pytest.approx(tensors["layers.0.qkv.weight"].sum(dtype="f8"))


def test_a_file_that_changed_is_not_read_by_the_old_header(path, tensors):
    source = open_checkpoint(path)
    write_safetensors(path, {"scale": np.ones(3, "f4"), **tensors})
    for take in (source.read, lambda entry: list(source.chunks(entry))):
        with pytest.raises(ValueError, match=r"model\.safetensors has changed since"):
            take(source.entries[4])


def test_a_file_that_is_cut_short_while_it_is_read(tmp_path):
    path = write_safetensors(tmp_path / "a.safetensors", {"a": np.ones(3 << 20, "u1")})
    source = open_checkpoint(path)
    chunks = source.chunks(source.entries[0])
    next(chunks)
    os.truncate(path, 2 << 20)
    with pytest.raises(ValueError, match=r"^a\.safetensors was cut short while it was read"):
        list(chunks)


def test_a_file_that_is_gone(path):
    source = open_checkpoint(path)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        source.read(source.entries[0])


# ── folders and indexes ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("of", ["folder", "index", "without index"])
def test_shards(tmp_path, tensors, of):
    folder = write_sharded(tmp_path / "big", tensors, shards=3, config={"n": 2, "x": 1e999})
    index = folder / "model.safetensors.index.json"
    if of == "without index":
        index.unlink()
    source = open_checkpoint(index if of == "index" else folder)
    assert source.title == ("model.safetensors.index.json" if of == "index" else "big")
    assert source.config == {"n": 2, "x": float("inf")}
    assert [entry.name for entry in source.entries] == list(tensors)
    assert len({id(file) for file in source._holder.values()}) == 3
    for name, array in tensors.items():
        assert values(source, name)[0].tobytes() == array.tobytes()


def test_an_index_gives_the_order_and_settles_what_is_twice(tmp_path):
    one, two = np.ones(2, "f4"), np.full(2, 2, "f4")
    write_safetensors(tmp_path / "a.safetensors", {"x": one, "y": one, "rest": one})
    write_safetensors(tmp_path / "b.safetensors", {"x": two, "z": two})
    weight_map = {"z": "b.safetensors", "y": "a.safetensors", "x": "b.safetensors"}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    source = open_checkpoint(tmp_path)
    assert [entry.name for entry in source.entries] == ["z", "y", "x", "rest"]
    assert values(source, "x")[0].tolist() == [2, 2]


def test_the_usual_name_counts(tmp_path, tensors):
    write_safetensors(tmp_path / "model.safetensors", tensors)
    write_safetensors(tmp_path / "consolidated.safetensors", tensors)
    (tmp_path / "training_args.bin").write_bytes(b"")
    assert len(open_checkpoint(tmp_path).entries) == len(tensors)


def test_an_adapter_has_a_config_of_its_own(tmp_path):
    write_safetensors(tmp_path / "adapter_model.safetensors", {"a": np.ones(2)})
    (tmp_path / "adapter_config.json").write_text('{"r": 8}')
    assert open_checkpoint(tmp_path).config == {"r": 8}


def test_paths(path, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    with os.scandir(tmp_path) as (found,):
        pass
    for given in (path, str(path), "~/model.safetensors", found):
        assert open_checkpoint(given).title == "model.safetensors"
    monkeypatch.chdir(tmp_path)
    assert open_checkpoint(".").title == tmp_path.name


def folder_of(tmp_path: Path, **files: bytes) -> Path:
    for name, content in files.items():
        (tmp_path / name.replace("__", ".")).write_bytes(content)
    return tmp_path


@pytest.mark.parametrize(
    ("files", "error", "words"),
    [
        ({}, FileNotFoundError, "no files"),
        ({"notes__txt": b""}, FileNotFoundError, r"notes\.txt.*expected \.safetensors"),
        ({"a__bin": b"", "b__bin": b""}, ValueError, r"several pickles: 'a\.bin', 'b\.bin'.*one"),
        ({"m__gguf": b""}, ValueError, r"m\.gguf is GGUF.*gguf_file='m\.gguf'"),
        ({"model__safetensors": b"version https://git-lfs"}, ValueError, r"git lfs pull"),
        ({"model__safetensors": b""}, ValueError, r"has 0 bytes"),
        (
            {"model-00002-of-00003__safetensors": b""},
            FileNotFoundError,
            r"model-00001-of-00003\.safetensors is missing",
        ),
        ({"model__safetensors__index__json": b"{]"}, ValueError, r"index\.json is no JSON"),
        ({"model__safetensors__index__json": b"[1]"}, ValueError, r"JSON list; expected an object"),
        ({"model__safetensors__index__json": b"{}"}, ValueError, r"has no weight_map"),
        (
            {"model__safetensors__index__json": b'{"weight_map": {"x": "../a.safetensors"}}'},
            ValueError,
            r"puts 'x' into '\.\./a\.safetensors'; expected the name of a file beside",
        ),
        (
            {"model__safetensors__index__json": b'{"weight_map": {"x": 3}}'},
            ValueError,
            r"puts 'x' into 3",
        ),
        (
            {"model__safetensors__index__json": b'{"weight_map": {"x": "a.txt"}}'},
            ValueError,
            r"puts 'x' into 'a\.txt'; expected \.safetensors",
        ),
        (
            {"model__safetensors__index__json": b'{"weight_map": {"x": "a.safetensors"}}'},
            FileNotFoundError,
            r"a\.safetensors is missing in .* which model\.safetensors\.index\.json tells of",
        ),
        (
            {"model__safetensors": framed(b"{}"), "config__json": b"oops"},
            ValueError,
            r"config\.json is no JSON",
        ),
    ],
)
def test_a_folder_that_is_no_checkpoint(tmp_path, files, error, words):
    with pytest.raises(error, match=words):
        open_checkpoint(folder_of(tmp_path, **files))


def test_a_missing_shard(tmp_path, tensors):
    folder = write_sharded(tmp_path, tensors, shards=3)
    (folder / "model-00002-of-00003.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match=r"model-00002-of-00003\.safetensors is missing"):
        open_checkpoint(folder)


def test_shards_are_looked_for_once_each(tmp_path, monkeypatch):
    for k in range(1, 101):
        (tmp_path / f"model-{k:05}-of-00100.safetensors").touch()
    looked_for = []
    monkeypatch.setattr(Path, "is_file", lambda path: not looked_for.append(path))
    assert len(locate.locate(tmp_path).files) == 100
    assert len(looked_for) == 100


def test_shards_of_two_series_are_all_looked_for(tmp_path, tensors):
    folder = write_sharded(tmp_path, tensors, shards=3)
    (folder / "model.safetensors.index.json").unlink()
    (folder / "other-00001-of-00002.safetensors").touch()
    with pytest.raises(FileNotFoundError, match=r"other-00002-of-00002\.safetensors is missing"):
        open_checkpoint(folder)


def test_an_index_that_names_what_its_shard_lacks(tmp_path):
    write_safetensors(tmp_path / "a.safetensors", {"x": np.ones(2)})
    weight_map = {"x": "a.safetensors", "y": "a.safetensors"}
    (tmp_path / "m.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    with pytest.raises(ValueError, match=r"m\.safe.*tells of 'y', which 'a\.safetensors' should"):
        open_checkpoint(tmp_path)


def test_the_same_name_in_two_files_without_an_index(tmp_path):
    for name in "ab":
        write_safetensors(tmp_path / f"{name}.safetensors", {"x": np.ones(2)})
    with pytest.raises(ValueError, match=r"'x' is both in a\.safetensors and in b\.safetensors"):
        open_checkpoint(tmp_path)


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ("no/where/at/all", FileNotFoundError, r"nothing at no/where/at/all$"),
        ("meta-llama/Llama-3.2-1B", FileNotFoundError, r"snapshot_download\('meta-llama/Llama-3"),
        ("gpt2", FileNotFoundError, r"on a hub.*snapshot_download\('gpt2'\)"),
        ("somewhere/model.safetensors", FileNotFoundError, r"model\.safetensors$"),
        ("model.bin", FileNotFoundError, r"model\.bin$"),
        ("notes.txt", FileNotFoundError, r"notes\.txt$"),
        ("", ValueError, r"^path is '', which leads nowhere; expected .* '\.' for the working"),
        (b"model", TypeError, r"path is b'model', a bytes"),
        (None, TypeError, "NoneType"),
    ],
)
def test_no_path(given, error, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=words):
        open_checkpoint(given)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("weights.npz", r"weights\.npz is no checkpoint by its name; expected \.safetensors"),
        ("config.json", r"config\.json is no checkpoint"),
        ("llama.GGUF", r"llama\.GGUF is GGUF.*from_pretrained"),
    ],
)
def test_a_file_of_another_kind(tmp_path, name, words):
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(ValueError, match=words):
        open_checkpoint(tmp_path / name)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_file_that_may_not_be_read(path):
    path.chmod(0)
    with pytest.raises(PermissionError):
        open_checkpoint(path)


def test_neither_torch_nor_safetensors_is_imported(path):
    source = open_checkpoint(path)
    for entry in source.entries:
        list(source.chunks(entry))
    if "torch" not in sys.modules:
        assert not {"safetensors", "torch"} & set(sys.modules)
