// The picture of a large grid whose values are not here: blocks of cells to pixels. Pure.

import type { Axis } from "../layout/axes";
import { type Arrangement, isGiven } from "../layout/order";
import type { Area } from "../layout/place";
import { Kind, kindOfCode, N_KINDS } from "../values/colors";
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
  const [height, width] = [placesIn(rows), placesIn(columns)];
  const alike = overview.layers === height && overview.components === width;
  if (alike && !transpose && !tile && isAll(rows) && isAll(columns)) return overview.code;
  const seen = new Uint16Array(height * width);
  const [down, across] = transpose ? [1, width] : [width, 1];
  const size = Int32Array.from({ length: 256 + N_KINDS }, (_, c) => {
    const number = c < 256 ? c : c === 256 + Kind.OVER ? 256 : -1;
    return (RANK[kindOfCode(c)] as number) * 1024 + sizeBy(reduce, number, zero);
  });

  const mean = reduce === "mean";

  /** What blocks come to that one place shows: from rows `a` to `last`, columns `from` to `to`. */
  function together(
    { components, code }: Blocks,
    a: number,
    last: number,
    from: number,
    to: number,
  ) {
    let most = code[a * components + from] as number;
    if (a === last && from === to) return most;
    let sum = 0;
    let count = 0;
    for (; a <= last; a++) {
      for (let b = from; b <= to; b++) {
        const other = code[a * components + b] as number;
        if ((size[other] as number) > (size[most] as number)) most = other;
        if (other > 255) continue;
        sum += other;
        count++;
      }
    }
    return mean && most < 256 ? Math.round(sum / count) : most;
  }

  // Every pixel comes by here, and before the first picture: plain loops, over arrays of numbers.
  function lay(blocks: Blocks, [i0, j0, i1, j1]: Rect): void {
    const { layers, components, code } = blocks;
    const ofLayers = spans(transpose ? columns : rows, layers, i0, i1);
    const ofComponents = spans(transpose ? rows : columns, components, j0, j1);
    const n = ofComponents.length;
    if (n === 0) return;
    const left = ofComponents[0] as number;
    const right = (ofComponents[n - 3] as number) + 1;
    const straight = !transpose && isStraight(ofComponents);
    for (let i = 0; i < ofLayers.length; i += 3) {
      const start = (ofLayers[i] as number) * down;
      const first = ofLayers[i + 1] as number;
      const last = ofLayers[i + 2] as number;
      if (!transpose && i > 0 && ofLayers[i - 2] === first && ofLayers[i - 1] === last) {
        // Close up, most lines are the one before.
        const before = (ofLayers[i - 3] as number) * down;
        seen.copyWithin(start + left, before + left, before + right);
      } else if (straight && first === last) {
        const from = first * components + (ofComponents[1] as number);
        seen.set(code.subarray(from, from + right - left), start + left);
      } else {
        for (let j = 0; j < n; j += 3) {
          const from = ofComponents[j + 1] as number;
          const to = ofComponents[j + 2] as number;
          seen[start + (ofComponents[j] as number) * across] = together(
            blocks,
            first,
            last,
            from,
            to,
          );
        }
      }
    }
  }

  if (!tile || !covers(tile.rect, transpose ? columns : rows, transpose ? rows : columns))
    lay(overview, [0, 0, axes.layers.length - 1, axes.components.length - 1]);
  if (tile) lay(tile, tile.rect);
  return seen;
}

/** Whether all cells of an axis are in sight. */
export const isAll = ({ first, beyond, count }: Axis) => first === 0 && beyond === count;

type Placed = { overview: Overview; tile: Tile | null; axes: Axes; reduce: Rule };

/** Whether a rectangle holds all cells in sight. */
const covers = ([i0, j0, i1, j1]: Rect, layers: Axis, components: Axis): boolean =>
  i0 <= layers.first &&
  layers.beyond <= i1 + 1 &&
  j0 <= components.first &&
  components.beyond <= j1 + 1;

/** How many codes there are along an axis for what is in sight of it. */
export const placesIn = (axis: Axis) => (axis.reduced ? axis.pixels : axis.beyond - axis.first);

/** Of each place in sight, that place and the first and the last block of some cells it shows. */
function spans(axis: Axis, blocks: number, from: number, to: number): number[] {
  const found: number[] = [];
  const [first, last] = [Math.max(axis.first, from), Math.min(axis.beyond - 1, to)];
  const cells = to - from + 1;
  const blockOf = (k: number) => Math.floor(((k - from) * blocks) / cells);
  if (!axis.reduced) {
    for (let k = first; k <= last; k++) found.push(k - axis.first, blockOf(k), blockOf(k));
    return found;
  }
  // By blocks, since there may be a hundred thousand cells.
  const firstOf = (block: number) => from + Math.ceil((block * cells) / blocks);
  const placeOf = (k: number) => Math.max(0, axis.start(k));
  for (let block = blockOf(first); block <= blockOf(last); block++) {
    const end = placeOf(Math.min(last, firstOf(block + 1) - 1));
    for (let place = placeOf(Math.max(first, firstOf(block))); place <= end; place++) {
      if (found.at(-3) === place) found[found.length - 1] = block;
      else found.push(place, block, block);
    }
  }
  return found;
}

/** Whether each place shows one block, and the next place the next one. */
function isStraight(found: readonly number[]): boolean {
  const ahead = (found[1] as number) - (found[0] as number);
  for (let k = 0; k < found.length; k += 3) {
    const block = found[k + 1] as number;
    if (block !== found[k + 2] || block - (found[k] as number) !== ahead) return false;
    if (k > 0 && found[k] !== (found[k - 3] as number) + 1) return false;
  }
  return true;
}

/** An axis as if there were no other cells than those in sight. */
export function onlyInSight(axis: Axis): Axis {
  const { first, beyond, start, end } = axis;
  const count = beyond - first;
  return {
    ...axis,
    count,
    first: 0,
    beyond: count,
    start: (k) => start(first + k),
    end: (k) => end(first + k),
  };
}

/** The cells that a place shows together with a cell, in rows and columns of the screen. */
export function sharing(rows: Axis, columns: Axis, row: number, column: number): Area {
  const [top, bottom] = sharers(rows, row);
  const [left, right] = sharers(columns, column);
  return [top, left, bottom, right];
}

function sharers({ start, count, reduced }: Axis, k: number): [number, number] {
  let [first, last] = [k, k];
  while (reduced && first > 0 && start(first - 1) === start(k)) first--;
  while (reduced && last + 1 < count && start(last + 1) === start(k)) last++;
  return [first, last];
}
