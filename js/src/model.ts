// One widget model as this page knows it: the kernel's state, plus what the person has done that
// the kernel has not confirmed yet. All views of the model share it.
import { apply, same } from "./commands";
import {
  type Click,
  type Command,
  decode,
  KEYS,
  type Snapshot,
  type ToKernel,
  type ToPage,
  traitOf,
} from "./wire";

/** The part of a host's widget model that is used here: what every host has. */
export interface HostModel {
  get(trait: string): unknown;
  send(content: unknown): void;
  on(event: string, callback: (...args: never[]) => void): void;
  off(event: string, callback: (...args: never[]) => void): void;
}

export type Changed = ReadonlySet<keyof Snapshot | "waiting">;

/** `waiting` says what to tell the person about gestures that got no answer, if anything. */
export type Listener = (snapshot: Snapshot, changed: Changed, waiting: string) => void;

interface Pending {
  message: Extract<ToKernel, { kind: "gesture" }>;
  sentAt: number;
}

const ANSWER_EXPECTED_MS = 1000;
const REPEAT_AFTER_MS = 5000;

export class Model {
  #host: HostModel;
  #snapshot: Snapshot;
  #confirmed: readonly number[];
  #pending: Pending[] = [];
  #waiting = "";
  #listeners = new Set<Listener>();
  #stale = new Set<keyof Snapshot>();
  #page = Math.random().toString(36).slice(2, 12);
  #seq = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unsubscribe: (() => void)[] = [];

  constructor(host: HostModel) {
    this.#host = host;
    const get = (trait: string) => host.get(trait);
    this.#snapshot = Object.fromEntries(KEYS.map((key) => [key, decode(key, get)])) as never;
    this.#confirmed = this.#snapshot.selection;
    for (const key of KEYS) {
      this.#listen(`change:${traitOf(key)}`, () => this.#markStale(key));
    }
    this.#listen("change:_dtype", () => this.#markStale("values"));
    this.#listen("msg:custom", (content: ToPage) => this.#hear(content));
  }

  /** Hears of every change from now on; returns the way to stop it. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    listener(this.#snapshot, new Set([...KEYS, "waiting"]), this.#waiting);
    return () => this.#listeners.delete(listener);
  }

  /** Does at once what the person did, and tells the kernel. */
  gesture(command: Command | null, click: Click | null): void {
    const message = {
      kind: "gesture",
      page: this.#page,
      seq: ++this.#seq,
      axes: this.#snapshot.axes.id,
      command,
      click,
    } as const;
    this.#pending.push({ message, sentAt: performance.now() });
    if (this.#send(message)) this.#watchForAnswer();
    this.#emit(this.#settle());
  }

  hover(cell: number | null): void {
    if (this.#snapshot.hovers) this.#send({ kind: "hover", cell });
  }

  dismiss(): void {
    this.#snapshot = { ...this.#snapshot, error: [] };
    this.#send({ kind: "dismiss" });
    this.#emit(["error"]);
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.#listeners.clear();
    for (const stop of this.#unsubscribe) stop();
  }

  #listen(event: string, callback: (...args: never[]) => void): void {
    this.#host.on(event, callback);
    // Always with the callback: without one, some hosts drop the listeners of every view.
    this.#unsubscribe.push(() => this.#host.off(event, callback));
  }

  /** Several traits of one message change one after the other: decode once all have. */
  #markStale(key: keyof Snapshot): void {
    if (this.#stale.size === 0) queueMicrotask(() => this.#refresh());
    this.#stale.add(key);
  }

  #refresh(): void {
    const changed = new Set(this.#stale);
    this.#stale.clear();
    if (changed.has("axes")) changed.add("mask");
    const get = (trait: string) => this.#host.get(trait);
    const next = { ...this.#snapshot };
    // Whether what is shown changes is for `#settle` to say: most often it is what was expected.
    if (changed.delete("selection")) this.#confirmed = decode("selection", get);
    for (const key of changed) next[key] = decode(key, get) as never;
    this.#snapshot = next;
    // What was done on other axes names other cells now.
    if (changed.has("axes")) {
      this.#pending = this.#pending.filter(({ message }) => message.axes === next.axes.id);
      this.#watchForAnswer();
    }
    this.#emit([...changed, ...this.#settle()]);
    this.#repeatUnanswered();
  }

  #hear(content: ToPage): void {
    if (content.page !== this.#page) return;
    this.#pending = this.#pending.filter(({ message }) => message.seq !== content.seq);
    this.#waiting = content.kind === "refused" ? `not done: ${content.reason}` : "";
    this.#watchForAnswer();
    this.#emit(["waiting", ...this.#settle()]);
  }

  /** Puts what is pending on top of what is confirmed. */
  #settle(): (keyof Snapshot)[] {
    const n = this.#snapshot.axes.components.length;
    let picks = this.#confirmed;
    for (const { message } of this.#pending) {
      if (message.command) picks = apply(picks, message.command, n);
    }
    if (same(picks, this.#snapshot.selection)) return [];
    this.#snapshot = { ...this.#snapshot, selection: picks };
    return ["selection"];
  }

  #send(message: ToKernel): boolean {
    try {
      this.#host.send(message);
      return true;
    } catch {
      // Lab, after the notebook's tab was closed and opened again in the same page.
      clearTimeout(this.#timer);
      this.#waiting = "not connected: reload the page or run the cell again";
      this.#emit(["waiting"]);
      return false;
    }
  }

  /** Says so when the oldest gesture has waited long, however many came after it. */
  #watchForAnswer(): void {
    clearTimeout(this.#timer);
    const [oldest] = this.#pending;
    if (!oldest) return;
    const left = oldest.sentAt + ANSWER_EXPECTED_MS - performance.now();
    this.#timer = setTimeout(() => {
      this.#waiting = `kernel busy · ${this.#pending.length} waiting`;
      this.#emit(["waiting"]);
    }, left);
  }

  /** A sign of life while gestures wait: a comm that had gone deaf may hear them now. */
  #repeatUnanswered(): void {
    const now = performance.now();
    for (const pending of this.#pending) {
      if (now - pending.sentAt < REPEAT_AFTER_MS) continue;
      pending.sentAt = now;
      this.#send(pending.message);
    }
  }

  #emit(changed: readonly (keyof Snapshot | "waiting")[]): void {
    if (changed.length === 0) return;
    const set = new Set(changed);
    for (const listener of this.#listeners) listener(this.#snapshot, set, this.#waiting);
  }
}
