import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Axis } from "../layout/axes";
import { codes, Kind, kindOfCode } from "../values/colors";
import type { Scale } from "../values/norms";
import type { Values } from "../wire";
import { cellPixels, pick, representatives } from "./paint";

const whole = (count: number) => ({ count, gap: 0, first: 0, beyond: count });

/** Cells of any width, with gaps of any width before them. */
const spaced = (count: number): fc.Arbitrary<Axis> =>
  fc
    .array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 4 })), {
      minLength: count,
      maxLength: count,
    })
    .map((sizes) => {
      const start = new Int32Array(count);
      const end = new Int32Array(count);
      let at = 0;
      sizes.forEach(([gap, size], k) => {
        start[k] = at + (k > 0 ? gap : 0);
        at = end[k] = (start[k] as number) + size;
      });
      const pitch = at / Math.max(1, count);
      return {
        ...whole(count),
        pixels: at,
        pitch,
        start: (k) => start[k] ?? 0,
        end: (k) => end[k] ?? 0,
        reduced: false,
      };
    });

/** More cells than pixels, as the layout shares them out. */
const reduced = (count: number): fc.Arbitrary<Axis> =>
  fc.integer({ min: 1, max: count }).map((pixels) => {
    const start = (k: number) => Math.floor((k * pixels) / count);
    const end = (k: number) => start(k) + 1;
    return { ...whole(count), pixels, pitch: pixels / count, start, end, reduced: true };
  });

const axis = (most: number) =>
  fc
    .tuple(fc.integer({ min: 1, max: most }), fc.boolean())
    .chain(([count, small]) => (small ? reduced(count) : spaced(count)));

/** What stands along an axis in an array of codes: its cells, or its pixels. */
const length = (a: Axis) => (a.reduced ? a.pixels : a.count);

/** Which of them covers a pixel; -1 in a gap. */
function covering(a: Axis, pixel: number): number {
  if (a.reduced) return pixel;
  return [...Array(a.count).keys()].findIndex((k) => a.start(k) <= pixel && pixel < a.end(k));
}

describe("cellPixels", () => {
  test("every pixel of a cell has its colour, every other is transparent", () => {
    fc.assert(
      fc.property(axis(7), axis(7), (rows, columns) => {
        const n = length(columns);
        const code = Uint16Array.from({ length: length(rows) * n }, (_, k) => k % 265);
        const palette = Uint32Array.from({ length: 265 }, (_, k) => 0xff000000 + k * 977);
        const pixels = cellPixels(code, palette, rows, columns);
        expect(pixels).toHaveLength(rows.pixels * columns.pixels);
        for (let y = 0; y < rows.pixels; y++) {
          for (let x = 0; x < columns.pixels; x++) {
            const [i, j] = [covering(rows, y), covering(columns, x)];
            const colour = i < 0 || j < 0 ? 0 : palette[code[i * n + j] as number];
            if (pixels[y * columns.pixels + x] !== colour) expect([y, x]).toBe("another colour");
          }
        }
      }),
    );
  });

  test("no cells are no pixels", () => {
    const none: Axis = {
      ...whole(0),
      pixels: 0,
      pitch: 1,
      start: () => 0,
      end: () => 0,
      reduced: false,
    };
    expect(cellPixels(new Uint16Array(0), new Uint32Array(265), none, none)).toHaveLength(0);
  });
});

