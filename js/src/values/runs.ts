// Cells as runs of their flat indices in pick order, `[start, length, start, length, …]`, just as
// they travel: of a large grid a rectangle may hold a hundred million cells, and yet it is one run
// a layer. Pure; `Picks` in picks.py does the same.
import { firstWhere } from "../bisect";
import type { Rect } from "../wire";

/** Each run is as long as it can be: the same cells in the same order are always the same runs. */
export type Runs = readonly number[];

/** How many cells there are. */
export function countOf(runs: Runs): number {
  let count = 0;
  for (let k = 1; k < runs.length; k += 2) count += runs[k] as number;
  return count;
}

/** The cell that was picked last, null without any. */
export function lastOf(runs: Runs): number | null {
  const [start, length] = runs.slice(-2);
  return start === undefined || length === undefined ? null : start + length - 1;
}

/** Calls `found` with the first cell of each run and the one after its last. */
export function eachRun(runs: Runs, found: (start: number, end: number) => void): void {
  for (let k = 0; k < runs.length; k += 2) {
    const start = runs[k] as number;
    found(start, start + (runs[k + 1] as number));
  }
}

/** Whether two are equal, order and all. */
export const same = (a: Runs, b: Runs): boolean =>
  a.length === b.length && a.every((number, k) => number === b[k]);

/** Puts the cells from one up to another after all others, which may be none. */
export function push(runs: number[], start: number, end: number): void {
  if (end <= start) return;
  const last = runs.length - 1;
  if (last > 0 && (runs[last - 1] as number) + (runs[last] as number) === start)
    runs[last] = (runs[last] as number) + end - start;
  else runs.push(start, end - start);
}

/** The cells of rectangles that do not overlap, row by row. */
export function runsIn(rects: readonly Rect[], nComponents: number): Runs {
  const runs: number[] = [];
  for (const [i0, j0, i1, j1] of rects) {
    for (let i = i0; i <= i1; i++) push(runs, i * nComponents + j0, i * nComponents + j1 + 1);
  }
  return runs;
}

/** In the order of the grid. */
export function ascending(runs: Runs): Runs {
  let last = -1;
  let sorted = true;
  eachRun(runs, (start) => {
    sorted &&= start > last;
    last = start;
  });
  if (sorted) return runs;
  return Array.from({ length: runs.length / 2 }, (_, k) => 2 * k)
    .sort((a, b) => (runs[a] as number) - (runs[b] as number))
    .flatMap((k) => [runs[k] as number, runs[k + 1] as number]);
}

/** Where the first run is, of some in ascending order, that ends after a cell. */
export const runAfter = (runs: Runs, flat: number): number =>
  2 *
  firstWhere(runs.length / 2, (k) => (runs[2 * k] as number) + (runs[2 * k + 1] as number) > flat);

/** Some, and after them what of others is not among them. */
export function together(runs: Runs, others: Runs): Runs {
  const all = [...runs];
  eachRun(without(others, runs), (start, end) => push(all, start, end));
  return all;
}

/** What of some is not among others. */
export function without(runs: Runs, others: Runs): Runs {
  const sorted = ascending(others);
  const left: number[] = [];
  eachRun(runs, (start, end) => {
    let from = start;
    for (let k = runAfter(sorted, start); (sorted[k] ?? end) < end; k += 2) {
      const other = sorted[k] as number;
      push(left, from, other);
      from = other + (sorted[k + 1] as number);
    }
    push(left, from, end);
  });
  return left;
}

/** Rectangles that hold the cells of runs in ascending order, and no others, each once. */
export function cover(runs: Runs, nComponents: number): Rect[] {
  const rects: Rect[] = [];
  let [above, here] = [new Map<number, Rect>(), new Map<number, Rect>()];
  let row = -1;
  eachPart(runs, nComponents, (i, j, last) => {
    if (i !== row) {
      above = i === row + 1 ? here : new Map();
      here = new Map();
      row = i;
    }
    const known = above.get(j);
    const rect: Rect = known?.[3] === last ? known : [i, j, i, last];
    if (rect !== known) rects.push(rect);
    rect[2] = i;
    here.set(j, rect);
  });
  return rects;
}

/** Calls `found` with each part of a run that is in one layer: it, first and last component. */
export function eachPart(
  runs: Runs,
  nComponents: number,
  found: (layer: number, first: number, last: number) => void,
): void {
  eachRun(runs, (start, end) => {
    for (let from = start; from < end; ) {
      const layer = Math.floor(from / nComponents);
      const to = Math.min(end, (layer + 1) * nComponents);
      found(layer, from - layer * nComponents, to - 1 - layer * nComponents);
      from = to;
    }
  });
}
