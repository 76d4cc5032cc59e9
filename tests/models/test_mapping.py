"""A mapping of names to tensors as a source, where there is no torch."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest

from layergrid.models.live import mapping_source
from layergrid.models.slices import Slice


def test_names_shapes_and_types_in_order():
    tensors = {
        "b.weight": np.zeros((3, 4), ml_dtypes.bfloat16),
        "a.bias": np.zeros(3, "f8"),
        "scalar": np.array(2.0, "f4"),
        "none": np.zeros((0, 3), "f2"),
    }
    source = mapping_source(tensors)
    assert [(e.name, e.shape, e.dtype, e.nbytes) for e in source.entries] == [
        ("b.weight", (3, 4), "bfloat16", 24),
        ("a.bias", (3,), "float64", 24),
        ("scalar", (), "float32", 4),
        ("none", (0, 3), "float16", 0),
    ]
    assert (source.title, source.config) == ("mapping", {})
    assert mapping_source(tensors, title="mine").title == "mine"


def test_reading_copies_nothing():
    weight = np.array([[0.0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]])
    source = mapping_source({"w": weight})
    assert source.read(source.entries[0]) is weight
    part = source.read(source.entries[0], Slice(1, 1, 1, 3))
    assert part.tolist() == [[1, 2], [5, 6], [9, 10]]
    assert part.base is weight


def test_what_is_in_memory_comes_in_no_chunks():
    source = mapping_source({"w": np.ones((3, 4))})
    assert source.chunks(source.entries[0]) is None


def test_the_same_memory_is_a_twin():
    a = np.ones((4, 4))
    source = mapping_source({"a": a, "b": a, "view": a[:], "half": a[:2], "turned": a.T})
    assert [entry.twin for entry in source.entries] == [None, "a", "a", None, None]


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({3: np.ones(2)}, r"the key 3, a int; expected names .* strings"),
        ({"lr": 0.1}, r"a float at 'lr', which is no tensor: leave it out"),
        ({"state_dict": {"w": np.ones(2)}}, r"pass source\['state_dict'\] alone"),
        ({"epoch": 3, "state_dict": {"w": np.ones(2)}}, r"pass source\['state_dict'\] alone"),
        (
            {"step": 3, "model": {"w": np.ones(2)}, "ema": {"w": np.ones(2)}, "optimizer": {}},
            r"pass source\['model'\] or source\['ema'\] alone",
        ),
        ({"w": [[1.0, 2.0]]}, r"a list at 'w'"),
    ],
)
def test_what_is_no_tensor_is_named(mapping, message):
    with pytest.raises(TypeError, match=message):
        mapping_source(mapping)


def test_nothing_is_left_of_none():
    assert mapping_source({"bn._extra_state": None}).entries == ()
