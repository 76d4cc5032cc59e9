import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bitsOf, flagsOf, flatsOf, traits, viewOf } from "../testing";
import type { Shown } from "../view/shown";
import { type Axes, type Command, KEYS, type Rect, type ToKernel, TRAITS } from "../wire";
import { apply, SELECTION } from "./commands";
import { present } from "./companions";
import { MASK } from "./mask";
import { type HostModel, Model } from "./model";

/** A host's model that allows nothing but what all hosts have, and counts. */
class Host implements HostModel {
  sent: ToKernel[] = [];
  connected = true;
  #traits: Record<string, unknown>;
  #listeners = new Map<string, Set<(...args: never[]) => void>>();

  constructor(other: Record<string, unknown> = {}) {
    this.#traits = traits(other);
  }

  get(trait: string): unknown {
    if (!TRAITS.includes(trait)) throw new Error(`there is no trait ${trait}`);
    return this.#traits[trait];
  }

  send(content: unknown): void {
    if (!this.connected) throw new Error("cannot send to a closed comm");
    this.sent.push(JSON.parse(JSON.stringify(content)));
  }

  on(event: string, callback: (...args: never[]) => void): void {
    const known = event === "msg:custom" || TRAITS.some((trait) => event === `change:${trait}`);
    if (!known) throw new Error(`there is no event ${event}`);
    const heard = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, heard.add(callback));
  }

  off(event: string, callback: (...args: never[]) => void): void {
    if (!this.#listeners.get(event)?.delete(callback)) throw new Error(`nobody hears ${event}`);
  }

  get listening(): number {
    return [...this.#listeners.values()].reduce((sum, heard) => sum + heard.size, 0);
  }

  fire(event: string, ...args: unknown[]): void {
    for (const callback of this.#listeners.get(event) ?? []) callback(...(args as never[]));
  }

  /** One state message of the kernel: traits change one after the other, as hosts do it. */
  async update(changes: Record<string, unknown>): Promise<void> {
    for (const [trait, value] of Object.entries(changes)) {
      this.#traits[trait] = value;
      this.fire(`change:${trait}`, this, value);
    }
    await Promise.resolve();
  }

  get gestures() {
    return this.of("gesture");
  }

  of<K extends ToKernel["kind"]>(kind: K) {
    return this.sent.filter((message) => message.kind === kind) as Extract<ToKernel, { kind: K }>[];
  }

  /** The kernel does the step sent last, and answers. */
  async goToStep(traits: Record<string, unknown> = {}): Promise<void> {
    const { page, seq, step } = this.of("step").at(-1) as Extract<ToKernel, { kind: "step" }>;
    await this.update({ _step: step, ...traits });
    this.fire("msg:custom", { kind: "stepped", page, seq }, []);
  }

  /** The kernel's answer to the gesture sent n-th. */
  answer(n: number, reason?: string): void {
    const { page, seq } = this.gestures[n] as { page: string; seq: number };
    const content =
      reason === undefined ? { kind: "ack", page, seq } : { kind: "refused", page, seq, reason };
    this.fire("msg:custom", content, []);
  }
}

interface Heard {
  shown: Shown;
  changed: string[];
}

function start(other: Record<string, unknown> = {}) {
  const host = new Host(other);
  const model = new Model(host);
  const heard: Heard[] = [];
  const stop = model.subscribe((shown, changed) => {
    heard.push({ shown, changed: [...changed].sort() });
  });
  heard.length = 0;
  return { host, model, heard, stop, now: () => heard.at(-1) as Heard };
}

const set = (...rect: Rect): Command => ({ op: "set", rects: [rect] });
const add = (...rect: Rect): Command => ({ op: "add", rects: [rect] });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("values of a large grid", () => {
  /** A block for each cell, all of them numbers, and the values to be had. */
  const overview = (colour: number) => {
    const head = Float64Array.of(4, 3, 1, 1, 12);
    const bytes = new Uint8Array(head.byteLength + 12).fill(colour);
    bytes.set(new Uint8Array(head.buffer));
    return { _overview: viewOf(bytes), _values: viewOf(new Uint8Array(0)), _partial: colour };
  };

  test("are asked for once somebody does something, and once", async () => {
    const { host, model } = start(overview(5));
    vi.advanceTimersByTime(1000);
    expect(host.sent).toEqual([]);
    model.near();
    model.near();
    vi.advanceTimersByTime(1000);
    expect(host.of("frames")).toMatchObject([{ partial: 5, steps: [0] }]);
  });

  test("that come while nobody does anything are not asked for", async () => {
    const { host, model } = start(overview(5));
    model.near();
    await host.update(overview(6));
    vi.advanceTimersByTime(1000);
    expect(host.of("frames")).toEqual([]);
    model.near();
    vi.advanceTimersByTime(1000);
    expect(host.of("frames")).toMatchObject([{ partial: 6, steps: [0] }]);
  });
});

describe("subscribe", () => {
  test("gives the whole snapshot at once", () => {
    const model = new Model(new Host({ _title: "rms", _selection: [3, 2] }));
    const listener = vi.fn();
    model.subscribe(listener);
    expect(listener).toHaveBeenCalledTimes(1);
    const [shown, changed] = listener.mock.calls[0] as [Shown, Set<string>];
    const own = ["waiting", "elsewhere", "known", "found", "tile", "live", "undoable", "redoable"];
    expect(Object.keys(shown).sort()).toEqual([...KEYS, ...own].sort());
    expect([...changed].sort()).toEqual([...KEYS, ...own].sort());
    expect(shown).toMatchObject({ title: "rms", selection: [3, 2] });
    expect(shown).toMatchObject({ waiting: "", elsewhere: null, undoable: false, redoable: false });
  });

  test("stops when told to, for this listener alone", async () => {
    const { host, model, heard, stop } = start();
    const other = vi.fn();
    model.subscribe(other);
    stop();
    await host.update({ _title: "new" });
    expect(heard).toEqual([]);
    expect(other).toHaveBeenCalledTimes(2);
  });
});

describe("what the kernel changes", () => {
  test("comes as one change for one message, however many traits", async () => {
    const { host, heard, now } = start();
    const values = Float32Array.from({ length: 12 }, (_, k) => k);
    await host.update({
      _values: viewOf(values),
      _dtype: "float32",
      _holes: viewOf(new Uint8Array(0)),
      _title: "new",
    });
    expect(heard).toHaveLength(1);
    expect(now().changed).toEqual(["dtype", "holes", "title", "values"]);
    expect(now().shown.values).toEqual(values);
    expect(now().shown.title).toBe("new");
  });

  test("leaves the other parts as they are", async () => {
    const { host, heard, now } = start();
    await host.update({ _title: "a" });
    await host.update({ _limits: [0, 1] });
    const [first] = heard as [Heard];
    expect(now().changed).toEqual(["limits"]);
    expect(now().shown).not.toBe(first.shown);
    for (const key of KEYS) {
      if (key !== "limits") expect(now().shown[key]).toBe(first.shown[key]);
    }
  });

  test("a type alone is a change of values", async () => {
    const { host, now } = start({ _values: viewOf(new Uint8Array(96)) });
    await host.update({ _dtype: "int64" });
    expect(now().changed).toEqual(["dtype", "values"]);
    expect(now().shown.values).toEqual(new BigInt64Array(12));
  });

  test("the bits of a mask mean other cells on other axes", async () => {
    const axes = { id: 2, layers: [0], components: ["a", "b"], steps: null, titles: [null, null] };
    const { host, now } = start();
    await host.update({ _axes: axes });
    expect(now().changed).toEqual(["axes"]);
    expect([...flagsOf(now().shown.mask, 2)]).toEqual([1, 0, 1, 0]);
  });

  test("a selection that is shown already is no change", async () => {
    const { host, model, heard } = start();
    model.gesture(set(1, 0, 1, 0), null);
    heard.length = 0;
    await host.update({ _selection: [3, 1] });
    host.answer(0);
    expect(heard).toEqual([]);
  });
});

describe("a gesture", () => {
  test("applies at once and is sent", () => {
    const { host, model, heard, now } = start();
    model.gesture(set(1, 0, 1, 1), { cell: 4, modifiers: ["shift"] });
    expect(heard).toHaveLength(1);
    expect(now().changed).toEqual(["selection"]);
    expect(flatsOf(now().shown.selection)).toEqual([3, 4]);
    expect(host.sent).toEqual([
      {
        kind: "gesture",
        page: expect.stringMatching(/^\w{1,64}$/),
        seq: 1,
        axes: 1,
        target: "selection",
        step: 0,
        command: { op: "set", rects: [[1, 0, 1, 1]] },
        click: { cell: 4, modifiers: ["shift"] },
      },
    ]);
  });

  test("has the next number, on this page", () => {
    const { host, model } = start();
    for (let k = 0; k < 3; k++) model.gesture(add(k, 0, k, 0), null);
    expect(host.gestures.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(new Set(host.gestures.map(({ page }) => page)).size).toBe(1);
    const other = start();
    other.model.gesture(null, { cell: 0, modifiers: [] });
    expect(other.host.gestures[0]?.page).not.toBe(host.gestures[0]?.page);
  });

  test("a click alone changes nothing that is shown", () => {
    const { model, heard } = start();
    model.gesture(null, { cell: 0, modifiers: [] });
    expect(heard).toEqual([]);
  });

  test("settles when it is answered", async () => {
    const { host, model, now } = start();
    model.gesture(set(0, 0, 0, 0), null);
    await host.update({ _selection: [0, 1] });
    host.answer(0);
    expect(now().shown).toMatchObject({ waiting: "", selection: [0, 1] });
    await host.update({ _selection: [] });
    expect(flatsOf(now().shown.selection)).toEqual([]);
  });

  test("stands on top of what the kernel says meanwhile, until it is answered", async () => {
    const { host, model, now } = start({ _selection: [0, 1] });
    model.gesture(add(1, 0, 1, 0), null);
    expect(flatsOf(now().shown.selection)).toEqual([0, 3]);
    await host.update({ _selection: [7, 2] });
    expect(flatsOf(now().shown.selection)).toEqual([7, 8, 3]);
    host.answer(0);
    expect(flatsOf(now().shown.selection)).toEqual([7, 8]);
  });

  test("that is refused is undone, and the person is told", () => {
    const { host, model, now } = start({ _selection: [0, 1] });
    model.gesture(add(1, 0, 1, 0), null);
    host.answer(0, "rect is not inside the grid");
    expect(now().shown).toMatchObject({
      waiting: "not done: rect is not inside the grid",
      selection: [0, 1],
    });
    model.gesture(add(2, 0, 2, 0), null);
    host.answer(1);
    expect(now().shown.waiting).toBe("");
  });

  test("of another page is none of ours", () => {
    const { host, model, heard, now } = start();
    model.gesture(set(0, 0, 0, 0), null);
    heard.length = 0;
    host.fire("msg:custom", { kind: "ack", page: "another", seq: 1 }, []);
    host.fire("msg:custom", { kind: "refused", page: null, seq: null, reason: "?" }, []);
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(1000);
    expect(now().shown.waiting).toBe("kernel busy · 1 waiting");
  });

  test("is dropped when the axes are others: it names other cells there", async () => {
    const { host, model, now } = start();
    model.gesture(set(3, 2, 3, 2), null);
    const axes = { id: 2, layers: [0], components: ["a", "b"], steps: null, titles: [null, null] };
    await host.update({ _axes: axes });
    expect(now().changed).toEqual(["axes", "selection"]);
    expect(flatsOf(now().shown.selection)).toEqual([]);
    vi.advanceTimersByTime(10_000);
    expect(now().shown.waiting).toBe("");
    await host.update({ _title: "new" });
    expect(host.sent).toHaveLength(1);
    model.gesture(set(0, 1, 0, 1), null);
    expect(host.gestures[1]).toMatchObject({ seq: 2, axes: 2 });
  });

  test("stays when only titles or steps of the axes are others", async () => {
    const { host, model, now } = start();
    model.gesture(set(3, 2, 3, 2), null);
    await host.update({ _axes: { ...(host.get("_axes") as object), titles: ["block", null] } });
    expect(flatsOf(now().shown.selection)).toEqual([11]);
  });
});

describe("a kernel that does not answer", () => {
  test("is called busy after a second", () => {
    const { host, model, heard, now } = start();
    model.gesture(set(0, 0, 0, 0), null);
    heard.length = 0;
    vi.advanceTimersByTime(999);
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(heard).toHaveLength(1);
    expect(now().changed).toEqual(["waiting"]);
    expect(now().shown.waiting).toBe("kernel busy · 1 waiting");
    expect(flatsOf(now().shown.selection)).toEqual([0]);
    host.answer(0);
    expect(now().shown.waiting).toBe("");
    expect(vi.getTimerCount()).toBe(0);
  });

  test("is called so although the person goes on, with all that waits", () => {
    const { model, now } = start();
    for (let k = 0; k < 4; k++) {
      model.gesture(add(k, 0, k, 0), null);
      vi.advanceTimersByTime(400);
    }
    expect(now().shown.waiting).toBe("kernel busy · 4 waiting");
    model.gesture(add(0, 1, 0, 1), null);
    vi.advanceTimersByTime(0);
    expect(now().shown.waiting).toBe("kernel busy · 5 waiting");
  });

  test("is not called so while each answer comes within a second", () => {
    const { host, model, heard } = start();
    for (let k = 0; k < 8; k++) {
      model.gesture(k % 2 ? set(0, 0, 0, 0) : set(1, 1, 1, 1), null);
      vi.advanceTimersByTime(400);
      if (k > 0) host.answer(k - 1);
    }
    expect(heard.map(({ shown }) => shown.waiting).filter(Boolean)).toEqual([]);
  });

  test("is asked again at a sign of life, once five seconds have gone", async () => {
    const { host, model } = start();
    model.gesture(set(0, 0, 0, 0), null);
    vi.advanceTimersByTime(4999);
    await host.update({ _title: "a" });
    expect(host.sent).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(host.sent).toHaveLength(1);
    await host.update({ _title: "b" });
    expect(host.sent).toHaveLength(2);
    expect(host.sent[1]).toEqual(host.sent[0]);
    await host.update({ _title: "c" });
    expect(host.sent).toHaveLength(2);
    host.answer(0);
    vi.advanceTimersByTime(5000);
    await host.update({ _title: "d" });
    expect(host.sent).toHaveLength(2);
  });
});

describe("a host that cannot send", () => {
  test("is said to be not connected, and the gesture shows all the same", () => {
    const { host, model, now } = start();
    host.connected = false;
    model.gesture(set(0, 0, 0, 0), null);
    expect(now().shown.waiting).toMatch(/^not connected/);
    expect(flatsOf(now().shown.selection)).toEqual([0]);
    vi.advanceTimersByTime(5000);
    expect(now().shown.waiting).toMatch(/^not connected/);
  });

  test("is not called busy because of what was sent before", () => {
    const { host, model, now } = start();
    model.gesture(set(0, 0, 0, 0), null);
    host.connected = false;
    model.gesture(set(1, 1, 1, 1), null);
    vi.advanceTimersByTime(5000);
    expect(now().shown.waiting).toMatch(/^not connected/);
  });

  test("hears of the gesture when it can", async () => {
    const { host, model, now } = start();
    host.connected = false;
    model.gesture(set(0, 0, 0, 0), null);
    host.connected = true;
    vi.advanceTimersByTime(5000);
    await host.update({ _title: "a" });
    expect(host.gestures.map(({ seq }) => seq)).toEqual([1]);
    host.answer(0);
    expect(now().shown.waiting).toBe("");
  });
});

describe("small things", () => {
  test("hover is told only where somebody asked", async () => {
    const { host, model } = start();
    model.hover(3);
    vi.advanceTimersByTime(1000);
    expect(host.sent).toEqual([]);
    await host.update({ _hovers: true });
    model.hover(3);
    vi.advanceTimersByTime(0);
    expect(host.sent).toEqual([{ kind: "hover", cell: 3 }]);
  });

  test("hover is told at most twenty times a second, and where it ended", () => {
    const { host, model } = start({ _hovers: true });
    for (let cell = 0; cell < 10; cell++) {
      model.hover(cell);
      vi.advanceTimersByTime(20);
    }
    model.hover(null);
    vi.advanceTimersByTime(1000);
    const cells = host.sent.map((message) => (message.kind === "hover" ? message.cell : -1));
    expect(cells.length).toBeLessThanOrEqual(5);
    expect(cells.length).toBeGreaterThan(2);
    expect(cells.at(-1)).toBeNull();
    model.hover(7);
    model.destroy();
    vi.advanceTimersByTime(1000);
    expect(host.sent).toHaveLength(cells.length);
  });

  test("an error is dismissed at once, and the kernel told", () => {
    const { host, model, now } = start({ _error: ["ValueError", "Traceback"] });
    model.dismiss();
    expect(now()).toMatchObject({ changed: ["error"], shown: { error: [] } });
    expect(host.sent).toEqual([{ kind: "dismiss" }]);
  });

  test("all views hear the same", () => {
    const { model, heard } = start();
    const other = vi.fn();
    model.subscribe(other);
    model.gesture(set(2, 1, 2, 1), null);
    expect(other.mock.lastCall?.[0]).toBe(heard.at(-1)?.shown);
  });
});

/** The flags of a mask as the kernel sends them. */
const bits = (...flags: number[]) => viewOf(bitsOf(flags));
const flagged = ({ shown }: Heard) =>
  [...flagsOf(shown.mask, 12)].flatMap((flag, flat) => (flag ? flat : []));
const UNSET = { _click: "mask", _mask: viewOf(new Uint8Array(0)) };
const steps = (...labels: number[]) => ({
  _axes: {
    id: 1,
    layers: [0, 1, 2, 3],
    components: ["attn.q", "mlp.up", "mlp.down"],
    steps: labels,
    titles: [null, null],
  },
});

describe("a gesture for the mask", () => {
  test("shows at once, is sent as such, and selects nothing", () => {
    const { host, model, heard, now } = start({ ...UNSET, ...steps(1, 2, 3), _step: 2 });
    model.gesture(set(1, 0, 1, 1), { cell: 4, modifiers: [] });
    expect(heard).toHaveLength(1);
    expect(now().changed).toEqual(["mask", "undoable"]);
    expect(flagged(now())).toEqual([3, 4]);
    expect(flatsOf(now().shown.selection)).toEqual([]);
    expect(host.gestures).toMatchObject([
      { target: "mask", step: 2, command: set(1, 0, 1, 1), click: { cell: 4, modifiers: [] } },
    ]);
  });

  test("stands on top of what the kernel says meanwhile, until it is answered", async () => {
    const { host, model, now } = start(UNSET);
    model.gesture(add(1, 0, 1, 0), null);
    await host.update({ _mask: bits(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) });
    expect(flagged(now())).toEqual([0, 3]);
    host.answer(0);
    expect(flagged(now())).toEqual([0]);
  });

  test("that is refused is undone", () => {
    const { host, model, now } = start(UNSET);
    model.gesture(add(1, 0, 1, 0), null);
    host.answer(0, "no");
    expect(flagged(now())).toEqual([]);
    expect(now().shown).toMatchObject({ waiting: "not done: no", undoable: false });
  });

  test("changes the step that is shown, where each has a mask of its own", () => {
    const { model, now } = start({ ...UNSET, ...steps(1, 2), _mask: viewOf(new Uint8Array(4)) });
    model.gesture(add(0, 1, 0, 1), null);
    model.step(1);
    model.gesture(set(3, 2, 3, 2), null);
    expect(flagged(now())).toEqual([1, 23]);
  });

  test("costs no list of cells, with a million of them", () => {
    const axes = { id: 1, layers: [...Array(1000).keys()], components: [...Array(1000).keys()] };
    const { host, model, now } = start({
      ...UNSET,
      _axes: { ...axes, steps: null, titles: [null, null] },
    });
    model.gesture(set(0, 0, 999, 899), null);
    model.undo();
    expect(host.gestures.map(({ command }) => command)).toEqual([
      set(0, 0, 999, 899),
      { op: "remove", rects: [[0, 0, 999, 899]] },
    ]);
    expect(now().shown.mask).toHaveLength(125_000);
  });
});

describe("undo and redo", () => {
  test("go back and forth through what was done to the mask, as gestures", () => {
    const { host, model, now } = start(UNSET);
    model.gesture(set(0, 0, 0, 1), null);
    model.gesture(add(2, 2, 2, 2), null);
    model.gesture(set(1, 1, 1, 1), null);
    const states = [[], [0, 1], [0, 1, 8], [4]];
    for (const state of [states[2], states[1], states[0]]) {
      expect(now().shown.undoable).toBe(true);
      model.undo();
      expect(flagged(now())).toEqual(state);
    }
    expect(now().shown).toMatchObject({ undoable: false, redoable: true });
    model.undo();
    for (const state of states.slice(1)) {
      model.redo();
      expect(flagged(now())).toEqual(state);
    }
    expect(now().shown).toMatchObject({ undoable: true, redoable: false });
    expect(host.gestures).toHaveLength(9);
    expect(host.gestures.every(({ target, click }) => target === "mask" && !click)).toBe(true);
  });

  test("stay when the kernel confirms, one by one", async () => {
    const { host, model, now } = start(UNSET);
    model.gesture(add(0, 0, 0, 0), null);
    model.gesture(add(0, 1, 0, 1), null);
    await host.update({ _mask: bits(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) });
    host.answer(0);
    await host.update({ _mask: bits(1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) });
    host.answer(1);
    expect(now().shown.undoable).toBe(true);
    model.undo();
    model.undo();
    expect(flagged(now())).toEqual([]);
  });

  test("forget what was before code changed the mask", async () => {
    const { host, model, now } = start(UNSET);
    model.gesture(add(0, 0, 0, 0), null);
    model.undo();
    model.gesture(add(0, 0, 0, 1), null);
    model.undo();
    expect(now().shown).toMatchObject({ undoable: false, redoable: true });
    await host.update({ _mask: bits(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1) });
    expect(now().shown).toMatchObject({ undoable: false, redoable: false });
    model.redo();
    expect(host.gestures).toHaveLength(4);
  });

  test("have nothing to do again once something else was done", () => {
    const { model, now } = start(UNSET);
    model.gesture(add(0, 0, 0, 0), null);
    model.undo();
    model.gesture(add(1, 0, 1, 0), null);
    expect(now().shown).toMatchObject({ undoable: true, redoable: false });
    model.gesture(add(1, 0, 1, 0), null);
    model.undo();
    expect(now().shown.undoable).toBe(false); // what changed nothing is not among it
  });

  test("go to the step whose mask they change, where it has its own", () => {
    const { host, model, now } = start({
      ...UNSET,
      ...steps(1, 2, 3),
      _mask: viewOf(new Uint8Array(6)),
    });
    model.gesture(add(0, 1, 0, 1), null);
    model.step(2);
    model.undo();
    expect(now().shown.step).toBe(0);
    expect(flagged(now())).toEqual([]);
    expect(host.gestures[1]).toMatchObject({ step: 0, command: { op: "remove" } });
  });

  test("are gone on other axes", async () => {
    const { host, model, now } = start(UNSET);
    model.gesture(add(0, 0, 0, 0), null);
    const axes = { id: 2, layers: [0], components: ["a", "b"], steps: null, titles: [null, null] };
    await host.update({ _axes: axes });
    expect(now().shown).toMatchObject({ undoable: false, redoable: false });
    expect(flagged(now())).toEqual([]);
  });

  test("say nothing of the selection", () => {
    const { model, now } = start();
    model.gesture(set(0, 0, 0, 0), null);
    expect(now().shown.undoable).toBe(false);
  });
});

describe("steps", () => {
  test("are gone to at once, and told", () => {
    const { host, model, heard, now } = start(steps(10, 20, 30));
    model.step(2);
    expect(heard).toHaveLength(1);
    expect(now().changed).toEqual(["step"]);
    expect(now().shown.step).toBe(2);
    expect(host.of("step")).toEqual([
      { kind: "step", page: expect.stringMatching(/^\w{1,64}$/), seq: 1, step: 2 },
    ]);
    model.step(2);
    expect(host.sent).toHaveLength(1);
  });

  test("are told one at a time, the newest after the answer", async () => {
    const { host, model, now } = start(steps(...Array(9).keys()));
    for (let step = 1; step < 8; step++) model.step(step);
    expect(host.of("step").map(({ step }) => step)).toEqual([1]);
    await host.goToStep();
    expect(now().shown.step).toBe(7);
    expect(host.of("step").map(({ step }) => step)).toEqual([1, 7]);
    expect(host.of("step").map(({ seq }) => seq)).toEqual([1, 2]);
    await host.goToStep();
    expect(now().shown.step).toBe(7);
    await host.update({ _step: 3 });
    expect(now().shown.step).toBe(3);
    expect(host.of("step")).toHaveLength(2);
  });

  test("do not jump back when an older one comes from the kernel", async () => {
    const { host, model, heard, now } = start(steps(10, 20, 30));
    model.step(2);
    heard.length = 0;
    await host.update({ _step: 1 });
    expect(heard).toEqual([]);
    await host.goToStep();
    expect(heard).toEqual([]);
    await host.update({ _step: 0 });
    expect(now().shown.step).toBe(0);
  });

  test("stay inside of those there are", async () => {
    const { host, model, now } = start(steps(10, 20, 30));
    model.step(99);
    expect(now().shown.step).toBe(2);
    await host.update({ ...steps(10, 20), _step: 1 });
    expect(now().shown.step).toBe(1);
    model.step(-1);
    expect(now().shown.step).toBe(0);
  });

  test("that code sets in reply stand", async () => {
    const { host, model, now } = start(steps(10, 20, 30));
    model.step(2);
    await host.update({ _step: 2 });
    await host.update({ _step: 1 });
    expect(now().shown.step).toBe(2);
    host.fire("msg:custom", { ...host.of("step")[0], kind: "stepped" }, []);
    expect(now().shown.step).toBe(1);
  });

  test("are named in gestures: it is what the person saw", () => {
    const { host, model } = start(steps(10, 20, 30));
    model.step(1);
    model.gesture(set(0, 0, 0, 0), { cell: 0, modifiers: [] });
    expect(host.gestures[0]).toMatchObject({ step: 1, target: "selection" });
  });

  test("without an answer make the kernel busy too, and are told again", async () => {
    const { host, model, now } = start(steps(10, 20, 30));
    await host.update({ _title: "a" });
    model.step(1);
    vi.advanceTimersByTime(1000);
    expect(now().shown.waiting).toBe("kernel busy · 1 waiting");
    vi.advanceTimersByTime(4000);
    await host.update({ _title: "b" });
    expect(host.of("step")).toHaveLength(2);
    await host.goToStep();
    expect(now().shown.waiting).toBe("");
  });
});

describe("frames that do not all travel at once", () => {
  /** Step k holds 12 values k. */
  const frame = (step: number) => viewOf(new Float64Array(12).fill(step));
  const NO_HOLES = viewOf(new Uint8Array(0));
  const many = (step: number, partial = 7) => ({
    ...steps(...Array(20).keys()),
    _partial: partial,
    _step: step,
    _values: frame(step),
    _holes: NO_HOLES,
  });
  const give = (host: Host, partial = 7, asked = host.of("frames").at(-1)) => {
    const buffers = asked?.steps.flatMap((step) => [frame(step), NO_HOLES]);
    host.fire("msg:custom", { ...asked, partial }, buffers);
  };
  const value = ({ shown }: Heard) => {
    expect(shown.values).toHaveLength(12);
    return Number(shown.values[11]);
  };

  test("come with the step by itself, and those ahead are fetched", async () => {
    const { host, model, now } = start(many(5));
    expect(host.sent).toEqual([]);
    model.step(6);
    expect(now().shown).toMatchObject({ step: 6, waiting: "loading step 6" });
    expect(value(now())).toBe(5);
    expect(host.of("frames")).toMatchObject([{ partial: 7, steps: [7, 8, 9, 10] }]);
    await host.goToStep({ _values: frame(6) });
    expect(now().shown.waiting).toBe("");
    expect(value(now())).toBe(6);
    give(host);
    model.step(7);
    expect(value(now())).toBe(7);
    expect(now().changed).toEqual(["step", "values", "holes"].sort());
    expect(now().shown.waiting).toBe("");
    expect(host.of("frames").at(-1)).toMatchObject({ steps: [11] });
  });

  test("are asked for once at a time, in the direction of movement", async () => {
    const { host, model } = start(many(10));
    model.step(9);
    model.step(8);
    model.step(7);
    expect(host.of("frames")).toHaveLength(1);
    expect(host.of("frames")[0]?.steps).toEqual([8, 7, 6, 5]);
    give(host);
    expect(host.of("frames")[1]?.steps).toEqual([4, 3]);
  });

  test("appear when they come, if they are those that are shown", async () => {
    const { host, model, now } = start(many(5));
    model.step(6);
    model.step(8);
    expect(now().shown.waiting).toBe("loading step 8");
    give(host);
    expect(value(now())).toBe(8);
    expect(now().shown.waiting).toBe("");
    expect(now().changed).toEqual(["holes", "values", "waiting"]);
  });

  test("of values that were replaced are dropped", async () => {
    const { host, model, now } = start(many(5));
    model.step(6);
    const asked = host.of("frames").at(-1);
    await host.update({ _partial: 8, _values: viewOf(new Float64Array(12).fill(-1)) });
    expect(value(now())).toBe(-1);
    expect(now().shown.waiting).toBe("loading step 6");
    give(host, 7, asked);
    model.step(7);
    expect(value(now())).toBe(-1);
    expect(host.of("frames").at(-1)).toMatchObject({ partial: 8, steps: [7, 8, 9, 10] });
  });

  test("are asked for again when no answer came for long", async () => {
    const { host, model } = start(many(5));
    model.step(6);
    vi.advanceTimersByTime(4999);
    model.step(7);
    expect(host.of("frames")).toHaveLength(1);
    vi.advanceTimersByTime(1);
    model.step(8);
    expect(host.of("frames")).toHaveLength(2);
  });

  test("have no text of another step", async () => {
    const text = Array.from({ length: 12 }, () => "5.0");
    const { host, model, now } = start({ ...many(5), _text: text });
    expect(host.get("_text")).toBe(text);
    model.step(6);
    expect(now().shown.text).toBeNull();
    await host.goToStep({ _values: frame(6), _text: text.map(() => "6.0") });
    expect(now().shown.text?.[0]).toBe("6.0");
  });

  test("say that they are not there as long as that is so, whatever else is said", () => {
    const { model, now } = start(many(5));
    model.step(6);
    vi.advanceTimersByTime(5000);
    expect(now().shown.waiting).toBe("loading step 6 · no kernel answers: kept in this page");
    expect(value(now())).toBe(5);
    model.step(5);
    expect(now().shown.waiting).toBe("no kernel answers: kept in this page");
  });

  test("follow the kernel where nothing is pending", async () => {
    const { host, now } = start(many(5));
    await host.update({ _step: 12, _values: frame(12) });
    expect(now().shown.step).toBe(12);
    expect(value(now())).toBe(12);
  });
});

describe("no kernel at all", () => {
  test("is said after some seconds instead of a busy one", () => {
    const { model, now } = start();
    model.gesture(set(0, 0, 0, 0), null);
    vi.advanceTimersByTime(1000);
    expect(now().shown.waiting).toBe("kernel busy · 1 waiting");
    vi.advanceTimersByTime(4000);
    expect(now().shown.waiting).toBe("no kernel answers: kept in this page");
    model.gesture(add(1, 0, 1, 0), null);
    vi.advanceTimersByTime(60_000);
    expect(now().shown.waiting).toBe("no kernel answers: kept in this page");
    expect(flatsOf(now().shown.selection)).toEqual([0, 3]);
  });

  test("is not said of one that was heard", async () => {
    const { host, model, now } = start();
    await host.update({ _title: "new" });
    model.gesture(set(0, 0, 0, 0), null);
    vi.advanceTimersByTime(60_000);
    expect(now().shown.waiting).toBe("kernel busy · 1 waiting");
  });

  test("is not said any more once one is heard", async () => {
    const { host, model, now } = start();
    model.gesture(set(0, 0, 0, 0), null);
    vi.advanceTimersByTime(6000);
    await host.update({ _title: "new" });
    vi.advanceTimersByTime(1000);
    expect(now().shown.waiting).toBe("kernel busy · 1 waiting");
    host.answer(0);
    expect(now().shown.waiting).toBe("");
  });

  test("and no way to send: everything works and nothing is said", () => {
    const raw = traits({ ...UNSET, ...steps(1, 2) });
    const model = new Model({ get: (trait) => raw[trait], on() {}, off() {} });
    let shown = {} as Shown;
    model.subscribe((now) => {
      shown = now;
    });
    model.gesture(set(0, 0, 0, 0), null);
    model.gesture(add(1, 0, 1, 0), null);
    model.undo();
    model.step(1);
    model.hover(3);
    expect(shown.mask).toEqual(Uint8Array.of(1, 0));
    expect(shown).toMatchObject({ step: 1, waiting: "", redoable: true });
    vi.advanceTimersByTime(60_000);
    expect(shown.waiting).toBe("");
    expect(vi.getTimerCount()).toBe(0);
    model.destroy();
  });

  test("costs no more with every gesture", () => {
    const { model, now } = start();
    const after = vi.spyOn(SELECTION, "after");
    for (let k = 0; k < 100; k++) model.gesture(k % 2 ? add(1, 1, 1, 1) : set(0, 0, 0, 0), null);
    expect(after.mock.calls.map(([, edits]) => edits.length)).toEqual(Array(100).fill(1));
    after.mockRestore();
    expect(flatsOf(now().shown.selection)).toEqual([0, 4]);
  });
});

describe("linked heatmaps", () => {
  const tie = (other: object = {}) => ({
    _links: [{ id: "1", hover: true, selection: true, ...other }],
  });
  /** The same labels in another order, without layer 0, with one more component. */
  const OTHER = {
    _axes: {
      id: 2,
      layers: [3, 2, 1],
      components: ["mlp.down", "norm", "mlp.up", "attn.q"],
      steps: null,
      titles: [null, null],
    },
    _values: viewOf(new Float64Array(12)),
    _holes: viewOf(new Uint8Array(0)),
  };
  let models: Model[] = [];
  const linked = (other: Record<string, unknown> = {}) => {
    const one = start({ ...tie(), ...other });
    models.push(one.model);
    return one;
  };
  afterEach(() => {
    for (const model of models) model.destroy();
    models = [];
    expect(present().size).toBe(0);
  });

  test("select the same cells, by label, at once; only one tells the kernel", () => {
    const a = linked();
    const b = linked({ ...OTHER, _selection: [5, 1] });
    a.model.gesture(add(1, 0, 1, 1), null);
    expect(flatsOf(b.now().shown.selection)).toEqual([5, 10, 11]);
    a.model.gesture(set(0, 0, 0, 0), null);
    expect(flatsOf(b.now().shown.selection)).toEqual([]);
    b.model.gesture(set(0, 0, 2, 1), null);
    expect(flatsOf(a.now().shown.selection)).toEqual([5, 8, 11]);
    expect([a, b].map(({ host }) => host.gestures.length)).toEqual([2, 1]);
  });

  test("wait for the answer that the other gets", async () => {
    const a = linked();
    const b = linked(OTHER);
    a.model.gesture(set(3, 0, 3, 0), null);
    a.model.gesture(add(3, 1, 3, 1), null);
    await b.host.update({ _selection: [3, 1] });
    a.host.answer(0);
    expect(flatsOf(b.now().shown.selection)).toEqual([3, 2]);
    a.host.answer(1);
    expect(flatsOf(b.now().shown.selection)).toEqual([3]);
    a.model.gesture(add(2, 0, 2, 0), null);
    a.host.answer(2, "no");
    expect(flatsOf(b.now().shown.selection)).toEqual([3]);
  });

  test("do not link the mask, nor do those whose link is of hover alone", () => {
    const a = linked({ _click: "mask" });
    const b = linked();
    const c = linked(tie({ id: "2", selection: false }));
    const d = linked(tie({ id: "2", selection: false }));
    a.model.gesture(set(0, 0, 0, 0), null);
    expect(b.heard).toEqual([]);
    c.model.gesture(set(0, 0, 0, 0), null);
    expect(d.heard).toEqual([]);
  });

  test("point at the same cell, and at none when the pointer leaves", () => {
    const without = { id: "2", hover: false, selection: true };
    const a = linked({ _links: [...tie()._links, without] });
    const b = linked(OTHER);
    const c = linked({ _links: [without] });
    a.model.hover(11);
    expect(b.now()).toMatchObject({ changed: ["elsewhere"], shown: { elsewhere: 0 } });
    a.model.hover(0);
    expect(b.now().shown.elsewhere).toBeNull();
    a.model.hover(4);
    expect(b.now().shown.elsewhere).toBe(10);
    a.model.hover(null);
    expect(b.now().shown.elsewhere).toBeNull();
    expect([a.heard, c.heard]).toEqual([[], []]);
    expect([a, b].flatMap(({ host }) => host.sent)).toEqual([]);
  });

  test("part at once", async () => {
    const a = linked();
    const b = linked();
    a.model.hover(4);
    a.model.gesture(set(0, 0, 0, 0), null);
    await a.host.update({ _links: [] });
    await b.host.update({ _links: [] });
    expect(b.now().shown).toMatchObject({ elsewhere: null, selection: [] });
    expect(flatsOf(a.now().shown.selection)).toEqual([0]);
    b.heard.length = 0;
    a.model.gesture(set(1, 1, 1, 1), null);
    a.model.hover(7);
    expect(b.heard).toEqual([]);
    expect(present().size).toBe(0);
  });

  test("meet when they are linked later", async () => {
    const a = linked({ _links: [] });
    const b = linked({ _links: [] });
    a.model.gesture(set(0, 0, 0, 0), null);
    for (const { host } of [a, b]) await host.update(tie());
    expect(flatsOf(b.now().shown.selection)).toEqual([]);
    a.model.gesture(add(1, 0, 1, 0), null);
    expect(flatsOf(b.now().shown.selection)).toEqual([3]);
  });

  test("leave when they are gone, with what waited for them", async () => {
    const a = linked();
    const b = linked();
    a.model.gesture(set(0, 0, 0, 0), null);
    a.model.hover(3);
    a.model.destroy();
    models = [b.model];
    expect(b.now().shown).toMatchObject({ elsewhere: null, selection: [] });
    b.model.gesture(set(0, 0, 0, 0), null);
    expect(flatsOf(a.now().shown.selection)).toEqual([0]);
    expect(a.host.listening).toBe(0);
    const late = a.host.update(tie());
    await late;
    expect([...present()]).toEqual([b.model]);
  });

  test("forget on other axes what named other cells", async () => {
    const a = linked();
    const b = linked();
    a.model.gesture(set(3, 2, 3, 2), null);
    a.model.hover(11);
    await b.host.update(OTHER);
    expect(b.now().shown).toMatchObject({ elsewhere: null, selection: [] });
    a.host.answer(0);
    expect(flatsOf(b.now().shown.selection)).toEqual([]);
  });

  test("keep it all with no kernel", () => {
    const a = linked();
    const b = linked();
    a.model.gesture(set(0, 0, 0, 0), null);
    b.model.gesture(add(1, 1, 1, 1), null);
    vi.advanceTimersByTime(60_000);
    expect(flatsOf(a.now().shown.selection)).toEqual([0, 4]);
    expect(flatsOf(b.now().shown.selection)).toEqual([0, 4]);
    a.model.gesture({ op: "set", rects: [] }, null);
    expect(flatsOf(b.now().shown.selection)).toEqual([]);
  });
});

describe("a mask under a kernel that answers in its own time", () => {
  const span = (n: number) =>
    fc.tuple(fc.nat(n - 1), fc.nat(n - 1)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
  const command: fc.Arbitrary<Command> = fc
    .tuple(fc.constantFrom<Command["op"]>("set", "add", "remove"), span(4), span(3))
    .map(([op, [i0, i1], [j0, j1]]) => ({ op, rects: [[i0, j0, i1, j1] as Rect] }));
  const doing = fc.oneof(command, fc.constantFrom("undo", "redo", "kernel", "kernel"));

  test("is what the person did and took back, whenever it is confirmed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(doing, { maxLength: 20 }), async (deeds) => {
        const { host, model, now } = start(UNSET);
        const axes = host.get("_axes") as Axes;
        const marked = (mask: Uint8Array, command: Command | null) =>
          MASK.after(mask, command ? [{ command, axes, step: 0 }] : []);
        let past: Uint8Array[] = [];
        let wanted: Uint8Array = new Uint8Array(2);
        let future: Uint8Array[] = [];
        let kernel: Uint8Array = new Uint8Array(2);
        let done = 0;
        const work = async () => {
          const gesture = host.gestures[done];
          if (!gesture) return;
          kernel = marked(kernel, gesture.command);
          await host.update({ _mask: viewOf(kernel) });
          host.answer(done++);
        };
        model.gesture(null, { cell: 0, modifiers: [] });
        for (const deed of deeds) {
          if (deed === "kernel") await work();
          else if (deed === "undo") {
            model.undo();
            const before = past.pop();
            if (before) future.push(wanted);
            wanted = before ?? wanted;
          } else if (deed === "redo") {
            model.redo();
            const next = future.pop();
            if (next) past.push(wanted);
            wanted = next ?? wanted;
          } else {
            model.gesture(deed as Command, null);
            const after = marked(wanted, deed as Command);
            if (after !== wanted) {
              past = [...past, wanted];
              future = [];
            }
            wanted = after;
          }
          const { shown } = now() ?? { shown: { mask: wanted, undoable: false, redoable: false } };
          expect(MASK.same(shown.mask, wanted)).toBe(true);
          expect([shown.undoable, shown.redoable]).toEqual([past.length > 0, future.length > 0]);
        }
        while (done < host.gestures.length) await work();
        expect(MASK.same(kernel, wanted)).toBe(true);
        model.destroy();
      }),
    );
  });
});

