// What the person means by what the pointer and the keys do. Pure: events in, intentions out.
import type { Spot, Target } from "./place";
import type { Click, Command, Modifier, Rect } from "./wire";

export interface GestureState {
  /** The cell that keys act on. */
  focus: Spot | null;
  /** Where the rectangle that shift extends began. */
  anchor: Spot | null;
  drag: Drag | null;
}

interface Drag {
  target: Part;
  from: Rect;
  to: Rect;
  modifiers: readonly Modifier[];
  moved: boolean;
}

/** Something that can be pressed. */
type Part = NonNullable<Target>;

/** What there is to act on. */
export interface Scene {
  layers: number;
  components: number;
  selected: (layer: number, component: number) => boolean;
  /** How many cells are selected. */
  count: number;
  mode: "select" | "none";
}

export interface Outcome {
  state: GestureState;
  command: Command | null;
  click: Click | null;
}

export const IDLE: GestureState = { focus: null, anchor: null, drag: null };

const nothing = (state: GestureState): Outcome => ({ state, command: null, click: null });
const toggles = (modifiers: readonly Modifier[]) =>
  modifiers.includes("ctrl") || modifiers.includes("meta");

/** The pointer goes down on something. */
export function press(
  state: GestureState,
  target: Target,
  modifiers: readonly Modifier[],
  scene: Scene,
): Outcome {
  if (!target) return nothing(state);
  const from = rectOf(target, scene);
  return nothing({ ...state, drag: { target, from, to: from, modifiers, moved: false } });
}

/** The pointer moves while it is down; `spot` is the nearest cell. */
export function drag(state: GestureState, spot: Spot, scene: Scene): Outcome {
  if (!state.drag) return nothing(state);
  const to = rectOf(movedTo(state.drag.target, spot), scene);
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
    const rect = union(from, to);
    const [anchor, focus] = ends(rect, to[0] < from[0], to[1] < from[1]);
    return { state: { ...idle, anchor, focus }, command: commandFor(op, rect, scene), click: null };
  }
  if (modifiers.includes("shift") && state.anchor) {
    const anchored = rectOf(movedTo(target, state.anchor), scene);
    const command = commandFor(op, union(anchored, from), scene);
    return { state: { ...idle, focus: spot }, command, click: null };
  }
  const whole = op === "add" && allSelected(from, scene);
  const command = commandFor(whole ? "remove" : op, from, scene);
  return { state: { ...idle, anchor: spot, focus: spot }, command, click: null };
}

/** The pointer was taken away, or Esc was pressed meanwhile. */
export const cancel = (state: GestureState): Outcome => nothing({ ...state, drag: null });

/** The rectangle that is being dragged. */
export function previewRect({ drag }: GestureState): Rect | null {
  return drag?.moved ? union(drag.from, drag.to) : null;
}

const PAGE = 10;

/** A key; null where it means nothing to a grid. */
export function key(
  state: GestureState,
  name: string,
  modifiers: readonly Modifier[],
  scene: Scene,
): Outcome | null {
  if (scene.layers === 0 || scene.components === 0) return null;
  // The page's own: back and forward, the menus.
  if (modifiers.includes("alt")) return null;
  if (name === "Escape") {
    if (state.drag) return cancel(state);
    const idle = scene.mode === "none" || scene.count === 0;
    const command: Command | null = idle ? null : { op: "set", rects: [] };
    return { state: { ...state, anchor: null }, command, click: null };
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
  const command = commandFor("set", union(cellRect(anchor), cellRect(focus)), scene);
  return { state: { ...state, focus, anchor }, command, click: null };
}

function next(
  from: Spot | null,
  name: string,
  modifiers: readonly Modifier[],
  { layers, components }: Scene,
): Spot | null {
  if (!from && name.startsWith("Arrow")) return [0, 0];
  const [i, j] = from ?? [0, 0];
  const to = (layer: number, component: number): Spot => [
    clamp(layer, layers),
    clamp(component, components),
  ];
  switch (name) {
    case "ArrowUp":
      return to(i - 1, j);
    case "ArrowDown":
      return to(i + 1, j);
    case "ArrowLeft":
      return to(i, j - 1);
    case "ArrowRight":
      return to(i, j + 1);
    case "PageUp":
      return to(i - PAGE, j);
    case "PageDown":
      return to(i + PAGE, j);
    case "Home":
      return to(toggles(modifiers) ? 0 : i, 0);
    case "End":
      return to(toggles(modifiers) ? layers - 1 : i, components - 1);
    default:
      return null;
  }
}

const clamp = (k: number, n: number) => Math.max(0, Math.min(n - 1, k));

function pickCell(
  state: GestureState,
  spot: Spot,
  modifiers: readonly Modifier[],
  scene: Scene,
): Outcome {
  const [layer, component] = spot;
  const click = { cell: layer * scene.components + component, modifiers: [...modifiers] };
  if (scene.mode === "none") return { state: { ...state, focus: spot }, command: null, click };
  if (modifiers.includes("shift")) {
    const anchor = state.anchor ?? spot;
    const op = toggles(modifiers) ? "add" : "set";
    const command = commandFor(op, union(cellRect(anchor), cellRect(spot)), scene);
    return { state: { ...state, focus: spot, anchor }, command, click };
  }
  const op = !toggles(modifiers) ? "set" : scene.selected(layer, component) ? "remove" : "add";
  const command = commandFor(op, cellRect(spot), scene);
  return { state: { ...state, focus: spot, anchor: spot }, command, click };
}

function commandFor(op: Command["op"], rect: Rect, scene: Scene): Command | null {
  return unchanged(op, rect, scene) ? null : { op, rects: [rect] };
}

/** Whether a command would leave the selection as it is, so that it need not be sent. */
function unchanged(op: Command["op"], rect: Rect, scene: Scene): boolean {
  if (op === "remove") return false;
  const [i0, j0, i1, j1] = rect;
  const all = op === "add" || (i1 - i0 + 1) * (j1 - j0 + 1) === scene.count;
  return all && allSelected(rect, scene);
}

function allSelected([i0, j0, i1, j1]: Rect, scene: Scene): boolean {
  for (let i = i0; i <= i1; i++) {
    for (let j = j0; j <= j1; j++) if (!scene.selected(i, j)) return false;
  }
  return true;
}

const cellRect = ([layer, component]: Spot): Rect => [layer, component, layer, component];

function rectOf(target: Part, { layers, components }: Scene): Rect {
  switch (target.part) {
    case "cell":
      return cellRect([target.layer, target.component]);
    case "layer":
      return [target.layer, 0, target.layer, components - 1];
    case "component":
      return [0, target.component, layers - 1, target.component];
    case "group":
      return [0, target.first, layers - 1, target.last];
  }
}

/** The same kind of target at another cell: a drag along the headers takes whole layers. */
function movedTo(target: Part, [layer, component]: Spot): Part {
  switch (target.part) {
    case "cell":
      return { part: "cell", layer, component };
    case "layer":
      return { part: "layer", layer };
    case "group":
      if (component >= target.first && component <= target.last) return target;
      return { part: "component", component };
    case "component":
      return { part: "component", component };
  }
}

/** The corners where a drag began and where it ended, so that shift can go on with the rectangle. */
function ends([i0, j0, i1, j1]: Rect, up: boolean, left: boolean): [Spot, Spot] {
  return [
    [up ? i1 : i0, left ? j1 : j0],
    [up ? i0 : i1, left ? j0 : j1],
  ];
}

function union(a: Rect, b: Rect): Rect {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}
