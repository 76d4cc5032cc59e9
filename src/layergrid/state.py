"""What a heatmap shows, as one frozen snapshot, and how a change leads to the next. Pure.

Every assignment goes through `resolve`: it checks what came, resolves it against what is there
(labels against the grid, limits against the values, the old selection against new labels) and
gives a new snapshot or raises, so that nothing is ever half changed. Parts that did not change
keep their identity, which is how `wire` knows what to send.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import colors, intake, numerals
from .intake import EMPTY, Colors, Grid, Label
from .limits import Limits, read_center, read_limits, resolve_scale
from .norms import Norm, Scale, read_norm, sample
from .selection import Picks, carry_over, find, positions, read_selection
from .significance import Significance

CLICK_MODES = ("select", "mask", "none")


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """One moment of a heatmap; every field is checked and owned.

    `mask` is None when unset, else bool in the shape of a frame or of all values. `text` is
    None, a format, ``"auto"``, or an array of str in the shape of a frame. `cmap` (None for the
    usual one), `limits`, `norm`, `center` and `categories` (None too where strings have default
    colours) are what was asked for, `table` and `scale` what that came to; where limits are
    shared with linked heatmaps, `own_scale` is what it would come to alone. `edition` counts the
    values there have been.
    """

    grid: Grid = EMPTY
    step: int = 0
    mask: NDArray[np.bool_] | None = None
    selection: Picks = ()
    text: str | NDArray[Any] | None = None
    cmap: Any = None
    table: colors.Table = field(default_factory=lambda: colors.read_cmap(colors.DEFAULT_CMAP))
    limits: Limits | str = "full"
    norm: Any = "linear"
    center: float | None = None
    categories: Colors | None = None
    scale: Scale = field(default_factory=Scale)
    own_scale: Scale = field(default_factory=Scale)
    title: str | None = None
    label: str | None = None
    click: str = "select"
    transpose: bool = False
    height: int | None = None
    width: int | None = None
    edition: int = 1

    @property
    def color_limits(self) -> Limits:
        """The pair of values that the colours span."""
        return self.scale.low, self.scale.high


def resolve(old: State, changes: Mapping[str, Any]) -> State:
    """Give the state after `changes`, which are named as the properties of `Heatmap`.

    Raises
    ------
    TypeError, ValueError
        Naming the value and the cure; `old` still stands.
    """
    new = old
    if "categories" in changes:
        new = replace(new, categories=intake.read_categories(changes["categories"]))
    if "values" in changes:
        new = _with_values(new, changes["values"], **_axes(changes))
    elif "categories" in changes and new.grid is not EMPTY:
        new = replace(new, grid=intake.recategorise(new.grid, new.categories))
    if "step" in changes:
        new = replace(new, step=_read_step(new.grid, changes["step"]))
    if "mask" in changes:
        new = replace(new, mask=_read_mask(new.grid, changes["mask"]))
    if "selection" in changes:
        new = replace(new, selection=read_selection(new.grid, changes["selection"]))
    if "text" in changes:
        new = replace(new, text=_read_text(new.grid, changes["text"]))
    if "cmap" in changes:
        new = replace(new, cmap=changes["cmap"])
    if "limits" in changes:
        new = replace(new, limits=read_limits(changes["limits"]))
    if "norm" in changes:
        new = replace(new, norm="linear" if changes["norm"] is None else changes["norm"])
    if "center" in changes:
        new = replace(new, center=read_center(changes["center"]))
    if "title" in changes:
        new = replace(new, title=_read_string("title", changes["title"]))
    if "label" in changes:
        new = replace(new, label=_read_string("label", changes["label"]))
    if "click" in changes:
        new = replace(new, click=_read_click(changes["click"]))
    if "transpose" in changes:
        new = replace(new, transpose=_read_transpose(changes["transpose"]))
    if "height" in changes:
        new = replace(new, height=_read_size("height", changes["height"]))
    if "width" in changes:
        new = replace(new, width=_read_size("width", changes["width"]))
    if not changes.keys().isdisjoint(_COLOURING):
        new = _with_colors(new, old)
    _check_format(new)
    return new


#: What decides which colour a value takes.
_COLOURING = ("values", "categories", "cmap", "limits", "norm", "center")


def _with_colors(new: State, old: State) -> State:
    categories = category_colors(new)
    if categories is None:
        own = resolve_scale(new.limits, new.norm, new.center, new.grid)
    else:
        _check_categories(new)
        own = Scale(0.0, float(len(categories)), Norm("categories"))
    if own != new.own_scale:
        new = replace(new, scale=own, own_scale=own)
    if categories is category_colors(old) and cmap_of(new) is cmap_of(old):
        return new
    cmap = cmap_of(new)
    table = colors.read_cmap(cmap) if categories is None else colors.category_table(categories)
    return replace(new, table=table)


def _check_categories(state: State) -> None:
    """Refuse what would give categories, whose colours are their own, other ones."""
    usual = {"cmap": None, "limits": "full", "norm": "linear", "center": None}
    for name, default in usual.items():
        asked = getattr(state, name)
        if asked is not default and not (isinstance(asked, str) and asked == default):
            raise ValueError(
                f"{name} is {asked!r}, but values are categories, whose colours are their own: "
                f"leave it out, or set {name}={default!r}; categories={{value: colour}} chooses "
                "the colours"
            )


def category_colors(state: State) -> Colors | None:
    """Give the colour of each category, None where values are numbers."""
    # Without values yet there are only those that were asked for.
    found = state.grid.categories
    return state.categories if found is None else found.colors


def share_limits(state: State, others: Iterable[Scale]) -> State:
    """Give the state with colours that span its own limits and those of `others`."""
    own = state.own_scale
    scales = [own, *(other for other in others if other.norm.kind != "categories")]
    low, high = min(scale.low for scale in scales), max(scale.high for scale in scales)
    if own.norm.kind == "categories" or (low, high) == (own.low, own.high):
        scale = own
    elif own.norm.kind == "log":  # others may have values that have no logarithm
        scale = own._replace(low=low if low > 0 else own.low, high=high)
    elif own.norm.kind == "edges":
        scale = Scale(low, high, sample(read_norm(state.norm).sampled, low, high))
    else:
        scale = own._replace(low=low, high=high)
    return state if scale == state.scale else replace(state, scale=scale)


def cmap_of(state: State) -> Any:
    """Give the colour map, as it was asked for or as is usual."""
    if state.cmap is not None:
        return state.cmap
    return colors.DEFAULT_CMAP if state.center is None else colors.DIVERGING_CMAP


def _axes(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {axis: changes[axis] for axis in ("layers", "components") if axis in changes}


def _with_values(old: State, values: Any, **axes: Any) -> State:
    categories = old.grid.categories
    known = None if categories is None else categories.colors
    grid = intake.read(values, **axes, categories=old.categories, known=known)
    if old.grid is not EMPTY:
        grid = _keep_labels(grid, old.grid, values)
    mask = old.mask
    if mask is not None:
        mask = _carry_mask(mask, old.grid, grid)
    text = old.text
    if isinstance(text, np.ndarray) and not same_axes(grid, old.grid):
        text = None
    return replace(
        old,
        grid=grid,
        step=_carry_step(old.grid, old.step, grid),
        mask=mask,
        text=text,
        selection=carry_over(old.selection, old.grid, grid),
    )


def _keep_labels(new: Grid, old: Grid, values: Any) -> Grid:
    """Give unlabelled values the present labels; labelled ones bring their own."""
    if not new.labelled:
        if new.values.shape != old.values.shape:
            raise ValueError(
                f"values has shape {new.values.shape}, but the grid has {old.values.shape}; "
                "to change the shape, set a labelled DataFrame or DataArray, or make a new Heatmap"
            )
        return replace(
            new,
            layers=old.layers,
            components=old.components,
            steps=old.steps,
            coords=old.coords,
            layer_title=old.layer_title,
            component_title=old.component_title,
            attrs=old.attrs,
        )
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


def same_axes(a: Grid, b: Grid) -> bool:
    """Whether two grids have the same labels in the same order."""
    return a.layers == b.layers and a.components == b.components


def _same_coords(a: Mapping[str, NDArray[Any]], b: Mapping[str, NDArray[Any]]) -> bool:
    return a is b or (a.keys() == b.keys() and all(np.array_equal(a[k], b[k]) for k in a))


def _carry_mask(mask: NDArray[np.bool_], old: Grid, new: Grid) -> NDArray[np.bool_] | None:
    if same_axes(old, new) and (mask.ndim == 2 or mask.shape == new.values.shape):
        return mask
    if mask.ndim == 3:
        # Which cells were highlighted at which step means nothing once the steps are others.
        return None
    flats = tuple(int(flat) for flat in np.flatnonzero(mask))
    carried = np.zeros(new.shape, bool)
    carried.flat[list(carry_over(flats, old, new))] = True
    return _frozen(carried)


def _carry_step(old: Grid, step: int, new: Grid) -> int:
    if new.steps is None:
        return 0
    last = len(new.steps) - 1
    if old.steps is None or step == len(old.steps) - 1:
        return last
    return positions(new.steps).get(old.steps[step], last)


def _read_step(grid: Grid, step: Any) -> int:
    if grid.steps is None:
        if step is None:
            return 0
        raise ValueError(f"step is {step!r}, but the grid has no steps: values is 2-D")
    return find(positions(grid.steps), step, "step")


def _read_mask(grid: Grid, mask: Any) -> NDArray[np.bool_] | None:
    if mask is None:
        return None
    if isinstance(mask, Significance):
        mask = mask.mask
    read = intake.read_numbers(mask, "mask")
    if read.values.dtype != bool:
        raise TypeError(
            f"mask has dtype {read.values.dtype}; it says which cells are highlighted, so it must "
            "be bool: compare, as in mask=values > 0.12"
        )
    # A DataArray with no coordinates has names for its axes, but none for its cells.
    if read.labelled and len(getattr(mask, "coords", "?")):
        return _align_mask(read, grid)
    if read.values.shape not in (grid.shape, grid.values.shape):
        raise ValueError(
            f"mask has shape {read.values.shape}, but the grid has {grid.values.shape}; "
            "mask one bool per cell, (layer, component)"
        )
    return _filled(read)


def _align_mask(mask: Grid, grid: Grid) -> NDArray[np.bool_]:
    """Put a labelled mask in the grid's order; what it does not speak of is not highlighted."""
    layers, components = positions(grid.layers), positions(grid.components)
    rows = [find(layers, label, "layer") for label in mask.layers]
    columns = [find(components, label, "component") for label in mask.components]
    shape: tuple[int, ...] = grid.shape
    if mask.steps is not None:
        if mask.steps != grid.steps:
            raise ValueError(f"mask has steps {mask.steps}, but the grid has {grid.steps}")
        shape = (len(mask.steps), *shape)
    aligned = np.zeros(shape, bool)
    aligned[..., np.array(rows)[:, None], np.array(columns)] = _filled(mask)
    return _frozen(aligned)


