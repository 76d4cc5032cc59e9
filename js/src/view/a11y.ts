// What a screen reader is told: the grid's size, and the focused cell in words.

import type { Layout } from "../layout/layout";
import type { Spot } from "../layout/place";
import type { Snapshot } from "../wire";
import type { Nodes } from "./dom";
import { read } from "./tooltip";

export function describeGrid({ picture }: Nodes, { title }: Snapshot, place: Layout): void {
  picture.setAttribute("aria-label", title || "heatmap");
  picture.setAttribute("aria-rowcount", String(place.rows.count));
  picture.setAttribute("aria-colcount", String(place.columns.count));
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
  spoken.setAttribute("aria-rowindex", String(row + 1));
  spoken.setAttribute("aria-colindex", String(column + 1));
  spoken.setAttribute("aria-selected", String(selected));
  spoken.textContent = [layer, component, value, ...states].filter(Boolean).join(", ");
}
