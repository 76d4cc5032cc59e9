import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bitsOf, command, flagsOf, flatsOf, N_COMPONENTS, N_LAYERS, runsOf } from "../testing";
import type { Axes } from "../wire";
import { apply } from "./commands";
import type { Edit } from "./expected";
import { inverse, MASK } from "./mask";

const CELLS = N_LAYERS * N_COMPONENTS;
const axes: Axes = {
  id: 1,
  layers: [0, 1, 2, 3],
  components: ["q", "k", "v"],
  steps: [0, 1],
  titles: [null, null],
};

const edit: fc.Arbitrary<Edit> = fc.record({
  command,
  axes: fc.constant(axes),
  step: fc.nat(1),
});
/** Unset, of one frame, of two. */
const mask = fc
  .constantFrom(0, CELLS, 2 * CELLS)
  .chain((length) =>
    fc
      .array(fc.nat(1), { minLength: length, maxLength: length })
      .map((flags) => bitsOf(flags, CELLS)),
  );

const flagged = (flags: Uint8Array): number[] =>
  [...flags.keys()].filter((flat) => flags[flat] === 1);
const frames = (mask: Uint8Array): Uint8Array[] => {
  const flags = flagsOf(mask, CELLS);
  return flags.length > CELLS ? [flags.subarray(0, CELLS), flags.subarray(CELLS)] : [flags];
};

describe("edits", () => {
  test("do to a mask what commands do to a selection, at their step where it has steps", () => {
    fc.assert(
      fc.property(mask, edit, (before, change) => {
        const copy = before.slice();
        const after = frames(MASK.after(before, [change]));
        expect(before).toEqual(copy);
        frames(before).forEach((frame, step) => {
          const touched = frames(before).length === 1 || step === change.step;
          const picks = runsOf(flagged(frame));
          const expected = touched ? apply(picks, change.command, N_COMPONENTS) : picks;
          expect(flagged(after[step] as Uint8Array)).toEqual(
            flatsOf(expected).sort((a, b) => a - b),
          );
        });
      }),
    );
  });

  test("that change nothing leave the same mask", () => {
    fc.assert(
      fc.property(mask, edit, (before, change) => {
        const after = MASK.after(before, [change]);
        expect(MASK.after(after, [change])).toBe(after);
        expect(MASK.after(before, [])).toBe(before);
        expect(MASK.same(before, after)).toBe(after === before);
      }),
    );
  });

  test("are taken back by one command", () => {
    fc.assert(
      fc.property(mask, edit, (before, change) => {
        const after = MASK.after(before, [change]);
        const back = inverse(before, change);
        expect(MASK.same(MASK.after(after, [{ ...change, command: back }]), before)).toBe(true);
        if (change.command.op === "add") expect(back.op).not.toBe("set");
      }),
    );
  });
});
