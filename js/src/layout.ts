// Where everything stands, from sizes alone. Pure: no DOM; text is measured by the caller.
// `src/layergrid/layout.py` does the same for the picture in the notebook file.
import { type Header, header, isNumbered, shorten, thin } from "./labels";
import { type Tick, ticks } from "./numerals";
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
  start: Int32Array;
  end: Int32Array;
  /** Several cells share a pixel: pixel p shows cells ⌊p·count/pixels⌋ up to the next one's. */
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
  header: Header;
  /** Components are labelled below the cells, as numbers are. */
  below: boolean;
  turned: boolean;
  layerLabels: PlacedLabel[];
  componentLabels: PlacedLabel[];
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
const TITLE = 26;
const NATURAL = { height: 480, cell: 24, named: 46, spread: 320 };
const MOST_PIXELS = 640;
const GAP_FROM = 6;
const GROUP_GAP = 9;
const BAR = { thickness: 11, length: 160, gap: 28, least: 96 };
const MARGIN = 4;

export function layout(input: LayoutInput): Layout {
  const { axes, measure, ratio } = input;
  const nLayers = axes.layers.length;
  const nComponents = axes.components.length;
  const [askedHeight, askedWidth] = input.size;
  const room = askedWidth ?? input.room;
  const head = header(axes.components);
  const numbered = isNumbered(axes.components);
  const below = numbered && head.groups.length === 0;

  const titles = {
    layer: axes.titles[0] ?? "layer",
    component: axes.titles[1] ?? (numbered ? "component" : ""),
  };
  const labelRoom = Math.max(40, Math.min(140, room * 0.3));
  const layerTexts = axes.layers.map(String);
  const widest = Math.min(labelRoom, widestOf(layerTexts, measure));
  const left = Math.ceil(LINE + 4 + widest + 8);

  const barTicks = barTicksOf(input, BAR.length);
  const tickWidth = Math.ceil(
    widestOf(
      barTicks.map((tick) => tick.text),
      measure,
    ),
  );
  const beside = BAR.gap + BAR.thickness + 8 + tickWidth + (input.label ? LINE + 6 : 0) + MARGIN;

  // ── cell size, first as if the bar stood beside the cells ──
  const titleHeight = input.title ? TITLE : MARGIN;
  const groupHeight = head.groups.length > 0 ? LINE + 2 : 0;
  const aboveAtLeast = titleHeight + groupHeight + (below ? 0 : LINE + 4);
  const underAtLeast = (below ? LINE + 4 : 6) + (titles.component ? LINE : 0) + LINE + 8;
  const cellsRoom = Math.max(40, room - left - beside);
  const cellsHeight = askedHeight ? Math.max(20, askedHeight - aboveAtLeast - underAtLeast) : null;

  const gaps = head.breaks.length * GROUP_GAP;
  let pitchY = cellsHeight ?? NATURAL.height;
  pitchY = nLayers > 0 ? pitchY / nLayers : 0;
  if (cellsHeight === null) pitchY = Math.min(NATURAL.cell, pitchY);
  let pitchX = (cellsRoom - gaps) / Math.max(1, nComponents);
  if (askedWidth === null) {
    const natural = Math.min(NATURAL.named, NATURAL.spread / Math.max(1, nComponents));
    pitchX = Math.min(pitchX, Math.max(pitchY, natural, input.textWidth ? input.textWidth + 8 : 0));
    // Numbered components are a map of equals: their cells stay square where width is short.
    if (numbered && cellsHeight === null) pitchY = Math.min(pitchY, Math.max(pitchX, 6));
  }
  const rows = axisOf(nLayers, pitchY, ratio, [], pitchX);
  const columns = axisOf(nComponents, pitchX, ratio, head.breaks, pitchY);
  const width = columns.pixels / ratio;
  const height = rows.pixels / ratio;
  const pitch =
    nComponents > 0 ? (columns.pixels / ratio - gapsOf(columns, head)) / nComponents : 0;

  // ── labels ──
  const turned = !below && head.short.some((text) => measure(text) > pitch - 2);
  const turnedLength = Math.min(96, Math.ceil(widestOf(head.short, measure)));
  const componentHeight = below ? 0 : turned ? turnedLength + 8 : LINE + 4;
  const componentLabels = place(
    columns,
    ratio,
    head.short,
    thin(nComponents, pitch, turned ? FONT : widestOf(head.short, measure), below),
    turned ? turnedLength : below ? Number.POSITIVE_INFINITY : Math.max(pitch - 2, 8),
    measure,
  );
  const layerLabels = place(
    rows,
    ratio,
    layerTexts,
    thin(nLayers, nLayers > 0 ? height / nLayers : 0, FONT, isNumbered(axes.layers)),
    labelRoom,
    measure,
  );

  const groupY = titleHeight + LINE - 4;
  const top = Math.ceil(titleHeight + groupHeight + componentHeight);
  const cells = { x: left, y: top, w: width, h: height };
  const bottom = top + height;
  const componentY = below ? bottom + LINE : top - 7;
  let y = bottom + (below ? LINE + 4 : 6);
  const componentTitleY = y + LINE - 4;
  if (titles.component) y += LINE + 2;

  // ── colour bar: beside the cells, or under them where they are a strip ──
  const vertical = height >= BAR.least;
  const length = Math.round(Math.min(BAR.length, vertical ? height : Math.max(80, width)));
  const bar: Bar = vertical
    ? { vertical, x: left + width + BAR.gap, y: top, w: BAR.thickness, h: length, ticks: [] }
    : { vertical, x: left, y: y + 8, w: length, h: BAR.thickness, ticks: [] };
  bar.ticks = barTicksOf(input, length);
  if (!vertical) y += BAR.thickness + 8 + LINE + 8;
  const statusY = y + LINE;
  return {
    rows,
    columns,
    ratio,
    cells,
    header: head,
    below,
    turned,
    layerLabels,
    componentLabels,
    titles,
    groupY,
    componentY,
    componentTitleY,
    statusY,
    bar,
    width: Math.ceil(left + width + (vertical ? beside : MARGIN)),
    height: Math.ceil(Math.max(statusY + 8, vertical ? top + length + 8 : 0)),
  };
}

