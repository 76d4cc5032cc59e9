// One byte a cell: which are selected, highlighted, about to be picked. Pure.
import type { Area } from "../layout/place";
import { cellsIn, type Rect, type Snapshot } from "../wire";

/** Empty where nothing is selected. */
export function selectionFlags({ axes, selection }: Snapshot): Uint8Array {
  if (selection.length === 0) return new Uint8Array(0);
  const flags = new Uint8Array(cellsIn(axes));
  for (const flat of selection) flags[flat] = 1;
  return flags;
}

/** The highlighted cells of the step that is shown, empty when the mask is unset. */
export function maskFlags({ mask, step, axes }: Snapshot): Uint8Array {
  const cells = cellsIn(axes);
  return mask.length > cells ? mask.subarray(step * cells, (step + 1) * cells) : mask;
}

/** The cells of an area of the screen, with those flagged before if they are kept. */
export function areaFlags(
  [top, left, bottom, right]: Area,
  before: Uint8Array,
  keep: boolean,
  rows: number,
  columns: number,
): Uint8Array {
  const flags = new Uint8Array(rows * columns);
  if (keep) flags.set(before);
  for (let i = top; i <= bottom; i++) flags.fill(1, i * columns + left, i * columns + right + 1);
  return flags;
}

export function countOf(flags: Uint8Array): number {
  let count = 0;
  for (let k = 0; k < flags.length; k++) count += flags[k] as number;
  return count;
}

/** Rectangles that hold the flagged cells and no others: equal runs of layers in a row are one. */
export function cover(flags: Uint8Array, nComponents: number): Rect[] {
  const rects: Rect[] = [];
  let above = new Map<number, Rect>();
  for (let start = 0, i = 0; start < flags.length; start += nComponents, i++) {
    const row = flags.subarray(start, start + nComponents);
    const here = new Map<number, Rect>();
    for (let j = row.indexOf(1); j >= 0; ) {
      const end = row.indexOf(0, j);
      const last = (end < 0 ? nComponents : end) - 1;
      const known = above.get(j);
      const rect: Rect = known?.[3] === last ? known : [i, j, i, last];
      if (rect !== known) rects.push(rect);
      rect[2] = i;
      here.set(j, rect);
      j = end < 0 ? -1 : row.indexOf(1, end);
    }
    above = here;
  }
  return rects;
}
