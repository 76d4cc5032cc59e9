// The only codec and the only message schema: what crosses between kernel and page.
// `src/layergrid/wire/` is the other end; `tests/data/contract.json` lists what both must know.

import type { Limits, Norm } from "./values/norms";
import type { Runs } from "./values/runs";

export type Label = string | number | boolean;

/** Everything a view shows, decoded. The keys are the traits without their underscore. */
export interface Snapshot {
  axes: Axes;
  coords: Record<string, string[]>;
  values: Values;
  /** What type the values are of in Python, where the page has that type. */
  dtype: string;
  holes: Uint8Array;
  /** What is shown of a large grid while its values are not here; null where they always are. */
  overview: Overview | null;
  /** What stands for cells that share a pixel. */
  reduce: Rule;
  /** 0 where values and holes are those of all steps, else what tells the one frame's apart. */
  partial: number;
  /** Numbers values and live frames: the higher one is newer. */
  edition: number;
  /** What the live frame is called that is shown. */
  moment: Label | null;
  step: number;
  /** One bit a cell (of one frame, or of all), empty when unset; see `values/bits.ts`. */
  mask: Uint8Array;
  /** In pick order. */
  selection: Runs;
  /** "auto" where the page writes the values itself. */
  text: string[] | "auto" | null;
  /** 256 colours, RGB. */
  table: Uint8Array;
  /** After them the least and the largest value within them, if those lie beyond. */
  limits: Limits;
  norm: Norm;
  /** Colours of small cells that are no number in the limits: RGBA, 2 themes × 9 kinds. */
  reserved: Uint8Array;
  /** Label and colour of each category, whose value is its index; "" where the page shows. */
  categories: [Label, string][] | null;
  title: string;
  label: string;
  click: "select" | "mask" | "none";
  /** Layers stand side by side, components one over the other. */
  transpose: boolean;
  /** Asked-for height and width in CSS pixels. */
  size: [number | null, number | null];
  /** Headline and traceback of the callback that raised last, empty if none is to be shown. */
  error: [] | [string, string];
  hovers: boolean;
  links: Tie[];
  /** Whether it stands in a row of heatmaps. */
  row: boolean;
  variable: string;
}

/** What stands for finite values that share a pixel. */
export type Rule = "extreme" | "mean" | "min" | "max";

/** Colours of blocks of cells. */
export interface Blocks {
  /** How many there are of layers, and of components. */
  layers: number;
  components: number;
  /** Colour code of each. */
  code: Uint16Array;
}

/** Some cells, finer than in the overview. */
export interface Tile extends Blocks {
  rect: Rect;
}

/** A whole frame. */
export interface Overview extends Blocks {
  /** Whether the values may be asked for. */
  fetchable: boolean;
  /** Which part of the cells was read, 1 where all were; and beside it one out of how many. */
  share: number;
  every: number;
  /** The kinds whose count is an estimate, a bit each. */
  estimated: number;
  /** How many cells there are of each kind. */
  counts: readonly number[];
}

/** A link that a heatmap is in: who else is in one of this id moves with it. */
export interface Tie {
  id: string;
  hover: boolean;
  selection: boolean;
}

export interface Axes {
  id: number;
  layers: Label[];
  components: Label[];
  steps: Label[] | null;
  /** What the axes are called, where that is not simply layer and component. */
  titles: [string | null, string | null];
}

export const cellsIn = ({ layers, components }: Axes): number => layers.length * components.length;

export type Values =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** First layer, first component, last layer, last component; both ends belong to it. */
export type Rect = [number, number, number, number];

export interface Command {
  op: "set" | "add" | "remove";
  /** None of them overlap. */
  rects: Rect[];
}

export interface Click {
  cell: number;
  modifiers: Modifier[];
}

export type Modifier = "ctrl" | "meta" | "shift" | "alt";

/** Where the cells stand in the picture, CSS pixels. */
export interface Placed {
  /** Width of the box that the heatmap stands in with others. */
  room: number;
  /** Layers stand side by side. */
  transpose: boolean;
  /** Left, top, width, height. */
  cells: [number, number, number, number];
  /** Width and height of the picture, and of a cell. */
  size: [number, number];
  cell: [number, number];
  /** Middles of all layers and components, from the first cell's edge on; none of a long axis. */
  layers: number[];
  components: number[];
}

/** Asks for blocks of some cells, so many of layers and of components; and brings them. */
interface Tiling {
  kind: "tile";
  page: string;
  partial: number;
  step: number;
  rect: Rect;
  blocks: [number, number];
}

export type ToKernel =
  | {
      kind: "gesture";
      page: string;
      seq: number;
      axes: number;
      target: "selection" | "mask";
      /** The step that the person saw. */
      step: number;
      command: Command | null;
      click: Click | null;
    }
  /** Numbered on its own: of a page's steps the last one counts. */
  | { kind: "step"; page: string; seq: number; step: number }
  | { kind: "frames"; page: string; partial: number; steps: number[] }
  /** How many layers and components of a large grid there are pixels for. */
  | { kind: "blocks"; layers: number; components: number }
  /** Asks which cell stands for these, and for its value. */
  | { kind: "read"; page: string; partial: number; step: number; rect: Rect }
  | Tiling
  /** Of live frames, all up to an edition; whether anybody can see them. */
  | { kind: "painted"; page: string; edition: number; visible: boolean }
  | { kind: "hover"; cell: number | null }
  /** Of the axes with this id. */
  | ({ kind: "placed"; axes: number } & Placed)
  | { kind: "dismiss" };

