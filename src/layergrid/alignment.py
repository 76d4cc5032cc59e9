"""What is said of one grid's cells, said of another's: by label, else by place. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import intake
from .intake import Grid
from .selection import find, positions


def keep_labels(new: Grid, old: Grid) -> Grid:
    """Give an axis without labels the present ones; labelled ones bring their own."""
    kept = {axis: getattr(old, axis) for axis in _unlabelled(new, old)}
    fits = all(len(labels) == len(getattr(new, axis)) for axis, labels in kept.items())
    if not fits or not (new.labelled or new.values.ndim == old.values.ndim):
        raise ValueError(
            f"values has shape {new.values.shape}, but the grid has {old.values.shape}; to change "
            "the shape, set a DataFrame or a labelled DataArray, or make a new Heatmap"
        )
    if "layers" in kept:
        kept["layer_title"] = new.layer_title or old.layer_title
    if "components" in kept:
        kept["component_title"] = new.component_title or old.component_title
    if not new.labelled:
        kept["name"] = new.name or old.name
        kept["attrs"] = new.attrs or old.attrs
    new = replace(new, **kept)
    if same_axes(new, old):
        # The same objects, so that the labels are not sent again; names stay with their cells.
        coords = new.coords or old.coords
        if _same_coords(coords, old.coords):
            coords = old.coords
        steps = old.steps if new.steps == old.steps else new.steps
        return replace(
            new, layers=old.layers, components=old.components, steps=steps, coords=coords
        )
    return new


def _unlabelled(part: Grid, grid: Grid) -> list[str]:
    """List the axes of `part` that go by position in `grid`."""
    return [
        axis
        for axis in intake.AXES
        if axis not in part.labelled and None not in (getattr(part, axis), getattr(grid, axis))
    ]


def same_axes(a: Grid, b: Grid) -> bool:
    """Whether two grids have the same labels in the same order."""
    return a.layers == b.layers and a.components == b.components


def _same_coords(a: Mapping[str, NDArray[Any]], b: Mapping[str, NDArray[Any]]) -> bool:
    return a is b or (a.keys() == b.keys() and all(np.array_equal(a[k], b[k]) for k in a))


def carry(facts: NDArray[Any], old: Grid, new: Grid) -> NDArray[Any] | None:
    """Give what is known of the cells of `old` to those of `new`, by label.

    Of other cells nothing is known: False, "". What differs from step to step means nothing
    without steps.
    """
    if same_axes(old, new) and (facts.ndim == 2 or old.steps == new.steps):
        return facts
    if facts.ndim == 3 and new.steps is None:
        return None
    come, go = [], []
    for axis in intake.AXES[-facts.ndim :]:
        places = positions(getattr(new, axis))
        stay = [(k, places[x]) for k, x in enumerate(getattr(old, axis)) if x in places]
        come.append([k for k, _ in stay])
        go.append([place for _, place in stay])
    carried = np.zeros(new.values.shape[-facts.ndim :], facts.dtype)
    carried[np.ix_(*go)] = facts[np.ix_(*come)]
    return intake.freeze(carried)


def carry_step(old: Grid, step: int, new: Grid) -> int:
    """Give the index of the same step; the last where that is gone, or was the last."""
    if new.steps is None:
        return 0
    last = len(new.steps) - 1
    if old.steps is None or step == len(old.steps) - 1:
        return last
    return positions(new.steps).get(old.steps[step], last)


def align(facts: Grid, grid: Grid, what: str, cure: str) -> NDArray[Any]:
    """Put what is said of cells in the grid's order; of which nothing is said have False or ""."""
    by_position = _unlabelled(facts, grid)
    fits = all(len(getattr(facts, axis)) == len(getattr(grid, axis)) for axis in by_position)
    if not fits or (facts.steps is not None and grid.steps is None):
        raise ValueError(
            f"{what} has shape {facts.values.shape}, but the grid has {grid.values.shape}; {cure}"
        )
    if not facts.labelled:
        return facts.held
    places = []
    for axis in intake.AXES[-facts.values.ndim :]:
        labels, there = getattr(facts, axis), positions(getattr(grid, axis))
        known = axis not in by_position
        places.append(
            [find(there, label, axis[:-1]) if known else k for k, label in enumerate(labels)]
        )
    aligned = np.zeros(grid.values.shape[-facts.values.ndim :], facts.values.dtype)
    aligned[np.ix_(*places)] = facts.held
    return intake.freeze(aligned)
