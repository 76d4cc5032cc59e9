import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { apply } from "./commands";
import { type HostModel, Model } from "./model";
import { traits, viewOf } from "./testing";
import { type Command, KEYS, type Rect, type Snapshot, type ToKernel, TRAITS } from "./wire";

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
    return this.sent.filter((message) => message.kind === "gesture");
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
  snapshot: Snapshot;
  changed: string[];
  waiting: string;
}

function start(other: Record<string, unknown> = {}) {
  const host = new Host(other);
  const model = new Model(host);
  const heard: Heard[] = [];
  const stop = model.subscribe((snapshot, changed, waiting) => {
    heard.push({ snapshot, changed: [...changed].sort(), waiting });
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

describe("subscribe", () => {
  test("gives the whole snapshot at once", () => {
    const model = new Model(new Host({ _title: "rms", _selection: [3, 2] }));
    const listener = vi.fn();
    model.subscribe(listener);
    expect(listener).toHaveBeenCalledTimes(1);
    const [snapshot, changed, waiting] = listener.mock.calls[0] as [Snapshot, Set<string>, string];
    expect(Object.keys(snapshot).sort()).toEqual([...KEYS].sort());
    expect([...changed].sort()).toEqual([...KEYS, "waiting"].sort());
    expect(snapshot).toMatchObject({ title: "rms", selection: [3, 4] });
    expect(waiting).toBe("");
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
    expect(now().changed).toEqual(["holes", "title", "values"]);
    expect(now().snapshot.values).toEqual(values);
    expect(now().snapshot.title).toBe("new");
  });

  test("leaves the other parts as they are", async () => {
    const { host, heard, now } = start();
    await host.update({ _title: "a" });
    await host.update({ _limits: [0, 1] });
    const [first] = heard as [Heard];
    expect(now().changed).toEqual(["limits"]);
    expect(now().snapshot).not.toBe(first.snapshot);
    for (const key of KEYS) {
      if (key !== "limits") expect(now().snapshot[key]).toBe(first.snapshot[key]);
    }
  });

  test("a type alone is a change of values", async () => {
    const { host, now } = start({ _values: viewOf(new Uint8Array(96)) });
    await host.update({ _dtype: "int64" });
    expect(now().changed).toEqual(["values"]);
    expect(now().snapshot.values).toEqual(new BigInt64Array(12));
  });

  test("other axes decode the mask anew", async () => {
    const axes = { id: 2, layers: [0], components: ["a", "b"], steps: null, titles: [null, null] };
    const { host, now } = start();
    await host.update({ _axes: axes });
    expect(now().changed).toEqual(["axes", "mask"]);
    expect([...now().snapshot.mask]).toEqual([1, 0, 1, 0]);
  });

  test("a selection that is shown already is no change", async () => {
    const { host, model, heard } = start();
    model.gesture(set(1, 0, 1, 0), null);
    heard.length = 0;
    await host.update({ _selection: [3, 1] });
    host.answer(0);
    expect(heard.flatMap(({ changed }) => changed)).toEqual(["waiting"]);
  });
});

describe("a gesture", () => {
  test("applies at once and is sent", () => {
    const { host, model, heard, now } = start();
    model.gesture(set(1, 0, 1, 1), { cell: 4, modifiers: ["shift"] });
    expect(heard).toHaveLength(1);
    expect(now().changed).toEqual(["selection"]);
    expect(now().snapshot.selection).toEqual([3, 4]);
    expect(host.sent).toEqual([
      {
        kind: "gesture",
        page: expect.stringMatching(/^\w{1,64}$/),
        seq: 1,
        axes: 1,
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
    expect(now()).toMatchObject({ waiting: "", snapshot: { selection: [0] } });
    await host.update({ _selection: [] });
    expect(now().snapshot.selection).toEqual([]);
  });

  test("stands on top of what the kernel says meanwhile, until it is answered", async () => {
    const { host, model, now } = start({ _selection: [0, 1] });
    model.gesture(add(1, 0, 1, 0), null);
    expect(now().snapshot.selection).toEqual([0, 3]);
    await host.update({ _selection: [7, 2] });
    expect(now().snapshot.selection).toEqual([7, 8, 3]);
    host.answer(0);
    expect(now().snapshot.selection).toEqual([7, 8]);
  });

  test("that is refused is undone, and the person is told", () => {
    const { host, model, now } = start({ _selection: [0, 1] });
    model.gesture(add(1, 0, 1, 0), null);
    host.answer(0, "rect is not inside the grid");
    expect(now()).toMatchObject({
      waiting: "not done: rect is not inside the grid",
      snapshot: { selection: [0] },
    });
    model.gesture(add(2, 0, 2, 0), null);
    host.answer(1);
    expect(now().waiting).toBe("");
  });

  test("of another page is none of ours", () => {
    const { host, model, heard, now } = start();
    model.gesture(set(0, 0, 0, 0), null);
    heard.length = 0;
    host.fire("msg:custom", { kind: "ack", page: "another", seq: 1 }, []);
    host.fire("msg:custom", { kind: "refused", page: null, seq: null, reason: "?" }, []);
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(1000);
    expect(now().waiting).toBe("kernel busy · 1 waiting");
  });

  test("is dropped when the axes are others: it names other cells there", async () => {
    const { host, model, now } = start();
    model.gesture(set(3, 2, 3, 2), null);
    const axes = { id: 2, layers: [0], components: ["a", "b"], steps: null, titles: [null, null] };
    await host.update({ _axes: axes });
    expect(now().changed).toEqual(["axes", "mask", "selection"]);
    expect(now().snapshot.selection).toEqual([]);
    vi.advanceTimersByTime(10_000);
    expect(now().waiting).toBe("");
    await host.update({ _title: "new" });
    expect(host.sent).toHaveLength(1);
    model.gesture(set(0, 1, 0, 1), null);
    expect(host.gestures[1]).toMatchObject({ seq: 2, axes: 2 });
  });

  test("stays when only titles or steps of the axes are others", async () => {
    const { host, model, now } = start();
    model.gesture(set(3, 2, 3, 2), null);
    await host.update({ _axes: { ...(host.get("_axes") as object), titles: ["block", null] } });
    expect(now().snapshot.selection).toEqual([11]);
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
    expect(now()).toMatchObject({ waiting: "kernel busy · 1 waiting", changed: ["waiting"] });
    expect(now().snapshot.selection).toEqual([0]);
    host.answer(0);
    expect(now().waiting).toBe("");
    expect(vi.getTimerCount()).toBe(0);
  });

  test("is called so although the person goes on, with all that waits", () => {
    const { model, now } = start();
    for (let k = 0; k < 4; k++) {
      model.gesture(add(k, 0, k, 0), null);
      vi.advanceTimersByTime(400);
    }
    expect(now().waiting).toBe("kernel busy · 4 waiting");
    model.gesture(add(0, 1, 0, 1), null);
    vi.advanceTimersByTime(0);
    expect(now().waiting).toBe("kernel busy · 5 waiting");
  });

  test("is not called so while each answer comes within a second", () => {
    const { host, model, heard } = start();
    for (let k = 0; k < 8; k++) {
      model.gesture(k % 2 ? set(0, 0, 0, 0) : set(1, 1, 1, 1), null);
      vi.advanceTimersByTime(400);
      if (k > 0) host.answer(k - 1);
    }
    expect(heard.map(({ waiting }) => waiting).filter(Boolean)).toEqual([]);
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
    expect(now().waiting).toMatch(/^not connected/);
    expect(now().snapshot.selection).toEqual([0]);
    vi.advanceTimersByTime(5000);
    expect(now().waiting).toMatch(/^not connected/);
  });

  test("is not called busy because of what was sent before", () => {
    const { host, model, now } = start();
    model.gesture(set(0, 0, 0, 0), null);
    host.connected = false;
    model.gesture(set(1, 1, 1, 1), null);
    vi.advanceTimersByTime(5000);
    expect(now().waiting).toMatch(/^not connected/);
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
    expect(now().waiting).toBe("");
  });
});

describe("small things", () => {
  test("hover is told only where somebody asked", async () => {
    const { host, model } = start();
    model.hover(3);
    expect(host.sent).toEqual([]);
    await host.update({ _hovers: true });
    model.hover(3);
    model.hover(null);
    expect(host.sent).toEqual([
      { kind: "hover", cell: 3 },
      { kind: "hover", cell: null },
    ]);
  });

  test("an error is dismissed at once, and the kernel told", () => {
    const { host, model, now } = start({ _error: ["ValueError", "Traceback"] });
    model.dismiss();
    expect(now()).toMatchObject({ changed: ["error"], snapshot: { error: [] } });
    expect(host.sent).toEqual([{ kind: "dismiss" }]);
  });

  test("all views hear the same", () => {
    const { model, heard } = start();
    const other = vi.fn();
    model.subscribe(other);
    model.gesture(set(2, 1, 2, 1), null);
    expect(other.mock.lastCall?.[0]).toBe(heard.at(-1)?.snapshot);
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
          if (after !== kernel) await host.update({ _selection: after.flatMap((k) => [k, 1]) });
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
