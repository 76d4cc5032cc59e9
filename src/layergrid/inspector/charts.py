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


def axis_of(scale: Any, side: str, labels: bool = True) -> Any:
    """Give an axis with lines across the chart, where `set_ticks` or `name_ticks` puts them."""
    # One without any tick would have those that bqplot chooses.
    style = {} if labels else {"display": "none"}
    return bqplot.Axis(
        scale=scale, side=side, grid_lines="solid", tick_values=[0], tick_style=style
    )


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


def in_area(area: str, *widgets: Any) -> tuple[Any, ...]:
    """Put widgets into an area of the grid that they stand in, one over the other."""
    for widget in widgets:
        widget.layout.grid_area = area
    return widgets


def stand_at(figure: Any, frame: Frame) -> None:
    """Put the chart of a figure where it is to stand."""
    height = f"{frame.height:g}px"
    if figure.layout.height != height:
        figure.layout.height = height
    margins = frame.margins._asdict()
    if figure.fig_margin != margins:
        figure.fig_margin = margins


def close(figure: Any, caption: Caption, *own: Any) -> None:
    """Take a figure off all pages, with what is in it, and `own` what it shares with no other."""
    parts = (*figure.marks, *figure.axes, figure.scale_x, figure.scale_y)
    for widget in (*parts, figure, caption.widget, *own):
        widget.close()


def set_ticks(axis: Any, scale: Scale, length: float, room: float | None = None) -> None:
    """Give an axis of units the ticks that a colour bar of this length has.

    One that stands upright has its labels at the left where there is `room` for them.
    """
    # Side by side no more than under a colour bar: there are lines across the chart.
    ticks = bar_ticks(scale, min(length, LIKE_BAR), room is not None, _width)
    if room is not None:
        axis.side = "left" if all(_width(tick.text) + 10 <= room for tick in ticks) else "right"
    name_ticks(axis, [(tick.at, tick.text) for tick in ticks])


def _width(text: str) -> float:
    return 6.5 * len(text)


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


#: Height of a line of text, and length of a colour bar, CSS pixels.
LINE, LIKE_BAR = 18, 180


class Caption:
    """Text over a chart, in line with its left edge, on as many lines as there is room for."""

    def __init__(self) -> None:
        self.widget = ipywidgets.HTML()
        self.widget.add_class("layergrid-caption")

    def say(self, *parts: tuple[str, str | None] | str) -> None:
        """Say something: texts, in pairs those that are beside a line of a colour."""
        self.widget.value = " ".join(_part(part) for part in parts)

    def stand(self, margins: Margins) -> None:
        """Stand over a chart that has these margins."""
        height = max(1, (margins.top - 2) // LINE) * LINE
        top = max(0.0, margins.top - 2 - height)
        self.widget.layout.height = f"{height:g}px"
        self.widget.layout.margin = f"{top:g}px {margins.right:g}px 0 {margins.left:g}px"


def _part(part: tuple[str, str | None] | str) -> str:
    text, colour = (part, None) if isinstance(part, str) else part
    sample = f'<i style="background:{colour}"></i>' if colour else ""
    return f"<span>{sample}{html.escape(text)}</span>"
