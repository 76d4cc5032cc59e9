// What the kernel answers about a large grid whose values are not here: blocks of some cells that
// are finer than the overview's, and single cells.
import type { Known } from "../values/colors";
import {
  bytesOf,
  decodeBlocks,
  decodeValues,
  type Rect,
  type Snapshot,
  type Tile,
  type ToKernel,
  type ToPage,
} from "../wire";
import { Latest } from "./latest";

type Of<K extends ToKernel["kind"]> = Omit<Extract<ToKernel, { kind: K }>, "page">;
type Answer<K extends ToPage["kind"]> = Extract<ToPage, { kind: K }>;

export class Closer {
  #kernel: () => Snapshot;
  #known: Known = new Map();
  #found: ReadonlyMap<string, number> = new Map();
  #tile: Tile | null = null;
  #reads: Latest<Rect>;
  #tiles: Latest<Pick<Of<"tile">, "rect" | "blocks">>;

  /** `kernel` gives what its answers must be about, still. */
  constructor(kernel: () => Snapshot, ask: (question: Of<"read"> | Of<"tile">) => void) {
    this.#kernel = kernel;
    const about = () => ({ partial: kernel().partial, step: kernel().step });
    this.#reads = new Latest((rect) => ask({ kind: "read", ...about(), rect }));
    this.#tiles = new Latest((part) => ask({ kind: "tile", ...about(), ...part }));
  }

  get known(): Known {
    return this.#known;
  }

  get found(): ReadonlyMap<string, number> {
    return this.#found;
  }

  get tile(): Tile | null {
    return this.#tile;
  }

  read(rect: Rect): void {
    if (this.#found.has(String(rect)) || String(rect) === String(this.#reads.asked)) return;
    this.#reads.want(rect);
  }

  refine(rect: Rect, layers: number, components: number): void {
    this.#tiles.want({ rect, blocks: [layers, components] });
  }

  forgetCells(): void {
    this.#known = new Map();
    this.#found = new Map();
    this.#reads.forget();
  }

  forgetTile(): void {
    this.#tile = null;
    this.#tiles.forget();
  }

  keepCell(content: Answer<"read">, buffers: unknown[]): void {
    if (!this.#holds(content)) return;
    const { rect, cell } = content;
    const [value] = decodeValues(buffers[0], this.#kernel().dtype);
    const hole = bytesOf(buffers[1])[0] ?? 0;
    this.#known = new Map(this.#known).set(cell, [value ?? Number.NaN, hole]);
    this.#found = new Map(this.#found).set(String(rect), cell);
    this.#reads.answered();
  }

  keepTile(content: Answer<"tile">, buffers: unknown[]): void {
    if (this.#holds(content)) {
      const [layers, components] = content.blocks;
      const code = decodeBlocks(bytesOf(buffers[0]), layers * components);
      this.#tile = { rect: content.rect, layers, components, code };
    }
    this.#tiles.answered();
  }

  #holds({ partial, step }: { partial: number; step: number }): boolean {
    return partial === this.#kernel().partial && step === this.#kernel().step;
  }
}
