"""What a grid of weights can be made from: parameters with a name, a shape, and a way to read them.

Pure: what is known of a parameter before anything of it is read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from numpy.typing import NDArray

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


@dataclass(frozen=True, slots=True)
class Entry:
    """One parameter of a source, as its header tells it.

    Attributes
    ----------
    name : str
        As the source calls it, unique in it.
    shape : tuple of int
        Of the parameter as it is used: of a quantised one, after dequantising.
    dtype : str
        numpy's or ml_dtypes' name, ``"float32"``, ``"bfloat16"``, ``"float8_e4m3fn"``; what a
        quantised one is, as ``"int4 (gptq)"``.
    nbytes : int
        As stored, with the scales and the like that belong to it.
    twin : str or None
        Name of an earlier entry that is the same memory (tied and shared weights).
    pieces : sequence of (str, Slice)
        What it is fused of, by the name of the piece: q, k, v; gate, up. Empty if it is one.
    n_experts : int or None
        Length of its first axis where that axis is experts.
    has_values : bool
        False of a meta tensor, which can be counted but not read.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    nbytes: int
    twin: str | None = None
    pieces: Sequence[tuple[str, Slice]] = ()
    n_experts: int | None = None
    has_values: bool = True

    @property
    def size(self) -> int:
        """How many parameters there are in it."""
        return math.prod(self.shape)


class Source(Protocol):
    """Named parameters that can be read one by one, from any thread."""

    @property
    def title(self) -> str:
        """What people call it: a class name, or the base name of a file or folder."""

    @property
    def config(self) -> Mapping[str, Any]:
        """What the model says of itself, as in transformers' ``config.json``; empty if nothing."""

    @property
    def entries(self) -> Sequence[Entry]:
        """All parameters, in the source's own order; read from the header alone."""

    @property
    def streams(self) -> bool:
        """Whether `chunks` spares memory that `read` would take: whether it is on disk."""

    def read(self, entry: Entry, part: Slice | None = None) -> Any:
        """Give a parameter, or a part of one, as an array (numpy) or tensor (torch, its device).

        From disk it is lazy where it can be: a memory map, of which only what is looked at is
        read. Dequantised where it is quantised.
        """

    def chunks(self, entry: Entry, part: Slice | None = None) -> Iterator[NDArray[Any]]:
        """Give the values of a parameter, or a part of one, as 1-D arrays, one after the other.

        In any order; an array is good until the next is asked for. Memory stays bounded however
        large the parameter is.
        """
