"""The part of a stored parameter that is a component of its own: what it is, and where it lies."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

#: A slice in words: [expert e, then a colon for each axis before, groups * start : stop].
_TEXT = re.compile(r"\[(?:expert (\d+|\*), )?((?::, )*)(?:(\d+)\*)?(\d+):(\d+)\]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Slice:
    """The part of a stored parameter that is a component of its own.

    Along `axis` (counted without the axis of experts) the parameter is `groups` equal runs, one
    after the other, and of each run this takes ``start:stop``. One group is a plain slice; q of a
    projection that keeps q, k, v of each head together has as many groups as there are heads.
    `expert`, where it is not None, is an index into a first axis of experts that comes before,
    or ``"*"``: that part of each expert.

    The text form is what a grid's coordinate ``part`` holds, so that a cell finds its tensor
    again: ``"[0:576]"``, ``"[:, 768:1536]"``, ``"[9*0:64]"``, ``"[expert 3, 0:1408]"``,
    ``"[expert *, 0:1408]"``.

    Raises
    ------
    ValueError
        For numbers that no part can have.
    """

    axis: int
    groups: int
    start: int
    stop: int
    expert: int | Literal["*"] | None = None

    def __post_init__(self) -> None:
        numbers = [self.axis, self.start, self.stop, self.expert]
        if any(isinstance(number, int) and number < 0 for number in numbers):
            raise ValueError(f"{self} is no part of a parameter: its numbers count from 0 on")
        if self.groups < 1 or self.start > self.stop:
            raise ValueError(f"{self} is no part of a parameter: it takes nothing of no run")

    def __str__(self) -> str:
        groups = "" if self.groups == 1 else f"{self.groups}*"
        steps = [*[":"] * self.axis, f"{groups}{self.start}:{self.stop}"]
        return f"[{', '.join(steps if self.expert is None else [f'expert {self.expert}', *steps])}]"

    @classmethod
    def parse(cls, text: str) -> Slice:
        """Read the text form.

        Raises
        ------
        ValueError
            If `text` is none.
        """
        match = _TEXT.fullmatch(text)
        if match is None:
            raise ValueError(
                f"{text!r} is no part of a parameter; expected its text form, such as '[0:576]', "
                "'[:, 768:1536]', '[9*0:64]' or '[expert 3, 0:1408]'"
            )
        expert, axes, groups, start, stop = match.groups()
        return cls(
            axis=axes.count(":"),
            groups=int(groups or 1),
            start=int(start),
            stop=int(stop),
            expert="*" if expert == "*" else None if expert is None else int(expert),
        )

    def inside(self, shape: Sequence[int]) -> tuple[tuple[int, ...], int]:
        """Tell in what it is a slice: the shape of that, and which axis of it.

        Parameters
        ----------
        shape : sequence of int
            Of the whole parameter.

        Returns
        -------
        (shape, axis)
            Without the axis of experts if it is part of one expert, with it otherwise.

        Raises
        ------
        ValueError
            If a parameter of that shape has no such part.
        """
        inner, axis = tuple(shape), self.axis
        n_experts = inner[0] if inner else 0
        if self.expert == "*":
            axis += 1
        elif self.expert is not None:
            inner = inner[1:]
        fits = (
            (not isinstance(self.expert, int) or self.expert < n_experts)
            and axis < len(inner)
            and inner[axis] % self.groups == 0
            and self.stop <= inner[axis] // self.groups
        )
        if not fits:
            raise ValueError(f"a parameter of shape {tuple(shape)} has no part {self}")
        return inner, axis

    def shape(self, shape: Sequence[int]) -> tuple[int, ...]:
        """Give the shape of this part of a parameter of that shape.

        Raises
        ------
        ValueError
            If such a parameter has no such part.
        """
        inner, axis = self.inside(shape)
        return (*inner[:axis], self.groups * (self.stop - self.start), *inner[axis + 1 :])

    def of(self, array: Any) -> Any:
        """Take this part of a whole parameter.

        Parameters
        ----------
        array : numpy.ndarray or torch.Tensor
            The whole parameter.

        Returns
        -------
        numpy.ndarray or torch.Tensor
            Of the shape that `shape` tells; a view, unless runs between others are taken.

        Raises
        ------
        ValueError
            If a parameter of that shape has no such part.
        """
        shape, axis = self.inside(array.shape)
        if isinstance(self.expert, int):
            array = array[self.expert]
        before = (slice(None),) * axis
        if self.groups == 1:
            return array[(*before, slice(self.start, self.stop))]
        run = shape[axis] // self.groups
        runs = array.reshape((*shape[:axis], self.groups, run, *shape[axis + 1 :]))
        taken = runs[(*before, slice(None), slice(self.start, self.stop))]
        return taken.reshape(
            (*shape[:axis], self.groups * taken.shape[axis + 1], *shape[axis + 1 :])
        )


class Runs(NamedTuple):
    """Where the elements of a part lie among those of its parameter, in C order.

    There are `n` runs of `length` elements, the first from element `first` on, each `period`
    elements after the one before.
    """

    first: int
    n: int
    period: int
    length: int


def runs_of(shape: tuple[int, ...], part: Slice | None) -> Runs:
    """Give the runs of elements that a part of a parameter of that shape consists of.

    Raises
    ------
    ValueError
        If such a parameter has no such part.
    """
    if part is None:
        return Runs(0, 1, math.prod(shape), math.prod(shape))
    inner, axis = part.inside(shape)
    begin = part.expert * math.prod(inner) if isinstance(part.expert, int) else 0
    below = math.prod(inner[axis + 1 :])
    period = inner[axis] // part.groups * below
    first, length = part.start * below, (part.stop - part.start) * below
    count = math.prod(inner[:axis]) * part.groups
    if length == period:
        return Runs(begin, 1, count * period, count * period)
    return Runs(begin + first, count, period, length)
