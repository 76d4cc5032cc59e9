"""The values of the picked layer over the components, as bars that can be picked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bqplot
import numpy as np

from .charts import ACCENT, MUTED, RULE
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
        #: The layer, and the components of the bars.
        self._shown: tuple[int | None, list[int]] = (None, [])
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
        """Show the values of one layer, of the components that are in sight."""
        seen = np.flatnonzero((axis.middles >= 0) & (axis.middles <= axis.length))
        self._shown = curve.at, seen.tolist()
        aids, padding = bands(axis._replace(middles=axis.middles[seen]))
        base = zero_of(reading)
        lengths = np.clip(curve.units[seen], 0, 1) - base
        # A value at the end that bars begin at can be seen, too, and clicked.
        lengths = np.copysign(np.maximum(np.abs(lengths), _SHORTEST), lengths)
        colours = [curve.colours[j] for j in seen]
        layers, components = reading.picks
        picked = components[layers == curve.at]
        with self.bars.hold_sync():
            self.bars.x = [*axis.middles[seen], *aids]
            self.bars.y = [*(base + np.nan_to_num(lengths)), base, base]
            self.bars.base = base
            self.bars.colors = [*colours, MUTED, MUTED]
            self.bars.opacities = [1.0] * len(seen) + [0.0, 0.0]
            self.bars.padding = padding
            self.bars.selected = np.flatnonzero(np.isin(seen, picked)).astype(np.uint32)
        self.caption.say(curve.name)

    def _clicked(self, _mark: Any, content: dict[str, Any]) -> None:
        layer, components = self._shown
        at = content["data"]["index"]
        if at < len(components):  # else it was of others, which have just gone
            self._pick(layer, components[at])
