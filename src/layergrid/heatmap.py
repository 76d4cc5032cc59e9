"""`Heatmap`: the widget's traits and its facade. What it does stands in the pure modules."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import anywidget
import numpy as np
import traitlets as t
from numpy.typing import NDArray

from . import intake, wire
from .events import CallbackError, Dispatcher, logger
from .intake import Grid, Labels
from .selection import (
    Cell,
    ClickEvent,
    HoverEvent,
    Ledger,
    Picks,
    SelectEvent,
    Source,
    cell_at,
    cells_at,
)
from .state import EMPTY_STATE, State, resolve, same_axes, step_label

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


class Heatmap(anywidget.AnyWidget):
    """A layer × component grid of coloured cells that can be read, picked and acted on.

    Parameters
    ----------
    values : array_like, shape (layer, component) or (step, layer, component), optional
        numpy array of any numeric dtype, nested list, masked array (masked = absent), pandas
        DataFrame (index and columns become labels), xarray DataArray, or a tensor: torch, or
        anything with ``__array__`` or ``__dlpack__``. None, with `layers` and `components`,
        shows pending cells; without them, a heatmap to be filled later.
    layers, components : sequence of labels, optional
        Unique str, int, float or bool; 0 … n−1 by default.
    mask : array_like of bool, shape (layer, component) or that of `values`, optional
        Cells to highlight, independently of the selection. A labelled mask aligns by label.
    text : str or array_like of str, shape (layer, component), optional
        Text in the cells: an array, a format such as ``".2f"``, or ``"auto"``.
    cmap : str or colour map, default "viridis"
        Any name or object that the ``cmap`` package accepts, matplotlib's among them.
    limits : (low, high) or {"full", "robust", "symmetric"}, default "full"
        Range of values that the colours span, in the units of the values. ``"robust"`` is the
        1st to the 99th percentile.
    title, label : str, optional
        Title of the picture; name and unit of the values, beside the colour bar.
    click : {"select", "none"}, default "select"
        What the gestures do.
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
    _step = _synced(t.Int())
    _mask = _synced(t.Bytes())
    _selection = _synced(t.List())
    _text = _synced(t.List(allow_none=True))
    _table = _synced(t.Bytes())
    _limits = _synced(t.List())
    _title = _synced(t.Unicode())
    _label = _synced(t.Unicode())
    _click = _synced(t.Unicode())
    _size = _synced(t.List())
    _error = _synced(t.List(help="Headline and traceback of the last callback that raised."))
    _hovers = _synced(t.Bool(False, help="Whether anybody asked to hear of hovering."))
    _variable = _synced(t.Unicode("w", help="What the heatmap is called where it is shown."))

    values = _Facade(
        lambda s: _read_values(s.grid),
        "Read-only array in the dtype that came in; masked only if something is absent. "
        "Assigning replaces the values in place: selection and mask stay.",
    )
    mask = _Facade(
        lambda s: _no_mask(s.grid) if s.mask is None else s.mask,
        "Read-only bool array of the highlighted cells, all False when unset.",
    )
    selection = _Facade(
        lambda s: cells_at(s.grid, s.step, s.selection),
        "The cells the person picked, as a tuple of `Cell` in pick order; "
        "assign (layer, component) pairs.",
    )
    text = _Facade(lambda s: s.text, "Text in the cells: array of str, format, 'auto' or None.")
    cmap = _Facade(lambda s: s.cmap, "The colour map, as it was given.")
    limits = _Facade(lambda s: s.limits, "The limits, as they were given; see `color_limits`.")
    title = _Facade(lambda s: s.title, "Title of the picture, or None.")
    label = _Facade(lambda s: s.label, "Name and unit of the values, or None.")
    step = _Facade(step_label, "Label of the step that is shown, None without steps.")
    click = _Facade(lambda s: s.click, "What the gestures do: 'select' or 'none'.")
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
        title: str | None = None,
        label: str | None = None,
        click: str = "select",
        height: int | None = None,
        width: int | None = None,
    ) -> None:
        self._lock = threading.RLock()
        self._ledgers: dict[str, Ledger] = {}
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

        Native dtypes only: bf16 and fp8 widen to float32. Absent cells are NaN, with True in the
        bool coordinate ``absent``; NaN without it is a real NaN.
        """
        grid, label = self._state.grid, self._state.label
        if self._data is None or self._data[0] is not grid or self._data[1].name != label:
            self._data = (grid, intake.to_dataarray(grid, label))
        return self._data[1]

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
        with self._lock:
            old = self._state
            new = resolve(old, changes)
            if new.selection != old.selection or not same_axes(new.grid, old.grid):
                for ledger in self._ledgers.values():
                    ledger.rebase(new.selection)
            self._show(new)
            self._dispatcher.queue(*_select_event(old, new, "code"))
        self._announce(old, new, "code")

    def _show(self, new: State) -> None:
        """Make `new` the state and send what changed, in one message."""
        old, self._state = self._state, new
        with self.hold_sync():
            for trait, value in wire.encode(new, since=old).items():
                setattr(self, trait, value)

    def _announce(self, old: State, new: State, source: Source) -> None:
        """Tell callbacks what is queued, then observers of the public traits what changed."""
        self._dispatcher.dispatch()
        for name, part in _PARTS.items():
            if _same(part(old), part(new)):
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
            case wire.Hover(flat):
                cell = None if flat is None else cell_at(state.grid, state.step, flat)
                self._dispatcher.dispatch(HoverEvent(cell))
            case wire.Dismiss():
                self._error = []

    def _do(self, gesture: wire.Gesture, seen: Grid) -> None:
        with self._lock:
            old = self._state
            if not same_axes(seen, old.grid):
                # Another thread has set other labels since the gesture was checked against `seen`.
                gesture = replace(gesture, command=None, click=None)
            ledger = self._ledgers.setdefault(gesture.page, Ledger())
            fresh = not ledger.seen(gesture.seq)
            if fresh:
                picks = ledger.apply(
                    gesture.seq, gesture.command, old.selection, len(old.grid.components)
                )
                for page, other in self._ledgers.items():
                    if page != gesture.page:
                        other.rebase(picks)
                if picks != old.selection:
                    self._show(replace(old, selection=picks))
            new = self._state
            if fresh:
                # Queued under the lock, so that events come in the order of what they tell.
                self._dispatcher.queue(
                    *_click_event(new, gesture.click), *_select_event(old, new, "user")
                )
        try:
            if fresh:
                self._announce(old, new, "user")
        finally:
            # Answered once all is done: a callback that takes long is a kernel that is busy.
            self.send(wire.encode_ack(gesture.page, gesture.seq))

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
    "cmap": lambda s: s.cmap,
    "limits": lambda s: s.limits,
    "title": lambda s: s.title,
    "label": lambda s: s.label,
    "step": lambda s: s.step,
    "click": lambda s: s.click,
    "height": lambda s: s.height,
    "width": lambda s: s.width,
}


def _read_values(grid: Grid) -> NDArray[Any]:
    if grid.holes is None:
        return grid.values
    holes = grid.holes != intake.PRESENT
    holes.flags.writeable = False
    return np.ma.MaskedArray(grid.values, mask=holes)


def _no_mask(grid: Grid) -> NDArray[np.bool_]:
    mask = np.zeros(grid.shape, bool)
    mask.flags.writeable = False
    return mask


def _same(a: Any, b: Any) -> bool:
    return a is b or (isinstance(a, str | int | tuple) and type(a) is type(b) and bool(a == b))


def _click_event(state: State, click: wire.Click | None) -> tuple[ClickEvent, ...]:
    if click is None:
        return ()
    return (ClickEvent(cell_at(state.grid, state.step, click.flat), click.modifiers),)


def _select_event(old: State, new: State, source: Source) -> tuple[SelectEvent, ...]:
    """Give the event for a change of the selection, none where it is the same cells."""
    before, after = _labels(old.grid, old.selection), _labels(new.grid, new.selection)
    if list(before) == list(after):
        return ()
    return (
        SelectEvent(
            cells=cells_at(new.grid, new.step, after.values()),
            added=_cells(new, after, before),
            removed=_cells(old, before, after),
            source=source,
        ),
    )


def _labels(grid: Grid, picks: Picks) -> dict[tuple[Any, Any], int]:
    n = len(grid.components)
    return {(grid.layers[flat // n], grid.components[flat % n]): flat for flat in picks}


def _cells(state: State, those: dict[Any, int], without: dict[Any, int]) -> tuple[Cell, ...]:
    picks = (flat for labels, flat in those.items() if labels not in without)
    return cells_at(state.grid, state.step, picks)