export type ToPage =
  | { kind: "ack"; page: string; seq: number }
  | { kind: "stepped"; page: string; seq: number }
  /** With two buffers a step: its values, its holes. */
  | { kind: "frames"; page: string; partial: number; steps: number[] }
  /** With two buffers: the value of the cell, and whether it has one. */
  | { kind: "read"; page: string; partial: number; step: number; rect: Rect; cell: number }
  /** With one buffer: the blocks. */
  | Tiling
  | Live
  | { kind: "refused"; page: string | null; seq: number | null; reason: string };

/** A live frame: the traits that it changes, those of bytes as the buffers that `binary` names. */
export interface Live {
  kind: "live";
  edition: number;
  /** The last edition that the kernel knows to be painted. */
  heard: number;
  axes: number;
  traits: Record<string, unknown>;
  binary: string[];
}

/** The trait behind each key of a snapshot: the one place where names change case. */
export const traitOf = (key: keyof Snapshot) => `_${key}`;

const TYPES = {
  bool: Uint8Array,
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
} as const;

const asItIs = (raw: unknown) => raw as never;

/** A decoder for each part; `get` reads any trait, for the part that needs two of them. */
const DECODERS: {
  [K in keyof Snapshot]: (raw: unknown, get: (trait: string) => unknown) => Snapshot[K];
} = {
  axes: (raw) => decodeAxes(raw as RawAxes),
  coords: asItIs,
  values: (raw, get) => decodeValues(raw, get("_dtype") as string),
  dtype: asItIs,
  holes: bytesOf,
  overview: (raw) => decodeOverview(bytesOf(raw)),
  reduce: asItIs,
  partial: asItIs,
  edition: asItIs,
  moment: asItIs,
  step: asItIs,
  mask: bytesOf,
  selection: asItIs,
  text: asItIs,
  table: bytesOf,
  limits: asItIs,
  norm: asItIs,
  reserved: bytesOf,
  categories: asItIs,
  title: asItIs,
  label: asItIs,
  click: asItIs,
  transpose: asItIs,
  size: asItIs,
  error: asItIs,
  hovers: asItIs,
  links: asItIs,
  row: asItIs,
  variable: asItIs,
};

export const KEYS = Object.keys(DECODERS) as (keyof Snapshot)[];

/** Every trait that the page reads. */
export const TRAITS = KEYS.map(traitOf);

export function decode<K extends keyof Snapshot>(
  key: K,
  get: (trait: string) => unknown,
): Snapshot[K] {
  return DECODERS[key](get(traitOf(key)), get);
}

/** The parts that a live frame changes; `get` reads the traits that it leaves as they are. */
export function decodeLive(
  { traits, binary }: Live,
  buffers: readonly unknown[],
  get: (trait: string) => unknown,
): Partial<Snapshot> {
  const raw = new Map(Object.entries(traits));
  binary.forEach((trait, k) => {
    raw.set(trait, buffers[k]);
  });
  const read = (trait: string) => (raw.has(trait) ? raw.get(trait) : get(trait));
  const keys = KEYS.filter((key) => raw.has(traitOf(key)));
  return Object.fromEntries(keys.map((key) => [key, decode(key, read)]));
}

/** Bytes as hosts hand them over: a DataView in Lab, a Uint8Array or ArrayBuffer elsewhere. */
export function bytesOf(raw: unknown): Uint8Array {
  if (raw instanceof ArrayBuffer) return new Uint8Array(raw);
  if (ArrayBuffer.isView(raw)) return new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
  throw new TypeError(`expected bytes from the kernel, got ${Object.prototype.toString.call(raw)}`);
}

/** Labels that count up from 0 travel as how many there are. */
type RawAxes = Omit<Axes, "layers" | "components"> &
  Record<"layers" | "components", Label[] | number>;

function decodeAxes(raw: RawAxes): Axes {
  const labels = (of: Label[] | number) => (typeof of === "number" ? [...Array(of).keys()] : of);
  return { ...raw, layers: labels(raw.layers), components: labels(raw.components) };
}

export function decodeValues(raw: unknown, dtype: string): Values {
  const Type = TYPES[dtype as keyof typeof TYPES];
  if (!Type) throw new TypeError(`the kernel sent values of unknown type ${dtype}`);
  // A copy: a view of eight-byte numbers would need an offset that is a multiple of eight.
  const { buffer } = bytesOf(raw).slice();
  return new Type(buffer as ArrayBuffer);
}

/** Numbers, the last of them counted, then the blocks. */
function decodeOverview(bytes: Uint8Array): Overview | null {
  if (bytes.length === 0) return null;
  const numbers = new Float64Array(bytes.slice(0, 8 * (bytes.length >> 3)).buffer);
  const [layers = 0, components = 0, fetchable, share = 1, every = 0, estimated = 0, kinds = 0] =
    numbers;
  const code = decodeBlocks(bytes.subarray(8 * (7 + kinds)), layers * components);
  const counts = [...numbers.subarray(7, 7 + kinds)];
  return { layers, components, fetchable: fetchable === 1, share, every, estimated, counts, code };
}

/** Entries of the table, then a bit for each that says whether a kind follows, and those. */
export function decodeBlocks(bytes: Uint8Array, blocks: number): Uint16Array {
  const code = new Uint16Array(bytes.subarray(0, blocks));
  const special = blocks + Math.ceil(blocks / 8);
  let next = special;
  for (let byte = blocks; byte < special; byte++) {
    const at = 8 * (byte - blocks);
    for (let bits = bytes[byte] ?? 0, k = at; bits > 0; bits >>= 1, k++) {
      if (bits & 1) code[k] = 256 + (bytes[next++] as number);
    }
  }
  return code;
}
