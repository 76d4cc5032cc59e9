// The outline of a set of cells: one closed path round each region, none between its cells. Pure.

import type { Flagged } from "../values/flags";
import type { Axis } from "./axes";
import { indices } from "./indices";

/**
 * SVG path data round every region of flagged cells, in device pixels.
 *
 * `inset` moves the line into the region, a negative one out of it. Cells that touch only at a
 * corner are regions of their own. Several cells to a pixel are outlined by pixel. No
 * flags at all flag nothing.
 */
export function outline(flags: Flagged, rows: Axis, columns: Axis, inset: number): string {
  if (flags.length === 0) return "";
  const [down, across] = [lanesOf(rows), lanesOf(columns)];
  const width = across.start.length;
  const lit = new Uint8Array(down.start.length * width);
  for (let i = down.first; i < down.beyond; i++) {
    // On to the next that has any.
    const next = flags.indexOf(1, i * columns.count);
    i = next < 0 ? down.beyond : Math.max(i, Math.floor(next / columns.count));
    if (i >= down.beyond) break;
    const [top, bottom] = down.lanes(i);
    const { first, beyond } = across;
    const line = flags.subarray(i * columns.count + first, i * columns.count + beyond);
    // Not cell by cell: there may be millions, and few of them flagged.
    for (let j = line.indexOf(1); j >= 0; j = line.indexOf(1, j + 1)) {
      const [left, right] = across.lanes(first + j);
      for (let y = top; y < bottom; y++) lit.fill(1, y * width + left, y * width + right);
    }
  }
  return trace(lit, down, across, inset);
}

/** What an outline follows: cells, or the pixels that several of them share. */
interface Lanes {
  start: Int32Array;
  end: Int32Array;
  /** The cells that are in them, as an axis has it, and the lanes of each. */
  first: number;
  beyond: number;
  lanes(k: number): [from: number, to: number];
}

/** With one more on both sides, so that no line runs along the edge of a window. */
function lanesOf(axis: Axis): Lanes {
  const { count, pixels, start, end } = axis;
  const margin = axis.beyond - axis.first < count ? 1 : 0;
  const more = axis.reduced ? Math.ceil(margin / axis.pitch) : margin;
  const first = Math.max(0, axis.first - more);
  const beyond = Math.min(count, axis.beyond + more);
  if (!axis.reduced) {
    const lanes = (k: number): [number, number] => [k - first, k - first + 1];
    return {
      start: start.subarray(first, beyond),
      end: end.subarray(first, beyond),
      first,
      beyond,
      lanes,
    };
  }
  const pixel = indices(pixels + 2 * margin, (p) => p - margin);
  const lanes = (k: number): [number, number] => [
    Math.max(0, (start[k] as number) + margin),
    Math.min(pixel.length, (end[k] as number) + margin),
  ];
  return { start: pixel, end: pixel.map((p) => p + 1), first, beyond, lanes };
}

// Directions, clockwise: along a top edge, a right edge, a bottom edge, a left edge; the region
// lies to the right of the way taken.
const EAST = 0;
const SOUTH = 1;
const WEST = 2;
const NORTH = 3;
const STEP = [
  [0, 1],
  [1, 0],
  [0, -1],
  [-1, 0],
] as const;

function trace(flags: Uint8Array, rows: Lanes, columns: Lanes, inset: number): string {
  const nR = rows.start.length;
  const nC = columns.start.length;
  const at = (i: number, j: number) =>
    i >= 0 && i < nR && j >= 0 && j < nC && flags[i * nC + j] !== 0;
  // Of each cell, the sides that bound the region and are not walked yet, one bit a direction.
  const sides = new Uint8Array(nR * nC);
  for (let i = 0; i < nR; i++) {
    for (let j = 0; j < nC; j++) {
      if (!at(i, j)) continue;
      sides[i * nC + j] =
        (at(i - 1, j) ? 0 : 1 << EAST) |
        (at(i, j + 1) ? 0 : 1 << SOUTH) |
        (at(i + 1, j) ? 0 : 1 << WEST) |
        (at(i, j - 1) ? 0 : 1 << NORTH);
    }
  }
  /** Where a side of a cell runs: y of a horizontal one, x of a vertical one. */
  const line = (i: number, j: number, direction: number): number => {
    switch (direction) {
      case EAST:
        return (rows.start[i] as number) + inset;
      case SOUTH:
        return (columns.end[j] as number) - inset;
      case WEST:
        return (rows.end[i] as number) - inset;
      default:
        return (columns.start[j] as number) + inset;
    }
  };
  let path = "";
  for (let first = 0; first < sides.length; first++) {
    // Every loop has a top edge, so top edges find them all.
    while ((sides[first] as number) & (1 << EAST)) {
      let i = Math.floor(first / nC);
      let j = first % nC;
      let direction = EAST;
      let command = "M";
      do {
        sides[i * nC + j] = (sides[i * nC + j] as number) & ~(1 << direction);
        const here = line(i, j, direction);
        const [di, dj] = STEP[direction] as readonly [number, number];
        const [li, lj] = STEP[(direction + 3) % 4] as readonly [number, number];
        let turn: number;
        if (at(i + di + li, j + dj + lj) && at(i + di, j + dj)) {
          turn = (direction + 3) % 4;
          i += di + li;
          j += dj + lj;
        } else if (at(i + di, j + dj)) {
          turn = direction;
          i += di;
          j += dj;
        } else turn = (direction + 1) % 4;
        if (turn !== direction) {
          const next = line(i, j, turn);
          const [x, y] = direction % 2 === 0 ? [next, here] : [here, next];
          path += `${command}${x} ${y}`;
          command = "L";
        }
        direction = turn;
      } while ((sides[i * nC + j] as number) & (1 << direction));
      path += "Z";
    }
  }
  return path;
}
