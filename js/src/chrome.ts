// What stands round the cells: labels, header, titles, colour bar.
import { type Nodes, setBox, svg } from "./dom";
import type { Layout, PlacedLabel } from "./layout";

/** Draws everything that the layout places and that no gesture changes. */
export function drawChrome({ chrome }: Nodes, place: Layout): void {
  const { cells, bar, header, title, label } = place;
  const nodes: SVGElement[] = [];
  const text = (className: string, x: number, y: number, content: string, extra = {}) => {
    const node = svg("text", className, { x, y, ...extra });
    node.textContent = content;
    nodes.push(node);
    return node;
  };
  chrome.setAttribute("width", String(place.width));
  chrome.setAttribute("height", String(place.height));

  if (title) text("title", cells.x, 15, title);
  const middle = cells.y + cells.h / 2;
  text("axis", 0, 0, place.titles.layer, {
    transform: `translate(12 ${middle}) rotate(-90)`,
    "text-anchor": "middle",
  });
  if (place.titles.component) {
    text("axis", cells.x + cells.w / 2, place.componentTitleY, place.titles.component, {
      "text-anchor": "middle",
    });
  }
  for (const group of header.groups) {
    const x0 = cells.x + (place.columns.start[group.first] ?? 0) / place.ratio;
    const x1 = cells.x + (place.columns.end[group.last] ?? 0) / place.ratio;
    text("group", (x0 + x1) / 2, place.groupY, group.name, { "text-anchor": "middle" });
    nodes.push(svg("path", "rule", { d: `M${x0} ${place.groupY + 5.5}H${x1}` }));
  }
  for (const label of place.layerLabels) nodes.push(layerLabel(place, label));
  for (const label of place.componentLabels) nodes.push(componentLabel(place, label));

  for (const tick of bar.ticks) {
    if (bar.vertical) {
      const y = Math.round(bar.y + (1 - tick.at) * bar.h);
      nodes.push(svg("path", "tick", { d: `M${bar.x + bar.w} ${y + 0.5}h4` }));
      text("number", bar.x + bar.w + 7, y + 4, tick.text);
    } else {
      const x = Math.round(bar.x + tick.at * bar.w);
      nodes.push(svg("path", "tick", { d: `M${x + 0.5} ${bar.y + bar.h}v4` }));
      text("number", x, bar.y + bar.h + 15, tick.text, { "text-anchor": "middle" });
    }
  }
  if (label && bar.vertical) {
    const x = place.width - 8;
    text("axis", 0, 0, label, {
      transform: `translate(${x} ${bar.y + bar.h / 2}) rotate(-90)`,
      "text-anchor": "middle",
    });
  } else if (label) {
    text("axis", bar.x + bar.w + 12, bar.y + bar.h - 1, label);
  }
  chrome.replaceChildren(...nodes);
}

function layerLabel(place: Layout, { at, text, index }: PlacedLabel): SVGElement {
  const { cells } = place;
  const node = svg("text", "label", {
    x: cells.x - 8,
    y: cells.y + at + 4,
    "text-anchor": "end",
    "data-layer": index,
  });
  node.textContent = text;
  return node;
}

function componentLabel(place: Layout, { at, text, index }: PlacedLabel): SVGElement {
  const x = place.cells.x + at;
  const node = svg("text", "label", { "data-component": index });
  if (place.turned) {
    node.setAttribute("transform", `translate(${x + 4} ${place.componentY}) rotate(-90)`);
  } else {
    node.setAttribute("x", String(x));
    node.setAttribute("y", String(place.componentY));
    node.setAttribute("text-anchor", "middle");
  }
  node.textContent = text;
  return node;
}

/** Paints the colour bar from the table itself, one step a colour. */
export function drawBar({ bar: canvas }: Nodes, place: Layout, table: Uint8Array): void {
  const { bar, ratio } = place;
  setBox(canvas, bar.x, bar.y, bar.w, bar.h);
  const length = Math.max(1, Math.round((bar.vertical ? bar.h : bar.w) * ratio));
  canvas.width = bar.vertical ? 1 : length;
  canvas.height = bar.vertical ? length : 1;
  const image = new ImageData(canvas.width, canvas.height);
  for (let p = 0; p < length; p++) {
    const entry = Math.min(255, Math.floor(((p + 0.5) / length) * 256));
    const at = (bar.vertical ? length - 1 - p : p) * 4;
    image.data.set(table.subarray(entry * 3, entry * 3 + 3), at);
    image.data[at + 3] = 255;
  }
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}

/** Shows on the bar where a value lies, or nothing (null). */
export function pointTo({ chrome }: Nodes, { bar }: Layout, at: number | null): void {
  let pointer = chrome.querySelector(".layergrid-pointer");
  if (at === null) {
    pointer?.remove();
    return;
  }
  if (!pointer) {
    pointer = svg("path", "pointer");
    chrome.append(pointer);
  }
  const d = bar.vertical
    ? `M${bar.x - 3} ${bar.y + (1 - at) * bar.h}l-6 -4v8z`
    : `M${bar.x + at * bar.w} ${bar.y - 2}l-4 -6h8z`;
  pointer.setAttribute("d", d);
}

/** Puts the labels of one cell in full ink, adding those that were thinned out. */
export function stressLabels(
  { chrome }: Nodes,
  place: Layout,
  cell: { layer: PlacedLabel; component: PlacedLabel } | null,
): void {
  for (const node of chrome.querySelectorAll(".layergrid-stressed")) {
    if (node.hasAttribute("data-extra")) node.remove();
    else node.classList.remove("layergrid-stressed");
  }
  for (const node of chrome.querySelectorAll("[visibility]")) node.removeAttribute("visibility");
  if (!cell) return;
  stress(chrome, place, "layer", cell.layer);
  stress(chrome, place, "component", cell.component);
}

function stress(
  chrome: SVGSVGElement,
  place: Layout,
  axis: "layer" | "component",
  label: PlacedLabel,
): void {
  const selector = `[data-${axis}="${label.index}"]`;
  let node = chrome.querySelector(selector);
  if (!node) {
    node = axis === "layer" ? layerLabel(place, label) : componentLabel(place, label);
    node.setAttribute("data-extra", "");
    // A neighbour that it would run into steps back while it is shown.
    const shown = axis === "layer" ? place.layerLabels : place.componentLabels;
    const near = axis === "layer" || place.turned ? 14 : label.text.length * 7 + 10;
    for (const other of shown) {
      if (Math.abs(other.at - label.at) >= near) continue;
      chrome.querySelector(`[data-${axis}="${other.index}"]`)?.setAttribute("visibility", "hidden");
    }
    chrome.append(node);
  }
  node.classList.add("layergrid-stressed");
}