describe("destroy", () => {
  test("leaves no listener and no timer", () => {
    const { host, model } = start();
    expect(host.listening).toBe(TRAITS.length + 1);
    model.gesture(set(0, 0, 0, 0), null);
    expect(vi.getTimerCount()).toBe(1);
    model.destroy();
    expect(host.listening).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("leaves the listeners of another model of the same host", async () => {
    const { host, model, heard } = start();
    new Model(host).destroy();
    expect(host.listening).toBe(TRAITS.length + 1);
    await host.update({ _title: "new" });
    expect(heard).toHaveLength(1);
    model.destroy();
  });

  test("a change under way then reaches nobody", async () => {
    const { host, model, heard } = start();
    const update = host.update({ _title: "new" });
    model.destroy();
    await update;
    expect(heard).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("with a kernel that answers in its own time", () => {
  const span = (n: number) =>
    fc.tuple(fc.nat(n - 1), fc.nat(n - 1)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
  const command: fc.Arbitrary<Command> = fc
    .tuple(fc.constantFrom<Command["op"]>("set", "add", "remove"), span(4), span(3))
    .map(([op, [i0, i1], [j0, j1]]) => ({ op, rects: [[i0, j0, i1, j1] as Rect] }));
  const step = fc.oneof(command, fc.constant("kernel" as const));

  test("the person always sees what they did, and in the end so does the kernel", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 16 }), async (steps) => {
        const { host, model } = start();
        let shown: readonly number[] = [];
        model.subscribe(({ selection }) => {
          shown = selection;
        });
        let wanted: readonly number[] = [];
        let kernel: readonly number[] = [];
        let done = 0;
        const work = async () => {
          const gesture = host.gestures[done];
          if (!gesture) return;
          const after = apply(kernel, gesture.command as Command, 3);
          if (after !== kernel) await host.update({ _selection: [...after] });
          kernel = after;
          expect(shown).toEqual(wanted);
          host.answer(done++);
        };
        for (const next of steps) {
          if (next === "kernel") await work();
          else {
            wanted = apply(wanted, next, 3);
            model.gesture(next, null);
          }
          expect(shown).toEqual(wanted);
        }
        while (done < host.gestures.length) await work();
        expect(shown).toEqual(wanted);
        expect(kernel).toEqual(wanted);
        model.destroy();
      }),
    );
  });
});

describe("live frames", () => {
  const values = (value: number) => viewOf(new Float32Array(12).fill(value));
  const live = (edition: number, traits: Record<string, unknown> = {}) => ({
    kind: "live",
    edition,
    heard: edition - 1,
    axes: 1,
    traits: { _dtype: "float32", _limits: [0, 9], _norm: { kind: "linear" }, ...traits },
    binary: ["_values", "_holes"],
  });
  const push = (host: Host, edition: number, traits: Record<string, unknown> = {}) =>
    host.fire("msg:custom", live(edition, traits), [values(edition), viewOf(new Uint8Array(0))]);

  beforeEach(() => {
    vi.stubGlobal("requestAnimationFrame", (draw: () => void) => setTimeout(draw, 16));
    vi.stubGlobal("cancelAnimationFrame", (id: number) => clearTimeout(id));
    return () => vi.unstubAllGlobals();
  });

  test("are drawn once a frame of the screen, the latest one, and reported", () => {
    const { host, model, heard } = start();
    model.seen(model, true);
    for (let edition = 2; edition < 50; edition++) push(host, edition);
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(16);
    expect(heard).toHaveLength(1);
    expect(heard[0]?.shown.values[0]).toBe(49);
    expect(host.of("painted")).toMatchObject([{ edition: 49, visible: true }]);
  });

  test("leave selection and mask alone, and say what they are called", () => {
    const { host, model, now } = start();
    model.gesture(set(1, 1, 2, 2), null);
    push(host, 2, { _moment: 120 });
    vi.advanceTimersByTime(16);
    expect(now().shown).toMatchObject({ selection: [4, 2, 7, 2], moment: 120, limits: [0, 9] });
    expect(now().changed).not.toContain("mask");
  });

  test("move nothing while the limits are the same", () => {
    const { host, heard } = start();
    for (let edition = 2; edition < 4; edition++) {
      push(host, edition);
      vi.advanceTimersByTime(16);
    }
    expect(heard[0]?.changed).toContain("limits");
    expect(heard[1]?.changed).toEqual(["holes", "values"]);
    expect(heard[1]?.shown.live).toBe(true);
  });

  test("give way to values that are set later, and not to those set before", async () => {
    const { host, now } = start();
    push(host, 3);
    vi.advanceTimersByTime(16);
    await host.update({ _edition: 2, _dtype: "float32", _values: values(2), _moment: "old" });
    expect(now().shown.values[0]).toBe(3);
    await host.update({ _edition: 4, _values: values(4), _moment: null });
    expect(now().shown).toMatchObject({ edition: 4, moment: null, live: false });
    expect(now().shown.values[0]).toBe(4);
  });

  test("on labels that have not come yet wait for them", async () => {
    const { host, heard, now } = start();
    const axes = { ...(traits()._axes as Axes), id: 2, layers: [4, 5, 6, 7] };
    const ahead = { ...live(3), axes: 2 };
    host.fire("msg:custom", ahead, [values(3), viewOf(new Uint8Array(0))]);
    vi.advanceTimersByTime(100);
    expect(heard).toEqual([]);
    await host.update({ _axes: axes, _edition: 2 });
    vi.advanceTimersByTime(16);
    expect(now().shown.values[0]).toBe(3);
  });

  test("are drawn no more when nobody listens", () => {
    const { host, model, heard } = start();
    push(host, 2);
    model.destroy();
    vi.advanceTimersByTime(100);
    expect([heard, host.of("painted"), host.listening]).toEqual([[], [], 0]);
  });
});
