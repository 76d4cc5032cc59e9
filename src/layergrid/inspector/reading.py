"""What a heatmap's state says to the charts that stand beside it. Pure.

Along their axes of values they have the units of the colour bar: 0 at its low end, 1 at its high
one, whatever the norm. So a bar is as long as its colour is far along the bar.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..colors import NUMBERS, Table, bounds, kinds, table_index
from ..intake import Labels, label_text, widen
from ..norms import Numbers, Scale, positions
from ..state import State

#: More curves than this cannot be told apart.
MOST_CURVES = 6
#: How far what lies beyond the limits stands out of the chart, which cuts it there.
BEYOND = 0.06


class Reading(NamedTuple):
    """The step that a state shows; `values` is float64, NaN where a cell has no finite one."""

    layers: Labels
    components: Labels
    values: Numbers
    scale: Scale
    dtype: np.dtype[np.generic]
    table: Table
    #: Layer and component of each picked cell, in pick order.
    picks: tuple[NDArray[np.int64], NDArray[np.int64]]


class Curve(NamedTuple):
    """One value for each layer, of a component or of their mean; or the other way round.

    Attributes
    ----------
    name : str
        What it is of.
    at : int or None
        The component, or the layer, that it is of; None for the mean over all.
    units : ndarray of float
        Where each value lies along the colour bar; NaN where there is none.
    colours : list of str
        ``"#rrggbb"`` for each.
    """

    name: str
    at: int | None
    units: Numbers
    colours: list[str]


def read(state: State) -> Reading:
    """Read the step that a state shows, whose values are in memory."""
    grid = state.grid
    given, holes = grid.frame(state.step), grid.frame_holes(state.step)
    numbers = np.isin(kinds(given, holes, state.scale), NUMBERS)
    values = np.where(numbers, widen(given), np.nan).astype(np.float64)
    picked = np.divmod(state.selection.flats(), max(1, len(grid.components)))
    return Reading(
        grid.layers, grid.components, values, state.scale, given.dtype, state.table, picked
    )


def profiles(reading: Reading) -> tuple[list[Curve], int]:
    """Give a curve over the layers for each picked component, and how many more there are.

    Without any it is the mean over the components.
    """
    picked = _distinct(reading.picks[1])
    if not picked:
        return [_mean(reading, reading.values, 1, "component")], 0
    curves = [
        _curve(reading, label_text(reading.components[j]), j, reading.values[:, j])
        for j in picked[:MOST_CURVES]
    ]
    return curves, max(0, len(picked) - MOST_CURVES)


def across(reading: Reading) -> Curve:
    """Give the values over the components, in the layer that was picked last.

    Without any it is the mean over the layers.
    """
    layers = reading.picks[0]
    if layers.size == 0:
        return _mean(reading, reading.values, 0, "layer")
    i = int(layers[-1])
    return _curve(reading, f"layer {label_text(reading.layers[i])}", i, reading.values[i])


def _distinct(indices: NDArray[np.int64]) -> list[int]:
    _, first = np.unique(indices, return_index=True)
    found: list[int] = indices[np.sort(first)].tolist()
    return found


def _mean(reading: Reading, values: Numbers, axis: int, of: str) -> Curve:
    known = np.isfinite(values)
    count = known.sum(axis)
    # Each divided first: the sum of what float64 just holds would be infinite.
    means = np.where(known, values / np.maximum(np.expand_dims(count, axis), 1), 0).sum(axis)
    n = values.shape[axis]
    name = f"mean over {n:,} {of}{'s' if n != 1 else ''}"
    return _curve(reading, name, None, np.where(count > 0, means, np.nan))


def _curve(reading: Reading, name: str, at: int | None, values: Numbers) -> Curve:
    units = along(values, reading.scale, reading.dtype)
    return Curve(name, at, units, hues(values, reading.scale, reading.table))


def along(values: Numbers, scale: Scale, dtype: np.dtype[np.generic]) -> Numbers:
    """Tell where values lie along the colour bar; those beyond the limits lie beyond its ends."""
    least, most = bounds(scale, dtype)
    known = np.isfinite(values)
    units = np.where(known, positions(np.where(known, values, least), scale), np.nan)
    units[known & (values < least)] = -BEYOND
    units[known & (values > most)] = 1 + BEYOND
    if scale.norm.kind == "log":
        units[known & (values <= 0)] = -BEYOND
    return units


def zero_of(reading: Reading) -> float:
    """Tell where bars begin along the colour bar: at zero, else at the low end."""
    low, high, norm = reading.scale
    if not low < 0 < high or norm.kind == "log":
        return 0.0
    return float(positions(np.zeros(1), reading.scale)[0])


def hues(values: Numbers, scale: Scale, table: Table) -> list[str]:
    """Give the colour of each value."""
    known = np.where(np.isfinite(values), values, scale.low)
    return _hex(table[table_index(known, scale)])


def hues_of_units(units: Numbers, table: Table) -> list[str]:
    """Give the colour at each place along the colour bar."""
    return _hex(table[np.minimum(256 * units, 255).astype(np.intp)])


def _hex(colours: Table) -> list[str]:
    return [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in colours.tolist()]
