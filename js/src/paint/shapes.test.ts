import fc from "fast-check";
import { describe, expect, test } from "vitest";
import vectors from "../../../tests/data/shapes.json";
import { axisOf } from "../layout/axes";
import { Kind } from "../values/colors";
import { carryMarks, type Rectangle, type Room, shapeOf, takenOf } from "./shapes";

const SHAPED = [
  Kind.POSITIVE_INFINITY,
  Kind.NEGATIVE_INFINITY,
  Kind.ABSENT,
  Kind.PENDING,
  Kind.UNDER,
  Kind.OVER,
  Kind.NONPOSITIVE,
];

/** Cells that carry marks, on screens of one to three device pixels per CSS pixel. */
const room: fc.Arbitrary<Room> = fc.integer({ min: 1, max: 3 }).chain((line) =>
  fc.record({
    w: fc.integer({ min: 7 * line, max: 60 * line }),
    h: fc.integer({ min: 7 * line, max: 60 * line }),
    line: fc.constant(line),
    digits: fc.constant(0),
  }),
);
/** As high as digits in the font for such cells are. */
const written = room
  .filter(({ h, line }) => h >= 10 * line)
  .map((of): Room => ({ ...of, digits: 0.72 * Math.min(11 * of.line, of.h - 2 * of.line) }));

/** The pixels that a shape covers, as a picture of `#` and `.`. */
function picture(shape: Rectangle[], { w, h }: Room): string[] {
  const lines = Array.from({ length: h }, () => Array(w).fill("."));
  for (const [x, y, dx, dy] of shape) {
    for (let i = y; i < y + dy; i++) lines[i]?.fill("#", x, x + dx);
  }
  return lines.map((line) => line.join(""));
}
const upsideDown = (lines: string[]) => [...lines].reverse();
const inMirror = (lines: string[]) => lines.map((line) => [...line].reverse().join(""));

describe("shapes", () => {
  test.each(vectors)("shared: $kind in $w × $h", ({ kind, w, h, line, digits, picture: drawn }) => {
    const of = { w, h, line, digits };
    expect(picture(shapeOf(kind, of), of)).toEqual(drawn);
  });

  test("are whole pixels inside the cell", () => {
    fc.assert(
      fc.property(room, fc.constantFrom(...SHAPED), (of, kind) => {
        const shape = shapeOf(kind, of);
        expect(shape).not.toEqual([]);
        for (const [x, y, w, h] of shape) {
          for (const part of [x, y, w, h]) expect(Number.isInteger(part)).toBe(true);
          expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
          expect(Math.min(w, h)).toBeGreaterThan(0);
          expect(x + w).toBeLessThanOrEqual(of.w);
          expect(y + h).toBeLessThanOrEqual(of.h);
        }
      }),
    );
  });

  test("are symmetric, and all different", () => {
    fc.assert(
      fc.property(room, (of) => {
        const drawn = SHAPED.map((kind) => picture(shapeOf(kind, of), of));
        expect(drawn.map(inMirror)).toEqual(drawn);
        expect(new Set(drawn.map((lines) => lines.join("\n"))).size).toBe(SHAPED.length);
      }),
    );
  });

  test("low is high upside down", () => {
    fc.assert(
      fc.property(room, (of) => {
        const draw = (kind: number) => picture(shapeOf(kind, of), of);
        expect(draw(Kind.UNDER)).toEqual(upsideDown(draw(Kind.OVER)));
        expect(draw(Kind.NEGATIVE_INFINITY)).toEqual(upsideDown(draw(Kind.POSITIVE_INFINITY)));
      }),
    );
  });

  test("a triangle stands in the half that it points to", () => {
    fc.assert(
      fc.property(room, (of) => {
        for (const [, y, , h] of shapeOf(Kind.OVER, of)) {
          expect(y + h).toBeLessThanOrEqual(Math.ceil(of.h / 2) + 1);
        }
      }),
    );
  });

  test("a triangle stands over a text, or takes some of the width", () => {
    fc.assert(
      fc.property(written, (of) => {
        const [top, right] = [(of.h - of.digits) / 2, of.w - takenOf(of)];
        for (const [x, y, , h] of shapeOf(Kind.OVER, of)) {
          expect(y + h < top || x > right).toBe(true);
        }
      }),
    );
  });

  test("what is a plain number has none, and NaN is hatched", () => {
    const of = { w: 15, h: 15, line: 1, digits: 0 };
    expect(shapeOf(Kind.FINITE, of)).toEqual([]);
    expect(shapeOf(Kind.NAN, of)).toEqual([]);
  });
});

test("cells carry marks from 8 CSS pixels on, in both directions", () => {
  const axis = (pitch: number) => axisOf(3, pitch, 1000, 1, []);
  expect(carryMarks(axis(8), axis(8), 1)).toBe(true);
  expect(carryMarks(axis(40), axis(7), 1)).toBe(false);
  expect(carryMarks(axis(15), axis(40), 2)).toBe(false);
  expect(carryMarks(axis(12), axis(12), 1.5)).toBe(true);
});
