// The view: DOM in, intentions out. It knows no model and no host, so that it runs anywhere.
import { describeGrid, speak } from "./a11y";
import type { Axis } from "./axes";
import { drawBar, drawChrome, pointTo, stressLabels } from "./chrome";
import { codes, frameOf, palette, positionOf } from "./colors";
import { build, html, setBox } from "./dom";
import { showError } from "./error";
import { maskFlags, rectFlags, selectionFlags } from "./flags";
import { follow } from "./follow";
import { type GestureState, IDLE, type Outcome, previewRect, type Scene } from "./gesture";
import { listen } from "./input";
import { widestOf } from "./labels";
import { FONT, type Layout, layout } from "./layout";
import { drawMarks } from "./marks";
import { outline } from "./outline";
import { cellPixels, frame, pick, putPixels, representatives } from "./paint";
import {
  boxOf,
  framePath,
  labelsOf,
  nearestCell,
  type Spot,
  samePixels,
  shortenedLabel,
  spotOf,
  type Target,
  targetAt,
} from "./place";
import { selectionAsPython } from "./python";
import { summary } from "./status";
import { currentTheme } from "./theme";
import { fill, put, read } from "./tooltip";
import type { Click, Command, Snapshot } from "./wire";

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
  /** The cell that stands for each block, where several share a pixel. */
  let chosen: Int32Array | null = null;
  let hoverTimer: ReturnType<typeof setTimeout> | undefined;
  let hoverTold = 0;
  const upcoming = new Set<() => void>();
  let nextFrame = 0;

  // ── showing ───────────────────────────────────────────────────────────────────────────────

  function show(next: Snapshot, changed: ReadonlySet<string>, note: string): void {
    const any = (keys: readonly string[]) => keys.some((name) => changed.has(name));
    snapshot = next;
    waiting = note;
    if (changed.has("axes")) {
      gesture = IDLE;
      pointed = null;
    }
    if (any(["axes", "selection"])) flags = selectionFlags(next);
    if (changed.has("error")) showError(nodes, next.error, () => actions.dismiss());
    if (room === 0) paintAhead(next);
    else if (any(PLACING)) placeAll();
    else redraw(any);
  }

  function redraw(any: (keys: readonly string[]) => boolean): void {
    if (any(PAINTING)) {
      paint();
      mark();
    }
    if (any(["table"]) && place && snapshot) drawBar(nodes, place, snapshot.table);
    if (any(["mask", "step"])) drawMask();
    if (any(["selection"])) soon(drawSelection);
    if (any(["selection", "mask", "step", "values", "holes", "waiting"])) soon(drawStatus);
    if ((pointed || byKeys) && any(["values", "holes", "step", "coords"])) soon(drawPointed);
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
    describeGrid(nodes, snapshot);
    for (const layer of [nodes.cells, nodes.marks]) {
      setBox(layer, cells.x, cells.y, cells.w, cells.h);
    }
    Object.assign(nodes.outlines.style, { left: `${cells.x}px`, top: `${cells.y}px` });
    nodes.outlines.setAttribute("width", String(cells.w));
    nodes.outlines.setAttribute("height", String(cells.h));
    nodes.outlines.setAttribute("viewBox", `0 0 ${columns.pixels || 1} ${rows.pixels || 1}`);
    Object.assign(nodes.foot.style, { left: `${cells.x}px`, top: `${place.statusY - 12}px` });
    if (!before || !samePixels(before, place) || painted !== snapshot) paint();
    mark();
    drawChrome(nodes, place);
    drawBar(nodes, place, snapshot.table);
    drawMask();
    drawSelection();
    drawStatus();
    drawPointed();
  }

  function arrange(of: Snapshot, width: number, measure: (text: string) => number): Layout {
    const { axes, title, label, limits, size, text } = of;
    const textWidth = text ? Math.min(80, widestOf(text, measure)) : 0;
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
    const { rows, columns } = place;
    const { values, holes } = frame(
      snapshot.values,
      snapshot.holes,
      snapshot.step,
      rows.count * columns.count,
    );
    const colours = palette(snapshot.table, theme);
    code = codes(values, holes, snapshot.limits);
    chosen = representatives(values, holes, rows, columns);
    const pixels = cellPixels(pick(code, chosen), colours, rows, columns);
    putPixels(nodes.cells, pixels, columns.pixels, rows.pixels);
  }

  /** What is written on the cells; it takes the host's font and ink, so the view must be shown. */
  function mark(): void {
    if (!snapshot || !place) return;
    const { rows, columns, ratio } = place;
    const colours = palette(snapshot.table, theme);
    const style = () => getComputedStyle(root);
    const { text } = snapshot;
    drawMarks(nodes.marks, { rows, columns, ratio, code, palette: colours, text, style });
  }

  // ── outlines, status, what is pointed at ──────────────────────────────────────────────────

  function drawMask(): void {
    if (!snapshot || !place) return;
    const { rows, columns, ratio } = place;
    // In small cells there is no room to set one line inside the other.
    const inset = Math.min(sizeOf(rows), sizeOf(columns)) >= 8 * ratio ? 1.25 * ratio : 0;
    const mask = maskFlags(snapshot);
    setLine("mask", mask.length > 0 ? outline(mask, rows, columns, inset) : "");
  }

  function drawSelection(): void {
    if (!snapshot || !place) return;
    const { rows, columns, ratio } = place;
    const { focus, drag } = gesture;
    const rect = snapshot.click === "select" ? previewRect(gesture) : null;
    const keep = drag?.modifiers.some((name) => name === "ctrl" || name === "meta") ?? false;
    const picked = rect ? rectFlags(rect, flags, keep, columns.count) : flags;
    setLine("selection", outline(picked, rows, columns, -0.5 * ratio));
    setLine("focus", focus ? framePath(place, focus, -3) : "");
    if (!focus) return;
    const flat = focus[0] * columns.count + focus[1];
    speak(nodes, snapshot, focus, flags[flat] === 1, maskFlags(snapshot)[flat] === 1);
  }

  function setLine(name: keyof typeof nodes.lines, d: string): void {
    for (const path of nodes.lines[name]) path.setAttribute("d", d);
  }

  function drawStatus(): void {
    if (!snapshot) return;
    const { strong, rest } = summary(snapshot, maskFlags(snapshot), waiting);
    const after = strong && rest ? ` · ${rest}` : rest;
    if (nodes.status.textContent !== strong + after) {
      const bold = html("b", "");
      bold.textContent = strong;
      nodes.status.replaceChildren(bold, after);
    }
    nodes.copy.hidden = snapshot.selection.length === 0;
  }

  /** Everything that follows the pointer, or the focus while keys are in use. */
  function drawPointed(): void {
    if (!snapshot || !place) return;
    const hover = spotOf(pointed);
    const spot = hover ?? (byKeys ? gesture.focus : null);
    setLine("hover", hover ? framePath(place, hover, 0.5) : "");
    stressLabels(nodes, place, spot ? labelsOf(place, snapshot.axes, spot) : null);
    drawTooltip(spot);
    const flat = spot ? spot[0] * place.columns.count + spot[1] : -1;
    const value = Number(frameOf(snapshot.values, snapshot.step, flags.length)[flat]);
    const finite = (code[flat] ?? 256) < 256;
    pointTo(nodes, place, finite ? positionOf(value, ...snapshot.limits) : null);
  }

  /** Reads a cell, or says all of a label that was shortened. */
  function drawTooltip(spot: Spot | null): void {
    if (!snapshot || !place) return;
    const label = spot ? null : shortenedLabel(place, snapshot.axes, pointed);
    nodes.tooltip.hidden = !spot && !label;
    if (spot) fill(nodes.tooltip, read(snapshot, spot[0] * place.columns.count + spot[1]));
    else if (label) nodes.tooltip.textContent = label.text;
    const at = spot ?? label?.at;
    if (at)
      put(nodes.tooltip, boxOf(place, at), { w: Math.max(room, place.width), h: place.height });
  }

  /**
   * Draws with the next frame what answers the pointer. The eye sees it no later, and neither a
   * click that follows nor the message that a click sends has to wait for it.
   */
  function soon(draw: () => void): void {
    if (upcoming.size === 0) nextFrame = requestAnimationFrame(drawUpcoming);
    upcoming.add(draw);
  }

  function drawUpcoming(): void {
    const draws = [...upcoming];
    upcoming.clear();
    for (const draw of draws) draw();
  }

  // ── input ─────────────────────────────────────────────────────────────────────────────────

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

  /** Where several cells share a pixel, the one whose colour is seen is the one pointed at. */
  function shown(target: Target): Target {
    if (!chosen || !place || target?.part !== "cell") return target;
    const { rows, columns } = place;
    const across = columns.reduced ? columns.pixels : columns.count;
    const i = rows.reduced ? (rows.start[target.layer] ?? 0) : target.layer;
    const j = columns.reduced ? (columns.start[target.component] ?? 0) : target.component;
    const flat = chosen[i * across + j] ?? 0;
    const layer = Math.floor(flat / columns.count);
    return { part: "cell", layer, component: flat % columns.count };
  }

  function obey({ state, command, click }: Outcome): void {
    const redraw = state.focus !== gesture.focus || state.drag?.to !== gesture.drag?.to;
    gesture = state;
    if (command || click) actions.gesture(command, click);
    if (redraw) soon(drawSelection);
    if (redraw && byKeys) soon(drawPointed);
  }

  function point(target: Target): void {
    if (JSON.stringify(target) === JSON.stringify(pointed)) return;
    const before = spotOf(pointed);
    pointed = target;
    soon(drawPointed);
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
    targetAt: (x, y) => (place ? shown(targetAt(place, x, y)) : null),
    nearest: (x, y) => nearestCell(place as Layout, x, y),
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
      mark();
    },
  });

  return {
    show,
    destroy() {
      unfollow();
      clearTimeout(hoverTimer);
      cancelAnimationFrame(nextFrame);
      root.remove();
    },
  };
}

const sizeOf = (axis: Axis) => (axis.end[0] ?? 0) - (axis.start[0] ?? 0);
