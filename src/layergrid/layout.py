"""Where everything in the picture stands, from sizes alone. Pure; text is measured by the caller.

``js/src/labels.ts`` and ``js/src/layout.ts`` do the same for the page; ``tests/data/layout.json``
holds cases that both sides must agree on. Sizes are in CSS pixels; the axes of cells are in
device pixels, `ratio` of them to one CSS pixel.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from .intake import Label
from .numerals import format_value, ticks

#: Width of a text at the usual size.
Measure = Callable[[str], float]

# ── labels ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Group:
    """Components that share what stands before the first dot, next to each other."""

    name: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Header:
    """The two-level header of the components.

    Attributes
    ----------
    groups : tuple of Group
    short : tuple of str
        What is left of each label under its group's name.
    breaks : tuple of int
        Components that have a small gap before them.
    """

    groups: tuple[Group, ...]
    short: tuple[str, ...]
    breaks: tuple[int, ...]


def label_text(label: Label) -> str:
    """Give a label as it is shown; the page knows no difference between 1.0 and 1."""
    if isinstance(label, float) and label.is_integer() and abs(label) < 1e16:
        return str(int(label))
    return str(label)


def header(components: Sequence[Label]) -> Header:
    """Find the groups of components that stand under one name."""
    prefixes = [_prefix(label) for label in components]
    groups: list[Group] = []
    first = 0
    while first < len(prefixes):
        last = first
        while prefixes[first] and prefixes[last + 1 : last + 2] == [prefixes[first]]:
            last += 1
        if last > first:
            groups.append(Group(prefixes[first], first, last))
        first = last + 1
    short = [label_text(label) for label in components]
    breaks: dict[int, None] = {}
    for group in groups:
        edges = (group.first, group.last + 1)
        breaks.update((edge, None) for edge in edges if 0 < edge < len(components))
        for j in range(group.first, group.last + 1):
            short[j] = short[j][len(group.name) + 1 :]
    return Header(tuple(groups), tuple(short), tuple(breaks))


def _prefix(label: Label) -> str:
    return label.partition(".")[0] if isinstance(label, str) and "." in label else ""


def is_numbered(labels: Iterable[Label]) -> bool:
    """Whether every label is a whole number."""
    return all(
        isinstance(label, int | float) and not isinstance(label, bool) and float(label).is_integer()
        for label in labels
    )


#: Distance that numbered labels keep where there are many: enough to count by, quiet to see.
_AIRY = 36


def thin(n: int, pitch: float, size: float, numbered: bool) -> list[int]:
    """Choose which of `n` labels to show, `pitch` apart, each `size` long along the axis.

    Every one, or every 2nd, 4th, … (10th, 20th, 50th in long axes); always the first, and the
    last unless it would touch the first.
    """
    apart = size + 4
    fits = pitch >= apart
    if n == 0:
        return []
    if fits and (not numbered or n <= 16):
        return list(range(n))
    wanted = max(_AIRY, apart) if numbered else apart
    stride = next((s for s in _strides(n) if s * pitch >= wanted), n)
    shown = list(range(0, n, stride))
    last = n - 1
    before = shown[-1]
    if before != last:
        distance = (last - before) * pitch
        if before > 0 and (distance < apart or last - before < stride / 2):
            shown.pop()
        if (last - shown[-1]) * pitch >= apart:
            shown.append(last)
    return shown


def _strides(n: int) -> list[int]:
    if n <= 64:
        return [1, 2, 4, 8, 16, 32]
    found = [1, 2, 5]
    power = 10
    while power < n:
        found += (power, 2 * power, 5 * power)
        power *= 10
    return found


def shorten(text: str, room: float, measure: Measure) -> str:
    """Leave out the middle of a text that is longer than `room`."""
    if measure(text) <= room:
        return text
    low, high = 0, max(0, len(text) - 1)
    while low < high:
        keep = math.ceil((low + high) / 2)
        if measure(_middle(text, keep)) <= room:
            low = keep
        else:
            high = keep - 1
    return _middle(text, low)


def _middle(text: str, keep: int) -> str:
    head = keep // 2
    return f"{text[:head]}…{text[len(text) - (keep - head) :]}"


# ── layout ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of cells in device pixels: cell k is [start[k], end[k]).

    Attributes
    ----------
    count, pixels : int
        Number of cells, and of pixels that they take.
    pitch : float
        From one cell to the next, gap included.
    start, end : sequence of int
    reduced : bool
        Several cells share a pixel: pixel p shows cells ⌈p·count/pixels⌉ up to the next one's.
    """

    count: int
    pixels: int
    pitch: float
    start: Sequence[int]
    end: Sequence[int]
    reduced: bool = False

    def centre(self, k: int) -> float:
        """Middle of a cell."""
        return (self.start[k] + self.end[k]) / 2


