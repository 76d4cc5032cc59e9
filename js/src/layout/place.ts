// What is where in a laid-out picture: from a point to what is there, from a cell to its box. Pure.
import { type Axis, cellAt, inSight } from "./axes";
import type { PlacedLabel } from "./labelling";
import type { Layout } from "./layout";
import { type Box, LINE } from "./sizes";

/** A cell by its place on the screen. */
export type Spot = readonly [row: number, column: number];

/** Cells of the screen, both corners included. */
export type Area = readonly [top: number, left: number, bottom: number, right: number];

/** What is at a point of the picture, CSS pixels. */
export type Target =
  | { part: "cell"; row: number; column: number }
  | { part: "row"; row: number }
  | { part: "column"; column: number }
  | { part: "group"; first: number; last: number }
  | null;

export function targetAt(place: Layout, x: number, y: number): Target {
  const { cells, rows, columns, ratio } = place;
  const dx = x - cells.x;
  const dy = y - cells.y;
  if (rows.count === 0 || columns.count === 0) return null;
  const insideX = dx >= 0 && dx < cells.w;
  const insideY = dy >= 0 && dy < cells.h;
  const row = cellAt(rows, dy * ratio);
  const column = cellAt(columns, dx * ratio);
  if (insideX && insideY) return { part: "cell", row, column };
  if (insideY && dx < 0 && (place.titles.row === "" || x > LINE)) return { part: "row", row };
  if (!insideX) return null;
  if (place.below) {
    const under = dy - cells.h;
    return under >= 0 && under < LINE + 4 ? { part: "column", column } : null;
  }
  const groupBottom = place.groupY + 6 - cells.y;
  if (place.header.groups.length > 0 && dy < groupBottom && dy > groupBottom - LINE - 4) {
    const group = place.header.groups.find((g) => column >= g.first && column <= g.last);
    return group ? { part: "group", first: group.first, last: group.last } : null;
  }
  return dy < 0 &&
    dy >= (place.header.groups.length > 0 ? groupBottom : place.groupY - LINE - cells.y)
    ? { part: "column", column }
    : null;
}

/** The nearest cell in sight to a point, for a drag that has left the grid. */
export function nearestCell(place: Layout, x: number, y: number): Spot {
  const { cells, rows, columns, ratio } = place;
  const within = (axis: Axis, at: number) =>
    cellAt(axis, Math.max(0, Math.min(axis.pixels - 1, at * ratio)));
  return [within(rows, y - cells.y), within(columns, x - cells.x)];
}

/** Whether anything of a cell is in sight. */
export function isInSight({ rows, columns }: Layout, [i, j]: Spot): boolean {
  return i >= rows.first && i < rows.beyond && j >= columns.first && j < columns.beyond;
}

/** The cell of a target, if it is one. */
export const cellOf = (target: Target): Spot | null =>
  target?.part === "cell" ? [target.row, target.column] : null;

export const targetOf = ([row, column]: Spot): Target => ({ part: "cell", row, column });

/** What is in sight of a cell, in the picture, CSS pixels. */
export function boxOf({ rows, columns, ratio, cells }: Layout, [i, j]: Spot): Box {
  const [x0, x1] = inSight(columns, j);
  const [y0, y1] = inSight(rows, i);
  return {
    x: cells.x + x0 / ratio,
    y: cells.y + y0 / ratio,
    w: (x1 - x0) / ratio,
    h: (y1 - y0) / ratio,
  };
}

/** A frame round a cell, `inset` CSS pixels into it, as path data in device pixels. */
export function framePath({ rows, columns, ratio }: Layout, [i, j]: Spot, inset: number): string {
  const x0 = columns.start(j) + inset * ratio;
  const y0 = rows.start(i) + inset * ratio;
  const x1 = columns.end(j) - inset * ratio;
  const y1 = rows.end(i) - inset * ratio;
  return `M${x0} ${y0}H${x1}V${y1}H${x0}Z`;
}

/** Both labels of a cell, whether or not they were thinned out. */
export function labelsOf(place: Layout, [i, j]: Spot): Record<"row" | "column", PlacedLabel> {
  const at = (axis: Axis, index: number, text: string): PlacedLabel => {
    const [from, to] = inSight(axis, index);
    return { index, at: (from + to) / 2 / place.ratio, text, shortened: false };
  };
  return {
    row: at(place.rows, i, place.texts.rows[i] ?? ""),
    column: at(place.columns, j, place.header.short[j] ?? ""),
  };
}

/** The whole of a label that is pointed at and was shortened, and a cell to show it by. */
export function shortenedLabel(place: Layout, target: Target): { text: string; at: Spot } | null {
  if (target?.part !== "row" && target?.part !== "column") return null;
  const [labels, texts, index, at] =
    target.part === "row"
      ? [place.rowLabels, place.texts.rows, target.row, [target.row, place.columns.first] as const]
      : [
          place.columnLabels,
          place.texts.columns,
          target.column,
          [place.rows.first, target.column] as const,
        ];
  if (!labels.find((label) => label.index === index)?.shortened) return null;
  return { text: texts[index] ?? "", at };
}

/** Whether the cells of two layouts have the same pixels. */
export function samePixels(a: Layout, b: Layout): boolean {
  const same = (one: Axis, other: Axis) =>
    one.pixels === other.pixels &&
    one.count === other.count &&
    one.pitch === other.pitch &&
    one.start(0) === other.start(0);
  return a.ratio === b.ratio && same(a.rows, b.rows) && same(a.columns, b.columns);
}
