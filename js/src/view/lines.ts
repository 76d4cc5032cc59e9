// The lines over the cells: round what is highlighted, selected, focused, pointed at.
import type { Axis } from "../layout/axes";
import type { Layout } from "../layout/layout";
import { outline } from "../layout/outline";
import { type Area, framePath, type Spot } from "../layout/place";
import type { Flagged } from "../values/flags";
import { type Nodes, set, setPlace } from "./dom";

/** Draws the outline of the highlighted cells; `mask` is empty when unset. */
export function drawMask(nodes: Nodes, place: Layout, mask: Flagged): void {
  const { rows, columns, ratio } = place;
  // In small cells there is no room to set one line inside the other.
  const inset = Math.min(sizeOf(rows), sizeOf(columns)) >= 8 * ratio ? 1.25 * ratio : 0;
  setLine(nodes, "mask", outline(mask, rows, columns, inset));
}

/** `area` is outlined too, whatever is picked in it. */
export function drawSelection(
  nodes: Nodes,
  place: Layout,
  picked: Flagged,
  area: Area | null,
): void {
  const { rows, columns, ratio } = place;
  const over = area ? framePath(place, area, -0.5) : "";
  setLine(nodes, "selection", outline(picked, rows, columns, -0.5 * ratio) + over);
}

export function drawFocus(nodes: Nodes, place: Layout, spot: Spot | null): void {
  setLine(nodes, "focus", spot ? framePath(place, spot, -3) : "");
}

export function drawHover(nodes: Nodes, place: Layout, spot: Spot | null): void {
  setLine(nodes, "hover", spot ? framePath(place, spot, 0.5) : "");
}

/** Puts the lines over the cells, in their pixels. */
export function placeLines({ outlines }: Nodes, { cells, rows, columns }: Layout): void {
  setPlace(outlines, cells.x, cells.y);
  const viewBox = `0 0 ${columns.pixels || 1} ${rows.pixels || 1}`;
  set(outlines, { width: cells.w, height: cells.h, viewBox });
}

function setLine({ lines }: Nodes, name: keyof Nodes["lines"], d: string): void {
  for (const path of lines[name]) path.setAttribute("d", d);
}

const sizeOf = ({ start, end }: Axis) => (end[0] ?? 0) - (start[0] ?? 0);
