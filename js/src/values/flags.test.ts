import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { givenOrder } from "../layout/order";
import { expand } from "../model/commands";
import { snapshot } from "../testing";
import { countOf, cover, pickedFlags } from "./flags";

describe("cover", () => {
  test("holds the flagged cells and no others, each once", () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.nat(1), { maxLength: 60 }),
        (width, found) => {
          const flags = Uint8Array.from(found.slice(0, found.length - (found.length % width)));
          const rects = cover(flags, width);
          const flats = expand(rects, width);
          const sizes = rects.map(([i0, j0, i1, j1]) => (i1 - i0 + 1) * (j1 - j0 + 1));
          expect(flats.sort((a, b) => a - b)).toEqual(
            [...flags.keys()].filter((k) => flags[k] === 1),
          );
          expect(sizes.reduce((a, b) => a + b, 0)).toBe(flats.length);
        },
      ),
    ));

  test("joins what is one over the other", () => {
    expect(cover(Uint8Array.of(1, 1, 0, 1, 1, 0, 0, 1, 0), 3)).toEqual([
      [0, 0, 1, 1],
      [2, 1, 2, 1],
    ]);
  });

  test("is one rectangle for one, however large", () => {
    const million = new Uint8Array(1_000_000);
    for (let i = 100; i < 900; i++) million.fill(1, i * 1000 + 50, i * 1000 + 950);
    expect(cover(million, 1000)).toEqual([[100, 50, 899, 949]]);
    expect(cover(new Uint8Array(1_000_000), 1000)).toEqual([]);
  });
});

describe("what is picked of more cells than there is memory for", () => {
  const [n, m] = [100_000, 10_000];
  const axes = { ...snapshot().axes, layers: Array(n).fill(0), components: Array(m).fill(0) };
  const of = (selection: number[], transpose = false) =>
    pickedFlags(
      { transpose, layers: givenOrder(n), components: givenOrder(m) },
      snapshot({ axes, selection }),
    );

  test("is found as among few", () => {
    const flags = of([7 * m + 3, 5, 999_999_999]);
    expect([flags.length, countOf(flags)]).toEqual([n * m, 3]);
    expect([5, 6, 70_003].map((k) => flags.at(k))).toEqual([1, 0, 1]);
    expect([flags.indexOf(1), flags.indexOf(1, 6), flags.indexOf(1, 70_004)]).toEqual([
      5, 70_003, 999_999_999,
    ]);
    const line = flags.subarray(70_000, 80_000);
    expect([line.indexOf(1), line.indexOf(1, 4)]).toEqual([3, -1]);
    expect(of([]).length).toBe(0);
  });

  test("stands where it is seen", () => {
    expect(of([7 * m + 3], true).indexOf(1)).toBe(3 * n + 7);
  });
});
