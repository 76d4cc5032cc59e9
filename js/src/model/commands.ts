// What a command does to a selection. Pure; `Command.apply` in selection.py does the same.

import { type Runs, runsIn, same, together, without } from "../values/runs";
import type { Command } from "../wire";
import type { Rules } from "./expected";

export const SELECTION: Rules<Runs> = {
  after: (picks, edits) =>
    edits.reduce((all, { command, axes }) => apply(all, command, axes.components.length), picks),
  same,
};

/** The selection after a command, in pick order; the same array where nothing changes. */
export function apply(picks: Runs, { op, rects }: Command, nComponents: number): Runs {
  const cells = runsIn(rects, nComponents);
  const after = {
    set: () => cells,
    add: () => together(picks, cells),
    remove: () => without(picks, cells),
  }[op]();
  return same(picks, after) ? picks : after;
}
