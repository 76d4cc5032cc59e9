import fc from "fast-check";
import { expect, test } from "vitest";
import type { Scale } from "../values/norms";
import { nextWorst } from "./worst";

const linear: Scale = { low: -2, high: 5, norm: { kind: "linear" } };
const none = new Uint8Array(0);

/** All cells from the worst one on. */
function way(values: Float64Array, holes: Uint8Array, scale: Scale, back = false): number[] {
  const found: number[] = [];
  let at = nextWorst(values, holes, scale, null, back);
  while (at !== null && !found.includes(at)) {
    found.push(at);
    at = nextWorst(values, holes, scale, at, back);
  }
  expect(at).toBe(found[0] ?? null);
  return found;
}

const values = Float64Array.of(0.5, -7, Number.NaN, 7, Infinity, 9, Number.NaN, -Infinity, 0, 3);
const holes = Uint8Array.of(0, 0, 0, 0, 0, 1, 0, 0, 0, 2);

test("from NaN over infinities to the smallest number, and round again", () => {
  expect(way(values, holes, linear)).toEqual([2, 6, 4, 7, 1, 3, 0, 8]);
});

test("back is the same way, from its end", () => {
  expect(way(values, holes, linear, true)).toEqual([8, 0, 3, 1, 7, 4, 6, 2]);
});

test("what has no logarithm comes before what is large", () => {
  const log: Scale = { low: 0.1, high: 9, norm: { kind: "log" } };
  expect(way(values, holes, log)).toEqual([2, 6, 4, 7, 1, 8, 3, 0]);
});

test("with a centre, what is far from it is worse than what is large", () => {
  const scale: Scale = { low: 0, high: 10, norm: { kind: "twoslope", center: 8 } };
  expect(way(Float64Array.of(10, 1, 8, 5), none, scale)).toEqual([1, 3, 0, 2]);
});

test("from a cell that has no value one comes to the worst", () => {
  expect(nextWorst(values, holes, linear, 5, false)).toBe(2);
});

test("categories are not better or worse, and nothing is not either", () => {
  const categories: Scale = { low: 0, high: 3, norm: { kind: "categories" } };
  expect(nextWorst(Uint8Array.of(0, 2, 1), none, categories, null, false)).toBeNull();
  expect(nextWorst(Float64Array.of(1, 2), Uint8Array.of(1, 2), linear, null, false)).toBeNull();
  expect(nextWorst(new Float64Array(0), none, linear, null, false)).toBeNull();
});

test("the way comes by every cell that has a value, once", () => {
  const number = fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(NaN, Infinity, -Infinity),
  );
  const cells = fc.array(fc.tuple(number, fc.constantFrom(0, 0, 1, 2)), { maxLength: 12 });
  fc.assert(
    fc.property(cells, fc.boolean(), (all, back) => {
      const found = way(
        Float64Array.from(all, ([value]) => value),
        Uint8Array.from(all, ([, hole]) => hole),
        linear,
        back,
      );
      const present = [...all.keys()].filter((flat) => all[flat]?.[1] === 0);
      expect(found.sort((a, b) => a - b)).toEqual(present);
    }),
  );
});
