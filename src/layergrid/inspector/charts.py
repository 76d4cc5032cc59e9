"""What all charts of an inspector have in common: quiet figures, axes of values, captions."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import bqplot
import ipywidgets

from ..norms import Scale
from ..picture.ticks import bar_ticks
from .geometry import Frame, Margins

#: Colours that follow the theme: see ``style.css``.
INK, MUTED, RULE, ACCENT = (
    f"var(--layergrid-{name})" for name in ("ink", "muted", "rule", "accent")
)
LINES = tuple(f"var(--layergrid-line-{k})" for k in range(6))


def scale_of_units() -> Any:
    """Give a scale along the colour bar, 0 to 1."""
    return bqplot.LinearScale(min=0, max=1, allow_padding=False)


def scale_of_cells(down: bool) -> Any:
    """Give a scale of CSS pixels along an axis of cells, which `Frame`s make as long as these."""
    return bqplot.LinearScale(min=0, max=1, allow_padding=False, reverse=down)


def axis_of(scale: Any, side: str, labels: bool = True) -> Any:
    """Give an axis whose ticks are set by `set_ticks`, with lines across the chart."""
    style = {} if labels else {"display": "none"}
    return bqplot.Axis(scale=scale, side=side, grid_lines="solid", tick_values=[], tick_style=style)


def figure(marks: Sequence[Any], axes: Sequence[Any], **options: Any) -> Any:
    """Give a figure with nothing in it but marks and axes."""
    return bqplot.Figure(
        marks=list(marks),
        axes=list(axes),
        padding_x=0,
        padding_y=0,
        display_toolbar=False,
        animation_duration=0,
        **options,
    )


def stand_at(figure: Any, frame: Frame) -> None:
    """Put the chart of a figure where it is to stand."""
    height = f"{frame.height:g}px"
    if figure.layout.height != height:
        figure.layout.height = height
    margins = frame.margins._asdict()
    if figure.fig_margin != margins:
        figure.fig_margin = margins


def set_ticks(axis: Any, scale: Scale, length: float, vertical: bool) -> None:
    """Give an axis of units the ticks that a colour bar of this length has."""
    ticks = bar_ticks(scale, length, vertical, lambda text: 6.5 * len(text))
    name_ticks(axis, [(tick.at, tick.text) for tick in ticks])


def name_ticks(axis: Any, ticks: Sequence[tuple[float, str]]) -> None:
    """Give an axis these ticks, at places between 0 and 10,000 or so."""
    # bqplot looks texts up by what JavaScript calls a number, which with few decimals is clear.
    places = [round(at, 4) for at, _ in ticks]
    with axis.hold_sync():
        axis.tick_values = places
        axis.tick_labels = {
            f"{at:.4f}".rstrip("0").rstrip("."): text
            for at, (_, text) in zip(places, ticks, strict=True)
        }


class Caption:
    """A line of text over a chart, in line with its left edge."""

    def __init__(self) -> None:
        self.widget = ipywidgets.HTML()
        self.widget.add_class("layergrid-caption")

    def say(self, *parts: tuple[str, str | None] | str) -> None:
        """Say something: texts, in pairs those that are beside a line of a colour."""
        self.widget.value = " ".join(_part(part) for part in parts)

    def stand(self, margins: Margins) -> None:
        """Stand over a chart that has these margins."""
        top = max(0.0, margins.top - 20)
        self.widget.layout.margin = f"{top:g}px {margins.right:g}px 0 {margins.left:g}px"


def _part(part: tuple[str, str | None] | str) -> str:
    text, colour = (part, None) if isinstance(part, str) else part
    sample = f'<i style="background:{colour}"></i>' if colour else ""
    return f"<span>{sample}{html.escape(text)}</span>"
