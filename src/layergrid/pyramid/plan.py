"""How a frame that is not in memory is read: in which parts, and what of each is kept. Pure."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..intake.stored import Part, Stored
from .blocks import first_cells

#: Blocks that are kept of a frame: some 20 bytes each, and more than a screen has pixels.
_MOST_KEPT = 3 << 19
#: Along an axis: as many, where the other axis has no fewer; and the most there may be.
_USUALLY_KEPT, _MOST_ALONG = 1254, 4096
#: Bytes that are read at a time, where chunks leave the choice: a few milliseconds of work.
READ_BYTES = 8 * 2**20


class Plan(NamedTuple):
    """Parts of a frame that are read one by one, and the blocks that each consists of.

    Attributes
    ----------
    shape : (int, int)
        Layers and components of the frame.
    down, across : ndarray of int
        First layer, and first component, of each block.
    rows, columns : ndarray of int
        First block of each part along both axes, and one more: where the last one ends.
    """

    shape: tuple[int, int]
    down: NDArray[np.intp]
    across: NDArray[np.intp]
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]

    @property
    def parts(self) -> int:
        """How many parts there are."""
        return (len(self.rows) - 1) * (len(self.columns) - 1)

    def blocks_of(self, part: int) -> Part:
        """Give the blocks of a part."""
        i, j = divmod(part, len(self.columns) - 1)
        return slice(*self.rows[i : i + 2].tolist()), slice(*self.columns[j : j + 2].tolist())

    def cells_of(self, blocks: Part) -> Part:
        """Give the cells of some blocks."""
        return _cells(self.down, blocks[0], self.shape[0]), _cells(
            self.across, blocks[1], self.shape[1]
        )

    def firsts_in(self, blocks: Part) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Give the first cells of some blocks, counted from the first of them."""
        down, across = self.down[blocks[0]], self.across[blocks[1]]
        return down - down[0], across - across[0]

    def spread(self) -> NDArray[np.intp]:
        """Give an order of the parts in which any first few are spread over the frame."""
        i, j = np.divmod(np.arange(self.parts), len(self.columns) - 1)
        # Multiples of these two lie evenly in the unit interval, and so do their sums.
        order: NDArray[np.intp] = np.argsort((i * 0.7548776662466927 + j * 0.5698402909980532) % 1)
        return order

    def parts_in(self, cells: Part) -> NDArray[np.intp]:
        """Give the parts that some cells are in."""
        along = []
        for firsts, edges, of in zip(
            (self.down, self.across), (self.rows, self.columns), cells, strict=True
        ):
            starts = firsts[edges[:-1]]
            first, last = np.searchsorted(starts, (of.start, of.stop - 1), "right") - 1
            along.append(np.arange(first, last + 1))
        found: NDArray[np.intp] = along[0][:, None] * (len(self.columns) - 1) + along[1]
        return found.ravel()


def _cells(firsts: NDArray[np.intp], blocks: slice, count: int) -> slice:
    stop = firsts[blocks.stop] if blocks.stop < len(firsts) else count
    return slice(int(firsts[blocks.start]), int(stop))


def plan_of(stored: Stored) -> Plan:
    """Plan how a frame is read: whole chunks at a time, or as many lines as are soon read."""
    layers, components = stored.shape[-2:]
    most = _kept(layers, components), _kept(components, layers)
    starts = (_bands if stored.chunks is None else _grouped)(stored, most)
    (down, rows), (across, columns) = (
        _divide(begin, count, of)
        for begin, count, of in zip(starts, stored.shape[-2:], most, strict=True)
    )
    return Plan((layers, components), down, across, rows, columns)


def _kept(count: int, other: int) -> int:
    more = _MOST_KEPT // min(other, _USUALLY_KEPT)
    return min(count, max(_USUALLY_KEPT, min(more, _MOST_ALONG)))


def _bands(stored: Stored, most: tuple[int, int]) -> list[NDArray[np.intp]]:
    """Give where parts begin along both axes: whole lines, unless these are very long."""
    slow, fast = stored.slow, 1 - stored.slow
    counts, size = stored.shape[-2:], stored.dtype.itemsize
    least = [-(-n // of) for n, of in zip(counts, most, strict=True)]
    lines = max(least[slow], min(counts[slow], READ_BYTES // (counts[fast] * size)))
    along = min(counts[fast], max(least[fast], READ_BYTES // (lines * size)))
    sizes = (lines, along) if slow == 0 else (along, lines)
    return [np.arange(0, n, of) for n, of in zip(counts, sizes, strict=True)]


def _grouped(stored: Stored, most: tuple[int, int]) -> list[NDArray[np.intp]]:
    """Give where parts begin along both axes: chunks, together where they are small or many."""
    assert stored.chunks is not None
    counts, size = stored.shape[-2:], stored.dtype.itemsize
    mean = [n / len(of) for n, of in zip(counts, stored.chunks, strict=True)]
    together = [
        math.ceil(len(of) / allowed) for of, allowed in zip(stored.chunks, most, strict=True)
    ]
    for axis in (1, 0):
        part = math.prod(n * of for n, of in zip(mean, together, strict=True)) * size
        more = max(1, int(READ_BYTES / part))
        together[axis] = min(together[axis] * more, len(stored.chunks[axis]))
    return [starts[::n] for starts, n in zip(stored.chunks, together, strict=True)]


def _divide(
    starts: NDArray[np.intp], count: int, most: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Divide parts that begin with these cells into blocks, as many as their size allows.

    Gives the first cell of each block, and the first block of each part and where the last ends.
    """
    sizes = np.diff(np.append(starts, count))
    blocks = np.clip(sizes * most // count, 1, sizes)
    firsts = [
        start + first_cells(size, n) for start, size, n in zip(starts, sizes, blocks, strict=True)
    ]
    return np.concatenate(firsts), np.concatenate([[0], np.cumsum(blocks)])
