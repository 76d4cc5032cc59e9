import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Area, Spot, Target } from "../layout/place";
import { apply } from "../model/commands";
import { flatsOf, runsOf } from "../testing";
import { runsIn, without } from "../values/runs";
import type { Modifier } from "../wire";
import {
  cancel,
  drag,
  type GestureState,
  IDLE,
  key,
  type Outcome,
  type Pick,
  press,
  previewArea,
  release,
  type Scene,
} from "./gesture";

type Part = NonNullable<Target>;

const cell = (row: number, column: number): Part => ({ part: "cell", row, column });
const rowHeader = (row: number): Part => ({ part: "row", row });
const columnHeader = (column: number): Part => ({ part: "column", column });
const group = (first: number, last: number): Part => ({ part: "group", first, last });

/** What a pick makes of the picked cells, flat, as the kernel does it to a selection. */
function picksAfter(picks: readonly number[], { op, area }: Pick, columns: number) {
  const before = runsOf(picks);
  const after = apply(before, { op, rects: area ? [[...area]] : [] }, columns);
  return after === before ? picks : flatsOf(after);
}

/** A person before a grid: does what the view does with events and outcomes. */
class Person {
  state: GestureState = IDLE;
  picks: readonly number[] = [];
  sent: Pick[] = [];
  clicks: NonNullable<Outcome["click"]>[] = [];

  constructor(
    readonly rows = 4,
    readonly columns = 3,
    readonly mode: Scene["mode"] = "select",
  ) {}

  get scene(): Scene {
    const { rows, columns, mode, picks } = this;
    const picked = (area: Area) =>
      without(runsIn([[...area]], columns), runsOf(picks)).length === 0;
    return { rows, columns, picked, count: picks.length, mode };
  }

  obey({ state, pick, click }: Outcome): void {
    this.state = state;
    if (pick) {
      this.sent.push(pick);
      this.picks = picksAfter(this.picks, pick, this.columns);
    }
    if (click) this.clicks.push(click);
  }

  press(target: Target, ...modifiers: Modifier[]): this {
    this.obey(press(this.state, target, modifiers, this.scene));
    return this;
  }

  drag(...spots: Spot[]): this {
    for (const spot of spots) this.obey(drag(this.state, spot, this.scene));
    return this;
  }

  release(): this {
    this.obey(release(this.state, this.scene));
    return this;
  }

  click(target: Target, ...modifiers: Modifier[]): this {
    return this.press(target, ...modifiers).release();
  }

  /** Whether the key means something here. */
  key(name: string, ...modifiers: Modifier[]): boolean {
    const outcome = key(this.state, name, modifiers, this.scene);
    if (outcome) this.obey(outcome);
    return outcome !== null;
  }

  keys(...names: string[]): this {
    for (const name of names) this.key(name);
    return this;
  }

  /** What the last event sent, if anything. */
  get last(): Pick | undefined {
    return this.sent.at(-1);
  }
}

