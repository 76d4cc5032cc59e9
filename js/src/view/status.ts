// The one line under the grid: what is selected, what is highlighted, what that comes to.

import { labelText } from "../layout/labels";
import { frame } from "../values/colors";
import { formatValue } from "../values/numerals";
import { countOf, eachRun } from "../values/runs";
import type { Snapshot } from "../wire";

export interface Status {
  strong: string;
  rest: string;
}

/** `highlighted` is how many cells are. */
export function summary(snapshot: Snapshot, highlighted: number, waiting: string): Status {
  const selected = countOf(snapshot.selection);
  const parts: string[] = [];
  if (snapshot.moment !== null) parts.push(`step ${labelText(snapshot.moment)}`);
  if (highlighted > 0) parts.push(`${formatValue(highlighted, true)} highlighted`);
  const mean = meanOf(snapshot);
  if (mean !== null) parts.push(`mean ${formatValue(mean, false)}`);
  parts.push(...[sampleOf(snapshot), waiting].filter(Boolean));
  const strong = selected > 0 ? `${formatValue(selected, true)} selected` : "";
  return { strong, rest: parts.join(" · ") };
}

/** How much of the values is known, "" where all are. */
export function sampleOf({ overview }: Snapshot): string {
  const { share = 1, every = 0 } = overview ?? {};
  if (share >= 1) return "";
  const of = every > 1 ? ` of 1 in ${formatValue(every, true)} cells` : "";
  return `sample${of} · ${Math.floor(100 * share)} % read`;
}

/** Mean of the selected cells that hold a finite value; categories have none. */
function meanOf(snapshot: Snapshot): number | null {
  const { selection, categories } = snapshot;
  if (categories) return null;
  const { values, holes } = frame(snapshot);
  let mean = 0;
  let count = 0;
  eachRun(selection, (start, end) => {
    // Of a large grid the values may not be here.
    for (let flat = start; flat < Math.min(end, values.length); flat++) {
      const value = Number(values[flat]);
      if ((holes[flat] ?? 0) !== 0 || !Number.isFinite(value)) continue;
      // Not by the sum, which may be larger than any float.
      mean += value / ++count - mean / count;
    }
  });
  return count > 0 ? mean : null;
}
