// Which cells are selected, or highlighted: asked of some of them, never listed. Pure.
import { cellsIn, type Snapshot } from "../wire";
import { countBits, frameBits, seekBit } from "./bits";
import { ascending, countOf, type Runs, runAfter } from "./runs";

/** Some of the cells of a grid. */
export interface Members {
  readonly count: number;
  /** The first cell from one up to another that is among them, or that is not; -1 if none is. */
  seek(from: number, to: number, among: boolean): number;
}

export function selected({ selection }: Snapshot): Members {
  const sorted = ascending(selection);
  return {
    count: countOf(sorted),
    seek(from, to, among) {
      let k = runAfter(sorted, from);
      let at = from;
      if (among) at = Math.max(from, sorted[k] ?? to);
      // One run may go on with the next.
      else
        for (; (sorted[k] ?? to) <= at; k += 2)
          at = (sorted[k] as number) + (sorted[k + 1] as number);
      return at < to ? at : -1;
    },
  };
}

/** Those of the step that is shown. */
export function highlighted({ mask, step, axes }: Snapshot): Members {
  return membersOf(frameBits(mask, step, cellsIn(axes)));
}

/** Those of one frame of a mask. */
export function membersOf(bits: Uint8Array): Members {
  let count = -1;
  return {
    get count() {
      if (count < 0) count = countBits(bits);
      return count;
    },
    seek: (from, to, among) => seekBit(bits, from, to, among),
  };
}

export const has = (members: Members, flat: number): boolean =>
  members.seek(flat, flat + 1, true) >= 0;

/** Whether all cells of runs are among some. */
export function hasAll(members: Members, runs: Runs): boolean {
  for (let k = 0; k < runs.length; k += 2) {
    const start = runs[k] as number;
    if (members.seek(start, start + (runs[k + 1] as number), false) >= 0) return false;
  }
  return true;
}

/** Calls `found` with each run of members from a cell up to another. */
export function eachOf(
  members: Members,
  from: number,
  to: number,
  found: (start: number, end: number) => void,
): void {
  for (let start = members.seek(from, to, true); start >= 0; ) {
    const end = members.seek(start, to, false);
    found(start, end < 0 ? to : end);
    start = end < 0 ? -1 : members.seek(end, to, true);
  }
}
