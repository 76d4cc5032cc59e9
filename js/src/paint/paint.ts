// Cells to pixels. Pure but for the context that is handed in.

import { type Axis, inSight } from "../layout/axes";
import { Kind, kindOfCode, NUMBERS } from "../values/colors";
import type { Rule, Values } from "../wire";

/**
 * Pixels of the cells in sight, one 32-bit colour each; gaps stay transparent.
 *
 * `code` is the colour code of each cell, or of each pixel along an axis that is reduced.
 */
export function cellPixels(
  code: Uint16Array,
  palette: Uint32Array,
  rows: Axis,
  columns: Axis,
): Uint32Array {
  const width = columns.pixels;
  const pixels = new Uint32Array(width * rows.pixels);
  const line = new Uint32Array(width);
  const across = columns.reduced ? width : columns.count;
  const at = codeAtPixel(columns);
  const down = codeAtPixel(rows);
  for (let y = 0; y < rows.pixels; y++) {
    const i = down[y] as number;
    if (i < 0) continue;
    if (i !== down[y - 1]) {
      for (let x = 0; x < width; x++) {
        const j = at[x] as number;
        if (j >= 0) line[x] = palette[code[i * across + j] as number] as number;
      }
    }
    pixels.set(line, y * width);
  }
  return pixels;
}

/** Along an axis, whose code each pixel shows; -1 in a gap. */
function codeAtPixel(axis: Axis): Int32Array {
  const found = new Int32Array(axis.pixels);
  if (axis.reduced) return found.map((_, pixel) => pixel);
  found.fill(-1);
  for (let k = axis.first; k < axis.beyond; k++) found.fill(k, ...inSight(axis, k));
  return found;
}

/** Which of the kinds in a block is shown: what is wrong before what is large before what is not. */
export const RANK: number[] = [];
RANK[Kind.NAN] = 6;
RANK[Kind.POSITIVE_INFINITY] = 5;
RANK[Kind.NEGATIVE_INFINITY] = 4;
RANK[Kind.NONPOSITIVE] = 3;
for (const kind of NUMBERS) RANK[kind] = 2;
RANK[Kind.PENDING] = 1;
RANK[Kind.ABSENT] = 0;

/** Whether a code is of a number, on the scale or not. */
export const isNumber = (code: number) => (RANK[kindOfCode(code)] as number) >> 1 === 1;

/** How much a number stands out by a rule, beside others. */
export const sizeBy = (rule: Rule, value: number, zero = 0): number =>
  rule === "max" ? value : rule === "min" ? -value : Math.abs(value - zero);

/**
 * The cell that stands for each block of cells in sight that share a pixel, as flat indices: a NaN,
 * else an infinity, else by the rule; the extreme is what has no logarithm, else the largest
 * |value|, so that nothing remarkable is averaged away. Without reduction, every cell stands for
 * itself and there is nothing to look up (null).
 *
 * For means `total` and `count` take the sum of the numbers of each block, and how many there are.
 */
export function representatives(
  values: Values,
  code: Uint16Array,
  rows: Axis,
  columns: Axis,
  rule: Rule = "extreme",
  total: number[] = [],
  count: number[] = [],
): Int32Array | null {
  if (!rows.reduced && !columns.reduced) return null;
  const nR = rows.reduced ? rows.pixels : rows.count;
  const nC = columns.reduced ? columns.pixels : columns.count;
  const chosen = new Int32Array(nR * nC).fill(-1);
  const rank = new Int8Array(nR * nC).fill(-1);
  const size = new Float64Array(nR * nC);
  const ranks = [...RANK];
  if (rule !== "extreme") ranks[Kind.NONPOSITIVE] = 2;
  for (let i = rows.first; i < rows.beyond; i++) {
    const row = (rows.reduced ? rows.start(i) : i) * nC;
    for (let j = columns.first; j < columns.beyond; j++) {
      const flat = i * columns.count + j;
      const block = row + (columns.reduced ? columns.start(j) : j);
      const r = ranks[kindOfCode(code[flat] as number)] as number;
      const value = Number(values[flat]);
      const magnitude = sizeBy(rule, value);
      if (rule === "mean" && r === 2) {
        total[block] = (total[block] ?? 0) + value;
        count[block] = (count[block] ?? 0) + 1;
      }
      if (
        r > (rank[block] as number) ||
        (r === 2 && rank[block] === 2 && magnitude > (size[block] as number))
      ) {
        chosen[block] = flat;
        rank[block] = r;
        size[block] = magnitude;
      }
    }
  }
  return chosen;
}

/** The codes that `cellPixels` takes, from those of all cells. */
export function pick(code: Uint16Array, chosen: Int32Array | null): Uint16Array {
  if (!chosen) return code;
  return Uint16Array.from(chosen, (flat) => code[flat] ?? 256 + Kind.ABSENT);
}

/** Puts pixels on a canvas of exactly their size. */
export function putPixels(
  canvas: HTMLCanvasElement,
  pixels: Uint32Array,
  width: number,
  height: number,
): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  if (width === 0 || height === 0) return;
  const bytes = new Uint8ClampedArray(pixels.buffer as ArrayBuffer);
  canvas.getContext("2d")?.putImageData(new ImageData(bytes, width, height), 0, 0);
}
