"""What helps to read the cells: the colour bar, the legend, the slider of steps. Pure.

How much room they need, and where they stand once the cells do. ``js/src/layout/aids.ts`` does the
same; the picture has no slider: it says the step where the page has one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from .fit import Request, round_half_up
from .labels import Measure, shorten, widest
from .sizes import LINE, MARGIN, Box
from .ticks import Tick, bar_ticks


class Bar(NamedTuple):
    """The colour bar: beside the cells and vertical, or under them.

    Attributes
    ----------
    ticks : tuple of Tick
    noted : bool
        There is only a note, which is no tick.
    label : str
        Name of the values, as short as its room.
    label_x : float
        Where its baseline is, or where it begins.
    """

    box: Box
    vertical: bool
    ticks: tuple[Tick, ...]
    noted: bool
    label: str
    label_x: float


class Legend(NamedTuple):
    """The box of the legend's entries.

    Attributes
    ----------
    names : tuple of str
        As short as their room.
    widths : tuple of int
        Of each entry, with room for any count.
    stacked : bool
        One entry under the other, not side by side.
    """

    box: Box
    names: tuple[str, ...]
    widths: tuple[int, ...]
    stacked: bool


class Scrubber(NamedTuple):
    """The slider of steps, its button included; its text is `beside` the box or within."""

    box: Box
    beside: bool


class Aids(NamedTuple):
    """All of them, and how far they reach."""

    bar: Bar | None
    legend: Legend | None
    scrubber: Scrubber | None
    right: float
    bottom: float


_THICKNESS, _LENGTH, _SHORT, _GAP, _HEIGHT = 11, 160, 120, 28, 27 + LINE
#: Height of an entry of the legend; entries side by side are as far apart.
ENTRY = 18
#: In an entry: the widest swatch, and what is free after it and after the name.
SWATCH = 22
SPACE = 7
#: So many entries, or lines of them, are seen however low the cells are.
_LEAST, _MOST_LINES = 8, 3
#: Where not all are, the last one is cut on the page.
_CUT = 6
_SCROLLBAR = 12
_SCRUBBER_HEIGHT, _SCRUBBER_LEAST, _SCRUBBER_GAP = 28, 160, 14


class Needs(NamedTuple):
    """What the aids need, before the cells have a place.

    Attributes
    ----------
    bar : bool
    names, widths
        Of the legend's entries.
    bar_width, stack_width : float
        Of the bar with its ticks and its name, and of the entries one under the other.
    in_line : bool
        Side by side, the entries fit after a bar that is under the cells.
    side : float
        Width to keep free beside the cells. For kinds of cells that come and go there is none:
        where their names have no room beside the cells they stand below, rather than move them.
    lines : float
        Height of the entries side by side.
    scrubber : float
        Height of the slider.
    """

    bar: bool
    names: tuple[str, ...]
    widths: tuple[int, ...]
    bar_width: float
    stack_width: float
    in_line: bool
    side: float
    lines: float
    scrubber: float

    @property
    def beside(self) -> float:
        """Width to keep free beside the cells, gap included."""
        return _GAP + self.side + MARGIN if self.side else 0

    def have_room(self, right: float, end: float) -> bool:
        """Whether the entries have room beside cells."""
        return bool(self.names) and right + _GAP + self.stack_width <= end

    def under(self, vertical: bool, stacked: bool) -> float:
        """Give the height under the cells, with the bar and the entries beside them or not."""
        placed = stacked if vertical else self.in_line
        legend = self.lines + SPACE if self.lines and not placed else 0
        return self.scrubber + (_HEIGHT if self.bar and not vertical else 0) + legend


def needs_of(request: Request, measure: Measure, room: float, name_room: float) -> Needs:
    """Tell what is needed in a `room` that begins at the cells; a name may take `name_room`."""
    categories = request.scale.norm.kind == "categories"
    bar = request.bar and not categories
    texts = [tick.text for tick in _ticks(request, _LENGTH, True, measure)]
    bar_width = _THICKNESS + 8 + math.ceil(widest(texts, measure)) if bar else 0
    bar_width += LINE + 6 if bar and request.label else 0

    names = tuple(shorten(name, name_room, measure) for name in request.legend)
    # Digits are equally wide, so that no count moves anything.
    others = SWATCH + 2 * SPACE + measure(re.sub(r"\d", "0", request.total))
    widths = tuple(math.ceil(others + measure(name)) for name in names)
    stack_width = max(widths, default=0) + (_SCROLLBAR if len(names) > _LEAST else 0)
    kept = stack_width if categories and stack_width < room / 3 else 0
    return Needs(
        bar=bar,
        names=names,
        widths=widths,
        in_line=bar and _length(widths) <= room - _after_bar(request, _LENGTH, measure),
        bar_width=bar_width,
        stack_width=stack_width,
        side=bar_width if bar else kept,
        lines=_height(_lines(widths, room), _MOST_LINES),
        scrubber=_SCRUBBER_HEIGHT if request.steps else 0,
    )


def place_aids(
    request: Request,
    measure: Measure,
    needs: Needs,
    cells: Box,
    under: float,
    end: float,
    vertical: bool,
    stacked: bool,
) -> Aids:
    """Place them round the cells.

    `under` is where the labels under the cells end, `end` where the room does; `vertical` tells
    that the bar stands beside the cells, `stacked` that the entries do.
    """
    left, top, width, height = cells
    names, widths = needs.names, needs.widths
    corner = left + width + _GAP
    side = max(needs.bar_width if vertical else 0, needs.stack_width if stacked else 0)
    rights = [corner + side if side else left + width]
    length = round_half_up(min(_LENGTH, height if vertical else max(_SHORT, width)))

    legend = None
    stack_end = 0.0
    if stacked:
        y = top + length + ENTRY if needs.bar else top
        seen = _stacked(request, y, top + height)
        box = Box(corner, y, side, _height(len(names), seen))
        legend = Legend(box, names, widths, stacked=True)
        stack_end = y + box.h

    bottom = under
    scrubber = None
    if request.steps:
        w = max(_SCRUBBER_LEAST, width)
        # One that is wider than the cells would run into what stands beside them.
        y = max(bottom, stack_end) if w > width else bottom
        text_end = left + w + _SCRUBBER_GAP + measure(request.steps)
        beside = y >= stack_end and text_end <= end
        scrubber = Scrubber(Box(left, y, w, _SCRUBBER_HEIGHT), beside)
        rights.append(text_end if beside else left + w)
        bottom = y + _SCRUBBER_HEIGHT

    bar = None
    if needs.bar:
        box = (
            Box(corner, top, _THICKNESS, length)
            if vertical
            else Box(left, bottom + 8, length, _THICKNESS)
        )
        ticks = _ticks(request, length, vertical, measure)
        free = length + 2 * min(top, 28) - 4 if vertical else max(60, end - left - length - 12)
        label = shorten(request.label, free, measure)
        label_x = corner + needs.bar_width - 4 if vertical else left + length + 12
        bar = Bar(box, vertical, ticks, bool(request.note), label, label_x)
        if not vertical:
            rights += [left + tick.at * length + measure(tick.text) / 2 for tick in ticks]
            rights.append(label_x + measure(label) if label else left + length)
            bottom += _HEIGHT

    if legend is None and names:
        in_line = bar is not None and not vertical and needs.in_line
        x = left + _after_bar(request, length, measure) if in_line else left
        y = bar.box.y + (_THICKNESS - ENTRY) / 2 if bar and in_line else bottom + SPACE
        w = max(*widths, min(_length(widths), end - x))
        box = Box(x, y, w, _height(_lines(widths, w), _MOST_LINES))
        legend = Legend(box, names, widths, stacked=False)
        rights.append(x + w)
        bottom = bottom if in_line else y + box.h
    return Aids(bar, legend, scrubber, max(rights), max(bottom, stack_end))


def places_of(legend: Legend, widths: Sequence[float]) -> list[tuple[float, float]]:
    """Give the corner of each entry that there is room for, with counts no longer than they are."""
    places: list[tuple[float, float]] = []
    x, y = 0.0, 0.0
    for width in widths:
        if places and (legend.stacked or x + width > legend.box.w):
            x, y = 0.0, y + ENTRY
        if y + ENTRY > legend.box.h + _CUT:
            break
        places.append((legend.box.x + x, legend.box.y + y))
        x += width + ENTRY
    return places


def _ticks(request: Request, length: float, vertical: bool, measure: Measure) -> tuple[Tick, ...]:
    if request.note:
        return (Tick(math.nan, request.note, 0.5),)
    return bar_ticks(request.scale, length, vertical, measure)


def _after_bar(request: Request, length: float, measure: Measure) -> float:
    """Give how far what follows a bar under the cells is from where it begins."""
    return length + (12 + measure(request.label) if request.label else 0) + 2 * ENTRY


def _length(widths: Sequence[float]) -> float:
    """Give how long entries are side by side."""
    return sum(widths) + ENTRY * (len(widths) - 1)


def _lines(widths: Sequence[float], room: float) -> int:
    """Give how many lines they take side by side."""
    lines = 0
    x = math.inf
    for width in widths:
        if x + width > room:
            lines += 1
            x = 0
        x += width + ENTRY
    return lines


def _stacked(request: Request, y: float, bottom: float) -> int:
    """Give how many entries there is room for one under the other, from `y` on beside cells."""
    asked, _ = request.size
    if asked is None:
        return max(_LEAST, math.floor((bottom - y) / ENTRY))
    scrubber = _SCRUBBER_HEIGHT if request.steps else 0
    return math.floor((asked - LINE - 8 - scrubber - y) / ENTRY)


def _height(lines: int, most: int) -> float:
    """Give the height of so many lines, or of those that there is room for."""
    return max(1, most) * ENTRY - _CUT if lines > most else lines * ENTRY
