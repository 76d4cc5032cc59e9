"""What is looked at in any file of weights: whether it came, and whether it is still the same."""

from __future__ import annotations

import os
from pathlib import Path

Stamp = tuple[int, int]


def stamp_of(where: Path | int) -> Stamp:
    """Give the size of a file, by its path or descriptor, and the time of its last change."""
    status = os.stat(where)
    return status.st_size, status.st_mtime_ns


def check_same(
    now: Stamp | tuple[Stamp, ...], opened: Stamp | tuple[Stamp, ...], path: Path
) -> None:
    """Check by its stamp, or by those of all its files, that a checkpoint is what was opened.

    Raises
    ------
    ValueError
        If it has changed since.
    """
    if now != opened:
        raise ValueError(f"{path.name} has changed since it was opened; open it again")


def check_start(start: bytes, path: Path) -> None:
    """Check by its first bytes that a file is no pointer of Git LFS.

    Raises
    ------
    ValueError
        If it is one.
    """
    if start.startswith(b"version "):
        raise ValueError(
            f"{path.name} is a pointer of Git LFS to a file that did not come along; "
            "`git lfs pull` gets it"
        )
