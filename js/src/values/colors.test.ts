import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { snapshot } from "../testing";
import { codes, frame, frameOf, inkOn, Kind, kindOf, luminance, palette } from "./colors";
import { type Norm, positionIn, type Scale, scaleOf } from "./norms";

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const NO_HOLES = new Uint8Array(0);
const linear = (low: number, high: number): Scale => ({ low, high, norm: { kind: "linear" } });

describe("what a cell is", () => {
  const kinds = (values: number[], hole = 0, scale = linear(-2, 2)) =>
    values.map((value) => kindOf(value, hole, scale));

  test("a hole before any value", () => {
    expect(kinds([1, 9, Number.NaN, Infinity], 1)).toEqual(Array(4).fill(Kind.ABSENT));
    expect(kinds([1, 9, Number.NaN, Infinity], 2)).toEqual(Array(4).fill(Kind.PENDING));
  });

  test("NaN and the infinities, and what lies beyond the limits", () => {
    expect(kinds([-2, 2, Number.NaN, Infinity, -Infinity, -2.1, 2.1])).toEqual([
      Kind.FINITE,
      Kind.FINITE,
      Kind.NAN,
      Kind.POSITIVE_INFINITY,
      Kind.NEGATIVE_INFINITY,
      Kind.UNDER,
      Kind.OVER,
    ]);
  });

  test("without a range, all but one value lie beyond it", () => {
    expect(kinds([1, 2, 3], 0, linear(2, 2))).toEqual([Kind.UNDER, Kind.FINITE, Kind.OVER]);
  });

  test("what has no logarithm, only where one is taken", () => {
    const values = [0, -0, -5, 0.5, 1, -Infinity, Number.NaN];
    const log: Scale = { low: 1, high: 10, norm: { kind: "log" } };
    expect(kinds(values, 0, log)).toEqual([
      ...Array(3).fill(Kind.NONPOSITIVE),
      Kind.UNDER,
      Kind.FINITE,
      Kind.NEGATIVE_INFINITY,
      Kind.NAN,
    ]);
    expect(kinds(values, 0, linear(1, 10)).slice(0, 3)).toEqual(Array(3).fill(Kind.UNDER));
  });

  test("a category is never beyond the limits", () => {
    expect(kinds([0, 1, 255], 0, { low: 0, high: 1, norm: { kind: "categories" } })).toEqual([
      Kind.FINITE,
      Kind.FINITE,
      Kind.FINITE,
    ]);
  });
});

