// The few helpers that building nodes takes, and the skeleton of one view.

const SVG = "http://www.w3.org/2000/svg";

type Attributes = Record<string, string | number | boolean>;
type Children = readonly (Node | string)[];

export function html<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  attributes: Attributes = {},
  ...children: Children
): HTMLElementTagNameMap[K] {
  return dress(document.createElement(tag), className, attributes, children);
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  className: string,
  attributes: Attributes = {},
  ...children: Children
): SVGElementTagNameMap[K] {
  return dress(document.createElementNS(SVG, tag), className, attributes, children);
}

function dress<E extends Element>(
  node: E,
  className: string,
  attributes: Attributes,
  children: Children,
): E {
  if (className) node.setAttribute("class", `layergrid-${className}`);
  set(node, attributes);
  node.append(...children);
  return node;
}

export function button(className: string, attributes: Attributes, ...children: Children) {
  return html("button", className, { type: "button", ...attributes }, ...children);
}

/** A drawing of one line in a box of 16 by 16. */
export function icon(d: string): SVGSVGElement {
  return svg("svg", "", { viewBox: "0 0 16 16", "aria-hidden": true }, svg("path", "", { d }));
}

export function set(node: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
}

export function listen<K extends keyof HTMLElementEventMap>(
  node: HTMLElement,
  type: K,
  listener: (event: HTMLElementEventMap[K]) => void,
): void {
  node.addEventListener(type, listener);
}

export function setPlace(node: ElementCSSInlineStyle, x: number, y: number): void {
  Object.assign(node.style, { left: `${x}px`, top: `${y}px` });
}

export function setBox(node: HTMLElement, x: number, y: number, w: number, h: number): void {
  setPlace(node, x, y);
  Object.assign(node.style, { width: `${w}px`, height: `${h}px` });
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

const HIDDEN = { "aria-hidden": true };

export function build(): Nodes {
  const id = freshId();
  const cells = html("canvas", "cells", HIDDEN);
  const marks = html("canvas", "marks", HIDDEN);
  const bar = html("canvas", "bar", HIDDEN);
  const chrome = svg("svg", "chrome", HIDDEN);
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
  const outlines = svg("svg", "outlines", HIDDEN);
  // Halos first: where two lines run side by side, neither halo hides the other line.
  for (const k of [0, 1] as const)
    for (const pair of Object.values(lines)) outlines.append(pair[k]);
  const spoken = html("div", "", { role: "gridcell", id });
  const status = html("div", "status", { role: "status" });
  const copy = button("copy", { title: "Copy selection as Python" }, "copy as Python");
  const foot = html("div", "foot", {}, status, copy);
  const tooltip = html("div", "tooltip", { role: "tooltip", hidden: "" });
  const error = html("div", "error", { hidden: "", role: "alert" });
  const picture = html(
    "div",
    "picture",
    { role: "grid", tabindex: 0, "aria-activedescendant": id },
    ...[cells, marks, chrome, bar, outlines],
    html("div", "spoken", { role: "row" }, spoken),
    ...[foot, tooltip],
  );
  const root = html("div", "", { class: "layergrid" }, picture, error);
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
