import fc from "fast-check";
import { expect, test } from "vitest";
// The same cases as in `tests/test_numerals.py`.
import vectors from "../../../tests/data/numerals.json";
import { type Norm, positionIn, scaleOf } from "../values/norms";
import { barTicks } from "./ticks";

const measure = (text: string) => 7 * Array.from(text).length;

test.each(vectors.bars)("shared: $limits, $norm.kind, $length", (bar) => {
  const scale = scaleOf({ limits: bar.limits as [number, number], norm: bar.norm as Norm });
  const found = barTicks(scale, bar.length, bar.vertical, measure);
  expect(found.map(({ text, at }) => [text, Number(at.toFixed(6))])).toEqual(bar.ticks);
});

const size = fc.double({ min: -9, max: 9, noNaN: true }).map((power) => 10 ** power);
const anyScale = fc
  .tuple(size, size, size, fc.constantFrom("linear", "log", "symlog", "power"))
  .filter(([a, b]) => a !== b)
  .map(([a, b, parameter, kind]) => {
    const norms: Record<string, Norm> = {
      linear: { kind: "linear" },
      log: { kind: "log" },
      symlog: { kind: "symlog", linthresh: parameter },
      power: { kind: "power", gamma: Math.min(10, Math.max(0.05, parameter)) },
    };
    const low = kind === "log" ? Math.min(a, b) : -a;
    return { low, high: kind === "log" ? Math.max(a, b) : b, norm: norms[kind] as Norm };
  });

test("two at least, where their values lie, and none over another", () => {
  fc.assert(
    fc.property(anyScale, fc.constantFrom(96, 120, 160), fc.boolean(), (scale, length, upright) => {
      const found = barTicks(scale, length, upright, measure);
      expect(found.length).toBeGreaterThanOrEqual(2);
      expect(found.map(({ at }) => at)).toEqual(found.map((t) => positionIn(scale)(t.value)));
      for (const [k, tick] of found.slice(1).entries()) {
        const before = found[k] as typeof tick;
        const extent = upright ? 9 : (measure(before.text) + measure(tick.text)) / 2;
        expect((tick.at - before.at) * length).toBeGreaterThanOrEqual(extent);
      }
    }),
  );
});
