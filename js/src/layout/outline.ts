// The outline of a set of places: one closed path round each region, none between its cells. Pure.
import type { Lit } from "./lit";

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

/**
 * SVG path data round every region of places that are lit, in device pixels.
 *
 * `inset` moves the line into the region, a negative one out of it. Places that touch only at a
 * corner are regions of their own.
 */
export function outline({ lit: flags, rows, columns }: Lit, inset: number): string {
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
        return rows.start(i) + inset;
      case SOUTH:
        return columns.end(j) - inset;
      case WEST:
        return rows.end(i) - inset;
      default:
        return columns.start(j) + inset;
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
