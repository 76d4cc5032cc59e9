import fc from "fast-check";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { snapshot, traits, viewOf } from "../testing";
import type { Live } from "../wire";
import { LiveFrames } from "./live";

const CELLS = 12;

const valuesOf = (value: number) => viewOf(new Float32Array(CELLS).fill(value));

function message(edition: number, other: Partial<Live> = {}): Live {
  return {
    kind: "live",
    edition,
    heard: 0,
    axes: 1,
    traits: { _dtype: "float32", _limits: [0, 9], _norm: { kind: "linear" } },
    binary: ["_values", "_holes"],
    ...other,
  };
}

function start() {
  const raw = traits();
  const told: { edition: number; visible: boolean }[] = [];
  const live = new LiveFrames(
    (trait) => raw[trait],
    ({ edition, visible }) => told.push({ edition, visible }),
  );
  const take = (edition: number, other: Partial<Live> = {}) =>
    live.take(message(edition, other), [valuesOf(edition), viewOf(new Uint8Array(0))]);
  const show = (edition: number, other: Partial<Live> = {}) => {
    take(edition, other);
    live.show(snapshot());
  };
  return { live, told, take, show };
}

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

describe("what is shown", () => {
  test("is the frame, and of the kernel's what the frame leaves as it is", () => {
    const { live, show } = start();
    const kernel = snapshot({ title: "rms" });
    expect(live.over(kernel)).toBe(kernel);
    show(2);
    const shown = live.over(kernel);
    expect(shown.values).toEqual(new Float32Array(CELLS).fill(2));
    expect(shown).toMatchObject({ dtype: "float32", limits: [0, 9], title: "rms" });
    expect(shown.mask).toBe(kernel.mask);
  });

  test("is never older than what was shown before, in whatever order all comes", () => {
    const edition = fc.integer({ min: 2, max: 30 });
    const act = fc.record({ edition, commit: fc.boolean(), shows: fc.boolean() });
    fc.assert(
      fc.property(fc.array(act), (acts) => {
        const { live, take } = start();
        let kernel = snapshot();
        let before = 0;
        let newest = 1;
        for (const { edition, commit, shows } of acts) {
          if (!commit) take(edition);
          else if (edition > kernel.edition) {
            kernel = { ...kernel, edition, values: new Float32Array(CELLS).fill(edition) };
          }
          if (shows || commit) newest = Math.max(newest, edition);
          if (shows) live.show(snapshot());
          const shown = live.over(kernel);
          const now = Math.max(shown === kernel ? kernel.edition : Number(shown.values[0]), 1);
          expect(now).toBeGreaterThanOrEqual(before);
          before = now;
        }
        live.show(snapshot());
        const last = live.over(kernel);
        const sent = acts.map((one) => one.edition);
        const expected = Math.max(1, ...sent);
        expect(last === kernel ? kernel.edition : Number(last.values[0])).toBe(expected);
      }),
    );
  });

  test("waits for the labels that it is of", () => {
    const { live, take } = start();
    take(2, { axes: 7 });
    expect(live.waits(1)).toBe(false);
    expect(live.waits(7)).toBe(true);
  });

  test("is only the latest of those that come before it is shown", () => {
    const { live, take } = start();
    expect([take(2), take(4), take(3)]).toEqual([true, true, false]);
    live.show(snapshot());
    expect(live.over(snapshot()).values[0]).toBe(4);
  });
});

describe("what the kernel is told", () => {
  test("is nothing before a frame has come", () => {
    const { live, told } = start();
    live.seen({}, true);
    live.report();
    expect(told).toEqual([]);
  });

  test("is each frame that was painted, once the last report was heard", () => {
    const { live, told, show } = start();
    live.seen(live, true);
    show(2);
    live.report();
    show(3);
    live.report();
    expect(told).toEqual([{ edition: 2, visible: true }]);
    show(4, { heard: 2 });
    live.report();
    expect(told).toEqual([
      { edition: 2, visible: true },
      { edition: 4, visible: true },
    ]);
  });

  test("is said again to a kernel that may have lost it", () => {
    const { live, told, show } = start();
    live.seen(live, true);
    show(2);
    live.report();
    show(3);
    vi.advanceTimersByTime(5001);
    live.report();
    expect(told.map(({ edition }) => edition)).toEqual([2, 3]);
  });

  test("is at once whether anybody can see any view", () => {
    const { live, told, show } = start();
    const views = [{}, {}];
    for (const view of views) live.seen(view, true);
    show(2);
    live.report();
    for (const view of views) live.seen(view, false);
    live.seen({}, true);
    expect(told.map(({ visible }) => visible)).toEqual([true, false, true]);
  });
});
