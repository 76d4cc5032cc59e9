import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { flatsOf, runsOf } from "../testing";
import type { Rect } from "../wire";
import {
  countOf,
  cover,
  eachPart,
  lastOf,
  type Runs,
  runsIn,
  same,
  together,
  without,
} from "./runs";

/** Few enough that runs meet. */
const picks = fc.uniqueArray(fc.nat(60));
/** As long as they can be, so that the same cells are the same runs. */
const expectRuns = (runs: Runs, flats: readonly number[]): void => {
  expect(runs).toEqual(runsOf(flats));
};

describe("runs", () => {
  test("of rectangles go row by row", () => {
    const rects: Rect[] = [
      [1, 0, 2, 1],
      [0, 2, 1, 2],
    ];
    expect(flatsOf(runsIn(rects, 3))).toEqual([3, 4, 6, 7, 2, 5]);
    expect(runsIn(rects, 3)).toEqual([3, 2, 6, 2, 2, 1, 5, 1]);
    expect(runsIn([[1, 0, 3, 2]], 3)).toEqual([3, 9]);
  });

  test("are added and taken away as lists are, in pick order", () =>
    fc.assert(
      fc.property(picks, picks, (a, b) => {
        expectRuns(together(runsOf(a), runsOf(b)), [...new Set([...a, ...b])]);
        const gone = new Set(b);
        expectRuns(
          without(runsOf(a), runsOf(b)),
          a.filter((flat) => !gone.has(flat)),
        );
      }),
    ));

  test("are counted and compared as lists are", () =>
    fc.assert(
      fc.property(picks, picks, (a, b) => {
        expect(countOf(runsOf(a))).toBe(a.length);
        expect(lastOf(runsOf(a))).toBe(a.at(-1) ?? null);
        expect(same(runsOf(a), runsOf(b))).toBe(String(a) === String(b));
        expect(flatsOf(runsOf(a))).toEqual(a);
      }),
    ));

  test("are cut at the end of each layer", () =>
    fc.assert(
      fc.property(picks, fc.integer({ min: 1, max: 9 }), (a, width) => {
        const found: number[] = [];
        eachPart(runsOf(a), width, (layer, first, last) => {
          expect(first).toBeGreaterThanOrEqual(0);
          expect(last).toBeLessThan(width);
          for (let j = first; j <= last; j++) found.push(layer * width + j);
        });
        expect(found).toEqual(a);
      }),
    ));

  test("of a hundred million cells are few numbers", () => {
    const n = 20_000;
    const square = runsIn([[5000, 5000, 14_999, 14_999]], n);
    const hole = runsIn([[7000, 7000, 8999, 8999]], n);
    const ring = without(square, hole);
    expect(square).toHaveLength(20_000);
    expect([countOf(ring), countOf(together(ring, hole))]).toEqual([96_000_000, 100_000_000]);
    expect(cover(square, n)).toEqual([[5000, 5000, 14_999, 14_999]]);
    expect(cover([0, n * n], n)).toEqual([[0, 0, n - 1, n - 1]]);
  });
});

describe("cover", () => {
  test("has the cells and no others, each once", () =>
    fc.assert(
      fc.property(picks, fc.integer({ min: 1, max: 9 }), (given, width) => {
        const flats = given.sort((a, b) => a - b);
        const found = cover(runsOf(flats), width);
        const sizes = found.map(([i0, j0, i1, j1]) => (i1 - i0 + 1) * (j1 - j0 + 1));
        expect(flatsOf(runsIn(found, width)).sort((a, b) => a - b)).toEqual(flats);
        expect(sizes.reduce((a, b) => a + b, 0)).toBe(flats.length);
      }),
    ));

  test("joins what is one over the other", () => {
    expect(cover(runsOf([0, 1, 3, 4, 7]), 3)).toEqual([
      [0, 0, 1, 1],
      [2, 1, 2, 1],
    ]);
    expect(cover([], 3)).toEqual([]);
  });
});
