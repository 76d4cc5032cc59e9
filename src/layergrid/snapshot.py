"""The picture that stays in the notebook file, for where no kernel and no widget is.

Drawn into an array of colour codes that becomes a PNG with a palette: the cells have exactly the
colours of the table. Everything is drawn twice as large as it is shown, so that it is crisp.
"""

from __future__ import annotations

import html as markup
import math
import struct
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import glyphs
from .colors import Kind, kinds, table_index
from .intake import widen
from .layout import FONT, TITLE_SIZE, Axis, Layout, PlacedLabel, Request, label_text, layout
from .numerals import format_value
from .outline import outline
from .state import State, cell_texts, frame_mask, step_label

#: Pixels of the picture per CSS pixel.
SCALE = 2
#: Width that a notebook's output has, in CSS pixels.
ROOM = 760
#: What a picture may add to a notebook, in bytes: it stands there twice, as PNG and in the HTML.
#: Text in the cells may double it.
BUDGET = 100_000
#: So many pixels of the picture may one pixel of the cells take, to stay within the budget …
_COARSEST = 24
#: … where there are at least so many cells; fewer are not what makes it large, texts in them are.
_MANY_CELLS = 10_000

_Codes = NDArray[np.unsignedinteger[Any]]
_Rgb = tuple[int, int, int]

_PAGE: _Rgb = (255, 255, 255)
_INK: _Rgb = (0x1F, 0x23, 0x28)
_MUTED: _Rgb = (0x6A, 0x73, 0x7D)
_RULE: _Rgb = (0xD8, 0xDC, 0xE0)
_NAN: _Rgb = (250, 250, 250)

#: What the palette of a PNG holds.
_MOST_COLOURS = 256
#: Shades from paper to ink, of labels and of what is written on cells.
_Shades = tuple[int, int]
_SHADES: tuple[_Shades, ...] = (
    (glyphs.LEVELS, 3),
    (glyphs.LEVELS, 2),
    (glyphs.LEVELS, 1),
    (3, 1),
    (1, 1),
)

#: Cells smaller than this, in CSS pixels, carry no marks.
_LEAST = 8

