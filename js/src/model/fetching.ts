// Frames that do not come by themselves: which are here, which to ask for, and when.
import { bytesOf, decodeValues, type Snapshot, type ToPage } from "../wire";
import { type Frame, Frames } from "./frames";

const AGAIN_AFTER_MS = 5000;
/** Values of a large grid are asked for once they have not changed for as long. */
const CALM_MS = 200;

export class Fetching {
  #ask: (partial: number, steps: number[]) => void;
  #frames = new Frames();
  /** The one that is shown. */
  #frame: Frame | null = null;
  #askedAt: number | null = null;
  #near = false;
  #calm: ReturnType<typeof setTimeout> | undefined;

  constructor(ask: (partial: number, steps: number[]) => void) {
    this.#ask = ask;
  }

  /** Keeps the frame that came as a trait, with those that come as messages. */
  arrived({ partial, step, values, holes, overview }: Snapshot): void {
    if (partial === 0 || overview) return;
    const frame = { values, holes };
    this.#frames.put(step, frame);
    this.#frame ??= frame;
  }

  keep({ steps }: Extract<ToPage, { kind: "frames" }>, buffers: unknown[], dtype: string): void {
    this.#askedAt = null;
    steps.forEach((step, k) => {
      const values = decodeValues(buffers[2 * k], dtype);
      this.#frames.put(step, { values, holes: bytesOf(buffers[2 * k + 1]).slice() });
    });
  }

  /** The frame of a step to show, undefined while it is not here; `shown` stays the one before. */
  show(step: number): Frame | undefined {
    const frame = this.#frames.get(step);
    this.#frame = frame ?? this.#frame;
    return frame;
  }

  get shown(): Frame | null {
    return this.#frame;
  }

  /** Other values are shown now. */
  forget(): void {
    this.#frames = new Frames();
    this.#frame = null;
    this.#askedAt = null;
  }

  /** The person does something at the picture; `calm` is called once it has stayed as it is. */
  near(calm: () => void): void {
    if (this.#near) return;
    this.#near = true;
    clearTimeout(this.#calm);
    this.#calm = setTimeout(() => {
      this.#calm = undefined;
      calm();
    }, CALM_MS);
  }

  /** A pointer that only rests where it is asks for nothing: a run may go on under it all night. */
  rest(): void {
    this.#near = false;
  }

  /**
   * Asks for frames that will be wanted when movement goes on; for that of the step itself where
   * it does not come as a trait, as it will while the kernel is told of the step.
   */
  fetch({ partial, axes, overview }: Snapshot, step: number, direction: number, told: boolean) {
    const now = performance.now();
    const waiting = this.#askedAt !== null && now - this.#askedAt < AGAIN_AFTER_MS;
    if (partial === 0 || waiting) return;
    if (overview && !(overview.fetchable && this.#near && this.#calm === undefined)) return;
    const steps = this.#frames
      .wanted(step, direction, axes.steps?.length ?? 1)
      .filter((next) => next !== step || !told);
    if (steps.length === 0) return;
    this.#askedAt = now;
    this.#ask(partial, steps);
  }

  close(): void {
    clearTimeout(this.#calm);
  }
}
