"""Arrays of JAX, on the CPU."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest

from layergrid import Heatmap
from layergrid.intake import read

from ..arrays import OnlyDLPack

jax = pytest.importorskip("jax")
pytestmark = pytest.mark.libraries
jnp = jax.numpy


@pytest.mark.parametrize(
    ("dtype", "ours"),
    [
        ("bfloat16", ml_dtypes.bfloat16),
        ("float8_e4m3fn", ml_dtypes.float8_e4m3fn),
        ("float8_e5m2", ml_dtypes.float8_e5m2),
        ("int4", ml_dtypes.int4),
        ("float16", np.float16),
        ("float32", np.float32),
        ("int32", np.int32),
        ("uint8", np.uint8),
        ("bool", np.bool_),
    ],
)
def test_every_dtype_stays_what_it_was(dtype, ours):
    array = jnp.array([[0, 1, 1], [1, 0, 1]]).astype(dtype)
    values = read(array).values
    assert values.dtype == ours
    assert values.astype("f4").tolist() == [[0, 1, 1], [1, 0, 1]]


def test_values_a_mask_and_labels_of_arrays(values):
    array = jnp.array(values, "float32")
    w = Heatmap(array, mask=array > 2, layers=jnp.arange(4), components=list("qkv"))
    np.testing.assert_array_equal(w.values, values.astype("f4"))
    assert np.array_equal(w.mask, values > 2)
    assert w.layers == (0, 1, 2, 3)
    w.values = jnp.zeros((4, 3))
    assert not w.values.any()


def test_nested_lists_of_scalars_beside_gaps():
    grid = read([[jnp.float32(1.5), None], [jnp.bfloat16(0.5), 2]])
    assert grid.values.tolist() == [[1.5, 0], [0.5, 2]]
    assert grid.holes.tolist() == [[0, 1], [0, 0]]


@pytest.mark.parametrize(
    "trace",
    [
        lambda f: jax.jit(f)(jnp.ones((2, 3))),
        lambda f: jax.vmap(f)(jnp.ones((4, 2, 3))),
        lambda f: jax.grad(lambda x: f(x).sum())(jnp.ones((2, 3))),
    ],
    ids=["jit", "vmap", "grad"],
)
def test_a_tracer_has_no_numbers(trace):
    def function(array):
        read(array)
        return array

    with pytest.raises(TypeError, match=r"values is a JAX tracer.*Return the array"):
        trace(function)


def test_what_has_no_numbers_is_refused_in_its_own_words():
    with pytest.raises(TypeError, match=r"values is a .*PRNGKey.*jax\.random\.key_data"):
        read(jax.random.key(0))
    deleted = jnp.ones((2, 3))
    deleted.delete()
    with pytest.raises(TypeError, match=r"has been deleted"):
        read(deleted)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float8_e4m3fn"])
def test_dlpack_is_read_in_any_type(dtype):
    array = jnp.array([[0.5, -2.0, 1.0]]).astype(dtype)
    values = read(OnlyDLPack(array)).values
    assert values.dtype == dtype
    assert values.astype("f4").tolist() == [[0.5, -2.0, 1.0]]
