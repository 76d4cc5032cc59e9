import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Axis, axisOf, throughWindow } from "../layout/axes";
import { Kind } from "../values/colors";
import type { Axes, Overview, Rect, Tile } from "../wire";
import { overBlocks, placesIn } from "./blocks";

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

  test("lie under those of a tile, wherever it is and however fine", () => {
    /** Along an axis: cells and pixels, what is in sight, the tile; blocks of all and of the tile. */
    const along = fc
      .record({
        cells: fc.integer({ min: 4, max: 60 }),
        pixels: fc.integer({ min: 2, max: 40 }),
        shares: fc.tuple(...Array(4).fill(fc.float({ min: 0, max: 1, noNaN: true }))),
        finest: fc.boolean(),
      })
      .map(({ cells, pixels, shares: [a, b, c, d], finest }) => {
        const all = axisOf(cells, Math.min(1, pixels / cells), Math.min(pixels, cells), 0, []);
        const size = Math.max(all.pixels, Math.ceil(cells * (a as number)));
        const from = Math.floor((cells - size) * (b as number));
        const first = Math.floor((cells - 1) * (c as number));
        const last = first + Math.floor((cells - 1 - first) * (d as number));
        const tiles = finest ? last - first + 1 : Math.ceil((last - first + 1) / 2);
        const axis = throughWindow(all, [from, from + size], 0);
        return { axis, cells, blocks: Math.ceil(cells / 3), first, last, tiles };
      });
    const place = (axis: Axis, k: number) =>
      axis.reduced ? Math.max(0, axis.start(k)) : k - axis.first;
    fc.assert(
      fc.property(along, along, fc.infiniteStream(fc.nat(255)), (down, across, stream) => {
        const some = (count: number) =>
          Uint16Array.from({ length: count }, () => stream.next().value);
        const code = some(down.blocks * across.blocks);
        const finer = some(down.tiles * across.tiles);
        const rect: Rect = [down.first, across.first, down.last, across.last];
        const tile = { rect, layers: down.tiles, components: across.tiles, code: finer };
        const seen = overBlocks(
          {
            overview: { ...EMPTY, layers: down.blocks, components: across.blocks, code },
            tile: tile as Tile,
            reduce: "max",
            axes: {
              layers: Array(down.cells),
              components: Array(across.cells),
            } as unknown as Axes,
          },
          { transpose: false, layers: given(down.cells), components: given(across.cells) },
          down.axis,
          across.axis,
          0,
        );
        const width = placesIn(across.axis);
        const expected = new Uint16Array(placesIn(down.axis) * width);
        const lay = (codes: Uint16Array, rows: number, columns: number, [i0, j0, i1, j1]: Rect) => {
          const largest = new Map<number, number>();
          for (
            let i = Math.max(i0, down.axis.first);
            i <= Math.min(i1, down.axis.beyond - 1);
            i++
          ) {
            const row = Math.floor(((i - i0) * rows) / (i1 - i0 + 1)) * columns;
            for (
              let j = Math.max(j0, across.axis.first);
              j <= Math.min(j1, across.axis.beyond - 1);
              j++
            ) {
              const of = codes[row + Math.floor(((j - j0) * columns) / (j1 - j0 + 1))] as number;
              const at = place(down.axis, i) * width + place(across.axis, j);
              largest.set(at, Math.max(of, largest.get(at) ?? 0));
            }
          }
          for (const [at, of] of largest) expected[at] = of;
        };
        lay(code, down.blocks, across.blocks, [0, 0, down.cells - 1, across.cells - 1]);
        lay(finer, down.tiles, across.tiles, rect);
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
