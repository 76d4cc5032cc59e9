"""A chart in line with a heatmap's cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bqplot

from ..intake import Labels, label_text
from ..picture.labels import INK, is_numbered, thin
from .charts import Caption, axis_of, close, figure, name_ticks, stand_at
from .geometry import Axis, Frame


class InLine:
    """A chart with an axis of cells, as long as these are, and one along the colour bar.

    Parameters
    ----------
    units : bqplot.LinearScale
        Along the colour bar.
    down : bool
        The cells are one under the other.

    Attributes
    ----------
    figure : bqplot.Figure
    cells : bqplot.LinearScale
        In CSS pixels.
    caption : Caption
    """

    def __init__(self, units: Any, down: bool) -> None:
        self.down = down
        self.cells = bqplot.LinearScale(min=0, max=1, allow_padding=False, reverse=down)
        self.value_axis = axis_of(units, "bottom" if down else "left", labels=not down)
        self._cell_axis = axis_of(self.cells, "left" if down else "bottom")
        self._cell_axis.grid_lines = "none"
        self.caption = Caption()
        self.figure = figure([], [self.value_axis, self._cell_axis])

    def draw(self, marks: Sequence[Any]) -> None:
        """Have these marks, the last one on top."""
        self.figure.marks = list(marks)

    def stand(self, axis: Axis, frame: Frame, labels: Labels = ()) -> None:
        """Stand in line with cells; with `labels` where those of the heatmap are far away."""
        self.cells.max = axis.length
        stand_at(self.figure, frame)
        self.caption.stand(frame.margins)
        self._cell_axis.visible = bool(labels)
        if labels:
            pitch = axis.length / len(labels)
            shown = thin(len(labels), pitch, INK, is_numbered(labels))
            name_ticks(self._cell_axis, [(axis.middles[k], label_text(labels[k])) for k in shown])

    def close(self) -> None:
        """Take it off all pages."""
        close(self.figure, self.caption, self.cells)