describe("a click on a cell", () => {
  test("selects just that cell, on release", () => {
    const person = new Person().press(cell(1, 2));
    expect(person.sent).toEqual([]);
    person.release();
    expect(person.sent).toEqual([{ op: "set", area: [1, 2, 1, 2] }]);
    expect(person.clicks).toEqual([{ spot: [1, 2], modifiers: [] }]);
    expect(person.state).toEqual({ focus: [1, 2], anchor: [1, 2], drag: null });
  });

  test("picks nothing if it already is the only one, but is a click", () => {
    const person = new Person().click(cell(1, 2)).click(cell(1, 2));
    expect(person.sent).toHaveLength(1);
    expect(person.clicks).toHaveLength(2);
  });

  test.each(["ctrl", "meta"] as const)("with %s adds, then removes", (modifier) => {
    const person = new Person().click(cell(0, 0)).click(cell(1, 2), modifier);
    expect(person.last).toEqual({ op: "add", area: [1, 2, 1, 2] });
    expect(person.picks).toEqual([0, 5]);
    person.click(cell(0, 0), modifier);
    expect(person.last).toEqual({ op: "remove", area: [0, 0, 0, 0] });
    expect(person.picks).toEqual([5]);
    expect(person.clicks.at(-1)).toEqual({ spot: [0, 0], modifiers: [modifier] });
  });

  test("with shift takes the rectangle from the anchor, which stays", () => {
    const person = new Person().click(cell(2, 1)).click(cell(0, 2), "shift");
    expect(person.last).toEqual({ op: "set", area: [0, 1, 2, 2] });
    person.click(cell(3, 0), "shift");
    expect(person.last).toEqual({ op: "set", area: [2, 0, 3, 1] });
    expect(person.state).toMatchObject({ anchor: [2, 1], focus: [3, 0] });
  });

  test("with shift and no anchor takes the cell", () => {
    expect(new Person().click(cell(1, 1), "shift").picks).toEqual([4]);
  });

  test("with ctrl and shift adds the rectangle, unless all of it is there", () => {
    const person = new Person().click(cell(3, 2)).click(cell(0, 0), "ctrl");
    person.click(cell(1, 1), "ctrl", "shift");
    expect(person.last).toEqual({ op: "add", area: [0, 0, 1, 1] });
    expect(person.picks).toEqual([11, 0, 1, 3, 4]);
    const sent = person.sent.length;
    person.click(cell(1, 1), "ctrl", "shift");
    expect(person.sent).toHaveLength(sent);
  });

  test("beside everything does nothing", () => {
    const person = new Person().click(cell(1, 1)).click(null);
    expect(person.sent).toHaveLength(1);
    expect(person.state).toMatchObject({ focus: [1, 1], drag: null });
  });
});

describe("a drag", () => {
  test("is one pick, on release, and no click", () => {
    const person = new Person().press(cell(0, 0)).drag([1, 1], [2, 1]);
    expect(person.sent).toEqual([]);
    person.release();
    expect(person.sent).toEqual([{ op: "set", area: [0, 0, 2, 1] }]);
    expect(person.clicks).toEqual([]);
  });

  test("shows what it has reached, once it has moved", () => {
    const person = new Person().press(cell(2, 2));
    expect(previewArea(person.state)).toBeNull();
    person.drag([2, 2]);
    expect(previewArea(person.state)).toBeNull();
    person.drag([1, 0]);
    expect(previewArea(person.state)).toEqual([1, 0, 2, 2]);
    person.drag([3, 2]);
    expect(previewArea(person.state)).toEqual([2, 2, 3, 2]);
    person.release();
    expect(previewArea(person.state)).toBeNull();
  });

  test("within one cell is a click", () => {
    const person = new Person().press(cell(1, 1)).drag([1, 1], [1, 1]).release();
    expect(person.clicks).toEqual([{ spot: [1, 1], modifiers: [] }]);
  });

  test("that stays in its cell keeps the state as it is", () => {
    const { state, scene } = new Person().press(cell(1, 1)).drag([2, 2]);
    expect(drag(state, [2, 2], scene).state).toBe(state);
  });

  test("with ctrl adds, and never removes", () => {
    const person = new Person().click(cell(0, 0)).press(cell(2, 0), "ctrl").drag([3, 0]).release();
    expect(person.last).toEqual({ op: "add", area: [2, 0, 3, 0] });
    person.press(cell(3, 0), "ctrl").drag([2, 0]).release();
    expect(person.sent).toHaveLength(2);
    expect(person.picks).toEqual([0, 6, 9]);
  });

  test("leaves the focus where it ended, so that shift goes on from there", () => {
    const person = new Person().press(cell(2, 2)).drag([1, 1]).release();
    expect(person.state).toMatchObject({ anchor: [2, 2], focus: [1, 1] });
    person.key("ArrowUp", "shift");
    expect(person.last).toEqual({ op: "set", area: [0, 1, 2, 2] });
  });

  test("along the headers takes whole rows or columns", () => {
    const person = new Person().press(rowHeader(2)).drag([1, 0], [0, 2]).release();
    expect(person.last).toEqual({ op: "set", area: [0, 0, 2, 2] });
    person.key("ArrowDown", "shift");
    expect(person.last).toEqual({ op: "set", area: [1, 0, 2, 2] });
    person.press(columnHeader(0)).drag([3, 1]).release();
    expect(person.last).toEqual({ op: "set", area: [0, 0, 3, 1] });
  });

  test("from a group takes it and the columns it reaches", () => {
    const person = new Person(2, 6).press(group(2, 3)).drag([0, 1]).release();
    expect(person.last).toEqual({ op: "set", area: [0, 1, 1, 3] });
    expect(person.state).toMatchObject({ anchor: [0, 3], focus: [1, 1] });
    person.press(group(2, 3)).drag([0, 5]).release();
    expect(person.last).toEqual({ op: "set", area: [0, 2, 1, 5] });
  });

  test("that the browser takes away does nothing", () => {
    const person = new Person().click(cell(3, 2)).press(cell(0, 0)).drag([1, 1]);
    person.obey(cancel(person.state));
    person.release();
    expect(person.picks).toEqual([11]);
    expect(person.state).toMatchObject({ focus: [3, 2], anchor: [3, 2], drag: null });
  });

  test("without a press is nothing", () => {
    const person = new Person().drag([1, 1]).release();
    expect(person.state).toBe(IDLE);
    expect(person.sent).toEqual([]);
  });
});

