import fc from "fast-check";
import { describe, expect, it } from "vitest";
// The same cases as in `tests/test_picture_layout.py`.
import vectors from "../../../tests/data/layout.json";
import { scaleOf } from "../values/norms";
import type { Label } from "../wire";
import { type Axis, cellAt } from "./axes";
import { distinct, header, isNumbered, shorten, thin } from "./labels";
import { type Layout, type LayoutInput, layout } from "./layout";
import { type Arrangement, givenOrder, sidesOf } from "./order";
import { targetAt } from "./place";

const measure = (text: string) => 7 * Array.from(text).length;

const labelsOf = (spec: number | Label[]): Label[] =>
  typeof spec === "number" ? [...Array(spec).keys()] : spec;

/** What a case gives; everything but the labels has a usual value. */
type Spec = Partial<Omit<LayoutInput, "rows" | "columns" | "measure" | "scale">> & {
  limits?: readonly [number, number];
  layers: number | Label[];
  components: number | Label[];
  titles?: [string | null, string | null];
  transpose?: boolean;
  categories?: boolean;
};

function inputOf(spec: Spec): LayoutInput {
  const [layers, components] = [labelsOf(spec.layers), labelsOf(spec.components)];
  const arrangement: Arrangement = {
    transpose: spec.transpose ?? false,
    layers: givenOrder(layers.length),
    components: givenOrder(components.length),
  };
  const titles = spec.titles ?? [null, null];
  return {
    ...sidesOf(arrangement, { id: 0, layers, components, steps: null, titles }),
    title: spec.title ?? "",
    label: spec.label ?? "",
    scale: scaleOf({
      limits: spec.limits ?? [0, 1],
      norm: { kind: spec.categories ? "categories" : "linear" },
    }),
    room: spec.room ?? 700,
    size: spec.size ?? [null, null],
    ratio: spec.ratio ?? 1,
    textWidth: spec.textWidth ?? 0,
    legend: spec.legend ?? [],
    total: spec.total ?? "",
    note: spec.note ?? "",
    steps: spec.steps ?? "",
    pitch: spec.pitch ?? null,
    bar: spec.bar ?? true,
    measure,
  };
}

const round = (x: number) => Number(x.toFixed(6)) + 0;
const box = ({ x, y, w, h }: Layout["cells"]) => [x, y, w, h].map(round);
const axis = ({ count, pixels, pitch, reduced, start, end }: Axis) => ({
  pixels,
  pitch: round(pitch),
  reduced,
  gap: count > 1 && !reduced ? start(1) - end(0) : 0,
});
const labels = (placed: Layout["rowLabels"]) =>
  placed.map(({ index, at, text }) => [index, round(at), text]);

function summary(place: Layout) {
  return {
    rows: axis(place.rows),
    columns: axis(place.columns),
    cells: box(place.cells),
    below: place.below,
    turned: place.turned,
    groups: place.header.groups.map((group) => group.name),
    rowLabels: labels(place.rowLabels),
    columnLabels: labels(place.columnLabels),
    title: place.title,
    label: place.bar?.label ?? "",
    titles: [place.titles.row, place.titles.column],
    y: [place.groupY, place.columnY, place.columnTitleY, place.statusY].map(round),
    bar: place.bar && box(place.bar),
    vertical: place.bar?.vertical ?? null,
    labelX: place.bar && round(place.bar.labelX),
    ticks: place.bar?.ticks.map(({ text, at }) => [text, round(at)]) ?? [],
    legend: place.legend && { box: box(place.legend), names: place.legend.names },
    scrubber: place.scrubber && { box: box(place.scrubber), beside: place.scrubber.beside },
    size: [place.width, place.height],
  };
}

describe("as in Python", () => {
  it.each(vectors.header)("header $components", ({ components, groups, short, breaks }) => {
    const found = header(components);
    expect(found.groups.map(({ name, first, last }) => [name, first, last])).toEqual(groups);
    expect(found.short).toEqual(short);
    expect(found.breaks).toEqual(breaks);
  });
  it.each(vectors.thin)("thin $n at $pitch", ({ n, pitch, size, numbered, shown }) => {
    expect(thin(n, pitch, size, numbered)).toEqual(shown);
  });
  it.each(vectors.distinct)("distinct $texts", ({ texts, room, distinct: told }) => {
    expect(distinct(texts, room, measure)).toEqual(told);
  });

  it.each(vectors.shorten)("shorten $text", ({ text, room, short }) => {
    expect(shorten(text, room, measure)).toBe(short);
  });
  it.each(vectors.layouts)("layout $layers × $components", ({ layout: expected, ...spec }) => {
    expect(summary(layout(inputOf(spec as Spec)))).toEqual(expected);
  });
});

