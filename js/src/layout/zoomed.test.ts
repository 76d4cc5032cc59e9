import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { membersOf } from "../values/members";
import type { Label } from "../wire";
import { inSight } from "./axes";
import { type Layout, layout } from "./layout";
import { light } from "./lit";
import { givenOrder } from "./order";
import { outline } from "./outline";
import { type Sight, sightWith } from "./window";
import { layoutThrough } from "./zoomed";

const measure = (text: string) => text.length * 7;

/** A picture of so many layers and components, in groups or numbered. */
function pictureOf(nLayers: number, components: readonly Label[]): Layout {
  const side = (labels: readonly Label[], title: string) => ({ labels, title, sorted: false });
  return layout({
    rows: side([...Array(nLayers).keys()], "layer"),
    columns: side(components, ""),
    title: "a title",
    label: "rms",
    scale: { low: 0, high: 1, norm: { kind: "linear" } },
    note: "",
    legend: [],
    total: "100",
    steps: "",
    size: [null, null],
    room: 700,
    ratio: 1,
    textWidth: 0,
    measure,
  });
}

const grouped = (n: number) =>
  [...Array(n).keys()].map((j) => `${j % 60 < 40 ? `attn${Math.floor(j / 60)}` : "mlp"}.${j}`);
const part = fc.double({ min: 0, max: 1, noNaN: true });
const zoomed = fc
  .record({
    nLayers: fc.integer({ min: 1, max: 3000 }),
    n: fc.integer({ min: 1, max: 900 }),
    named: fc.boolean(),
    level: fc.double({ min: 1, max: 200, noNaN: true }),
    cell: fc.tuple(part, part),
  })
  .map(({ nLayers, n, named, level, cell: [row, column] }) => {
    const whole = pictureOf(nLayers, named ? grouped(n) : [...Array(n).keys()]);
    const sight = sightWith(whole, level, [row * nLayers, column * n], [0, 0]);
    return { whole, sight, place: layoutThrough(whole, sight, measure) };
  });

const holds = (check: (of: { whole: Layout; sight: Sight; place: Layout }) => void) =>
  fc.assert(fc.property(zoomed, check), { numRuns: 60 });

describe("a picture through a window", () => {
  it("has everything else where it was", () => {
    holds(({ whole, place }) => {
      const rest = ({ rows, columns, header, rowLabels, columnLabels, ...others }: Layout) =>
        others;
      expect(rest(place)).toEqual(rest(whole));
      expect([place.rows.pixels, place.columns.pixels]).toEqual([
        whole.rows.pixels,
        whole.columns.pixels,
      ]);
    });
  });

  it("is the same picture when all cells are in sight", () => {
    holds(({ whole }) => {
      const all = layoutThrough(whole, sightWith(whole, 1, [0, 0], [0, 0]), measure);
      expect(all).toEqual(whole);
    });
  });

  it("labels cells that are in sight, and none over another", () => {
    holds(({ place }) => {
      for (const [labels, axis] of [
        [place.rowLabels, place.rows],
        [place.columnLabels, place.columns],
      ] as const) {
        const turned = axis === place.rows || place.turned;
        labels.forEach(({ at, index, text }, k) => {
          const [from, to] = inSight(axis, index);
          expect(to).toBeGreaterThan(from);
          expect(at).toBeGreaterThanOrEqual(0);
          expect(at).toBeLessThanOrEqual(axis.pixels);
          const before = labels[k - 1];
          if (!before) return;
          const size = turned ? 9 : (measure(text) + measure(before.text)) / 2;
          expect(at - before.at).toBeGreaterThanOrEqual(size);
        });
      }
    });
  });

  it("names groups that are in sight, within their room", () => {
    holds(({ place }) => {
      for (const { first, last, name } of place.header.groups) {
        const [from, to] = inSight(place.columns, first, last);
        expect(to).toBeGreaterThan(from);
        if (name !== "…") expect(measure(name)).toBeLessThanOrEqual(to - from);
      }
    });
  });

  it("outlines cells up to the edge, and draws no line along it where they go on", () => {
    const whole = pictureOf(100, [...Array(100).keys()]);
    const place = layoutThrough(whole, sightWith(whole, 4, [50, 50], [0, 0]), measure);
    const order = givenOrder(100);
    const arrangement = { transpose: false, layers: order, components: order };
    const all = outline(
      light(place, arrangement, membersOf(new Uint8Array(1250).fill(255)), null),
      0,
    );
    const numbers = [...all.matchAll(/-?\d+/g)].map(([text]) => Number(text));
    const { pixels } = place.rows;
    expect(numbers).toHaveLength(8);
    for (const at of numbers) expect(at <= 0 || at >= pixels).toBe(true);
    expect(Math.min(...numbers)).toBeLessThan(0);
  });
});
