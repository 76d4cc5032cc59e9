// What a screen reader is told: the grid's size, and the focused cell in words.

import type { Layout } from "../layout/layout";
import type { Spot } from "../layout/place";
import type { Snapshot } from "../wire";
import { type Nodes, set } from "./dom";
import { read } from "./tooltip";

export function describeGrid({ picture }: Nodes, { title }: Snapshot, place: Layout): void {
  set(picture, {
    "aria-label": title || "heatmap",
    "aria-rowcount": place.rows.count,
    "aria-colcount": place.columns.count,
  });
}

export function speak(
  { spoken }: Nodes,
  snapshot: Snapshot,
  flat: number,
  [row, column]: Spot,
  { selected, highlighted }: { selected: boolean; highlighted: boolean },
): void {
  const { layer, component, value } = read(snapshot, flat);
  const states = [selected ? "selected" : "", highlighted ? "highlighted" : ""];
  set(spoken, {
    "aria-rowindex": row + 1,
    "aria-colindex": column + 1,
    "aria-selected": selected,
  });
  spoken.textContent = [layer, component, value, ...states].filter(Boolean).join(", ");
}
