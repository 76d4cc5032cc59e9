import fc from "fast-check";
import { describe, expect, test } from "vitest";
import vectors from "../../tests/data/colors.json";
import {
  codes,
  frameOf,
  inkOn,
  Kind,
  kindOf,
  luminance,
  palette,
  positionOf,
  tableIndex,
} from "./colors";
import { snapshot } from "./testing";

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

describe("tableIndex", () => {
  test.each(vectors)("shared: $value in $limits is $index", ({ value, limits, index }) => {
    expect(tableIndex(value, limits[0] as number, limits[1] as number)).toBe(index);
  });

  test("never leaves the table, and never falls as values rise", () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 4, maxLength: 4 }), (numbers) => {
        const [low, a, b, high] = numbers.sort((x, y) => x - y) as [number, number, number, number];
        const [first, second] = [tableIndex(a, low, high), tableIndex(b, low, high)];
        expect(first).toBeGreaterThanOrEqual(0);
        expect(second).toBeLessThanOrEqual(255);
        expect(first).toBeLessThanOrEqual(second);
        expect(Number.isInteger(first)).toBe(true);
        if (low < high)
          expect([tableIndex(low, low, high), tableIndex(high, low, high)]).toEqual([0, 255]);
      }),
    );
  });

  test("a position is where the index is", () => {
    fc.assert(
      fc.property(finite, finite, finite, (value, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const at = positionOf(value, low, high);
        expect(at).toBeGreaterThanOrEqual(0);
        expect(at).toBeLessThanOrEqual(1);
        expect(Math.min(255, Math.floor(at * 256))).toBe(tableIndex(value, low, high));
      }),
    );
  });
});

describe("what a cell is", () => {
  test("a hole before any value, then NaN and the infinities", () => {
    expect([1, Number.NaN, Infinity, -Infinity].map((v) => kindOf(v, 0))).toEqual([
      Kind.FINITE,
      Kind.NAN,
      Kind.POSITIVE_INFINITY,
      Kind.NEGATIVE_INFINITY,
    ]);
    expect([1, Number.NaN, Infinity].map((v) => kindOf(v, 1))).toEqual(Array(3).fill(Kind.ABSENT));
    expect([1, Number.NaN, Infinity].map((v) => kindOf(v, 2))).toEqual(Array(3).fill(Kind.PENDING));
  });

  test("codes tell all of them apart", () => {
    const { values, holes, limits } = snapshot();
    expect([...codes(values, holes, limits)]).toEqual([
      54,
      0,
      100,
      256 + Kind.NAN,
      256 + Kind.POSITIVE_INFINITY,
      256 + Kind.NEGATIVE_INFINITY,
      255,
      38,
      85,
      162,
      256 + Kind.ABSENT,
      256 + Kind.PENDING,
    ]);
  });

  test("codes of 64-bit integers, and of a grid without holes", () => {
    const code = codes(BigInt64Array.of(0n, 5n, 10n), new Uint8Array(0), [0, 10]);
    expect([...code]).toEqual([0, 128, 255]);
  });
});

test("a frame is a part of all steps, or all where there is one", () => {
  const values = Float32Array.of(0, 1, 2, 3, 4, 5);
  expect([...frameOf(values, 2, 2)]).toEqual([4, 5]);
  expect([...frameOf(values, 2, 6)]).toEqual([0, 1, 2, 3, 4, 5]);
  expect(frameOf(values, 2, 2).buffer).toBe(values.buffer);
  expect(frameOf(new Uint8Array(0), 2, 6)).toHaveLength(0);
});

describe("palette", () => {
  const table = Uint8Array.from({ length: 768 }, (_, k) => (k * 11) % 256);
  const bytes = (theme: "light" | "dark") => new Uint8Array(palette(table, theme).buffer);
  const colour = (theme: "light" | "dark", code: number) => [
    ...bytes(theme).subarray(code * 4, code * 4 + 4),
  ];

  test.each(["light", "dark"] as const)("%s: the table itself, opaque", (theme) => {
    for (let k = 0; k < 256; k++) {
      expect(colour(theme, k)).toEqual([...table.subarray(k * 3, k * 3 + 3), 255]);
    }
  });

  test.each(["light", "dark"] as const)("%s: infinities take the ends, holes the page", (theme) => {
    expect(colour(theme, 256 + Kind.POSITIVE_INFINITY)).toEqual(colour(theme, 255));
    expect(colour(theme, 256 + Kind.NEGATIVE_INFINITY)).toEqual(colour(theme, 0));
    expect(colour(theme, 256 + Kind.ABSENT)).toEqual([0, 0, 0, 0]);
    expect(colour(theme, 256 + Kind.PENDING)).toEqual([0, 0, 0, 0]);
  });

  test("a NaN is as light or as dark as the page", () => {
    expect(colour("light", 256 + Kind.NAN)).toEqual([250, 250, 250, 255]);
    expect(colour("dark", 256 + Kind.NAN)).toEqual([38, 41, 47, 255]);
  });
});

describe("ink", () => {
  test("luminance of WCAG", () => {
    expect(luminance([0, 0, 0])).toBe(0);
    expect(luminance([255, 255, 255])).toBeCloseTo(1, 12);
    expect(luminance([255, 0, 0])).toBeCloseTo(0.2126, 12);
    expect(luminance([119, 119, 119])).toBeCloseTo(0.1845, 4);
  });

  test("reads on every colour: 4.5:1 at least", () => {
    const channel = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(channel, channel, channel, (r, g, b) => {
        const paper = luminance([r, g, b]);
        const contrast =
          inkOn([r, g, b]) === "#000" ? (paper + 0.05) / 0.05 : 1.05 / (paper + 0.05);
        expect(contrast).toBeGreaterThanOrEqual(4.5);
      }),
      { numRuns: 5000 },
    );
  });
});
