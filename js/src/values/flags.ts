// One byte a cell: which are selected, highlighted, about to be picked. Pure.
import type { Area } from "../layout/place";
import type { Snapshot } from "../wire";

export function selectionFlags({ axes, selection }: Snapshot): Uint8Array {
  const flags = new Uint8Array(axes.layers.length * axes.components.length);
  for (const flat of selection) flags[flat] = 1;
  return flags;
}

/** The highlighted cells of the step that is shown, empty when the mask is unset. */
export function maskFlags({ mask, step, axes }: Snapshot): Uint8Array {
  const cells = axes.layers.length * axes.components.length;
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
