// One byte a cell: which are selected, highlighted, about to be picked. Pure.
import type { Rect, Snapshot } from "./wire";

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

/** The cells of a rectangle, with those flagged before if they are kept. */
export function rectFlags(
  [i0, j0, i1, j1]: Rect,
  before: Uint8Array,
  keep: boolean,
  nComponents: number,
): Uint8Array {
  const flags = keep ? before.slice() : new Uint8Array(before.length);
  for (let i = i0; i <= i1; i++) flags.fill(1, i * nComponents + j0, i * nComponents + j1 + 1);
  return flags;
}
