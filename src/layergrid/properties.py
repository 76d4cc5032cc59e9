"""The heatmap as Python knows it: what can be read of it, and what can be set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import intake
from .cells import cells_at
from .derived import Derived
from .intake import Grid, Label, Labels
from .state import State, category_colors, cmap_of, full_mask, label_of, step_label
from .store import Store
from .synced import Synced

if TYPE_CHECKING:
    import xarray as xr


def _read_values(state: State) -> Any:
    """Give the values, masked if something is absent or pending; not in memory, as they came."""
    grid = state.grid
    if isinstance(grid.values, intake.Stored):
        return grid.values.source
    values = intake.locked(grid.plain(grid.values))
    if grid.holes is None:
        return values
    return np.ma.MaskedArray(values, mask=intake.locked(grid.holes != intake.PRESENT))


def _read_text(state: State) -> Any:
    """Give the text in the cells, as it was given."""
    return intake.locked(state.text) if isinstance(state.text, np.ndarray) else state.text


def _read_categories(state: State) -> dict[Label, str | None] | None:
    """Give a dict of one's own, which can be changed."""
    colors = category_colors(state)
    return None if colors is None else dict(colors)


class Properties(Synced):
    """What can be read of a heatmap and set, by its public names; all of it stands in the store."""

    _store: Store
    #: What `data` was made of last, and what it came to.
    _data: tuple[Grid, xr.DataArray] | None = None

    values = Derived(
        _read_values,
        "Read-only array in the dtype that came in; masked only if something is absent. "
        "Assigning replaces the values in place: selection and mask stay. None makes all cells "
        "pending again. What is not in memory is given as it came.",
        part=lambda s: s.grid.values,
    )
    mask = Derived(
        lambda s: intake.locked(full_mask(s)),
        "Read-only bool array of the highlighted cells, all False when unset.",
        part=lambda s: s.mask,
    )
    selection = Derived(
        lambda s: cells_at(s.grid, s.step, s.selection),
        "The cells the person picked, in pick order: a tuple of `Cell`, or a sequence that makes "
        "them one by one where there are many; "
        "assign (layer, component) pairs.",
        part=lambda s: s.selection,
    )
    text = Derived(
        _read_text,
        "Text in the cells: read-only array of str, format, 'auto' or None.",
        part=lambda s: s.text,
    )
    cmap = Derived(cmap_of, "The colour map, as it was given.")
    limits = Derived(lambda s: s.limits, "The limits, as they were given; see `color_limits`.")
    norm = Derived(lambda s: s.norm.given, "How values map onto the range, as it was given.")
    center = Derived(lambda s: s.center, "The value that takes the middle colour, or None.")
    categories = Derived(
        _read_categories,
        "Dict of each category to its colour, '#rrggbb', or None for blank; None for numbers. "
        "Assigning None leaves it to the values: strings have default colours.",
        part=category_colors,
    )
    title = Derived(lambda s: s.title, "Title of the picture, or None.")
    label = Derived(
        label_of,
        "Name and unit of the values, or None. By default those that a DataArray has: its name or "
        "`long_name`, and `units`; '' for none.",
    )
    step = Derived(step_label, "Label of the step that is shown, None without steps.")
    reduce = Derived(
        lambda s: s.reduce,
        "What stands for the cells that share a pixel: 'extreme', 'mean', 'min' or 'max'.",
    )
    click = Derived(lambda s: s.click, "What the gestures change: 'select', 'mask' or 'none'.")
    transpose = Derived(lambda s: s.transpose, "Whether layers stand side by side.")
    height = Derived(lambda s: s.height, "Height of the picture in CSS pixels, or None.")
    width = Derived(lambda s: s.width, "Width of the picture in CSS pixels, or None.")

    @property
    def layers(self) -> Labels:
        """Labels of the layers."""
        return self._store.state.grid.layers

    @property
    def components(self) -> Labels:
        """Labels of the components."""
        return self._store.state.grid.components

    @property
    def data(self) -> xr.DataArray:
        """The grid as an `xarray.DataArray` with dims ``layer``, ``component`` (``step`` first).

        Native dtypes only: bf16 and fp8 widen to float32. Absent cells are NaN, or "" among
        strings, with True in the bool coordinate ``absent``, and pending ones in ``pending``;
        NaN without either is a real NaN. Read-only: ``data.copy()`` can be written into.
        """
        grid = self._store.state.grid
        name = grid.name if self._store.state.label is None else self._store.state.label
        if self._data is None or self._data[0] is not grid or self._data[1].name != name:
            self._data = (grid, intake.lock(intake.to_dataarray(grid, name)))
        return self._data[1].copy(deep=False)

    @property
    def color_limits(self) -> tuple[float, float]:
        """The pair of values that the colours span, resolved from `limits`, over all steps."""
        return self._store.state.color_limits


#: Those that can be observed, in the order in which observers hear of them.
OBSERVABLE = [trait for trait in vars(Properties).values() if isinstance(trait, Derived)]
