import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Axis, axisOf, cellAt, throughWindow } from "./axes";
import type { Layout } from "./layout";
import {
  centredOn,
  fitted,
  isAll,
  isWhole,
  middleOf,
  mostLevel,
  type Point,
  placeUnder,
  type Sight,
  scaleOf,
  showing,
  sightWith,
  zoomedAbout,
} from "./window";

const RATIOS = [1, 1.25, 2, 3];

/** An axis as the layout makes them: cells of some pixels, or many to a pixel. */
const axis = (ratio: number): fc.Arbitrary<Axis> =>
  fc.oneof(
    fc
      .tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 6, max: 60 }), fc.nat(3))
      .map(([count, pitch, breaks]) => {
        const at = [...Array(breaks).keys()].map((k) => 2 * k + 1).filter((k) => k < count);
        return axisOf(count, pitch * ratio, 9000, Math.round(ratio), at, Math.floor(9 * ratio));
      }),
    fc
      .tuple(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 40, max: 1500 }))
      .map(([count, pixels]) => axisOf(count, Math.min(5, pixels / count), pixels, 0, [])),
  );

/** What the window is told of a layout. */
const whole = fc
  .constantFrom(...RATIOS)
  .chain((ratio) =>
    fc.record({ rows: axis(ratio), columns: axis(ratio), ratio: fc.constant(ratio) }),
  )
  .map((of) => of as Layout);

const part = fc.double({ min: 0, max: 0.999, noNaN: true });
const place = fc.tuple(part, part);
const inBox = ({ rows, columns }: Layout, [y, x]: Point): Point => [
  y * rows.pixels,
  x * columns.pixels,
];
const inCells = ({ rows, columns }: Layout, [y, x]: Point): Point => [
  y * rows.count,
  x * columns.count,
];
const SIDES = ["rows", "columns"] as const;

const zoomed = fc
  .tuple(whole, fc.double({ min: 1, max: 300, noNaN: true }), place, place)
  .map(([of, level, cell, at]) => ({
    of,
    sight: sightWith(of, level, inCells(of, cell), inBox(of, at)),
    at: inBox(of, at),
  }));

const holds = (check: (of: Layout, sight: Sight, at: Point) => void) =>
  fc.assert(fc.property(zoomed, ({ of, sight, at }) => check(of, sight, at)));

describe("what is looked at", () => {
  it("never goes beyond the cells, and is never none of them", () => {
    holds((of, sight) => {
      for (const side of SIDES) {
        const [from, to] = sight[side];
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(of[side].count + 1e-6);
        expect(to).toBeGreaterThan(from);
      }
    });
  });

  it("shows no cell smaller than at first, nor larger than 48 px by a zoom", () => {
    holds((of, sight) => {
      for (const side of SIDES) {
        const scale = scaleOf(of[side], sight[side]);
        expect(scale).toBeGreaterThanOrEqual(of[side].pitch - 1e-6);
        expect(scale).toBeLessThanOrEqual(Math.max(of[side].pitch, 48 * of.ratio) + 1e-6);
        // Cells with gaps are all equal.
        if (scale >= 6 * of.ratio) expect(scale).toBe(Math.round(scale));
      }
    });
  });

  it("keeps what is under the pointer while it zooms in", () => {
    fc.assert(
      fc.property(
        zoomed,
        fc.double({ min: 1, max: 8, noNaN: true }),
        ({ of, sight, at }, factor) => {
          const before = placeUnder(of, sight, at);
          const next = zoomedAbout(of, sight, factor, at);
          const after = placeUnder(of, next, at);
          SIDES.forEach((side, k) => {
            const [from, to] = next[side];
            // But where it would show what lies beyond the last cell, or not grow at all.
            if (isWhole(next[side], of[side].count)) return;
            if (from < 1e-9 || to > of[side].count - 1e-6) return;
            expect(after[k]).toBeCloseTo(before[k] as number, 6);
          });
        },
      ),
    );
  });

  it("comes back to all, whatever it was", () => {
    holds((of, sight, at) => {
      const back = zoomedAbout(of, sight, 0, at);
      expect(isAll(of, back)).toBe(true);
      expect(back).toEqual({ level: 1, rows: [0, of.rows.count], columns: [0, of.columns.count] });
      expect(isAll(of, zoomedAbout(of, sight, 1 / sight.level, at))).toBe(true);
    });
  });

  it("stays where the layout does", () => {
    holds((of, sight) => {
      const same = fitted(of, sight);
      for (const side of SIDES) {
        expect(same[side][0]).toBeCloseTo(sight[side][0], 6);
        expect(same[side][1]).toBeCloseTo(sight[side][1], 6);
      }
    });
  });

  it("moves no farther than it takes to show a cell", () => {
    fc.assert(
      fc.property(zoomed, place, ({ of, sight }, cell) => {
        const [row, column] = inCells(of, cell).map(Math.floor) as [number, number];
        const next = showing(sight, [row, column]);
        (
          [
            [next.rows, sight.rows, row],
            [next.columns, sight.columns, column],
          ] as const
        ).forEach(([[from, to], [before, beyond], k]) => {
          expect(to - from).toBeCloseTo(beyond - before, 6);
          if (to - from < 1) return;
          expect(from).toBeLessThanOrEqual(k + 1e-6);
          expect(to).toBeGreaterThanOrEqual(k + 1 - 1e-6);
          if (before <= k && k + 1 <= beyond) expect(from).toBe(before);
        });
        expect(showing(next, [row, column])).toEqual(next);
      }),
    );
  });

  it("has in the middle what is wanted there, as far as there are cells around it", () => {
    fc.assert(
      fc.property(zoomed, place, ({ of, sight }, cell) => {
        const wanted = inCells(of, cell);
        const next = centredOn(of, sight, wanted);
        const found = placeUnder(of, next, middleOf(of));
        SIDES.forEach((side, k) => {
          const [from, to] = next[side];
          if (from < 1e-9 || to > of[side].count - 1e-6) return;
          expect(found[k]).toBeCloseTo(wanted[k] as number, 6);
        });
      }),
    );
  });

  it("needs no zoom where cells are large on both sides", () => {
    const large = { rows: axisOf(9, 24, 999, 1, []), columns: axisOf(7, 46, 999, 1, []), ratio: 1 };
    expect(mostLevel(large as Layout)).toBe(1);
    const low = { ...large, rows: axisOf(3, 6, 999, 1, []) };
    expect(mostLevel(low as Layout)).toBe(1);
    const strip = { ...large, columns: axisOf(120, 6, 999, 1, []) } as Layout;
    expect(mostLevel(strip)).toBe(8);
    const sight = sightWith(strip, 8, [4, 60], middleOf(strip));
    expect(isWhole(sight.rows, 9)).toBe(true);
    expect(scaleOf(strip.columns, sight.columns)).toBe(48);
  });
});

