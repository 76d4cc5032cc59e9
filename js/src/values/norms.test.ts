import fc from "fast-check";
import { describe, expect, test } from "vitest";
// The same cases as in `tests/test_colors.py` and `tests/test_norms.py`.
import vectors from "../../../tests/data/colors.json";
import sampled from "../../../tests/data/edges.json";
import { codes } from "./colors";
import { type Norm, positionIn, scaleOf } from "./norms";

const LINEAR: Norm = { kind: "linear" };

describe("as in Python", () => {
  test.each(vectors)("$value in $limits has code $code", ({ value, limits, code, ...more }) => {
    const norm = (more.norm ?? LINEAR) as Norm;
    const within = (more.within ?? []) as [number?, number?];
    const scale = scaleOf({ limits: [...(limits as [number, number]), ...within], norm });
    const values = Float64Array.of(Number(value));
    expect([...codes(values, Uint8Array.of(more.hole ?? 0), scale)]).toEqual([code]);
  });

  const cases = vectors.flatMap(({ value, limits, norm = LINEAR, index }) =>
    index === null ? [] : [{ value: Number(value), limits, norm: norm as Norm, index }],
  );
  test.each(cases)("$value in $limits, $norm.kind, is $index", ({ value, limits, norm, index }) => {
    const position = positionIn(scaleOf({ limits: limits as [number, number], norm }));
    expect(Math.min(255, Math.floor(position(value) * 256))).toBe(index);
  });

  const { edges } = sampled;
  const limits = sampled.limits as [number, number];
  test.each(sampled.positions)("%f between edges is at %f", (value, at) => {
    const position = positionIn(scaleOf({ limits, norm: { kind: "edges", edges } }));
    expect(position(value as number)).toBeCloseTo(at as number, 12);
  });
});

// ── what always holds ──────────────────────────────────────────────────────────────────────────

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const positive = fc.double({ noNaN: true, noDefaultInfinity: true, min: Number.MIN_VALUE });
const anyNorm: fc.Arbitrary<Norm> = fc.oneof(
  fc.constant(LINEAR),
  fc.constant<Norm>({ kind: "log" }),
  positive.map((linthresh): Norm => ({ kind: "symlog", linthresh })),
  fc.double({ noNaN: true, min: 0.01, max: 20 }).map((gamma): Norm => ({ kind: "power", gamma })),
);

/** Four values in order, all of them positive for the logarithm; the inner two in the limits. */
const anyCase = fc
  .tuple(anyNorm, fc.array(finite, { minLength: 4, maxLength: 4 }))
  .map(([norm, values]) => {
    const sized = norm.kind === "log" ? values.map((v) => Math.abs(v) || 1) : values;
    return [norm, sized.sort((a, b) => a - b) as [number, number, number, number]] as const;
  });

test("never leaves 0…1, has the limits at its ends, and never falls as values rise", () => {
  fc.assert(
    fc.property(anyCase, ([norm, [low, a, b, high]]) => {
      fc.pre(low < high);
      const position = positionIn({ low, high, norm });
      const found = [low, a, b, high].map(position);
      expect(found[0]).toBe(0);
      expect(found[3]).toBe(1);
      expect(found).toEqual([...found].sort((x, y) => x - y));
    }),
  );
});

test("a center lies in the middle, with a slope of its own on each side", () => {
  fc.assert(
    fc.property(finite, finite, finite, (...values) => {
      const [low, center, high] = values.sort((a, b) => a - b) as [number, number, number];
      fc.pre(low < center && center < high);
      const position = positionIn({ low, high, norm: { kind: "twoslope", center } });
      expect([low, center, high].map(position)).toEqual([0, 0.5, 1]);
    }),
  );
});

test("a range of one value has that value in the middle, with every norm", () => {
  const norms: Norm[] = [
    LINEAR,
    { kind: "log" },
    { kind: "symlog", linthresh: 1 },
    { kind: "power", gamma: 0.5 },
    { kind: "twoslope", center: 2 },
    { kind: "edges", edges: Array(257).fill(2) },
  ];
  for (const norm of norms) {
    expect([1, 2, 3].map(positionIn({ low: 2, high: 2, norm }))).toEqual([0, 0.5, 1]);
  }
});

test("a category is its entry, however many there are", () => {
  const position = positionIn({ low: 0, high: 0, norm: { kind: "categories" } });
  for (let k = 0; k < 256; k++) expect(Math.floor(position(k) * 256)).toBe(k);
});
