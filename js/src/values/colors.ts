// From values to colours. `src/layergrid/colors.py` has the same rule, with its reasons;
// `tests/data/colors.json` holds cases for both.

import type { Theme } from "../view/theme";
import { cellsIn, type Snapshot, type Values } from "../wire";
import { positionIn, type Scale } from "./norms";

/** What a cell is, apart from its value. */
export enum Kind {
  FINITE = 0,
  NAN = 1,
  POSITIVE_INFINITY = 2,
  NEGATIVE_INFINITY = 3,
  ABSENT = 4,
  PENDING = 5,
  /** Finite, below or above the limits. */
  UNDER = 6,
  OVER = 7,
  /** Finite and no more than 0, which has no logarithm, where the norm takes one. */
  NONPOSITIVE = 8,
}

export const N_KINDS = Kind.NONPOSITIVE + 1;

const HOLE_KINDS = [Kind.FINITE, Kind.ABSENT, Kind.PENDING];

export function kindOf(value: number, hole: number, scale: Scale): number {
  const { low, high, least = low, most = high, norm } = scale;
  if (hole !== 0) return HOLE_KINDS[hole] ?? Kind.ABSENT;
  if ((value >= least && value <= most) || norm.kind === "categories") return Kind.FINITE;
  if (Number.isNaN(value)) return Kind.NAN;
  if (value === Number.POSITIVE_INFINITY) return Kind.POSITIVE_INFINITY;
  if (value === Number.NEGATIVE_INFINITY) return Kind.NEGATIVE_INFINITY;
  if (norm.kind === "log" && value <= 0) return Kind.NONPOSITIVE;
  return value < low ? Kind.UNDER : Kind.OVER;
}

/** Where the cells of one step are: the same buffer, no copy. */
export function frameOf<T extends Values>(values: T, step: number, size: number): T {
  const first = values.length > size ? step * size : 0;
  return values.subarray(first, first + size) as T;
}

/** Values and holes of the step that is shown. */
export function frame({
  values,
  holes,
  step,
  axes,
}: Pick<Snapshot, "values" | "holes" | "step" | "axes">) {
  const size = cellsIn(axes);
  return { values: frameOf(values, step, size), holes: frameOf(holes, step, size) };
}

/** A cell's value, and 0 or what there is instead; null while that is not known here. */
export function cellIn(
  shown: Pick<Snapshot, "values" | "holes" | "step" | "axes"> & { known?: Known },
  flat: number,
): readonly [value: number | bigint, hole: number] | null {
  const { values, holes } = frame(shown);
  const value = values[flat];
  return value === undefined ? (shown.known?.get(flat) ?? null) : [value, holes[flat] ?? 0];
}

/** Cells of a large grid that were asked for. */
export type Known = ReadonlyMap<number, readonly [value: number | bigint, hole: number]>;

/**
 * Code of each cell for painting: `min(⌊256 x⌋, 255)` is an entry of the table, 256 + kind what
 * is no number between the limits.
 */
export function codes(values: Values, holes: Uint8Array, scale: Scale): Uint16Array {
  const code = new Uint16Array(values.length);
  const { low, high, norm } = scale;
  // Most grids are linear, and large ones gain much by no call for each cell.
  const span = norm.kind === "linear" && low < high ? high - low : Number.POSITIVE_INFINITY;
  const position = positionIn(scale);
  for (let k = 0; k < code.length; k++) {
    const value = Number(values[k]);
    const kind = kindOf(value, holes[k] ?? 0, scale);
    if (kind !== Kind.FINITE) code[k] = 256 + kind;
    else {
      const x = span < Number.POSITIVE_INFINITY ? (value - low) / span : position(value);
      code[k] = Math.max(0, Math.min(255, Math.floor(x * 256)));
    }
  }
  return code;
}

/** Kinds that are a number with a place on the scale, if beyond its end. */
export const NUMBERS: readonly number[] = [Kind.FINITE, Kind.UNDER, Kind.OVER];

/** What kind of cell a code stands for. */
export const kindOfCode = (code: number) => (code < 256 ? Kind.FINITE : code - 256);

export type Rgb = readonly [number, number, number];

/** What a mark of no number stands on in large cells, as light or as dark as the page. */
export const PAPER: Record<Theme, Rgb> = { light: [250, 250, 250], dark: [38, 41, 47] };

/**
 * Colour of each code as the four bytes of a pixel; where it is 0 the page shows.
 *
 * `marked` cells tell by a mark what they are; those too small for one have reserved colours.
 */
export function palette(
  { table, reserved, categories }: Pick<Snapshot, "table" | "reserved" | "categories">,
  theme: Theme,
  marked: boolean,
): Uint32Array {
  const pixels = new Uint32Array(256 + N_KINDS);
  const bytes = new Uint8Array(pixels.buffer);
  const put = (code: number, rgb: ArrayLike<number>) => {
    bytes.set(rgb, code * 4);
    bytes[code * 4 + 3] = 255;
  };
  const entry = (k: number) => table.subarray(k * 3, k * 3 + 3);
  for (let k = 0; k < 256 * 4; k++) {
    bytes[k] = k % 4 === 3 ? 255 : (table[(k >> 2) * 3 + (k % 4)] as number);
  }
  categories?.forEach(([, colour], k) => {
    if (colour === "") pixels[k] = 0;
  });
  if (marked) {
    // What lies beyond an end of the scale has that end's colour, and a mark to tell it apart.
    for (const kind of [Kind.POSITIVE_INFINITY, Kind.OVER]) put(256 + kind, entry(255));
    for (const kind of [Kind.NEGATIVE_INFINITY, Kind.UNDER]) put(256 + kind, entry(0));
    for (const kind of [Kind.NAN, Kind.NONPOSITIVE]) put(256 + kind, PAPER[theme]);
  } else {
    const first = theme === "dark" ? N_KINDS * 4 : 0;
    bytes.set(reserved.subarray(first, first + N_KINDS * 4), 256 * 4);
  }
  return pixels;
}

/** Relative luminance, WCAG 2. */
export function luminance([r, g, b]: Rgb): number {
  const linear = (c: number) => {
    const s = c / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

/** Black or white, which reads on a colour: white wherever its contrast is 4.5 : 1 or more. */
export function inkOn(rgb: Rgb): "#000" | "#fff" {
  return luminance(rgb) > 1.05 / 4.5 - 0.05 ? "#000" : "#fff";
}
