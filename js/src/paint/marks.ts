// What stands on cells: text, and the marks of what is no number between the limits. On a canvas
// above the cells, so that the cells' own pixels stay colours of the table.

import type { Axis } from "../layout/axes";
import { widestOf } from "../layout/labels";
import { inkOn, Kind, kindOfCode, NUMBERS, type Rgb } from "../values/colors";
import { carryMarks, type Rectangle, type Room, shapeOf, takenOf } from "./shapes";

export interface Marks {
  rows: Axis;
  columns: Axis;
  ratio: number;
  /** Colour code of each cell. */
  code: Uint16Array;
  palette: Uint32Array;
  /** Text of each cell, null without text. Only cells in sight are marked. */
  text: readonly string[] | null;
  /** The view's style, asked for only when something is to be drawn. */
  style: () => CSSStyleDeclaration;
}

/** What is written where it fits, instead of a shape and of a text. */
const SIGNS: Record<number, string> = {
  [Kind.NAN]: "NaN",
  [Kind.POSITIVE_INFINITY]: "+∞",
  [Kind.NEGATIVE_INFINITY]: "−∞",
  [Kind.NONPOSITIVE]: "≤0",
};
/** Sizes of text in CSS pixels; nobody can read less than the least. */
const FONT = { most: 11, least: 8 };
/** Height of digits, in parts of the font's size. */
const DIGIT = 0.72;

export function drawMarks(canvas: HTMLCanvasElement, marks: Marks): void {
  const { rows, columns, ratio, code, palette } = marks;
  const plain = (c: number) => c < 256 && palette[c] !== 0;
  const room = carryMarks(rows, columns, ratio);
  const seen = room ? cellsInSight(rows, columns) : [];
  const text = marks.text && seen.map((flat) => marks.text?.[flat] ?? "");
  const wanted = room && (text !== null || !seen.every((flat) => plain(code[flat] as number)));
  canvas.hidden = !wanted;
  const ctx = wanted ? canvas.getContext("2d") : null;
  if (!ctx) return;
  canvas.width = columns.pixels;
  canvas.height = rows.pixels;
  const pen = penOf(ctx, { ...marks, text });
  const markers: Marker[] = [];
  for (const [k, flat] of seen.entries()) {
    const c = code[flat] as number;
    if (!pen.texts && plain(c)) continue;
    const x = columns.start(flat % columns.count);
    const y = rows.start(Math.floor(flat / columns.count));
    ctx.setTransform(1, 0, 0, 1, x, y);
    markers[c] ??= markerOf(pen, c, palette[c] as number);
    markers[c](pen.texts?.[k] ?? "");
  }
}

function cellsInSight(rows: Axis, columns: Axis): number[] {
  const found: number[] = [];
  for (let i = rows.first; i < rows.beyond; i++) {
    for (let j = columns.first; j < columns.beyond; j++) found.push(i * columns.count + j);
  }
  return found;
}

/** What all cells of a grid are marked with. */
interface Pen {
  ctx: CanvasRenderingContext2D;
  room: Room;
  texts: readonly string[] | null;
  /** Size of text, in device pixels. */
  size: number;
  widthOf: (text: string) => number;
  fits: (text: string) => boolean;
  /** A colour of the theme. */
  css: (name: string) => string;
}

function penOf(ctx: CanvasRenderingContext2D, marks: Marks): Pen {
  const { rows, columns, ratio, text, style } = marks;
  const [w, h] = [sizeOf(columns), sizeOf(rows)];
  const line = Math.max(1, Math.min(Math.round(ratio), Math.floor(Math.min(w, h) / 7)));
  const most = Math.min(FONT.most * ratio, h - 2 * ratio);
  const { fontFamily } = style();
  ctx.font = `${most}px ${fontFamily}`;
  ctx.textAlign = "center";
  const widthOf = (text: string) => ctx.measureText(text).width;
  // Small print is better than none, as long as anybody can read it.
  const shrunk = text ? Math.floor((most * (w - 3 * ratio)) / widestOf(text, widthOf)) : most;
  const size = shrunk < FONT.least * ratio ? most : Math.min(most, shrunk);
  ctx.font = `${size}px ${fontFamily}`;
  const fits = (text: string) => size >= FONT.least * ratio && widthOf(text) <= w - 3 * ratio;
  // All or none: numbers in some cells and not in others would read as a pattern.
  const texts = text && [...new Set(text)].every(fits) ? text : null;
  const room = { w, h, line, digits: texts ? DIGIT * size : 0 };
  const css = (name: string) => style().getPropertyValue(`--layergrid-${name}`);
  return { ctx, room, texts, size, widthOf, fits, css };
}

/** Marks a cell whose corner is the origin, and writes its text. */
type Marker = (text: string) => void;

function markerOf(pen: Pen, code: number, pixel: number): Marker {
  const { ctx, room, size, widthOf, fits, css } = pen;
  const { w, h, line } = room;
  const kind = kindOfCode(code);
  const sign = fits(SIGNS[kind] ?? "") ? (SIGNS[kind] ?? "") : "";
  const ink = pixel === 0 ? css("muted") : inkOn(rgbOf(pixel));
  const baseline = Math.round((h + DIGIT * size) / 2);
  const taken = kind === Kind.UNDER || kind === Kind.OVER ? takenOf(room) : 0;
  const shape = pathOf(sign ? [] : shapeOf(kind, room));
  // A category that has no colour has a frame instead.
  const frame = pixel === 0 && kind === Kind.FINITE ? css("rule") : "";
  // The hatch keeps off the word.
  const [across, down] = sign
    ? [Math.ceil(widthOf(sign) + size / 2), Math.ceil(1.4 * size)]
    : [0, 0];
  const hatch = kind === Kind.NAN ? hatchOf(ctx, css("muted"), line) : null;
  return (text) => {
    if (frame) {
      ctx.strokeStyle = frame;
      ctx.lineWidth = line;
      ctx.strokeRect(line / 2, line / 2, w - line, h - line);
    }
    if (hatch) {
      ctx.fillStyle = hatch;
      ctx.fillRect(0, 0, w, h);
      ctx.clearRect((w - across) >> 1, (h - down) >> 1, across, down);
    }
    ctx.fillStyle = ink;
    ctx.fill(shape);
    const said = sign || (NUMBERS.includes(kind) ? text : "");
    if (!said) return;
    const half = taken && widthOf(said) / 2;
    ctx.fillText(said, Math.max(half + line, Math.min(w / 2, w - taken - half)), baseline);
  };
}

const sizeOf = ({ start, end }: Axis) => end(0) - start(0);

const rgbOf = (pixel: number): Rgb => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255];

function pathOf(rectangles: readonly Rectangle[]): Path2D {
  const path = new Path2D();
  for (const rectangle of rectangles) path.rect(...rectangle);
  return path;
}

/** Slanted lines, four times as far apart as they are wide. */
function hatchOf(
  ctx: CanvasRenderingContext2D,
  colour: string,
  line: number,
): CanvasPattern | null {
  const tile = document.createElement("canvas");
  const period = 4 * line;
  tile.width = period;
  tile.height = period;
  const pen = tile.getContext("2d");
  if (!pen) return null;
  pen.fillStyle = colour;
  for (let y = 0; y < period; y++) {
    for (let k = 0; k < line; k++) pen.fillRect((period - y + k) % period, y, 1, 1);
  }
  return ctx.createPattern(tile, "repeat");
}
