// Frames of a grid whose steps do not all travel at once: which are kept, which to ask for. Pure.
import type { Values } from "../wire";

export interface Frame {
  values: Values;
  holes: Uint8Array;
}

const KEPT_BYTES = 64_000_000;
/** Of one answer: some hosts turn each message into an array of numbers. */
const ASKED_BYTES = 1_000_000;
const AHEAD = 4;

export class Frames {
  /** The one that was used last comes last. */
  #frames = new Map<number, Frame>();
  #bytes = 0;
  #size = 1;

  get(step: number): Frame | undefined {
    const frame = this.#frames.get(step);
    if (frame) {
      this.#frames.delete(step);
      this.#frames.set(step, frame);
    }
    return frame;
  }

  put(step: number, frame: Frame): void {
    this.#drop(step);
    this.#frames.set(step, frame);
    this.#size = bytesOf(frame);
    this.#bytes += this.#size;
    for (const oldest of this.#frames.keys()) {
      if (this.#bytes <= KEPT_BYTES || oldest === step) break;
      this.#drop(oldest);
    }
  }

  /** What to ask for next: the step itself, then those that come up when movement goes on. */
  wanted(step: number, direction: number, count: number): number[] {
    // No more than can be kept beside the step itself, or they would push each other out.
    const room = Math.floor(KEPT_BYTES / this.#size) - 1;
    const ahead = direction === 0 ? 0 : Math.max(0, Math.min(AHEAD, room));
    const most = Math.max(1, Math.floor(ASKED_BYTES / this.#size));
    return Array.from({ length: ahead + 1 }, (_, k) => step + k * direction)
      .filter((next) => next >= 0 && next < count && !this.#frames.has(next))
      .slice(0, most);
  }

  #drop(step: number): void {
    const frame = this.#frames.get(step);
    if (!frame) return;
    this.#frames.delete(step);
    this.#bytes -= bytesOf(frame);
  }
}

const bytesOf = ({ values, holes }: Frame) => values.byteLength + holes.byteLength;
