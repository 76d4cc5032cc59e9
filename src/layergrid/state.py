"""What a heatmap shows, as one frozen snapshot, and how a change leads to the next. Pure.

Every assignment goes through `resolve`: it checks what came, resolves it against what is there
(labels against the grid, limits against the values, the old selection against new labels) and
gives a new snapshot or raises, so that nothing is ever half changed. Parts that did not change
keep their identity, which is how `wire` knows what to send.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import colors, intake, options, texts
from .alignment import align, carry, carry_step, keep_labels
from .intake import EMPTY, Colors, Grid, Label, Stored
from .limits import (
    Limits,
    Own,
    read_center,
    read_limits,
    resolve_limits,
    share,
    widen_limits,
)
from .norms import Asked, Norm, Scale, read_norm
from .picks import NOTHING, Picks
from .pyramid import Rule, Survey, first_look
from .selection import carry_over, find, positions, read_selection
from .significance import Significance


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class State:
    """One moment of a heatmap; every field is checked and owned.

    `mask` is None when unset, else bool in the shape of a frame or of all values. `text` is
    None, a format, ``"auto"``, or an array of str in one of these shapes. `cmap` (None for the
    usual one), `limits`, `norm`, `center` and `categories` (None too where strings have default
    colours) are what was asked for, `table` and `scale` what that came to; where limits are
    shared with linked heatmaps, `own` is what they would come to alone. `edition` counts the
    values there have been, `moment` is what the live frame that is shown is called, if anything.
    `blocks` is how many layers and components a page has pixels for, where one has said so.
    `reduce` is the rule by which a block of cells has one value, and `survey` what is known of the
    present step of values that are not in memory, None where they are.
    """

    grid: Grid = EMPTY
    step: int = 0
    mask: NDArray[np.bool_] | None = None
    selection: Picks = NOTHING
    text: str | NDArray[Any] | None = None
    cmap: Any = None
    table: colors.Table = field(default_factory=lambda: colors.read_cmap(colors.DEFAULT_CMAP))
    limits: Limits | str = "full"
    norm: Asked = field(default_factory=Asked)
    center: float | None = None
    categories: Colors | None = None
    scale: Scale = field(default_factory=Scale)
    own: Own = field(default_factory=Own)
    title: str | None = None
    label: str | None = None
    click: str = "select"
    transpose: bool = False
    height: int | None = None
    width: int | None = None
    edition: int = 1
    blocks: tuple[int, int] | None = None
    reduce: Rule = "extreme"
    survey: Survey | None = None
    moment: Label | None = None

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
        new = at_step(new, _read_step(new.grid, changes["step"]))
    if "mask" in changes:
        new = replace(new, mask=_read_mask(new.grid, changes["mask"]))
    if "selection" in changes:
        new = replace(new, selection=read_selection(new.grid, changes["selection"]))
    if "text" in changes:
        new = replace(new, text=texts.read_text(new.grid, changes["text"]))
    if "cmap" in changes:
        new = replace(new, cmap=changes["cmap"])
    if "limits" in changes:
        new = replace(new, limits=read_limits(changes["limits"]))
    if "norm" in changes:
        new = replace(new, norm=read_norm(changes["norm"]))
    if "center" in changes:
        new = replace(new, center=read_center(changes["center"]))
    if "title" in changes:
        new = replace(new, title=options.read_string("title", changes["title"]))
    if "label" in changes:
        new = replace(new, label=options.read_string("label", changes["label"]))
    if "click" in changes:
        new = replace(new, click=options.read_click(changes["click"]))
    if "transpose" in changes:
        new = replace(new, transpose=options.read_transpose(changes["transpose"]))
    if "reduce" in changes:
        new = replace(new, reduce=options.read_rule(changes["reduce"]))
    if "height" in changes:
        new = replace(new, height=options.read_size("height", changes["height"]))
    if "width" in changes:
        new = replace(new, width=options.read_size("width", changes["width"]))
    if not changes.keys().isdisjoint(_COLOURING):
        new = _with_colors(new, old, anew=not changes.keys().isdisjoint(("cmap", "norm")))
    check_format(new)
    _check_held(new)
    return new


def at_step(state: State, step: int) -> State:
    """Give the state at another step; of one that is not in memory nothing is known at first."""
    survey = state.survey
    if survey is not None and survey.step != step:
        survey = Survey.blank(survey.plan, survey.dtype, step)
    return replace(state, step=step, survey=survey)


def learn(state: State, survey: Survey) -> State:
    """Give the state once more is known of its values; automatic limits only widen."""
    known = state.survey
    if known is None or known.plan is not survey.plan or known.step != survey.step:
        return state  # other values, or another step, are shown by now
    own = widen_limits(state.own, state.limits, state.norm, state.center, state.grid, survey)
    new = replace(state, survey=survey)
    return new if own == state.own else replace(new, own=own, scale=own.scale)


def _check_held(state: State) -> None:
    """Refuse what needs all values, or something for every cell, where these are not in memory."""
    values = state.grid.values
    if isinstance(values, Stored):
        for what, asked in (
            ("text", state.text is not None),
            ("mask", state.mask is not None),
            ("click='mask'", state.click == "mask"),
        ):
            if asked:
                raise TypeError(values.refusal(what))


#: What decides which colour a value takes.
_COLOURING = ("values", "categories", "cmap", "limits", "norm", "center")


def _with_colors(new: State, old: State, anew: bool) -> State:
    """Resolve limits and colours; `anew` if what the table is made of was set."""
    categories = category_colors(new)
    if categories is None:
        own = resolve_limits(new.limits, new.norm, new.center, new.grid, new.survey)
    else:
        _check_categories(new)
        own = Own(Scale(0.0, float(len(categories)), Norm("categories")))
    if own.scale != new.own.scale:
        new = replace(new, scale=own.scale)
    new = replace(new, own=own)
    if not anew and categories is category_colors(old) and cmap_of(new) is cmap_of(old):
        return new
    cmap = cmap_of(new)
    table = colors.read_cmap(cmap) if categories is None else colors.category_table(categories)
    if new.norm.bands is not None:
        table = table[list(new.norm.bands)]
    return new if np.array_equal(table, new.table) else replace(new, table=table)


def _check_categories(state: State) -> None:
    """Refuse what would give categories, whose colours are their own, other ones."""
    for name, asked, default in (
        ("cmap", state.cmap, None),
        ("limits", state.limits, "full"),
        ("norm", state.norm.given, "linear"),
        ("center", state.center, None),
    ):
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


def share_limits(state: State, others: Iterable[Own]) -> State:
    """Give the state with colours that span its own limits and those of `others`."""
    scale = share(state.own, others)
    return state if scale == state.scale else replace(state, scale=scale)


def cmap_of(state: State) -> Any:
    """Give the colour map, as it was asked for or as is usual."""
    if state.cmap is not None:
        return state.cmap
    return colors.DEFAULT_CMAP if state.center is None else colors.DIVERGING_CMAP


def label_of(state: State) -> str | None:
    """Give the name and unit of the values, as asked for or as they bring it themselves."""
    return state.grid.value_title if state.label is None else state.label


def _axes(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {axis: changes[axis] for axis in ("layers", "components") if axis in changes}


def _with_values(old: State, values: Any, **axes: Any) -> State:
    categories = old.grid.categories
    known = None if categories is None else categories.colors
    if values is None and old.grid is not EMPTY:
        grid = intake.clear(old.grid)
    else:
        grid = intake.read(values, **axes, categories=old.categories, known=known)
        grid = grid if old.grid is EMPTY else keep_labels(grid, old.grid)
    mask, text = old.mask, old.text
    step = carry_step(old.grid, old.step, grid)
    return replace(
        old,
        grid=grid,
        step=step,
        survey=first_look(grid.values, step) if isinstance(grid.values, Stored) else None,
        mask=None if mask is None else carry(mask, old.grid, grid),
        text=carry(text, old.grid, grid) if isinstance(text, np.ndarray) else text,
        selection=carry_over(old.selection, old.grid, grid),
        moment=None,
    )


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
    if read.holes is not None:
        read = replace(read, values=intake.freeze(read.held & (read.holes == intake.PRESENT)))
    return align(read, grid, "mask", "mask one bool per cell, (layer, component)")


def check_format(state: State) -> None:
    """Refuse values that cannot be written in the format that the text has.

    Raises
    ------
    ValueError
        Naming a value and a format that goes.
    """
    if isinstance(state.text, str):
        texts.check_format(state.text, state.grid, category_colors(state))


# ── derived ──────────────────────────────────────────────────────────────────────────────────


def full_mask(state: State) -> NDArray[np.bool_]:
    """Give the highlighted cells, read-only; shape (layer, component), or that of the values."""
    if state.mask is not None:
        return state.mask
    # One False for all: there may be more cells than there is memory for.
    return np.broadcast_to(intake.freeze(np.zeros((1, 1), bool)), state.grid.shape)


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
        given: list[str] = state.text[state.step if state.text.ndim == 3 else ...].ravel().tolist()
        return given
    frame, holes = state.grid.frame(state.step), state.grid.frame_holes(state.step)
    # What is no number is told by its mark, not by text.
    numbers = np.isin(colors.kinds(intake.widen(frame), holes, state.scale), colors.NUMBERS)
    return texts.write(frame, state.text, numbers, category_colors(state))


def step_label(state: State) -> Label | None:
    """Give the label of the present step, None without steps."""
    return None if state.grid.steps is None else state.grid.steps[state.step]


EMPTY_STATE = State()
