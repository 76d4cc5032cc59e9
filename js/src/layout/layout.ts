// Where everything stands, from sizes alone. Pure: no DOM; text is measured by the caller.
// `src/layergrid/picture/layout.py` does the same for the picture in the notebook file.
import {
  type AidsInput,
  type Bar,
  haveRoom,
  type Legend,
  needsOf,
  placeAids,
  type Scrubber,
} from "./aids";
import { type Axis, axisOf, gapOf } from "./axes";
import { type Labelling, type PlacedLabel, placeGroups, placeLabels } from "./labelling";
import {
  distinct,
  type Header,
  headerOf,
  INK,
  isNumbered,
  type Side,
  shorten,
  textsOf,
  widestOf,
} from "./labels";
import { type Box, FONT, GAP_FROM, LINE, MARGIN } from "./sizes";

export interface LayoutInput extends AidsInput {
  rows: Side;
  columns: Side;
  title: string;
  /** Width there is, in CSS pixels. */
  room: number;
  /** How far what comes and goes may reach, where that is not as far as the room. */
  reach?: number;
  /** Device pixels per CSS pixel. */
  ratio: number;
  /** Widest text in a cell, 0 without text. */
  textWidth: number;
  /** From one cell to the next, across and down in CSS pixels, where that is settled elsewhere. */
  pitch?: readonly [number, number] | null;
}

export interface Layout {
  rows: Axis;
  columns: Axis;
  ratio: number;
  /** The cells' box within the picture, CSS pixels. */
  cells: Box;
  /** Over the columns; groups' names are as short as their room. */
  header: Header;
  /** Columns are labelled below the cells, as numbers are. */
  below: boolean;
  turned: boolean;
  /** All labels in full, what labels are chosen from, and those that there is room for. */
  texts: Record<"rows" | "columns", readonly string[]>;
  labelling: { rows: Labelling; columns: Labelling; header: Header };
  rowLabels: PlacedLabel[];
  columnLabels: PlacedLabel[];
  /** Titles, as short as their room. */
  title: string;
  titles: { row: string; column: string };
  /** Baselines and edges, CSS pixels within the picture. */
  groupY: number;
  columnY: number;
  columnTitleY: number;
  statusY: number;
  bar: Bar | null;
  legend: Legend | null;
  scrubber: Scrubber | null;
  /** Right edges of what stands beside the cells, and of the title. */
  edge: number;
  titleEnd: number;
  width: number;
  height: number;
}

const TITLE = { height: 26, size: 13 / FONT };
/** What is kept free over the cells where no title is, and beside them, for controls. */
const UNTITLED = 20;
const CORNER = 32;
const NATURAL = { height: 480, cell: 24, named: 46, spread: 320 };
const MOST_PIXELS = 640;
const GROUP_GAP = 9;
/** Cells at least as high have the bar beside them. */
const HIGH = 96;
/** Length of the longest label that is turned. */
const TURNED_ROOM = 96;