def _filled(mask: Grid) -> NDArray[np.bool_]:
    if mask.holes is None:
        return mask.values
    return _frozen(mask.values & (mask.holes == intake.PRESENT))


def _read_text(grid: Grid, text: Any) -> str | NDArray[Any] | None:
    if text is None:
        return None
    if isinstance(text, str):
        return text
    try:
        array = np.asarray(text)
    except ValueError as error:
        raise ValueError(
            f"text is a nested list whose rows differ in length; the grid has {grid.shape}: "
            "give one string per cell"
        ) from error
    if array.dtype.kind not in "UO":
        array = array.astype(str)
    if array.shape != grid.shape:
        raise ValueError(
            f"text has shape {array.shape}, but a frame of the grid has {grid.shape}; "
            'give one string per cell, a format such as ".2f", or "auto"'
        )
    strings = np.array([["" if s is None else str(s) for s in row] for row in array], dtype=str)
    return _frozen(strings)


def _check_format(state: State) -> None:
    if not isinstance(state.text, str) or state.text == "auto":
        return
    categories = category_colors(state)
    for value in (0.5,) if categories is None else categories:
        try:
            _format(value, state.text)
        except ValueError as error:
            tried = '".2f", ".3g" or "auto"' if categories is None else '"auto", or one text a cell'
            raise ValueError(
                f"text is {state.text!r}, which is no format for {value!r} ({error}); try {tried}"
            ) from None


