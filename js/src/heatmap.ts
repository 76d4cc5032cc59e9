// The view: DOM in, intentions out. It knows no model and no host, so that it runs anywhere.
import { drawBar, drawChrome, pointTo, stressLabels } from "./chrome";
import { codes, frameOf, palette, positionOf } from "./colors";
import { build, html, setBox } from "./dom";
import { follow } from "./follow";
import {
  type GestureState,
  IDLE,
  type Outcome,
  previewRect,
  type Scene,
  type Spot,
} from "./gesture";
import { listen } from "./input";
import { labelText } from "./labels";
import {
  type Axis,
  type Box,
  centre,
  FONT,
  type Layout,
  layout,
  type PlacedLabel,
  type Target,
} from "./layout";
import { drawMarks } from "./marks";
import { outline } from "./outline";
import { cellPixels, frame, pick, putPixels, representatives } from "./paint";
import { selectionAsPython } from "./python";
import { summary } from "./status";
import { currentTheme } from "./theme";
import { fill, put, read } from "./tooltip";
import type { Click, Command, Rect, Snapshot } from "./wire";

/** What a view asks for. */
export interface Actions {
  gesture(command: Command | null, click: Click | null): void;
  hover(cell: number | null): void;
  dismiss(): void;
}

export interface View {
  /** Shows a snapshot; `changed` names the parts that differ from the one before. */
  show(snapshot: Snapshot, changed: ReadonlySet<string>, waiting: string): void;
  destroy(): void;
}

const HOVER_INTERVAL_MS = 50;
/** Width to paint for before the page has given any: cells rarely depend on it. */
const LIKELY_ROOM = 900;
/** What moves cells or labels when it changes, and what only colours them. */
const PLACING = ["axes", "title", "label", "limits", "size", "text"];
const PAINTING = ["values", "holes", "step", "table"];