// ── what always holds ──────────────────────────────────────────────────────────────────────────

const anyLabels = fc.oneof(
  fc.integer({ min: 1, max: 140 }).map((n): Label[] => [...Array(n).keys()]),
  fc.uniqueArray(fc.stringMatching(/^(attn|mlp|a_long_name)?\.?[a-z_]{1,12}$/), {
    minLength: 1,
    maxLength: 60,
  }) as fc.Arbitrary<Label[]>,
);

const anyInput: fc.Arbitrary<LayoutInput> = fc
  .record({
    layers: anyLabels,
    components: anyLabels,
    title: fc.constantFrom("", "a title"),
    label: fc.constantFrom("", "rms", "a label that is much longer than any bar could be"),
    limits: fc.constantFrom([0, 1], [0.11, 0.13], [-3e-9, 1e-9], [2, 2], [0, 1e7]),
    room: fc.integer({ min: 300, max: 1200 }),
    size: fc.tuple(
      fc.option(fc.integer({ min: 60, max: 900 })),
      fc.option(fc.integer({ min: 300, max: 900 })),
    ),
    ratio: fc.constantFrom(0.5, 1, 1.25, 1.5, 2, 3),
    textWidth: fc.constantFrom(0, 30),
    transpose: fc.boolean(),
    legend: fc.constantFrom(
      [],
      ["NaN", "below 0.11"],
      Array.from({ length: 30 }, (_, k) => `category ${k}`),
    ),
    total: fc.constantFrom("80", "1,000,000"),
    note: fc.constantFrom("", "", "no finite values"),
    steps: fc.constantFrom("", "step 1200 of 2000"),
    categories: fc.boolean(),
    bar: fc.boolean(),
  })
  .map((spec) => inputOf(spec as Spec));

/** A grid of layers of a transformer. */
const usual = (other: Partial<Spec> = {}) =>
  layout(inputOf({ layers: 36, components: ["q", "k", "v", "up", "down"], ...other }));

const holds = (check: (place: Layout, input: LayoutInput) => void) =>
  fc.assert(fc.property(anyInput, (input) => check(layout(input), input)));

describe("layout", () => {
  it("has equal cells, in order, side by side, inside", () =>
    holds(({ rows, columns, cells, ratio }) => {
      for (const [{ start, end, pixels, reduced, count }, size] of [
        [rows, cells.h],
        [columns, cells.w],
      ] as const) {
        expect(size).toBeCloseTo(pixels / ratio);
        expect(start(0)).toBe(0);
        expect(end(count - 1)).toBe(pixels);
        for (let k = 0; k < count; k++) {
          expect(end(k)).toBeGreaterThan(start(k));
          if (!reduced) expect(end(k) - start(k)).toBe(end(0));
          if (!reduced && k > 0) expect(start(k)).toBeGreaterThanOrEqual(end(k - 1));
        }
      }
    }));

  it("keeps everything inside of the picture and the cells inside of the room", () =>
    holds((place, input) => {
      const { cells, bar, width, height, rowLabels, columnLabels, turned } = place;
      expect(cells.x).toBeGreaterThan(0);
      expect(cells.y).toBeGreaterThan(0);
      expect(cells.x + cells.w).toBeLessThanOrEqual(
        Math.max(input.size[1] ?? input.room, cells.x + 40),
      );
      for (const b of [cells, bar, place.legend, place.scrubber]) {
        if (!b) continue;
        expect(b.x + b.w).toBeLessThanOrEqual(width);
        expect(b.y + b.h).toBeLessThanOrEqual(height);
      }
      for (const tick of bar?.ticks ?? []) {
        if (!bar) continue;
        expect(tick.at).toBeGreaterThanOrEqual(-1e-6);
        expect(tick.at).toBeLessThanOrEqual(1 + 1e-6);
        if (bar.vertical) expect(bar.x + bar.w + 7 + measure(tick.text)).toBeLessThanOrEqual(width);
        else {
          expect(bar.x + bar.w * tick.at - measure(tick.text) / 2).toBeGreaterThanOrEqual(0);
          expect(bar.x + bar.w * tick.at + measure(tick.text) / 2).toBeLessThanOrEqual(width);
        }
      }
      for (const { text } of rowLabels) expect(measure(text) + 12).toBeLessThanOrEqual(cells.x);
      for (const { at, text } of columnLabels) {
        const half = (turned ? 12 : measure(text)) / 2;
        expect(cells.x + at + half).toBeLessThanOrEqual(width);
        expect(cells.x + at - half).toBeGreaterThanOrEqual(0);
      }
    }));

  it("never lets labels overlap, and always shows the first and the last if both fit", () =>
    holds(({ rowLabels, columnLabels, rows, columns, ratio, turned }) => {
      const sizes = [
        { labels: rowLabels, axis: rows, size: () => 9 },
        { labels: columnLabels, axis: columns, size: turned ? () => 9 : measure },
      ];
      for (const { labels: shown, axis: along, size } of sizes) {
        expect(shown[0]?.index).toBe(0);
        // A pixel's rounding apart.
        for (const [k, { at, text }] of shown.entries()) {
          const before = shown[k - 1];
          if (!before) continue;
          expect(at - before.at).toBeGreaterThan((size(text) + size(before.text)) / 2 + 1);
        }
        const longest = Math.max(...shown.map(({ text }) => size(text)));
        if ((along.pitch / ratio) * (along.count - 1) >= longest + 4) {
          expect(shown[shown.length - 1]?.index).toBe(along.count - 1);
        }
      }
    }));

  it("finds under the pointer the cell that is there", () =>
    holds((place, input) => {
      const { rows, columns, cells, ratio } = place;
      for (const [along, count] of [
        [rows, input.rows.labels.length],
        [columns, input.columns.labels.length],
      ] as const) {
        for (let k = 0; k < count; k++) {
          const start = along.start(k);
          const last = along.end(k) - 1;
          for (const at of [start, start + 0.5, last]) {
            const found = cellAt(along, at);
            if (!along.reduced) expect(found).toBe(k);
            // Several cells share a pixel: it is one of them.
            else expect(along.start(found)).toBe(Math.floor(at));
          }
        }
        expect(cellAt(along, -50)).toBe(0);
        expect(cellAt(along, along.pixels + 50)).toBe(count - 1);
      }
      const [x, y] = [cells.x + 0.01 / ratio, cells.y + 0.01 / ratio];
      expect(targetAt(place, x, y)).toEqual({ part: "cell", row: 0, column: 0 });
      expect(targetAt(place, cells.x - 9, y)).toEqual({ part: "row", row: 0 });
    }));

  it("keeps an asked-for height where there is room for it", () =>
    fc.assert(
      fc.property(anyInput, fc.integer({ min: 380, max: 900 }), (input, height) => {
        const place = layout({ ...input, size: [height, input.size[1]] });
        expect(place.height).toBeLessThanOrEqual(height + 1);
      }),
    ));
});

