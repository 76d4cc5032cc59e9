"""`Heatmap`: the widget's traits and its facade. What it does stands in the pure modules."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import anywidget
import numpy as np
import traitlets as t
from numpy.typing import NDArray

from . import intake, wire
from .events import CallbackError, Dispatcher, logger
from .intake import Colors, Grid, Label, Labels
from .link import TOGETHER, Link, companions
from .page import page
from .selection import (
    ClickEvent,
    HoverEvent,
    Ledger,
    Op,
    Picks,
    SelectEvent,
    Source,
    carry_over,
    cell_at,
    cells_at,
    combine,
    expand,
)
from .state import (
    EMPTY_STATE,
    State,
    category_colors,
    cmap_of,
    label_of,
    resolve,
    same_axes,
    share_limits,
    step_label,
)

if TYPE_CHECKING:
    import xarray as xr

_STATIC = Path(__file__).parent / "static"

OnSelect = TypeVar("OnSelect", bound=Callable[[SelectEvent], Any])
OnClick = TypeVar("OnClick", bound=Callable[[ClickEvent], Any])
OnHover = TypeVar("OnHover", bound=Callable[[HoverEvent], Any])


class _Facade(t.TraitType[Any, Any]):
    """A public property that is a trait too, and holds nothing: the state does.

    Reading derives the value from the heatmap's state; assigning asks the heatmap for the next
    state, which validates before anything changes.
    """

    def __init__(self, read: Callable[[State], Any], doc: str) -> None:
        super().__init__(help=doc)
        self.read_state = read

    def get(self, obj: t.HasTraits | None, cls: type[Any] | None = None) -> Any:
        assert isinstance(obj, Heatmap)
        return self.read_state(obj._state)

    def set(self, obj: t.HasTraits, value: Any) -> None:
        assert isinstance(obj, Heatmap)
        assert self.name is not None
        obj._assign({self.name: value})


def _synced(trait: t.TraitType[Any, Any]) -> Any:
    # No echo: the kernel owns these, so a page has no use for hearing its own write again.
    return trait.tag(sync=True, echo_update=False)


@dataclass(slots=True)
class _Deeds:
    """What one page has done so far: its gestures, and the number of its last step."""

    selection: Ledger[Picks] = field(default_factory=Ledger)
    mask: Ledger[NDArray[np.bool_]] = field(default_factory=Ledger)
    last_step: int = 0


class _Change(NamedTuple):
    """What became of a heatmap, for those who listen; they hear once no lock is held."""

    heatmap: Heatmap
    old: State
    new: State
    source: Source


class Heatmap(anywidget.AnyWidget):
    """A layer × component grid of coloured cells that can be read, picked and acted on.

    Parameters
    ----------
    values : array_like, shape (layer, component) or (step, layer, component), optional
        numpy array of any numeric dtype, nested list, masked array (masked = absent), pandas
        DataFrame (index and columns become labels), xarray DataArray, or a tensor: torch, JAX,
        CuPy, or anything with ``__array__`` or ``__dlpack__``. Strings and pandas categoricals
        are categories. None, with `layers` and `components`, shows pending cells; without them,
        a heatmap to be filled later.
    layers, components : sequence of labels, optional
        Unique str, int, float or bool; 0 … n−1 by default.
    mask : array_like of bool, shape (layer, component) or that of `values`, optional
        Cells to highlight, independently of the selection. A labelled mask aligns by label; an
        axis of a DataArray without a coordinate goes by position.
    text : str or array_like of str, shape (layer, component) or that of `values`, optional
        Text in the cells: an array, which aligns like a mask, a format such as ``".2f"``, or
        ``"auto"``.
    cmap : str or colour map, default "viridis", or "RdBu_r" with a `center`
        Any name or object that the ``cmap`` package accepts, matplotlib's among them.
    limits : (low, high) or {"full", "robust", "symmetric"}, default "full"
        Range of values that the colours span, in the units of the values. ``"robust"`` is the
        1st to the 99th percentile, ``"symmetric"`` minus and plus the largest magnitude.
    norm : {"linear", "log", "symlog", "power"}, tuple or matplotlib Normalize, default "linear"
        How values map onto that range. ``("symlog", linthresh)`` is linear between minus and
        plus `linthresh`, 1e-3 of the largest magnitude by default; ``("power", gamma)`` has 0.5
        by default. The ``vmin`` and ``vmax`` of a Normalize are limits where `limits` is "full";
        a BoundaryNorm's last class has both its boundaries.
    center : float, optional
        Value that takes the middle colour. Automatic limits are symmetric about it; between
        explicit ones each side has a slope of its own.
    categories : dict of value to colour, optional
        What values there are (numbers or strings) and the colour of each: anything that
        ``cmap.Color`` accepts, or None for a blank cell. By default numbers are on a scale, and
        strings have colours that stay theirs when values are set again. Among categories None
        and NaN are absent. They take no `cmap`, `limits`, `norm` or `center`.
    transpose : bool, default False
        Layers stand side by side, components one over the other: for a few components, or one
        row of many layers. Indices stay (layer, component).
    title, label : str, optional
        Title of the picture; name and unit of the values, beside the colour bar, by default
        those of a DataArray.
    click : {"select", "mask", "none"}, default "select"
        What the gestures change.
    height, width : int, optional
        Size of the picture in CSS pixels; by default it fits the output.

    Raises
    ------
    TypeError, ValueError
        Naming the value and the cure, before anything is drawn.

    Examples
    --------
    >>> import numpy as np
    >>> w = Heatmap(np.eye(3), components=["q", "k", "v"])
    >>> w.selection = [(1, "k")]
    >>> w.selection[0].value
    1.0
    """

    _esm = _STATIC / "widget.js"
    _css = _STATIC / "widget.css"

    _axes = _synced(t.Dict())
    _coords = _synced(t.Dict())
    _dtype = _synced(t.Unicode())
    _values = _synced(t.Bytes())
    _holes = _synced(t.Bytes())
    _partial = _synced(t.Int())
    _step = _synced(t.Int())
    _mask = _synced(t.Bytes())
    _selection = _synced(t.List())
    _text = _synced(t.Union([t.List(), t.Unicode()], allow_none=True))
    _table = _synced(t.Bytes())
    _limits = _synced(t.List())
    _norm = _synced(t.Dict())
    _categories = _synced(t.List(allow_none=True))
    _reserved = _synced(t.Bytes())
    _title = _synced(t.Unicode())
    _label = _synced(t.Unicode())
    _click = _synced(t.Unicode())
    _transpose = _synced(t.Bool())
    _size = _synced(t.List())
    _error = _synced(t.List(help="Headline and traceback of the last callback that raised."))
    _hovers = _synced(t.Bool(False, help="Whether anybody asked to hear of hovering."))
    _links = _synced(t.List(help="What ties this heatmap to others, in the page too."))
    _row = _synced(t.Bool(False, help="Whether it stands in a row."))
    _variable = _synced(t.Unicode("w", help="What the heatmap is called where it is shown."))

    values = _Facade(
        lambda s: _read_values(s.grid),
        "Read-only array in the dtype that came in; masked only if something is absent. "
        "Assigning replaces the values in place: selection and mask stay. None makes all cells "
        "pending again.",
    )
    mask = _Facade(
        lambda s: intake.locked(_mask_of(s)),
        "Read-only bool array of the highlighted cells, all False when unset.",
    )
    selection = _Facade(
        lambda s: cells_at(s.grid, s.step, s.selection),
        "The cells the person picked, as a tuple of `Cell` in pick order; "
        "assign (layer, component) pairs.",
    )
    text = _Facade(
        lambda s: intake.locked(s.text) if isinstance(s.text, np.ndarray) else s.text,
        "Text in the cells: read-only array of str, format, 'auto' or None.",
    )
    cmap = _Facade(cmap_of, "The colour map, as it was given.")
    limits = _Facade(lambda s: s.limits, "The limits, as they were given; see `color_limits`.")
    norm = _Facade(lambda s: s.norm.given, "How values map onto the range, as it was given.")
    center = _Facade(lambda s: s.center, "The value that takes the middle colour, or None.")
    transpose = _Facade(lambda s: s.transpose, "Whether layers stand side by side.")
    categories = _Facade(
        lambda s: _read_categories(category_colors(s)),
        "Dict of each category to its colour, '#rrggbb', or None for blank; None for numbers. "
        "Assigning None leaves it to the values: strings have default colours.",
    )
    title = _Facade(lambda s: s.title, "Title of the picture, or None.")
    label = _Facade(
        label_of,
        "Name and unit of the values, or None. By default those that a DataArray has: its name or "
        "`long_name`, and `units`; '' for none.",
    )
    step = _Facade(step_label, "Label of the step that is shown, None without steps.")
    click = _Facade(lambda s: s.click, "What the gestures change: 'select', 'mask' or 'none'.")
    height = _Facade(lambda s: s.height, "Height of the picture in CSS pixels, or None.")
    width = _Facade(lambda s: s.width, "Width of the picture in CSS pixels, or None.")

    def __init__(
        self,
        values: Any = None,
        *,
        layers: Any = None,
        components: Any = None,
        mask: Any = None,
        text: Any = None,
        cmap: Any = None,
        limits: Any = None,
        norm: Any = "linear",
        center: float | None = None,
        categories: Any = None,
        transpose: bool = False,
        title: str | None = None,
        label: str | None = None,
        click: str = "select",
        height: int | None = None,
        width: int | None = None,
    ) -> None:
        self._lock = threading.RLock()
        self._pages: dict[str, _Deeds] = {}
        self._ties: tuple[Link, ...] = ()
        self._last_error: Exception | None = None
        self._data: tuple[Grid, xr.DataArray] | None = None
        self._picture: tuple[State, dict[str, str]] | None = None
        self._drawing = threading.Lock()
        self._dispatcher = Dispatcher(self._show_error)
        self._state = resolve(
            EMPTY_STATE,
            {
                "values": values,
                "layers": layers,
                "components": components,
                "mask": mask,
                "text": text,
                "cmap": cmap,
                "limits": limits,
                "norm": norm,
                "center": center,
                "categories": categories,
                "transpose": transpose,
                "title": title,
                "label": label,
                "click": click,
                "height": height,
                "width": width,
            },
        )
        super().__init__(**wire.encode(self._state))
        self.on_msg(self._receive)
        if "ipykernel" in sys.modules and f"{__package__}.picture" not in sys.modules:
            # The first picture takes several times as long as any later one, and a first view
            # waits for it: what loads for it may load while the cell goes on.
            threading.Thread(target=self._draw_picture, daemon=True).start()

    # ── reading ──────────────────────────────────────────────────────────────────────────────

    @property
    def layers(self) -> Labels:
        """Labels of the layers."""
        return self._state.grid.layers

    @property
    def components(self) -> Labels:
        """Labels of the components."""
        return self._state.grid.components

    @property
    def data(self) -> xr.DataArray:
        """The grid as an `xarray.DataArray` with dims ``layer``, ``component`` (``step`` first).

        Native dtypes only: bf16 and fp8 widen to float32. Absent cells are NaN, or "" among
        strings, with True in the bool coordinate ``absent``, and pending ones in ``pending``;
        NaN without either is a real NaN. Read-only: ``data.copy()`` can be written into.
        """
        grid = self._state.grid
        name = grid.name if self._state.label is None else self._state.label
        if self._data is None or self._data[0] is not grid or self._data[1].name != name:
            self._data = (grid, intake.lock(intake.to_dataarray(grid, name)))
        return self._data[1].copy(deep=False)

    @property
    def color_limits(self) -> tuple[float, float]:
        """The pair of values that the colours span, resolved from `limits`, over all steps."""
        return self._state.color_limits

    @property
    def last_error(self) -> Exception | None:
        """The exception of the callback that raised last, None if none has."""
        return self._last_error

    # ── listening ────────────────────────────────────────────────────────────────────────────

    def on_select(self, callback: OnSelect) -> OnSelect:
        """Call `callback` with a `SelectEvent` once for every real change of the selection.

        Works as a decorator and returns `callback`. It may run on another thread than the
        notebook's cells, but never beside another callback of this heatmap. If it raises, the
        traceback is shown under the grid and kept in `last_error`, and the others still run.
        """
        return self._dispatcher.register(SelectEvent, callback)

    def on_click(self, callback: OnClick) -> OnClick:
        """Call `callback` with a `ClickEvent` at every click on a cell; see `on_select`."""
        return self._dispatcher.register(ClickEvent, callback)

    def on_hover(self, callback: OnHover) -> OnHover:
        """Call `callback` with a `HoverEvent`, at most twenty times a second; see `on_select`.

        Without a listener hovering stays in the page and costs the kernel nothing.
        """
        self._dispatcher.register(HoverEvent, callback)
        self._hovers = True
        return callback

    def off(self, callback: Callable[..., Any]) -> None:
        """Stop calling `callback`, whatever it was registered for.

        Raises
        ------
        ValueError
            If it is not registered.
        """
        self._dispatcher.remove(callback)
        self._hovers = self._dispatcher.wanted(HoverEvent)

    async def next_selection(self) -> SelectEvent:
        """Wait for the next change of the selection by hand, and give its `SelectEvent`.

        Awaited in a cell, it needs ipykernel 7 or later: 6 delivers nothing while a cell awaits.
        """
        import asyncio  # takes half of what importing this package takes; a kernel has it

        loop = asyncio.get_running_loop()
        future: asyncio.Future[SelectEvent] = loop.create_future()

        def resolve_once(event: SelectEvent) -> None:
            if not future.done():
                future.set_result(event)

        def hear(event: SelectEvent) -> None:
            # The event may come on another thread than the loop's.
            if event.source == "user":
                loop.call_soon_threadsafe(resolve_once, event)

        self._dispatcher.register(SelectEvent, hear)
        try:
            return await future
        finally:
            self._dispatcher.remove(hear)

    # ── changing ─────────────────────────────────────────────────────────────────────────────

    def _assign(self, changes: dict[str, Any]) -> None:
        with self._one_by_one():
            mine = self._change(lambda old: self._sharing(resolve(old, changes)), "code")
            all_changes = [mine]
            if "selection" in changes and mine.new.selection != mine.old.selection:
                all_changes += self._mirror("set", mine.new.selection, mine.new.grid, "code")
            if mine.new.own != mine.old.own:
                for other in companions(self, "limits"):
                    other._change(other._sharing, "code")
        _announce(all_changes)

    def _one_by_one(self) -> AbstractContextManager[Any]:
        return TOGETHER if self._ties else nullcontext()

    def _change(
        self,
        make: Callable[[State], State],
        source: Source,
        page: str | None = None,
        clicks: Iterable[ClickEvent] = (),
    ) -> _Change:
        """Go on to the state that `make` gives; `page` is the one whose gesture this is."""
        with self._lock:
            old = self._state
            new = make(old)
            moved = not same_axes(new.grid, old.grid)
            for name, deeds in self._pages.items():
                if name != page and (moved or new.selection != old.selection):
                    deeds.selection.rebase(new.selection)
                if name != page and (moved or new.mask is not old.mask):
                    deeds.mask.rebase(_mask_of(new))
            self._show(new)
            # Queued under the lock, so that events come in the order of what they tell.
            heard = self._dispatcher.wanted(SelectEvent)
            self._dispatcher.queue(*clicks, *(_select_event(old, new, source) if heard else ()))
        return _Change(self, old, new, source)

    def _mirror(self, op: Op, cells: Picks, grid: Grid, source: Source) -> list[_Change]:
        """Do to the selection of every linked heatmap what was done to this one's, by label."""

        def follow(old: State) -> State:
            theirs = carry_over(cells, grid, old.grid)
            return replace(old, selection=combine(op, old.selection, theirs))

        return [other._change(follow, source) for other in companions(self, "selection")]

    def _sharing(self, state: State) -> State:
        """Give the state with the limits that linked heatmaps come to together."""
        others = companions(self, "limits")
        return share_limits(state, [other._state.own for other in others])

    def _tie(self, ties: tuple[Link, ...]) -> None:
        """Be in these links from now on, and in no others."""
        with self._lock:
            self._ties = ties
            self._links = wire.encode_links(ties)

    def _stand_in_row(self) -> None:
        with self._lock:
            self._row = True

    def _show(self, new: State) -> None:
        """Make `new` the state and send what changed, in one message."""
        old = self._state
        if new.grid is not old.grid:
            new = replace(new, edition=old.edition + 1)
        self._state = new
        with self.hold_sync():
            for trait, value in wire.encode(new, since=old).items():
                setattr(self, trait, value)

    def _tell(self, old: State, new: State, source: Source) -> None:
        """Tell callbacks what is queued, then observers of the public traits what changed."""
        self._dispatcher.dispatch()
        for name, part in _PARTS.items():
            if not self._is_observed(name) or _same(part(old), part(new)):
                continue
            read = getattr(type(self), name).read_state
            change = t.Bunch(name=name, old=read(old), new=read(new), owner=self, type="change")
            try:
                self.notify_change(change)
            except Exception as error:
                if source == "code":
                    raise
                # Nobody would see it: the traceback would go to a log that no cell shows.
                self._dispatcher.report(f"observer of {name}", error)

    def _is_observed(self, name: str) -> bool:
        """Whether anybody observes a trait: to read it for nobody may take long."""
        # traitlets has no public way to ask.
        notifiers = [self._trait_notifiers.get(key, {}) for key in (name, t.All)]
        return any(kinds.get(kind) for kinds in notifiers for kind in ("change", t.All))

    # ── hearing the page ─────────────────────────────────────────────────────────────────────

    def _receive(self, _widget: Any, content: Any, _buffers: Any) -> None:
        state = self._state
        try:
            message = wire.decode_message(content, state.grid)
        except wire.MessageError as error:
            logger.error("refused a message from the page: %s", error)
            self.send(wire.encode_refusal(content, str(error)))
            return
        match message:
            case wire.Gesture():
                self._do(message, state.grid)
            case wire.Step():
                self._go(message)
            case wire.Frames():
                self.send(*wire.encode_frames(message, self._state))
            case wire.Hover(flat):
                cell = None if flat is None else cell_at(state.grid, state.step, flat)
                self._dispatcher.dispatch(HoverEvent(cell))
            case wire.Dismiss():
                self._error = []

    def _do(self, gesture: wire.Gesture, seen: Grid) -> None:
        with self._one_by_one():
            changes = self._obey(gesture, seen)
        try:
            _announce(changes)
        finally:
            # Answered once all is done: a callback that takes long is a kernel that is busy.
            self.send(wire.encode_ack(gesture.page, gesture.seq))

    def _obey(self, gesture: wire.Gesture, seen: Grid) -> list[_Change]:
        """Change what a gesture is about, here and where it is mirrored; nothing if repeated."""
        with self._lock:
            old = self._state
            if not same_axes(seen, old.grid) or seen.steps != old.grid.steps:
                # Another thread has set other labels since the gesture was checked against `seen`.
                gesture = replace(gesture, command=None, click=None)
            deeds = self._pages.setdefault(gesture.page, _Deeds())
            if deeds.selection.seen(gesture.seq):
                return []
            in_turn = deeds.selection.in_turn(gesture.seq)
            command, n_components = gesture.command, len(old.grid.components)
            pick = mark = None
            if command and gesture.target == "selection":
                pick = partial(command.apply, n_components=n_components)
            elif command:
                mark = partial(command.apply_to_mask, step=gesture.step)
            picks = deeds.selection.apply(gesture.seq, pick, old.selection)
            mask = deeds.mask.apply(gesture.seq, mark, _mask_of(old))
            new = replace(old, selection=picks)
            if mark and not np.array_equal(mask, _mask_of(old)):
                new = replace(new, mask=mask)
            clicks = _click_event(old, gesture)
            mine = self._change(lambda _: new, "user", gesture.page, clicks)
        if not command or not pick or not companions(self, "selection"):
            return [mine]
        # What was replayed is no one command.
        op, cells = (command.op, expand(command.rects, n_components)) if in_turn else ("set", picks)
        return [mine, *self._mirror(op, cells, new.grid, "user")]

    def _go(self, asked: wire.Step) -> None:
        changes = []
        with self._lock:
            deeds = self._pages.setdefault(asked.page, _Deeds())
            step = asked.step
            if asked.seq > deeds.last_step:
                deeds.last_step = asked.seq
                if step is not None and step < wire.n_steps(self._state.grid):
                    changes = [self._change(lambda old: replace(old, step=step), "user")]
        try:
            _announce(changes)
        finally:
            self.send(wire.encode_stepped(asked.page, asked.seq))

    def _show_error(self, failure: CallbackError) -> None:
        self._last_error = failure.error
        with self._lock:  # set while another thread sends, it might not be sent
            self._error = [failure.headline, failure.traceback]

    # ── being shown ──────────────────────────────────────────────────────────────────────────

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Give the live view, and beside it the picture that stays where no kernel is."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        self._variable = _variable_of(self)
        data, metadata = bundle
        parts, sizes = self._draw_picture()
        return {**data, **parts}, {**metadata, **sizes}

    def to_html(self) -> str:
        """Give a page of its own that shows the heatmap with no kernel, and loads nothing.

        Everything that the page does by itself works there: reading, picking, editing the mask,
        steps, linked heatmaps on the same page (see `Row.to_html`). Python hears nothing of it.
        """
        return page([self._saved()], self._state.title or "heatmap")

    def _saved(self) -> dict[str, Any]:
        """Give the traits that show this heatmap where no kernel is, all steps among them."""
        kept = {name: getattr(self, name) for name in Heatmap.class_own_traits(sync=True)}
        return {**kept, **wire.encode(wire.whole(self._state)), "_error": []}

    def _draw_picture(self) -> tuple[dict[str, str], dict[str, Any]]:
        """Give the picture by media type, and its sizes; nothing if it cannot be drawn."""
        with self._drawing:
            try:
                from . import picture  # brings Pillow, which nothing else needs

                state = self._state
                if self._picture is None or self._picture[0] is not state:
                    self._picture = (state, picture.bundle(state))
                parts = self._picture[1]
                return parts, picture.bundle_metadata(parts)
            except Exception:
                # Not worth the live view, which needs nothing of it.
                logger.exception(
                    "the picture for the notebook file failed; the live view is not affected"
                )
                return {}, {}

    def __repr__(self) -> str:
        """Say what is shown, without its numbers."""
        n_layers, n_components = self._state.grid.shape
        title = f" {self._state.title!r}" if self._state.title else ""
        return f"<Heatmap{title}: {n_layers} layers × {n_components} components>"