describe("representatives", () => {
  /** Which kinds a block must show: of the first that are there, the largest |value|. */
  const worst: number[][] = [
    [Kind.NAN],
    [Kind.POSITIVE_INFINITY],
    [Kind.NEGATIVE_INFINITY],
    [Kind.NONPOSITIVE],
    [Kind.FINITE, Kind.UNDER, Kind.OVER],
    [Kind.PENDING],
    [Kind.ABSENT],
  ];

  const log: Scale = { low: 2, high: 5, norm: { kind: "log" } };
  const value = fc.oneof(
    { weight: 8, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-3 }) },
    { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -3) },
  );
  const hole = fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constantFrom(1, 2) },
  );
  const grid = fc.tuple(axis(9), axis(9)).chain(([rows, columns]) => {
    const size = { minLength: rows.count * columns.count, maxLength: rows.count * columns.count };
    return fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      values: fc.array(value, size).map((v) => Float64Array.from(v)),
      holes: fc.array(hole, size).map((h) => Uint8Array.from(h)),
    });
  });

  test("hide nothing remarkable", () => {
    fc.assert(
      fc.property(grid, ({ rows, columns, values, holes }) => {
        const code = codes(values, holes, log);
        const chosen = representatives(values, code, rows, columns);
        if (!rows.reduced && !columns.reduced) {
          expect(chosen).toBeNull();
          return;
        }
        const n = length(columns);
        const blocks = Array.from({ length: length(rows) * n }, (): number[] => []);
        values.forEach((_, flat) => {
          const i = Math.floor(flat / columns.count);
          const j = flat % columns.count;
          const y = rows.reduced ? rows.start(i) : i;
          const x = columns.reduced ? columns.start(j) : j;
          blocks[y * n + x]?.push(flat);
        });
        expect(chosen).toHaveLength(blocks.length);
        blocks.forEach((block, k) => {
          const shown = chosen?.[k] as number;
          expect(block).toContain(shown);
          const among = (kinds: number[]) => (flat: number) =>
            kinds.includes(kindOfCode(code[flat] as number));
          const first = worst.find((kinds) => block.some(among(kinds))) as number[];
          expect(among(first)(shown)).toBe(true);
          if (!first.includes(Kind.FINITE)) return;
          const sizes = block.filter(among(first)).map((flat) => Math.abs(values[flat] as number));
          expect(Math.abs(values[shown] as number)).toBe(Math.max(...sizes));
        });
      }),
    );
  });

  const line = (count: number, pixels: number): Axis => ({
    ...whole(count),
    pixels,
    pitch: pixels / count,
    start: (k) => Math.floor((k * pixels) / count),
    end: (k) => Math.floor((k * pixels) / count) + 1,
    reduced: pixels < count,
  });
  const linear: Scale = { low: -9, high: 4, norm: { kind: "linear" } };
  const chosenOf = (values: Values, holes: Uint8Array = new Uint8Array(0)) => {
    const code = codes(values, holes, linear);
    return [...(representatives(values, code, line(1, 1), line(values.length, 2)) ?? [])];
  };

  test("a large negative value stands before a small positive one", () => {
    expect(chosenOf(Float32Array.of(1, -9, 3, 4, 5, -2))).toEqual([1, 4]);
  });

  test("beyond the limits a value is as large as it is", () => {
    expect(chosenOf(Float32Array.of(-8, -11, 3, 4, 99, -12))).toEqual([1, 4]);
  });

  test("integers of 64 bits too", () => {
    expect(chosenOf(BigInt64Array.of(1n, -9n, 3n, 4n))).toEqual([1, 3]);
  });

  test("an absent cell hides no value, whatever number lies under it", () => {
    const holes = Uint8Array.of(1, 0, 1, 2);
    expect(chosenOf(Float64Array.of(9e9, 0, Number.NaN, 0), holes)).toEqual([1, 3]);
  });

  test("their codes are those that are painted", () => {
    const values = Float64Array.of(1, -9, Number.NaN, 4);
    const code = codes(values, new Uint8Array(0), linear);
    const chosen = representatives(values, code, line(1, 1), line(4, 2));
    expect([...pick(code, chosen)]).toEqual([0, 256 + Kind.NAN]);
    expect(pick(code, null)).toBe(code);
  });

  test("the least, the largest and the mean hide no NaN either", () => {
    const values = Float64Array.of(1, -9, 4, 5, Number.NaN, 8, 2, 2);
    const code = codes(values, new Uint8Array(0), linear);
    const by = (rule: "min" | "max" | "mean", ...sums: number[][]) => [
      ...(representatives(values, code, line(1, 1), line(8, 4), rule, ...sums) ?? []),
    ];
    expect(by("min")).toEqual([1, 2, 4, 6]);
    expect(by("max")).toEqual([0, 3, 4, 6]);
    const [total, count]: [number[], number[]] = [[], []];
    expect(by("mean", total, count)[2]).toBe(4);
    expect([total, count]).toEqual([
      [-8, 9, 8, 4],
      [2, 2, 1, 2],
    ]);
  });
});
