// What the kernel is told: sent, waited for, sent again, and what the person is to know of that.
import type { ToKernel } from "../wire";

export interface Channel {
  /** Only a page with no kernel has no way to send. */
  send?(content: unknown): void;
}

/** What the kernel answers, gestures and steps each with numbers of their own. */
export type Asked = Extract<ToKernel, { kind: "gesture" | "step" }>;

const ANSWER_EXPECTED_MS = 1000;
const NO_KERNEL_AFTER_MS = 5000;
const REPEAT_AFTER_MS = 5000;

export class Outbox {
  #channel: Channel;
  #noted: () => void;
  /** The oldest first. */
  #unanswered: { message: Asked; at: number }[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #heard = false;
  #failure = "";
  #silence = "";

  /** `noted` is called when there is another note at a time when nobody asks. */
  constructor(channel: Channel, noted: () => void) {
    this.#channel = channel;
    this.#noted = noted;
  }

  /** What to tell the person: of a message that failed, else of those that got no answer. */
  get note(): string {
    return this.#failure || this.#silence;
  }

  send(message: ToKernel): boolean {
    try {
      this.#channel.send?.(message);
      return true;
    } catch {
      // Lab, after the notebook's tab was closed and opened again in the same page.
      clearTimeout(this.#timer);
      this.#failure = "not connected: reload the page or run the cell again";
      this.#noted();
      return false;
    }
  }

  /** Sends what is to be answered. */
  ask(message: Asked): void {
    if (!this.#channel.send) return;
    this.#unanswered.push({ message, at: performance.now() });
    if (this.send(message)) this.#watch();
  }

  /** An answer came; `failure` says why nothing was done, if so. Gives what it answers. */
  answered(kind: Asked["kind"], seq: number | null, failure: string): Asked[] {
    this.#heard = true;
    this.#failure = failure;
    this.#silence = "";
    return this.forget((message) => message.kind === kind && message.seq === seq);
  }

  /** Waits no more for these messages; gives them. */
  forget(which: (message: Asked) => boolean): Asked[] {
    const gone = this.#unanswered.filter(({ message }) => which(message));
    this.#unanswered = this.#unanswered.filter((sent) => !gone.includes(sent));
    this.#watch();
    return gone.map(({ message }) => message);
  }

  /** A sign of life: a comm that had gone deaf may hear now what it has not answered. */
  wake(): void {
    this.#heard = true;
    this.#watch();
    const now = performance.now();
    for (const sent of this.#unanswered) {
      if (now - sent.at < REPEAT_AFTER_MS) continue;
      sent.at = now;
      this.send(sent.message);
    }
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /** Says so when the oldest message has waited long, however many came after it. */
  #watch(): void {
    clearTimeout(this.#timer);
    const [oldest] = this.#unanswered;
    if (!oldest) {
      this.#silence = "";
      return;
    }
    const wait = oldest.at + ANSWER_EXPECTED_MS - performance.now();
    this.#timer = setTimeout(() => this.#complain(oldest.at), wait);
  }

  #complain(since: number): void {
    const left = since + NO_KERNEL_AFTER_MS - performance.now();
    this.#silence =
      this.#heard || left > 0
        ? `kernel busy · ${this.#unanswered.length} waiting`
        : "no kernel answers: kept in this page";
    if (!this.#heard && left > 0) this.#timer = setTimeout(() => this.#complain(since), left);
    this.#noted();
  }
}