describe("a click on a header", () => {
  test("takes the whole row, column or group, and is no click on a cell", () => {
    const person = new Person();
    person.click(rowHeader(1));
    expect(person.last).toEqual({ op: "set", area: [1, 0, 1, 2] });
    person.click(columnHeader(2));
    expect(person.last).toEqual({ op: "set", area: [0, 2, 3, 2] });
    person.click(group(1, 2));
    expect(person.last).toEqual({ op: "set", area: [0, 1, 3, 2] });
    expect(person.clicks).toEqual([]);
  });

  test("with ctrl adds what is not all there, and removes what is", () => {
    const person = new Person().click(cell(1, 0)).click(rowHeader(1), "ctrl");
    expect(person.last).toEqual({ op: "add", area: [1, 0, 1, 2] });
    person.click(rowHeader(1), "ctrl");
    expect(person.last).toEqual({ op: "remove", area: [1, 0, 1, 2] });
    expect(person.picks).toEqual([]);
  });

  test("with ctrl removes a group although the pointer trembles", () => {
    const person = new Person().click(group(0, 1)).press(group(0, 1), "ctrl").drag([0, 1]);
    person.release();
    expect(person.last).toEqual({ op: "remove", area: [0, 0, 3, 1] });
  });

  test("with shift takes all from the anchor to it", () => {
    const person = new Person().click(rowHeader(0)).click(rowHeader(2), "shift");
    expect(person.last).toEqual({ op: "set", area: [0, 0, 2, 2] });
    person.click(columnHeader(2)).click(columnHeader(1), "shift");
    expect(person.last).toEqual({ op: "set", area: [0, 1, 3, 2] });
    person.click(columnHeader(0)).click(group(1, 2), "shift", "ctrl");
    expect(person.last).toEqual({ op: "add", area: [0, 0, 3, 2] });
  });

  test("with shift and no anchor takes it alone", () => {
    expect(new Person().click(rowHeader(2), "shift").picks).toEqual([6, 7, 8]);
  });
});

