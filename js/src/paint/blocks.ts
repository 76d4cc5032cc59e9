// The picture of a large grid whose values are not here: blocks of cells to pixels. Pure.

import type { Axis } from "../layout/axes";
import { type Arrangement, isGiven } from "../layout/order";
import type { Area } from "../layout/place";
import { Kind, kindOfCode } from "../values/colors";
import type { Axes, Blocks, Overview, Rect, Rule, Tile } from "../wire";
import { RANK, sizeBy } from "./paint";

/**
 * The code of each cell in sight, or of each pixel along an axis that is reduced, in the order of
 * the screen: of the overview, and where there is a tile of that. Where several blocks share one,
 * a kind of no number is shown before a number, and of numbers what the rule says: the extreme is
 * the one that lies farthest from `zero`, the entry where 0 lies.
 *
 * Null where the cells stand in an order of their own: a block is none of theirs then.
 */
export function overBlocks(
  { overview, tile, axes, reduce }: Placed,
  arrangement: Arrangement,
  rows: Axis,
  columns: Axis,
  zero: number,
): Uint16Array | null {
  const { transpose, layers, components } = arrangement;
  if (!isGiven(layers) || !isGiven(components)) return null;
  const width = placesIn(columns);
  const seen = new Uint16Array(placesIn(rows) * width);
  const rank = (c: number) => RANK[kindOfCode(c)] as number;
  const number = (c: number) => (c < 256 ? c : c === 256 + Kind.OVER ? 256 : -1);
  const size = (c: number) => rank(c) * 1024 + sizeBy(reduce, number(c), zero);

  function lay({ layers, components, code }: Blocks, [i0, j0, i1, j1]: Rect): void {
    const layerSpans = spans(transpose ? columns : rows, layers, i0, i1);
    const componentSpans = spans(transpose ? rows : columns, components, j0, j1);
    for (const [i, first, last] of layerSpans) {
      for (const [j, from, to] of componentSpans) {
        let most = code[first * components + from] as number;
        let [sum, count] = [0, 0];
        for (let a = first; a <= last; a++) {
          for (let b = from; b <= to; b++) {
            const other = code[a * components + b] as number;
            if (other !== most && size(other) > size(most)) most = other;
            if (other > 255) continue;
            sum += other;
            count++;
          }
        }
        if (reduce === "mean" && most < 256) most = Math.round(sum / count);
        seen[transpose ? j * width + i : i * width + j] = most;
      }
    }
  }

  lay(overview, [0, 0, axes.layers.length - 1, axes.components.length - 1]);
  if (tile) lay(tile, tile.rect);
  return seen;
}

type Placed = { overview: Overview; tile: Tile | null; axes: Axes; reduce: Rule };

/** How many codes there are along an axis for what is in sight of it. */
export const placesIn = (axis: Axis) => (axis.reduced ? axis.pixels : axis.beyond - axis.first);

/** Of each place in sight, the first and the last of the blocks of some cells that it shows. */
function spans(
  axis: Axis,
  blocks: number,
  from: number,
  to: number,
): [place: number, first: number, last: number][] {
  const found: [number, number, number][] = [];
  const beyond = Math.min(axis.beyond, to + 1);
  for (let k = Math.max(axis.first, from); k < beyond; k++) {
    const block = Math.floor(((k - from) * blocks) / (to - from + 1));
    const place = axis.reduced ? Math.max(0, axis.start[k] as number) : k - axis.first;
    const before = found.at(-1);
    if (before?.[0] === place) before[2] = block;
    else found.push([place, block, block]);
  }
  return found;
}

/** An axis as if there were no other cells than those in sight. */
export function onlyInSight(axis: Axis): Axis {
  const { first, beyond, start, end } = axis;
  const count = beyond - first;
  const [from, to] = [start.subarray(first, beyond), end.subarray(first, beyond)];
  return { ...axis, count, first: 0, beyond: count, start: from, end: to };
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