function barTicksOf({ limits: [low, high] }: LayoutInput, length: number): Bar["ticks"] {
  const most = Math.max(2, Math.floor(length / 28));
  return ticks(low, high, most).map((tick) => ({
    ...tick,
    at: low < high ? (tick.value / 2 - low / 2) / (high / 2 - low / 2) : 0.5,
  }));
}

/** Cells of one whole number of device pixels each, so that all are equal and crisp. */
function axisOf(
  count: number,
  pitch: number,
  ratio: number,
  breaks: readonly number[],
  across: number,
): Axis {
  const wanted = Math.floor(pitch * ratio + 1e-6);
  if (count > 0 && wanted < 1) {
    const room = Math.floor(pitch * count * ratio);
    const pixels = count <= MOST_PIXELS * ratio ? count : Math.max(1, Math.min(room, count));
    const edge = (k: number) => Math.floor((k * pixels) / count);
    return {
      count,
      pixels,
      start: Int32Array.from({ length: count }, (_, k) => edge(k)),
      end: Int32Array.from({ length: count }, (_, k) => Math.max(edge(k) + 1, edge(k + 1))),
      reduced: pixels < count,
    };
  }
  const step = Math.max(1, wanted);
  const gap = Math.min(pitch, across) >= GAP_FROM ? Math.max(1, Math.round(ratio)) : 0;
  const groupGap = gap > 0 ? Math.round(GROUP_GAP * ratio) : 0;
  const start = new Int32Array(count);
  const end = new Int32Array(count);
  let at = 0;
  for (let k = 0; k < count; k++) {
    if (breaks.includes(k)) at += groupGap;
    start[k] = at;
    at += step;
    end[k] = at - gap;
  }
  return { count, pixels: Math.max(0, at - gap), start, end, reduced: false };
}

function gapsOf(columns: Axis, { breaks }: Header): number {
  let gaps = 0;
  for (const k of breaks) {
    const gap = (columns.start[k] ?? 0) - (columns.end[k - 1] ?? 0);
    gaps += Math.max(0, gap - 1);
  }
  return gaps;
}

function place(
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
    const k = Math.floor((at * axis.count) / axis.pixels);
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
