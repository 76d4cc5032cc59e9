// What the person means by what the pointer and the keys do. Pure: events in, intentions out, both
// in rows and columns of the screen.
import type { Area, Spot, Target } from "../layout/place";
import type { Command, Modifier } from "../wire";

export interface GestureState {
  /** The cell that keys act on. */
  focus: Spot | null;
  /** Where the rectangle that shift extends began. */
  anchor: Spot | null;
  drag: Drag | null;
}

interface Drag {
  target: Part;
  from: Area;
  to: Area;
  modifiers: readonly Modifier[];
  moved: boolean;
}

/** Something that can be pressed. */
type Part = NonNullable<Target>;

/** What there is to act on. */
export interface Scene {
  rows: number;
  columns: number;
  /** Whether all of an area is among what gestures act on: selected cells, or highlighted ones. */
  picked: (area: Area) => boolean;
  /** How many cells are. */
  count: number;
  mode: "select" | "mask" | "none";
}

/** What to do with the cells of an area; null is none of them. */
export interface Pick {
  op: Command["op"];
  area: Area | null;
}

export interface Outcome {
  state: GestureState;
  pick: Pick | null;
  click: { spot: Spot; modifiers: readonly Modifier[] } | null;
}

export const IDLE: GestureState = { focus: null, anchor: null, drag: null };

const nothing = (state: GestureState): Outcome => ({ state, pick: null, click: null });

export const toggles = (modifiers: readonly Modifier[]) =>
  modifiers.includes("ctrl") || modifiers.includes("meta");

/** The pointer goes down on something. */
export function press(
  state: GestureState,
  target: Target,
  modifiers: readonly Modifier[],
  scene: Scene,
): Outcome {
  if (!target) return nothing(state);
  const from = areaOf(target, scene);
  return nothing({ ...state, drag: { target, from, to: from, modifiers, moved: false } });
}

/** The pointer moves while it is down; `spot` is the nearest cell. */
export function drag(state: GestureState, spot: Spot, scene: Scene): Outcome {
  if (!state.drag) return nothing(state);
  const to = areaOf(movedTo(state.drag.target, spot), scene);
  const same = to.every((edge, k) => edge === state.drag?.to[k]);
  if (same) return nothing(state);
  return nothing({ ...state, drag: { ...state.drag, to, moved: true } });
}

/** The pointer goes up: a click where it went down, or the end of a drag. */
export function release(state: GestureState, scene: Scene): Outcome {
  if (!state.drag) return nothing(state);
  const { target, from, to, modifiers, moved } = state.drag;
  const idle = { ...state, drag: null };
  const spot: Spot = [from[0], from[1]];
  if (!moved && target.part === "cell") return pickCell(idle, spot, modifiers, scene);
  if (scene.mode === "none") return nothing(idle);
  const op = toggles(modifiers) ? "add" : "set";
  if (moved) {
    const area = union(from, to);
    const [anchor, focus] = ends(area, to[0] < from[0], to[1] < from[1]);
    return { state: { ...idle, anchor, focus }, pick: pickFor(op, area, scene), click: null };
  }
  if (modifiers.includes("shift") && state.anchor) {
    const anchored = areaOf(movedTo(target, state.anchor), scene);
    const pick = pickFor(op, union(anchored, from), scene);
    return { state: { ...idle, focus: spot }, pick, click: null };
  }
  const whole = op === "add" && scene.picked(from);
  const pick = pickFor(whole ? "remove" : op, from, scene);
  return { state: { ...idle, anchor: spot, focus: spot }, pick, click: null };
}

/** The pointer was taken away, or Esc was pressed meanwhile. */
export const cancel = (state: GestureState): Outcome => nothing({ ...state, drag: null });

/** The area that is being dragged over. */
export function previewArea({ drag }: GestureState): Area | null {
  return drag?.moved ? union(drag.from, drag.to) : null;
}

/** How far keys go, down and across. */
const STEPS: Record<string, Spot> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  PageUp: [-10, 0],
  PageDown: [10, 0],
};

