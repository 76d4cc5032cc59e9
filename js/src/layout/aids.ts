// What helps to read the cells: the colour bar, the legend, the slider of steps. How much room they
// need, and where they stand once the cells do. Pure. `src/layergrid/picture/aids.py` does the same.

import type { Scale } from "../values/norms";
import { shorten, widestOf } from "./labels";
import { type Box, LINE, MARGIN, type Measure } from "./sizes";
import { type BarTick, barTicks } from "./ticks";

export interface AidsInput {
  /** Name of the values, "" for none. */
  label: string;
  scale: Scale;
  /** Whether there is to be a colour bar; categories have none in any case. */
  bar?: boolean;
  /** What the bar says instead of ticks, "" for ticks. */
  note: string;
  /** What the legend names, and how many cells there are, as written: no count is longer. */
  legend: readonly string[];
  total: string;
  /** The longest text beside the slider, "" where there are no steps to go through. */
  steps: string;
  /** Asked-for height and width. */
  size: readonly [number | null, number | null];
  measure: Measure;
}

export interface Bar extends Box {
  vertical: boolean;
  /** Or only a note, which is no tick. */
  ticks: BarTick[];
  noted: boolean;
  /** Name of the values, as short as its room, and where its baseline is, or it begins. */
  label: string;
  labelX: number;
}

/** The box of the legend's entries; where it is too low for all of them it scrolls. */
export interface Legend extends Box {
  /** As short as their room. */
  names: string[];
  /** One entry under the other, not side by side. */
  stacked: boolean;
}

/** The slider of steps, its button included. */
export interface Scrubber extends Box {
  /** The text stands beside the box, not within. */
  beside: boolean;
}

export interface Aids {
  bar: Bar | null;
  legend: Legend | null;
  scrubber: Scrubber | null;
  /** How far they reach: those beside the cells, all of them. */
  edge: number;
  right: number;
  bottom: number;
}

const BAR = { thickness: 11, length: 160, short: 120, gap: 28, height: 27 + LINE };
/** Height of an entry of the legend; entries side by side are as far apart. */
export const ENTRY = 18;
/** In an entry: the widest swatch, and what is free after it and after the name. */
const SWATCH = 22;
const GAP = 7;
/** So many entries, or lines of them, are seen however low the cells are. */
const LEAST = 8;
const MOST_LINES = 3;
/** Where not all are, the last one is cut, so that it shows. */
const CUT = 6;
const SCROLLBAR = 12;
const SCRUBBER = { height: 28, least: 160, gap: 14 };

/** What the aids need, before the cells have a place. */
export interface Needs {
  bar: boolean;
  names: string[];
  /** Of each entry, with room for any count. */
  widths: number[];
  /** Width of the bar with its ticks and its name, and of the entries one under the other. */
  barWidth: number;
  stackWidth: number;
  /** Side by side, the entries fit after a bar that is under the cells. */
  inLine: boolean;
  /**
   * Width to keep free beside the cells. For kinds of cells that come and go there is none: where
   * their names have no room beside the cells they stand below, rather than move them.
   */
  beside: number;
  /** Height under the cells, with the bar and the entries beside them or not. */
  under(vertical: boolean, stacked: boolean): number;
}

/** `room` is the width from the cells' left edge on, `nameRoom` what a name may take. */
export function needsOf(input: AidsInput, room: number, nameRoom: number): Needs {
  const { measure, label } = input;
  const categories = input.scale.norm.kind === "categories";
  const bar = input.bar !== false && !categories;
  const texts = ticksOf(input, BAR.length, true).map((tick) => tick.text);
  const tickWidth = Math.ceil(widestOf(texts, measure));
  const barWidth = bar ? BAR.thickness + 8 + tickWidth + (label ? LINE + 6 : 0) : 0;

  const names = input.legend.map((name) => shorten(name, nameRoom, measure));
  // Digits are equally wide, so that no count moves anything.
  const others = SWATCH + 2 * GAP + measure(input.total.replace(/\d/g, "0"));
  const widths = names.map((name) => Math.ceil(others + measure(name)));
  const stackWidth = Math.max(0, ...widths) + (names.length > LEAST ? SCROLLBAR : 0);
  const side = bar ? barWidth : categories && stackWidth < room / 3 ? stackWidth : 0;
  const inLine = bar && lengthOf(widths) <= room - afterBar(input, BAR.length);
  const lines = heightOf(linesOf(widths, room), MOST_LINES);
  return {
    bar,
    names,
    widths,
    barWidth,
    stackWidth,
    inLine,
    beside: side > 0 ? BAR.gap + side + MARGIN : 0,
    under(vertical, stacked) {
      const legend = lines > 0 && !(vertical ? stacked : inLine) ? lines + GAP : 0;
      return (input.steps ? SCRUBBER.height : 0) + (bar && !vertical ? BAR.height : 0) + legend;
    },
  };
}

