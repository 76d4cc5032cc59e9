"""Arrays that are not in memory: recognised, and read part by part.

What is in a file or a graph is read where somebody looks, by whoever asks; the libraries are
known by what is already imported.
"""

from __future__ import annotations

import itertools
import math
import mmap
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .dtypes import is_number
from .recognise import is_a

#: Up to so many bytes an array is read at once: it takes no longer than to look at a part.
READ_AT_ONCE = 64 * 2**20

#: Layers and components.
Part = tuple[slice, slice]


class ReadError(OSError):
    """Values that are not in memory could not be read."""


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """An array that is not in memory.

    Attributes
    ----------
    source : object
        As it came; a memmap as a read-only view.
    shape : tuple of int
        (layer, component) or (step, layer, component).
    dtype : dtype
    chunks : tuple of ndarray of int, or None
        Where chunks begin, along layers and along components; None where any line is as good.
    slow : {0, 1}
        Of layers and components the one whose neighbours lie far apart, where there are no chunks.
    lead : tuple of int
        The step that this is of.
    """

    source: Any
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    chunks: tuple[NDArray[np.intp], NDArray[np.intp]] | None
    slow: int = 0
    lead: tuple[int, ...] = ()

    @property
    def ndim(self) -> int:
        """Number of axes: two, or three with steps."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of cells."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes that all values would take in memory."""
        return self.size * self.dtype.itemsize

    @property
    def kind(self) -> str:
        """What the source is called where it comes from."""
        return f"{type(self.source).__module__.partition('.')[0]}.{type(self.source).__name__}"

    def refusal(self, what: str) -> str:
        """Say that something needs all values at once, and what to do."""
        size = f"{self.nbytes / 1e9:.3g} GB"
        return (
            f"{what} needs all values at once, but these ({self.kind}, shape {self.shape}, {size}) "
            "are read only where they are looked at: pass a part that fits into memory, such as "
            "values[:1000, :1000], as a numpy array"
        )

    @property
    def is_graph(self) -> bool:
        """Whether reading computes something, by a scheduler that has workers of its own."""
        return is_a(self.source, "dask.array", "Array")

    def frame(self, step: int) -> Stored:
        """Give one step, shape (layer, component)."""
        return replace(self, shape=self.shape[1:], lead=(step,)) if self.ndim == 3 else self

    def part(self, part: Part) -> Any:
        """Give a part of a frame as the source has it, which of a graph is not computed yet."""
        return self.source[(*self.lead, *part)]

    def read(self, part: Part) -> NDArray[Any]:
        """Read a part of a frame.

        Raises
        ------
        ReadError
            With the words of whoever could not read it, and what to do.
        """
        return self._reading(lambda: _values_of(self.part(part)))

    def expect(self, part: Part) -> None:
        """Say that a part is read soon: of a mapped file the system then reads ahead."""
        if not isinstance(self.source, np.ndarray) or not hasattr(mmap.mmap, "madvise"):
            return
        view, root = self.part(part), self.source
        while isinstance(root.base, np.ndarray):
            root = root.base
        if not isinstance(root.base, mmap.mmap) or min(view.strides) < 0:
            return
        begin = view.ctypes.data - root.ctypes.data + root.offset % mmap.ALLOCATIONGRANULARITY
        reach = sum((n - 1) * stride for n, stride in zip(view.shape, view.strides, strict=True))
        page = begin // mmap.PAGESIZE * mmap.PAGESIZE
        root.base.madvise(mmap.MADV_WILLNEED, page, begin - page + reach + view.itemsize)

    def at(self, layers: NDArray[np.intp], components: NDArray[np.intp]) -> NDArray[Any]:
        """Read single cells of a frame; of chunks only those that they are in.

        Raises
        ------
        ReadError
        """
        if isinstance(self.source, np.ndarray):
            return self._reading(lambda: np.asarray(self.source[(*self.lead, layers, components)]))
        values = np.empty(len(layers), self.dtype)
        for cells in self._together(layers, components):
            i, j = layers[cells], components[cells]
            read = self.read((slice(i.min(), i.max() + 1), slice(j.min(), j.max() + 1)))
            values[cells] = read[i - i.min(), j - j.min()]
        return values

    def touched(self, part: Part) -> int:
        """Give how many bytes are read for a part: of chunks all, however little is wanted."""
        counts: list[int] = [of.stop - of.start for of in part]
        if self.chunks is not None:
            for axis, (starts, of) in enumerate(zip(self.chunks, part, strict=True)):
                ends = np.append(starts[1:], self.shape[-2:][axis])
                first, last = np.searchsorted(starts, (of.start, of.stop - 1), "right") - 1
                counts[axis] = int(ends[last] - starts[first])
        return math.prod(counts) * int(self.dtype.itemsize)

    def _together(
        self, layers: NDArray[np.intp], components: NDArray[np.intp]
    ) -> Iterable[NDArray[np.intp]]:
        """Group cells that are read at once: those of a chunk, or of a layer."""
        if self.chunks is None:
            keys = layers
        else:
            i, j = (
                np.searchsorted(starts, of, "right")
                for starts, of in zip(self.chunks, (layers, components), strict=True)
            )
            keys = i * (len(self.chunks[1]) + 1) + j
        order = np.argsort(keys, kind="stable")
        return np.split(order, np.flatnonzero(np.diff(keys[order])) + 1) if len(order) else ()

    def _reading(self, read: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        try:
            return read()
        except Exception as error:  # whatever another library raises
            raise self.failure(error) from error

    def failure(self, error: Exception) -> ReadError:
        """Say that `error` came of reading, and what to do."""
        reason = str(error).partition("\n")[0].rstrip(".") or "no reason given"
        return ReadError(
            f"values ({self.kind}) could not be read, {type(error).__name__}: {reason}; open the "
            "source again and assign it: w.values = …"
        )


def _values_of(part: Any) -> NDArray[Any]:
    compute = getattr(part, "compute", None)
    return np.asarray(compute() if compute else part)


def read_stored(values: Any) -> Stored | None:
    """Give an array that is better read part by part; None for any other.

    A memmap (or a view of one), a zarr Array, an h5py Dataset, a dask Array, an xarray DataArray
    of one of these or of a file: where it holds numbers, and more of them than `READ_AT_ONCE`.
    """
    stored = _recognise(values)
    if stored is None or stored.ndim not in (2, 3) or not is_number(stored.dtype):
        return None
    return stored if stored.nbytes > READ_AT_ONCE else None


def _recognise(values: Any) -> Stored | None:
    if isinstance(values, np.ndarray):
        return _mapped(values) if _is_mapped(values) else None
    if is_a(values, "dask.array", "Array"):
        # A graph that cannot say how large it is has no shape to be drawn in.
        if any(math.isnan(n) for n in values.shape):
            raise ValueError(
                f"values is a dask Array of unknown shape {values.shape}: "
                "call values.compute_chunk_sizes() first"
            )
        return _stored(values, [_starts(sizes) for sizes in values.chunks[-2:]])
    if is_a(values, "zarr", "Array") or is_a(values, "h5py", "Dataset"):
        return _stored(values, _regular(values.shape, values.chunks))
    if is_a(values, "xarray", "DataArray"):
        data = values.variable._data
        if is_a(data, "dask.array", "Array"):
            return _recognise(data)
        if not isinstance(data, np.ndarray) and not values.variable._in_memory:
            return _stored(values, _regular(values.shape, _chunk_sizes(values)))
    return None


def _is_mapped(values: NDArray[Any]) -> bool:
    base: Any = None if is_a(values, "numpy.ma", "MaskedArray") else values
    while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
        base = base.base
    return isinstance(base, np.memmap)


def _mapped(values: NDArray[Any]) -> Stored:
    strides = [abs(stride) for stride in values.strides[-2:]]
    view = values.view()
    view.flags.writeable = False
    return replace(_stored(view, None), slow=int(strides[0] < strides[-1]))


def _stored(values: Any, chunks: Iterable[NDArray[np.intp]] | None) -> Stored:
    known = None if chunks is None else tuple(chunks)
    pair = (known[0], known[1]) if known and len(known) == 2 else None
    shape = tuple(int(n) for n in values.shape)
    return Stored(values, shape, np.dtype(values.dtype), pair)


def _chunk_sizes(array: Any) -> tuple[int, ...] | None:
    """Give the chunks of a DataArray that is in a file, where it knows them."""
    known = array.encoding.get("preferred_chunks") or {}
    if set(array.dims) <= set(known):
        return tuple(known[dim] for dim in array.dims)
    return None


def _regular(
    shape: tuple[int, ...], chunks: tuple[int, ...] | None
) -> list[NDArray[np.intp]] | None:
    if chunks is None:
        return None
    return [np.arange(0, max(n, 1), size) for n, size in zip(shape[-2:], chunks[-2:], strict=True)]


def _starts(sizes: Iterable[int]) -> NDArray[np.intp]:
    starts = np.array([0, *itertools.accumulate(n for n in sizes if n)], np.intp)
    return starts[:-1]
