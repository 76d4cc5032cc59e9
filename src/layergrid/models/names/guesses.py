"""Guesses at labels, and how certain they are. Pure."""

from __future__ import annotations

from typing import NamedTuple

from .sublayers import Path

#: How certain a guess is.
CERTAIN, LIKELY, WEAK = 3, 2, 1


class Guess(NamedTuple):
    """A label for a path.

    Attributes
    ----------
    label : str
    strength : int
        It gives way to a stronger guess of the same label; both do if neither is stronger.
    root : tuple of str or None
        The block whose labels stand or fall together.
    """

    label: str
    strength: int
    root: Path | None = None


def label_of(family: str, role: str) -> str:
    """Give the label of a role in a family."""
    return f"{'moe.shared' if family == 'shared' else family}.{role}"
