// One widget model as this page knows it: the kernel's state, plus what the person has done that
// the kernel has not confirmed yet. All views of the model share it.

import { bytesFor } from "../values/bits";
import type { Runs } from "../values/runs";
import type { Actions, Shown } from "../view/shown";
import {
  type Axes,
  type Click,
  type Command,
  cellsIn,
  decode,
  KEYS,
  type Live,
  type Placed,
  type Rect,
  type Snapshot,
  type Tie,
  type ToPage,
  traitOf,
} from "../wire";
import { Closer } from "./closer";
import { SELECTION } from "./commands";
import { type Companion, companions, present, translate, translateCell } from "./companions";
import { type Edit, Expected } from "./expected";
import { Fetching } from "./fetching";
import { History } from "./history";
import { Latest } from "./latest";
import { LiveFrames } from "./live";
import { inverse, MASK } from "./mask";
import { type Asked, type Channel, Outbox } from "./outbox";

/** The part of a host's widget model that is used here: what every host has. */
export interface HostModel extends Channel {
  get(trait: string): unknown;
  on(event: string, callback: (...args: never[]) => void): void;
  off(event: string, callback: (...args: never[]) => void): void;
}

export type Changed = ReadonlySet<keyof Shown>;
export type Listener = (shown: Shown, changed: Changed) => void;

const HOVER_INTERVAL_MS = 50;

export class Model implements Actions, Companion {
  #host: HostModel;
  #page = Math.random().toString(36).slice(2, 12);
  #listeners = new Set<Listener>();
  #unsubscribe: (() => void)[] = [];
  #outbox: Outbox;

  /** The traits as they were decoded last, and those that have changed since. */
  #kernel: Snapshot;
  #stale = new Set<keyof Snapshot>();
  #shown: Shown;

  #selection: Expected<Runs>;
  #mask: Expected<Uint8Array>;
  #history = new History();
  /** The mask as the person left it. */
  #left: Uint8Array;
  #seq = 0;

  /** The step the person wants, while the kernel is not known to be there yet. */
  #steps: Latest<number>;
  #stepSeq = 0;
  #direction = 0;

  #fetching: Fetching;
  #closer: Closer;
  #live: LiveFrames;
  #drawing: number | null = null;

  #elsewhere: number | null = null;
  #hoverTimer: ReturnType<typeof setTimeout> | undefined;
  #hoverTold = 0;

