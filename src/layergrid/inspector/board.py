"""The box in which a heatmap and its charts stand in line."""

from __future__ import annotations

import ipywidgets

from ..heatmap import Heatmap
from ..intake import Labels
from ..state import State
from ..wire import Placed
from .charts import in_area
from .geometry import NEEDED, SIDE, WIDEST, Stand, predict, stand
from .histogram import Histogram
from .in_line import InLine


class Board:
    """Where the heatmap, the charts and the histogram stand.

    Parameters
    ----------
    heatmap : Heatmap
    histogram : Histogram
    state : State
        What the heatmap shows before a page has said where.

    Attributes
    ----------
    box : ipywidgets.GridBox
    """

    def __init__(self, heatmap: Heatmap, histogram: Histogram, state: State) -> None:
        self._heatmap = heatmap
        self._histogram = histogram
        self._placed = predict(state)
        self._at: Stand | None = None
        #: The layers and components that this is of.
        self._labels: tuple[Labels, Labels] | None = None
        self.box = ipywidgets.GridBox()
        self.box.add_class("layergrid-beside")

    def fill(self, beside: InLine, below: InLine) -> None:
        """Have these charts, one in line with the rows, one with the columns."""
        self._beside, self._below = beside, below
        self.box.children = [
            *in_area("heatmap", self._heatmap),
            *in_area("beside", beside.figure, beside.caption.widget),
            *in_area("below", below.figure, below.caption.widget),
            *in_area("corner", self._histogram.figure, self._histogram.caption.widget),
        ]
        self._at = None

    def put(self, placed: Placed) -> None:
        """Note where a page has put the cells."""
        self._placed, self._at = placed, None

    def stand(self, state: State) -> Stand:
        """Stand where there is a place for each, and tell where that is."""
        labels = state.grid.layers, state.grid.components
        if self._at is not None and labels == self._labels:
            return self._at
        self._labels = labels
        if self._placed.transpose != state.transpose:  # of which no page has told yet
            self._placed = predict(state)._replace(room=self._placed.room)
        at = self._at = stand(self._placed, *state.grid.shape)
        areas = (
            '"heatmap" "below" "beside" "corner"'
            if at.stacked
            else '"heatmap beside" "below corner"'
        )
        self.box.layout.grid_template_columns = self.columns(at)
        self.box.layout.grid_template_areas = areas
        self._beside.stand(at.rows, at.beside, labels[state.transpose] if at.stacked else ())
        self._below.stand(at.columns, at.below)
        self._below.figure.layout.width = f"{at.width:g}px"
        self._histogram.stand(at.corner)
        return at

    def columns(self, at: Stand, least: float = 0) -> str:
        """Give the columns in which all stands, the first one at least so wide."""
        if at.stacked:
            return "minmax(0, 1fr)"
        return f"{max(least, at.width):g}px minmax({NEEDED}px, {WIDEST}px)"

    def length(self, at: Stand) -> float:
        """Give how long the axis of values is beside the heatmap."""
        room = self._placed.room - (0 if at.stacked else at.width)
        return min(WIDEST, max(NEEDED, room)) - 2 * SIDE