describe("codes", () => {
  const norms: Norm[] = [
    { kind: "linear" },
    { kind: "log" },
    { kind: "symlog", linthresh: 0.5 },
    { kind: "power", gamma: 0.5 },
    { kind: "twoslope", center: 2 },
    { kind: "edges", edges: Array.from({ length: 257 }, (_, k) => 1 + (k / 256) ** 2 * 7) },
  ];

  test.each(norms)("of $kind are where the values lie", (norm) => {
    const scale = { low: 1, high: 8, norm };
    const value = fc.double({ min: 1, max: 8, noNaN: true });
    fc.assert(
      fc.property(fc.array(value), (numbers) => {
        const position = positionIn(scale);
        expect([...codes(Float64Array.from(numbers), NO_HOLES, scale)]).toEqual(
          numbers.map((v) => Math.min(255, Math.floor(position(v) * 256))),
        );
      }),
    );
  });

  test("never leave the table, and never fall as values rise", () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 4, maxLength: 4 }), (numbers) => {
        const [low, a, b, high] = numbers.sort((x, y) => x - y) as [number, number, number, number];
        const found = [...codes(Float64Array.of(low, a, b, high), NO_HOLES, linear(low, high))];
        expect(found).toEqual([...found].sort((x, y) => x - y));
        expect(found[0]).toBeGreaterThanOrEqual(0);
        expect(found[3]).toBeLessThanOrEqual(255);
        if (low < high) expect([found[0], found[3]]).toEqual([0, 255]);
      }),
    );
  });

  test("of categories are the values", () => {
    const scale: Scale = { low: 0, high: 255, norm: { kind: "categories" } };
    const values = Uint8Array.from({ length: 256 }, (_, k) => k);
    expect([...codes(values, NO_HOLES, scale)]).toEqual([...values]);
  });

  test("tell all that is no number apart", () => {
    const shown = snapshot({ limits: [-1, 4] });
    expect([...codes(shown.values, shown.holes, scaleOf(shown))]).toEqual([
      76,
      256 + Kind.UNDER,
      153,
      256 + Kind.NAN,
      256 + Kind.POSITIVE_INFINITY,
      256 + Kind.NEGATIVE_INFINITY,
      256 + Kind.OVER,
      51,
      128,
      255,
      256 + Kind.ABSENT,
      256 + Kind.PENDING,
    ]);
  });

  test("of 64-bit integers, and of a grid without holes", () => {
    const code = codes(BigInt64Array.of(0n, 5n, 10n), NO_HOLES, linear(0, 10));
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
  const reserved = Uint8Array.from({ length: 72 }, (_, k) => 255 - k);
  const colour = (theme: "light" | "dark", marked: boolean, code: number, other = {}) => {
    const pixels = palette({ table, reserved, categories: null, ...other }, theme, marked);
    return [...new Uint8Array(pixels.buffer).subarray(code * 4, code * 4 + 4)];
  };

  describe.each(["light", "dark"] as const)("%s", (theme) => {
    test.each([true, false])("the table itself, opaque (marked: %s)", (marked) => {
      for (let k = 0; k < 256; k++) {
        expect(colour(theme, marked, k)).toEqual([...table.subarray(k * 3, k * 3 + 3), 255]);
      }
    });

    test("under a mark: the end that a value lies beyond, paper, or the page", () => {
      const of = (kind: number) => colour(theme, true, 256 + kind);
      for (const kind of [Kind.OVER, Kind.POSITIVE_INFINITY]) {
        expect(of(kind)).toEqual(colour(theme, true, 255));
      }
      for (const kind of [Kind.UNDER, Kind.NEGATIVE_INFINITY]) {
        expect(of(kind)).toEqual(colour(theme, true, 0));
      }
      const paper = theme === "light" ? [250, 250, 250, 255] : [38, 41, 47, 255];
      for (const kind of [Kind.NAN, Kind.NONPOSITIVE]) expect(of(kind)).toEqual(paper);
      for (const kind of [Kind.ABSENT, Kind.PENDING]) expect(of(kind)).toEqual([0, 0, 0, 0]);
    });

    test("without marks: the reserved colours of the theme", () => {
      const first = theme === "light" ? 0 : 36;
      for (let kind = 1; kind <= Kind.NONPOSITIVE; kind++) {
        const at = first + kind * 4;
        expect(colour(theme, false, 256 + kind)).toEqual([...reserved.subarray(at, at + 4)]);
      }
    });
  });

  test("a category without a colour shows the page", () => {
    const categories = [
      ["kept", ""],
      ["skipped", "#d7191c"],
    ];
    expect(colour("light", true, 0, { categories })).toEqual([0, 0, 0, 0]);
    expect(colour("light", true, 1, { categories })).toEqual([...table.subarray(3, 6), 255]);
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

test("a frame takes values and holes of its step", () => {
  const axes = { ...snapshot().axes, layers: [0], components: ["q", "k"] };
  const values = Float64Array.of(0, 1, 2, 3);
  const second = frame({ axes, values, holes: Uint8Array.of(0, 0, 2, 0), step: 1 });
  expect([...second.values]).toEqual([2, 3]);
  expect([...second.holes]).toEqual([2, 0]);
  expect(frame({ axes, values, holes: NO_HOLES, step: 1 }).holes).toHaveLength(0);
});