_SIGNS = {
    Kind.NAN: "NaN",
    Kind.POSITIVE_INFINITY: "+∞",
    Kind.NEGATIVE_INFINITY: "−∞",
    Kind.ABSENT: "–",
    Kind.PENDING: "·",
}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A picture of a heatmap: PNG bytes, size in CSS pixels, and what it shows in words."""

    png: bytes
    width: int
    height: int
    alt: str


def bundle(state: State) -> dict[str, str]:
    """Give the picture by media type, as Jupyter keeps it in a notebook file."""
    picture = render(state)
    return {"image/png": b64encode(picture.png).decode(), "text/html": html(picture)}


def bundle_metadata(bundle: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Give the size at which the PNG of `bundle` is to be shown, as Jupyter's display metadata."""
    width, height = struct.unpack(">II", b64decode(bundle["image/png"][:32])[16:24])
    return {"image/png": {"width": width // SCALE, "height": height // SCALE}}


def html(picture: Snapshot) -> str:
    """Give the picture as an HTML element that needs no other file."""
    return (
        f'<img alt="{markup.escape(picture.alt)}" width="{picture.width}" '
        f'height="{picture.height}" style="max-width:100%;height:auto;background:#fff" '
        f'src="data:image/png;base64,{b64encode(picture.png).decode()}">'
    )


def render(state: State) -> Snapshot:
    """Draw a state on white paper.

    Every cell has exactly its colour of the table as long as there is a pixel for each. Where
    there are more cells than pixels, the one that says most stands for its block (a NaN, else an
    infinity, else the largest magnitude), and the colour may be one entry off.
    """
    cells = _read(state)
    alt = _describe(state, cells)
    budget = (BUDGET - len(markup.escape(alt).encode()) - 400) * 3 // 8
    coarser = 1
    while True:
        most = budget if cells.texts is None else 2 * budget
        canvas = _draw(state, cells, _arrange(state, cells, coarser), coarser)
        png = _encode(canvas)
        if most < len(png) < 4 * most:
            png = min(png, _encode(canvas, thorough=True), key=len)
        if len(png) <= most or coarser >= _COARSEST:
            break
        if cells.code.size >= _MANY_CELLS:
            coarser = max(coarser + 1, int(coarser * math.sqrt(len(png) / most)))
        elif cells.texts is not None:
            cells = replace(cells, texts=None)
        else:
            break
    height, width = canvas.codes.shape
    return Snapshot(png, width // SCALE, height // SCALE, alt)


# ── what there is to draw ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Cells:
    """One frame: its values, what kind each is, its code for painting, what is written on it."""

    values: NDArray[Any]
    kind: NDArray[np.uint8]
    code: _Codes
    texts: list[str] | None
    mask: NDArray[np.bool_] | None


def _read(state: State) -> _Cells:
    grid = state.grid
    values = widen(grid.frame(state.step))
    kind = kinds(grid.frame(state.step), grid.frame_holes(state.step))
    entry = table_index(values, state.color_limits).astype(np.uint16)
    # An infinity lies beyond the end of the scale: that end's colour, told apart by its mark.
    infinite = (kind == Kind.POSITIVE_INFINITY) | (kind == Kind.NEGATIVE_INFINITY)
    code = np.where((kind == Kind.FINITE) | infinite, entry, 256 + kind.astype(np.uint16))
    return _Cells(values, kind, code, cell_texts(state), frame_mask(state))


def _arrange(state: State, cells: _Cells, coarser: int) -> Layout:
    grid = state.grid
    width = 0.0
    if cells.texts:
        longest = sorted(set(cells.texts), key=len, reverse=True)[:16]
        width = min(80.0, max(_measure(text) for text in longest))
    request = Request(
        layers=grid.layers,
        components=grid.components,
        titles=(grid.layer_title, grid.component_title),
        title=state.title or "",
        label=state.label or "",
        limits=state.color_limits,
        room=ROOM,
        size=(state.height, state.width),
        ratio=SCALE / coarser,
        text_width=width,
    )
    return layout(request, _measure)


def _measure(text: str) -> float:
    return (glyphs.measure(text, FONT * SCALE) + 1) / SCALE  # + 1: in bold


# ── drawing ──────────────────────────────────────────────────────────────────────────────────


class _Canvas:
    """Colour codes of a picture, and the colours that they mean; code 0 is the page."""

    def __init__(self, width: int, height: int, many: bool) -> None:
        self.codes: _Codes = np.zeros((height, width), np.uint16 if many else np.uint8)
        self.colours: list[_Rgb] = [_PAGE]
        self.known: dict[_Rgb, int] = {_PAGE: 0}

    def code(self, colour: _Rgb) -> int:
        """Give the code of a colour, a new one if it is new."""
        if colour not in self.known:
            self.known[colour] = len(self.colours)
            self.colours.append(colour)
        return self.known[colour]

    def codes_of(self, colours: NDArray[np.uint8]) -> _Codes:
        """Give the codes of colours, shape (n, 3)."""
        codes = [self.code((r, g, b)) for r, g, b in colours.tolist()]
        return np.array(codes, self.codes.dtype)

    def ramp(self, paper: _Rgb, ink: _Rgb, steps: int) -> _Codes:
        """Give the codes from paper to ink, one for each level of a stamp."""
        levels = [round(k * steps / glyphs.LEVELS) / steps for k in range(glyphs.LEVELS + 1)]
        return np.array([self.code(_mix(paper, ink, level)) for level in levels], self.codes.dtype)

    def fill(self, boxes: NDArray[np.float64], code: int) -> None:
        """Fill rectangles, (left, top, right, bottom) in pixels of the picture."""
        codes = self.codes
        for left, top, right, bottom in boxes.round().astype(int).clip(min=0).tolist():
            codes[top:bottom, left:right] = code

    def put(self, ink: NDArray[np.uint8], x: int, y: int, ramp: _Codes) -> None:
        """Put a stamp with its corner at a pixel; where it has no ink, what was there stays."""
        height, width = self.codes.shape
        ink = ink[max(0, -y) : max(0, height - y), max(0, -x) : max(0, width - x)]
        y, x = max(0, y), max(0, x)
        region = self.codes[y : y + ink.shape[0], x : x + ink.shape[1]]
        np.copyto(region, ramp[ink], where=ink > 0)


def _mix(paper: _Rgb, ink: _Rgb, level: float) -> _Rgb:
    r, g, b = (round(p + (i - p) * level) for p, i in zip(paper, ink, strict=True))
    return r, g, b


def _draw(state: State, cells: _Cells, place: Layout, coarser: int) -> _Canvas:
    code = _shown(cells, place)
    used = np.unique(code[code < 256])
    if cells.code.size == 0:
        return _draw_nothing(state)
    shades, many = _choose_shades(len(used), cells)
    canvas = _Canvas(place.width * SCALE, _bottom(place) * SCALE, many)
    pen = _Pen(canvas, shades)
    _draw_labels(pen, place)
    axes = _scaled(place.rows, coarser), _scaled(place.columns, coarser)
    corner = round(place.cells.x * SCALE), round(place.cells.y * SCALE)
    _draw_cells(canvas, code, state.table, axes, corner)
    marks = _Marks(pen, state.table, cells, axes, corner)
    marks.hatch()
    if cells.mask is not None and cells.mask.any():
        _draw_mask(canvas, cells.mask, place, coarser, corner)
    marks.write()
    _draw_bar(pen, state, place, used)
    return canvas


def _choose_shades(used: int, cells: _Cells) -> tuple[_Shades, bool]:
    """Give the smoothest writing that leaves the palette enough colours, or too many at all."""
    counts = np.bincount(cells.kind.ravel(), minlength=len(Kind))
    infinities = counts[[Kind.POSITIVE_INFINITY, Kind.NEGATIVE_INFINITY]] > 0
    written = int(infinities.sum()) if cells.texts is None else used
    fixed = used + 2 + int(counts[Kind.NAN] > 0)  # with the page, the rules, the paper of NaN
    for labels, on_cells in _SHADES:
        # On cells, both inks, and every colour that is written on has shades of its own.
        marks = 2 + written * (on_cells - 1) if written else 0
        if fixed + 2 * labels + marks <= _MOST_COLOURS:
            return (labels, on_cells), False
    return _SHADES[0], True


def _draw_nothing(state: State) -> _Canvas:
    title = state.title or "heatmap"
    width = math.ceil(max(100, 16 + _measure(title) * TITLE_SIZE))
    canvas = _Canvas(width * SCALE, 48 * SCALE, many=False)
    pen = _Pen(canvas, _SHADES[0])
    pen.write(title, 8, 18, strong=True, size=FONT * TITLE_SIZE)
    pen.write("no cells yet", 8, 38)
    return canvas


def _bottom(place: Layout) -> int:
    """Give where the picture ends: without the line that the page keeps for the status."""
    cells, bar = place.cells, place.bar
    bottoms = [place.status_y - FONT, cells.y + (cells.h + _measure(place.layer_title)) / 2 + 2]
    if bar.vertical:
        longest = max(bar.box.h, _measure(place.label))
        bottoms.append(bar.box.y + (bar.box.h + longest) / 2 + 8)
    return math.ceil(max(bottoms))


def _scaled(axis: Axis, factor: int) -> Axis:
    """Give an axis in pixels of the picture."""
    if factor == 1:
        return axis
    return replace(
        axis,
        pixels=axis.pixels * factor,
        pitch=axis.pitch * factor,
        start=[start * factor for start in axis.start],
        end=[end * factor for end in axis.end],
    )


class _Pen:
    """Writes on a canvas, in CSS pixels."""

    def __init__(self, canvas: _Canvas, shades: _Shades) -> None:
        self.canvas = canvas
        self.shades = shades
        self.ink = canvas.ramp(_PAGE, _INK, shades[0])
        self.muted = canvas.ramp(_PAGE, _MUTED, shades[0])
        self.rule = canvas.code(_RULE)

    def write(
        self,
        text: str,
        x: float,
        y: float,
        align: float = 0,
        *,
        strong: bool = False,
        size: float = FONT,
        turned: bool = False,
    ) -> None:
        """Write with the baseline at `y`; `align` is the part of the text that is before `x`.

        A turned text runs upwards, with its baseline at `x`.
        """
        if not text:
            return
        stamp = glyphs.stamp(text, round(size * SCALE), strong)
        ramp = self.ink if strong else self.muted
        before = stamp.advance * align
        if turned:
            bottom = round(y * SCALE + before) - stamp.left
            ink = np.rot90(stamp.ink)
            self.canvas.put(ink, round(x * SCALE) + stamp.top, bottom - ink.shape[0], ramp)
        else:
            left = round(x * SCALE - before) + stamp.left
            self.canvas.put(stamp.ink, left, round(y * SCALE) + stamp.top, ramp)

    def rule_at(self, x0: float, y0: float, x1: float, y1: float, code: int) -> None:
        """Fill a rectangle."""
        left, top, right, bottom = (max(0, round(edge * SCALE)) for edge in (x0, y0, x1, y1))
        self.canvas.codes[top:bottom, left:right] = code


def _draw_labels(pen: _Pen, place: Layout) -> None:
    cells = place.cells
    pen.write(place.title, cells.x, 15, strong=True, size=FONT * TITLE_SIZE)
    pen.write(place.layer_title, 12, cells.y + cells.h / 2, 0.5, turned=True)
    pen.write(place.component_title, cells.x + cells.w / 2, place.component_title_y, 0.5)
    for group in place.header.groups:
        x0 = cells.x + place.columns.start[group.first] / place.ratio
        x1 = cells.x + place.columns.end[group.last] / place.ratio
        pen.write(group.name, (x0 + x1) / 2, place.group_y, 0.5, strong=True)
        pen.rule_at(x0, place.group_y + 5, x1, place.group_y + 6, pen.rule)
    for label in place.layer_labels:
        pen.write(label.text, cells.x - 8, cells.y + label.at + 4, 1)
    for label in place.component_labels:
        _write_component(pen, place, label)


def _write_component(pen: _Pen, place: Layout, label: PlacedLabel) -> None:
    x = place.cells.x + label.at
    if place.turned:
        pen.write(label.text, x + 4, place.component_y, turned=True)
    else:
        pen.write(label.text, x, place.component_y, 0.5)


# ── cells ────────────────────────────────────────────────────────────────────────────────────


def _shown(cells: _Cells, place: Layout) -> _Codes:
    """Give the codes that are painted: of the cells, or of what stands for blocks of them."""
    chosen = representatives(cells.values, cells.kind, place.rows, place.columns)
    if chosen is None:
        return cells.code
    code: _Codes = cells.code.ravel()[chosen]
    entries = np.unique(code[code < 256])
    room = _MOST_COLOURS - 2 * glyphs.LEVELS - 3
    nearest = np.arange(256 + len(Kind), dtype=np.uint16)
    nearest[:256] = _nearest(entries, room)
    return nearest[code]


def _draw_cells(
    canvas: _Canvas,
    code: _Codes,
    table: NDArray[np.uint8],
    axes: tuple[Axis, Axis],
    corner: tuple[int, int],
) -> None:
    # By code: the table's entries that are there, then the kinds that have a colour of their own.
    codes = np.zeros(256 + len(Kind), canvas.codes.dtype)
    used = np.unique(code[code < 256])
    codes[used] = canvas.codes_of(table[used])
    if (code == 256 + Kind.NAN).any():
        codes[256 + Kind.NAN] = canvas.code(_NAN)
    rows, columns = axes
    lines = _spread(codes[code], columns)
    x, y = corner
    region = canvas.codes[y : y + rows.pixels, x : x + columns.pixels]
    starts, ends = (sorted(set(edges)) for edges in (rows.start, rows.end))
    for line, start, end in zip(lines, starts, ends, strict=True):
        region[start:end] = line


def _spread(codes: _Codes, columns: Axis) -> _Codes:
    """Give lines of pixels for lines of cells; gaps are page."""
    starts, ends = (np.unique(edges) for edges in (columns.start, columns.end))
    lines = np.zeros((len(codes), columns.pixels), codes.dtype)
    for column, start, end in zip(codes.T, starts, ends, strict=True):
        lines[:, start:end] = column[:, None]
    return lines


def _nearest(wanted: NDArray[np.integer[Any]], room: int) -> NDArray[np.intp]:
    """Map the table's entries to the nearest of `room`: the wanted ones, and what else fits."""
    if len(wanted) > room:
        there = np.linspace(0, 255, max(2, room)).round().astype(np.intp)
    else:
        others = np.setdiff1d(np.arange(256), wanted)
        spare = min(len(others), room - len(wanted))
        spread = np.linspace(0, max(0, len(others) - 1), spare).round().astype(np.intp)
        there = np.union1d(wanted, others[spread]).astype(np.intp)
    entries = np.arange(256)
    after = there[np.searchsorted(there, entries).clip(max=len(there) - 1)]
    before = there[(np.searchsorted(there, entries, side="right") - 1).clip(min=0)]
    nearest: NDArray[np.intp] = np.where(
        abs(entries - before) <= abs(after - entries), before, after
    )
    return nearest


#: What is wrong before what is large before what is not, by `Kind`.
_RANK = np.array([2, 5, 4, 3, 0, 1], np.int8)


def representatives(
    values: NDArray[Any], kind: NDArray[np.uint8], rows: Axis, columns: Axis
) -> NDArray[np.intp] | None:
    """Give the flat index of the cell that stands for each block of cells that share a pixel.

    A NaN, else an infinity, else the largest |value|, the first of equals, so that nothing
    remarkable is averaged away. Without reduction every cell stands for itself (None).
    ``js/src/paint.ts`` has the same rule.
    """
    if not (rows.reduced or columns.reduced):
        return None
    down, across = (_firsts(axis) for axis in (rows, columns))
    heights, widths = np.diff(down, append=rows.count), np.diff(across, append=columns.count)

    def reduce(best: np.ufunc, cells: NDArray[Any]) -> NDArray[Any]:
        reduced: NDArray[Any] = best.reduceat(best.reduceat(cells, across, axis=1), down, axis=0)
        return reduced

    def spread(blocks: NDArray[Any]) -> NDArray[Any]:
        return blocks.repeat(heights, 0).repeat(widths, 1)

    rank = _RANK[kind]
    size = np.where(kind == Kind.FINITE, abs(values.astype(np.float64)), 0)
    size[rank < spread(reduce(np.maximum, rank))] = -1
    flat = np.arange(values.size).reshape(values.shape)
    flat[size < spread(reduce(np.maximum, size))] = values.size
    chosen: NDArray[np.intp] = reduce(np.minimum, flat)
    return chosen


def _firsts(axis: Axis) -> NDArray[np.intp]:
    """Give the first cell of each block."""
    if not axis.reduced:
        return np.arange(axis.count)
    return np.searchsorted(np.asarray(axis.start), np.arange(axis.pixels))


# ── on the cells ─────────────────────────────────────────────────────────────────────────────


class _Marks:
    """What is written into cells: text, and the marks of what is no number."""

    def __init__(
        self,
        pen: _Pen,
        table: NDArray[np.uint8],
        cells: _Cells,
        axes: tuple[Axis, Axis],
        corner: tuple[int, int],
    ) -> None:
        self.pen, self.table, self.cells, self.corner = pen, table, cells, corner
        self.rows, self.columns = rows, columns = axes
        self.w, self.h = columns.end[0] - columns.start[0], rows.end[0] - rows.start[0]
        self.size = min(11 * SCALE, self.h - 2 * SCALE)
        self.large = min(self.w, self.h) >= _LEAST * SCALE

    def fits(self, text: str) -> bool:
        """Whether a cell is wide enough for a text."""
        return glyphs.measure(text, self.size) <= self.w - 3 * SCALE

    def hatch(self) -> None:
        """Draw slanted lines over what is no number, with a space for the word in the middle."""
        nans = np.flatnonzero(self.cells.kind == Kind.NAN).tolist() if self.large else []
        if not nans:
            return
        canvas, w = self.pen.canvas, self.w
        slant = np.add.outer(np.arange(self.h), np.arange(w)) - self.h
        lines = slant % (4 * SCALE) < SCALE
        word = _SIGNS[Kind.NAN]
        if self.fits(word):
            left = max(0, round((w - glyphs.measure(word, self.size) - self.size / 2) / 2))
            lines[:, left : w - left] = False
        faint = self.pen.muted[glyphs.LEVELS // 2 + 1]
        for flat in nans:
            x, y = self.place(flat)
            canvas.codes[y : y + self.h, x : x + w][lines] = faint

    def place(self, flat: int) -> tuple[int, int]:
        """Give a cell's corner."""
        i, j = divmod(flat, self.columns.count)
        return self.corner[0] + self.columns.start[j], self.corner[1] + self.rows.start[i]

    def write(self) -> None:
        """Write texts and signs."""
        if not self.large:
            return
        # All or none: numbers in some cells and not in others would read as a pattern.
        texts = self.cells.texts
        if texts is not None and not all(map(self.fits, set(texts))):
            texts = None
        signed = np.flatnonzero(self.cells.kind).tolist()
        for flat in signed if texts is None else range(self.cells.code.size):
            kind = Kind(int(self.cells.kind.flat[flat]))
            text = _SIGNS[kind] if kind else texts[flat] if texts else ""
            if not text or not self.fits(text):
                continue
            stamp = glyphs.stamp(text, self.size)
            x, y = self.place(flat)
            left = x + round((self.w - stamp.advance) / 2) + stamp.left
            # Digits are 0.7 of the size high.
            top = y + round((self.h + 0.7 * self.size) / 2) + stamp.top
            self.pen.canvas.put(stamp.ink, left, top, self.ramp(int(self.cells.code.flat[flat])))

    def ramp(self, code: int) -> _Codes:
        """Give the shades that read on a cell."""
        if code >= 256:
            return self.pen.ink if code == 256 + Kind.NAN else self.pen.muted
        r, g, b = self.table[code].tolist()
        return self.pen.canvas.ramp((r, g, b), _ink_on((r, g, b)), self.pen.shades[1])


def _ink_on(paper: _Rgb) -> _Rgb:
    """Give black or white, whichever reads better on a colour; as `inkOn` in the page."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _units(paper)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return (0, 0, 0) if luminance > 0.1791 else (255, 255, 255)


def _units(colour: _Rgb) -> list[float]:
    return [channel / 255 for channel in colour]


def _draw_mask(
    canvas: _Canvas,
    mask: NDArray[np.bool_],
    place: Layout,
    coarser: int,
    corner: tuple[int, int],
) -> None:
    """Draw one line round each region, with a halo so that it reads on any colour."""
    rows, columns = place.rows, place.columns
    thick = min(axis.end[0] - axis.start[0] for axis in (rows, columns)) * coarser
    # Just inside, so that regions which touch at a corner keep apart; halves keep it symmetric.
    inset = 1.5 if thick >= _LEAST * SCALE else 0.5
    halo = 3.5 if thick >= 3 * SCALE else 2.5
    segments = [
        (xa, ya, xb, yb)
        for loop in outline(mask, rows, columns, inset / coarser)
        for (xa, ya), (xb, yb) in zip(loop, [*loop[1:], loop[0]], strict=True)
    ]
    ends = np.array(segments).reshape(-1, 2, 2) * coarser + corner
    boxes = np.hstack([ends.min(axis=1), ends.max(axis=1)])
    for colour, half in ((_PAGE, halo), (_INK, min(1.5, halo - 1))):
        canvas.fill(boxes + np.array([-half, -half, half, half]), canvas.code(colour))


# ── colour bar ───────────────────────────────────────────────────────────────────────────────


def _draw_bar(pen: _Pen, state: State, place: Layout, used: _Codes) -> None:
    bar, canvas = place.bar, pen.canvas
    x, y, w, h = bar.box.x, bar.box.y, bar.box.w, bar.box.h
    length = round((h if bar.vertical else w) * SCALE)
    # As fine as the palette has colours left, which is always fine enough.
    free = _MOST_COLOURS - len(canvas.colours)
    nearest = _nearest(used, len(used) + free) if free >= 0 else np.arange(256)
    entries = nearest[(np.arange(length) * 2 + 1) * 128 // length]
    there, which = np.unique(entries, return_inverse=True)
    codes = canvas.codes_of(state.table[there])[which]
    left, top = round(x * SCALE), round(y * SCALE)
    box = canvas.codes[top : top + round(h * SCALE), left : left + round(w * SCALE)]
    box[:] = codes[::-1, None] if bar.vertical else codes[None, :]
    muted = int(pen.muted[-1])
    for tick in bar.ticks:
        if bar.vertical:
            at = y + (1 - tick.at) * (h - 1)
            pen.rule_at(x + w, at, x + w + 4, at + 1, muted)
            pen.write(tick.text, x + w + 7, at + 4.5)
        else:
            at = x + tick.at * (w - 1)
            pen.rule_at(at, y + h, at + 1, y + h + 4, muted)
            pen.write(tick.text, at + 0.5, y + h + 15, 0.5)
    if bar.vertical:
        pen.write(place.label, place.width - 8, y + h / 2, 0.5, turned=True)
    else:
        pen.write(place.label, x + w + 12, y + h - 1)


# ── PNG ──────────────────────────────────────────────────────────────────────────────────────


def _encode(canvas: _Canvas, thorough: bool = False) -> bytes:
    """Give a PNG, with a palette if the colours fit into one."""
    height, width = canvas.codes.shape
    table = np.array(canvas.colours, np.uint8)
    indexed = len(table) <= _MOST_COLOURS
    pixels = canvas.codes.astype(np.uint8, copy=False)
    if not indexed:
        pixels = table[canvas.codes].reshape(height, -1)
    # Lines of cells repeat the one above, which the filter makes zeros, and runs pack fast.
    fast = indexed and not thorough
    strategy = zlib.Z_RLE if fast else zlib.Z_DEFAULT_STRATEGY
    # Runs need little memory, and with more of it they take longer.
    level, memory = (9, 9) if thorough else (1, 6)
    packer = zlib.compressobj(level, zlib.DEFLATED, zlib.MAX_WBITS, memory, strategy)
    packed = b"".join(packer.compress(lines) for lines in _filtered(pixels, up=fast or not indexed))
    packed += packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 3 if indexed else 2, 0, 0, 0)
    chunks = [(b"IHDR", header)]
    if indexed:
        chunks.append((b"PLTE", table.tobytes()))
    chunks += [(b"IDAT", packed), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


#: The filter of a PNG's line that takes the line above away.
_UP = 2
_LINES = 64


def _filtered(pixels: NDArray[np.uint8], up: bool) -> Iterator[memoryview]:
    """Give the lines of a PNG, each after its filter's number, some at a time: they stay in cache.

    The filter `up` keeps the difference from the line above.
    """
    height, width = pixels.shape
    lines = np.zeros((_LINES, width + 1), np.uint8)
    lines[0, 1:] = pixels[0]
    yield lines[0].data
    lines[:, 0] = _UP if up else 0
    for top in range(1, height, _LINES):
        bottom = min(top + _LINES, height)
        some = lines[: bottom - top]
        if up:
            np.subtract(pixels[top:bottom], pixels[top - 1 : bottom - 1], out=some[:, 1:])
        else:
            some[:, 1:] = pixels[top:bottom]
        yield some.data


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


# ── in words ─────────────────────────────────────────────────────────────────────────────────


def describe(state: State) -> str:
    """Say what the picture shows: size, range of values, and what is remarkable."""
    return _describe(state, _read(state))


def _describe(state: State, cells: _Cells) -> str:
    n_layers, n_components = state.grid.shape
    size = f"{_count(n_layers, 'layer')} × {_count(n_components, 'component')}"
    sentences = [f"Heatmap of {size}"]
    if state.title:
        sentences[0] = f"{state.title}: {sentences[0][0].lower()}{sentences[0][1:]}"
    step = step_label(state)
    if step is not None:
        sentences[0] += f", step {label_text(step)}"
    finite = cells.values[cells.kind == Kind.FINITE]
    name = state.label or "Values"
    if finite.size:
        low, high = (format_value(limit.item()) for limit in (finite.min(), finite.max()))
        sentences.append(f"{name} {low}" if low == high else f"{name} from {low} to {high}")
    counts = np.bincount(cells.kind.ravel(), minlength=len(Kind)).tolist()
    remarkable = [f"{counts[kind]:,} {word}" for kind, word in _WORDS.items() if counts[kind]]
    if remarkable:
        sentences.append(", ".join(remarkable))
    highlighted = 0 if cells.mask is None else int(cells.mask.sum())
    if highlighted:
        sentences.append(f"{highlighted:,} highlighted")
    return ". ".join(sentences) + "."


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


_WORDS = {
    Kind.NAN: "NaN",
    Kind.POSITIVE_INFINITY: "+∞",
    Kind.NEGATIVE_INFINITY: "−∞",
    Kind.ABSENT: "absent",
    Kind.PENDING: "pending",
}
