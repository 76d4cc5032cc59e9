"""What an earlier sweep has done already."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from ..intake.labels import Label, read_label
from ..intake.recognise import is_a

#: How far the score before may be from what it was, relative to it or to the largest change.
_SAME = 1e-3


class _Plan(Protocol):
    """What is asked of a plan: its cells, and the labels of each."""

    @property
    def stack(self) -> str:
        """Name of the stack."""

    @property
    def cells(self) -> Mapping[tuple[int, int], Any]:
        """By 0-based (layer, component)."""

    def label(self, index: tuple[int, int]) -> tuple[Label, Label]:
        """Layer and component."""


class Resumed:
    """The changes that an earlier sweep has found.

    Parameters
    ----------
    grid : xarray.DataArray or Heatmap
        What it gave, or what it filled.
    mode : str
        Of the sweep that goes on.

    Attributes
    ----------
    layers, components : tuple of labels
    stack : str

    Raises
    ------
    TypeError, ValueError
        If that is no grid of a sweep, or one in another mode.
    """

    def __init__(self, grid: Any, mode: str) -> None:
        if is_a(grid, "layergrid", "Heatmap"):
            grid = grid.data
        if not is_a(grid, "xarray", "DataArray"):
            raise TypeError(
                f"resume is a {type(grid).__name__}; expected what an earlier ablation gave"
            )
        if grid.attrs.get("statistic") != "ablation" or "baseline" not in grid.attrs:
            raise ValueError(
                f"resume is a grid of {grid.attrs.get('statistic', grid.name)!r}; expected what an "
                "earlier ablation gave, with its attrs"
            )
        if grid.attrs["mode"] != mode:
            raise ValueError(
                f"resume was measured with mode={grid.attrs['mode']!r}, and mode is {mode!r}: "
                "leave resume out, or take its mode"
            )
        self.stack = str(grid.attrs["stack"])
        self._baseline = float(grid.attrs["baseline"])
        layers, components = (
            [read_label(label) for label in np.atleast_1d(grid.coords[dim].values)]
            for dim in ("layer", "component")
        )
        self.layers, self.components = tuple(layers), tuple(components)
        values = np.asarray(grid.transpose("layer", "component").values, np.float64)
        empty = np.zeros(values.shape, bool)
        for hole in ("absent", "pending"):
            if hole in grid.coords:
                empty |= np.asarray(grid.coords[hole].transpose("layer", "component").values, bool)
        self._changes = {
            (layers[i], components[j]): float(values[i, j]) for i, j in np.argwhere(~empty).tolist()
        }

    def changes_in(self, plan: _Plan) -> dict[tuple[int, int], float]:
        """Give what is known already of the cells of a plan.

        Raises
        ------
        ValueError
            If it is of another stack.
        """
        if plan.stack != self.stack:
            raise ValueError(
                f"resume was measured in the stack {self.stack!r}, and stack is {plan.stack!r}: "
                "leave resume out, or take its stack"
            )
        labels = {index: plan.label(index) for index in plan.cells}
        return {i: self._changes[label] for i, label in labels.items() if label in self._changes}

    def check(self, baseline: float) -> None:
        """Refuse to go on where the score before is not what it was.

        Raises
        ------
        ValueError
        """
        # A score may well be about 0, and what is then small is so beside its changes.
        largest = max((abs(c) for c in self._changes.values() if math.isfinite(c)), default=0)
        same = math.isclose(baseline, self._baseline, rel_tol=_SAME, abs_tol=_SAME * largest)
        if not same and not (math.isnan(baseline) and math.isnan(self._baseline)):
            raise ValueError(
                f"resume was measured from a score of {self._baseline:.6g}, and the score is "
                f"{baseline:.6g} now: another model, text or score; leave resume out"
            )
