// The outline of a set of cells: one closed path round each region, none between its cells. Pure.
import type { Axis } from "./axes";

/**
 * SVG path data round every region of flagged cells, in device pixels.
 *
 * `inset` moves the line into the region, a negative one out of it. Cells that touch only at a
 * corner are regions of their own. Several cells to a pixel are outlined by pixel. No
 * flags at all flag nothing.
 */
export function outline(flags: Uint8Array, rows: Axis, columns: Axis, inset: number): string {
  if (flags.length === 0) return "";
  const grid = rows.reduced || columns.reduced ? byPixel(flags, rows, columns) : null;
  return grid
    ? trace(grid.flags, grid.rows, grid.columns, inset)
    : trace(flags, rows, columns, inset);
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

function trace(flags: ArrayLike<number>, rows: Axis, columns: Axis, inset: number): string {
  const nR = rows.count;
  const nC = columns.count;
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

/** Flags and axes of single pixels, a pixel flagged where any of its cells is. */
function byPixel(flags: Uint8Array, rows: Axis, columns: Axis) {
  const pixels = new Uint8Array(rows.pixels * columns.pixels);
  // Not cell by cell: there may be millions, and few of them flagged.
  for (let k = flags.indexOf(1); k >= 0; k = flags.indexOf(1, k + 1)) {
    const i = Math.floor(k / columns.count);
    const j = k % columns.count;
    for (let y = rows.start[i] as number; y < (rows.end[i] as number); y++) {
      const row = y * columns.pixels;
      pixels.fill(1, row + (columns.start[j] as number), row + (columns.end[j] as number));
    }
  }
  return { flags: pixels, rows: unit(rows.pixels), columns: unit(columns.pixels) };
}

function unit(count: number): Axis {
  return {
    count,
    pixels: count,
    pitch: 1,
    start: Int32Array.from({ length: count }, (_, k) => k),
    end: Int32Array.from({ length: count }, (_, k) => k + 1),
    reduced: false,
  };
}
