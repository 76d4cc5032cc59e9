// The picture of a large grid whose values are not here: blocks of cells to pixels. Pure.

import type { Axis } from "../layout/axes";
import { type Arrangement, isGiven } from "../layout/order";
import type { Area } from "../layout/place";
import { kindOfCode } from "../values/colors";
import type { Overview } from "../wire";
import { RANK } from "./paint";

/**
 * The code of each cell, or of each pixel along an axis that is reduced, in the order of the
 * screen. Where several blocks share one, a kind of no number is shown before a number, and of
 * numbers the one that lies farthest from `zero`, the entry where 0 lies.
 *
 * Null where the cells stand in an order of their own: a block is none of theirs then.
 */
export function overBlocks(
  { layers, components, code }: Overview,
  arrangement: Arrangement,
  rows: Axis,
  columns: Axis,
  zero: number,
): Uint16Array | null {
  if (!isGiven(arrangement.layers) || !isGiven(arrangement.components)) return null;
  const { transpose } = arrangement;
  const down = spans(rows, transpose ? components : layers);
  const across = spans(columns, transpose ? layers : components);
  const [byRow, byColumn] = transpose ? [1, components] : [components, 1];
  const size = (c: number) => (RANK[kindOfCode(c)] as number) * 512 + Math.abs((c & 255) - zero);
  const width = placesOf(columns);
  const seen = new Uint16Array(placesOf(rows) * width);
  for (const [y, top, bottom] of down) {
    for (const [x, left, right] of across) {
      let most = code[top * byRow + left * byColumn] as number;
      for (let i = top; i <= bottom; i++) {
        for (let j = left; j <= right; j++) {
          const other = code[i * byRow + j * byColumn] as number;
          if (other !== most && size(other) > size(most)) most = other;
        }
      }
      seen[y * width + x] = most;
    }
  }
  return seen;
}

/** How many codes there are along an axis. */
export const placesOf = (axis: Axis) => (axis.reduced ? axis.pixels : axis.count);

/** Of each place in sight, the first and the last block that it shows. */
function spans(axis: Axis, blocks: number): [place: number, first: number, last: number][] {
  const found: [number, number, number][] = [];
  for (let k = axis.first; k < axis.beyond; k++) {
    const block = Math.floor((k * blocks) / axis.count);
    const place = axis.reduced ? Math.max(0, axis.start[k] as number) : k;
    const before = found.at(-1);
    if (before?.[0] === place) before[2] = block;
    else found.push([place, block, block]);
  }
  return found;
}

/** The cells that a place shows together with a cell, in rows and columns of the screen. */
export function sharing(rows: Axis, columns: Axis, row: number, column: number): Area {
  const [top, bottom] = sharers(rows, row);
  const [left, right] = sharers(columns, column);
  return [top, left, bottom, right];
}

function sharers({ start, reduced }: Axis, k: number): [number, number] {
  let [first, last] = [k, k];
  while (reduced && start[first - 1] === start[k]) first--;
  while (reduced && start[last + 1] === start[k]) last++;
  return [first, last];
}
