"""Some cells that are not in memory, read for whoever looks at them: band by band. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..intake.stored import Part, Stored
from .blocks import Shape, first_cells
from .overview import within
from .plan import READ_BYTES
from .reduce import Reduced, Rule, reduce_at, remarkable


def refined(
    stored: Stored,
    part: Part,
    blocks: Shape,
    rule: Rule,
    log: bool,
    interrupted: Callable[[], bool],
) -> Reduced | None:
    """Reduce cells that are read for it; None if `interrupted` says so between two bands.

    Raises
    ------
    ReadError
    """
    counts = [of.stop - of.start for of in part]
    firsts = [
        first_cells(n, of) for n, of in zip(counts, within(blocks, tuple(counts)), strict=True)
    ]
    axis = stored.slow
    ends = np.append(firsts[axis], counts[axis])
    pieces: list[Reduced] = []
    for start, stop in _bands(stored, part, ends):
        if pieces and interrupted():
            return None
        along = slice(part[axis].start + int(ends[start]), part[axis].start + int(ends[stop]))
        band = (along, part[1]) if axis == 0 else (part[0], along)
        stored.expect(band)
        edges = list(firsts)
        edges[axis] = firsts[axis][start:stop] - firsts[axis][start]
        pieces.append(reduce_at(stored.read(band), None, *edges, rule=rule, log=log))
    values = np.concatenate([piece.values for piece in pieces], axis)
    low, high = min(piece.low for piece in pieces), max(piece.high for piece in pieces)
    return Reduced(values, None, low, high)


def standing(
    stored: Stored, part: Part, rule: Rule, log: bool, interrupted: Callable[[], bool]
) -> tuple[tuple[int, int], NDArray[Any]] | None:
    """Give the layer and component of the cell that stands for some, and its value, shape (1, 1).

    None if `interrupted` says so between two bands.

    Raises
    ------
    ReadError
    """
    axis = stored.slow
    ends = np.arange(part[axis].stop - part[axis].start + 1)
    found: list[tuple[int, int]] = []
    values: list[NDArray[Any]] = []
    for start, stop in _bands(stored, part, ends):
        if found and interrupted():
            return None
        along = slice(part[axis].start + start, part[axis].start + stop)
        band = (along, part[1]) if axis == 0 else (part[0], along)
        read = stored.read(band)
        i, j = divmod(remarkable(read, None, rule=rule, log=log), read.shape[1])
        found.append((band[0].start + i, band[1].start + j))
        values.append(read[i : i + 1, j : j + 1])
    best = remarkable(np.concatenate(values, 1), None, rule=rule, log=log)
    return found[best], values[best]


def _bands(stored: Stored, part: Part, ends: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """Give bands of blocks that are soon read, as the first block of each and the one after it.

    A band is no lower than a chunk is high, so that hardly any chunk is read twice.
    """
    axis = stored.slow
    other = part[1 - axis]
    lines = READ_BYTES // ((other.stop - other.start) * stored.dtype.itemsize)
    if stored.chunks is not None:
        starts = stored.chunks[axis]
        lines = max(lines, stored.shape[axis] // len(starts))
    start, last = 0, len(ends) - 1
    while start < last:
        stop = int(np.searchsorted(ends, ends[start] + lines, "right")) - 1
        stop = min(max(stop, start + 1), last)
        yield start, stop
        start = stop
