import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { apply } from "../model/commands";
import { flatsOf, runsOf } from "../testing";
import { runsIn } from "../values/runs";
import { type Arrangement, flatAt, rectsOf, sidesOf, spotOf, toScreen } from "./order";
import type { Area, Spot } from "./place";

const shuffled = (n: number) =>
  fc
    .shuffledSubarray([...Array(n).keys()], { minLength: n, maxLength: n })
    .map((order) => Int32Array.from(order));

/** Any arrangement of a grid that has cells, and an area of its screen. */
const arranged = fc
  .record({
    transpose: fc.boolean(),
    layers: fc.integer({ min: 1, max: 6 }).chain(shuffled),
    components: fc.integer({ min: 1, max: 6 }).chain(shuffled),
  })
  .chain((arrangement: Arrangement) => {
    const { transpose, layers, components } = arrangement;
    const [rows, columns] = transpose ? [components, layers] : [layers, components];
    const span = (n: number) =>
      fc.tuple(fc.nat(n - 1), fc.nat(n - 1)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
    return fc.tuple(span(rows.length), span(columns.length)).map(([down, across]) => ({
      arrangement,
      rows: rows.length,
      columns: columns.length,
      area: [down[0], across[0], down[1], across[1]] as unknown as Area,
    }));
  });

function spotsIn([top, left, bottom, right]: Area): Spot[] {
  const spots: Spot[] = [];
  for (let i = top; i <= bottom; i++) for (let j = left; j <= right; j++) spots.push([i, j]);
  return spots;
}

test("layers run down or across, in the order that is asked for", () => {
  const [layers, components] = [Int32Array.of(2, 0, 1), Int32Array.of(1, 0)];
  const down = { transpose: false, layers, components };
  const across = { transpose: true, layers, components };
  expect(flatAt(down, [0, 1])).toBe(2 * 2 + 0);
  expect(flatAt(across, [1, 0])).toBe(2 * 2 + 0);
  expect(toScreen(down, Uint8Array.of(0, 1, 2, 3, 4, 5))).toEqual(Uint8Array.of(5, 4, 1, 0, 3, 2));
  expect(toScreen(across, [..."abcdef"])).toEqual([..."fbdeac"]);
  expect(rectsOf(down, [0, 0, 1, 0])).toEqual([
    [0, 1, 0, 1],
    [2, 1, 2, 1],
  ]);
});

describe("any arrangement", () => {
  test("puts every cell somewhere, and finds it there", () =>
    fc.assert(
      fc.property(arranged, ({ arrangement, rows, columns }) => {
        const flats = spotsIn([0, 0, rows - 1, columns - 1]).map((spot) => {
          const flat = flatAt(arrangement, spot);
          expect(spotOf(arrangement, flat)).toEqual(spot);
          return flat;
        });
        expect(toScreen(arrangement, Uint8Array.from(flats.keys()))).toEqual(
          Uint8Array.from(flats),
        );
        expect(new Set(flats).size).toBe(rows * columns);
      }),
    ));

  test("says an area in rectangles of exactly its cells, none of them twice", () =>
    fc.assert(
      fc.property(arranged, ({ arrangement, area }) => {
        const rects = rectsOf(arrangement, area);
        const n = arrangement.components.length;
        const cells = spotsIn(area).map((spot) => flatAt(arrangement, spot));
        expect(flatsOf(runsIn(rects, n)).sort((a, b) => a - b)).toEqual(
          cells.sort((a, b) => a - b),
        );
        const sizes = rects.map(([i0, j0, i1, j1]) => (i1 - i0 + 1) * (j1 - j0 + 1));
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(cells.length);
        expect(apply(runsOf(cells), { op: "remove", rects }, n)).toEqual([]);
      }),
    ));
});

test("in the given order nothing is moved or copied", () => {
  const given = { transpose: false, layers: Int32Array.of(0, 1), components: Int32Array.of(0, 1) };
  const cells = Float64Array.of(1, 2, 3, 4);
  expect(toScreen(given, cells)).toBe(cells);
  const none = new Uint8Array(0);
  expect(toScreen({ ...given, transpose: true }, none)).toBe(none);
});

test("labels go with their cells, and titles with their axis", () => {
  const arrangement = {
    transpose: true,
    layers: Int32Array.of(1, 0),
    components: Int32Array.of(0, 2, 1),
  };
  const axes = { id: 0, layers: ["a", "b"], components: [5, 6, 7], steps: null };
  expect(sidesOf(arrangement, { ...axes, titles: [null, null] })).toEqual({
    rows: { labels: [5, 7, 6], title: "component", sorted: true },
    columns: { labels: ["b", "a"], title: "layer", sorted: true },
  });
  const named = { ...axes, components: ["q", "k", "v"], titles: ["block", null] as [string, null] };
  expect(sidesOf(arrangement, named)).toMatchObject({
    rows: { title: "" },
    columns: { title: "block" },
  });
});
