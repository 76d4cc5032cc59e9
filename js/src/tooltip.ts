// The tooltip: what it says of a cell, and where it stands so that it never covers the cell.
import { html } from "./dom";
import { labelText } from "./labels";
import type { Box } from "./layout";
import { exactValue, formatValue } from "./numerals";
import { frame } from "./paint";
import type { Snapshot } from "./wire";

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
  const { axes, coords, step } = snapshot;
  const n = axes.components.length;
  const { values, holes } = frame(snapshot.values, snapshot.holes, step, axes.layers.length * n);
  const hole = holes[flat] ?? 0;
  const raw = values[flat] ?? Number.NaN;
  const single = values instanceof Float32Array;
  const whole = !single && !(values instanceof Float64Array);
  const value = hole === 1 ? "absent" : hole === 2 ? "pending" : formatValue(raw, whole);
  const exact = exactValue(raw, single);
  const shown =
    hole > 0 ||
    whole ||
    !Number.isFinite(raw) ||
    Number(value.replace(/,/g, "").replace("−", "-")) === Number(exact);
  return {
    layer: labelText(axes.layers[Math.floor(flat / n)] ?? ""),
    component: labelText(axes.components[flat % n] ?? ""),
    value,
    exact: shown ? null : exact,
    name: coords.name?.[flat] || null,
    coords: Object.entries(coords)
      .filter(([key, values]) => key !== "name" && values[flat])
      .map(([key, values]) => (BARE.has(key) ? String(values[flat]) : `${key} ${values[flat]}`)),
  };
}

/** Coordinates that say what they are without being named. */
const BARE = new Set(["shape", "dtype"]);

export function fill(tooltip: HTMLElement, reading: Reading): void {
  const lines: HTMLElement[] = [];
  const first = html("div", "");
  first.style.color = "var(--layergrid-ink)";
  const where = html("b", "");
  where.textContent = `${reading.layer} · ${reading.component}`;
  first.append(where, reading.value);
  lines.push(first);
  const line = (className: string, text: string) => {
    const node = html("div", className);
    node.textContent = text;
    lines.push(node);
  };
  if (reading.exact !== null) line("exact", `= ${reading.exact}`);
  if (reading.name !== null) line("code", reading.name);
  if (reading.coords.length > 0) line("code", reading.coords.join(" · "));
  tooltip.replaceChildren(...lines);
}

/** Beside the cell if there is room, else under or over it; always inside the picture. */
export function put(tooltip: HTMLElement, cell: Box, room: { w: number; h: number }): void {
  const apart = 8;
  tooltip.hidden = false;
  const { offsetWidth: w, offsetHeight: h } = tooltip;
  const right = cell.x + cell.w + apart;
  const left = cell.x - apart - w;
  const beside = right + w <= room.w ? right : left >= 0 ? left : null;
  const clampTo = (at: number, most: number) => Math.max(0, Math.min(at, most));
  const x = beside ?? clampTo(cell.x, room.w - w);
  const under = cell.y + cell.h + apart;
  const y =
    beside !== null
      ? clampTo(cell.y, room.h - h)
      : under + h <= room.h
        ? under
        : cell.y - apart - h;
  tooltip.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
}
