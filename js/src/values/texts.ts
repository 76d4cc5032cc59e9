// What is written in the cells of the step that is shown. Pure.

import { labelText } from "../layout/labels";
import { cellsIn, type Snapshot, type Values } from "../wire";
import { frame } from "./colors";
import { formatValue } from "./numerals";

/** More cells than this have no room for text on any screen, and to format takes long. */
const MOST = 100_000;

/** Text of each cell in flat order, null where nothing is to be written. */
export function cellTexts(snapshot: Snapshot): string[] | null {
  const { text, axes, step } = snapshot;
  const cells = cellsIn(axes);
  if (text === null || cells > MOST) return null;
  if (text !== "auto") {
    const first = text.length > cells ? step * cells : 0;
    return text.slice(first, first + cells);
  }
  const { values, holes } = frame(snapshot);
  const write = writer(snapshot);
  return Array.from({ length: cells }, (_, k) => (holes[k] ? "" : write(values[k] ?? Number.NaN)));
}

/** How the values of a grid are written: numbers to a few digits, the rest by its name. */
export function writer({
  values,
  dtype,
  categories,
}: Snapshot): (value: number | bigint) => string {
  if (categories) return (value) => labelOf(categories, value);
  if (dtype === "bool") return (value) => labelText(value !== 0);
  const whole = areWhole(values);
  return (value) => formatValue(value, whole);
}

const areWhole = (values: Values) =>
  !(values instanceof Float32Array || values instanceof Float64Array);

/** What a category is called. */
function labelOf(categories: NonNullable<Snapshot["categories"]>, value: number | bigint) {
  return labelText(categories[Number(value)]?.[0] ?? "");
}