/** Where the cells are, and what is free round them. */
export interface Surroundings {
  cells: Box;
  /** Where the labels under the cells end, and where the room does. */
  under: number;
  end: number;
  /** The bar stands beside the cells, and so do the entries. */
  vertical: boolean;
  stacked: boolean;
}

/** Whether entries have room beside cells. */
export const haveRoom = ({ names, stackWidth }: Needs, right: number, end: number): boolean =>
  names.length > 0 && right + BAR.gap + stackWidth <= end;

export function placeAids(input: AidsInput, needs: Needs, around: Surroundings): Aids {
  const { measure } = input;
  const { cells, end, vertical, stacked } = around;
  const { names, widths } = needs;
  const { x: left, y: top, w: width, h: height } = cells;
  const corner = { x: left + width + BAR.gap, y: top };
  const side = Math.max(vertical ? needs.barWidth : 0, stacked ? needs.stackWidth : 0);
  const edge = left + width + (side > 0 ? BAR.gap + side : 0);
  const rights = [edge];
  const length = Math.round(Math.min(BAR.length, vertical ? height : Math.max(BAR.short, width)));

  let legend: Legend | null = null;
  if (stacked) {
    const y = needs.bar ? top + length + ENTRY : top;
    const h = heightOf(names.length, stackedIn(input, y, top + height));
    legend = { x: corner.x, y, w: side, h, names, stacked: true };
  }
  const stackEnd = legend ? legend.y + legend.h : 0;

  let bottom = around.under;
  let scrubber: Scrubber | null = null;
  if (input.steps) {
    const w = Math.max(SCRUBBER.least, width);
    // One that is wider than the cells would run into what stands beside them.
    const y = w > width ? Math.max(bottom, stackEnd) : bottom;
    const textEnd = left + w + SCRUBBER.gap + measure(input.steps);
    const beside = y >= stackEnd && textEnd <= end;
    scrubber = { x: left, y, w, h: SCRUBBER.height, beside };
    rights.push(beside ? textEnd : left + w);
    bottom = y + SCRUBBER.height;
  }

  let bar: Bar | null = null;
  if (needs.bar) {
    const box = vertical
      ? { ...corner, w: BAR.thickness, h: length }
      : { x: left, y: bottom + 8, w: length, h: BAR.thickness };
    const ticks = ticksOf(input, length, vertical);
    const room = vertical
      ? length + 2 * Math.min(top, 28) - 4
      : Math.max(60, end - left - length - 12);
    const label = shorten(input.label, room, measure);
    const labelX = vertical ? corner.x + needs.barWidth - 4 : left + length + 12;
    bar = { ...box, vertical, ticks, noted: input.note !== "", label, labelX };
    if (!vertical) {
      rights.push(...ticks.map(({ at, text }) => left + at * length + measure(text) / 2));
      rights.push(left + length + (label ? 12 + measure(label) : 0));
      bottom += BAR.height;
    }
  }

  if (!legend && names.length > 0) {
    const inLine = !vertical && needs.inLine ? bar : null;
    const x = inLine ? left + afterBar(input, length) : left;
    const y = inLine ? inLine.y + (BAR.thickness - ENTRY) / 2 : bottom + GAP;
    const w = Math.max(...widths, Math.min(lengthOf(widths), end - x));
    legend = { x, y, w, h: heightOf(linesOf(widths, w), MOST_LINES), names, stacked: false };
    rights.push(x + w);
    if (!inLine) bottom = y + legend.h;
  }
  const right = Math.max(...rights);
  return { bar, legend, scrubber, edge, right, bottom: Math.max(bottom, stackEnd) };
}

const ticksOf = ({ note, scale, measure }: AidsInput, length: number, vertical: boolean) =>
  note ? [{ value: Number.NaN, text: note, at: 0.5 }] : barTicks(scale, length, vertical, measure);

/** How far what follows a bar under the cells is from where it begins. */
const afterBar = ({ label, measure }: AidsInput, length: number) =>
  length + (label ? 12 + measure(label) : 0) + 2 * ENTRY;

/** How long entries are side by side. */
const lengthOf = (widths: readonly number[]) =>
  widths.reduce((sum, width) => sum + width + ENTRY, -ENTRY);

/** How many lines they take side by side. */
function linesOf(widths: readonly number[], room: number): number {
  let lines = 0;
  let x = Number.POSITIVE_INFINITY;
  for (const width of widths) {
    if (x + width > room) {
      lines++;
      x = 0;
    }
    x += width + ENTRY;
  }
  return lines;
}

/** How many entries there is room for one under the other, from `y` on beside cells. */
function stackedIn({ size: [asked], steps }: AidsInput, y: number, bottom: number): number {
  if (asked === null) return Math.max(LEAST, Math.floor((bottom - y) / ENTRY));
  return Math.floor((asked - LINE - 8 - (steps ? SCRUBBER.height : 0) - y) / ENTRY);
}

/** Height of so many lines, or of those that there is room for. */
const heightOf = (lines: number, most: number) =>
  lines > most ? Math.max(1, most) * ENTRY - CUT : lines * ENTRY;
