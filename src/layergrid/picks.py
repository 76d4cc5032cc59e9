"""Cells as runs of their flat indices, in the order they were picked. Pure.

Whatever is done here takes as long as there are runs, not cells: of a large grid a rectangle may
hold a hundred million of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]

#: How many indices are made at once where all are walked through.
_CHUNK = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Picks:
    """Flat indices in pick order, each once, as runs that go up by one.

    Make them with `join`, `picks_of` or `picks_in`: each run is as long as it can be, so that the
    same indices in the same order are always the same runs.

    Attributes
    ----------
    starts, lengths : read-only arrays of int64
        The first index of each run, and how many there are in it.
    """

    starts: Indices
    lengths: Indices

    @property
    def ends(self) -> Indices:
        """The index after the last one of each run."""
        return self.starts + self.lengths

    def __len__(self) -> int:
        return int(self.lengths.sum())

    def __iter__(self) -> Iterator[int]:
        for first in range(0, len(self), _CHUNK):
            yield from self[first : first + _CHUNK].flats().tolist()

    def __contains__(self, flat: object) -> bool:
        return bool(((self.starts <= flat) & (flat < self.ends)).any())  # type: ignore[operator]

    def __getitem__(self, part: slice) -> Picks:
        places = range(len(self))[part]
        if places.step == 1:
            return self._parts(np.array([places.start]), np.array([places.stop]))
        # The step of a slice may be more than any array has room for; then it is not taken.
        step = places.step if len(places) > 1 else 1
        first = places.start + step * np.arange(len(places))
        return self._parts(first, first + 1)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Picks):
            return NotImplemented
        return np.array_equal(self.starts, other.starts) and np.array_equal(
            self.lengths, other.lengths
        )

    def __hash__(self) -> int:
        return hash((self.starts.tobytes(), self.lengths.tobytes()))

    def __or__(self, other: Picks) -> Picks:
        """Give these, and after them what of the others is not among them."""
        more = other - self
        return join(
            np.concatenate((self.starts, more.starts)), np.concatenate((self.lengths, more.lengths))
        )

    def __sub__(self, other: Picks) -> Picks:
        """Give what of these is not among the others."""
        order = np.argsort(other.starts)
        starts, ends = other.starts[order], other.ends[order]
        first = np.searchsorted(ends, self.starts, "right")
        beyond = np.searchsorted(starts, self.ends, "left")
        # A run has one gap more between the others than there are of them in it.
        run, gap = spread(beyond - first + 1)
        gap += first[run]
        start = np.maximum(self.starts[run], np.append(-1, ends)[gap])
        end = np.minimum(self.ends[run], np.append(starts, np.iinfo(np.int64).max)[gap])
        return join(start, end - start)

    def flats(self) -> Indices:
        """Give the indices one by one."""
        run, place = spread(self.lengths)
        return self.starts[run] + place

    def in_rows(self, width: int) -> tuple[Indices, Indices, Indices]:
        """Give row, first column and the column beyond of each part of a run that is in one row."""
        top = self.starts // width
        run, row = spread((self.ends - 1) // width - top + 1)
        row += top[run]
        first = np.maximum(self.starts[run] - row * width, 0)
        return row, first, np.minimum(self.ends[run] - row * width, width)

    def moved(self, layers: Indices, components: Indices, width: int) -> Picks:
        """Give the same cells in another grid.

        Parameters
        ----------
        layers, components : arrays of int64
            Where each layer and component is there, -1 where it is not.
        width : int
            How many components there are there.
        """
        row, first, beyond = self.in_rows(len(components))
        stay = layers[row] >= 0
        row, first, beyond = row[stay], first[stay], beyond[stay]
        kept = picks_of(components[components >= 0])
        # Counted among the components that stay.
        rank = np.append(0, np.cumsum(components >= 0))
        part, starts, lengths = kept._runs(rank[first], rank[beyond])
        return join(layers[row[part]] * width + starts, lengths)

    def _parts(self, first: Indices, beyond: Indices) -> Picks:
        """Give the picks from the place `first` up to `beyond`, for each pair of these."""
        _, starts, lengths = self._runs(first, beyond)
        return join(starts, lengths)

    def _runs(self, first: Indices, beyond: Indices) -> tuple[Indices, Indices, Indices]:
        """Give part, start and length of each run in some parts, from a place up to another."""
        edges = np.append(0, np.cumsum(self.lengths))
        run0 = np.searchsorted(edges, first, "right") - 1
        runs = np.searchsorted(edges, beyond, "left") - run0
        part, run = spread(np.where(beyond > first, runs, 0))
        run += run0[part]
        skipped = np.maximum(first[part] - edges[run], 0)
        lengths = np.minimum(beyond[part], edges[run + 1]) - edges[run] - skipped
        return part, self.starts[run] + skipped, lengths


def spread(counts: Indices) -> tuple[Indices, Indices]:
    """Count each of some things up to its own count: give which it is, and the number."""
    which = np.repeat(np.arange(len(counts)), counts)
    return which, np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)


def join(starts: Indices, lengths: Indices) -> Picks:
    """Give the picks of runs that do not overlap; some may go on with others, or be empty."""
    some = lengths > 0
    starts, lengths = starts[some], lengths[some]
    begins = np.append(True, starts[1:] != starts[:-1] + lengths[:-1])[: len(starts)]
    first = np.flatnonzero(begins)
    lengths = np.add.reduceat(lengths, first) if len(first) else lengths
    starts = starts[first]
    starts.flags.writeable = lengths.flags.writeable = False
    return Picks(starts, lengths)


def picks_of(flats: Iterable[int] | NDArray[Any]) -> Picks:
    """Give picks of indices, none of which comes twice."""
    starts = np.array(flats if isinstance(flats, np.ndarray) else [*flats], np.int64)
    return join(starts, np.ones(len(starts), np.int64))


def picks_in(rects: Iterable[tuple[int, int, int, int]], width: int) -> Picks:
    """Give the indices of rectangles, row by row, each where it comes first.

    Parameters
    ----------
    rects : iterable of (first row, first column, last row, last column)
    width : int
        How many columns the grid has.
    """
    top, left, bottom, right = np.array([*rects], np.int64).reshape(-1, 4).T
    rect, row = spread(bottom - top + 1)
    return _each_once((top[rect] + row) * width + left[rect], (right - left + 1)[rect])


def _each_once(starts: Indices, lengths: Indices) -> Picks:
    order = np.argsort(starts)
    if ((starts + lengths)[order[:-1]] <= starts[order[1:]]).all():
        return join(starts, lengths)
    half = len(starts) // 2
    return _each_once(starts[:half], lengths[:half]) | _each_once(starts[half:], lengths[half:])


NOTHING = picks_of(())