describe("an axis through a window", () => {
  const through = (of: Axis, span: Sight["rows"], gap = 0) => throughWindow(of, span, gap);

  it("is the same axis where all of it is shown", () => {
    fc.assert(
      fc.property(axis(1), (of) => {
        expect(through(of, [0, of.count], of.gap)).toBe(of);
      }),
    );
  });

  it("has all its cells in order, those in sight within the box and no others", () => {
    holds((of, sight) => {
      for (const side of SIDES) {
        const seen = through(of[side], sight[side]);
        expect(seen.count).toBe(of[side].count);
        expect(seen.pixels).toBe(of[side].pixels);
        const cells = [...Array(seen.count).keys()];
        const wrong = cells.filter((k) => {
          const [start, end] = [seen.start(k), seen.end(k)];
          const inSight = end > 0 && start < seen.pixels;
          const inOrder = k === 0 || start >= seen.start(k - 1);
          return end <= start || !inOrder || inSight !== (k >= seen.first && k < seen.beyond);
        });
        expect(wrong).toEqual([]);
        // No pixel of the box is without a cell, but for a gap at the end.
        expect(seen.start(seen.first)).toBeLessThanOrEqual(0);
        expect(seen.end(seen.beyond - 1)).toBeGreaterThanOrEqual(seen.pixels - 1);
      }
    });
  });

  it("finds the cell that is at a pixel", () => {
    holds((of, sight, [y]) => {
      const seen = through(of.rows, sight.rows);
      const away = (k: number) =>
        k < 0 || k >= seen.count
          ? Number.POSITIVE_INFINITY
          : Math.max(0, seen.start(k) - y, Math.floor(y) - seen.end(k));
      const k = cellAt(seen, y);
      // In a gap between groups it is the nearer of two.
      const nearest = Math.min(away(k - 1), away(k), away(k + 1));
      expect(away(k)).toBeLessThan(nearest + 1);
    });
  });

  it("groups the same cells in a pixel and gives them the same pixels wherever it is", () => {
    const of = axisOf(5000, 0.1, 500, 0, []);
    const size = (seen: Axis, k: number) => seen.end(k) - seen.start(k);
    fc.assert(
      fc.property(fc.constantFrom(1700, 333.3), part, part, (length, a, b) => {
        const [one, other] = [a, b].map((at) => {
          const from = at * (of.count - length);
          return through(of, [from, from + length]);
        }) as [Axis, Axis];
        const wrong = [...Array(of.count).keys()].filter((k) => {
          const together = ({ start }: Axis) => k > 0 && start(k) === start(k - 1);
          return size(one, k) !== size(other, k) || together(one) !== together(other);
        });
        expect(wrong).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});