  constructor(host: HostModel) {
    this.#host = host;
    this.#outbox = new Outbox(host, () => this.#emit());
    this.#steps = new Latest((step) => this.#tellStep(step));
    this.#fetching = new Fetching((partial, steps) =>
      this.#outbox.send({ kind: "frames", page: this.#page, partial, steps }),
    );
    this.#closer = new Closer(
      () => this.#kernel,
      (question) => this.#outbox.send({ ...question, page: this.#page }),
    );
    this.#live = new LiveFrames(
      (trait) => host.get(trait),
      (painted) => this.#outbox.send({ ...painted, page: this.#page }),
    );
    this.#kernel = Object.fromEntries(KEYS.map((key) => [key, this.#decode(key)])) as never;
    this.#selection = new Expected(SELECTION, this.#kernel.selection);
    this.#mask = new Expected(MASK, this.#kernel.mask);
    this.#left = this.#mask.shown;
    this.#fetching.arrived(this.#kernel);
    this.#shown = this.#show();
    this.#meet();
    for (const key of KEYS) {
      this.#listen(`change:${traitOf(key)}`, () => this.#markStale(key));
    }
    this.#listen("msg:custom", (content: ToPage, buffers: unknown[]) => {
      if (content.kind === "live") this.#receive(content, buffers);
      else if (content.page === this.#page) this.#hear(content, buffers);
    });
  }

  get shown(): Shown {
    return this.#shown;
  }

  /** Hears of every change from now on; returns the way to stop it. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    listener(this.#shown, new Set(Object.keys(this.#shown) as (keyof Shown)[]));
    return () => this.#listeners.delete(listener);
  }

  destroy(): void {
    this.#outbox.close();
    clearTimeout(this.#hoverTimer);
    this.#fetching.close();
    if (this.#drawing !== null) cancelAnimationFrame(this.#drawing);
    this.#listeners.clear();
    this.#stale.clear();
    for (const stop of this.#unsubscribe) stop();
    this.#point(null);
    this.#settle(this.#outbox.forget(() => true));
    present().delete(this);
  }

  // ── what the person does ──────────────────────────────────────────────────────────────────

  /** Does at once what the person did, and tells the kernel. */
  gesture(command: Command | null, click: Click | null): void {
    const { axes, click: mode } = this.#kernel;
    if (command && mode === "mask") {
      const edit = { command, axes, step: this.#shown.step };
      const before = this.#mask.shown;
      this.#edit(edit, click);
      if (this.#mask.shown !== before) this.#history.add(edit, inverse(before, edit));
    } else {
      const key = this.#tell("selection", this.#shown.step, command, click);
      if (command) {
        this.#selection.expect(key, { command, axes, step: 0 });
        for (const other of companions(this, "selection")) {
          other.follow(key, translate(command, axes, other.axes));
        }
      }
    }
    this.#emit();
  }

  undo(): void {
    this.#again(this.#history.undo());
  }

  redo(): void {
    this.#again(this.#history.redo());
  }

  step(index: number): void {
    const step = Math.max(0, Math.min(index, (this.#kernel.axes.steps?.length ?? 1) - 1));
    if (step === this.#shown.step) return;
    this.#direction = Math.sign(step - this.#shown.step);
    this.#steps.want(step);
    this.#emit();
    this.#fetch();
  }

  near(): void {
    this.#fetching.near(() => this.#fetch());
  }

  blocks(layers: number, components: number): void {
    this.#outbox.send({ kind: "blocks", layers, components });
  }

  read(rect: Rect): void {
    this.#closer.read(rect);
  }

  tile(rect: Rect, layers: number, components: number): void {
    this.#closer.refine(rect, layers, components);
  }

  /** Comes with every cell that the pointer gets to; the kernel hears of some, if it asked to. */
  hover(cell: number | null): void {
    this.#point(cell);
    if (!this.#kernel.hovers) return;
    clearTimeout(this.#hoverTimer);
    const wait = this.#hoverTold + HOVER_INTERVAL_MS - performance.now();
    this.#hoverTimer = setTimeout(() => {
      this.#hoverTold = performance.now();
      this.#outbox.send({ kind: "hover", cell });
    }, wait);
  }

  placed(placed: Placed): void {
    this.#outbox.send({ kind: "placed", axes: this.#kernel.axes.id, ...placed });
  }

  seen(view: object, visible: boolean): void {
    this.#live.seen(view, visible);
  }

  dismiss(): void {
    this.#kernel = { ...this.#kernel, error: [] };
    this.#outbox.send({ kind: "dismiss" });
    this.#emit();
  }

  #edit(edit: Edit, click: Click | null): void {
    this.#mask.expect(this.#tell("mask", edit.step, edit.command, click), edit);
    this.#left = this.#mask.shown;
  }

  /** Undoes or redoes, where the person can see it. */
  #again(edit: Edit | null): void {
    if (!edit) return;
    if (this.#mask.shown.length > bytesFor(cellsIn(edit.axes))) {
      this.step(edit.step);
    }
    this.#edit(edit, null);
    this.#emit();
  }

  // ── what linked heatmaps do ───────────────────────────────────────────────────────────────

  get axes(): Axes {
    return this.#kernel.axes;
  }

  get ties(): readonly Tie[] {
    return this.#kernel.links;
  }

  pointElsewhere(cell: number | null): void {
    this.#elsewhere = cell;
    this.#emit();
  }

  follow(key: string, command: Command): void {
    this.#selection.expect(key, { command, axes: this.#kernel.axes, step: 0 });
    this.#emit();
  }

  settle(key: string): void {
    this.#selection.keep((known) => known !== key);
    this.#emit();
  }

  #point(cell: number | null): void {
    const { axes } = this.#kernel;
    for (const other of companions(this, "hover")) {
      other.pointElsewhere(cell === null ? null : translateCell(cell, axes, other.axes));
    }
  }

  #meet(): void {
    if (this.ties.length > 0) present().add(this);
    else present().delete(this);
  }

  // ── what the kernel says ──────────────────────────────────────────────────────────────────

  #listen(event: string, callback: (...args: never[]) => void): void {
    this.#host.on(event, callback);
    // Always with the callback: without one, some hosts drop the listeners of every view.
    this.#unsubscribe.push(() => this.#host.off(event, callback));
  }

  #decode<K extends keyof Snapshot>(key: K): Snapshot[K] {
    return decode(key, (trait) => this.#host.get(trait));
  }

  /** Several traits of one message change one after the other: decode once all have. */
  #markStale(key: keyof Snapshot): void {
    if (this.#stale.size === 0) queueMicrotask(() => this.#refresh());
    this.#stale.add(key);
  }

  #refresh(): void {
    if (this.#stale.size === 0) return;
    const changed = new Set(this.#stale);
    this.#stale.clear();
    if (changed.has("axes")) changed.add("mask").add("selection");
    if (changed.has("dtype")) changed.add("values");
    if (changed.has("links")) this.#point(null);
    const before = this.#kernel;
    const next = { ...before };
    for (const key of changed) next[key] = this.#decode(key) as never;
    this.#kernel = next;

    if (changed.has("selection")) this.#selection.confirm(next.selection, next.axes);
    if (changed.has("mask")) this.#mask.confirm(next.mask, next.axes);
    if (changed.has("axes")) this.#moved(before.axes);
    if (changed.has("links")) {
      this.#elsewhere = null;
      this.#meet();
      if (next.links.length === 0) this.#selection.keep((key) => key.startsWith(`${this.#page}:`));
    }
    const others = (keys: readonly (keyof Snapshot)[]) =>
      before.overview && keys.some((key) => next[key] !== before[key]);
    // Other values may well have the same colours; the same ones may be better known.
    const decisive = ["partial", "step", "norm", "reduce"] as const;
    if (others([...decisive, "limits"])) this.#closer.forgetTile();
    if (others(decisive)) {
      this.#closer.forgetCells();
      this.#fetching.rest();
    }
    if (next.partial !== before.partial) this.#fetching.forget();
    this.#fetching.arrived(next);

    this.#outbox.wake();
    this.#emit();
    this.#fetch();
    this.#drawLive();
  }

  #receive(message: Live, buffers: unknown[]): void {
    this.#outbox.wake();
    if (this.#live.take(message, buffers)) this.#drawLive();
  }

  /** Draws no more than the screen shows. Labels that come as traits may come after the frame. */
  #drawLive(): void {
    if (this.#drawing !== null || !this.#live.waits(this.#kernel.axes.id)) return;
    this.#drawing = requestAnimationFrame(() => {
      this.#drawing = null;
      this.#live.show(this.#shown);
      this.#emit();
      this.#live.report();
    });
  }

  /** Other axes: what was done on those before names other cells now. */
  #moved({ id }: Axes): void {
    const { axes } = this.#kernel;
    if ((this.#steps.wanted ?? 0) >= (axes.steps?.length ?? 1)) this.#steps.forget();
    if (axes.id === id) return;
    this.#elsewhere = null;
    this.#history.clear();
    this.#settle(this.#outbox.forget(({ kind }) => kind === "gesture"));
  }

  #hear(content: Exclude<ToPage, Live>, buffers: unknown[]): void {
    switch (content.kind) {
      case "frames":
        this.#outbox.wake();
        if (content.partial === this.#kernel.partial) {
          this.#fetching.keep(content, buffers, this.#kernel.dtype);
        }
        break;
      case "read":
        this.#closer.keepCell(content, buffers);
        break;
      case "tile":
        this.#closer.keepTile(content, buffers);
        break;
      case "stepped":
        this.#outbox.answered("step", content.seq, "");
        if (content.seq === this.#stepSeq) this.#steps.answered();
        break;
      default: {
        const failure = content.kind === "refused" ? `not done: ${content.reason}` : "";
        this.#settle(this.#outbox.answered("gesture", content.seq, failure));
      }
    }
    this.#emit();
    this.#fetch();
  }

  /** What these messages did is confirmed, or it never will be. */
  #settle(messages: readonly Asked[]): void {
    for (const message of messages) {
      const key = keyOf(message);
      for (const one of [this.#selection, this.#mask]) one.keep((known) => known !== key);
      for (const other of present()) other.settle(key);
    }
  }

  // ── what the kernel is told ───────────────────────────────────────────────────────────────

  /** Sends a gesture; gives the key of its answer. */
  #tell(
    target: "selection" | "mask",
    step: number,
    command: Command | null,
    click: Click | null,
  ): string {
    const message: Asked = {
      kind: "gesture",
      page: this.#page,
      seq: ++this.#seq,
      axes: this.#kernel.axes.id,
      target,
      step,
      command,
      click,
    };
    this.#outbox.ask(message);
    return keyOf(message);
  }

  #tellStep(step: number): void {
    this.#outbox.ask({ kind: "step", page: this.#page, seq: ++this.#stepSeq, step });
  }

  /** Asks for frames that will be wanted; the one that is shown comes as a trait by itself. */
  #fetch(): void {
    const told = this.#steps.asked !== null;
    this.#fetching.fetch(this.#kernel, this.#shown.step, this.#direction, told);
  }

  // ── what views are told ───────────────────────────────────────────────────────────────────

  #show(): Shown {
    const kernel = this.#live.over(this.#kernel);
    const step = this.#steps.wanted ?? kernel.step;
    const shown: Shown = {
      ...kernel,
      step,
      selection: this.#selection.shown,
      mask: this.#mask.shown,
      waiting: this.#outbox.note,
      elsewhere: this.#elsewhere,
      known: this.#closer.known,
      found: this.#closer.found,
      tile: this.#closer.tile,
      live: kernel !== this.#kernel,
      undoable: this.#history.undoable,
      redoable: this.#history.redoable,
    };
    if (kernel.partial === 0) return shown;
    const frame = this.#fetching.show(step);
    const overview = frame ? null : kernel.overview;
    const { values, holes } = overview ? kernel : (this.#fetching.shown ?? kernel);
    const here = frame || (overview && step === kernel.step);
    const loading = here ? "" : `loading step ${kernel.axes.steps?.[step]}`;
    const waiting = [loading, shown.waiting].filter(Boolean).join(" · ");
    // Where text says the values, it is of the kernel's step.
    const text = step === kernel.step ? kernel.text : null;
    return { ...shown, values, holes, overview, waiting, text };
  }

  /** Tells what differs from what was told last. */
  #emit(): void {
    const before = this.#shown;
    // Somebody else has changed it: what was before that cannot be brought back.
    if (this.#mask.shown !== this.#left) this.#history.clear();
    this.#left = this.#mask.shown;
    this.#shown = this.#show();
    const keys = Object.keys(before) as (keyof Shown)[];
    const changed = new Set(keys.filter((key) => this.#shown[key] !== before[key]));
    if (changed.size === 0) return;
    for (const listener of this.#listeners) listener(this.#shown, changed);
  }
}

const keyOf = ({ page, seq }: Asked) => `${page}:${seq}`;
