"""Where charts stand, so that they are in line with a heatmap's cells. Pure; CSS pixels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..picture.draw import arrange
from ..picture.frame import read_frame
from ..state import State
from ..wire import Placed

Lengths = NDArray[np.float64]

#: Width of what stands beside the heatmap: what it needs, and what it takes where there is room.
NEEDED, WIDEST = 220, 420
#: Over a chart: room for its caption. Under it: for the ticks of values, where there are any.
CAPTION, TICKS = 22, 22
#: Free at the left and the right of a chart; room for labels where those of the cells are far.
SIDE, LABELS = 22, 56
#: Height of the charts below, without captions and ticks.
BARS, PROFILE = 84, 110


class Margins(NamedTuple):
    """What is free round a chart, within its figure."""

    top: float
    right: float
    bottom: float
    left: float


class Frame(NamedTuple):
    """A figure: its height, and where within it the chart is."""

    height: float
    margins: Margins

    @property
    def length(self) -> float:
        """Height of the chart."""
        return self.height - self.margins.top - self.margins.bottom


class Axis(NamedTuple):
    """An axis of cells: how long it is, where the middle of each is, how thick they are."""

    length: float
    middles: Lengths
    thickness: float


class Stand(NamedTuple):
    """Where everything stands.

    Attributes
    ----------
    width : float
        Of the heatmap, and of what is below it.
    stacked : bool
        All stand one under the other: there is no room beside the heatmap.
    rows, columns : Axis
    beside, below, corner : Frame
        Beside the rows, below the columns, and the histogram.
    """

    width: float
    stacked: bool
    rows: Axis
    columns: Axis
    beside: Frame
    below: Frame
    corner: Frame


def stand(placed: Placed, n_layers: int, n_components: int) -> Stand:
    """Give where charts stand beside cells that a page has put there."""
    left, top, width, height = placed.cells
    whole_width, whole_height = placed.size
    layers, components = placed.layers, placed.components
    down, across = (components, layers) if placed.transpose else (layers, components)
    counts = (n_components, n_layers) if placed.transpose else (n_layers, n_components)
    stacked = placed.room - whole_width < NEEDED
    if stacked:
        beside = Frame(CAPTION + height + SIDE, Margins(CAPTION, SIDE, SIDE, LABELS))
    else:
        under_cells = max(0.0, whole_height - top - height)
        beside = Frame(whole_height, Margins(top, SIDE, under_cells, SIDE))
    under = Margins(CAPTION, max(0.0, whole_width - left - width), TICKS, left)
    tall = PROFILE if placed.transpose else BARS
    return Stand(
        width=whole_width,
        stacked=stacked,
        rows=_axis(height, down, counts[0], placed.cell[1]),
        columns=_axis(width, across, counts[1], placed.cell[0]),
        beside=beside,
        below=Frame(tall + CAPTION + TICKS, under),
        corner=Frame(tall + CAPTION + TICKS, beside.margins._replace(top=CAPTION, bottom=TICKS)),
    )


def _axis(length: float, middles: Iterable[float], count: int, thickness: float) -> Axis:
    found = np.array(list(middles), np.float64)
    if found.size != count:
        found = np.arange(count, dtype=np.float64) + 0.5
        found *= length / max(1, count)
    return Axis(length, found, thickness)


def predict(state: State) -> Placed:
    """Give where a page would put the cells, before one has."""
    place = arrange(state, read_frame(state))
    box, ratio = place.cells, place.ratio
    along = [
        tuple((start + end) / 2 / ratio for start, end in zip(axis.start, axis.end, strict=True))
        for axis in (place.rows, place.columns)
    ]
    layers, components = along[::-1] if state.transpose else along
    cell = tuple(
        (axis.end[0] - axis.start[0]) / ratio if axis.count else 1.0
        for axis in (place.columns, place.rows)
    )
    return Placed(
        current=True,
        room=place.width + WIDEST,
        transpose=state.transpose,
        cells=(box.x, box.y, box.w, box.h),
        size=(place.width, place.height),
        cell=(cell[0], cell[1]),
        layers=layers,
        components=components,
    )


class Bands(NamedTuple):
    """Bars as thick as cells: where those stand that make them so, and what is free between."""

    aids: tuple[float, float]
    padding: float


def bands(axis: Axis) -> Bands:
    """Tell how to have bqplot draw bars as thick as cells, in the middle of these.

    It divides the length from the first bar to the last by how many there are, in whole pixels.
    So there are two more, out of sight, as far away as it takes for that to be right.
    """
    first, last = (axis.middles.min(), axis.middles.max()) if axis.middles.size else (0.0, 0.0)
    n, reach = axis.middles.size + 2, axis.length + 2 * axis.thickness
    pitch = float(np.ceil(max(axis.thickness, (last - first + 2 * reach) / n)))
    # A little more, as what comes out a little less than whole would lose a pixel.
    free = (pitch * n + 1e-3 - (last - first)) / 2
    return Bands((float(first - free), float(last + free)), max(0.0, 1 - axis.thickness / pitch))
