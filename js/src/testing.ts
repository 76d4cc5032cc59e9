// What the tests start from: one small grid, not square, with everything in it that goes wrong.
import fc from "fast-check";
import {
  ascending,
  cover,
  eachRun,
  push,
  type Runs,
  runsIn,
  together,
  without,
} from "./values/runs";
import { type Command, decode, KEYS, type Rect, type Snapshot } from "./wire";

/** The traits of a grid of 4 layers × 3 components, as a kernel sends them. */
export function traits(other: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    _axes: {
      id: 1,
      layers: [0, 1, 2, 3],
      components: ["attn.q", "mlp.up", "mlp.down"],
      steps: null,
      titles: [null, null],
    },
    _coords: {},
    _dtype: "float64",
    _values: viewOf(
      Float64Array.of(0.5, -1.25, 2, Number.NaN, Infinity, -Infinity, 7, 0, 1.5, 4, 0, 0),
    ),
    // The last two: absent, pending.
    _holes: viewOf(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2)),
    _overview: viewOf(new Uint8Array(0)),
    _reduce: "extreme",
    _partial: 0,
    _edition: 1,
    _moment: null,
    _step: 0,
    _mask: viewOf(Uint8Array.of(0b1000_0001, 0b0000_0001)),
    _selection: [],
    _text: null,
    _table: viewOf(Uint8Array.from({ length: 768 }, (_, k) => (k * 7) % 256)),
    _limits: [-1.25, 7],
    _norm: { kind: "linear" },
    _reserved: viewOf(Uint8Array.from({ length: 72 }, (_, k) => (k * 5) % 256)),
    _categories: null,
    _title: "",
    _label: "",
    _click: "select",
    _transpose: false,
    _size: [null, null],
    _error: [],
    _hovers: false,
    _links: [],
    _row: false,
    _variable: "w",
    ...other,
  };
}

/** Runs as the cells they are, in pick order, and back. */
export function flatsOf(runs: readonly number[]): number[] {
  const flats: number[] = [];
  eachRun(runs, (start, end) => {
    for (let flat = start; flat < end; flat++) flats.push(flat);
  });
  return flats;
}
export function runsOf(flats: Iterable<number>): number[] {
  const runs: number[] = [];
  for (const flat of flats) push(runs, flat, flat + 1);
  return runs;
}

/** One byte a cell as one bit a cell, as the kernel sends a mask, and back. */
export function bitsOf(flags: ArrayLike<number>, frame = flags.length): Uint8Array {
  const bytes = Math.ceil(frame / 8);
  const bits = new Uint8Array(frame > 0 ? (flags.length / frame) * bytes : 0);
  Array.from(flags).forEach((flag, k) => {
    const at = Math.floor(k / frame) * 8 * bytes + (k % frame);
    bits[at >> 3] = (bits[at >> 3] as number) | (flag << (at & 7));
  });
  return bits;
}
export function flagsOf(bits: Uint8Array, frame: number): Uint8Array {
  const bytes = Math.ceil(frame / 8);
  const frames = bytes > 0 ? bits.length / bytes : 0;
  return Uint8Array.from({ length: frames * frame }, (_, k) => {
    const at = Math.floor(k / frame) * 8 * bytes + (k % frame);
    return ((bits[at >> 3] as number) >> (at & 7)) & 1;
  });
}

/** Bytes as Lab hands them over: somewhere inside of a longer message. */
export function viewOf(array: ArrayBufferView): DataView {
  const before = 3;
  const message = new Uint8Array(before + array.byteLength + 5).fill(0xee);
  message.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), before);
  return new DataView(message.buffer, before, array.byteLength);
}

/** The same grid as a view sees it. */
export function snapshot(other: Partial<Snapshot> = {}): Snapshot {
  const raw = traits();
  const parts = KEYS.map((key) => [key, decode(key, (trait) => raw[trait])]);
  return { ...(Object.fromEntries(parts) as Snapshot), ...other };
}

/** The size of the grid that arbitrary commands are for, the same. */
export const [N_LAYERS, N_COMPONENTS] = [4, 3];

const span = (n: number) =>
  fc.tuple(fc.nat(n - 1), fc.nat(n - 1)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

export const rect = fc
  .tuple(span(N_LAYERS), span(N_COMPONENTS))
  .map(([[i0, i1], [j0, j1]]): Rect => [i0, j0, i1, j1]);

/** Rectangles of any cells. */
const rects = fc
  .tuple(fc.array(rect, { maxLength: 3 }), fc.array(rect, { maxLength: 1 }))
  .map(([some, less]) => {
    const all = some.reduce((runs, one) => together(runs, runsIn([one], N_COMPONENTS)), [] as Runs);
    return cover(ascending(without(all, runsIn(less, N_COMPONENTS))), N_COMPONENTS);
  });

export const command: fc.Arbitrary<Command> = fc.record({
  op: fc.constantFrom("set", "add", "remove"),
  rects,
});