describe("keys", () => {
  test("the first arrow goes to the first cell", () => {
    for (const arrow of ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]) {
      expect(new Person().keys(arrow).state.focus).toEqual([0, 0]);
    }
  });

  test.each([
    ["ArrowUp", [], [11, 2]],
    ["ArrowDown", [], [13, 2]],
    ["ArrowLeft", [], [12, 1]],
    ["ArrowRight", [], [12, 3]],
    ["PageUp", [], [2, 2]],
    ["PageDown", [], [22, 2]],
    ["Home", [], [12, 0]],
    ["End", [], [12, 4]],
    ["Home", ["ctrl"], [0, 0]],
    ["End", ["meta"], [29, 4]],
  ] as [string, Modifier[], Spot][])("%s with %j", (name, modifiers, focus) => {
    const person = new Person(30, 5).click(cell(12, 2));
    expect(person.key(name, ...modifiers)).toBe(true);
    expect(person.state.focus).toEqual(focus);
    expect(person.picks).toEqual([62]);
  });

  test("stop at the edges", () => {
    const person = new Person().click(cell(0, 0)).keys("ArrowUp", "ArrowLeft", "PageUp");
    expect(person.state.focus).toEqual([0, 0]);
    person.keys("PageDown", "End", "ArrowDown", "ArrowRight");
    expect(person.state.focus).toEqual([3, 2]);
  });

  test.each(["Enter", " "])("%j clicks the focused cell", (name) => {
    const person = new Person().keys("ArrowDown", "ArrowDown", name);
    expect(person.picks).toEqual([3]);
    expect(person.clicks).toEqual([{ spot: [1, 0], modifiers: [] }]);
  });

  test("without a focus Enter and space click nothing", () => {
    const person = new Person().keys("Enter", " ");
    expect(person.sent).toEqual([]);
    expect(person.clicks).toEqual([]);
  });

  test("space with ctrl toggles, with shift takes the rectangle", () => {
    const person = new Person().click(cell(0, 0)).keys("ArrowDown");
    person.key(" ", "ctrl");
    expect(person.picks).toEqual([0, 3]);
    person.key(" ", "ctrl");
    expect(person.picks).toEqual([0]);
    person.state = { ...person.state, anchor: [0, 0] };
    person.key(" ", "shift");
    expect(person.picks).toEqual([0, 3]);
  });

  test("shift and arrows extend from the anchor, and shrink again", () => {
    const person = new Person().click(cell(1, 1));
    person.key("ArrowDown", "shift");
    person.key("ArrowRight", "shift");
    expect(person.last).toEqual({ op: "set", area: [1, 1, 2, 2] });
    person.key("ArrowUp", "shift");
    expect(person.picks).toEqual([4, 5]);
    person.key("End", "shift", "ctrl");
    expect(person.last).toEqual({ op: "set", area: [1, 1, 3, 2] });
  });

  test("shift and arrows at the edge send nothing", () => {
    const person = new Person().click(cell(0, 0));
    person.key("ArrowUp", "shift");
    expect(person.sent).toHaveLength(1);
  });

  test("an arrow moves the anchor along", () => {
    const person = new Person().click(cell(0, 0)).keys("ArrowDown");
    person.key("ArrowRight", "shift");
    expect(person.last).toEqual({ op: "set", area: [1, 0, 1, 1] });
  });

  test("Escape ends a drag, then clears, then does nothing", () => {
    const person = new Person().click(cell(0, 0)).press(cell(1, 1)).drag([2, 2]);
    person.keys("Escape").release();
    expect(person.picks).toEqual([0]);
    expect(person.sent).toHaveLength(1);
    person.keys("Escape");
    expect(person.last).toEqual({ op: "set", area: null });
    expect(person.state).toEqual({ focus: [0, 0], anchor: null, drag: null });
    person.keys("Escape");
    expect(person.sent).toHaveLength(2);
  });

  test("that mean nothing to a grid are left to the page", () => {
    const person = new Person().click(cell(1, 1));
    const before = person.state;
    for (const name of ["a", "Tab", "Delete", "F5", "Shift"]) expect(person.key(name)).toBe(false);
    expect(person.key("Enter", "shift")).toBe(false);
    expect(person.key("Enter", "ctrl")).toBe(false);
    expect(person.key("ArrowLeft", "alt")).toBe(false);
    expect(person.state).toBe(before);
  });

  test("a grid without cells has no use for keys", () => {
    for (const person of [new Person(0, 3), new Person(3, 0)]) {
      expect(person.key("ArrowDown")).toBe(false);
      expect(person.key("Escape")).toBe(false);
    }
  });
});