@dataclass(frozen=True, slots=True)
class PlacedLabel:
    """A label that is shown, `at` CSS pixels from the first cell's edge."""

    index: int
    at: float
    text: str
    shortened: bool


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, CSS pixels within the picture."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A tick of the colour bar, `at` a part of its length from the low end."""

    value: float
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class Bar:
    """The colour bar: beside the cells and vertical, or under them."""

    box: Box
    vertical: bool
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """What a layout is made for; see `layout`.

    Attributes
    ----------
    layers, components : sequence of labels
    titles : (str or None, str or None)
        What the axes are called, where that is not simply layer and component.
    title, label : str
        Title of the picture and name of the values, "" for none.
    limits : (float, float)
    room : float
        Width there is.
    size : (float or None, float or None)
        Asked-for height and width.
    ratio : float
        Device pixels per CSS pixel.
    text_width : float
        Widest text in a cell, 0 without text.
    """

    layers: Sequence[Label]
    components: Sequence[Label]
    titles: tuple[str | None, str | None] = (None, None)
    title: str = ""
    label: str = ""
    limits: tuple[float, float] = (0.0, 1.0)
    room: float = 700
    size: tuple[float | None, float | None] = (None, None)
    ratio: float = 1
    text_width: float = 0


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything stands; texts are as short as their room.

    The ``…_y`` are baselines within the picture. `below` tells that the components are labelled
    below the cells, as numbers are; `turned` that their labels run upwards.
    """

    rows: Axis
    columns: Axis
    ratio: float
    cells: Box
    header: Header
    below: bool
    turned: bool
    layer_labels: tuple[PlacedLabel, ...]
    component_labels: tuple[PlacedLabel, ...]
    title: str
    label: str
    layer_title: str
    component_title: str
    group_y: float
    component_y: float
    component_title_y: float
    status_y: float
    bar: Bar
    width: int
    height: int


FONT = 12
_LINE = 16
#: What of a line must not touch the next: digits and capitals.
_INK = 9
TITLE_SIZE = 13 / FONT
_TITLE_HEIGHT = 26
_NATURAL_HEIGHT, _NATURAL_CELL, _NATURAL_NAMED, _NATURAL_SPREAD = 480, 24, 46, 320
_MOST_PIXELS = 640
_GAP_FROM = 6
_GROUP_GAP = 9
_BAR_THICKNESS, _BAR_LENGTH, _BAR_SHORT, _BAR_GAP, _BAR_LEAST = 11, 160, 120, 28, 96
_MARGIN = 4


def layout(request: Request, measure: Measure) -> Layout:
    """Place cells, labels, titles and colour bar in the room that there is."""
    ratio, asked_width = request.ratio, request.size[1]
    room = request.room if asked_width is None else asked_width
    head = header(request.components)
    numbered = is_numbered(request.components)
    below = numbered and not head.groups
    layer_texts = [label_text(label) for label in request.layers]
    widest_component = _widest(head.short, measure)

    # ── what stands round the cells ──
    label_room = max(40, min(140, room * 0.3))
    left = math.ceil(_LINE + 4 + min(label_room, _widest(layer_texts, measure)) + 8)
    title_height = _TITLE_HEIGHT if request.title else _LINE / 2
    group_height = _LINE + 2 if head.groups else 0
    turned_length = min(96, math.ceil(widest_component))
    titled = request.titles[1]
    if titled is None:
        titled = "component" if numbered else ""
    under = (_LINE + 4 if below else 6) + (_LINE + 2 if titled else 0)
    bar_height = _BAR_THICKNESS + 8 + _LINE + 8
    bar_texts = [tick.text for tick in _bar_ticks(request, _BAR_LENGTH, True, measure)]
    beside = _BAR_GAP + _BAR_THICKNESS + 8 + math.ceil(_widest(bar_texts, measure)) + _MARGIN
    beside += _LINE + 6 if request.label else 0
    # Where nothing stands beside the cells, the last label still reaches out of its cell.
    last = _MARGIN + (widest_component / 2 if below else 0)

    # ── the cells, first as if the bar stood beside them and no label were turned ──
    vertical, turned = True, False
    while True:
        component_height = 0 if below else turned_length + 8 if turned else _LINE + 4
        around = title_height + group_height + component_height + under + _LINE + 8
        rows, columns = _fit_cells(
            request,
            head,
            numbered,
            room - left - (beside if vertical else last),
            around + (0 if vertical else bar_height),
        )
        high = rows.pixels / ratio >= _BAR_LEAST
        tight = not below and widest_component > columns.pitch / ratio - 4
        if vertical == (vertical and high) and turned == (turned or tight):
            break
        vertical, turned = vertical and high, turned or tight
    width, height = columns.pixels / ratio, rows.pixels / ratio
    top = title_height + group_height + component_height
    bottom = top + height

    # ── labels ──
    component_labels = _place_labels(
        columns,
        ratio,
        head.short,
        thin(
            len(request.components),
            columns.pitch / ratio,
            _INK if turned else widest_component,
            below,
        ),
        turned_length if turned else math.inf,
        measure,
    )
    layer_labels = _place_labels(
        rows,
        ratio,
        layer_texts,
        thin(len(request.layers), rows.pitch / ratio, _INK, is_numbered(request.layers)),
        label_room,
        measure,
    )
    groups = []
    for group in head.groups:
        span = (columns.end[group.last] - columns.start[group.first]) / ratio
        groups.append(replace(group, name=shorten(group.name, span, measure)))

    # ── colour bar: beside the cells, or under them where they are a strip ──
    length = _round(min(_BAR_LENGTH, height if vertical else max(_BAR_SHORT, width)))
    after = bottom + under
    box = (
        Box(left + width + _BAR_GAP, top, _BAR_THICKNESS, length)
        if vertical
        else Box(left, after + 8, length, _BAR_THICKNESS)
    )
    bar = Bar(box, vertical, _bar_ticks(request, length, vertical, measure))
    label_at = left + length + 12
    label = shorten(
        request.label,
        length + 2 * min(top, 28) - 4 if vertical else max(60, room - label_at - _MARGIN),
        measure,
    )

    # ── the whole ──
    status_y = after + (0 if vertical else bar_height) + _LINE
    picture_height = math.ceil(max(status_y + 8, top + length + 8 if vertical else 0))
    middle_x, middle_y = left + width / 2, top + height / 2
    layer_title = shorten(
        "layer" if request.titles[0] is None else request.titles[0],
        2 * min(middle_y, picture_height - middle_y) - 4,
        measure,
    )
    component_title = shorten(
        titled, 2 * min(middle_x, max(room, left + width) - middle_x) - 4, measure
    )
    title_room = max(room, left + width) - left - _MARGIN
    title = shorten(request.title, title_room / TITLE_SIZE, measure)
    rights = [
        left + width + (beside - _MARGIN if vertical else 0),
        left + measure(title) * TITLE_SIZE,
        middle_x + measure(component_title) / 2,
    ]
    rights += [
        left + placed.at + (FONT if turned else measure(placed.text)) / 2
        for placed in component_labels
    ]
    if not vertical:
        rights += [left + tick.at * length + measure(tick.text) / 2 for tick in bar.ticks]
        rights.append(label_at + measure(label) if label else left + length)
    return Layout(
        rows=rows,
        columns=columns,
        ratio=ratio,
        cells=Box(left, top, width, height),
        header=replace(head, groups=tuple(groups)),
        below=below,
        turned=turned,
        layer_labels=layer_labels,
        component_labels=component_labels,
        title=title,
        label=label,
        layer_title=layer_title,
        component_title=component_title,
        group_y=title_height + _LINE - 4,
        component_y=bottom + _LINE if below else top - 7,
        component_title_y=bottom + (_LINE + 4 if below else 6) + _LINE - 4,
        status_y=status_y,
        bar=bar,
        width=math.ceil(max(rights) + _MARGIN),
        height=picture_height,
    )


def _fit_cells(
    request: Request, head: Header, numbered: bool, width: float, around: float
) -> tuple[Axis, Axis]:
    """Give the axes of cells in a given width, with `around` taken from an asked-for height."""
    asked_height, asked_width = request.size
    ratio, text_width = request.ratio, request.text_width
    n_layers, n_components = len(request.layers), len(request.components)
    some_layers, some_components = max(1, n_layers), max(1, n_components)
    cells_width = max(40, width)
    cells_height = None if asked_height is None else max(20, asked_height - around)
    pitch_y = (_NATURAL_HEIGHT if cells_height is None else cells_height) / some_layers
    if cells_height is None:
        pitch_y = min(_NATURAL_CELL, pitch_y)
    pitch_x = (cells_width - len(head.breaks) * _GROUP_GAP) / some_components
    if pitch_x < _GAP_FROM:
        pitch_x = min(_GAP_FROM - 0.01, cells_width / some_components)
    if asked_width is None:
        natural = min(_NATURAL_NAMED, _NATURAL_SPREAD / some_components)
        pitch_x = min(pitch_x, max(pitch_y, natural, text_width + 8 if text_width else 0))
        # Numbered components are a map of equals: their cells stay square where width is short.
        if numbered and cells_height is None:
            pitch_y = min(pitch_y, max(pitch_x, _GAP_FROM))
    gap = max(1, _round(ratio)) if min(pitch_x, pitch_y) >= _GAP_FROM else 0
    most = _MOST_PIXELS if cells_height is None else cells_height
    rows = _axis(n_layers, pitch_y * ratio, math.floor(most * ratio), gap)
    columns = _axis(
        n_components,
        pitch_x * ratio,
        math.floor(cells_width * ratio),
        gap,
        head.breaks,
        math.floor(_GROUP_GAP * ratio) if pitch_x >= _GAP_FROM else 0,
    )
    return rows, columns


def _bar_ticks(
    request: Request, length: float, vertical: bool, measure: Measure
) -> tuple[Tick, ...]:
    """Give the bar's ticks: at least two of them, and none over another."""
    low, high = request.limits

    def place(found: list[tuple[float, str]]) -> tuple[Tick, ...]:
        span = high / 2 - low / 2
        return tuple(
            Tick(value, text, (value / 2 - low / 2) / span if low < high else 0.5)
            for value, text in found
        )

    if not low < high:
        return place(ticks(low, high))
    usual = max(2, math.floor(length / 28))
    # Fewer under the cells, where they stand in each other's way; more where none would be round.
    for k in range(4):
        most = usual + k if vertical else usual - k
        found = place(ticks(low, high, most)) if most >= 2 else ()
        if len(found) >= 2 and _apart(found, length, vertical, measure):
            return found
    return place([(limit, format_value(float(limit))) for limit in (low, high)])


