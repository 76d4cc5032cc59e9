// One axis of cells in device pixels. Pure. `src/layergrid/picture/axes.py` does the same.

/** One axis of cells in device pixels: cell k is [start[k], end[k]). */
export interface Axis {
  count: number;
  pixels: number;
  /** From one cell to the next, gap included. */
  pitch: number;
  start: Int32Array;
  end: Int32Array;
  /** Several cells share a pixel: pixel p shows cells ⌈p·count/pixels⌉ up to the next one's. */
  reduced: boolean;
}

/**
 * Cells of one whole number of device pixels each, so that all are equal and crisp. Where there
 * are more cells than pixels, one pixel each as long as they are no more than `most`.
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
  const start = new Int32Array(count);
  const end = new Int32Array(count);
  const broken = new Set(breaks);
  let at = 0;
  for (let k = 0; k < count; k++) {
    if (broken.has(k)) at += groupGap;
    start[k] = at;
    at += whole;
    end[k] = at - gap;
  }
  return { count, pixels: Math.max(0, at - gap), pitch: whole, start, end, reduced: false };
}

function reducedAxis(count: number, pixels: number): Axis {
  const edge = (k: number) => Math.floor((k * pixels) / count);
  return {
    count,
    pixels,
    pitch: pixels / count,
    start: Int32Array.from({ length: count }, (_, k) => edge(k)),
    end: Int32Array.from({ length: count }, (_, k) => Math.max(edge(k) + 1, edge(k + 1))),
    reduced: true,
  };
}

/** Middle of a cell, device pixels. */
export function centre(axis: Axis, k: number): number {
  return ((axis.start[k] ?? 0) + (axis.end[k] ?? 0)) / 2;
}

/** The cell at a place along an axis, device pixels; a gap belongs to the nearer cell. */
export function cellAt(axis: Axis, at: number): number {
  if (axis.count === 0) return -1;
  if (axis.reduced) {
    // Within the cells that share the pixel: the division alone may give the one before them.
    const first = Math.ceil((Math.floor(at) * axis.count) / axis.pixels);
    const k = Math.max(first, Math.floor((at * axis.count) / axis.pixels));
    return Math.max(0, Math.min(axis.count - 1, k));
  }
  let low = 0;
  let high = axis.count - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const edge = ((axis.end[middle] ?? 0) + (axis.start[middle + 1] ?? 0)) / 2;
    if (at < edge) high = middle;
    else low = middle + 1;
  }
  return low;
}
