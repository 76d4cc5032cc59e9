// What a command does to a selection. Pure; `Command.apply` in selection.py does the same.

import type { Command, Rect } from "../wire";
import type { Rules } from "./expected";

/** Flat indices in pick order. */
type Picks = readonly number[];

export const SELECTION: Rules<Picks> = {
  after: (picks, edits) =>
    edits.reduce((all, { command, axes }) => apply(all, command, axes.components.length), picks),
  same,
};

/** The kernel refuses to pick more cells at once. */
const MOST_PICKED = 1 << 22;

/** Whether a rectangle of a command has more cells than can be picked at once. */
export const isTooMuch = ({ rects }: Command): boolean =>
  rects.some(([i0, j0, i1, j1]) => (i1 - i0 + 1) * (j1 - j0 + 1) > MOST_PICKED);

/** Flat indices of rectangles, row by row, each once. */
export function expand(rects: readonly Rect[], nComponents: number): number[] {
  const flats = new Set<number>();
  for (const [i0, j0, i1, j1] of rects) {
    for (let i = i0; i <= i1; i++) {
      for (let j = j0; j <= j1; j++) flats.add(i * nComponents + j);
    }
  }
  return [...flats];
}

/** The selection after a command, in pick order; the same array where nothing changes. */
export function apply(picks: Picks, command: Command, nComponents: number): Picks {
  const cells = expand(command.rects, nComponents);
  switch (command.op) {
    case "set":
      return same(picks, cells) ? picks : cells;
    case "add": {
      const all = new Set([...picks, ...cells]);
      return all.size === picks.length ? picks : [...all];
    }
    case "remove": {
      const gone = new Set(cells);
      const kept = picks.filter((flat) => !gone.has(flat));
      return kept.length === picks.length ? picks : kept;
    }
  }
}

/** Whether two selections are equal, order and all. */
export function same(a: Picks, b: Picks): boolean {
  return a.length === b.length && a.every((flat, k) => flat === b[k]);
}
