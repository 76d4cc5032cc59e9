// The few helpers that building nodes takes, and the skeleton of one view.

const SVG = "http://www.w3.org/2000/svg";

export function html<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  attributes: Record<string, string> = {},
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  if (className) node.className = `layergrid-${className}`;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  className: string,
  attributes: Record<string, string | number> = {},
): SVGElementTagNameMap[K] {
  const node = document.createElementNS(SVG, tag);
  if (className) node.setAttribute("class", `layergrid-${className}`);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  return node;
}

export function setBox(node: HTMLElement, x: number, y: number, w: number, h: number): void {
  Object.assign(node.style, { left: `${x}px`, top: `${y}px`, width: `${w}px`, height: `${h}px` });
}

export interface Nodes {
  root: HTMLDivElement;
  /** Everything that is placed by the layout; the one tab stop. */
  picture: HTMLDivElement;
  cells: HTMLCanvasElement;
  marks: HTMLCanvasElement;
  bar: HTMLCanvasElement;
  /** Labels, titles, ticks. */
  chrome: SVGSVGElement;
  /** Outlines, in device pixels over the cells. */
  outlines: SVGSVGElement;
  lines: Record<"mask" | "selection" | "focus" | "hover", [SVGPathElement, SVGPathElement]>;
  /** What a screen reader is told of the focused cell. */
  spoken: HTMLDivElement;
  tooltip: HTMLDivElement;
  /** The line under the grid: the status, and what can be done with the selection. */
  foot: HTMLDivElement;
  status: HTMLDivElement;
  copy: HTMLButtonElement;
  error: HTMLDivElement;
}

let made = 0;

/** For references between nodes; ids need only differ within a page. */
export const freshId = () => `layergrid-${++made}`;

export function build(): Nodes {
  const root = html("div", "");
  root.className = "layergrid";
  const id = freshId();
  const picture = html("div", "picture", { role: "grid", tabindex: "0" });
  const cells = html("canvas", "cells", { "aria-hidden": "true" });
  const marks = html("canvas", "marks", { "aria-hidden": "true" });
  const bar = html("canvas", "bar", { "aria-hidden": "true" });
  const chrome = svg("svg", "chrome", { "aria-hidden": "true" });
  const outlines = svg("svg", "outlines", { "aria-hidden": "true" });
  const line = (name: string): [SVGPathElement, SVGPathElement] => [
    svg("path", `halo layergrid-${name}`),
    svg("path", `line layergrid-${name}`),
  ];
  const lines = {
    mask: line("mask"),
    selection: line("selection"),
    focus: line("focus"),
    hover: line("hover"),
  };
  // Halos first: where two lines run side by side, neither halo hides the other line.
  for (const [halo] of Object.values(lines)) outlines.append(halo);
  for (const [, line] of Object.values(lines)) outlines.append(line);
  const row = html("div", "spoken", { role: "row" });
  const spoken = html("div", "", { role: "gridcell", id });
  row.append(spoken);
  picture.setAttribute("aria-activedescendant", id);
  const tooltip = html("div", "tooltip", { role: "tooltip", hidden: "" });
  const foot = html("div", "foot");
  const status = html("div", "status", { role: "status" });
  const copy = html("button", "copy", { type: "button", title: "Copy selection as Python" });
  copy.textContent = "copy as Python";
  const error = html("div", "error", { hidden: "", role: "alert" });
  foot.append(status, copy);
  picture.append(cells, marks, chrome, bar, outlines, row, foot, tooltip);
  root.append(picture, error);
  return {
    root,
    picture,
    cells,
    marks,
    bar,
    chrome,
    outlines,
    lines,
    spoken,
    tooltip,
    foot,
    status,
    copy,
    error,
  };
}
