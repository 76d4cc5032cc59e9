"""How many values there are along the colour bar, and a brush over them."""

from __future__ import annotations

from typing import Any

import bqplot
import numpy as np

from ..colors import Table
from ..norms import Scale
from .binning import Bins
from .charts import ACCENT, RULE, Caption, axis_of, close, figure, set_ticks, stand_at
from .geometry import Frame
from .reading import hues_of_units


class Histogram:
    """Bars of counts, in the colours of the values that they count.

    Parameters
    ----------
    units : bqplot.LinearScale
        Along the colour bar.
    brush : bool
        Whether an interval can be brushed.

    Attributes
    ----------
    figure : bqplot.Figure
    bars : bqplot.Bars
    brush : bqplot.interacts.BrushIntervalSelector or None
        Its `selected` is in units: 0 at the low end of the colour bar, 1 at the high one.
    """

    def __init__(self, units: Any, brush: bool) -> None:
        self._counts = bqplot.LinearScale(min=0, max=1, allow_padding=False)
        self.bars = bqplot.Bars(
            x=[0.5],
            y=[0.0],
            scales={"x": units, "y": self._counts},
            color_mode="group",
            stroke=RULE,
            padding=0.08,
            enable_hover=False,
            interactions={},
        )
        self.value_axis = axis_of(units, "bottom")
        self.caption = Caption()
        self.brush = bqplot.interacts.BrushIntervalSelector(scale=units, color=ACCENT)
        self.figure = figure(
            [self.bars], [self.value_axis], interaction=self.brush if brush else None
        )

    def stand(self, frame: Frame) -> None:
        """Stand where there is a place."""
        stand_at(self.figure, frame)
        self.caption.stand(frame.margins)

    def show(self, bins: Bins, scale: Scale, table: Table, length: float) -> None:
        """Show counts, over ticks for an axis of this length."""
        with self.bars.hold_sync():
            self.bars.x = bins.middles
            self.bars.y = bins.counts.astype(np.float64)
            self.bars.colors = hues_of_units(bins.middles, table)
        self._counts.max = max(1.0, float(bins.counts.max(initial=0)))
        set_ticks(self.value_axis, scale, length)

    def close(self) -> None:
        """Take it off all pages."""
        close(self.figure, self.caption, self._counts, self.brush)
