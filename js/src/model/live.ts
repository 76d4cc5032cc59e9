// Live frames: the latest one, drawn with the next frame of the screen and reported to the kernel.
import { decodeLive, type Live, type Snapshot, type ToKernel } from "../wire";

/** A kernel that heard nothing for so long may have lost what it was told. */
const TELL_AGAIN_AFTER_MS = 5000;

type Painted = Omit<Extract<ToKernel, { kind: "painted" }>, "page">;

export class LiveFrames {
  #get: (trait: string) => unknown;
  #tell: (painted: Painted) => void;
  #arrived: { message: Live; buffers: readonly unknown[] } | null = null;
  #shown: { edition: number; parts: Partial<Snapshot> } | null = null;

  #visible = new Set<object>();
  /** The last that was told, and what the kernel has heard of it. */
  #told: Painted | null = null;
  #toldAt = 0;
  #heard = 0;

  constructor(get: (trait: string) => unknown, tell: (painted: Painted) => void) {
    this.#get = get;
    this.#tell = tell;
  }

  /** Takes a frame; whether it is the latest. */
  take(message: Live, buffers: readonly unknown[]): boolean {
    this.#heard = Math.max(this.#heard, message.heard);
    const latest = Math.max(this.#arrived?.message.edition ?? 0, this.#shown?.edition ?? 0);
    if (message.edition <= latest) return false;
    this.#arrived = { message, buffers };
    return true;
  }

  /** Whether a frame waits to be shown on these axes. */
  waits(axes: number): boolean {
    return this.#arrived?.message.axes === axes;
  }

  /** Shows the frame that came last, after what was shown before. */
  show(before: Snapshot): void {
    if (!this.#arrived) return;
    const { message, buffers } = this.#arrived;
    this.#arrived = null;
    const parts = decodeLive(message, buffers, this.#get);
    // The same objects where nothing changed, or all would be placed anew for each frame.
    if (isLike(parts.limits, before.limits)) parts.limits = before.limits;
    if (isLike(parts.norm, before.norm)) parts.norm = before.norm;
    this.#shown = { edition: message.edition, parts };
  }

  /** The kernel's state with the frame on it, unless the kernel has a newer one. */
  over(kernel: Snapshot): Snapshot {
    const newer = this.#shown && this.#shown.edition > kernel.edition;
    return newer ? { ...kernel, ...this.#shown?.parts } : kernel;
  }

  /** Says that all is painted; one report at a time, for a busy kernel hears them all later. */
  report(): void {
    if (!this.#shown) return;
    const told = this.#told;
    const visible = this.#visible.size > 0;
    const again = performance.now() - this.#toldAt > TELL_AGAIN_AFTER_MS;
    if (told && this.#heard < told.edition && told.visible === visible && !again) return;
    this.#toldAt = performance.now();
    this.#told = { kind: "painted", edition: this.#shown.edition, visible };
    this.#tell(this.#told);
  }

  /** A view can be seen from now on, or cannot. */
  seen(view: object, visible: boolean): void {
    if (visible) this.#visible.add(view);
    else this.#visible.delete(view);
    if (this.#told && this.#told.visible !== this.#visible.size > 0) this.report();
  }
}

const isLike = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
