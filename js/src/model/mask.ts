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
  const after = mask.length > 0 ? mask.slice() : new Uint8Array(bytesFor(cells));
  const frame = frameBits(after, edit.step, cells);
  if (op === "set") frame.fill(0);
  eachRun(touched(edit), (start, end) => setBits(frame, start, end, op !== "remove"));
  return equal(after, mask) ? mask : after;
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
  const members = membersOf(frameBits(before, edit.step, cells));
  const runs = touched(edit);
  // Of what it touches: all of the frame where nothing else stays.
  const old: number[] = [];
  eachRun(op === "set" ? [0, cells] : runs, (start, end) => {
    eachOf(members, start, end, (from, to) => push(old, from, to));
  });
  const now = op === "remove" ? [] : runs;
  const [came, went] = [without(now, old), without(old, now)];
  if (went.length === 0) return { op: "remove", rects: cover(came, n) };
  if (came.length === 0) return { op: "add", rects: cover(went, n) };
  return { op, rects: cover(old, n) };
}
