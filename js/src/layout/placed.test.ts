import fc from "fast-check";
import { expect, test } from "vitest";
import { layout } from "./layout";
import { type Arrangement, spotOf } from "./order";
import { boxOf } from "./place";
import { placedOf } from "./placed";

const COMPONENTS = ["attn.q", "attn.k", "mlp.up"];

function placeOf({ transpose, layers, components }: Arrangement, ratio: number) {
  const down = { labels: [...layers], title: "layer", sorted: false };
  const across = {
    labels: [...components].map((j) => COMPONENTS[j] ?? j),
    title: "",
    sorted: false,
  };
  return layout({
    rows: transpose ? across : down,
    columns: transpose ? down : across,
    title: "",
    label: "",
    scale: { low: 0, high: 1, norm: { kind: "linear" } },
    note: "",
    legend: [],
    total: "100",
    steps: "",
    size: [null, null],
    room: 700,
    ratio,
    textWidth: 0,
    measure: (text) => text.length * 7,
  });
}

const order = (n: number) =>
  fc.shuffledSubarray([...Array(n).keys()], { minLength: n }).map((o) => Int32Array.from(o));
const arrangements = fc.record({
  transpose: fc.boolean(),
  layers: fc.integer({ min: 1, max: 50 }).chain(order),
  components: order(3),
});

test("what is told is the middle of every cell, whatever the order and the orientation", () => {
  fc.assert(
    fc.property(arrangements, fc.constantFrom(1, 1.5, 2), (arrangement, ratio) => {
      const place = placeOf(arrangement, ratio);
      const { cells, layers, components, transpose, cell } = placedOf(place, arrangement, 900);
      expect(transpose).toBe(arrangement.transpose);
      for (let i = 0; i < layers.length; i++) {
        for (let j = 0; j < components.length; j++) {
          const box = boxOf(place, spotOf(arrangement, i * components.length + j));
          const middle = [layers[i] as number, components[j] as number];
          const [y, x] = (transpose ? middle.reverse() : middle) as [number, number];
          expect(cells[0] + x).toBeCloseTo(box.x + box.w / 2, 1);
          expect(cells[1] + y).toBeCloseTo(box.y + box.h / 2, 1);
          expect(cell[0]).toBeCloseTo(box.w, 1);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("of a long axis nothing is told cell by cell", () => {
  const [layers, components] = [1025, 3].map((n) => Int32Array.from({ length: n }, (_, k) => k));
  const arrangement = { transpose: false, layers, components } as Arrangement;
  const told = placedOf(placeOf(arrangement, 1), arrangement, 900);
  expect([told.layers.length, told.components.length]).toEqual([0, 3]);
});
