"""The first look at a frame that is not in memory: a sample that takes a part of a second."""

from __future__ import annotations

import time
from typing import TypeVar

import numpy as np

from ..intake.stored import Stored
from .draft import Draft
from .measure import measure, measure_part
from .plan import READ_BYTES, plan_of
from .survey import Survey

T = TypeVar("T")

#: Seconds that a first look may take.
_SECONDS = 0.3
#: Larger chunks, and such as are computed, are not waited for; of a frame no larger all is read.
_SOON = 8 * READ_BYTES
#: Multiples of it lie evenly in the unit interval.
_GOLDEN = 0.6180339887498949
#: Lines that are measured together.
_TOGETHER = 16
#: Of a long line so many cells of each block are read.
_OF_A_BLOCK = 8


def first_look(stored: Stored, step: int = 0, seconds: float = _SECONDS) -> Survey:
    """Read a sample of a frame: a line of each block, or some of its chunks, all over the frame.

    Nothing is read where that may take longer than `seconds`; then all is pending.

    Raises
    ------
    ReadError
    """
    stored = stored.frame(step)
    draft = Draft(Survey.blank(plan_of(stored), stored.dtype, step))
    until = time.monotonic() + seconds
    if stored.chunks is None and stored.nbytes > _SOON:
        _read_lines(stored, draft, until)
    elif not stored.is_graph:
        _read_parts(stored, draft, until)
    return draft.survey()


def _read_lines(stored: Stored, draft: Draft, until: float) -> None:
    """Read one line of each block along the axis whose neighbours lie far apart."""
    plan, slow = draft.plan, stored.slow
    firsts, other = (plan.down, plan.across) if slow == 0 else (plan.across, plan.down)
    count = plan.shape[1 - slow]
    apart = max(1, count // (len(other) * _OF_A_BLOCK))
    along = slice(0, count, apart)
    begin = -(-other // apart)
    ends = np.append(firsts[1:], plan.shape[slow])
    # Not the first line of each: what repeats itself would be seen at one place only.
    within = (np.arange(len(firsts)) * _GOLDEN % 1 * (ends - firsts)).astype(np.intp)
    lines = [_oriented(slice(k, k + 1), along, slow) for k in (firsts + within).tolist()]
    for line in lines:
        stored.expect(line)
    every = slice(0, len(other))
    for batch in _spread(-(-len(lines) // _TOGETHER)):
        some = slice(batch * _TOGETHER, min(len(lines), (batch + 1) * _TOGETHER))
        values = np.concatenate([stored.read(line) for line in lines[some]], slow)
        edges = _oriented(np.arange(values.shape[slow]), begin, slow)
        measured = measure(values, *edges, draft.taste)
        draft.put_sample(_oriented(some, every, slow), measured, values.size)
        if time.monotonic() > until:
            return


def _read_parts(stored: Stored, draft: Draft, until: float) -> None:
    plan = draft.plan
    for part in plan.spread().tolist():
        blocks = plan.blocks_of(part)
        cells = plan.cells_of(blocks)
        if stored.touched(cells) > _SOON:
            return
        draft.put(part, measure_part(stored, plan, part, draft.taste))
        if time.monotonic() > until:
            return


def _oriented(slow: T, fast: T, axis: int) -> tuple[T, T]:
    return (slow, fast) if axis == 0 else (fast, slow)


def _spread(count: int) -> list[int]:
    """Give an order in which any first few of so many are spread over all."""
    order: list[int] = np.argsort(np.arange(count) * _GOLDEN % 1).tolist()
    return order
