import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bitsOf } from "../testing";
import { membersOf } from "../values/members";
import type { Axis } from "./axes";
import { light } from "./lit";
import { givenOrder } from "./order";
import { outline } from "./outline";

/** Cells three pixels wide and one apart, or so many to a pixel. */
function axisOf(count: number, reducedTo = 0): Axis {
  const start = (k: number) => (reducedTo ? Math.floor((k * reducedTo) / count) : 4 * k);
  return {
    count,
    pixels: reducedTo || 4 * count - 1,
    pitch: reducedTo ? reducedTo / count : 4,
    start,
    end: (k) => start(k) + (reducedTo ? 1 : 3),
    reduced: reducedTo > 0,
    gap: reducedTo ? 0 : 1,
    first: 0,
    beyond: count,
  };
}

function outlineOf(flags: readonly number[], rows: Axis, columns: Axis, inset: number): string {
  const arrangement = {
    transpose: false,
    layers: givenOrder(rows.count),
    components: givenOrder(columns.count),
  };
  const members = membersOf(bitsOf(flags));
  return outline(light({ rows, columns }, arrangement, members, null), inset);
}

type Point = [number, number];

function loopsOf(path: string): Point[][] {
  return path
    .split("Z")
    .filter(Boolean)
    .map((loop) =>
      loop
        .split(/[ML]/)
        .filter(Boolean)
        .map((point) => point.split(" ").map(Number) as Point),
    );
}

/** Even-odd rule. */
function inside(loops: Point[][], x: number, y: number): boolean {
  let crossings = 0;
  for (const loop of loops) {
    loop.forEach(([x0, y0], k) => {
      const [x1, y1] = loop[(k + 1) % loop.length] as Point;
      if (x0 === x1 && x0 > x && Math.min(y0, y1) < y && y < Math.max(y0, y1)) crossings++;
    });
  }
  return crossings % 2 === 1;
}

const flagged = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
  .chain(([nR, nC]) =>
    fc.record({
      nR: fc.constant(nR),
      nC: fc.constant(nC),
      flags: fc.array(fc.constantFrom(0, 1), { minLength: nR * nC, maxLength: nR * nC }),
    }),
  );

/** Regions of cells that share a side, and holes of cells that touch at least at a corner. */
function count(flags: readonly number[], nR: number, nC: number, diagonal: boolean): number {
  const seen = new Set<number>();
  let found = 0;
  for (let first = 0; first < flags.length; first++) {
    if (!flags[first] || seen.has(first)) continue;
    found++;
    const open = [first];
    seen.add(first);
    for (let k = open.pop(); k !== undefined; k = open.pop()) {
      for (let di = -1; di <= 1; di++) {
        for (let dj = -1; dj <= 1; dj++) {
          if (!diagonal && di !== 0 && dj !== 0) continue;
          const i = Math.floor(k / nC) + di;
          const j = (k % nC) + dj;
          const next = i * nC + j;
          if (i < 0 || j < 0 || i >= nR || j >= nC || !flags[next] || seen.has(next)) continue;
          seen.add(next);
          open.push(next);
        }
      }
    }
  }
  return found;
}

/** Holes: regions of what is not flagged that a rim round the grid does not belong to. */
function holes(flags: readonly number[], nR: number, nC: number): number {
  const wide = nC + 2;
  const around = Array.from({ length: (nR + 2) * wide }, (_, k) => {
    const i = Math.floor(k / wide) - 1;
    const j = (k % wide) - 1;
    return i >= 0 && j >= 0 && i < nR && j < nC && flags[i * nC + j] ? 0 : 1;
  });
  return count(around, nR + 2, wide, true) - 1;
}

describe("outline", () => {
  it("goes once round every region and every hole", () =>
    fc.assert(
      fc.property(flagged, ({ nR, nC, flags }) => {
        const loops = loopsOf(outlineOf(flags, axisOf(nR), axisOf(nC), 0));
        expect(loops.length).toBe(count(flags, nR, nC, false) + holes(flags, nR, nC));
      }),
    ));

  it.each([0, 1, -0.5])("holds the flagged cells and no others, inset %s", (inset) =>
    fc.assert(
      fc.property(flagged, ({ nR, nC, flags }) => {
        const [rows, columns] = [axisOf(nR), axisOf(nC)];
        const loops = loopsOf(outlineOf(flags, rows, columns, inset));
        flags.forEach((flag, k) => {
          const x = columns.start(k % nC) + 1.5;
          const y = rows.start(Math.floor(k / nC)) + 1.5;
          expect(inside(loops, x, y)).toBe(flag === 1);
        });
      }),
    ),
  );

  it("has right angles only, and no corner that is none", () =>
    fc.assert(
      fc.property(flagged, ({ nR, nC, flags }) => {
        for (const loop of loopsOf(outlineOf(flags, axisOf(nR), axisOf(nC), 1))) {
          loop.forEach(([x, y], k) => {
            const [xb, yb] = loop[(k + 1) % loop.length] as Point;
            const [xc, yc] = loop[(k + 2) % loop.length] as Point;
            expect((x === xb) !== (y === yb)).toBe(true);
            expect((x === xb) !== (xb === xc) && (y === yb) !== (yb === yc)).toBe(true);
          });
        }
      }),
    ));

  it("goes round pixels where several cells share one", () =>
    fc.assert(
      fc.property(flagged, ({ nR, nC, flags }) => {
        const [rows, columns] = [axisOf(nR, Math.ceil(nR / 2)), axisOf(nC, Math.ceil(nC / 3))];
        const loops = loopsOf(outlineOf(flags, rows, columns, 0));
        for (let y = 0; y < rows.pixels; y++) {
          for (let x = 0; x < columns.pixels; x++) {
            const any = flags.some(
              (flag, k) =>
                flag && columns.start(k % nC) === x && rows.start(Math.floor(k / nC)) === y,
            );
            expect(inside(loops, x + 0.5, y + 0.5)).toBe(any);
          }
        }
      }),
    ));

  it("draws nothing round nothing", () => {
    expect(outlineOf([0, 0], axisOf(1), axisOf(2), 1)).toBe("");
    expect(outlineOf([], axisOf(0), axisOf(0), 1)).toBe("");
  });
});
