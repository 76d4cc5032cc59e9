import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { axisOf, throughWindow } from "../layout/axes";
import { Kind } from "../values/colors";
import type { Axes, Overview } from "../wire";
import { overBlocks } from "./blocks";

const LAYERS = 12;
const COMPONENTS = 9;
const axes = { layers: Array(LAYERS).fill(0), components: Array(COMPONENTS).fill(0) };
const given = (count: number) => Int32Array.from({ length: count }, (_, k) => k);

const EMPTY = { fetchable: false, counts: [], share: 1, every: 1, estimated: 0 };

/** Blocks of 4 × 3 cells each, shown in so many pixels. */
function shown(code: readonly number[], rows: number, columns: number, transpose = false) {
  const overview: Overview = {
    layers: 4,
    components: 3,
    code: Uint16Array.from(code),
    ...EMPTY,
  };
  const reduced = (count: number, pixels: number) => axisOf(count, pixels / count, pixels, 0, []);
  const [down, across] = transpose ? [COMPONENTS, LAYERS] : [LAYERS, COMPONENTS];
  const arrangement = { transpose, layers: given(LAYERS), components: given(COMPONENTS) };
  const seen = overBlocks(
    { overview, tile: null, reduce: "extreme", axes: axes as unknown as Axes },
    arrangement,
    reduced(down, rows),
    reduced(across, columns),
    128,
  );
  return [...(seen as Uint16Array)];
}

describe("blocks that share a pixel", () => {
  const one = (...code: number[]) => shown([...code, ...Array(12 - code.length).fill(128)], 1, 1);

  test("show the kind that is worst, then what lies farthest from 0", () => {
    expect(one(0, 140)).toEqual([0]);
    expect(one(120, 250, 131)).toEqual([250]);
    expect(one(0, 256 + Kind.UNDER, 255)).toEqual([256 + Kind.UNDER]);
    expect(one(255, 256 + Kind.OVER)).toEqual([256 + Kind.OVER]);
    expect(one(256 + Kind.OVER, 256 + Kind.NAN, 0)).toEqual([256 + Kind.NAN]);
    expect(one(256 + Kind.NEGATIVE_INFINITY, 256 + Kind.POSITIVE_INFINITY)).toEqual([
      256 + Kind.POSITIVE_INFINITY,
    ]);
    expect(one(256 + Kind.ABSENT, 256 + Kind.PENDING)).toEqual([128]);
  });

  test("stand where they are, on either side", () => {
    const codes = Array.from({ length: 12 }, (_, k) => 130 + k);
    expect(shown(codes, 4, 3)).toEqual(codes);
    expect(shown(codes, 2, 3)).toEqual([3, 4, 5, 9, 10, 11].map((k) => 130 + k));
    expect(shown(codes, 3, 4, true)).toEqual(
      [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11].map((k) => 130 + k),
    );
  });

  test("are told from those beside them, however many cells there are", () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 200 }));
    const window = fc.tuple(fc.integer({ min: 2, max: 40 }), fc.float({ min: 0, max: 1 }));
    fc.assert(
      fc.property(sizes, window, fc.infiniteStream(fc.nat(255)), ([blocks, more], at, stream) => {
        const cells = blocks + more;
        const code = Uint16Array.from({ length: blocks }, () => stream.next().value);
        const [pixels, share] = at;
        const all = axisOf(cells, Math.min(1, pixels / cells), Math.min(pixels, cells), 0, []);
        const seenCells = Math.max(all.pixels, Math.ceil(cells * (1 - share * 0.9)));
        const from = Math.floor((cells - seenCells) * share);
        const rows = throughWindow(all, [from, from + seenCells], 0);
        const seen = overBlocks(
          {
            overview: { ...EMPTY, layers: blocks, components: 1, code },
            tile: null,
            reduce: "max",
            axes: { layers: Array(cells), components: [0] } as unknown as Axes,
          },
          { transpose: false, layers: given(cells), components: given(1) },
          rows,
          axisOf(1, 1, 1, 0, []),
          0,
        );
        const expected = new Uint16Array(rows.reduced ? rows.pixels : rows.beyond - rows.first);
        for (let k = rows.first; k < rows.beyond; k++) {
          const place = rows.reduced ? Math.max(0, rows.start(k)) : k - rows.first;
          const of = code[Math.floor((k * blocks) / cells)] as number;
          if (of > (expected[place] as number)) expected[place] = of;
        }
        expect([...(seen as Uint16Array)]).toEqual([...expected]);
      }),
    );
  });

  test("are where a block is larger than a pixel, too", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(255), { minLength: 12, maxLength: 12 }), (codes) => {
        const fine = shown(codes, LAYERS, COMPONENTS);
        fine.forEach((code, at) => {
          const [i, j] = [Math.floor(at / COMPONENTS), at % COMPONENTS];
          expect(code).toBe(codes[Math.floor(i / 3) * 3 + Math.floor(j / 3)]);
        });
      }),
    );
  });
});
