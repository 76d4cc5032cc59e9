// Where everything stands, from sizes alone. Pure: no DOM; text is measured by the caller.
// `src/layergrid/layout.py` does the same for the picture in the notebook file.
import { type Header, header, isNumbered, labelText, shorten, thin } from "./labels";
import { formatValue, type Tick, ticks } from "./numerals";
import type { Axes } from "./wire";

export interface LayoutInput {
  axes: Axes;
  title: string;
  label: string;
  limits: readonly [number, number];
  /** Width there is, in CSS pixels. */
  room: number;
  /** Asked-for height and width. */
  size: readonly [number | null, number | null];
  /** Device pixels per CSS pixel. */
  ratio: number;
  /** Widest text in a cell, 0 without text. */
  textWidth: number;
  measure: (text: string) => number;
}

/** One axis of cells in device pixels: cell k is [start[k], end[k]). */
export interface Axis {
  count: number;
  pixels: number;
  /** From one cell to the next, gap included. */
  pitch: number;
  start: Int32Array;
  end: Int32Array;
  /** Several cells share a pixel: pixel p shows cells ⌈p·count/pixels⌉ up to the next one's. */
  reduced: boolean;
}

export interface PlacedLabel {
  index: number;
  /** Centre along the axis, CSS pixels from the first cell's edge. */
  at: number;
  text: string;
  shortened: boolean;
}

export interface Layout {
  rows: Axis;
  columns: Axis;
  ratio: number;
  /** The cells' box within the picture, CSS pixels. */
  cells: Box;
  /** Groups' names are as short as their room. */
  header: Header;
  /** Components are labelled below the cells, as numbers are. */
  below: boolean;
  turned: boolean;
  layerLabels: PlacedLabel[];
  componentLabels: PlacedLabel[];
  /** Titles and label, as short as their room. */
  title: string;
  label: string;
  titles: { layer: string; component: string };
  /** Baselines and edges, CSS pixels within the picture. */
  groupY: number;
  componentY: number;
  componentTitleY: number;
  statusY: number;
  bar: Bar;
  width: number;
  height: number;
}

export interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface Bar extends Box {
  vertical: boolean;
  ticks: (Tick & { at: number })[];
}

export const FONT = 12;
const LINE = 16;
/** What of a line must not touch the next: digits and capitals. */
const INK = 9;
const TITLE = { height: 26, size: 13 / FONT };
const NATURAL = { height: 480, cell: 24, named: 46, spread: 320 };
const MOST_PIXELS = 640;
const GAP_FROM = 6;
const GROUP_GAP = 9;
const BAR = { thickness: 11, length: 160, short: 120, gap: 28, least: 96 };
const MARGIN = 4;

