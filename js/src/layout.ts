// Where everything stands, from sizes alone. Pure: no DOM; text is measured by the caller.
// `src/layergrid/picture/layout.py` does the same for the picture in the notebook file.
import { type Axis, axisOf, centre } from "./axes";
import {
  distinct,
  type Header,
  header,
  isNumbered,
  labelText,
  shorten,
  thin,
  widestOf,
} from "./labels";
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
export const LINE = 16;
/** What of a line must not touch the next: digits and capitals. */
const INK = 9;
const TITLE = { height: 26, size: 13 / FONT };
const NATURAL = { height: 480, cell: 24, named: 46, spread: 320 };
const MOST_PIXELS = 640;
const GAP_FROM = 6;
const GROUP_GAP = 9;
const BAR = { thickness: 11, length: 160, short: 120, gap: 28, least: 96 };
const MARGIN = 4;
/** Length of the longest label that is turned. */
const TURNED_ROOM = 96;

export function layout(input: LayoutInput): Layout {
  const { axes, measure, ratio } = input;
  const room = input.size[1] ?? input.room;
  const head = header(axes.components);
  const numbered = isNumbered(axes.components);
  const below = numbered && head.groups.length === 0;
  const full = axes.layers.map(labelText);
  const componentTexts = distinct(head.short, TURNED_ROOM, measure);
  const widestComponent = widestOf(componentTexts, measure);

  // ── what stands round the cells ──
  const labelRoom = Math.max(40, Math.min(140, room * 0.3));
  const layerTexts = distinct(full, labelRoom, measure);
  const left = Math.ceil(LINE + 4 + Math.min(labelRoom, widestOf(layerTexts, measure)) + 8);
  const titleHeight = input.title ? TITLE.height : LINE / 2;
  const groupHeight = head.groups.length > 0 ? LINE + 2 : 0;
  const turnedLength = Math.min(TURNED_ROOM, Math.ceil(widestComponent));
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
    componentTexts,
    thin(axes.components.length, pitch, turned ? INK : widestComponent, below),
    turned ? turnedLength : Number.POSITIVE_INFINITY,
    measure,
  );
  const layerLabels = placeLabels(
    rows,
    ratio,
    full,
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

function placeLabels(
  axis: Axis,
  ratio: number,
  full: readonly string[],
  texts: readonly string[],
  shown: readonly number[],
  room: number,
  measure: (text: string) => number,
): PlacedLabel[] {
  return shown.map((index) => {
    const text = shorten(texts[index] ?? "", room, measure);
    return { index, at: centre(axis, index) / ratio, text, shortened: text !== full[index] };
  });
}
