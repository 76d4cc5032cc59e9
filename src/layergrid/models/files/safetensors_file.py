"""A safetensors file: its header at once, its values when asked for; without their library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..slices import Slice, runs_of
from ..source import Entry
from .safetensors_header import Stored, check_length, parse_header
from .stamps import check_same, check_start, stamp_of
from .streaming import stream


class SafetensorsFile:
    """Parameters in one safetensors file.

    Holds no file open: each reading opens it, and finds out if it has changed since.

    Parameters
    ----------
    path : pathlib.Path

    Attributes
    ----------
    entries : tuple of Entry
        In the order of the header.
    stamp : tuple of int
        As `stamp_of` gives when the header was read.

    Raises
    ------
    OSError
        If it cannot be opened.
    ValueError
        If it is no sound safetensors file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with open(path, "rb") as file:
            self.stamp = stamp_of(file.fileno())
            size = self.stamp[0]
            start = file.read(8)
            check_start(start, path)
            if len(start) < 8:
                raise ValueError(
                    f"{path.name} is no safetensors file: it has {size} bytes, not even the 8 "
                    "that tell the length of a header; fetch or save it again"
                )
            length = int.from_bytes(start, "little")
            check_length(length, size - 8, path.name)
            self._values = 8 + length
            self._stored = parse_header(file.read(length), size - self._values, path.name)
        self.entries = tuple(
            Entry(name, tensor.shape, tensor.dtype, tensor.end - tensor.begin)
            for name, tensor in self._stored.items()
        )

    def read(self, entry: Entry, part: Slice | None = None) -> NDArray[Any]:
        """Map a parameter, or a part of one; read-only.

        The file must not be shortened as long as the array lives: see `Checkpoint.read`.
        """
        tensor = self._stored[entry.name]
        dtype = self._dtype(entry.name, tensor)
        array: NDArray[Any]
        with self._open() as file:
            if tensor.begin == tensor.end:  # nothing cannot be mapped
                array = np.empty(tensor.shape, dtype)
                array.flags.writeable = False
            else:
                begin = self._values + tensor.begin
                array = np.memmap(file, dtype, "r", begin, tensor.shape)
        return array if part is None else part.of(array)

    def chunks(self, entry: Entry, part: Slice | None = None) -> Iterator[NDArray[Any]]:
        """Read the values of a parameter, or of a part of one, a buffer at a time."""
        tensor = self._stored[entry.name]
        dtype = self._dtype(entry.name, tensor)
        runs = runs_of(tensor.shape, part)
        with self._open() as file:
            yield from stream(file, self._values + tensor.begin, dtype, runs)

    @contextmanager
    def _open(self) -> Iterator[FileIO]:
        with open(self._path, "rb", buffering=0) as file:
            check_same(stamp_of(file.fileno()), self.stamp, self._path)
            yield file

    def _dtype(self, name: str, tensor: Stored) -> np.dtype[Any]:
        if tensor.bits is not None and tensor.bits % 8 == 0:
            if not tensor.dtype.startswith(("bfloat", "float8")):
                return np.dtype(tensor.dtype)
            import ml_dtypes

            dtype: np.dtype[Any] = np.dtype(getattr(ml_dtypes, tensor.dtype))
            return dtype
        raise ValueError(
            f"{name} in {self._path.name} has dtype {tensor.dtype}, whose values are not "
            "whole bytes or not known here: load the model with the library that wrote it, and "
            "give that"
        )