export function layout(input: LayoutInput): Layout {
  const { axes, measure, ratio } = input;
  const room = input.size[1] ?? input.room;
  const head = header(axes.components);
  const numbered = isNumbered(axes.components);
  const below = numbered && head.groups.length === 0;
  const layerTexts = axes.layers.map(labelText);
  const widestComponent = widestOf(head.short, measure);

  // ── what stands round the cells ──
  const labelRoom = Math.max(40, Math.min(140, room * 0.3));
  const left = Math.ceil(LINE + 4 + Math.min(labelRoom, widestOf(layerTexts, measure)) + 8);
  const titleHeight = input.title ? TITLE.height : LINE / 2;
  const groupHeight = head.groups.length > 0 ? LINE + 2 : 0;
  const turnedLength = Math.min(96, Math.ceil(widestComponent));
  const titled = axes.titles[1] ?? (numbered ? "component" : "");
  const under = (below ? LINE + 4 : 6) + (titled ? LINE + 2 : 0);
  const barHeight = BAR.thickness + 8 + LINE + 8;
  const tickWidth = Math.ceil(
    widestOf(
      barTicks(input, BAR.length, true).map((tick) => tick.text),
      measure,
    ),
  );
  const beside = BAR.gap + BAR.thickness + 8 + tickWidth + (input.label ? LINE + 6 : 0) + MARGIN;
  // Where nothing stands beside the cells, the last label still reaches out of its cell.
  const last = MARGIN + (below ? widestComponent / 2 : 0);

  // ── the cells, first as if the bar stood beside them and no label were turned ──
  let vertical = true;
  let turned = false;
  let fitted: Cells;
  for (;;) {
    const componentHeight = below ? 0 : turned ? turnedLength + 8 : LINE + 4;
    fitted = fitCells(
      input,
      head,
      room - left - (vertical ? beside : last),
      titleHeight + groupHeight + componentHeight + under + (vertical ? 0 : barHeight) + LINE + 8,
    );
    const high = fitted.rows.pixels / ratio >= BAR.least;
    const tight = !below && widestComponent > fitted.columns.pitch / ratio - 4;
    if (vertical === (vertical && high) && turned === (turned || tight)) break;
    vertical &&= high;
    turned ||= tight;
  }
  const { rows, columns } = fitted;
  const width = columns.pixels / ratio;
  const height = rows.pixels / ratio;
  const componentHeight = below ? 0 : turned ? turnedLength + 8 : LINE + 4;
  const top = titleHeight + groupHeight + componentHeight;
  const bottom = top + height;

  // ── labels ──
  const pitch = columns.pitch / ratio;
  const componentLabels = placeLabels(
    columns,
    ratio,
    head.short,
    thin(axes.components.length, pitch, turned ? INK : widestComponent, below),
    turned ? turnedLength : Number.POSITIVE_INFINITY,
    measure,
  );
  const layerLabels = placeLabels(
    rows,
    ratio,
    layerTexts,
    thin(axes.layers.length, rows.pitch / ratio, INK, isNumbered(axes.layers)),
    labelRoom,
    measure,
  );
  const groups = head.groups.map((group) => {
    const span = ((columns.end[group.last] ?? 0) - (columns.start[group.first] ?? 0)) / ratio;
    return { ...group, name: shorten(group.name, span, measure) };
  });

  // ── colour bar: beside the cells, or under them where they are a strip ──
  const length = Math.round(Math.min(BAR.length, vertical ? height : Math.max(BAR.short, width)));
  const after = bottom + under;
  const bar: Bar = vertical
    ? { vertical, x: left + width + BAR.gap, y: top, w: BAR.thickness, h: length, ticks: [] }
    : { vertical, x: left, y: after + 8, w: length, h: BAR.thickness, ticks: [] };
  bar.ticks = barTicks(input, length, vertical);
  const labelAt = left + length + 12;
  const label = shorten(
    input.label,
    vertical ? length + 2 * Math.min(top, 28) - 4 : Math.max(60, room - labelAt - MARGIN),
    measure,
  );

  // ── the whole ──
  const statusY = after + (vertical ? 0 : barHeight) + LINE;
  const pictureHeight = Math.ceil(Math.max(statusY + 8, vertical ? top + length + 8 : 0));
  const middleX = left + width / 2;
  const middleY = top + height / 2;
  const titles = {
    layer: shorten(
      axes.titles[0] ?? "layer",
      2 * Math.min(middleY, pictureHeight - middleY) - 4,
      measure,
    ),
    component: shorten(
      titled,
      2 * Math.min(middleX, Math.max(room, left + width) - middleX) - 4,
      measure,
    ),
  };
  const titleRoom = Math.max(room, left + width) - left - MARGIN;
  const title = shorten(input.title, titleRoom / TITLE.size, measure);
  const right = Math.max(
    left + width + (vertical ? beside - MARGIN : 0),
    left + measure(title) * TITLE.size,
    middleX + measure(titles.component) / 2,
    ...componentLabels.map(({ at, text }) => left + at + (turned ? FONT : measure(text)) / 2),
    ...(vertical ? [] : bar.ticks.map((tick) => left + tick.at * length + measure(tick.text) / 2)),
    vertical ? 0 : label ? labelAt + measure(label) : left + length,
  );
  return {
    rows,
    columns,
    ratio,
    cells: { x: left, y: top, w: width, h: height },
    header: { ...head, groups },
    below,
    turned,
    layerLabels,
    componentLabels,
    title,
    label,
    titles,
    groupY: titleHeight + LINE - 4,
    componentY: below ? bottom + LINE : top - 7,
    componentTitleY: bottom + (below ? LINE + 4 : 6) + LINE - 4,
    statusY,
    bar,
    width: Math.ceil(right + MARGIN),
    height: pictureHeight,
  };
}

