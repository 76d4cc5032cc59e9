import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bitsOf, flagsOf, runsOf, snapshot } from "../testing";
import { countBits, setBits } from "./bits";
import { eachOf, has, hasAll, highlighted, type Members, membersOf, selected } from "./members";

const CELLS = 70;
/** Runs of flags, so that whole bytes of them are the same. */
const flags = fc
  .array(fc.tuple(fc.nat(1), fc.integer({ min: 1, max: 20 })), { maxLength: 12 })
  .map((runs) => runs.flatMap(([flag, length]) => Array<number>(length).fill(flag)))
  .map((given) => Array.from({ length: CELLS }, (_, k) => given[k] ?? 0));
const part = fc
  .tuple(fc.nat(CELLS), fc.nat(CELLS))
  .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

/** The same cells as a mask, and as a selection in any order. */
const sets = fc
  .tuple(flags, fc.infiniteStream(fc.nat()))
  .map(([given, rank]): [number[], Members[]] => {
    const flats = given.flatMap((flag, flat) => (flag ? flat : []));
    const ranks = new Map(flats.map((flat) => [flat, rank.next().value]));
    const shuffled = [...flats].sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
    const selection = runsOf(shuffled);
    return [given, [membersOf(bitsOf(given)), selected(snapshot({ selection }))]];
  });

describe("members", () => {
  test("are found from any cell on, and so is what is none", () =>
    fc.assert(
      fc.property(sets, part, ([given, both], [from, to]) => {
        for (const members of both) {
          for (const among of [true, false]) {
            const found = given.findIndex(
              (flag, k) => k >= from && k < to && (flag === 1) === among,
            );
            expect(members.seek(from, to, among)).toBe(found < 0 ? to : found);
          }
          const runs: number[] = [];
          eachOf(members, from, to, (start, end) => {
            for (let flat = start; flat < end; flat++) runs.push(flat);
          });
          expect(runs).toEqual(given.flatMap((flag, k) => (flag && k >= from && k < to ? k : [])));
          expect(members.count).toBe(given.filter(Boolean).length);
          expect(hasAll(members, from < to ? [from, to - from] : [])).toBe(
            given.slice(from, to).every(Boolean),
          );
          expect(has(members, from)).toBe(given[from] === 1);
        }
      }),
    ));

  test("of an unset mask are none", () => {
    const none = membersOf(new Uint8Array(0));
    expect([none.count, none.seek(0, 9, true), none.seek(3, 9, false)]).toEqual([0, 9, 3]);
  });

  test("of a mask are those of the step, where each has its own", () => {
    const mask = bitsOf([...Array(12).fill(0), 1, ...Array(11).fill(0)], 12);
    const counts = [0, 1].map((step) => highlighted(snapshot({ mask, step })).count);
    expect(counts).toEqual([0, 1]);
    expect(has(highlighted(snapshot({ mask, step: 1 })), 0)).toBe(true);
    const one = bitsOf([1, 1, ...Array(10).fill(0)]);
    expect(highlighted(snapshot({ mask: one, step: 1 })).count).toBe(2);
  });
});

test("bits are set and cleared, and no others", () =>
  fc.assert(
    fc.property(flags, part, fc.boolean(), (given, [from, to], set) => {
      const bits = bitsOf(given);
      setBits(bits, from, to, set);
      const wanted = given.map((flag, k) => (k >= from && k < to ? Number(set) : flag));
      expect([...flagsOf(bits, CELLS)]).toEqual(wanted);
      expect(countBits(bits)).toBe(wanted.filter(Boolean).length);
    }),
  ));
