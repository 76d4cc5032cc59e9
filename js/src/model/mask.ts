// Commands for the mask, and how they are taken back. Pure; `Command.apply_to_mask` in selection.py
// does the same. A mask may have a million cells: it is never made a list of them.
import { frameOf } from "../values/colors";
import { cover } from "../values/flags";
import { type Command, cellsIn } from "../wire";
import type { Edit, Rules } from "./expected";

/** One byte a cell, of one frame or of all; empty when unset. */
type Mask = Uint8Array;

export const MASK: Rules<Mask> = {
  after(mask, edits) {
    const [first] = edits;
    if (!first) return mask;
    const cells = cellsIn(first.axes);
    const changed = mask.length > 0 ? mask.slice() : new Uint8Array(cells);
    for (const { command, axes, step } of edits) {
      mark(frameOf(changed, step, cells), command, axes.components.length);
    }
    return equal(changed, mask) ? mask : changed;
  },
  same: equal,
};

function mark(frame: Mask, { op, rects }: Command, nComponents: number): void {
  if (op === "set") frame.fill(0);
  for (const [i0, j0, i1, j1] of rects) {
    for (let i = i0; i <= i1; i++) {
      frame.fill(op === "remove" ? 0 : 1, i * nComponents + j0, i * nComponents + j1 + 1);
    }
  }
}

/** An unset mask highlights nothing, and neither does one that is 0 throughout. */
function equal(a: Mask, b: Mask): boolean {
  if (a.length === 0 || b.length === 0) return !a.includes(1) && !b.includes(1);
  if (a.length !== b.length) return false;
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return true;
}

/** The command that takes an edit back, given the masks before and after it. */
export function inverse(before: Mask, after: Mask, { axes, step }: Edit): Command {
  const n = axes.components.length;
  const cells = cellsIn(axes);
  const old = frameOf(before, step, cells);
  const now = frameOf(after, step, cells);
  const came = without(now, old);
  const went = without(old, now);
  if (!went.includes(1)) return { op: "remove", rects: cover(came, n) };
  if (!came.includes(1)) return { op: "add", rects: cover(went, n) };
  return { op: "set", rects: cover(old, n) };
}

function without(mask: Mask, other: Mask): Mask {
  const left = mask.slice();
  for (let k = 0; k < other.length; k++) if (other[k]) left[k] = 0;
  return left;
}