describe('click="none"', () => {
  test("clicks are told, nothing is selected", () => {
    const person = new Person(4, 3, "none").click(cell(1, 1)).click(cell(0, 2), "ctrl");
    person.keys("ArrowDown", "Enter");
    expect(person.clicks).toEqual([
      { spot: [1, 1], modifiers: [] },
      { spot: [0, 2], modifiers: ["ctrl"] },
      { spot: [1, 2], modifiers: [] },
    ]);
    expect(person.sent).toEqual([]);
  });

  test("drags, headers, shift and Escape do nothing", () => {
    const person = new Person(4, 3, "none").press(cell(0, 0)).drag([1, 1]).release();
    person.click(rowHeader(1)).click(group(0, 1));
    person.picks = [3];
    person.keys("Escape");
    person.key("ArrowDown", "shift");
    expect(person.sent).toEqual([]);
    expect(person.clicks).toEqual([]);
    expect(person.state.drag).toBeNull();
  });
});

describe('click="mask"', () => {
  const person = () => new Person(4, 3, "mask");

  test("the same gestures pick the same cells", () => {
    const marker = person().click(cell(0, 0)).click(cell(1, 2), "ctrl");
    expect(marker.picks).toEqual([0, 5]);
    marker.press(cell(2, 0), "ctrl").drag([3, 0]).release();
    expect(marker.picks).toEqual([0, 5, 6, 9]);
    expect(marker.clicks).toHaveLength(2);
  });

  test("Escape ends a drag, and never takes the mask away", () => {
    const marker = person().click(cell(1, 1)).press(cell(0, 0)).drag([2, 2]);
    expect(marker.key("Escape")).toBe(true);
    marker.release().keys("Escape", "Escape");
    expect(marker.picks).toEqual([4]);
    expect(marker.sent).toHaveLength(1);
    expect(marker.state).toEqual({ focus: [1, 1], anchor: null, drag: null });
  });
});

// ── any sequence ────────────────────────────────────────────────────────────────────────────

interface Pointing {
  target: Part;
  modifiers: Modifier[];
  path: Spot[];
  end: "release" | "cancel" | "Escape";
}

type Event = Pointing | { key: string; modifiers: Modifier[] };

const KEYS = ["Up", "Down", "Left", "Right"].map((way) => `Arrow${way}`);
KEYS.push("Home", "End", "PageUp", "PageDown", "Enter", " ", "Escape", "x");

const story = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
  .chain(([rows, columns]) => {
    const i = fc.nat(rows - 1);
    const j = fc.nat(columns - 1);
    const spot: fc.Arbitrary<Spot> = fc.tuple(i, j);
    const target: fc.Arbitrary<Part> = fc.oneof(
      spot.map(([row, column]) => cell(row, column)),
      i.map(rowHeader),
      j.map(columnHeader),
      fc.tuple(j, j).map(([a, b]) => group(Math.min(a, b), Math.max(a, b))),
    );
    const modifiers = fc.subarray<Modifier>(["ctrl", "shift"]);
    const event: fc.Arbitrary<Event> = fc.oneof(
      fc.record({
        target,
        modifiers,
        path: fc.array(spot, { maxLength: 3 }),
        end: fc.constantFrom("release" as const, "release" as const, "cancel", "Escape"),
      }),
      fc.record({ key: fc.constantFrom(...KEYS), modifiers }),
    );
    return fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      mode: fc.constantFrom<Scene["mode"]>("select", "select", "mask", "none"),
      events: fc.array(event, { maxLength: 12 }),
    });
  });

function act(person: Person, event: Event): void {
  if ("key" in event) {
    person.key(event.key, ...event.modifiers);
    return;
  }
  person.press(event.target, ...event.modifiers).drag(...event.path);
  if (event.end === "cancel") person.obey(cancel(person.state));
  if (event.end === "Escape") person.key("Escape");
  person.release();
}

