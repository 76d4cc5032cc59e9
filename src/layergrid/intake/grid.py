"""The labelled matrix that everything else works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .categories import Categories
from .holes import Holes
from .labels import Labels
from .stored import Stored

Axis = Literal["steps", "layers", "components"]
#: The axes in their order, as the attributes of a `Grid` are called.
AXES: tuple[Axis, ...] = ("steps", "layers", "components")

_NO_COORDS: Mapping[str, NDArray[Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The labelled matrix, checked and frozen; arrays are read-only and owned.

    Attributes
    ----------
    values : ndarray or Stored, shape (layer, component) or (step, layer, component)
        In the dtype that came in; the codes of categories where there are such. What stands in
        an absent or pending cell means nothing. `Stored` ones are not in memory.
    layers, components : tuple of str, int, float or bool
        Unique labels of the axes.
    steps : tuple or None
        Labels of the leading axis, None for a two-dimensional grid.
    holes : ndarray of uint8 in the shape of `values`, or None
        `PRESENT`, `ABSENT` or `PENDING`; None where every cell is present.
    categories : Categories or None
        What the codes stand for; None where values are numbers.
    coords : mapping of str to ndarray, shape (layer, component)
        Further facts about a cell, such as `name`, `shape`, `dtype`.
    layer_title, component_title : str or None
        What the axes are called when that is not simply layer and component.
    name : str or None
        What the values call themselves.
    attrs : mapping
        Kept for `data`; of it only ``long_name`` and ``units`` are read, for `value_title`.
    labelled : set of {"steps", "layers", "components"}
        The axes whose labels came with the values, or beside them; the others go by position.
    """

    values: NDArray[Any] | Stored
    layers: Labels
    components: Labels
    steps: Labels | None = None
    holes: Holes = None
    categories: Categories | None = None
    coords: Mapping[str, NDArray[Any]] = field(default_factory=lambda: _NO_COORDS)
    layer_title: str | None = None
    component_title: str | None = None
    name: str | None = None
    attrs: Mapping[str, Any] = field(default_factory=dict)
    labelled: frozenset[Axis] = frozenset()

    @property
    def shape(self) -> tuple[int, int]:
        """Number of layers, number of components."""
        return len(self.layers), len(self.components)

    @property
    def value_title(self) -> str | None:
        """Name and unit of the values, as xarray's own plots label a colour bar."""
        name, units = self.attrs.get("long_name", self.name), self.attrs.get("units")
        return f"{name} [{units}]" if name and units and units != name else name

    @property
    def held(self) -> NDArray[Any]:
        """All values, where they are in memory.

        Raises
        ------
        TypeError
            Where they are not: nothing reads all of them at once.
        """
        if isinstance(self.values, Stored):
            raise TypeError(self.values.refusal("this"))
        return self.values

    def frame(self, step: int) -> NDArray[Any]:
        """Values of one step, shape (layer, component), where they are in memory; see `held`."""
        return self.held if self.steps is None else self.held[step]

    def at(self, step: int, flats: NDArray[np.intp]) -> NDArray[Any]:
        """Values of some cells of a step, by flat index; those that are not in memory are read.

        Raises
        ------
        ReadError
        """
        if isinstance(self.values, Stored):
            return self.values.frame(step).at(*np.divmod(flats, len(self.components)))
        return self.frame(step).ravel()[flats]

    def frame_holes(self, step: int) -> Holes:
        """Holes of one step, shape (layer, component)."""
        if self.holes is None or self.steps is None:
            return self.holes
        holes: NDArray[np.uint8] = self.holes[step]
        return holes

    def plain(self, values: NDArray[Any]) -> NDArray[Any]:
        """Give some of `values` as they came in: categories themselves, not their codes."""
        if self.categories is None:
            return values
        came: NDArray[Any] = self.categories.values[values]
        return came


EMPTY = Grid(values=np.zeros((0, 0)), layers=(), components=())


def make_grid(array: NDArray[Any] | Stored, source: str, holes: Holes = None) -> Grid:
    """Check the shape, and freeze a copy with default labels; what is not in memory stays there."""
    if array.ndim not in (2, 3):
        raise ValueError(dimension_error(source, array.shape))
    if array.size == 0:
        raise ValueError(
            f"values ({source}) is empty, shape {array.shape}; a grid needs at least one cell"
        )
    values = array
    if not isinstance(array, Stored):
        # A copy: what the caller does to its own array later must not reach the picture half-way.
        values = freeze(np.array(array, order="C"))
    *leading, n_layers, n_components = values.shape
    return Grid(
        values=values,
        steps=tuple(range(leading[0])) if leading else None,
        layers=tuple(range(n_layers)),
        components=tuple(range(n_components)),
        holes=None if holes is None else freeze(np.ascontiguousarray(holes)),
    )


def dimension_error(source: str, shape: tuple[int, ...], dims: tuple[Any, ...] = ()) -> str:
    """Say that what came has too few or too many dimensions, and what to do."""
    named = f", dims {dims}" if dims else ""
    cure = {
        0: "a grid has layers and components: pass a 2-D array",
        1: "one layer is values[None, :], one component is values[:, None]",
    }.get(len(shape), "index or average the extra axes away, or stack them into layers")
    return (
        f"values ({source}) has {len(shape)} dimensions, shape {tuple(shape)}{named}; "
        f"expected (layer, component) or (step, layer, component): {cure}"
    )


def freeze(array: NDArray[Any]) -> NDArray[Any]:
    """Make an array that we own read-only."""
    array.flags.writeable = False
    return array


def locked(array: NDArray[Any]) -> NDArray[Any]:
    """Give a read-only view to hand out: numpy lets only who owns an array unlock it."""
    return freeze(array).view()
