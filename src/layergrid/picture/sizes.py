"""What all of a picture is measured in; ``js/src/layout/sizes.ts`` has the same."""

from __future__ import annotations

from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle, CSS pixels within the picture."""

    x: float
    y: float
    w: float
    h: float


FONT = 12
TITLE_SIZE = 13 / FONT
LINE = 16
#: Kept free round everything.
MARGIN = 4