/** The same rules said of sets of cells, without areas. */
class Naive {
  selection = new Set<number>();
  focus: Spot | null = null;
  anchor: Spot | null = null;

  constructor(
    readonly rows: number,
    readonly columns: number,
  ) {}

  cells(keep: (i: number, j: number) => boolean): number[] {
    const all = Array.from({ length: this.rows * this.columns }, (_, flat) => flat);
    return all.filter((flat) => {
      return keep(Math.floor(flat / this.columns), flat % this.columns);
    });
  }

  /** All cells in the rectangle round some. */
  round(flats: readonly number[]): number[] {
    const is = flats.map((flat) => Math.floor(flat / this.columns));
    const js = flats.map((flat) => flat % this.columns);
    return this.cells(
      (i, j) =>
        i >= Math.min(...is) &&
        i <= Math.max(...is) &&
        j >= Math.min(...js) &&
        j <= Math.max(...js),
    );
  }

  between(a: Spot, b: Spot): number[] {
    return this.round([a, b].map(([i, j]) => i * this.columns + j));
  }

  of(target: Part): number[] {
    switch (target.part) {
      case "cell":
        return this.cells((i, j) => i === target.row && j === target.column);
      case "row":
        return this.cells((i) => i === target.row);
      case "column":
        return this.cells((_, j) => j === target.column);
      case "group":
        return this.cells((_, j) => j >= target.first && j <= target.last);
    }
  }

  /** What a header or cell becomes where the pointer is dragged to. */
  under(target: Part, [i, j]: Spot): number[] {
    if (target.part === "cell") return this.of(cell(i, j));
    if (target.part === "row") return this.of(rowHeader(i));
    if (target.part === "group" && j >= target.first && j <= target.last) return this.of(target);
    return this.of(columnHeader(j));
  }

  take(flats: readonly number[], op: "set" | "add" | "toggle"): void {
    const all = flats.every((flat) => this.selection.has(flat));
    if (op === "toggle" && all) for (const flat of flats) this.selection.delete(flat);
    else this.selection = new Set(op === "set" ? flats : [...this.selection, ...flats]);
  }

  point({ target, modifiers, path, end }: Pointing): void {
    if (end !== "release") return;
    const ctrl = modifiers.includes("ctrl");
    const start = this.of(target);
    const moved = path.some((spot) => String(this.under(target, spot)) !== String(start));
    const [first] = start as [number];
    const corner: Spot = [Math.floor(first / this.columns), first % this.columns];
    if (!moved && modifiers.includes("shift") && (this.anchor || target.part === "cell")) {
      this.anchor ??= corner;
      const from = target.part === "cell" ? this.of(cell(...this.anchor)) : null;
      const at = from ?? this.at(target, this.anchor);
      this.take(this.round([...at, ...start]), ctrl ? "add" : "set");
      this.focus = corner;
    } else if (!moved) {
      this.take(start, ctrl ? "toggle" : "set");
      this.focus = this.anchor = corner;
    } else {
      const to = path.at(-1) as Spot;
      const reached = this.round([...start, ...this.under(target, to)]);
      this.take(reached, ctrl ? "add" : "set");
      [this.anchor, this.focus] = this.ends(target, to);
    }
  }

  /** The header of a kind at a cell. */
  at(target: Part, [i, j]: Spot): number[] {
    if (target.part === "group" && j >= target.first && j <= target.last) return this.of(target);
    return this.of(target.part === "row" ? rowHeader(i) : columnHeader(j));
  }

  ends(target: Part, [i, j]: Spot): [Spot, Spot] {
    const bottom = this.rows - 1;
    switch (target.part) {
      case "cell":
        return [
          [target.row, target.column],
          [i, j],
        ];
      case "row":
        return [
          [target.row, 0],
          [i, this.columns - 1],
        ];
      case "column":
        return [
          [0, target.column],
          [bottom, j],
        ];
      case "group":
        return j < target.first
          ? [
              [0, target.last],
              [bottom, j],
            ]
          : [
              [0, target.first],
              [bottom, Math.max(target.last, j)],
            ];
    }
  }