interface Cells {
  rows: Axis;
  columns: Axis;
}

/** The axes of cells in a given width, with `around` taken from an asked-for height. */
function fitCells(
  { axes, size: [askedHeight, askedWidth], ratio, textWidth }: LayoutInput,
  { breaks }: Header,
  width: number,
  around: number,
): Cells {
  const nLayers = axes.layers.length;
  const nComponents = axes.components.length;
  const cellsWidth = Math.max(40, width);
  const cellsHeight = askedHeight === null ? null : Math.max(20, askedHeight - around);
  let pitchY = (cellsHeight ?? NATURAL.height) / Math.max(1, nLayers);
  if (cellsHeight === null) pitchY = Math.min(NATURAL.cell, pitchY);
  let pitchX = (cellsWidth - breaks.length * GROUP_GAP) / Math.max(1, nComponents);
  if (pitchX < GAP_FROM) pitchX = Math.min(GAP_FROM - 0.01, cellsWidth / Math.max(1, nComponents));
  if (askedWidth === null) {
    const natural = Math.min(NATURAL.named, NATURAL.spread / Math.max(1, nComponents));
    pitchX = Math.min(pitchX, Math.max(pitchY, natural, textWidth ? textWidth + 8 : 0));
    // Numbered components are a map of equals: their cells stay square where width is short.
    if (isNumbered(axes.components) && cellsHeight === null) {
      pitchY = Math.min(pitchY, Math.max(pitchX, GAP_FROM));
    }
  }
  const gap = Math.min(pitchX, pitchY) >= GAP_FROM ? Math.max(1, Math.round(ratio)) : 0;
  const most = cellsHeight ?? MOST_PIXELS;
  return {
    rows: axisOf(nLayers, pitchY * ratio, Math.floor(most * ratio), gap, []),
    columns: axisOf(
      nComponents,
      pitchX * ratio,
      Math.floor(cellsWidth * ratio),
      gap,
      breaks,
      pitchX >= GAP_FROM ? Math.floor(GROUP_GAP * ratio) : 0,
    ),
  };
}

/** The bar's ticks: at least two of them, and none over another. */
function barTicks(input: LayoutInput, length: number, vertical: boolean): Bar["ticks"] {
  const [low, high] = input.limits;
  const place = (found: Tick[]) =>
    found.map((tick) => ({
      ...tick,
      at: low < high ? (tick.value / 2 - low / 2) / (high / 2 - low / 2) : 0.5,
    }));
  if (!(low < high)) return place(ticks(low, high));
  const usual = Math.max(2, Math.floor(length / 28));
  // Fewer under the cells, where they stand in each other's way; more where none would be round.
  for (let k = 0; k < 4; k++) {
    const most = vertical ? usual + k : usual - k;
    const found = most >= 2 ? place(ticks(low, high, most)) : [];
    if (found.length >= 2 && apart(found, length, vertical, input.measure)) return found;
  }
  return place([low, high].map((value) => ({ value, text: formatValue(value) })));
}

function apart(
  found: Bar["ticks"],
  length: number,
  vertical: boolean,
  measure: LayoutInput["measure"],
): boolean {
  return found.every((tick, k) => {
    const before = found[k - 1];
    if (!before) return true;
    const size = vertical ? INK : (measure(tick.text) + measure(before.text)) / 2;
    return (tick.at - before.at) * length >= size + 4;
  });
}

/**
 * Cells of one whole number of device pixels each, so that all are equal and crisp. Where there
 * are more cells than pixels, one pixel each as long as they are no more than `most`.
 */
function axisOf(
  count: number,
  pitch: number,
  most: number,
  gap: number,
  breaks: readonly number[],
  groupGap = 0,
): Axis {
  const step = Math.floor(pitch + 1e-6);
  if (step < 1 && count > most)
    return reducedAxis(count, Math.max(1, Math.min(most, Math.floor(pitch * count + 1e-6))));
  const whole = Math.max(1, step);
  const start = new Int32Array(count);
  const end = new Int32Array(count);
  const broken = new Set(breaks);
  let at = 0;
  for (let k = 0; k < count; k++) {
    if (broken.has(k)) at += groupGap;
    start[k] = at;
    at += whole;
    end[k] = at - gap;
  }
  return { count, pixels: Math.max(0, at - gap), pitch: whole, start, end, reduced: false };
}

