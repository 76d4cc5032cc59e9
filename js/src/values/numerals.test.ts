import fc from "fast-check";
import { describe, expect, test } from "vitest";
import vectors from "../../../tests/data/numerals.json";
import { exactValue, formatValue, ticks } from "./numerals";

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const parse = (text: string) => Number(text.replace("−", "-").replaceAll(",", ""));
const significant = (text: string) => text.replace(/e.*|\D/g, "").replace(/^0+/, "");

describe("formatValue", () => {
  test.each(vectors.values)("shared: $value is $text", ({ value, text }) => {
    expect(formatValue(value)).toBe(text);
  });

  test.each(vectors.integers)("shared: integer $integer is $text", ({ integer, text }) => {
    expect(formatValue(BigInt(integer))).toBe(text);
    if (Number.isSafeInteger(Number(integer))) {
      expect(formatValue(Number(integer), true)).toBe(text);
    }
  });

  test("what is no usual number", () => {
    expect([Number.NaN, Infinity, -Infinity].map((v) => formatValue(v))).toEqual([
      "NaN",
      "+∞",
      "−∞",
    ]);
  });

  test("four digits are as near as four digits can be", () => {
    fc.assert(
      fc.property(finite, (value) => {
        const text = formatValue(value);
        if (value === 0) {
          expect(text).toBe("0");
          return;
        }
        expect(text.startsWith("−")).toBe(value < 0);
        expect(significant(text).replace(/0+$/, "").length).toBeLessThanOrEqual(4);
        expect(text).not.toMatch(/\.\d*0(e|$)/);
        // Below, floats themselves have fewer digits; above, four digits may round to infinity.
        if (Math.abs(value) < 1e-300 || Math.abs(value) > 1e308) return;
        expect(Math.abs(parse(text) - value)).toBeLessThanOrEqual(Math.abs(value) * 5.01e-4);
      }),
    );
  });

  test("a larger value never reads as a smaller one", () => {
    fc.assert(
      fc.property(finite, finite, (a, b) => {
        const [less, more] = a <= b ? [a, b] : [b, a];
        expect(parse(formatValue(less))).toBeLessThanOrEqual(parse(formatValue(more)));
      }),
    );
  });

  test("integers of any length are exact", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n }), (value) => {
        const text = formatValue(value);
        expect(BigInt(text.replace("−", "-").replaceAll(",", ""))).toBe(value);
        expect(text).toMatch(/^−?\d{1,3}(,\d{3})*$/);
      }),
    );
  });
});

describe("exactValue", () => {
  test("float64 and integers come back as they are", () => {
    fc.assert(fc.property(finite, (value) => Number(exactValue(value, false)) === value));
    fc.assert(fc.property(fc.bigInt(), (value) => BigInt(exactValue(value, false)) === value));
  });

  test("float32 comes back as it is, in no more digits than it takes", () => {
    const float32 = fc.float({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(float32, (value) => {
        const text = exactValue(value, true);
        expect(Math.fround(Number(text))).toBe(value === 0 ? 0 : value);
        const digits = significant(text).replace(/0+$/, "").length;
        expect(digits).toBeLessThanOrEqual(9);
        if (digits < 2) return;
        expect(Math.fround(Number(value.toPrecision(digits - 1)))).not.toBe(value);
      }),
    );
  });

  test.each([
    [0.1, "0.1"],
    [1 / 3, "0.33333334"],
    [16777216, "16777216"],
    [3.4028234663852886e38, "3.4028235e+38"],
    [1.401298464324817e-45, "1e-45"],
  ])("float32 of %d is %s", (value, text) => {
    expect(exactValue(Math.fround(value), true)).toBe(text);
  });
});

describe("ticks", () => {
  test.each(vectors.ticks)("shared: $low to $high", ({ low, high, most, values, texts }) => {
    const found = ticks(low, high, most);
    expect(found.map(({ text }) => text)).toEqual(texts);
    found.forEach(({ value }, k) => {
      const wanted = values[k] as number;
      expect(Math.abs(value - wanted)).toBeLessThanOrEqual(Math.abs(wanted) * 1e-12);
    });
  });

  const moderate = fc.oneof(
    fc.double({ min: -1e12, max: 1e12, noNaN: true }),
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.double({ min: -1e-9, max: 1e-9, noNaN: true }),
  );

  test("are few, round and inside", () => {
    fc.assert(
      fc.property(moderate, moderate, fc.integer({ min: 2, max: 12 }), (a, b, most) => {
        fc.pre(a !== b);
        const [low, high] = a < b ? [a, b] : [b, a];
        const found = ticks(low, high, most);
        // Between two of the steps that leave at most two there may be none.
        if (most > 2) expect(found.length).toBeGreaterThanOrEqual(1);
        expect(found.length).toBeLessThanOrEqual(most);
        const slack = (high - low) * 1e-6;
        found.forEach(({ value, text }, k) => {
          expect(value).toBeGreaterThanOrEqual(low - slack);
          expect(value).toBeLessThanOrEqual(high + slack);
          expect(Math.abs(parse(text) - value)).toBeLessThanOrEqual(1e-3 * Math.abs(value) + slack);
          if (k > 0) expect(value).toBeGreaterThan(found[k - 1]?.value as number);
        });
        if (found.length < 3) return;
        expect(new Set(found.map(({ text }) => text)).size).toBe(found.length);
      }),
      {
        examples: [
          [0, 5e-324, 6],
          [0, 3e-323, 6],
          [1e12, 1e12 + 1e-3, 3],
          [99, 101, 2],
          [1.1516210152175788, 1.1516210152175799, 12],
        ],
      },
    );
  });

  test("any limits have some", () => {
    fc.assert(
      fc.property(finite, finite, (a, b) => {
        const found = ticks(Math.min(a, b), Math.max(a, b));
        expect(found.length).toBeGreaterThan(0);
        expect(found.every(({ value }) => Number.isFinite(value))).toBe(true);
      }),
    );
  });
});