  press(name: string, modifiers: readonly Modifier[]): void {
    const ctrl = modifiers.includes("ctrl");
    if (name === "Escape") {
      this.selection.clear();
      this.anchor = null;
    } else if (name === " " || (name === "Enter" && modifiers.length === 0)) {
      if (!this.focus) return;
      this.point({
        target: cell(...this.focus),
        modifiers: [...modifiers],
        path: [],
        end: "release",
      });
    } else {
      const to = this.towards(name, ctrl);
      if (!to) return;
      const from = this.anchor ?? this.focus ?? to;
      const shift = modifiers.includes("shift");
      if (shift) this.take(this.between(from, to), "set");
      this.anchor = shift ? from : to;
      this.focus = to;
    }
  }

  towards(name: string, ctrl: boolean): Spot | null {
    const [i, j] = this.focus ?? [0, 0];
    if (!this.focus && name.startsWith("Arrow")) return [0, 0];
    const [bottom, right] = [this.rows - 1, this.columns - 1];
    const ways: Record<string, Spot> = {
      ArrowUp: [Math.max(0, i - 1), j],
      ArrowDown: [Math.min(bottom, i + 1), j],
      ArrowLeft: [i, Math.max(0, j - 1)],
      ArrowRight: [i, Math.min(right, j + 1)],
      PageUp: [Math.max(0, i - 10), j],
      PageDown: [Math.min(bottom, i + 10), j],
      Home: [ctrl ? 0 : i, 0],
      End: [ctrl ? bottom : i, right],
    };
    return ways[name] ?? null;
  }
}

describe("whatever a person does", () => {
  test("focus and anchor stay inside the grid, and picks do too", () => {
    fc.assert(
      fc.property(story, ({ rows, columns, mode, events }) => {
        const person = new Person(rows, columns, mode);
        for (const event of events) {
          act(person, event);
          expect(person.state.drag).toBeNull();
          for (const spot of [person.state.focus, person.state.anchor]) {
            if (!spot) continue;
            expect(spot[0] >= 0 && spot[0] < rows).toBe(true);
            expect(spot[1] >= 0 && spot[1] < columns).toBe(true);
          }
        }
        for (const { area } of person.sent) {
          const [i0, j0, i1, j1] = area ?? [0, 0, 0, 0];
          expect(0 <= i0 && i0 <= i1 && i1 < rows).toBe(true);
          expect(0 <= j0 && j0 <= j1 && j1 < columns).toBe(true);
        }
        if (mode === "none") expect(person.sent).toEqual([]);
      }),
    );
  });

  test("every pick changes what is picked, and is harmless twice", () => {
    fc.assert(
      fc.property(story, ({ rows, columns, mode, events }) => {
        const person = new Person(rows, columns, mode);
        for (const event of events) {
          const before = new Set(person.picks);
          const sent = person.sent.length;
          act(person, event);
          expect(person.sent.length - sent).toBeLessThanOrEqual(1);
          const pick = person.sent[sent];
          if (!pick) continue;
          expect(new Set(person.picks)).not.toEqual(before);
          expect(picksAfter(person.picks, pick, columns)).toBe(person.picks);
        }
      }),
    );
  });

  test("the picks come to what the rules say of sets", () => {
    fc.assert(
      fc.property(story, ({ rows, columns, events }) => {
        const person = new Person(rows, columns);
        const naive = new Naive(rows, columns);
        for (const event of events) {
          act(person, event);
          if ("key" in event) naive.press(event.key, event.modifiers);
          else naive.point(event);
          expect(new Set(person.picks)).toEqual(naive.selection);
          expect(person.state).toEqual({ focus: naive.focus, anchor: naive.anchor, drag: null });
        }
      }),
      { numRuns: 400 },
    );
  });
});
