// What stands round the cells: labels, header, titles.

import { inSight } from "../layout/axes";
import type { PlacedLabel } from "../layout/labelling";
import type { Layout } from "../layout/layout";
import { type Nodes, set, svg } from "./dom";

/** Draws everything that the layout places and that no gesture changes. */
export function drawChrome({ chrome }: Nodes, place: Layout): void {
  const { cells, header, title } = place;
  const nodes: SVGElement[] = [];
  const text = (className: string, x: number, y: number, content: string, extra = {}) => {
    nodes.push(svg("text", className, { x, y, ...extra }, content));
  };
  set(chrome, { width: place.width, height: place.height });

  if (title) text("title", cells.x, 15, title);
  const middle = cells.y + cells.h / 2;
  if (place.titles.row) {
    text("axis", 0, 0, place.titles.row, {
      transform: `translate(12 ${middle}) rotate(-90)`,
      "text-anchor": "middle",
    });
  }
  if (place.titles.column) {
    text("axis", cells.x + cells.w / 2, place.columnTitleY, place.titles.column, {
      "text-anchor": "middle",
    });
  }
  const { first, beyond, count } = place.columns;
  // Through a window there is no room between groups, but between their rules.
  const inset = beyond - first < count ? 2 : 0;
  for (const group of header.groups) {
    const [from, to] = inSight(place.columns, group.first, group.last);
    const [x0, x1] = [cells.x + from / place.ratio, cells.x + to / place.ratio];
    text("group", (x0 + x1) / 2, place.groupY, group.name, { "text-anchor": "middle" });
    nodes.push(svg("path", "rule", { d: `M${x0 + inset} ${place.groupY + 5.5}H${x1 - inset}` }));
  }
  for (const label of place.rowLabels) nodes.push(rowLabel(place, label));
  for (const label of place.columnLabels) nodes.push(columnLabel(place, label));

  chrome.replaceChildren(...nodes);
}

function rowLabel(place: Layout, { at, text, index }: PlacedLabel): SVGElement {
  const { cells } = place;
  const [x, y] = [cells.x - 8, cells.y + at + 4];
  return svg("text", "label", { x, y, "text-anchor": "end", "data-row": index }, text);
}

function columnLabel(place: Layout, { at, text, index }: PlacedLabel): SVGElement {
  const x = place.cells.x + at;
  const y = place.columnY;
  const where = place.turned
    ? { transform: `translate(${x + 4} ${y}) rotate(-90)` }
    : { x, y, "text-anchor": "middle" };
  return svg("text", "label", { ...where, "data-column": index }, text);
}

/** Puts the labels of one cell in full ink, adding those that were thinned out. */
export function stressLabels(
  { chrome }: Nodes,
  place: Layout,
  cell: Record<"row" | "column", PlacedLabel> | null,
): void {
  for (const node of chrome.querySelectorAll(".layergrid-stressed")) {
    if (node.hasAttribute("data-extra")) node.remove();
    else node.classList.remove("layergrid-stressed");
  }
  for (const node of chrome.querySelectorAll("[visibility]")) node.removeAttribute("visibility");
  if (!cell) return;
  stress(chrome, place, "row", cell.row);
  stress(chrome, place, "column", cell.column);
}

function stress(
  chrome: SVGSVGElement,
  place: Layout,
  axis: "row" | "column",
  label: PlacedLabel,
): void {
  const selector = `[data-${axis}="${label.index}"]`;
  let node = chrome.querySelector(selector);
  if (!node) {
    node = axis === "row" ? rowLabel(place, label) : columnLabel(place, label);
    node.setAttribute("data-extra", "");
    // A neighbour that it would run into steps back while it is shown.
    const shown = axis === "row" ? place.rowLabels : place.columnLabels;
    const near = axis === "row" || place.turned ? 14 : label.text.length * 7 + 10;
    for (const other of shown) {
      if (Math.abs(other.at - label.at) >= near) continue;
      chrome.querySelector(`[data-${axis}="${other.index}"]`)?.setAttribute("visibility", "hidden");
    }
    chrome.append(node);
  }
  node.classList.add("layergrid-stressed");
}
