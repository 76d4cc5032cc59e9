/** One whole number for each of so many: of the cells of a long axis, faster than `Int32Array.from`. */
export function indices(count: number, of: (k: number) => number): Int32Array {
  const made = new Int32Array(count);
  for (let k = 0; k < count; k++) made[k] = of(k);
  return made;
}
