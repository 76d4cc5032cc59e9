// One byte a cell: which are selected, highlighted, about to be picked. Pure.
import { type Arrangement, toScreen } from "../layout/order";
import type { Area } from "../layout/place";
import { cellsIn, type Rect, type Snapshot } from "../wire";

/** With more cells than this no byte is kept for each. */
export const MOST_FLAGS = 1 << 26;

/** One flag a cell: all that is asked of the bytes of few cells, and of the list of many. */
export interface Flagged {
  readonly length: number;
  at(k: number): number | undefined;
  subarray(from: number, to: number): Flagged;
  indexOf(one: 1, from?: number): number;
}

/** Flags of more cells than there is memory for, few of them set. */
class Sparse implements Flagged {
  /** `set` are the flagged, in their order, counted from `first`. */
  constructor(
    readonly length: number,
    readonly set: Float64Array,
    readonly first = 0,
  ) {}

  at(k: number): number {
    return this.indexOf(1, k) === k ? 1 : 0;
  }

  subarray(from: number, to: number): Sparse {
    return new Sparse(to - from, this.set, this.first + from);
  }

  indexOf(_: 1, from = 0): number {
    let low = 0;
    for (let high = this.set.length; low < high; ) {
      const middle = (low + high) >> 1;
      if ((this.set[middle] as number) < this.first + from) low = middle + 1;
      else high = middle;
    }
    const found = (this.set[low] as number) - this.first;
    return found < this.length ? found : -1;
  }
}

/** Empty where nothing is selected; in the order of the screen. */
export function pickedFlags(arrangement: Arrangement, snapshot: Snapshot): Flagged {
  const { axes, selection } = snapshot;
  const cells = cellsIn(axes);
  if (cells <= MOST_FLAGS || selection.length === 0)
    return toScreen(arrangement, selectionFlags(snapshot));
  const [n, m] = [axes.layers.length, axes.components.length];
  const at = (flat: number) =>
    arrangement.transpose ? (flat % m) * n + Math.floor(flat / m) : flat;
  return new Sparse(cells, Float64Array.from(selection, at).sort());
}

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
  before: Flagged,
  keep: boolean,
  rows: number,
  columns: number,
): Flagged {
  // Of so many the area is outlined by itself.
  if (rows * columns > MOST_FLAGS) return before;
  const flags = new Uint8Array(rows * columns);
  if (keep) flags.set(before as Uint8Array);
  for (let i = top; i <= bottom; i++) flags.fill(1, i * columns + left, i * columns + right + 1);
  return flags;
}

export function countOf(flags: Flagged): number {
  if (flags instanceof Sparse) return flags.set.length;
  let count = 0;
  for (let k = 0; k < flags.length; k++) count += flags.at(k) as number;
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