def show(values: Any, **options: Any) -> Heatmap:
    """Show a grid; the same as ``Heatmap(values, **options)``."""
    return Heatmap(values, **options)


def _variable_of(heatmap: Heatmap) -> str:
    """Give the name that the notebook knows a heatmap by, for "copy selection as Python"."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None:
        for name, value in list(shell.user_ns.items()):
            if value is heatmap and not name.startswith("_"):
                return str(name)
    return "w"


#: The part of the state behind each public property: where it is the same, nothing changed.
_PARTS: dict[str, Callable[[State], Any]] = {
    "values": lambda s: s.grid.values,
    "mask": lambda s: s.mask,
    "selection": lambda s: s.selection,
    "text": lambda s: s.text,
    "cmap": cmap_of,
    "limits": lambda s: s.limits,
    "norm": lambda s: s.norm.given,
    "center": lambda s: s.center,
    "categories": category_colors,
    "title": lambda s: s.title,
    "label": label_of,
    "step": step_label,
    "click": lambda s: s.click,
    "transpose": lambda s: s.transpose,
    "height": lambda s: s.height,
    "width": lambda s: s.width,
}


def _read_values(grid: Grid) -> NDArray[Any]:
    values = intake.locked(grid.plain(grid.values))
    if grid.holes is None:
        return values
    return np.ma.MaskedArray(values, mask=intake.locked(grid.holes != intake.PRESENT))


def _read_categories(colors: Colors | None) -> dict[Label, str | None] | None:
    return None if colors is None else dict(colors)


def _mask_of(state: State) -> NDArray[np.bool_]:
    if state.mask is not None:
        return state.mask
    mask = np.zeros(state.grid.shape, bool)
    mask.flags.writeable = False
    return mask


def _announce(changes: Iterable[_Change]) -> None:
    """Tell those who listen to each heatmap, also where a listener of one of them raises."""
    with ExitStack() as stack:
        for heatmap, old, new, source in reversed(list(changes)):
            stack.callback(heatmap._tell, old, new, source)


def _same(a: Any, b: Any) -> bool:
    plain = isinstance(a, str | int | float | tuple) and type(a) is type(b)
    return a is b or (plain and bool(a == b))


def _click_event(state: State, gesture: wire.Gesture) -> tuple[ClickEvent, ...]:
    click = gesture.click
    if click is None:
        return ()
    # With the value that the person saw: that of a step which the kernel may not have heard of.
    return (ClickEvent(cell_at(state.grid, gesture.step, click.flat), click.modifiers),)


def _select_event(old: State, new: State, source: Source) -> tuple[SelectEvent, ...]:
    """Give the event for a change of the selection, none where it is the same cells."""
    # Those of one that the other has too, as the other calls them.
    before = carry_over(old.selection, old.grid, new.grid)
    if len(before) == len(old.selection) and before == new.selection:
        return ()
    after = set(carry_over(new.selection, new.grid, old.grid))
    cells, known = cells_at(new.grid, new.step, new.selection), set(before)
    added = (k for k, flat in enumerate(new.selection) if flat not in known)
    removed = tuple(flat for flat in old.selection if flat not in after)
    return (
        SelectEvent(
            cells=cells,
            added=tuple(cells[k] for k in added),
            removed=cells_at(old.grid, old.step, removed),
            source=source,
        ),
    )
