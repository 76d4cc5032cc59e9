// Commands for the mask, and how they are taken back. Pure; `Command.apply_to_mask` in selection.py
// does the same.
import { bytesFor, frameBits, setBits } from "../values/bits";
import { eachOf, membersOf } from "../values/members";
import { ascending, cover, eachRun, push, type Runs, runsIn, without } from "../values/runs";
import { type Command, cellsIn } from "../wire";
import type { Edit, Rules } from "./expected";

/** One bit a cell, of one frame or of all; empty when unset. */
type Mask = Uint8Array;

export const MASK: Rules<Mask> = {
  after: (mask, edits) => edits.reduce(marked, mask),
  same: equal,
};

function marked(mask: Mask, edit: Edit): Mask {
  const { op } = edit.command;
  const cells = cellsIn(edit.axes);
  const runs = touched(edit);
  const before = membersOf(frameBits(mask, edit.step, cells));
  let changes = op === "set";
  eachRun(runs, (start, end) => {
    changes ||= before.seek(start, end, op === "remove") >= 0;
  });
  if (!changes) return mask;
  const after = mask.length > 0 ? mask.slice() : new Uint8Array(bytesFor(cells));
  const frame = frameBits(after, edit.step, cells);
  if (op === "set") frame.fill(0);
  eachRun(runs, (start, end) => setBits(frame, start, end, op !== "remove"));
  return op === "set" && equal(after, mask) ? mask : after;
}

const touched = ({ command, axes }: Edit): Runs =>
  ascending(runsIn(command.rects, axes.components.length));

/** An unset mask highlights nothing, and neither does one that is 0 throughout. */
function equal(a: Mask, b: Mask): boolean {
  if (a.length === 0 || b.length === 0) return !a.some(Boolean) && !b.some(Boolean);
  if (a.length !== b.length) return false;
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return true;
}

/** The command that takes an edit back, given the mask before it. */
export function inverse(before: Mask, edit: Edit): Command {
  const { op } = edit.command;
  const n = edit.axes.components.length;
  const cells = cellsIn(edit.axes);
  const old = membersOf(frameBits(before, edit.step, cells));
  const runs = touched(edit);
  if (op !== "set") {
    const there: number[] = [];
    eachRun(runs, (start, end) => {
      eachOf(old, start, end, (from, to) => push(there, from, to));
    });
    return op === "add"
      ? { op: "remove", rects: cover(without(runs, there), n) }
      : { op: "add", rects: cover(there, n) };
  }
  const all: number[] = [];
  eachOf(old, 0, cells, (from, to) => push(all, from, to));
  const [came, went] = [without(runs, all), without(all, runs)];
  if (went.length === 0) return { op: "remove", rects: cover(came, n) };
  if (came.length === 0) return { op: "add", rects: cover(went, n) };
  return { op, rects: cover(all, n) };
}
