import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { command, N_COMPONENTS, N_LAYERS, rect } from "../testing";
import type { Rect } from "../wire";
import { apply, expand, same } from "./commands";

const CELLS = N_LAYERS * N_COMPONENTS;

const picks = fc.uniqueArray(fc.nat(CELLS - 1));

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

describe("expand", () => {
  test("goes row by row and names each cell once", () => {
    expect(expand([[1, 0, 2, 1]], 3)).toEqual([3, 4, 6, 7]);
    expect(
      expand(
        [
          [1, 0, 1, 1],
          [0, 1, 1, 1],
        ],
        3,
      ),
    ).toEqual([3, 4, 1]);
    expect(expand([], 3)).toEqual([]);
  });

  test("gives the cells inside, and no others", () => {
    fc.assert(
      fc.property(fc.array(rect, { maxLength: 3 }), (rects) => {
        const cells = expand(rects, N_COMPONENTS);
        expect(new Set(cells)).toEqual(inside(rects));
        expect(new Set(cells).size).toBe(cells.length);
      }),
    );
  });
});

describe("apply", () => {
  test("keeps pick order", () => {
    expect(apply([5, 2], { op: "add", rects: [[0, 1, 1, 2]] }, 3)).toEqual([5, 2, 1, 4]);
    expect(apply([5, 2, 1], { op: "remove", rects: [[0, 2, 0, 2]] }, 3)).toEqual([5, 1]);
    expect(apply([5, 2], { op: "set", rects: [[0, 1, 0, 2]] }, 3)).toEqual([1, 2]);
  });

  test("a set of no rectangles clears", () => {
    expect(apply([5, 2], { op: "set", rects: [] }, 3)).toEqual([]);
  });

  test("agrees with sets", () => {
    fc.assert(
      fc.property(picks, command, (before, c) => {
        const cells = inside(c.rects);
        const old = new Set(before);
        const wanted = {
          set: cells,
          add: new Set([...old, ...cells]),
          remove: new Set(before.filter((flat) => !cells.has(flat))),
        };
        const after = apply(before, c, N_COMPONENTS);
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
        expect(new Set(again)).toEqual(new Set(after));
      }),
    );
  });

  test("what it was given stays as it was", () => {
    const before = Object.freeze([5, 2]);
    expect(apply(before, { op: "add", rects: [[0, 0, 0, 0]] }, 3)).toEqual([5, 2, 0]);
    expect(apply(before, { op: "remove", rects: [[0, 2, 0, 2]] }, 3)).toEqual([5]);
    expect(before).toEqual([5, 2]);
  });
});

test("same compares order too", () => {
  expect(same([1, 2], [1, 2])).toBe(true);
  expect(same([1, 2], [2, 1])).toBe(false);
  expect(same([1], [1, 2])).toBe(false);
});