def _read_string(name: str, value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} is {value!r}; it must be a string or None")
    return value


def _read_click(click: Any) -> str:
    if click not in CLICK_MODES:
        raise ValueError(f"click is {click!r}; expected one of {', '.join(map(repr, CLICK_MODES))}")
    return str(click)


def _read_transpose(transpose: Any) -> bool:
    if not isinstance(transpose, bool | np.bool_):
        raise TypeError(f"transpose is {transpose!r}; it must be True (layers across) or False")
    return bool(transpose)


def _read_size(name: str, value: Any) -> int | None:
    if value is None:
        return None
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not number or not 1 <= value < math.inf:
        raise ValueError(f"{name} is {value!r}; it must be a positive number of CSS pixels or None")
    return round(float(value))


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array


# ── derived ──────────────────────────────────────────────────────────────────────────────────


def frame_mask(state: State) -> NDArray[np.bool_] | None:
    """Give the highlighted cells of the present step, shape (layer, component)."""
    if state.mask is None or state.mask.ndim == 2:
        return state.mask
    mask: NDArray[np.bool_] = state.mask[state.step]
    return mask


def cell_texts(state: State) -> list[str] | None:
    """Give the text of every cell of the present step in flat order, None if there is none."""
    if state.text is None:
        return None
    if isinstance(state.text, np.ndarray):
        return [str(text) for text in state.text.ravel()]
    frame = intake.widen(state.grid.frame(state.step))
    kind = colors.kinds(frame, state.grid.frame_holes(state.step), state.scale)
    # What is no number is told by its mark, not by text.
    numbers = np.isin(kind, colors.NUMBERS)
    values = frame.ravel().tolist()
    categories = category_colors(state)
    if categories is not None:
        labels = [str(label) if state.text == "auto" else label for label in categories]
        values = [labels[code] for code in values]
    return [
        _format(value, state.text) if number else ""
        for value, number in zip(values, numbers.ravel(), strict=True)
    ]


def _format(value: Any, spec: str) -> str:
    if spec == "auto":
        return value if isinstance(value, str) else numerals.format_value(value)
    try:
        return format(value, spec)
    except ValueError:  # ".3" is a format for floats, but not for integers
        if isinstance(value, str):
            raise
        return format(float(value), spec)


def step_label(state: State) -> Label | None:
    """Give the label of the present step, None without steps."""
    return None if state.grid.steps is None else state.grid.steps[state.step]


EMPTY_STATE = State()