export function createHeatmap(parent: HTMLElement, actions: Actions): View {
  const nodes = build();
  const { root, picture } = nodes;
  const pen = document.createElement("canvas").getContext("2d");

  let snapshot: Snapshot | null = null;
  let waiting = "";
  let place: Layout | null = null;
  let room = 0;
  let theme = currentTheme();
  let gesture: GestureState = IDLE;
  let byKeys = false;
  let pointed: Target = null;
  /** Of each cell, whether it is selected, and its colour code. */
  let flags: Uint8Array = new Uint8Array(0);
  let code: Uint16Array = new Uint16Array(0);
  let hoverTimer: ReturnType<typeof setTimeout> | undefined;
  let hoverTold = 0;
  let pointedFrame = 0;

  // ── showing ───────────────────────────────────────────────────────────────────────────────

  function show(next: Snapshot, changed: ReadonlySet<string>, note: string): void {
    const any = (keys: readonly string[]) => keys.some((name) => changed.has(name));
    snapshot = next;
    waiting = note;
    if (changed.has("axes")) {
      gesture = IDLE;
      pointed = null;
    }
    if (any(["axes", "selection"])) flags = flagsOf(next);
    if (changed.has("error")) showError(next);
    if (room === 0) paintAhead(next);
    else if (any(PLACING)) placeAll();
    else redraw(any);
  }

  function redraw(any: (keys: readonly string[]) => boolean): void {
    if (any(PAINTING)) paint();
    if (any(["table"]) && place && snapshot) drawBar(nodes, place, snapshot.table);
    if (any(["mask", "step"])) drawMask();
    if (any(["selection"])) drawSelection();
    if (any(["selection", "mask", "step", "values", "holes", "waiting"])) drawStatus();
    if (any(["values", "holes", "step", "coords"])) drawPointed();
  }

  /**
   * The cells are painted before the page has given room, so that they are there at first sight.
   * Text is not measured for it: that takes longer than all the rest, and hardly moves a cell.
   */
  function paintAhead(next: Snapshot): void {
    place = arrange(next, LIKELY_ROOM, (text) => text.length * 7);
    picture.style.height = `${place.height}px`;
    paint();
  }

  function placeAll(): void {
    if (!snapshot) return;
    const before = place;
    place = arrange(snapshot, room, measurer());
    const { cells, ratio, rows, columns } = place;
    root.style.setProperty("--layergrid-ratio", String(ratio));
    picture.style.width = `${place.width}px`;
    picture.style.height = `${place.height}px`;
    picture.setAttribute("aria-label", snapshot.title || "heatmap");
    picture.setAttribute("aria-rowcount", String(rows.count));
    picture.setAttribute("aria-colcount", String(columns.count));
    for (const layer of [nodes.cells, nodes.marks]) {
      setBox(layer, cells.x, cells.y, cells.w, cells.h);
    }
    Object.assign(nodes.outlines.style, { left: `${cells.x}px`, top: `${cells.y}px` });
    nodes.outlines.setAttribute("width", String(cells.w));
    nodes.outlines.setAttribute("height", String(cells.h));
    nodes.outlines.setAttribute("viewBox", `0 0 ${columns.pixels || 1} ${rows.pixels || 1}`);
    Object.assign(nodes.status.style, { left: `${cells.x}px`, top: `${place.statusY - 12}px` });
    if (!before || !samePixels(before, place) || painted !== snapshot) paint();
    drawChrome(nodes, place);
    drawBar(nodes, place, snapshot.table);
    drawMask();
    drawSelection();
    drawStatus();
    drawPointed();
  }

  function arrange(of: Snapshot, width: number, measure: (text: string) => number): Layout {
    const { axes, title, label, limits, size, text } = of;
    const textWidth = text ? Math.min(80, Math.max(...longest(text).map(measure))) : 0;
    const ratio = devicePixelRatio;
    return layout({ axes, title, label, limits, size, room: width, ratio, textWidth, measure });
  }

  function measurer(): (text: string) => number {
    const { fontFamily } = getComputedStyle(root);
    if (pen) pen.font = `600 ${FONT}px ${fontFamily}`;
    return (text) => pen?.measureText(text).width ?? text.length * 7;
  }

  /** The snapshot whose cells are on the canvas. */
  let painted: Snapshot | null = null;

  function paint(): void {
    if (!snapshot || !place) return;
    painted = snapshot;
    const { rows, columns, ratio } = place;
    const shown = frame(snapshot.values, snapshot.holes, snapshot.step, rows.count * columns.count);
    const colours = palette(snapshot.table, theme);
    code = codes(shown.values, shown.holes, snapshot.limits);
    const visible = pick(code, representatives(shown.values, shown.holes, rows, columns));
    putPixels(
      nodes.cells,
      cellPixels(visible, colours, rows, columns),
      columns.pixels,
      rows.pixels,
    );
    const { text } = snapshot;
    const style = () => getComputedStyle(root);
    drawMarks(nodes.marks, { rows, columns, ratio, code, palette: colours, text, style });
  }

  // ── outlines, status, what is pointed at ──────────────────────────────────────────────────

  function drawMask(): void {
    if (!snapshot || !place) return;
    const { rows, columns, ratio } = place;
    // In small cells there is no room to set one line inside the other.
    const inset = Math.min(sizeOf(rows), sizeOf(columns)) >= 8 * ratio ? 2 * ratio : 0;
    const mask = maskOf(snapshot);
    setLine("mask", mask.length > 0 ? outline(mask, rows, columns, inset) : "");
  }

  function drawSelection(): void {
    if (!snapshot || !place) return;
    const { rows, columns, ratio } = place;
    const preview = previewRect(gesture);
    const picked = preview && snapshot.click === "select" ? previewFlags(preview) : flags;
    setLine("selection", outline(picked, rows, columns, -0.5 * ratio));
    setLine("focus", gesture.focus ? frameOfCell(gesture.focus, -3) : "");
    speak();
  }

  function setLine(name: keyof typeof nodes.lines, d: string): void {
    for (const path of nodes.lines[name]) path.setAttribute("d", d);
  }

  function frameOfCell([i, j]: Spot, inset: number): string {
    const { rows, columns, ratio } = place as Layout;
    const x0 = (columns.start[j] ?? 0) + inset * ratio;
    const y0 = (rows.start[i] ?? 0) + inset * ratio;
    const x1 = (columns.end[j] ?? 0) - inset * ratio;
    const y1 = (rows.end[i] ?? 0) - inset * ratio;
    return `M${x0} ${y0}H${x1}V${y1}H${x0}Z`;
  }

  function drawStatus(): void {
    if (!snapshot) return;
    const { strong, rest } = summary(snapshot, snapshot.selection, maskOf(snapshot), waiting);
    const bold = html("b", "");
    bold.textContent = strong;
    nodes.status.replaceChildren(bold, strong && rest ? ` · ${rest}` : rest);
    nodes.copy.hidden = snapshot.selection.length === 0;
  }

  /** Everything that follows the pointer, or the focus while keys are in use. */
  function drawPointed(): void {
    if (!snapshot || !place) return;
    const hover = spotOf(pointed);
    const spot = hover ?? (byKeys ? gesture.focus : null);
    setLine("hover", hover ? frameOfCell(hover, 0.5) : "");
    stressLabels(nodes, place, spot ? stressOf(spot) : null);
    drawTooltip(spot);
    const flat = spot ? spot[0] * place.columns.count + spot[1] : -1;
    const value = Number(frameOf(snapshot.values, snapshot.step, flags.length)[flat]);
    const finite = (code[flat] ?? 256) < 256;
    pointTo(nodes, place, finite ? positionOf(value, ...snapshot.limits) : null);
  }

  /** Reads a cell, or says all of a label that was shortened. */
  function drawTooltip(spot: Spot | null): void {
    if (!snapshot || !place) return;
    const label = spot ? null : shortenedLabel(place, snapshot, pointed);
    nodes.tooltip.hidden = !spot && !label;
    if (spot) fill(nodes.tooltip, read(snapshot, spot[0] * place.columns.count + spot[1]));
    else if (label) nodes.tooltip.textContent = label.text;
    const at = spot ?? label?.at;
    if (at) put(nodes.tooltip, boxOf(at), { w: Math.max(room, place.width), h: place.height });
  }

  /** Once a frame is enough for the eye, and a click that follows need not wait for it. */
  function drawPointedSoon(): void {
    cancelAnimationFrame(pointedFrame);
    pointedFrame = requestAnimationFrame(drawPointed);
  }

  function boxOf([i, j]: Spot): Box {
    const { rows, columns, ratio, cells } = place as Layout;
    const x = (columns.start[j] ?? 0) / ratio;
    const y = (rows.start[i] ?? 0) / ratio;
    const w = (columns.end[j] ?? 0) / ratio - x;
    const h = (rows.end[i] ?? 0) / ratio - y;
    return { x: cells.x + x, y: cells.y + y, w, h };
  }

  function stressOf([i, j]: Spot): { layer: PlacedLabel; component: PlacedLabel } {
    const { rows, columns, ratio, header } = place as Layout;
    const layer = labelText(snapshot?.axes.layers[i] ?? "");
    const component = header.short[j] ?? "";
    return {
      layer: { index: i, at: centre(rows, i) / ratio, text: layer, shortened: false },
      component: { index: j, at: centre(columns, j) / ratio, text: component, shortened: false },
    };
  }

  /** Tells a screen reader of the focused cell. */
  function speak(): void {
    if (!snapshot || !gesture.focus) return;
    const [i, j] = gesture.focus;
    const flat = i * snapshot.axes.components.length + j;
    const { layer, component, value } = read(snapshot, flat);
    const states = [flags[flat] ? "selected" : "", maskOf(snapshot)[flat] ? "highlighted" : ""];
    nodes.spoken.setAttribute("aria-rowindex", String(i + 1));
    nodes.spoken.setAttribute("aria-colindex", String(j + 1));
    nodes.spoken.setAttribute("aria-selected", String(Boolean(flags[flat])));
    nodes.spoken.textContent = [layer, component, value, ...states].filter(Boolean).join(", ");
  }

  function showError({ error: [headline, traceback] }: Snapshot): void {
    nodes.error.hidden = headline === undefined;
    if (headline === undefined) return;
    const dismiss = html("button", "dismiss", { type: "button", "aria-label": "Dismiss" });
    dismiss.textContent = "✕";
    dismiss.addEventListener("click", () => actions.dismiss());
    const details = html("details", "");
    const title = html("summary", "");
    title.textContent = headline;
    const trace = html("pre", "");
    trace.textContent = traceback ?? "";
    details.append(title, trace);
    nodes.error.replaceChildren(dismiss, details);
  }

  // ── what is selected, highlighted, previewed ──────────────────────────────────────────────

  function previewFlags([i0, j0, i1, j1]: Rect): Uint8Array {
    const keep = gesture.drag?.modifiers.some((m) => m === "ctrl" || m === "meta");
    const set = keep ? flags.slice() : new Uint8Array(flags.length);
    const n = place?.columns.count ?? 0;
    for (let i = i0; i <= i1; i++) set.fill(1, i * n + j0, i * n + j1 + 1);
    return set;
  }

  function scene(): Scene {
    const n = place?.columns.count ?? 0;
    return {
      layers: place?.rows.count ?? 0,
      components: n,
      selected: (i, j) => flags[i * n + j] === 1,
      count: snapshot?.selection.length ?? 0,
      mode: snapshot?.click ?? "none",
    };
  }

  // ── input ─────────────────────────────────────────────────────────────────────────────────

  function obey({ state, command, click }: Outcome): void {
    const redraw = state.focus !== gesture.focus || state.drag?.to !== gesture.drag?.to;
    gesture = state;
    if (command || click) actions.gesture(command, click);
    if (redraw) drawSelection();
    if (redraw && byKeys) drawPointed();
  }

  function point(target: Target): void {
    if (JSON.stringify(target) === JSON.stringify(pointed)) return;
    const before = spotOf(pointed);
    pointed = target;
    drawPointedSoon();
    if (before || spotOf(target)) tellHover();
  }

  function tellHover(): void {
    clearTimeout(hoverTimer);
    const wait = hoverTold + HOVER_INTERVAL_MS - performance.now();
    hoverTimer = setTimeout(() => {
      hoverTold = performance.now();
      const spot = spotOf(pointed);
      actions.hover(spot && place ? spot[0] * place.columns.count + spot[1] : null);
    }, wait);
  }

  function useKeys(on: boolean): void {
    if (on === byKeys) return;
    byKeys = on;
    if (on) pointed = null;
    picture.toggleAttribute("data-keys", on);
    drawPointed();
  }

  root.dataset.theme = theme;
  parent.append(root);
  listen(nodes, {
    place: () => place,
    scene,
    gesture: () => gesture,
    obey,
    point,
    useKeys,
    asPython: () =>
      snapshot?.selection.length
        ? selectionAsPython(snapshot.variable, snapshot.axes, snapshot.selection)
        : "",
  });
  const unfollow = follow(root, {
    resized(width) {
      if (width === room) return;
      room = width;
      placeAll();
    },
    zoomed() {
      if (room > 0) placeAll();
    },
    themed(next) {
      theme = next;
      root.dataset.theme = next;
      paint();
    },
  });

  return {
    show,
    destroy() {
      unfollow();
      clearTimeout(hoverTimer);
      cancelAnimationFrame(pointedFrame);
      root.remove();
    },
  };
}

