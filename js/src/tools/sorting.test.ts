import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Frame, GIVEN, isSorted, type SortKey, sortedOrder, UNSORTED } from "./sorting";

// 4 layers × 3 components; the last two cells: absent, pending.
const frame: Frame = {
  values: Float64Array.of(0.5, -1.25, 2, Number.NaN, Infinity, -Infinity, 7, 0, 1.5, 4, 99, 99),
  holes: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2),
  layers: 4,
  components: 3,
};
const order = (axis: "layers" | "components", key: SortKey, of = frame) => [
  ...sortedOrder(axis, key, of),
];

test("the largest comes first, and what has no finite value last", () => {
  expect(order("layers", { by: "maximum" })).toEqual([2, 3, 0, 1]);
  expect(order("layers", { by: "mean" })).toEqual([3, 2, 0, 1]);
  expect(order("components", { by: "maximum" })).toEqual([0, 2, 1]);
});

test("one component orders the layers, one layer the components", () => {
  expect(order("layers", { by: "value", at: 1 })).toEqual([2, 0, 1, 3]);
  expect(order("components", { by: "value", at: 0 })).toEqual([2, 0, 1]);
  expect(order("components", { by: "value", at: 1 })).toEqual([0, 1, 2]);
});

test("the given order is one of them", () => {
  expect(order("layers", GIVEN)).toEqual([0, 1, 2, 3]);
  expect(isSorted(UNSORTED)).toBe(false);
  expect(isSorted({ ...UNSORTED, components: { by: "mean" } })).toBe(true);
});

test("numbers as large as there are do not become infinite", () => {
  const values = Float64Array.of(1e308, 1.7e308, 1.7e308, 1.7e308);
  const large = { values, holes: new Uint8Array(0), layers: 2, components: 2 };
  expect(order("layers", { by: "mean" }, large)).toEqual([1, 0]);
});

test("integers are compared as they are", () => {
  const values = BigInt64Array.of(1n, 3n, -2n, 2n);
  const whole = { values, holes: new Uint8Array(0), layers: 2, components: 2 };
  expect(order("components", { by: "maximum" }, whole)).toEqual([1, 0]);
});

describe("whatever is in the cells", () => {
  const any = fc.integer({ min: 1, max: 6 }).chain((layers) =>
    fc.integer({ min: 1, max: 6 }).chain((components) =>
      fc.record({
        layers: fc.constant(layers),
        components: fc.constant(components),
        values: fc
          .array(
            fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(NaN, Infinity, -Infinity)),
            {
              minLength: layers * components,
              maxLength: layers * components,
            },
          )
          .map((values) => Float64Array.from(values)),
        holes: fc.constant(new Uint8Array(0)),
      }),
    ),
  );

  test("each index stands once, and equals stand as they were given", () =>
    fc.assert(
      fc.property(any, fc.nat(5), (of, at) => {
        const at_ = at % of.components;
        const found = order("layers", { by: "value", at: at_ }, of);
        const score = (layer: number) => {
          const value = of.values[layer * of.components + at_] as number;
          return Number.isFinite(value) ? value : Number.NEGATIVE_INFINITY;
        };
        expect([...found].sort()).toEqual([...Array(of.layers).keys()]);
        for (const [k, layer] of found.entries()) {
          const next = found[k + 1];
          if (next === undefined) continue;
          expect(score(layer)).toBeGreaterThanOrEqual(score(next));
          if (score(layer) === score(next)) expect(layer).toBeLessThan(next);
        }
      }),
    ));
});