/** A key; null where it means nothing to a grid. */
export function key(
  state: GestureState,
  name: string,
  modifiers: readonly Modifier[],
  scene: Scene,
): Outcome | null {
  if (scene.rows === 0 || scene.columns === 0) return null;
  // The page's own: back and forward, the menus.
  if (modifiers.includes("alt")) return null;
  if (name === "Escape") {
    if (state.drag) return cancel(state);
    // A selection is soon made again; a mask may be the work of an hour.
    const clears = scene.mode === "select" && scene.count > 0;
    const pick: Pick | null = clears ? { op: "set", area: null } : null;
    return { state: { ...state, anchor: null }, pick, click: null };
  }
  if (name === "Enter" || name === " ") {
    // The notebook's own: it runs the cell.
    if (name === "Enter" && modifiers.length > 0) return null;
    return state.focus ? pickCell(state, state.focus, modifiers, scene) : nothing(state);
  }
  const focus = next(state.focus, name, modifiers, scene);
  if (!focus) return null;
  if (!modifiers.includes("shift") || scene.mode === "none") {
    return nothing({ ...state, focus, anchor: focus });
  }
  const anchor = state.anchor ?? state.focus ?? focus;
  const pick = pickFor("set", union(cellArea(anchor), cellArea(focus)), scene);
  return { state: { ...state, focus, anchor }, pick, click: null };
}

function next(
  from: Spot | null,
  name: string,
  modifiers: readonly Modifier[],
  { rows, columns }: Scene,
): Spot | null {
  const by = STEPS[name];
  if (!from && name.startsWith("Arrow")) return [0, 0];
  const [i, j] = from ?? [0, 0];
  const to = (row: number, column: number): Spot => [clamp(row, rows), clamp(column, columns)];
  if (by) return to(i + by[0], j + by[1]);
  if (name === "Home") return to(toggles(modifiers) ? 0 : i, 0);
  if (name === "End") return to(toggles(modifiers) ? rows - 1 : i, columns - 1);
  return null;
}

const clamp = (k: number, n: number) => Math.max(0, Math.min(n - 1, k));

function pickCell(
  state: GestureState,
  spot: Spot,
  modifiers: readonly Modifier[],
  scene: Scene,
): Outcome {
  const click = { spot, modifiers };
  if (scene.mode === "none") return { state: { ...state, focus: spot }, pick: null, click };
  if (modifiers.includes("shift")) {
    const anchor = state.anchor ?? spot;
    const op = toggles(modifiers) ? "add" : "set";
    const pick = pickFor(op, union(cellArea(anchor), cellArea(spot)), scene);
    return { state: { ...state, focus: spot, anchor }, pick, click };
  }
  const op = !toggles(modifiers) ? "set" : scene.picked(cellArea(spot)) ? "remove" : "add";
  const pick = pickFor(op, cellArea(spot), scene);
  return { state: { ...state, focus: spot, anchor: spot }, pick, click };
}

/** A pick, unless it would leave everything as it is, so that it need not be sent. */
function pickFor(op: Pick["op"], area: Area, scene: Scene): Pick | null {
  const [top, left, bottom, right] = area;
  const all = op === "add" || (bottom - top + 1) * (right - left + 1) === scene.count;
  return op !== "remove" && all && scene.picked(area) ? null : { op, area };
}

const cellArea = ([row, column]: Spot): Area => [row, column, row, column];

function areaOf(target: Part, { rows, columns }: Scene): Area {
  switch (target.part) {
    case "cell":
      return cellArea([target.row, target.column]);
    case "row":
      return [target.row, 0, target.row, columns - 1];
    case "column":
      return [0, target.column, rows - 1, target.column];
    case "group":
      return [0, target.first, rows - 1, target.last];
  }
}

/** The same kind of target at another cell: a drag along the headers takes whole rows. */
function movedTo(target: Part, [row, column]: Spot): Part {
  switch (target.part) {
    case "cell":
      return { part: "cell", row, column };
    case "row":
      return { part: "row", row };
    case "group":
      if (column >= target.first && column <= target.last) return target;
      return { part: "column", column };
    case "column":
      return { part: "column", column };
  }
}

/** The corners where a drag began and where it ended, so that shift can go on with the area. */
function ends([top, left, bottom, right]: Area, up: boolean, back: boolean): [Spot, Spot] {
  return [
    [up ? bottom : top, back ? right : left],
    [up ? top : bottom, back ? left : right],
  ];
}

function union(a: Area, b: Area): Area {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}
