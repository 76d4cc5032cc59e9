import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { axisOf } from "../layout/axes";
import { Kind } from "../values/colors";
import type { Axes, Overview } from "../wire";
import { overBlocks } from "./blocks";

const LAYERS = 12;
const COMPONENTS = 9;
const axes = { layers: Array(LAYERS).fill(0), components: Array(COMPONENTS).fill(0) };
const given = (count: number) => Int32Array.from({ length: count }, (_, k) => k);

/** Blocks of 4 × 3 cells each, shown in so many pixels. */
function shown(code: readonly number[], rows: number, columns: number, transpose = false) {
  const overview: Overview = {
    layers: 4,
    components: 3,
    code: Uint16Array.from(code),
    fetchable: false,
    counts: [],
    share: 1,
    every: 1,
    estimated: 0,
  };
  const reduced = (count: number, pixels: number) => axisOf(count, pixels / count, pixels, 0, []);
  const [down, across] = transpose ? [COMPONENTS, LAYERS] : [LAYERS, COMPONENTS];
  const arrangement = { transpose, layers: given(LAYERS), components: given(COMPONENTS) };
  const seen = overBlocks(
    { overview, tile: null, reduce: "extreme", axes: axes as unknown as Axes },
    arrangement,
    reduced(down, rows),
    reduced(across, columns),
    128,
  );
  return [...(seen as Uint16Array)];
}

describe("blocks that share a pixel", () => {
  const one = (...code: number[]) => shown([...code, ...Array(12 - code.length).fill(128)], 1, 1);

  test("show the kind that is worst, then what lies farthest from 0", () => {
    expect(one(0, 140)).toEqual([0]);
    expect(one(120, 250, 131)).toEqual([250]);
    expect(one(0, 256 + Kind.UNDER, 255)).toEqual([256 + Kind.UNDER]);
    expect(one(255, 256 + Kind.OVER)).toEqual([256 + Kind.OVER]);
    expect(one(256 + Kind.OVER, 256 + Kind.NAN, 0)).toEqual([256 + Kind.NAN]);
    expect(one(256 + Kind.NEGATIVE_INFINITY, 256 + Kind.POSITIVE_INFINITY)).toEqual([
      256 + Kind.POSITIVE_INFINITY,
    ]);
    expect(one(256 + Kind.ABSENT, 256 + Kind.PENDING)).toEqual([128]);
  });

  test("stand where they are, on either side", () => {
    const codes = Array.from({ length: 12 }, (_, k) => 130 + k);
    expect(shown(codes, 4, 3)).toEqual(codes);
    expect(shown(codes, 2, 3)).toEqual([3, 4, 5, 9, 10, 11].map((k) => 130 + k));
    expect(shown(codes, 3, 4, true)).toEqual(
      [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11].map((k) => 130 + k),
    );
  });

  test("are where a block is larger than a pixel, too", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(255), { minLength: 12, maxLength: 12 }), (codes) => {
        const fine = shown(codes, LAYERS, COMPONENTS);
        fine.forEach((code, at) => {
          const [i, j] = [Math.floor(at / COMPONENTS), at % COMPONENTS];
          expect(code).toBe(codes[Math.floor(i / 3) * 3 + Math.floor(j / 3)]);
        });
      }),
    );
  });
});
