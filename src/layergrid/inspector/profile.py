"""The values of the picked components over the layers, as lines of points that can be picked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import bqplot
import numpy as np

from .charts import ACCENT, LINES, MUTED
from .geometry import Axis
from .in_line import InLine
from .reading import Curve, Reading


class _Point(NamedTuple):
    layer: int
    #: None for the mean over all.
    component: int | None
    unit: float
    at: float
    colour: str


class Profile(InLine):
    """Lines over the layers, which stand where the layers of the heatmap do.

    Parameters
    ----------
    units : bqplot.LinearScale
        Along the colour bar.
    down : bool
        The layers are one under the other.
    pick : callable
        Told the layer and the component of a point that was clicked, None for that of a mean.

    Attributes
    ----------
    lines : bqplot.Lines
    points, rings : bqplot.Scatter
        All values, and those of picked cells.
    """

    def __init__(self, units: Any, down: bool, pick: Callable[[int, int | None], None]) -> None:
        super().__init__(units, down)
        self._pick = pick
        self._points: list[_Point] = []
        self._rings: list[_Point] = []
        x, y = (units, self.cells) if down else (self.cells, units)
        scales = {"x": x, "y": y}
        still = {"scales": scales, "enable_hover": False, "interactions": {}}
        self.guide = bqplot.Lines(x=[0, 1], y=[0, 0], colors=[ACCENT], stroke_width=1.5, **still)
        self.guide.opacities = [0.45]
        self.lines = bqplot.Lines(x=[0], y=[0], stroke_width=1.5, **still)
        dots = {"scales": scales, "enable_hover": False, "apply_clip": False}
        self.points = bqplot.Scatter(
            x=[], y=[], stroke=MUTED, stroke_width=0.6, default_size=34, **dots
        )
        self.rings = bqplot.Scatter(
            x=[], y=[], colors=[ACCENT], fill=False, stroke_width=2.2, default_size=62, **dots
        )
        self.points.on_element_click(lambda _, content: self._clicked(self._points, content))
        self.rings.on_element_click(lambda _, content: self._clicked(self._rings, content))
        self.draw([self.guide, self.lines, self.rings, self.points])

    def show(self, reading: Reading, curves: Sequence[Curve], more: int, axis: Axis) -> None:
        """Show curves over the layers, which stand along an axis."""
        order = np.argsort(axis.middles, kind="stable")
        at = axis.middles[order]
        self._points = [
            _Point(i, curve.at, float(curve.units[i]), float(axis.middles[i]), curve.colours[i])
            for curve in curves
            for i in range(len(curve.units))
            if np.isfinite(curve.units[i]) and 0 <= axis.middles[i] <= axis.length
        ]
        picked = set(zip(*(side.tolist() for side in reading.picks), strict=True))
        self._rings = [p for p in self._points if (p.layer, p.component) in picked]
        units = np.array([curve.units[order] for curve in curves])
        self._set(self.lines, units, np.broadcast_to(at, units.shape))
        single = curves[0].at is None
        self.lines.colors = [MUTED] if single else list(LINES[: len(curves)])
        for mark, points in ((self.points, self._points), (self.rings, self._rings)):
            units = np.clip([p.unit for p in points], 0, 1)
            self._set(mark, units, np.array([p.at for p in points]))
        self.points.colors = [p.colour for p in self._points] or [MUTED]
        self._show_guide(reading, axis)
        names = [(curve.name, None if single else LINES[k]) for k, curve in enumerate(curves)]
        self.caption.say(*names, *([f"and {more:,} more"] if more else []))

    def _set(self, mark: Any, units: Any, at: Any) -> None:
        with mark.hold_sync():
            mark.x, mark.y = (units, at) if self.down else (at, units)

    def _show_guide(self, reading: Reading, axis: Axis) -> None:
        """Show which layer was picked last."""
        layers = reading.picks[0]
        self.guide.visible = bool(layers.size)
        if layers.size:
            middle = axis.middles[int(layers[-1])]
            self._set(self.guide, np.array([0.0, 1.0]), np.array([middle, middle]))

    def _clicked(self, points: list[_Point], content: dict[str, Any]) -> None:
        at = content["data"]["index"]
        if at < len(points):  # else it was of others, which have just gone
            self._pick(points[at].layer, points[at].component)
