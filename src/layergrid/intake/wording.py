"""What errors say alike: where something is, what there is, what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np


def place(flat: int, shape: tuple[int, ...]) -> str:
    """Give the position of a cell by its flat index."""
    return str(tuple(int(k) for k in np.unravel_index(flat, shape)))


def some_of(labels: Iterable[Any]) -> str:
    """List labels, leaving out the middle of many."""
    names = [repr(label) for label in labels]
    return ", ".join(names if len(names) <= 8 else [*names[:4], "…", *names[-2:]])


def did_you_mean(known: Iterable[Any], label: Any) -> str:
    """Ask whether one of the `known` was meant; empty if none is like `label`."""
    from difflib import get_close_matches

    known = list(known)
    for candidate in known:
        if str(candidate) == str(label):
            return f"did you mean {candidate!r} ({type(candidate).__name__})?"
    close = get_close_matches(str(label), [str(candidate) for candidate in known], n=1)
    return f"did you mean {close[0]!r}?" if close else ""
