import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { snapshot } from "../testing";
import { read, spotFor } from "./tooltip";

const NO_HOLES = new Uint8Array(0);

describe("where", () => {
  test("labels of the cell, as Python writes them", () => {
    expect(read(snapshot(), 5)).toMatchObject({ layer: "1", component: "mlp.down" });
    const { axes } = snapshot();
    const odd = snapshot({ axes: { ...axes, layers: [true, false, 0.5, "a b"] } });
    expect([0, 3, 6, 9].map((flat) => read(odd, flat).layer)).toEqual([
      "True",
      "False",
      "0.5",
      "a b",
    ]);
  });
});

describe("value", () => {
  const at = (flat: number, other = {}) => {
    const { value, exact } = read(snapshot({ limits: [-1e20, 1e20], ...other }), flat);
    return [value, exact];
  };

  test("what is no number says which it is, and nothing more", () => {
    expect(at(3)).toEqual(["NaN", null]);
    expect(at(4)).toEqual(["+∞", null]);
    expect(at(5)).toEqual(["−∞", null]);
    expect(at(10)).toEqual(["absent", null]);
    expect(at(11)).toEqual(["pending", null]);
  });

  test("a value that four digits say in full is said once", () => {
    expect(at(1)).toEqual(["−1.25", null]);
    expect(at(7)).toEqual(["0", null]);
    expect(at(0, { values: Float64Array.of(1204) })).toEqual(["1,204", null]);
    expect(at(0, { values: Float64Array.of(-3.2e-7) })).toEqual(["−3.2e-7", null]);
  });

  test("float64 is there to the last digit", () => {
    expect(at(0, { values: Float64Array.of(0.1 + 0.2) })).toEqual(["0.3", "0.30000000000000004"]);
    expect(at(0, { values: Float64Array.of(-12345.678) })).toEqual(["−12,350", "-12345.678"]);
  });

  test("float32 has the digits of float32", () => {
    expect(at(0, { values: Float32Array.of(0.1) })).toEqual(["0.1", null]);
    expect(at(0, { values: Float32Array.of(0.12345678) })).toEqual(["0.1235", "0.12345678"]);
  });

  test("integers are exact, int64 beyond the reach of float64 too", () => {
    const values = BigInt64Array.of(-9223372036854775808n, 9007199254740993n);
    expect(at(0, { values, holes: NO_HOLES })).toEqual(["−9,223,372,036,854,775,808", null]);
    expect(at(1, { values, holes: NO_HOLES })).toEqual(["9,007,199,254,740,993", null]);
    expect(at(0, { values: BigUint64Array.of(2n ** 64n - 1n) })).toEqual([
      "18,446,744,073,709,551,615",
      null,
    ]);
    expect(at(0, { values: Int32Array.of(-1234567) })).toEqual(["−1,234,567", null]);
  });

  test("an absent integer is absent, not 0", () => {
    expect(at(0, { values: BigInt64Array.of(0n), holes: Uint8Array.of(1) })).toEqual([
      "absent",
      null,
    ]);
  });

  test("a value beyond the limits says so, and what it is", () => {
    const values = Float32Array.of(0.10834567, 0.12, 0.14);
    const limits: [number, number] = [0.11, 0.13];
    expect(at(0, { values, limits })).toEqual(["0.1083, below the limits", "0.10834567"]);
    expect(at(1, { values, limits })).toEqual(["0.12", null]);
    expect(at(2, { values, limits })).toEqual(["0.14, above the limits", null]);
  });

  test("what has no logarithm says so", () => {
    const log = { limits: [1, 10] as [number, number], norm: { kind: "log" } as const };
    expect(at(7, log)).toEqual(["0, no logarithm (≤ 0)", null]);
    expect(at(1, log)).toEqual(["−1.25, no logarithm (≤ 0)", null]);
    expect(at(0, log)).toEqual(["0.5, below the limits", null]);
  });

  test("a bool is called as in Python", () => {
    const bools = {
      values: Uint8Array.of(0, 1),
      dtype: "bool",
      limits: [0, 1] as [number, number],
    };
    expect([at(0, bools), at(1, bools)]).toEqual([
      ["False", null],
      ["True", null],
    ]);
  });

  test("a category is called by its label", () => {
    const values = Uint8Array.of(0, 1);
    const categories = [
      ["kept", ""],
      [2.5, "#d7191c"],
    ];
    const shown = { values, holes: NO_HOLES, categories, norm: { kind: "categories" } as const };
    expect(at(0, shown)).toEqual(["kept", null]);
    expect(at(1, shown)).toEqual(["2.5", null]);
    expect(at(1, { ...shown, holes: Uint8Array.of(0, 1) })).toEqual(["absent", null]);
  });

  test("it is that of the step that is shown, and so are the holes", () => {
    const values = Float64Array.from({ length: 24 }, (_, k) => k);
    const holes = new Uint8Array(24);
    holes[14] = 2;
    const steps = { values, holes, step: 1 };
    expect(at(1, steps)).toEqual(["13", null]);
    expect(at(2, steps)).toEqual(["pending", null]);
    expect(at(2, { ...steps, step: 0 })).toEqual(["2", null]);
  });
});

describe("coordinates", () => {
  const all = (text: string) => Array.from({ length: 12 }, (_, k) => `${text}${k}`);

  test("the name stands apart, shape and dtype bare, others with their key", () => {
    const coords = { shape: all("2×"), name: all("model."), dtype: all("f"), rank: all("r") };
    expect(read(snapshot({ coords }), 7)).toMatchObject({
      name: "model.7",
      coords: ["2×7", "f7", "rank r7"],
    });
  });

  test("without coordinates there is nothing", () => {
    expect(read(snapshot(), 0)).toMatchObject({ name: null, coords: [] });
  });

  test("what a cell lacks is left out: absent ones travel as empty strings", () => {
    const none = Array.from({ length: 12 }, () => "");
    const coords = { name: none, shape: none, rank: none };
    expect(read(snapshot({ coords }), 10)).toMatchObject({ name: null, coords: [] });
  });
});

describe("where the tooltip goes", () => {
  const size = fc.record({
    w: fc.integer({ min: 20, max: 320 }),
    h: fc.integer({ min: 16, max: 90 }),
  });
  const room = fc.record({
    w: fc.integer({ min: 330, max: 1200 }),
    h: fc.integer({ min: 100, max: 700 }),
  });

  test("stays inside the picture and off the cell", () => {
    fc.assert(
      fc.property(
        size,
        room,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (box, place, u, v) => {
          const cell = { x: u * (place.w - 46), y: v * (place.h - 24), w: 46, h: 24 };
          const { x, y } = spotFor(cell, box, place);
          const off =
            x >= cell.x + cell.w ||
            x + box.w <= cell.x ||
            y >= cell.y + cell.h ||
            y + box.h <= cell.y;
          expect(off).toBe(true);
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x + box.w).toBeLessThanOrEqual(place.w);
        },
      ),
    );
  });

  test("is on the right where there is room there", () => {
    const cell = { x: 100, y: 40, w: 46, h: 14 };
    expect(spotFor(cell, { w: 200, h: 60 }, { w: 900, h: 500 })).toEqual({ x: 154, y: 40 });
  });
});
