// From values to colours. `src/layergrid/colors.py` has the same rule, with its reasons;
// `tests/data/colors.json` holds cases for both.
import type { Values } from "./wire";

/** What a cell is, apart from its value. */
export const Kind = {
  FINITE: 0,
  NAN: 1,
  POSITIVE_INFINITY: 2,
  NEGATIVE_INFINITY: 3,
  ABSENT: 4,
  PENDING: 5,
} as const;

const HOLE_KINDS = [Kind.FINITE, Kind.ABSENT, Kind.PENDING];

export function kindOf(value: number, hole: number): number {
  if (hole !== 0) return HOLE_KINDS[hole] ?? Kind.ABSENT;
  if (Number.isFinite(value)) return Kind.FINITE;
  if (Number.isNaN(value)) return Kind.NAN;
  return value > 0 ? Kind.POSITIVE_INFINITY : Kind.NEGATIVE_INFINITY;
}

/** Where a value lies between the limits, 0…1; in the middle where they leave no range. */
export function positionOf(value: number, low: number, high: number): number {
  if (low === high) return value < low ? 0 : value > high ? 1 : 0.5;
  // Limits at both ends of float64; halved anywhere else, the tiniest would underflow.
  const x =
    high - low === Number.POSITIVE_INFINITY
      ? (value / 2 - low / 2) / (high / 2 - low / 2)
      : (value - low) / (high - low);
  return Math.max(0, Math.min(1, x));
}

/** A value's entry in the table, `min(⌊256 x⌋, 255)`, clipped at both ends. */
export function tableIndex(value: number, low: number, high: number): number {
  return Math.min(255, Math.floor(positionOf(value, low, high) * 256));
}

/** Where the cells of one step are: the same buffer, no copy. */
export function frameOf<T extends Values>(values: T, step: number, size: number): T {
  const first = values.length > size ? step * size : 0;
  return values.subarray(first, first + size) as T;
}

/** Code of each cell for painting: 0…255 is an entry of the table, 256 + kind what is none. */
export function codes(
  values: Values,
  holes: Uint8Array,
  [low, high]: readonly [number, number],
): Uint16Array {
  const code = new Uint16Array(values.length);
  for (let k = 0; k < code.length; k++) {
    const value = Number(values[k]);
    const kind = kindOf(value, holes[k] ?? 0);
    code[k] = kind === Kind.FINITE ? tableIndex(value, low, high) : 256 + kind;
  }
  return code;
}

export type Rgb = readonly [number, number, number];

/** Flat colours of what is no number, on a light and on a dark page. */
export const KIND_COLORS: Record<"light" | "dark", readonly (Rgb | null)[]> = {
  light: [null, [250, 250, 250], null, null, null, null],
  dark: [null, [38, 41, 47], null, null, null, null],
};

/** Colour of each code as the four bytes of a pixel; what has none shows the page. */
export function palette(table: Uint8Array, theme: "light" | "dark"): Uint32Array {
  const pixels = new Uint32Array(256 + 6);
  const bytes = new Uint8ClampedArray(pixels.buffer);
  const put = (code: number, [r, g, b]: Rgb) => bytes.set([r, g, b, 255], code * 4);
  const entry = (k: number): Rgb => [
    table[k * 3] ?? 0,
    table[k * 3 + 1] ?? 0,
    table[k * 3 + 2] ?? 0,
  ];
  for (let k = 0; k < 256; k++) put(k, entry(k));
  // An infinity lies beyond the end of the scale: that end's colour, told apart by its mark.
  put(256 + Kind.POSITIVE_INFINITY, entry(255));
  put(256 + Kind.NEGATIVE_INFINITY, entry(0));
  KIND_COLORS[theme].forEach((rgb, kind) => {
    if (rgb) put(256 + kind, rgb);
  });
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

/** Black or white, whichever reads better on a colour. */
export function inkOn(rgb: Rgb): "#000" | "#fff" {
  // Equal contrast with both at √(1.05 · 0.05) − 0.05.
  return luminance(rgb) > 0.1791 ? "#000" : "#fff";
}
