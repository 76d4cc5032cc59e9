"""What a grid of weights can be made from: parameters with a name, a shape, and a way to read them.

Pure: what is known of a parameter before anything of it is read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from .slices import Slice


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

    def read(self, entry: Entry, part: Slice | None = None) -> Any:
        """Give a parameter, or a part of one, as an array (numpy) or tensor (torch, its device).

        From disk it is lazy where it can be: a memory map, of which only what is looked at is
        read. Dequantised where it is quantised.
        """

    def chunks(self, entry: Entry, part: Slice | None = None) -> Iterator[NDArray[Any]] | None:
        """Give the values of a parameter, or a part of one, as 1-D arrays, one after the other.

        In any order; an array is good until the next is asked for. Memory stays bounded however
        large the parameter is. None where the values are in memory as they are.
        """
