// The part of the cells that is looked at, and how it moves. Pure. A place within the cells' box is
// in device pixels, a place among the cells in cells of the screen and parts of them.
import { type Axis, cellAt } from "./axes";
import type { Layout } from "./layout";
import type { Spot } from "./place";
import { GAP_FROM } from "./sizes";

/** Cells from a place among them up to another. */
export type Span = readonly [from: number, to: number];

/** The cells that are looked at. */
export interface Window {
  rows: Span;
  columns: Span;
}

/** A window, and how many times larger than at first cells are to be; no axis exceeds its limits. */
export interface Sight extends Window {
  level: number;
}

/** A place down and across, among the cells or within their box. */
export type Point = readonly [down: number, across: number];

/** Cells at least as large, in CSS pixels, need not grow; none grows beyond the most. */
const LARGE = 24;
const MOST = 48;
/** Nor need those of a strip, so low that larger ones would leave but one in sight. */
const SMALL = 5;
const LOW = 3 * MOST;

export const isWhole = ([from, to]: Span, count: number): boolean => to - from >= count - 1e-9;

export const isAll = ({ rows, columns }: Layout, sight: Window): boolean =>
  isWhole(sight.rows, rows.count) && isWhole(sight.columns, columns.count);

/** The level from which on no cell grows; 1 where none ever does. `whole` shows all cells. */
export function mostLevel({ rows, columns, ratio }: Layout): number {
  const most = (axis: Axis) => (grows(axis, ratio) ? (MOST * ratio) / axis.pitch : 1);
  return Math.max(most(rows), most(columns));
}

const grows = ({ pitch, pixels }: Axis, ratio: number): boolean =>
  pitch < (pixels < LOW * ratio ? SMALL : LARGE) * ratio;

/** Device pixels from one cell to the next through a window. */
export function scaleOf(axis: Axis, span: Span): number {
  if (isWhole(span, axis.count)) return axis.pitch;
  const scale = reachOf(axis) / (span[1] - span[0]);
  const near = Math.round(scale);
  return Math.abs(scale - near) < 1e-6 ? near : scale;
}

/** The place among the cells that is seen at a place of the box. */
export function placeUnder({ rows, columns }: Layout, sight: Window, [y, x]: Point): Point {
  return [under(rows, sight.rows, y), under(columns, sight.columns, x)];
}

/** What is looked at, at a level, with a place among the cells at a place of the box. */
export function sightWith(
  whole: Layout,
  level: number,
  [row, column]: Point,
  [y, x]: Point,
): Sight {
  const { rows, columns, ratio } = whole;
  const within = Math.max(1, Math.min(mostLevel(whole), level));
  return {
    level: within,
    rows: spanWith(rows, scaleAt(rows, within, ratio), row, y),
    columns: spanWith(columns, scaleAt(columns, within, ratio), column, x),
  };
}

/** Zoomed by a factor, so that what is at a place of the box stays there; by 0, back to all. */
export function zoomedAbout(whole: Layout, sight: Sight, factor: number, at: Point): Sight {
  return sightWith(whole, sight.level * factor, placeUnder(whole, sight, at), at);
}

/** With a place among the cells in the middle. */
export function centredOn(whole: Layout, { level }: Sight, cell: Point): Sight {
  return sightWith(whole, level, cell, middleOf(whole));
}

/** The same part of the cells where the picture has another size. */
export function fitted(whole: Layout, sight: Sight): Sight {
  const middle = ([from, to]: Span) => (from + to) / 2;
  return centredOn(whole, sight, [middle(sight.rows), middle(sight.columns)]);
}

/** Moved no farther than it takes to see all of a cell. */
export function showing(sight: Sight, [row, column]: Spot): Sight {
  const moved = ([from, to]: Span, k: number): Span => {
    const at = Math.min(k, Math.max(from, k + 1 - (to - from)));
    return [at, at + (to - from)];
  };
  return { ...sight, rows: moved(sight.rows, row), columns: moved(sight.columns, column) };
}

/** The middle of the box. */
export const middleOf = ({ rows, columns }: Layout): Point => [
  reachOf(rows) / 2,
  reachOf(columns) / 2,
];

/** Pixels there are for cells, each with its gap. */
const reachOf = ({ pixels, gap }: Axis) => pixels + gap;

function under(axis: Axis, span: Span, at: number): number {
  const { count, pitch, reduced, start } = axis;
  if (!isWhole(span, count)) return span[0] + (at * (span[1] - span[0])) / reachOf(axis);
  if (reduced) return at / pitch;
  // Between groups there is room that belongs to no cell.
  const k = cellAt(axis, at);
  return k + Math.max(0, Math.min(1, (at - start(k)) / pitch));
}

/** Cells far enough apart for gaps are a whole number of pixels apart, so that all are equal. */
function scaleAt(axis: Axis, level: number, ratio: number): number {
  if (!grows(axis, ratio)) return axis.pitch;
  const scale = Math.min(axis.pitch * level, MOST * ratio);
  return scale >= GAP_FROM * ratio ? Math.round(scale) : scale;
}

function spanWith(axis: Axis, scale: number, cell: number, at: number): Span {
  const length = reachOf(axis) / scale;
  if (length >= axis.count - 1e-9) return [0, axis.count];
  const from = Math.max(0, Math.min(axis.count - length, cell - at / scale));
  return [from, from + length];
}
