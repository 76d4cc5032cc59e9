"""A grid whose values come one by one, and are seen while they come."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from threading import RLock, Timer
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..intake.labels import Label
from ..intake.recognise import is_a
from ..intake.wording import some_of
from ..state import resolve

if TYPE_CHECKING:
    import xarray as xr

#: Seconds between two pictures of a grid that is being filled: often enough to see it move, and
#: seldom enough to cost the work little.
_PACE = 0.1


class Facts(Protocol):
    """What a grid says of a cell beside its value, as texts, "" where there is nothing to say."""

    @property
    def name(self) -> str:
        """Path of what it stands for."""

    @property
    def shape(self) -> str:
        """As ``576×1536``."""

    @property
    def dtype(self) -> str:
        """Of what it stands for."""

    @property
    def part(self) -> str:
        """Text of a `Slice`."""


class Laid(Protocol):
    """A labelled grid before its values; a (layer, component) without a cell is absent."""

    @property
    def layers(self) -> Sequence[Label]:
        """Labels, in order."""

    @property
    def components(self) -> Sequence[Label]:
        """Labels, in order."""

    @property
    def cells(self) -> Mapping[tuple[int, int], Facts]:
        """By 0-based (layer, component)."""


def check_into(into: Any, what: str | None) -> None:
    """Refuse what is no heatmap, and one for categories if `what` gives numbers.

    Raises
    ------
    TypeError, ValueError
    """
    if into is None:
        return
    if not is_a(into, "layergrid", "Heatmap"):
        raise TypeError(
            f"into is a {type(into).__name__}; expected a Heatmap, whose cells are to be filled"
        )
    categories = into._store.state.categories
    if categories is not None and what is not None:
        raise ValueError(
            f"into has the categories {some_of(categories)}, but {what} gives numbers of any "
            "value: set its categories to None first, or fill another Heatmap"
        )


class Filling:
    """The grid of a plan while it is measured: pending cells, and a picture of what is done.

    Parameters
    ----------
    plan : Laid
        The labelled grid.
    dtype : dtype
        Of the values: integers where there is something to count.
    name, attrs : str, mapping
        Those of the DataArray.
    into : Heatmap or None
        Where it is shown: labelled and pending at once, and with what is done when the work ends,
        however it ends.
    component_title : str or None
        What the axis is called if its labels are no components.

    Raises
    ------
    TypeError, ValueError
        When entered, if `into` is not to show numbers of this dtype: by its text, say.
    """

    def __init__(
        self,
        plan: Laid,
        dtype: type,
        name: str,
        attrs: Mapping[str, Any],
        into: Any = None,
        component_title: str | None = None,
    ) -> None:
        shape = len(plan.layers), len(plan.components)
        self._plan, self._name, self._attrs, self._into = plan, name, dict(attrs), into
        self._title = {} if component_title is None else {"long_name": component_title}
        self._entered = False
        self._values: NDArray[Any] = np.zeros(shape, dtype)
        self._pending = np.zeros(shape, bool)
        for index in plan.cells:
            self._pending[index] = True
        self._absent = ~self._pending
        self._lock = RLock()
        self._shown_at = -np.inf
        self._later: Timer | None = None

    def put(self, index: tuple[int, int], value: float) -> None:
        """Set the value of a cell; one that is known before the work begins is not shown yet."""
        with self._lock:
            self._values[index] = value
            self._pending[index] = False
            if self._into is None or not self._entered or self._later is not None:
                return
            if time.monotonic() - self._shown_at >= _PACE:
                self._show()
            else:
                # The next value may be long in coming.
                self._later = Timer(_PACE, self._show)
                self._later.daemon = True
                self._later.start()

    def grid(self) -> xr.DataArray:
        """Give the grid as it is now."""
        return self._grid(self._pending)

    def _grid(self, pending: NDArray[np.bool_]) -> xr.DataArray:
        import xarray as xr

        plan = self._plan
        dims = ("layer", "component")
        coords: dict[str, Any] = {
            "layer": list(plan.layers),
            "component": ("component", list(plan.components), self._title),
        }
        for fact in ("name", "shape", "dtype", "part"):
            texts = self._facts(fact)
            if fact != "part" or texts.any():
                coords[fact] = dims, texts
        values = self._values
        empty = self._absent | pending
        if empty.any():
            values = np.where(empty, np.nan, values)
            coords["absent"] = dims, self._absent
        if pending.any():
            coords["pending"] = dims, pending.copy()
        grid = xr.DataArray(values.copy(), coords, dims, self._name, self._attrs)
        if grid.dtype.kind == "i" and grid.size and grid.max() > np.iinfo(np.int32).max:
            # To be saved as: NetCDF 3 has no longer integers, and float64 counts up to 2^53.
            grid.encoding["dtype"] = "float64"
        return grid

    def _facts(self, fact: str) -> NDArray[np.str_]:
        texts = np.full(self._values.shape, "", object)
        for index, cell in self._plan.cells.items():
            texts[index] = getattr(cell, fact)
        return texts.astype(str)

    def _check_shown(self) -> None:
        """Refuse a heatmap that cannot show such values, while it still shows what it did."""
        if self._into._store.state.categories is None:
            resolve(self._into._store.state, {"values": self._grid(np.zeros_like(self._pending))})

    def _show(self) -> None:
        with self._lock:
            if not self._entered:
                return  # it is late: the work is done, and the heatmap somebody else's again
            self._later = None
            self._into.values = self.grid()
            # After showing, not before: the pause is for the work, however long showing takes.
            self._shown_at = time.monotonic()

    def __enter__(self) -> Filling:
        if self._into is not None:
            self._check_shown()
            self._entered = True
            self._show()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        with self._lock:
            if self._later is not None:
                self._later.cancel()
            if self._into is not None:
                self._show()
            self._entered = False
