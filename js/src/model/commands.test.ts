import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { command, flatsOf, N_COMPONENTS, N_LAYERS, runsOf } from "../testing";
import { same } from "../values/runs";
import type { Command, Rect } from "../wire";
import { apply } from "./commands";

const CELLS = N_LAYERS * N_COMPONENTS;

const picks = fc.uniqueArray(fc.nat(CELLS - 1)).map(runsOf);

/** The cells of rectangles by definition, one question a cell. */
function inside(rects: readonly Rect[]): Set<number> {
  const flats = Array.from({ length: CELLS }, (_, flat) => flat);
  return new Set(
    flats.filter((flat) => {
      const i = Math.floor(flat / N_COMPONENTS);
      const j = flat % N_COMPONENTS;
      return rects.some(([i0, j0, i1, j1]) => i0 <= i && i <= i1 && j0 <= j && j <= j1);
    }),
  );
}

describe("apply", () => {
  test("keeps pick order", () => {
    const made = (cells: number[], given: Command) => flatsOf(apply(runsOf(cells), given, 3));
    expect(made([5, 2], { op: "add", rects: [[0, 1, 1, 2]] })).toEqual([5, 2, 1, 4]);
    expect(made([5, 2, 1], { op: "remove", rects: [[0, 2, 0, 2]] })).toEqual([5, 1]);
    expect(made([5, 2], { op: "set", rects: [[0, 1, 0, 2]] })).toEqual([1, 2]);
  });

  test("a set of no rectangles clears", () => {
    expect(apply([5, 2], { op: "set", rects: [] }, 3)).toEqual([]);
  });

  test("agrees with sets", () => {
    fc.assert(
      fc.property(picks, command, (before, c) => {
        const cells = inside(c.rects);
        const old = new Set(flatsOf(before));
        const wanted = {
          set: cells,
          add: new Set([...old, ...cells]),
          remove: new Set([...old].filter((flat) => !cells.has(flat))),
        };
        const after = flatsOf(apply(before, c, N_COMPONENTS));
        expect(new Set(after)).toEqual(wanted[c.op]);
        expect(new Set(after).size).toBe(after.length);
      }),
    );
  });

  test("the same reference means that nothing changed, another that something did", () => {
    fc.assert(
      fc.property(picks, command, (before, c) => {
        const after = apply(before, c, N_COMPONENTS);
        expect(after === before).toBe(same(after, before));
      }),
    );
  });

  test("a command repeated is harmless, also after those that followed it", () => {
    fc.assert(
      fc.property(picks, fc.array(command, { maxLength: 6 }), (before, commands) => {
        const replay = (start: readonly number[]) =>
          commands.reduce<readonly number[]>((now, c) => apply(now, c, N_COMPONENTS), start);
        const after = replay(before);
        const again = replay(after);
        expect(new Set(flatsOf(again))).toEqual(new Set(flatsOf(after)));
      }),
    );
  });

  test("what it was given stays as it was", () => {
    const before = Object.freeze([5, 1, 2, 1]);
    expect(apply(before, { op: "add", rects: [[0, 0, 0, 0]] }, 3)).toEqual([5, 1, 2, 1, 0, 1]);
    expect(apply(before, { op: "remove", rects: [[0, 2, 0, 2]] }, 3)).toEqual([5, 1]);
    expect(before).toEqual([5, 1, 2, 1]);
  });
});
