// Which cells are selected, or highlighted: asked of some of them, never listed. Pure.
import { cellsIn, type Snapshot } from "../wire";
import { countBits, frameBits, seekBit } from "./bits";
import { ascending, countOf, eachRun, type Runs, runAfter } from "./runs";

/** Some of the cells of a grid. */
export interface Members {
  readonly count: number;
  /** The first cell from one up to another that is among them, or that is not; else the other. */
  seek(from: number, to: number, among: boolean): number;
}

/** Those that are selected, in the order of the grid. */
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
        for (; at < to && (sorted[k] ?? to) <= at; k += 2)
          at = (sorted[k] as number) + (sorted[k + 1] as number);
      return Math.min(at, to);
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
  members.seek(flat, flat + 1, true) === flat;

/** Whether all cells of runs are among some. */
export function hasAll(members: Members, runs: Runs): boolean {
  let all = true;
  eachRun(runs, (start, end) => {
    all &&= members.seek(start, end, false) === end;
  });
  return all;
}

/** Calls `found` with each run of members from a cell up to another. */
export function eachOf(
  members: Members,
  from: number,
  to: number,
  found: (start: number, end: number) => void,
): void {
  for (let end = from; end < to; ) {
    const start = members.seek(end, to, true);
    end = members.seek(start, to, false);
    if (start < end) found(start, end);
  }
}