const spotOf = (target: Target): Spot | null =>
  target?.part === "cell" ? [target.layer, target.component] : null;

/** The whole of a label that is pointed at and was shortened, and a cell to show it by. */
function shortenedLabel(
  place: Layout,
  { axes }: Snapshot,
  target: Target,
): { text: string; at: Spot } | null {
  if (target?.part !== "layer" && target?.part !== "component") return null;
  const [labels, all, index, at] =
    target.part === "layer"
      ? [place.layerLabels, axes.layers, target.layer, [target.layer, 0] as const]
      : [place.componentLabels, axes.components, target.component, [0, target.component] as const];
  if (!labels.find((label) => label.index === index)?.shortened) return null;
  return { text: labelText(all[index] ?? ""), at };
}

const sizeOf = (axis: Axis) => (axis.end[0] ?? 0) - (axis.start[0] ?? 0);

const sizeOfFrame = ({ layers, components }: Snapshot["axes"]) => layers.length * components.length;

function samePixels(a: Layout, b: Layout): boolean {
  return (
    a.ratio === b.ratio &&
    a.rows.pixels === b.rows.pixels &&
    a.rows.count === b.rows.count &&
    a.columns.pixels === b.columns.pixels &&
    a.columns.count === b.columns.count
  );
}

function flagsOf({ axes, selection }: Snapshot): Uint8Array {
  const set = new Uint8Array(sizeOfFrame(axes));
  for (const flat of selection) set[flat] = 1;
  return set;
}

/** The highlighted cells of the step that is shown. */
function maskOf({ mask, step, axes }: Snapshot): Uint8Array {
  const cells = sizeOfFrame(axes);
  return mask.length > cells ? mask.subarray(step * cells, (step + 1) * cells) : mask;
}

/** The longest few strings; the widest is among them. */
function longest(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort((a, b) => b.length - a.length).slice(0, 16);
}
