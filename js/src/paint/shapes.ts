// Marks that are drawn, not written: rectangles of whole device pixels, so that they are crisp in
// cells where no word has room. Pure. `src/layergrid/picture/shapes.py` does the same;
// `tests/data/shapes.json` holds cases for both.
import type { Axis } from "../layout/axes";
import { Kind } from "../values/colors";

/** In device pixels, from the cell's corner. */
export type Rectangle = readonly [x: number, y: number, w: number, h: number];

/** What all cells measure, in device pixels. */
export interface Room {
  w: number;
  h: number;
  /** Width of a thin line. */
  line: number;
  /** Height of the digits that are written in the middle, 0 without text. */
  digits: number;
}

/** Cells closer together than this, in CSS pixels, carry no marks. */
const LEAST_PITCH = 8;

export function carryMarks(rows: Axis, columns: Axis, ratio: number): boolean {
  return Math.min(rows.pitch, columns.pitch) >= LEAST_PITCH * ratio;
}

/** The mark of a kind of cell, none for what has none. */
export function shapeOf(kind: number, room: Room): Rectangle[] {
  switch (kind) {
    case Kind.POSITIVE_INFINITY:
      return chevrons(room);
    case Kind.NEGATIVE_INFINITY:
      return flipped(chevrons(room), room);
    case Kind.OVER:
      return triangle(room);
    case Kind.UNDER:
      return flipped(triangle(room), room);
    case Kind.NONPOSITIVE:
      return cross(room);
    case Kind.ABSENT:
      return dash(room);
    case Kind.PENDING:
      return dot(room);
  }
  return [];
}

/** How much of the width a triangle takes from a text: none where it stands above or below. */
export function takenOf(room: Room): number {
  const { height, margin } = triangleIn(room);
  return margin + height < above(room) ? 0 : 2 * (height + room.line);
}

/** How high a triangle is, and how far off the edge: clear of an outline where there is room. */
function triangleIn(room: Room): { height: number; margin: number } {
  const { w, h, line, digits } = room;
  const free = digits > 0 ? Math.floor(above(room)) - line : h;
  const natural = within(Math.floor(Math.min(w, h) / 5), 3 * line, 5 * line);
  const height = Math.min(natural, Math.max(free, 2 * line + 1), (w - line) >> 1);
  const rest = digits > 0 ? free - height : (h - height) >> 2;
  return { height, margin: within(rest, 0, 3 * line) };
}

/** What is free above a text, and below it. */
const above = ({ h, digits }: Room) => (h - digits) / 2;

function triangle(room: Room): Rectangle[] {
  const { w, line, digits } = room;
  const { height, margin } = triangleIn(room);
  const apex = (w - 1) >> 1;
  // Beside a text rather than over its middle, where it would read as an accent.
  const aside = digits > 0 ? apex - height + 1 - line : 0;
  return Array.from({ length: height }, (_, r): Rectangle => {
    return [aside + apex - r, margin + r, w - 2 * (apex - r), 1];
  });
}

function chevrons(room: Room): Rectangle[] {
  const { w, h, line } = room;
  const arm = armOf(room);
  const apart = 2 * line + 1;
  const top = (h - arm - line - apart) >> 1;
  const left = (w - line) >> 1;
  const slope = Array.from({ length: arm + 1 }, (_, r): Rectangle => {
    return [left - r, top + r, line, line];
  });
  const lower = slope.map(([x, y, ...size]): Rectangle => [x, y + apart, ...size]);
  return mirrored([...slope, ...lower], room);
}

function cross(room: Room): Rectangle[] {
  const { w, h, line } = room;
  const arm = armOf(room);
  const [left, top] = [(w - line) >> 1, (h - line) >> 1];
  const slope = Array.from({ length: 2 * arm + 1 }, (_, r): Rectangle => {
    return [left - arm + r, top - arm + r, line, line];
  });
  return mirrored(slope, room);
}

function dash(room: Room): Rectangle[] {
  const { w, h, line } = room;
  const left = ((w - line) >> 1) - armOf(room);
  return [[left, (h - line) >> 1, w - 2 * left, line]];
}

function dot({ w, h, line }: Room): Rectangle[] {
  const [left, top] = [(w - 3 * line) >> 1, (h - 3 * line) >> 1];
  const [across, down] = [w - 2 * left, h - 2 * top];
  const round = line - 1;
  return [
    [left + round, top, across - 2 * round, down],
    [left, top + round, across, down - 2 * round],
  ];
}

/** How far a mark reaches from the middle. */
function armOf({ w, h, line }: Room): number {
  return Math.min(3 * line, (Math.min(w, h) - 1 - 2 * line) >> 1);
}

function mirrored(shape: Rectangle[], { w }: Room): Rectangle[] {
  return [...shape, ...shape.map(([x, y, dx, dy]): Rectangle => [w - x - dx, y, dx, dy])];
}

function flipped(shape: Rectangle[], { h }: Room): Rectangle[] {
  return shape.map(([x, y, w, dy]) => [x, h - y - dy, w, dy]);
}

const within = (at: number, least: number, most: number) => Math.max(least, Math.min(most, at));
