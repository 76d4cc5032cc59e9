"""How a contender is built and updated in the kernel, and how the page tells what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

#: A canvas of Chromium holds no more pixels.
CANVAS_PIXELS = 16_384**2


@dataclass(frozen=True)
class Contender:
    """The snippets of one contender; Python for the kernel, JavaScript for the page."""

    #: Defines ``make(values)``, which gives what is displayed and calls ``clicked()`` when Python
    #: hears of a click, and ``update(widget, values)``.
    build: str
    #: A function of layers and components; gives the colours of some spots, [] if not painted.
    colours: str
    #: A function of a number, layers and components; gives where to click for that time.
    spot: str
    #: Beyond so many cells it is not tried, and why.
    most_cells: int
    why: str
    #: Whose version is told.
    package: str = "anywidget"


def frames(layers: int, components: int, count: int = 4) -> str:
    """Give the code that makes the same float32 ``frames``, from 0 to 1, for everybody.

    A ramp, moved on from frame to frame, under noise: however a contender reduces cells to
    pixels, every spot of a picture differs from the frame before, and no two spots look alike.
    """
    return dedent(f"""
        import numpy as np, time
        rng = np.random.default_rng(0)
        def frame(k):
            cells = rng.random(({layers}, {components}), dtype="float32")
            along = np.arange({components}, dtype="float32") / {components} + k / {count}
            for layer, row in enumerate(cells):
                row *= np.float32(.15)
                row += np.float32(.85) * ((along + layer / {layers}) % 1).astype("float32")
            return cells
        frames = [frame(k) for k in range({count})]
    """)