describe("beside and under the cells", () => {
  it("moves no cell when kinds of cells come and go", () =>
    fc.assert(
      fc.property(anyInput, fc.subarray(["NaN", "+∞", "no logarithm (≤ 0)"]), (input, legend) => {
        const numbers = { ...input, scale: { low: 0, high: 1, norm: { kind: "linear" } as const } };
        const size = [null, input.size[1]] as const;
        const before = layout({ ...numbers, size, legend: [] });
        const after = layout({ ...numbers, size, legend });
        expect(after.cells).toEqual(before.cells);
        expect(after.bar && box(after.bar)).toEqual(before.bar && box(before.bar));
        expect(after.scrubber?.x).toBe(before.scrubber?.x);
      }),
    ));

  it("takes a cell pitch from elsewhere", () => {
    const { rows, columns, cells } = usual({ pitch: [31, 9] });
    expect([columns.pitch, rows.pitch]).toEqual([31, 9]);
    expect(cells.h).toBe(36 * 9 - 1);
  });

  it("leaves the bar out, and keeps no room for it", () => {
    const [with_, without] = [usual(), usual({ bar: false })];
    expect(without.bar).toBeNull();
    expect(without.edge).toBe(without.cells.x + without.cells.w);
    expect(without.width).toBeLessThan(with_.width);
  });

  it("has no bar for categories", () => {
    expect(usual({ categories: true, legend: ["a", "b"] }).bar).toBeNull();
  });
});

describe("thin", () => {
  it("shows evenly spaced labels", () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3000 }),
        fc.double({ min: 0.1, max: 60, noNaN: true }),
        fc.integer({ min: 5, max: 90 }),
        fc.boolean(),
        (n, pitch, size, numbered) => {
          const shown = thin(n, pitch, size, numbered);
          expect(shown[0]).toBe(0);
          const gaps = shown.slice(1).map((k, i) => k - (shown[i] as number));
          for (const gap of gaps) expect(gap * pitch).toBeGreaterThanOrEqual(size + 4);
          expect(new Set(gaps.slice(0, -1)).size).toBeLessThanOrEqual(1);
        },
      ),
    ));
});

it("isNumbered is for whole numbers only", () => {
  expect(isNumbered([0, 1, 2])).toBe(true);
  expect(isNumbered([0, 1.5])).toBe(false);
  expect(isNumbered([true, false])).toBe(false);
  expect(isNumbered(["0", "1"])).toBe(false);
});