export function layout(input: LayoutInput): Layout {
  const { measure, ratio } = input;
  const room = input.size[1] ?? input.room;
  const head = headerOf(input.columns);
  const below = isNumbered(input.columns.labels) && head.groups.length === 0;
  const texts = {
    rows: textsOf(input.rows.labels),
    columns: textsOf(input.columns.labels),
  };
  const columnTexts = distinct(head.short, TURNED_ROOM, measure);
  const widestColumn = widestOf(columnTexts, measure);

  // ── what stands round the cells ──
  const labelRoom = Math.max(40, Math.min(140, room * 0.3));
  const rowTexts = distinct(texts.rows, labelRoom, measure);
  const widestRow = Math.min(labelRoom, widestOf(rowTexts, measure));
  const besideLabels = input.rows.title ? LINE + 4 : MARGIN;
  const left = Math.ceil(Math.max(CORNER, besideLabels + widestRow + 8));
  const titleHeight = input.title ? TITLE.height : UNTITLED;
  const groupHeight = head.groups.length > 0 ? LINE + 2 : 0;
  const turnedLength = Math.min(TURNED_ROOM, Math.ceil(widestColumn));
  const under = (below ? LINE + 4 : 6) + (input.columns.title ? LINE + 2 : 0);
  const needs = needsOf(input, room - MARGIN - left, labelRoom);
  const end = (input.reach ?? room) - MARGIN;
  // Where nothing stands beside the cells, the last label still reaches out of its cell.
  const last = MARGIN + (below ? widestColumn / 2 : 0);

  // ── the cells, first as if the bar stood beside them and no label were turned ──
  let vertical = true;
  let stacked = true;
  let turned = false;
  let fitted: Cells;
  for (;;) {
    const labelHeight = below ? 0 : turned ? turnedLength + 8 : LINE + 4;
    fitted = fitCells(
      input,
      head,
      room - left - (vertical && needs.beside ? needs.beside : last),
      titleHeight + groupHeight + labelHeight + under + needs.under(vertical, stacked) + LINE + 8,
    );
    const high = fitted.rows.pixels / ratio >= HIGH;
    const tight = !below && widestColumn > fitted.columns.pitch / ratio - 4;
    const free = high && haveRoom(needs, left + fitted.columns.pixels / ratio, end);
    if (
      vertical === (vertical && high) &&
      stacked === (stacked && free) &&
      turned === (turned || tight)
    )
      break;
    vertical &&= high;
    stacked &&= free;
    turned ||= tight;
  }
  const { rows, columns } = fitted;
  const width = columns.pixels / ratio;
  const height = rows.pixels / ratio;
  const labelHeight = below ? 0 : turned ? turnedLength + 8 : LINE + 4;
  const top = titleHeight + groupHeight + labelHeight;
  const bottom = top + height;

  // ── labels ──
  const labelling = {
    rows: {
      full: texts.rows,
      texts: rowTexts,
      size: INK,
      counts: counts(input.rows),
      room: labelRoom,
    },
    columns: {
      full: head.short,
      texts: columnTexts,
      size: turned ? INK : widestColumn,
      counts: counts(input.columns),
      room: turned ? turnedLength : Number.POSITIVE_INFINITY,
    },
    header: head,
  };
  const columnLabels = placeLabels(columns, ratio, labelling.columns, measure);
  const rowLabels = placeLabels(rows, ratio, labelling.rows, measure);
  const header = placeGroups(columns, ratio, head, measure);

  // ── the whole ──
  const cells = { x: left, y: top, w: width, h: height };
  const aids = placeAids(input, needs, {
    cells,
    under: bottom + under,
    end,
    vertical,
    stacked,
  });
  const statusY = aids.bottom + LINE;
  const barEnd = aids.bar ? aids.bar.y + aids.bar.h : 0;
  const pictureHeight = Math.ceil(Math.max(statusY, barEnd) + 8);
  const middleX = left + width / 2;
  const middleY = top + height / 2;
  const titles = {
    row: shorten(input.rows.title, 2 * Math.min(middleY, pictureHeight - middleY) - 4, measure),
    column: shorten(
      input.columns.title,
      2 * Math.min(middleX, Math.max(room, left + width) - middleX) - 4,
      measure,
    ),
  };
  const titleRoom = Math.max(room, left + width) - left - MARGIN;
  const title = shorten(input.title, titleRoom / TITLE.size, measure);
  const titleEnd = left + measure(title) * TITLE.size;
  const right = Math.max(
    aids.right,
    titleEnd,
    middleX + measure(titles.column) / 2,
    ...columnLabels.map(({ at, text }) => left + at + (turned ? FONT : measure(text)) / 2),
  );
  return {
    rows,
    columns,
    ratio,
    cells,
    header,
    below,
    turned,
    texts,
    labelling,
    rowLabels,
    columnLabels,
    title,
    titles,
    groupY: titleHeight + LINE - 4,
    columnY: below ? bottom + LINE : top - 7,
    columnTitleY: bottom + (below ? LINE + 4 : 6) + LINE - 4,
    statusY,
    bar: aids.bar,
    legend: aids.legend,
    scrubber: aids.scrubber,
    edge: aids.edge,
    titleEnd,
    width: Math.ceil(right + MARGIN),
    height: pictureHeight,
  };
}

/** Whether labels go up one by one, so that those left out can be told from those that stand. */
const counts = ({ labels, sorted }: Side) => isNumbered(labels) && !sorted;

interface Cells {
  rows: Axis;
  columns: Axis;
}

/** The axes of cells in a given width, with `around` taken from an asked-for height. */
function fitCells(
  { rows, columns, size: [askedHeight, askedWidth], ratio, textWidth, pitch }: LayoutInput,
  head: Header,
  width: number,
  around: number,
): Cells {
  const nRows = rows.labels.length;
  const nColumns = columns.labels.length;
  const { breaks } = headerOf(rows);
  const cellsWidth = Math.max(40, width);
  const cellsHeight = askedHeight === null ? null : Math.max(20, askedHeight - around);
  let pitchY = pitchOf(cellsHeight ?? NATURAL.height, nRows, breaks.length);
  if (cellsHeight === null) pitchY = Math.min(NATURAL.cell, pitchY);
  let pitchX = pitchOf(cellsWidth, nColumns, head.breaks.length);
  if (askedWidth === null) {
    const natural = Math.min(NATURAL.named, NATURAL.spread / Math.max(1, nColumns));
    pitchX = Math.min(pitchX, Math.max(pitchY, natural, textWidth ? textWidth + 8 : 0));
    // Numbered columns are a map of equals: their cells stay square where width is short.
    if (isNumbered(columns.labels) && cellsHeight === null) {
      pitchY = Math.min(pitchY, Math.max(pitchX, GAP_FROM));
    }
  }
  if (pitch) [pitchX, pitchY] = pitch;
  const gap = gapOf(Math.min(pitchX, pitchY), ratio);
  const axis = (count: number, pitch: number, most: number, broken: readonly number[]) => {
    const groupGap = pitch >= GAP_FROM ? Math.floor(GROUP_GAP * ratio) : 0;
    return axisOf(count, pitch * ratio, Math.floor(most * ratio), gap, broken, groupGap);
  };
  const placed = axis(nRows, pitchY, cellsHeight ?? MOST_PIXELS, breaks);
  // Where rows share pixels columns do as well: a matrix keeps its proportions.
  const alike = placed.reduced && askedWidth === null && isNumbered(columns.labels);
  const most = alike
    ? Math.min(cellsWidth, Math.max(NATURAL.spread, pitchX * nColumns))
    : cellsWidth;
  return { rows: placed, columns: axis(nColumns, pitchX, most, head.breaks) };
}

/** From one cell to the next where `count` of them fill a length; small ones have no gaps. */
function pitchOf(length: number, count: number, breaks: number): number {
  const pitch = (length - breaks * GROUP_GAP) / Math.max(1, count);
  return pitch < GAP_FROM ? Math.min(GAP_FROM - 0.01, length / Math.max(1, count)) : pitch;
}
