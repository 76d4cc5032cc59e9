// One axis of cells in device pixels, all of it or what a window shows. Pure.
// `src/layergrid/picture/axes.py` does the same for all of it.
import { firstWhere } from "../bisect";
import { GAP_FROM } from "./sizes";
import { isWhole, type Span, scaleOf } from "./window";

/**
 * One axis of cells in device pixels: cell k is [start(k), end(k)). Through a window, cells that
 * are not within [0, pixels) are out of sight. Nothing is kept for each of them: of a long axis
 * few are ever drawn.
 */
export interface Axis {
  count: number;
  pixels: number;
  /** From one cell to the next, gap included. */
  pitch: number;
  gap: number;
  /** The cells of which anything is in sight: from the first up to the one before `beyond`. */
  first: number;
  beyond: number;
  start: (k: number) => number;
  end: (k: number) => number;
  /** Several cells share a pixel: the one at which they start. */
  reduced: boolean;
}

/**
 * Cells of one whole number of device pixels each, so that all are equal and crisp. Where there
 * are more cells than pixels, one pixel each as long as they are no more than `most`. `breaks` are
 * in order.
 */
export function axisOf(
  count: number,
  pitch: number,
  most: number,
  gap: number,
  breaks: readonly number[],
  groupGap = 0,
): Axis {
  const step = Math.floor(pitch + 1e-6);
  if (step < 1 && count > most)
    return reducedAxis(count, Math.max(1, Math.min(most, Math.floor(pitch * count + 1e-6))));
  const whole = Math.max(1, step);
  const groupGaps = (k: number) =>
    groupGap * firstWhere(breaks.length, (n) => (breaks[n] as number) > k);
  const start = (k: number) => k * whole + groupGaps(k);
  const end = (k: number) => start(k) + whole - gap;
  const pixels = count > 0 ? Math.max(0, end(count - 1)) : 0;
  return { ...all(count), pixels, pitch: whole, gap, start, end, reduced: false };
}

const all = (count: number) => ({ count, first: 0, beyond: count });

function reducedAxis(count: number, pixels: number): Axis {
  const edge = (k: number) => Math.floor((k * pixels) / count);
  return {
    ...all(count),
    pixels,
    pitch: pixels / count,
    gap: 0,
    start: edge,
    end: (k) => Math.max(edge(k) + 1, edge(k + 1)),
    reduced: true,
  };
}

/** Between cells that are at least so far apart in both directions, CSS pixels: device pixels. */
export const gapOf = (pitch: number, ratio: number): number =>
  pitch >= GAP_FROM ? Math.max(1, Math.round(ratio)) : 0;

/**
 * An axis in the same pixels through a window. Where cells begin is counted from the first of all,
 * so that a window that moves neither resizes a cell nor regroups those that share a pixel.
 */
export function throughWindow(axis: Axis, span: Span, gap: number): Axis {
  const { count, pixels } = axis;
  if (isWhole(span, count)) {
    if (gap === axis.gap || axis.reduced) return axis;
    return { ...axis, gap, end: (k) => axis.end(k) + axis.gap - gap };
  }
  const scale = scaleOf(axis, span);
  const offset = Math.round(span[0] * scale);
  const start = (k: number) => Math.floor(k * scale + 1e-6) - offset;
  const reduced = scale < 1;
  const end = (k: number) => (reduced ? Math.max(start(k) + 1, start(k + 1)) : start(k + 1) - gap);
  const first = firstWhere(count - 1, (k) => end(k) > 0);
  const beyond = Math.max(
    first + 1,
    firstWhere(count, (k) => start(k) >= pixels),
  );
  return { count, pixels, pitch: scale, gap, first, beyond, start, end, reduced };
}

/** Middle of a cell, device pixels. */
export function centre(axis: Axis, k: number): number {
  return (axis.start(k) + axis.end(k)) / 2;
}

/** The cell at a place along an axis, device pixels; a gap belongs to the nearer cell. */
export function cellAt(axis: Axis, at: number): number {
  if (axis.count === 0) return -1;
  if (axis.reduced) {
    const pixel = Math.floor(at);
    const from = axis.start(0);
    // Of the cells that share the pixel: the division alone may give the one before them.
    let k = Math.floor((at - from) / axis.pitch);
    while (k < axis.count - 1 && axis.start(Math.max(0, k)) < pixel) k++;
    return Math.max(0, Math.min(axis.count - 1, k));
  }
  return firstWhere(axis.count - 1, (k) => at < (axis.end(k) + axis.start(k + 1)) / 2);
}

/** What is in sight of the cells from `k` to `last`: where it begins and ends, device pixels. */
export function inSight({ start, end, pixels }: Axis, k: number, last = k): [number, number] {
  return [Math.max(0, start(k)), Math.min(pixels, end(last))];
}
