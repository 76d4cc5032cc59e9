"""Headers of safetensors files, sound and unsound."""

from __future__ import annotations

import json
import string

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layergrid.models.files import open_checkpoint
from layergrid.models.files.safetensors_header import LARGEST, parse_header

from .checkpoints import framed, header_of

A = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}
B = {"dtype": "I8", "shape": [5], "data_offsets": [24, 29]}


def parse(header, n_bytes=29):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return parse_header(text, n_bytes, "m.safetensors")


def test_a_header():
    found = parse({"__metadata__": {"format": "pt"}, "b": B, "a": A})
    assert {name: tuple(tensor) for name, tensor in found.items()} == {
        "b": ("int8", 8, (5,), 24, 29),
        "a": ("float32", 32, (2, 3), 0, 24),
    }
    assert list(found) == ["b", "a"]
    assert parse({}, 0) == {}


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (b"", "header begins with b''"),
        (b' {"a": 1}', "header begins with b' '"),
        (b"{", "header is no JSON"),
        (b'{"a": \xff}', "header is no JSON"),
        (b"\xff\xfe{\x00}\x00", "header begins with"),
        (b'{"a":' * 100_000, "header is no JSON"),
        (b'{"a": 1' + b"0" * 5000 + b"}", "header is no JSON"),
        (b'{"a": {}, "a": {}}', "the key 'a' comes twice"),
        (b'{"a": {"dtype": "F32", "dtype": "F64"}}', "the key 'dtype' comes twice"),
        ({"__metadata__": 3}, "__metadata__ is 3"),
        ({"__metadata__": {"n": 3}}, "__metadata__ is .* expected strings"),
        ({"a": [1]}, r"tensor 'a' is \[1\]; expected an object"),
        ({"a": {"dtype": "F32", "shape": [1]}}, "tensor 'a' has no data_offsets"),
        ({"a": A | {"dtype": 32}}, "tensor 'a' has dtype 32; expected a string"),
        ({"a": A | {"shape": "6"}}, "tensor 'a' has shape '6'"),
        ({"a": A | {"shape": [-2, -3]}}, r"tensor 'a' has shape \[-2, -3\]"),
        ({"a": A | {"shape": [2.0, 3]}}, r"tensor 'a' has shape \[2\.0, 3\]"),
        ({"a": A | {"shape": [True, 6]}}, r"tensor 'a' has shape \[True, 6\]"),
        ({"a": A | {"data_offsets": [24, 0]}}, r"data_offsets \[24, 0\]; expected \[begin, end\]"),
        ({"a": A | {"data_offsets": [0, 24, 29]}}, r"data_offsets \[0, 24, 29\]"),
        ({"a": A | {"data_offsets": [-1, 23]}}, r"data_offsets \[-1, 23\]"),
        (
            {"a": A | {"shape": [2, 4]}, "b": B},
            "F32 of shape .2, 4., which takes 32 bytes, but .*24",
        ),
        ({"a": A | {"shape": [2**62, 2**62]}}, "shape .*, which no memory can hold"),
        ({"a": A | {"shape": [2**70, 0], "data_offsets": [0, 0]}}, "which no memory can hold"),
        ({"a": A | {"shape": [1] * 33}}, "which no memory can hold"),
        ({"a": A | {"dtype": "F4", "shape": [3], "data_offsets": [0, 1]}}, "takes 1.5 bytes"),
        ({"a": A}, "its tensors take 24 bytes, but there are 29"),
        ({"a": A, "b": B | {"data_offsets": [25, 30]}}, r"'b'.*\[25, 30\].*gap.*begin at 24"),
        ({"a": A, "b": B | {"data_offsets": [23, 28]}}, r"'b'.*\[23, 28\].*overlap.*begin at 24"),
        ({"a": A, "b": B, "c": B}, r"'c' has data_offsets \[24, 29\], which overlap"),
        ({"b": B}, "'b'.*leave a gap"),
        ({"\ud800": A}, "name of tensor .* is no text"),
    ],
)
def test_an_unsound_header(header, words):
    with pytest.raises(ValueError, match=words) as caught:
        parse(header)
    assert str(caught.value).startswith("m.safetensors is no sound safetensors file: ")
    assert str(caught.value).endswith("fetch or save it again")
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "0 bytes"),
        (b"1234567", "7 bytes"),
        ((10**18).to_bytes(8, "little") + b"{}", f"{10**18} bytes long; the format allows"),
        ((LARGEST + 1).to_bytes(8, "little") + b"{}", "100000001 bytes long; the format allows"),
        ((3).to_bytes(8, "little") + b"{}", "should be 3 bytes long, but the file ends after 2"),
        (framed(json.dumps({"a": A}).encode()) + bytes(23), "take 24 bytes, but there are 23"),
        (b"<!DOCTYPE html><html>", "the format allows"),
        (b"version https://git-lfs.github.com/spec/v1", "git lfs pull"),
    ],
)
def test_a_file_that_is_none(tmp_path, content, words):
    path = tmp_path / "m.safetensors"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=words) as caught:
        open_checkpoint(path)
    assert str(caught.value).startswith("m.safetensors is ")


