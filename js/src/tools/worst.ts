// The way through the cells from the worst one on. Pure.
import { Kind, kindOf } from "../values/colors";
import type { Scale } from "../values/norms";
import type { Values } from "../wire";

/** What is wrong before what is large; of other kinds there is nothing to find. */
const RANK: Record<number, number> = {
  [Kind.NAN]: 4,
  [Kind.POSITIVE_INFINITY]: 3,
  [Kind.NEGATIVE_INFINITY]: 3,
  [Kind.NONPOSITIVE]: 2,
  [Kind.FINITE]: 1,
  [Kind.UNDER]: 1,
  [Kind.OVER]: 1,
};

/**
 * The cell that is next worst after another, or without one the worst: NaNs, then infinities,
 * then what has no logarithm, then what is farthest from 0, or from the centre of the scale.
 * After the last comes the first; `back` goes the other way. Null where there is none.
 */
export function nextWorst(
  values: Values,
  holes: Uint8Array,
  scale: Scale,
  from: number | null,
  back: boolean,
): number | null {
  const { norm } = scale;
  if (norm.kind === "categories") return null;
  const center = norm.kind === "twoslope" ? norm.center : 0;
  const rank = (flat: number) => RANK[kindOf(Number(values[flat]), holes[flat] ?? 0, scale)] ?? 0;
  const distance = (flat: number) => Math.abs(Number(values[flat]) - center);
  // Two NaNs or infinities leave no number, and so the order of the grid.
  const worse = (a: number, b: number) => rank(a) - rank(b) || distance(a) - distance(b) || b - a;
  const ahead = (a: number, b: number) => (back ? worse(b, a) : worse(a, b)) > 0;
  let first: number | null = null;
  let next: number | null = null;
  for (let flat = 0; flat < values.length; flat++) {
    if (rank(flat) === 0) continue;
    if (first === null || ahead(flat, first)) first = flat;
    if (from !== null && ahead(from, flat) && (next === null || ahead(flat, next))) next = flat;
  }
  return next ?? first;
}
