"""The values of the picked layer over the components, as bars that can be picked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bqplot
import numpy as np

from .charts import ACCENT, RULE
from .geometry import Axis, bands
from .in_line import InLine
from .reading import Curve, Reading, zero_of

#: Of bars, in parts of the colour bar.
_SHORTEST = 0.02


class Across(InLine):
    """Bars for the components, which stand where those of the heatmap do.

    Parameters
    ----------
    units : bqplot.LinearScale
        Along the colour bar.
    down : bool
        The components are one under the other.
    pick : callable
        Told the layer, None for the mean over all, and the component of a bar that was clicked.

    Attributes
    ----------
    bars : bqplot.Bars
        One for each component, then two out of sight; see `bands`.
    """

    def __init__(self, units: Any, down: bool, pick: Callable[[int | None, int], None]) -> None:
        super().__init__(units, down)
        self._pick = pick
        self._curve: Curve | None = None
        self.bars = bqplot.Bars(
            x=[0.0],
            y=[0.0],
            scales={"x": self.cells, "y": units},
            orientation="horizontal" if down else "vertical",
            color_mode="group",
            stroke=RULE,
            selected_style={"stroke": ACCENT, "stroke-width": "2.5px"},
            apply_clip=False,
            enable_hover=False,
            interactions={},
        )
        self.bars.on_element_click(self._clicked)
        self.draw([self.bars])
        self.figure.add_class("layergrid-picks")

    def show(self, reading: Reading, curve: Curve, axis: Axis) -> None:
        """Show the values of one layer."""
        self._curve = curve
        aids, padding = bands(axis)
        base = zero_of(reading)
        units = np.clip(curve.units, 0, 1)
        # A value at the end that bars begin at can be seen, too, and clicked.
        short = np.abs(units - base) < _SHORTEST
        units = np.nan_to_num(np.where(short, base + _SHORTEST, units), nan=base)
        layers, components = reading.picks
        with self.bars.hold_sync():
            self.bars.x = [*axis.middles, *aids]
            self.bars.y = [*units, base, base]
            self.bars.base = base
            self.bars.colors = [*curve.colours, *curve.colours[:1] * 2]
            self.bars.opacities = [1.0] * len(units) + [0.0, 0.0]
            self.bars.padding = padding
            self.bars.selected = np.unique(components[layers == curve.at]).astype(np.uint32)
        self.caption.say(curve.name)

    def _clicked(self, _mark: Any, content: dict[str, Any]) -> None:
        at, curve = content["data"]["index"], self._curve
        if curve is not None and at < len(curve.units):  # else it was of others, now gone
            self._pick(curve.at, at)
