"""Arrays of other libraries, as far as stand-ins show; `libraries/` has torch and JAX itself."""

from __future__ import annotations

import sys
import types

import ml_dtypes
import numpy as np
import pytest

from layergrid.intake import read

from .arrays import OnAnotherDevice, OnlyArray, OnlyDLPack


@pytest.mark.parametrize("wrap", [OnlyArray, OnlyDLPack])
def test_one_way_is_enough(values, wrap):
    np.testing.assert_array_equal(read(wrap(values)).values, values)
    np.testing.assert_array_equal(read([wrap(values[0]), wrap(values[1])]).values, values[:2])


def test_a_grid_shares_no_memory(values):
    grid = read(OnlyDLPack(values))
    values[0, 0] = 99
    assert grid.values[0, 0] == 0.5


@pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) < "2.1.0", reason="numpy asks for no device before 2.1"
)
def test_dlpack_comes_from_another_device(values):
    np.testing.assert_array_equal(read(OnAnotherDevice(values)).values, values)


class CuPyArray:
    """A stand-in: as CuPy documents it, nothing leaves the GPU without being told to."""

    def __init__(self, array):
        self._array = array

    def __array__(self, dtype=None, copy=None):
        raise TypeError(
            "Implicit conversion to a NumPy array is not allowed. "
            "Please use `.get()` to construct a NumPy array explicitly."
        )

    def get(self):
        return self._array


@pytest.mark.parametrize("dtype", ["float32", "int64", ml_dtypes.bfloat16])
def test_cupy_is_asked_for_its_numbers(monkeypatch, dtype):
    monkeypatch.setitem(sys.modules, "cupy", types.SimpleNamespace(ndarray=CuPyArray))
    array = np.array([[1, 2, 3], [4, 5, 6]]).astype(dtype)
    values = read(CuPyArray(array)).values
    assert values.dtype == dtype
    assert values.tolist() == array.tolist()
    assert read([[CuPyArray(np.array(1.5)), None]]).values.tolist() == [[1.5, 0]]


class Refusing(OnlyDLPack):
    """An array whose every way fails, the first for the reason that counts."""

    def __array__(self, dtype=None, copy=None):
        raise ValueError("'bfloat16' is no format of a buffer.\nMore of this.")

    def __dlpack__(self, **options):
        raise BufferError("nor of DLPack")


def test_bf16_without_a_library_that_reads_it_is_refused_with_a_cure(values):
    class Bits(OnlyDLPack):
        def __dlpack__(self, **options):
            raise BufferError("Unsupported dtype in DLTensor.")

    with pytest.raises(TypeError, match=r"Unsupported dtype in DLTensor.*such as float32"):
        read(Bits(values))


def test_what_opens_no_way_is_refused_in_its_own_words(values):
    with pytest.raises(TypeError) as caught:
        read(Refusing(values))
    message = str(caught.value)
    assert "tests.test_tensors.Refusing" in message
    assert "('bfloat16' is no format of a buffer)" in message
    assert "float32" in message
    assert isinstance(caught.value.__cause__, ValueError)
