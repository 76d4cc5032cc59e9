// What is written in the cells of the step that is shown. Pure.

import { labelText } from "../layout/labels";
import type { Snapshot, Values } from "../wire";
import { frameOf } from "./colors";
import { formatValue } from "./numerals";

/** More cells than this have no room for text on any screen, and to format takes long. */
const MOST = 100_000;

/** Text of each cell in flat order, null where nothing is to be written. */
export function cellTexts(snapshot: Snapshot): string[] | null {
  const { text, axes, step, categories } = snapshot;
  const cells = axes.layers.length * axes.components.length;
  if (text === null || cells > MOST) return null;
  if (text !== "auto") {
    const first = text.length > cells ? step * cells : 0;
    return text.slice(first, first + cells);
  }
  const values = frameOf(snapshot.values, step, cells);
  const holes = frameOf(snapshot.holes, step, cells);
  const whole = areWhole(values);
  return Array.from({ length: cells }, (_, k) => {
    const value = values[k] ?? Number.NaN;
    if (holes[k]) return "";
    return categories ? labelOf(categories, value) : formatValue(value, whole);
  });
}

export const areWhole = (values: Values) =>
  !(values instanceof Float32Array || values instanceof Float64Array);

/** What a category is called. */
export function labelOf(categories: NonNullable<Snapshot["categories"]>, value: number | bigint) {
  return labelText(categories[Number(value)]?.[0] ?? "");
}
