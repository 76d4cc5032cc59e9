import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Frame, Frames } from "./frames";

const frameOf = (bytes: number): Frame => ({
  values: new Uint8Array(bytes),
  holes: new Uint8Array(0),
});
const MB = 1_000_000;

describe("what is kept", () => {
  test("comes back as it was put, the last one of a step", () => {
    const frames = new Frames();
    const [first, second] = [frameOf(1), frameOf(1)];
    frames.put(3, first);
    expect(frames.get(3)).toBe(first);
    frames.put(3, second);
    expect(frames.get(3)).toBe(second);
    expect(frames.get(2)).toBeUndefined();
  });

  test("is bounded by bytes, and what was used last stays", () => {
    const frames = new Frames();
    for (let step = 0; step < 6; step++) frames.put(step, frameOf(10 * MB));
    frames.get(0);
    frames.put(6, frameOf(10 * MB));
    expect([0, 1, 2, 5, 6].map((step) => frames.get(step) !== undefined)).toEqual([
      true,
      false,
      true,
      true,
      true,
    ]);
  });

  test("is at least the frame that came last, however large", () => {
    const frames = new Frames();
    frames.put(0, frameOf(MB));
    frames.put(1, frameOf(65 * MB));
    expect(frames.get(0)).toBeUndefined();
    expect(frames.get(1)).toBeDefined();
  });

  test("holes count too", () => {
    const frames = new Frames();
    const half = () => ({ values: new Uint8Array(20 * MB), holes: new Uint8Array(20 * MB) });
    frames.put(0, half());
    frames.put(1, half());
    expect(frames.get(0)).toBeUndefined();
  });
});

describe("what is asked for", () => {
  test("is the step itself, then the next ones in the direction of movement", () => {
    const frames = new Frames();
    expect(frames.wanted(5, 0, 100)).toEqual([5]);
    frames.put(5, frameOf(1000));
    expect(frames.wanted(5, 0, 100)).toEqual([]);
    expect(frames.wanted(5, 1, 100)).toEqual([6, 7, 8, 9]);
    expect(frames.wanted(5, -1, 100)).toEqual([4, 3, 2, 1]);
    frames.put(7, frameOf(1000));
    expect(frames.wanted(5, 1, 100)).toEqual([6, 8, 9]);
    expect(frames.wanted(5, 1, 7)).toEqual([6]);
    expect(frames.wanted(1, -1, 100)).toEqual([1, 0]);
  });

  test("is no more than a message bears, and at least one", () => {
    const frames = new Frames();
    frames.put(5, frameOf(400_000));
    expect(frames.wanted(5, 1, 100)).toEqual([6, 7]);
    frames.put(5, frameOf(4 * MB));
    expect(frames.wanted(5, 1, 100)).toEqual([6]);
  });

  test("comes to an end: what is asked for never pushes out what was asked for", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1000, MB, 10 * MB, 20 * MB, 31 * MB, 40 * MB, 80 * MB),
        fc.nat(8),
        fc.constantFrom(-1, 0, 1),
        (bytes, step, direction) => {
          const frames = new Frames();
          frames.put(9, frameOf(bytes)); // one is always there: it says how large they are
          const asked: number[] = [];
          for (let k = 0; k < 10; k++) {
            const wanted = frames.wanted(step, direction, 10);
            asked.push(...wanted);
            for (const next of wanted) frames.put(next, frameOf(bytes));
          }
          expect(asked[0]).toBe(step);
          expect(new Set(asked).size).toBe(asked.length);
          expect(frames.get(step)).toBeDefined();
        },
      ),
      { numRuns: 30 },
    );
  });
});
