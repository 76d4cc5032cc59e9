import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import contract from "../../../tests/data/contract.json";
import { APART, sharesOf, sitDown, type Wish } from "./row";

const wish = (other: Partial<Wish> = {}): Wish => ({
  pitch: [46, 13],
  columns: 7,
  square: false,
  around: 100,
  bar: 60,
  colours: "a",
  ...other,
});

const wishes = fc.array(
  fc.record({
    pitch: fc.tuple(fc.integer({ min: 1, max: 46 }), fc.integer({ min: 1, max: 24 })),
    columns: fc.integer({ min: 1, max: 64 }),
    square: fc.boolean(),
    around: fc.integer({ min: 20, max: 200 }),
    bar: fc.integer({ min: 20, max: 90 }),
    colours: fc.constantFrom("a", "b"),
  }),
  { minLength: 1, maxLength: 5 },
);

it("the room between two is that of the page without a kernel", () => {
  expect(APART).toBe(contract.apart);
});

describe("sharesOf", () => {
  it("gives all the same pitch, no larger than any of them would have alone", () => {
    fc.assert(
      fc.property(wishes, fc.integer({ min: 100, max: 2000 }), (all, room) => {
        const shares = sharesOf(all, room);
        for (const { pitch } of shares) {
          expect(pitch).toEqual(shares[0]?.pitch);
          for (const { pitch: own } of all) {
            expect(pitch[0]).toBeLessThanOrEqual(own[0]);
            expect(pitch[1]).toBeLessThanOrEqual(own[1]);
          }
        }
      }),
    );
  });

  it("makes cells narrower so that all stand on one line", () => {
    const [share] = sharesOf([wish(), wish()], 700);
    expect(share?.pitch).toEqual([Math.floor((700 - 200 - 60 - APART) / 14), 13]);
  });

  it("lets them wrap rather than make cells too narrow", () => {
    const [share] = sharesOf([wish(), wish()], 300);
    expect(share?.pitch).toEqual([46, 13]);
  });

  it("keeps square cells square", () => {
    const heads = { pitch: [24, 24], columns: 12, square: true } as const;
    const [share] = sharesOf([wish(heads), wish(heads)], 720);
    expect(share?.pitch).toEqual([18, 18]);
  });

  it("leaves one bar to those whose colours mean the same, the last one's", () => {
    const shares = sharesOf([wish(), wish({ colours: "b" }), wish()], 2000);
    expect(shares.map(({ bar }) => bar)).toEqual([false, true, true]);
  });
});

describe("sitDown", () => {
  it("tells those who sit there when what they get changes, and only then", async () => {
    const changed = vi.fn();
    const holder = {};
    const first = sitDown(holder, () => 0, changed);
    const second = sitDown(holder, () => 1, vi.fn());
    expect(first.ask(wish(), 2000)).toEqual({ pitch: [46, 13], bar: true });
    expect(second.ask(wish({ pitch: [30, 10] }), 2000)).toEqual({
      pitch: [30, 10],
      bar: true,
    });
    await Promise.resolve();
    expect(changed).toHaveBeenCalledTimes(1);
    expect(first.ask(wish(), 2000)).toEqual({ pitch: [30, 10], bar: false });
    second.ask(wish({ pitch: [30, 10] }), 2000);
    await Promise.resolve();
    expect(changed).toHaveBeenCalledTimes(1);
    second.leave();
    await Promise.resolve();
    expect(changed).toHaveBeenCalledTimes(2);
    expect(first.ask(wish(), 2000)).toEqual({ pitch: [46, 13], bar: true });
    first.leave();
  });

  it("leaves the bar to the last one by where they stand, whoever sat down first", async () => {
    const changed = vi.fn();
    const holder = {};
    const later = sitDown(holder, () => 1, changed);
    const earlier = sitDown(holder, () => 0, changed);
    expect(later.ask(wish(), 2000).bar).toBe(true);
    expect(earlier.ask(wish(), 2000).bar).toBe(false);
    await Promise.resolve();
    expect(changed).not.toHaveBeenCalled();
    expect(later.ask(wish(), 2000).bar).toBe(true);
    later.leave();
    earlier.leave();
  });

  it("keeps rows apart", () => {
    const [a, b] = [sitDown({}, () => 0, vi.fn()), sitDown({}, () => 0, vi.fn())];
    a.ask(wish({ pitch: [5, 5] }), 2000);
    expect(b.ask(wish(), 2000).pitch).toEqual([46, 13]);
    a.leave();
    b.leave();
  });
});
