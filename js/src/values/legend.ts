// What the legend names and how often it occurs, what a click on it picks, and what the colour bar
// says where ticks would mislead. Pure. `src/layergrid/picture/legend.py` has the same words.

import { labelText } from "../layout/labels";
import { type Command, cellsIn, type Snapshot } from "../wire";
import { Kind, kindOf, N_KINDS, NUMBERS } from "./colors";
import { hasAll, highlighted, selected } from "./members";
import { type Scale, scaleOf } from "./norms";
import { formatValue } from "./numerals";
import { cover, push } from "./runs";

/** One kind of cell that is not told by the colour bar, or one category. */
export interface Entry {
  /** The code that its cells have. */
  code: number;
  name: string;
  count: number;
  /** Whether that is an estimate. */
  about: boolean;
  /** Runs of neighbours that its cells make: more of them than `MOST_RUNS` are not picked. */
  runs: number;
}

/** A message names cells by rectangles: with more of these it would take longer than a click may. */
export const MOST_RUNS = 20_000;

/** What kinds are called: what is wrong before what is not there. */
const namesIn = ({ low, high }: Scale): [number, string][] => [
  [Kind.NAN, "NaN"],
  [Kind.POSITIVE_INFINITY, "+∞"],
  [Kind.NEGATIVE_INFINITY, "−∞"],
  [Kind.NONPOSITIVE, "no logarithm (≤ 0)"],
  [Kind.OVER, `above ${formatValue(high, false)}`],
  [Kind.UNDER, `below ${formatValue(low, false)}`],
  [Kind.PENDING, "pending"],
  [Kind.ABSENT, "absent"],
];

/**
 * Entries for the step that is shown: every category, and the kinds that occur. `code` is the
 * colour code of each cell in flat order. Kinds that had an entry `before` keep it, so that values
 * that come and go move nothing; with a count of 0 they are not drawn.
 */
export function legendOf(
  shown: Snapshot,
  code: Uint16Array,
  before: readonly Entry[] = [],
): Entry[] {
  const counts = new Float64Array(256 + N_KINDS);
  const runs = new Uint32Array(256 + N_KINDS);
  const width = shown.axes.components.length;
  // Where the codes are those of blocks, nobody here knows which cells are of a kind.
  shown.overview?.counts.forEach((count, kind) => {
    counts[256 + kind] = count;
    runs[256 + kind] = MOST_RUNS + 1;
  });
  for (let k = 0; !shown.overview && k < code.length; k++) {
    const c = code[k] as number;
    counts[c] = (counts[c] as number) + 1;
    if (k % width === 0 || code[k - 1] !== c) runs[c] = (runs[c] as number) + 1;
  }
  const entry = (c: number, name: string): Entry => {
    const about = c > 255 && ((shown.overview?.estimated ?? 0) & (1 << (c - 256))) !== 0;
    return { code: c, name, count: counts[c] as number, about, runs: runs[c] as number };
  };
  const categories = (shown.categories ?? []).map(([label], k) => entry(k, labelText(label)));
  const kinds = namesIn(scaleOf(shown)).map(([kind, name]) => entry(256 + kind, name));
  const known = new Set(before.map((one) => one.code));
  return [...categories, ...kinds.filter(({ code: c, count }) => count > 0 || known.has(c))];
}

/** What the colour bar says instead of ticks, "" where they tell more. */
export function noteOf(shown: Snapshot, legend: readonly Entry[]): string {
  const { axes, limits, categories } = shown;
  const [low, high] = limits;
  if (categories) return "";
  const cells = cellsIn(axes);
  const counted = new Map(legend.map(({ code, count }) => [code - 256, count]));
  const others = [...counted.values()].reduce((sum, count) => sum + count, 0);
  const beyond = (counted.get(Kind.UNDER) ?? 0) + (counted.get(Kind.OVER) ?? 0);
  if (others < cells || beyond > 0) {
    // Of a single cell the one tick says it all.
    if (low < high || beyond > 0 || cells === 1) return "";
    return `all ${others > 0 ? "values" : "cells"} ${formatValue(low, false)}`;
  }
  const kinds = kindsIn(shown);
  if (NUMBERS.some((kind) => kinds.has(kind))) return "";
  if (kinds.has(Kind.NONPOSITIVE)) return "no positive values";
  const waits = kinds.delete(Kind.PENDING) || cells === 0;
  kinds.delete(Kind.ABSENT);
  return waits && kinds.size === 0 ? "no values yet" : "no finite values";
}

/** Kinds that there are at any step: limits are for all of them. */
function kindsIn(shown: Snapshot): Set<number> {
  const { values, holes, overview } = shown;
  if (overview) return new Set(overview.counts.flatMap((count, kind) => (count > 0 ? kind : [])));
  const scale = scaleOf(shown);
  const kinds = new Set<number>();
  for (let k = 0; k < values.length; k++) {
    kinds.add(kindOf(Number(values[k]), holes[k] ?? 0, scale));
  }
  return kinds;
}

/** What to do with the cells of an entry, null where that would leave everything as it is. */
export function commandFor(
  { code: wanted, count }: Entry,
  shown: Snapshot,
  code: Uint16Array,
  toggles: boolean,
): Command | null {
  const picked = shown.click === "mask" ? highlighted(shown) : selected(shown);
  const cells: number[] = [];
  for (let k = 0; k < code.length; k++) if (code[k] === wanted) push(cells, k, k + 1);
  const all = hasAll(picked, cells);
  if (!toggles && all && picked.count === count) return null;
  const op = !toggles ? "set" : all ? "remove" : "add";
  return { op, rects: cover(cells, shown.axes.components.length) };
}