def test_an_error_quotes_little_of_much():
    with pytest.raises(ValueError, match="has dtype") as caught:
        parse({"x" * 100_000: A | {"dtype": [["y" * 10_000] * 30] * 30}})
    assert len(str(caught.value)) < 600


# ── fuzzing ──────────────────────────────────────────────────────────────────────────────────

TENSORS = {
    "a": np.arange(6, dtype="<f4").reshape(2, 3),
    "b": np.arange(5, dtype="i1"),
    "c": np.zeros((3, 0), "<f8"),
    "d": np.array(7, "<i8"),
}
DATA = b"".join(array.tobytes() for array in TENSORS.values())

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 60),
    st.sampled_from([2**31, 2**62, 2**63, 2**64, 10**30]),
    st.floats(),
    st.sampled_from(["F32", "F64", "I8", "BF16", "F4", "U8", "", "dtype"]),
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["dtype", "shape", "data_offsets", "a"]), inner)
    ),
    max_leaves=6,
)


@st.composite
def mutated(draw):
    """A sound header of which some of the facts were changed."""
    header = header_of(TENSORS)
    for _ in range(draw(st.integers(0, 3))):
        name = draw(st.sampled_from([*TENSORS, "e", "__metadata__"]))
        if not isinstance(header.get(name), dict) or draw(st.integers(0, 9)) == 0:
            header[name] = draw(anything)
            continue
        key = draw(st.sampled_from(["dtype", "shape", "data_offsets", "other"]))
        match draw(st.sampled_from(["drop", "replace", "nudge"])):
            case "drop":
                header[name].pop(key, None)
            case "replace":
                header[name][key] = draw(anything)
            case "nudge":
                numbers = header[name].get(key)
                if isinstance(numbers, list) and numbers and isinstance(numbers[0], int):
                    k = draw(st.integers(0, len(numbers) - 1))
                    changed = [*numbers]
                    changed[k] = draw(st.integers(-2, 40))
                    header[name][key] = changed
    return json.dumps(header).encode()


def attempt(do, *arguments):
    try:
        return do(*arguments), ""
    except ValueError as error:
        return None, str(error)


def check_reading(path, content):
    """Open what may be anything: it is refused in words, or each array is its bytes."""
    path.write_bytes(content)
    source, refusal = attempt(open_checkpoint, path)
    if source is None:
        assert refusal.startswith("fuzz.safetensors is ")
        return False
    length = int.from_bytes(content[:8], "little")
    header, data = json.loads(content[8 : 8 + length]), content[8 + length :]
    for entry in source.entries:
        begin, end = header[entry.name]["data_offsets"]
        array, refusal = attempt(source.read, entry)
        if array is None:
            assert "has dtype" in refusal
            continue
        assert list(array.shape) == header[entry.name]["shape"]
        assert array.tobytes() == data[begin:end]
        assert b"".join(c.tobytes() for c in source.chunks(entry)) == data[begin:end]
    return True


fuzzing = settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@fuzzing
@given(header=mutated())
def test_changed_facts(tmp_path, header):
    check_reading(tmp_path / "fuzz.safetensors", framed(header) + DATA)


@fuzzing
@given(data=st.data())
def test_changed_bytes(tmp_path, data):
    content = bytearray(framed(json.dumps(header_of(TENSORS)).encode()) + DATA)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(
            st.integers(0, 255) | st.sampled_from([ord(c) for c in string.digits + '[]{}",:'])
        )
    cut = data.draw(st.none() | st.integers(0, len(content)))
    check_reading(tmp_path / "fuzz.safetensors", bytes(content[:cut]))


def test_the_fuzzed_file_is_sound_when_nothing_is_changed(tmp_path):
    content = framed(json.dumps(header_of(TENSORS)).encode()) + DATA
    assert check_reading(tmp_path / "fuzz.safetensors", content)
