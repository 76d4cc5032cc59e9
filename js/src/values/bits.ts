// A mask as it travels: one bit a cell, the lowest of a byte first, each frame in whole bytes. Pure.

/** Bytes of one frame. */
export const bytesFor = (cells: number): number => Math.ceil(cells / 8);

/** The bits of one step: of the one frame there is, or of its own. Empty where the mask is unset. */
export function frameBits(mask: Uint8Array, step: number, cells: number): Uint8Array {
  const bytes = bytesFor(cells);
  return mask.length > bytes ? mask.subarray(step * bytes, (step + 1) * bytes) : mask;
}

/** The first cell from one up to another whose bit is set, or is not; else the other. */
export function seekBit(bits: Uint8Array, from: number, to: number, set: boolean): number {
  const none = set ? 0 : 255;
  // An unset mask has no bytes.
  const end = set ? Math.min(to, 8 * bits.length) : to;
  const last = end >>> 3;
  for (let k = from; k < end; k++) {
    let at = k >>> 3;
    if (bits[at] === none) {
      // There may be millions of bytes, and most of them alike.
      do at++;
      while (at < last && bits[at] === none);
      k = 8 * at;
    }
    if (k < end && (((bits[at] ?? 0) >> (k & 7)) & 1) === Number(set)) return k;
  }
  return to;
}

/** Sets or clears the bits of the cells from one up to another. */
export function setBits(bits: Uint8Array, from: number, to: number, set: boolean): void {
  for (let k = from; k < to; ) {
    const at = k >>> 3;
    const whole = (to >>> 3) - at;
    if ((k & 7) === 0 && whole > 0) {
      bits.fill(set ? 255 : 0, at, at + whole);
      k += 8 * whole;
    } else {
      const bit = 1 << (k & 7);
      bits[at] = set ? (bits[at] as number) | bit : (bits[at] as number) & ~bit;
      k++;
    }
  }
}

export function countBits(bits: Uint8Array): number {
  let count = 0;
  for (let k = 0; k < bits.length; k++) count += ONES[bits[k] as number] as number;
  return count;
}

/** How many bits of each byte are set. */
const ONES = new Uint8Array(256);
for (let byte = 1; byte < 256; byte++) ONES[byte] = (ONES[byte >> 1] as number) + (byte & 1);
