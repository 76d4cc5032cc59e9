"""Statistics of shape and type alone, of tensors without values too. Pure."""

from __future__ import annotations

import math
from typing import Protocol


class Header(Protocol):
    """What is known of a tensor before its values."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Its axes."""

    @property
    def nbytes(self) -> int:
        """How much memory all its values take."""


def parameters(header: Header) -> float:
    """Give how many values there are, from the shape alone."""
    return float(math.prod(header.shape))


def bytes(header: Header) -> float:
    """Give how many bytes the values take, from shape and type alone."""
    return float(header.nbytes)
