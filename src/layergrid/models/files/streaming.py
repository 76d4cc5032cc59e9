"""The values of a parameter out of a file, a buffer at a time.

Reading into a buffer that stays the same costs less than mapping the file on file systems that
map page by page, leaves nothing in the memory of the process, and a file that somebody shortens
meanwhile is an error instead of the end of the process.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import FileIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..slices import Runs

#: Bytes read at once: measured fastest among 64 KiB … 8 MiB, and it fits a core's cache.
CHUNK = 1 << 20
#: Shorter runs than this are read with what lies between them.
_WORTH_A_READ = CHUNK >> 4

#: Buffers that nobody is reading into. Lists are safe to use from several threads at once.
_spare: list[NDArray[np.uint8]] = []


def stream(file: FileIO, begin: int, dtype: np.dtype[Any], runs: Runs) -> Iterator[NDArray[Any]]:
    """Read runs of elements as 1-D arrays, each good until the next is asked for.

    Parameters
    ----------
    file : io.FileIO
        Unbuffered, and nobody else's.
    begin : int
        The byte where the parameter's elements begin.
    dtype : numpy.dtype
        Of one element, at most `CHUNK` bytes large.
    runs : Runs
        Which elements to read.

    Raises
    ------
    ValueError
        If the file ends before.
    """
    if not runs.n or not runs.length:
        return
    try:
        buffer = _spare.pop()
    except IndexError:
        buffer = np.empty(CHUNK, np.uint8)
    try:
        several = CHUNK // max(runs.period * dtype.itemsize, 1) > 1
        if runs.n > 1 and several and runs.length * dtype.itemsize < _WORTH_A_READ:
            yield from _blocks(file, begin, buffer.view(dtype), runs)
        else:
            yield from _each(file, begin, buffer.view(dtype), runs)
    finally:
        _spare.append(buffer)


def _each(file: FileIO, begin: int, buffer: NDArray[Any], runs: Runs) -> Iterator[NDArray[Any]]:
    for run in range(runs.n):
        start = runs.first + run * runs.period
        for at in range(start, start + runs.length, buffer.size):
            yield _fill(file, begin, at, buffer[: start + runs.length - at])


def _blocks(file: FileIO, begin: int, buffer: NDArray[Any], runs: Runs) -> Iterator[NDArray[Any]]:
    at_once = buffer.size // runs.period
    for run in range(0, runs.n, at_once):
        n = min(at_once, runs.n - run)
        # After the last of the runs the file may end.
        _fill(
            file,
            begin,
            runs.first + run * runs.period,
            buffer[: (n - 1) * runs.period + runs.length],
        )
        yield buffer[: n * runs.period].reshape(n, runs.period)[:, : runs.length].ravel()


def _fill(file: FileIO, begin: int, at: int, elements: NDArray[Any]) -> NDArray[Any]:
    file.seek(begin + at * elements.itemsize)
    rest = elements.view(np.uint8).data
    while rest:
        n = file.readinto(rest)
        if not n:
            name = os.path.basename(file.name)
            raise ValueError(f"{name} was cut short while it was read; open it again")
        rest = rest[n:]
    return elements