function reducedAxis(count: number, pixels: number): Axis {
  const edge = (k: number) => Math.floor((k * pixels) / count);
  return {
    count,
    pixels,
    pitch: pixels / count,
    start: Int32Array.from({ length: count }, (_, k) => edge(k)),
    end: Int32Array.from({ length: count }, (_, k) => Math.max(edge(k) + 1, edge(k + 1))),
    reduced: true,
  };
}

function placeLabels(
  axis: Axis,
  ratio: number,
  texts: readonly string[],
  shown: readonly number[],
  room: number,
  measure: (text: string) => number,
): PlacedLabel[] {
  return shown.map((index) => {
    const full = texts[index] ?? "";
    const text = shorten(full, room, measure);
    return { index, at: centre(axis, index) / ratio, text, shortened: text !== full };
  });
}

/** Middle of a cell, device pixels. */
export function centre(axis: Axis, k: number): number {
  return ((axis.start[k] ?? 0) + (axis.end[k] ?? 0)) / 2;
}

/** The cell at a place along an axis, device pixels; a gap belongs to the nearer cell. */
export function cellAt(axis: Axis, at: number): number {
  if (axis.count === 0) return -1;
  if (axis.reduced) {
    // Within the cells that share the pixel: the division alone may give the one before them.
    const first = Math.ceil((Math.floor(at) * axis.count) / axis.pixels);
    const k = Math.max(first, Math.floor((at * axis.count) / axis.pixels));
    return Math.max(0, Math.min(axis.count - 1, k));
  }
  let low = 0;
  let high = axis.count - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const edge = ((axis.end[middle] ?? 0) + (axis.start[middle + 1] ?? 0)) / 2;
    if (at < edge) high = middle;
    else low = middle + 1;
  }
  return low;
}

function widestOf(texts: readonly string[], measure: (text: string) => number): number {
  // The longest few by length: measuring a hundred thousand labels would take longer than drawing.
  const longest = [...new Set(texts)].sort((a, b) => b.length - a.length).slice(0, 24);
  return longest.reduce((widest, text) => Math.max(widest, measure(text)), 0);
}

/** What is at a point of the picture, CSS pixels. */
export type Target =
  | { part: "cell"; layer: number; component: number }
  | { part: "layer"; layer: number }
  | { part: "component"; component: number }
  | { part: "group"; first: number; last: number }
  | null;

export function targetAt(place: Layout, x: number, y: number): Target {
  const { cells, rows, columns, ratio } = place;
  const dx = x - cells.x;
  const dy = y - cells.y;
  if (rows.count === 0 || columns.count === 0) return null;
  const insideX = dx >= 0 && dx < cells.w;
  const insideY = dy >= 0 && dy < cells.h;
  const layer = cellAt(rows, dy * ratio);
  const component = cellAt(columns, dx * ratio);
  if (insideX && insideY) return { part: "cell", layer, component };
  if (insideY && dx < 0 && dx > LINE - cells.x) return { part: "layer", layer };
  if (!insideX) return null;
  if (place.below) {
    const under = dy - cells.h;
    return under >= 0 && under < LINE + 4 ? { part: "component", component } : null;
  }
  const groupBottom = place.groupY + 6 - cells.y;
  if (place.header.groups.length > 0 && dy < groupBottom && dy > groupBottom - LINE - 4) {
    const group = place.header.groups.find((g) => component >= g.first && component <= g.last);
    return group ? { part: "group", first: group.first, last: group.last } : null;
  }
  return dy < 0 &&
    dy >= (place.header.groups.length > 0 ? groupBottom : place.groupY - LINE - cells.y)
    ? { part: "component", component }
    : null;
}

/** The nearest cell to a point, for a drag that has left the grid. */
export function nearestCell(place: Layout, x: number, y: number): [number, number] {
  const { cells, rows, columns, ratio } = place;
  return [cellAt(rows, (y - cells.y) * ratio), cellAt(columns, (x - cells.x) * ratio)];
}
