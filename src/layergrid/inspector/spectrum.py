"""Singular values of the tensor behind a cell, and a chart of them."""

from __future__ import annotations

from typing import Any

import bqplot
import numpy as np
from numpy.typing import NDArray

from ..models.statistics.spectra import host_matrix, singular_values
from ..numerals import format_value, ticks
from .charts import INK, Caption, axis_of, close, figure, name_ticks, stand_at
from .geometry import Frame

#: A longer shorter side takes minutes: its cube is what eigenvalues cost.
LONGEST = 2048


def read_spectrum(matrix: NDArray[Any]) -> NDArray[np.float64] | str:
    """Give the singular values of a matrix, the largest first, or say why there are none."""
    least = min(matrix.shape)
    if least > LONGEST:
        return f"singular values: of sides up to {LONGEST:,}, and the shorter one is {least:,}"
    if least < 2:
        return "singular values: a vector has only its norm"
    found = singular_values(host_matrix(matrix))
    if not np.isfinite(found).all():
        return "singular values: there are NaN or infinities among the values"
    return found


class Spectrum:
    """A line of singular values.

    Attributes
    ----------
    figure : bqplot.Figure
    line : bqplot.Lines
    """

    def __init__(self) -> None:
        across = bqplot.LinearScale(min=0, max=1, allow_padding=False)
        up = bqplot.LinearScale(min=0, max=1, allow_padding=False)
        self._across, self._up = across, up
        self.line = bqplot.Lines(
            x=[0.0],
            y=[0.0],
            scales={"x": across, "y": up},
            colors=[INK],
            stroke_width=1.5,
            fill="bottom",
            fill_colors=[INK],
            fill_opacities=[0.08],
            enable_hover=False,
            interactions={},
        )
        self.axes = axis_of(across, "bottom"), axis_of(up, "left", labels=False)
        self.caption = Caption()
        self.figure = figure([self.line], self.axes)

    def stand(self, frame: Frame) -> None:
        """Stand where there is a place."""
        stand_at(self.figure, frame)
        self.caption.stand(frame.margins)

    def show(self, sigma: NDArray[np.float64] | str) -> None:
        """Show singular values, the largest first, or say why there are none."""
        if isinstance(sigma, str):
            self.caption.say(sigma)
            sigma = np.zeros(2)
        else:
            total = float((sigma**2).sum())
            rank = format_value(total / float(sigma[0]) ** 2) if sigma[0] > 0 else "0"
            self.caption.say(
                f"{sigma.size:,} singular values", f"σ₁ {format_value(float(sigma[0]))}",
                f"stable rank {rank}",
            )  # fmt: skip
        largest = float(sigma.max()) or 1.0
        with self.line.hold_sync():
            self.line.x = np.arange(1, sigma.size + 1, dtype=np.float64)
            self.line.y = sigma / largest
        self._across.min, self._across.max = 1.0, float(max(2, sigma.size))
        whole = [(at, text) for at, text in ticks(1, sigma.size, 5) if at >= 1]
        name_ticks(self.axes[0], whole)
        name_ticks(self.axes[1], [(at / largest, text) for at, text in ticks(0, largest, 4)])

    def close(self) -> None:
        """Take it off all pages."""
        close(self.figure, self.caption, self._across, self._up)