def _apart(found: Sequence[Tick], length: float, vertical: bool, measure: Measure) -> bool:
    for before, tick in pairwise(found):
        size = _INK if vertical else (measure(tick.text) + measure(before.text)) / 2
        if (tick.at - before.at) * length < size + 4:
            return False
    return True


def _axis(
    count: int, pitch: float, most: int, gap: int, breaks: Sequence[int] = (), group_gap: int = 0
) -> Axis:
    """Give cells of one whole number of device pixels each, so that all are equal and crisp.

    Where there are more cells than pixels, one pixel each as long as they are no more than `most`.
    """
    step = math.floor(pitch + 1e-6)
    if step < 1 and count > most:
        return _reduced_axis(count, max(1, min(most, math.floor(pitch * count + 1e-6))))
    step = max(1, step)
    broken = set(breaks)
    starts = []
    at = 0
    for k in range(count):
        at += group_gap if k in broken else 0
        starts.append(at)
        at += step
    ends = [start + step - gap for start in starts]
    return Axis(count, max(0, at - gap), step, starts, ends)


def _reduced_axis(count: int, pixels: int) -> Axis:
    edges = [k * pixels // count for k in range(count + 1)]
    ends = [max(edge + 1, following) for edge, following in pairwise(edges)]
    return Axis(count, pixels, pixels / count, edges[:-1], ends, reduced=True)


def _place_labels(
    axis: Axis,
    ratio: float,
    texts: Sequence[str],
    shown: Iterable[int],
    room: float,
    measure: Measure,
) -> tuple[PlacedLabel, ...]:
    placed = []
    for index in shown:
        text = shorten(texts[index], room, measure)
        placed.append(PlacedLabel(index, axis.centre(index) / ratio, text, text != texts[index]))
    return tuple(placed)


def _widest(texts: Iterable[str], measure: Measure) -> float:
    # The longest few by length: measuring a hundred thousand labels takes longer than drawing.
    longest = sorted(dict.fromkeys(texts), key=len, reverse=True)[:24]
    return max((measure(text) for text in longest), default=0.0)


def _round(value: float) -> int:
    # Half up, as JavaScript rounds.
    return math.floor(value + 0.5)


def cell_at(axis: Axis, at: float) -> int:
    """Give the cell at a place along an axis, -1 without cells; a gap belongs to the nearer."""
    if axis.count == 0:
        return -1
    if axis.reduced:
        # Within the cells that share the pixel: the division alone may give the one before them.
        first = -(-math.floor(at) * axis.count // axis.pixels)
        k = max(first, math.floor(at * axis.count / axis.pixels))
        return max(0, min(axis.count - 1, k))
    low, high = 0, axis.count - 1
    while low < high:
        middle = (low + high) // 2
        if at < (axis.end[middle] + axis.start[middle + 1]) / 2:
            high = middle
        else:
            low = middle + 1
    return low
