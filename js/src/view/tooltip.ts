// The tooltip: what it says of a cell, and where it stands so that it never covers the cell.

import { labelText } from "../layout/labels";
import type { Box } from "../layout/sizes";
import { cellIn, Kind, kindOf } from "../values/colors";
import { scaleOf } from "../values/norms";
import { exactValue } from "../values/numerals";
import { writer } from "../values/texts";
import type { Snapshot } from "../wire";
import { html } from "./dom";

/** What is known of one cell, as text. */
export interface Reading {
  layer: string;
  component: string;
  /** To the digits it deserves, or what it is instead of a number. */
  value: string;
  /** The value in full, where `value` is shorter. */
  exact: string | null;
  name: string | null;
  /** The other coordinates that the cell has. */
  coords: string[];
}

export function read(snapshot: Snapshot, flat: number): Reading {
  const { axes, coords, categories } = snapshot;
  const n = axes.components.length;
  const { values } = snapshot;
  const cell = cellIn(snapshot, flat);
  const [raw, hole] = cell ?? [Number.NaN, 0];
  const short = writer(snapshot)(raw);
  const exact = exactValue(raw, values instanceof Float32Array);
  const said =
    hole > 0 ||
    categories !== null ||
    snapshot.dtype === "bool" ||
    !Number.isFinite(raw) ||
    Number(short.replace(/,/g, "").replace("−", "-")) === Number(exact);
  return {
    layer: labelText(axes.layers[Math.floor(flat / n)] ?? ""),
    component: labelText(axes.components[flat % n] ?? ""),
    value: cell ? inWords(kindOf(Number(raw), hole, scaleOf(snapshot)), short) : "…",
    exact: said ? null : exact,
    name: coords.name?.[flat] || null,
    coords: Object.entries(coords)
      .filter(([key, values]) => key !== "name" && values[flat])
      .map(([key, values]) => (BARE.has(key) ? String(values[flat]) : `${key} ${values[flat]}`)),
  };
}

/** What a cell is: its value, and what the colours cannot say of it. */
function inWords(kind: number, value: string): string {
  switch (kind) {
    case Kind.ABSENT:
      return "absent";
    case Kind.PENDING:
      return "pending";
    case Kind.UNDER:
      return `${value}, below the limits`;
    case Kind.OVER:
      return `${value}, above the limits`;
    case Kind.NONPOSITIVE:
      return `${value}, no logarithm (≤ 0)`;
  }
  return value;
}

/** Coordinates that say what they are without being named. */
const BARE = new Set(["shape", "dtype"]);

export function fill(tooltip: HTMLElement, reading: Reading): void {
  const { layer, component, value, exact, name, coords } = reading;
  const first = html("div", "", {}, html("b", "", {}, `${layer} · ${component}`), value);
  first.style.color = "var(--layergrid-ink)";
  tooltip.replaceChildren(first);
  const line = (className: string, text: string) =>
    text && tooltip.append(html("div", className, {}, text));
  line("exact", exact === null ? "" : `= ${exact}`);
  line("code", name ?? "");
  line("code", coords.join(" · "));
}

/** Right of the cell, else under it, left of it or over it: where there is room in the picture. */
export function put(tooltip: HTMLElement, cell: Box, room: { w: number; h: number }): void {
  tooltip.hidden = false;
  const { offsetWidth: w, offsetHeight: h } = tooltip;
  const { x, y } = spotFor(cell, { w, h }, room);
  tooltip.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
}

const APART = 8;

/** Where a box of a size goes so that it stays inside `room` and off the cell. */
export function spotFor(
  cell: Box,
  { w, h }: { w: number; h: number },
  room: { w: number; h: number },
): { x: number; y: number } {
  const within = (at: number, most: number) => Math.max(0, Math.min(at, most));
  const right = cell.x + cell.w + APART;
  const under = cell.y + cell.h + APART;
  const left = cell.x - APART - w;
  const beside = within(cell.y, room.h - h);
  const along = within(cell.x + cell.w / 2 - w / 2, room.w - w);
  if (right + w <= room.w) return { x: right, y: beside };
  if (under + h <= room.h) return { x: along, y: under };
  if (left >= 0) return { x: left, y: beside };
  return { x: along, y: cell.y - APART - h };
}
