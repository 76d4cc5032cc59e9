import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bitsOf } from "../testing";
import { membersOf } from "../values/members";
import { type Axis, axisOf, inSight, throughWindow } from "./axes";
import { light } from "./lit";
import { type Arrangement, flatAt } from "./order";
import type { Area } from "./place";

/** An axis of a few cells or of many to a pixel, all of it or a part. */
const axis = (count: number) =>
  fc
    .tuple(fc.boolean(), fc.double({ min: 0, max: 0.99, noNaN: true }), fc.boolean())
    .map(([small, at, all]): Axis => {
      const whole = small ? axisOf(count, 0.4, 1, 0, []) : axisOf(count, 5, 999, 1, []);
      const length = all ? count : Math.max(1, count * 0.4);
      const from = at * (count - length);
      return throughWindow(whole, [from, from + length], all ? whole.gap : 0);
    });

const order = (n: number) =>
  fc.oneof(
    fc.constant([...Array(n).keys()]),
    fc.shuffledSubarray([...Array(n).keys()], { minLength: n, maxLength: n }),
  );

const scene = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.boolean())
  .chain(([nLayers, nComponents, transpose]) => {
    const [nR, nC] = transpose ? [nComponents, nLayers] : [nLayers, nComponents];
    const span = (n: number) =>
      fc.tuple(fc.nat(n - 1), fc.nat(n - 1)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
    return fc.record({
      arrangement: fc
        .tuple(order(nLayers), order(nComponents))
        .map(([layers, components]): Arrangement => {
          return {
            transpose,
            layers: Int32Array.from(layers),
            components: Int32Array.from(components),
          };
        }),
      rows: axis(nR),
      columns: axis(nC),
      flags: fc.array(fc.constantFrom(0, 0, 1), {
        minLength: nLayers * nComponents,
        maxLength: nLayers * nComponents,
      }),
      area: fc.option(
        fc.tuple(span(nR), span(nC)).map(([down, across]) => {
          return [down[0], across[0], down[1], across[1]] as unknown as Area;
        }),
      ),
    });
  });

describe("light", () => {
  it("lights the places in sight that any of the cells has, whatever stands where", () =>
    fc.assert(
      fc.property(scene, ({ arrangement, rows, columns, flags, area }) => {
        const seen = light({ rows, columns }, arrangement, membersOf(bitsOf(flags)), area);
        const wanted = new Set<string>();
        const meant = (i: number, j: number) =>
          flags[flatAt(arrangement, [i, j])] === 1 ||
          (area && i >= area[0] && j >= area[1] && i <= area[2] && j <= area[3]);
        for (let i = rows.first; i < rows.beyond; i++) {
          for (let j = columns.first; j < columns.beyond; j++) {
            if (meant(i, j)) wanted.add(String([...inSight(rows, i), ...inSight(columns, j)]));
          }
        }
        const found = new Set<string>();
        const clip = (at: number, { pixels }: Axis) => Math.max(0, Math.min(pixels, at));
        for (let y = 0; y < seen.rows.count; y++) {
          for (let x = 0; x < seen.columns.count; x++) {
            if (!seen.lit[y * seen.columns.count + x]) continue;
            const box = [
              clip(seen.rows.start(y), rows),
              clip(seen.rows.end(y), rows),
              clip(seen.columns.start(x), columns),
              clip(seen.columns.end(x), columns),
            ] as const;
            // Beside the window there is one more.
            if (box[0] < box[1] && box[2] < box[3]) found.add(String(box));
          }
        }
        expect(found).toEqual(wanted);
      }),
      { numRuns: 500 },
    ));
});
