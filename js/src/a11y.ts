// What a screen reader is told: the grid's size, and the focused cell in words.
import type { Nodes } from "./dom";
import type { Spot } from "./place";
import { read } from "./tooltip";
import type { Snapshot } from "./wire";

export function describeGrid({ picture }: Nodes, { axes, title }: Snapshot): void {
  picture.setAttribute("aria-label", title || "heatmap");
  picture.setAttribute("aria-rowcount", String(axes.layers.length));
  picture.setAttribute("aria-colcount", String(axes.components.length));
}

export function speak(
  { spoken }: Nodes,
  snapshot: Snapshot,
  [i, j]: Spot,
  selected: boolean,
  highlighted: boolean,
): void {
  const { layer, component, value } = read(snapshot, i * snapshot.axes.components.length + j);
  const states = [selected ? "selected" : "", highlighted ? "highlighted" : ""];
  spoken.setAttribute("aria-rowindex", String(i + 1));
  spoken.setAttribute("aria-colindex", String(j + 1));
  spoken.setAttribute("aria-selected", String(selected));
  spoken.textContent = [layer, component, value, ...states].filter(Boolean).join(", ");
}
