import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expand } from "../model/commands";
import { cover } from "./flags";

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
