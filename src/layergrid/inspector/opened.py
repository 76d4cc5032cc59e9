"""The tensor behind the picked cell: as a heatmap, with a histogram and its singular values."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import ipywidgets

from ..cells import Cell, cells_at
from ..heatmap import Heatmap
from ..intake import Stored, label_text, read
from ..models import tensor
from ..models.statistics.spectra import slices
from ..store import announce
from .background import Latest
from .binning import Bins, bin_count, count
from .charts import in_area, scale_of_units
from .geometry import CAPTION, NEEDED, SIDE, TICKS, Frame, Margins
from .histogram import Histogram
from .spectrum import Spectrum, read_spectrum

#: Height of the tensor's picture in CSS pixels; beside it stand two charts, half as high each.
HEIGHT = 280
#: Width that the picture needs.
WIDE = 420
_MORE_BINS = 64


class Opened:
    """A panel that a person opens, and that reads nothing before.

    Parameters
    ----------
    of : Heatmap
        The cells that were picked last in it are those whose tensors are shown.
    model : object, optional
        Where tensors are read from; see `tensor`.

    Attributes
    ----------
    button : ipywidgets.ToggleButton
        Its `value` is whether the panel is open.
    heatmap : Heatmap
        The tensor; of more than two dimensions as (first, all others).
    histogram : Histogram
    spectrum : Spectrum
    note : ipywidgets.HTML
        Which tensor it is, or why there is none.
    """

    def __init__(self, of: Heatmap, model: Any = None) -> None:
        self._of = of
        self._model = model
        self._latest: Latest[Cell] = Latest(self._read)
        self._wanted: Any = None
        self.button = ipywidgets.ToggleButton(False, description="tensor", icon="angle-right")
        self.button.add_class("layergrid-open")
        self.note = ipywidgets.HTML()
        self.note.add_class("layergrid-note")
        self.heatmap = Heatmap(limits="robust", center=0, height=HEIGHT, click="none")
        self._units = scale_of_units()
        self.histogram = Histogram(self._units, brush=False)
        self.spectrum = Spectrum()
        self._picture = ipywidgets.VBox([self.heatmap])
        charts = (("above", self.histogram), ("below", self.spectrum))
        parts = [in_area(at, of.figure, of.caption.widget) for at, of in charts]
        self._charts = ipywidgets.GridBox([widget for part in parts for widget in part])
        self._charts.layout.grid_template_areas = '"above" "below"'
        half = HEIGHT / 2
        frame = Frame(half, Margins(CAPTION, SIDE, TICKS, SIDE))
        self.histogram.stand(frame)
        self.spectrum.stand(frame)
        self.head = ipywidgets.HBox([self.button, self.note])
        self.head.add_class("layergrid-head")
        self.body = ipywidgets.GridBox([self._picture, self._charts])
        self.body.add_class("layergrid-body")
        self.body.layout.display = "none"
        self.body.layout.visibility = "hidden"  # and yet as high as with a tensor
        self.button.observe(self._toggled, "value")

    @property
    def is_open(self) -> bool:
        """Whether a person has opened it, and not closed it again."""
        return bool(self.button.value)

    def _toggled(self, _change: Any) -> None:
        self.button.icon = "angle-down" if self.is_open else "angle-right"
        self.body.layout.display = "grid" if self.is_open else "none"
        self.follow()

    def follow(self, columns: str | None = None) -> None:
        """Show the tensor behind the cell that was picked last, once it is read; if open.

        `columns` are those of the charts above, in line with which it stands.
        """
        if columns is not None:
            self.body.layout.grid_template_columns = columns
        state = self._of._store.state
        cells = cells_at(state.grid, state.step, state.selection[-1:])
        cell = cells[0] if cells else None
        self.button.description = f"tensor of {_name(cell)}" if cell else "tensor"
        # Of the same one nothing is read again, whatever its value is now.
        wanted = (cell.layer, cell.component, cell.coords) if cell and self.is_open else None
        if wanted is not None and wanted == self._wanted:
            return
        self._wanted = wanted
        if cell is not None and wanted is not None:
            self._say("reading …")
            self._latest.ask(cell)
            return
        self._latest.forget()
        self._say("pick a cell to see the tensor behind it" if self.is_open else "")

    def close(self) -> None:
        """Show nothing more."""
        self._latest.forget()
        self.heatmap.close()
        charts = self.histogram, self._units, self.spectrum
        for widget in (*charts, self.button, self.note, *self.body.children):
            widget.close()

    def _say(self, text: str, name: str = "") -> None:
        code = f"<code>{html.escape(name)}</code> " if name else ""
        self.note.value = f"{code}<span>{html.escape(text)}</span>"

    # ── the thread ───────────────────────────────────────────────────────────────────────────

    def _read(self, cell: Cell, overtaken: Callable[[], bool]) -> None:
        try:
            found = tensor(self._of.data, cell, self._model)
            if overtaken():
                return
            self._show(_matrix(found))
            self.body.layout.visibility = "visible"
            facts = "×".join(map(str, found.shape)), str(cell.coords.get("dtype", ""))
            self._say(" · ".join(filter(None, facts)), cell.name or "")
            self._measure(overtaken)
        except Exception as error:  # of whatever library: nobody else would see it
            if not overtaken():
                text = error.args[0] if isinstance(error, KeyError) and error.args else error
                self._say(f"no tensor: {text}")
                self.body.layout.visibility = "hidden"

    def _show(self, matrix: Any) -> None:
        # Its axes are neither layers nor components, and it has other ones than the last tensor.
        grid = read(matrix, layers=range(matrix.shape[0]), components=range(matrix.shape[1]))
        grid = replace(grid, layer_title="", component_title="")
        announce(self.heatmap._store.assign({"values": grid}))

    def _measure(self, overtaken: Callable[[], bool]) -> None:
        state = self.heatmap._store.state
        values = state.grid.values
        matrix = values.source if isinstance(values, Stored) else values
        n_bins = min(_MORE_BINS, bin_count(matrix.size))
        parts = (matrix[rows] for rows in slices(matrix.shape) if not overtaken())
        bins = count(parts, state.scale, n_bins)
        if overtaken():
            return
        self.histogram.show(bins, state.scale, state.table, NEEDED)
        self.histogram.caption.say(*described(bins))
        sigma = read_spectrum(matrix)
        if not overtaken():
            self.spectrum.show(sigma)


def described(bins: Bins) -> list[str]:
    """Say how many values there are, and how many of them the bars do not show."""
    beyond = bins.under + bins.over
    total = int(bins.counts.sum()) + beyond + bins.other
    said = [f"{total:,} value{'s' if total != 1 else ''}"]
    if beyond:
        said.append(f"{beyond:,} beyond the limits")
    if bins.other:
        said.append(f"{bins.other:,} not finite")
    return said


def _name(cell: Cell) -> str:
    return f"{label_text(cell.layer)} · {label_text(cell.component)}"


def _matrix(found: Any) -> Any:
    """Give a tensor as a matrix: its first dimension, and all others."""
    if found.ndim == 2:
        return found
    if found.ndim < 2:
        return found.reshape(1, -1)
    return found.reshape(found.shape[0], -1)
