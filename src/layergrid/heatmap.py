"""`Heatmap`: the facade, which puts together who does what behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from . import wire
from .derived import observed_changes
from .events import CallbackError, Dispatcher
from .hearing import Hearing
from .notebook import variable_of
from .page import page
from .properties import OBSERVABLE, Properties
from .reader import Reader
from .selection import ClickEvent, HoverEvent, SelectEvent, Source
from .snapshot import Snapshot
from .state import State
from .store import Store
from .stream import Stream

if TYPE_CHECKING:
    from .link import Link


class Follower(Protocol):
    """What stands beside a heatmap, and shows more of what it shows."""

    def follow(self) -> None:
        """Show what the heatmap shows now; called on whichever thread has changed it."""

    def place(self, placed: wire.Placed) -> None:
        """Stand in line with the cells, which a page has put there."""


OnSelect = TypeVar("OnSelect", bound=Callable[[SelectEvent], Any])
OnClick = TypeVar("OnClick", bound=Callable[[ClickEvent], Any])
OnHover = TypeVar("OnHover", bound=Callable[[HoverEvent], Any])


class Heatmap(Properties):
    """A layer × component grid of coloured cells that can be read, picked and acted on.

    Parameters
    ----------
    values : array_like, shape (layer, component) or (step, layer, component), optional
        numpy array of any numeric dtype, nested list, masked array (masked = absent), pandas
        DataFrame (index and columns become labels), xarray DataArray, or a tensor: torch, JAX,
        CuPy, or anything with ``__array__`` or ``__dlpack__``. Strings and pandas categoricals
        are categories. A numpy memmap, a zarr Array, an h5py Dataset, a dask Array or an xarray
        DataArray of one, of more than 64 MB, is read only where it is looked at, and must stay as
        it is: a sample first, which the page says, then all of it, in the background. `text`,
        `mask` and `categories` need values in memory. None, with `layers` and `components`, shows
        pending cells; without them, a heatmap to be filled later.
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
        1st to the 99th percentile, ``"symmetric"`` minus and plus the largest magnitude. Of values
        that are not in memory they widen while more is read, and percentiles are those of a sample.
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
    reduce : {"extreme", "mean", "min", "max"}, default "extreme"
        What stands for cells that share a pixel: the value of the largest magnitude, the mean, the
        least or the largest. Whatever the rule, a NaN or an infinity among them is shown.
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
        reduce: str = "extreme",
        height: int | None = None,
        width: int | None = None,
    ) -> None:
        self._last_error: Exception | None = None
        self._dispatcher = Dispatcher(self._show_error)
        self._followers: tuple[Follower, ...] = ()
        options = {
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
            "reduce": reduce,
            "height": height,
            "width": width,
        }
        self._store = Store(self._dispatcher, options, show=self._show, tell=self._tell)
        self._reader = Reader(self._store, self._dispatcher, self.send)
        super().__init__(**wire.encode(self._store.state))
        self._stream = Stream(self._store, self.send)
        self._reader.follow(self._store.state)
        hearing = Hearing(
            self._store,
            self._stream,
            self._reader,
            self._dispatcher,
            self.send,
            lambda: self._set_error([]),
            self._place,
        )
        self.on_msg(hearing.receive)
        self._snapshot = Snapshot(self._store)
        self._snapshot.warm_up()

    # ── live frames ──────────────────────────────────────────────────────────────────────────

    def push(self, values: Any, step: Any = None) -> None:
        """Show a live frame: as `values` assigned, for loops that do so thousands of times.

        At most sixty frames a second are sent, as many as pages can paint, and the latest wins.
        The last one is always shown, and stays for a reload, however the loop ends. Reading
        gives what was pushed last; observers of ``values`` hear of frames that stay for 0.1 s,
        on another thread. Automatic limits only widen, so that colours can be compared.

        Parameters
        ----------
        values : array_like
            Anything that `values` takes, in the shape and with the labels of the grid. It is
            copied. Fastest is a numpy array in the dtype of the frame before.
        step : label, optional
            Where the grid has steps, the one that goes there: `values` is (layer, component), and
            that step is shown. Without steps, what the status line calls the frame, such as the
            number of a training step, until the next one.

        Raises
        ------
        TypeError, ValueError
            For another shape, other labels, a category that is none, or a step that there is not.
            Nothing changes.

        Examples
        --------
        >>> import numpy as np
        >>> w = Heatmap(np.zeros((2, 3)))
        >>> for k in range(1000):
        ...     w.push(np.full((2, 3), k), step=k)
        >>> int(w.values[0, 0])
        999
        """
        self._stream.push(values, step)

    # ── listening ────────────────────────────────────────────────────────────────────────────

    @property
    def last_error(self) -> Exception | None:
        """The exception of the callback that raised last, None if none has."""
        return self._last_error

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
        return await self._dispatcher.next(SelectEvent, lambda event: event.source == "user")

    def _show(self, new: State, old: State) -> None:
        """Send what changed, and go on reading what is shown now."""
        self._sync(new, old)
        self._reader.follow(new)

    def _tell(self, old: State, new: State, source: Source) -> None:
        """Tell what changed: followers, callbacks what is queued, observers of public traits."""
        # First: what a callback does may take long, and on other threads other things change.
        self._lead(lambda follower: follower.follow())
        self._dispatcher.dispatch()
        for change in observed_changes(self, OBSERVABLE, old, new):
            try:
                self.notify_change(change)
            except Exception as error:
                if source == "code":
                    raise
                # Nobody would see it: the traceback would go to a log that no cell shows.
                self._dispatcher.report(f"observer of {change.name}", error)

    def _show_error(self, failure: CallbackError) -> None:
        self._last_error = failure.error
        self._set_error([failure.headline, failure.traceback])

    def _set_error(self, error: list[str]) -> None:
        with self._store.lock:  # set while another thread sends, it might not be sent
            self._error = error

    # ── standing with others ─────────────────────────────────────────────────────────────────

    def _gain(self, follower: Follower) -> None:
        """Have a follower from now on."""
        self._followers += (follower,)

    def _lose(self, follower: Follower) -> None:
        self._followers = tuple(one for one in self._followers if one is not follower)

    def _place(self, placed: wire.Placed) -> None:
        if placed.current:
            self._lead(lambda follower: follower.place(placed))

    def _lead(self, tell: Callable[[Follower], None]) -> None:
        for follower in self._followers:
            try:
                tell(follower)
            except Exception as error:
                self._dispatcher.report(type(follower).__name__, error)

    def _tie(self, ties: tuple[Link, ...]) -> None:
        """Be in these links from now on, and in no others."""
        with self._store.lock:
            self._store.ties = ties
            self._links = wire.encode_links(ties)

    def _stand_in_row(self) -> None:
        with self._store.lock:
            self._row = True

    # ── being shown ──────────────────────────────────────────────────────────────────────────

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Give the live view, and beside it the picture that stays where no kernel is."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        self._variable = variable_of(self) or "w"
        data, metadata = bundle
        parts, sizes = self._snapshot.draw()
        return {**data, **parts}, {**metadata, **sizes}

    def close(self) -> None:
        """Take the heatmap off all pages, and read nothing more of its values."""
        # Also what was refused is closed, as nobody holds it.
        if reader := self.__dict__.get("_reader"):
            reader.stop()
        super().close()

    def to_html(self) -> str:
        """Give a page of its own that shows the heatmap with no kernel, and loads nothing.

        Everything that the page does by itself works there: reading, picking, editing the mask,
        steps, linked heatmaps on the same page (see `Row.to_html`). Python hears nothing of it.
        """
        return page([self._saved()], self._store.state.title or "heatmap")

    def _saved(self) -> dict[str, Any]:
        """Give the traits that show this heatmap where no kernel is, all steps among them."""
        return self._traits_without_kernel(self._store.state)

    def __repr__(self) -> str:
        """Say what is shown, without its numbers."""
        n_layers, n_components = self._store.state.grid.shape
        title = f" {self._store.state.title!r}" if self._store.state.title else ""
        return f"<Heatmap{title}: {n_layers} layers × {n_components} components>"


def show(values: Any, **options: Any) -> Heatmap:
    """Show a grid; the same as ``Heatmap(values, **options)``."""
    return Heatmap(values, **options)
