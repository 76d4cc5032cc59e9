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
  const down = spans(placesOf(rows), transpose ? components : layers);
  const across = spans(placesOf(columns), transpose ? layers : components);
  const [byRow, byColumn] = transpose ? [1, components] : [components, 1];
  const size = (c: number) => (RANK[kindOfCode(c)] as number) * 512 + Math.abs((c & 255) - zero);
  const seen = new Uint16Array(down.length * across.length);
  let at = 0;
  for (const [top, bottom] of down) {
    for (const [left, right] of across) {
      let most = code[top * byRow + left * byColumn] as number;
      for (let i = top; i < bottom; i++) {
        for (let j = left; j < right; j++) {
          const other = code[i * byRow + j * byColumn] as number;
          if (other !== most && size(other) > size(most)) most = other;
        }
      }
      seen[at++] = most;
    }
  }
  return seen;
}

/** How many codes there are along an axis. */
export const placesOf = (axis: Axis) => (axis.reduced ? axis.pixels : axis.count);

/** The blocks that each of `places` shows: one, or those that share it. */
function spans(places: number, blocks: number): [number, number][] {
  const first = (k: number) =>
    places < blocks ? Math.ceil((k * blocks) / places) : Math.floor((k * blocks) / places);
  return Array.from({ length: places }, (_, k) => [
    first(k),
    Math.max(first(k) + 1, places < blocks ? first(k + 1) : 0),
  ]);
}

/** The cells that a place shows together with a cell, in rows and columns of the screen. */
export function sharing(rows: Axis, columns: Axis, row: number, column: number): Area {
  const [top, bottom] = sharers(rows, row);
  const [left, right] = sharers(columns, column);
  return [top, left, bottom, right];
}

function sharers(axis: Axis, k: number): [number, number] {
  if (!axis.reduced) return [k, k];
  const pixel = axis.start[k] as number;
  const first = (p: number) => Math.ceil((p * axis.count) / axis.pixels);
  return [first(pixel), first(pixel + 1) - 1];
}
