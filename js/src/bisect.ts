// Finding a place among many that are in order. Pure.

/** The first of so many for which something holds that holds for all after it; else how many. */
export function firstWhere(count: number, holds: (k: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
