import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { flatsOf } from "../testing";
import { runsIn } from "../values/runs";
import type { Axes, Command, Label, Rect, Tie } from "../wire";
import { type Companion, companions, present, translate, translateCell } from "./companions";

const axesOf = (id: number, layers: Label[], components: Label[]): Axes => ({
  id,
  layers,
  components,
  steps: null,
  titles: [null, null],
});

const member = (...ties: Partial<Tie>[]): Companion => {
  const own = ties.map((tie) => ({ id: "", hover: true, selection: true, ...tie }));
  const one = {
    axes: axesOf(1, [0], [0]),
    ties: own,
    pointElsewhere() {},
    follow() {},
    settle() {},
  };
  present().add(one);
  return one;
};

const cellsOf = (rects: readonly Rect[], n: number) => flatsOf(runsIn(rects, n));

afterEach(() => present().clear());

describe("companions", () => {
  test("are those with a link of the same id, through however many", () => {
    const a = member({ id: "1" });
    const b = member({ id: "1" }, { id: "2" });
    const c = member({ id: "2" });
    const alone = member({ id: "3" });
    expect(companions(a, "hover")).toEqual([b, c]);
    expect(companions(c, "selection")).toEqual([b, a]);
    expect(companions(alone, "selection")).toEqual([]);
  });

  test("are each there once, in a ring too", () => {
    const ring = [0, 1, 2, 3].map((k) => member({ id: `${k}` }, { id: `${(k + 1) % 4}` }));
    for (const one of ring) {
      const found = companions(one, "hover");
      expect(found).toHaveLength(3);
      expect(new Set([one, ...found])).toEqual(new Set(ring));
    }
  });

  test("have in common what the link is for", () => {
    const a = member({ id: "1", hover: false });
    const b = member({ id: "1", hover: false });
    expect(companions(a, "selection")).toEqual([b]);
    expect(companions(a, "hover")).toEqual([]);
  });

  test("meet where every module of the page finds them", () => {
    const one = member({ id: "1" });
    const place = globalThis as { [key: symbol]: unknown };
    expect(place[Symbol.for("layergrid.companions.1")]).toBe(present());
    expect([...present()]).toEqual([one]);
  });
});

describe("translate", () => {
  const label: fc.Arbitrary<Label> = fc.constantFrom<Label>(0, 1, 2, 3, "1", "q", "k", 2.5);
  const labels = fc.uniqueArray(label, { minLength: 1, maxLength: 8 });
  const span = (n: number) => fc.tuple(fc.nat(n - 1), fc.nat(n - 1));
  const named = (axes: Axes, flats: readonly number[]) =>
    flats.map((flat) => {
      const n = axes.components.length;
      return JSON.stringify([axes.layers[Math.floor(flat / n)], axes.components[flat % n]]);
    });

  test("names the same cells by label, those that are there", () => {
    const cases = fc.tuple(labels, labels, labels, labels).chain(([l, c, l2, c2]) => {
      const rect = fc
        .tuple(span(l.length), span(c.length))
        .map(
          ([[a, b], [d, e]]): Rect => [
            Math.min(a, b),
            Math.min(d, e),
            Math.max(a, b),
            Math.max(d, e),
          ],
        );
      const from = fc.constant(axesOf(1, l, c));
      return fc.tuple(from, fc.constant(axesOf(2, l2, c2)), fc.array(rect, { maxLength: 3 }));
    });
    fc.assert(
      fc.property(cases, fc.constantFrom("set", "add", "remove"), ([from, to, rects], op) => {
        const all = new Set(
          named(
            to,
            cellsOf([[0, 0, to.layers.length - 1, to.components.length - 1]], to.components.length),
          ),
        );
        const there = translate({ op, rects } as Command, from, to);
        const cells = named(to, cellsOf(there.rects, to.components.length));
        const wanted = named(from, cellsOf(rects, from.components.length));
        expect(there.op).toBe(op);
        expect(new Set(cells)).toEqual(new Set(wanted.filter((cell) => all.has(cell))));
      }),
    );
  });

  test("is short where labels stand in runs", () => {
    const from = axesOf(1, [...Array(1000).keys()], [...Array(500).keys()]);
    const to = axesOf(2, [...Array(1200).keys()].reverse(), ["x", ...Array(300).keys()]);
    const command: Command = { op: "set", rects: [[10, 0, 999, 499]] };
    expect(translate(command, from, to).rects).toEqual([[200, 1, 1189, 300]]);
  });

  test("true and 1 are one label, as they are for Python, and 1 and “1” are two", () => {
    const from = axesOf(1, [true, false], [1]);
    expect(translateCell(0, from, axesOf(2, [0, 1], [true]))).toBe(1);
    expect(translateCell(0, from, axesOf(2, ["1", 0], [1]))).toBeNull();
  });

  test("a cell is the one of its labels, or none", () => {
    const from = axesOf(1, [0, 1], ["q", "k"]);
    const to = axesOf(2, [5, 1], ["v", "k", "x"]);
    expect(translateCell(3, from, to)).toBe(4);
    expect(translateCell(2, from, to)).toBeNull();
    expect(translateCell(1, from, to)).toBeNull();
  });
});
