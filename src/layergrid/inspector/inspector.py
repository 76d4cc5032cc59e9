"""`Inspector`: a heatmap, and in line with it charts that show more of what is picked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import ipywidgets
import numpy as np

from ..heatmap import Heatmap
from ..intake import EMPTY, Stored
from ..state import State, frame_mask
from ..store import Change, announce
from ..wire import Placed
from .bars import Across
from .binning import bin_count, count
from .board import Board
from .brush import Brush
from .charts import scale_of_units, set_ticks
from .geometry import NEEDED, Stand
from .histogram import Histogram
from .opened import WIDE, Opened, described
from .profile import Profile
from .reading import Reading, across, profiles, read

#: Each layer and each component has a point or a bar of its own: more than this are too many.
MOST = 1024
_STYLE = files(__package__).joinpath("style.css").read_text("utf-8")
#: The page leaves so much of the width to what stands beside a heatmap.
_STYLE += f".layergrid-beside {{ --layergrid-beside: {NEEDED}px; }}\n"


class Inspector(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A heatmap, and in line with its cells what the picked ones are part of.

    Beside it the profile of the picked components over the layers, below it the picked layer over
    the components, and in the corner how many values there are along the colour bar: brush over
    it, and the cells with these values are the heatmap's mask. A click on a point or a bar picks
    its cell, or all that a mean is of. Open "tensor" to see what is behind the cell that was
    picked last: the tensor itself, how its values are distributed, its singular values. It is read
    only then, in the background.

    Parameters
    ----------
    heatmap : Heatmap
        Of numbers that are in memory, up to 1,024 layers and components. It stays what it is, and
        can also be shown alone.
    model : torch.nn.Module, mapping or path, optional
        Where tensors are read from, by default what the grid was made from; see `tensor`.

    Attributes
    ----------
    heatmap : Heatmap
    profile : Profile
        Over the layers; its `lines` and `points` are bqplot's marks. All charts have the units of
        the colour bar, 0 at its low end and 1 at its high one, and a `figure`.
    across : Across
        Over the components; its `bars` are bqplot's.
    histogram : Histogram
        With `bars` and a `brush`.
    tensor : Opened
        With a `heatmap`, a `histogram`, a `spectrum`, and the `button` that opens it.

    Raises
    ------
    TypeError, ValueError
        For what is no heatmap, or one that has no profiles to show.

    Examples
    --------
    >>> import numpy as np
    >>> from layergrid import Heatmap, Inspector
    >>> w = Heatmap(np.eye(3), components=["q", "k", "v"])
    >>> inspector = Inspector(w)
    >>> w.selection = [(1, "k")]
    >>> inspector.profile.points.x.tolist()
    [0.0, 1.0, 0.0]
    """

    profile: Profile
    across: Across

    def __init__(self, heatmap: Heatmap, model: Any = None) -> None:
        if not isinstance(heatmap, Heatmap):
            raise TypeError(
                f"Inspector got {heatmap!r}; it takes a heatmap: lg.Heatmap(…) makes one"
            )
        state = heatmap._store.state
        if refusal := refusal_of(state):
            raise ValueError(refusal)
        self.heatmap = heatmap
        # Whoever changes the heatmap is on one of several threads.
        self._turn = threading.RLock()
        self._shown: State | None = None
        self._units = scale_of_units()
        self.histogram = Histogram(self._units, brush=True)
        self.tensor = Opened(heatmap, model)
        self._brush = Brush(heatmap._store, self.histogram.brush)
        self._board = Board(heatmap, self.histogram, state)
        self._turn_to(state.transpose)
        style = ipywidgets.HTML(f"<style>{_STYLE}</style>")
        style.layout.display = "none"
        super().__init__([style, self._board.box, self.tensor.head, self.tensor.body])
        self.add_class("layergrid-inspector")
        self.histogram.brush.observe(lambda _: self._do(self._brush.moved), "selected")
        self.follow()
        heatmap._gain(self)

    def close(self) -> None:
        """Take the charts off all pages; the heatmap stays."""
        # Also what was refused is closed, as nobody holds it.
        if tensor := self.__dict__.get("tensor"):
            self.heatmap._lose(self)
            tensor.close()
            charts = self.profile, self.across, self.histogram
            for widget in (*charts, self._units, self._board.box, *self.children):
                widget.close()
        super().close()

    # ── what a person does ───────────────────────────────────────────────────────────────────

    def _pick(self, layer: int | None, component: int | None) -> None:
        """Pick a cell; of a mean all that it is of."""
        heatmap = self.heatmap
        layers = heatmap.layers if layer is None else heatmap.layers[layer : layer + 1]
        components = heatmap.components
        if component is not None:
            components = components[component : component + 1]
        cells = [(i, j) for i in layers for j in components]
        self._do(lambda: heatmap._store.assign({"selection": cells}, "user"))

    def _do(self, change: Callable[[], list[Change]]) -> None:
        """Change the heatmap by hand: an error would be seen by nobody, if not there."""
        try:
            with self._turn:
                changes = change()
            announce(changes)
        except Exception as error:
            self.heatmap._dispatcher.report("Inspector", error)

    # ── showing what the heatmap shows ───────────────────────────────────────────────────────

    def place(self, placed: Placed) -> None:
        """Stand in line with the cells, which a page has put there."""
        with self._turn:
            self._board.put(placed)
            self._draw(self.heatmap._store.state, anew=True)

    def follow(self) -> None:
        """Show what the heatmap shows now."""
        with self._turn:
            state = self.heatmap._store.state
            if state is self._shown:
                return
            changes = [] if refusal_of(state) else self._brush.keep(state)
            if not changes:
                self._draw(state, anew=False)
        announce(changes)  # and so comes back here

    def _draw(self, state: State, anew: bool) -> None:
        old, self._shown = self._shown, state
        refusal = refusal_of(state)
        for chart in (self.profile, self.across, self.histogram):
            chart.figure.layout.visibility = "hidden" if refusal else "visible"
        if refusal:
            self.profile.caption.say()
            self.across.caption.say()
            self.histogram.caption.say(refusal)
            return
        if state.transpose != self._transpose:
            self._turn_to(state.transpose)
            anew = True
        anew = anew or old is None or not _alike(old, state)
        reading = read(state)
        at = self._board.stand(state)
        layers, components = (at.columns, at.rows) if state.transpose else (at.rows, at.columns)
        self.profile.show(reading, *profiles(reading), layers)
        self.across.show(reading, across(reading), components)
        if anew:
            self._count(state, reading, at)
        highlighted = frame_mask(state)
        said = described(self._bins)
        if highlighted is None or not highlighted.any():
            said.append("drag to highlight")
        else:
            said.append(f"{int(highlighted.sum()):,} highlighted")
        self.histogram.caption.say(*said)
        self.tensor.follow(self._board.columns(at, WIDE))

    def _count(self, state: State, reading: Reading, at: Stand) -> None:
        """Show how many values there are, over the ticks of the colour bar."""
        # In the dtype in which they came, which decides what is within the limits.
        known = state.grid.frame(state.step)[np.isfinite(reading.values)]
        self._bins = count([known], state.scale, bin_count(known.size))
        length = self._board.length(at)
        self.histogram.show(self._bins, state.scale, state.table, length)
        beside, below = self.profile.value_axis, self.across.value_axis
        if state.transpose:
            beside, below = below, beside
        set_ticks(beside, state.scale, length)
        set_ticks(below, state.scale, at.below.length, at.below.margins.left)

    def _turn_to(self, transpose: bool) -> None:
        """Make the charts whose axes turn with the heatmap."""
        before = () if self._shown is None else (self.profile, self.across)
        self._transpose = transpose
        self.profile = Profile(self._units, not transpose, self._pick)
        self.across = Across(self._units, transpose, self._pick)
        if transpose:
            self._board.fill(self.across, self.profile)
        else:
            self._board.fill(self.profile, self.across)
        for chart in before:
            chart.close()

    # ── being shown ──────────────────────────────────────────────────────────────────────────

    def _display_(self) -> Any:
        """Give what marimo shows, which has neither boxes nor bqplot: the heatmap, and why."""
        import marimo

        note = "marimo does not show the charts of an Inspector (ipywidgets' boxes and bqplot)."
        return marimo.vstack([marimo.md(f"{note} Here is the heatmap."), self.heatmap])

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any] | None:
        """Give the live view, and beside it the picture of the heatmap."""
        data: dict[str, Any] | None = super()._repr_mimebundle_(**kwargs)
        bundle = self.heatmap._repr_mimebundle_()
        if data is None or bundle is None:
            return data
        return {**data, "text/html": bundle[0].get("text/html", "")}

    def __repr__(self) -> str:
        """Say what is inspected."""
        return f"<Inspector of {self.heatmap!r}>"


def _alike(a: State, b: State) -> bool:
    """Whether states differ in no more than which cells are picked or highlighted."""
    return a.grid is b.grid and a.table is b.table and (a.step, a.scale) == (b.step, b.scale)


def refusal_of(state: State) -> str:
    """Say why what a state shows has no profiles, "" if it has."""
    grid = state.grid
    if state.scale.norm.kind == "categories":
        return "values are categories, which have no profile and no histogram: inspect numbers"
    if grid is EMPTY:
        return "the heatmap has no values yet: assign some, or layers and components to fill"
    if isinstance(grid.values, Stored):
        return grid.values.refusal("Inspector")
    if max(grid.shape) > MOST:
        return (
            f"the heatmap has {grid.shape[0]:,} × {grid.shape[1]:,} cells; an Inspector shows up "
            f"to {MOST:,} layers and components: inspect a part, as Heatmap(values[:{MOST}])"
        )
    return ""
