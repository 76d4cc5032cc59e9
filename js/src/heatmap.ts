// The view: DOM in, intentions out. It knows no model and no host, so that it runs anywhere.
import { drawBar, drawChrome, pointTo, stressLabels } from "./chrome";
import { codes, palette, tableIndex } from "./colors";
import { build, html, setBox } from "./dom";
import {
  cancel,
  drag,
  type GestureState,
  IDLE,
  key,
  type Outcome,
  press,
  previewRect,
  release,
  type Scene,
  type Spot,
} from "./gesture";
import {
  type Box,
  centre,
  FONT,
  type Layout,
  layout,
  nearestCell,
  type PlacedLabel,
  targetAt,
} from "./layout";
import { drawMarks } from "./marks";
import { outline } from "./outline";
import { cellPixels, frame, pick, putPixels, representatives } from "./paint";
import { selectionAsPython } from "./python";
import { summary } from "./status";
import { currentTheme, watchTheme } from "./theme";
import { fill, put, read } from "./tooltip";
import type { Click, Command, Modifier, Snapshot } from "./wire";

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
/** What moves cells or labels when it changes. */
const PLACING = ["axes", "title", "label", "limits", "size", "text"];
const PAINTING = ["values", "holes", "step", "table", "limits", "text"];

export function createHeatmap(parent: HTMLElement, actions: Actions): View {
  const nodes = build();
  const { root, picture } = nodes;
  parent.append(root);

  let snapshot: Snapshot | null = null;
  let waiting = "";
  let place: Layout | null = null;
  let room = 0;
  let theme = currentTheme();
  let gesture: GestureState = IDLE;
  let hover: Spot | null = null;
  let flags: Uint8Array = new Uint8Array(0);
  let code: Uint16Array = new Uint16Array(0);
  const painter = document.createElement("canvas").getContext("2d");
  root.dataset.theme = theme;

  // ── showing ───────────────────────────────────────────────────────────────────────────────

  function show(next: Snapshot, changed: ReadonlySet<string>, note: string): void {
    snapshot = next;
    waiting = note;
    const any = (keys: readonly string[]) => keys.some((name) => changed.has(name));
    if (changed.has("axes")) {
      gesture = IDLE;
      hover = null;
    }
    if (changed.has("selection") || changed.has("axes")) flags = flagsOf(next);
    if (changed.has("error")) showError(next);
    if (room === 0) {
      // Not on the page yet: keep the space, so that nothing below jumps when it is.
      root.style.minHeight = `${arrange(next, 700).height}px`;
      return;
    }
    if (any(PLACING)) placeAll();
    else if (any(PAINTING)) paint();
    if (any(PLACING) || changed.has("table")) drawBarAndPointer();
    if (any(["axes", "selection", "mask", "step"])) drawLines();
    drawStatus();
    if (any(["axes", "values", "holes", "step", "limits", "coords"])) drawHover();
  }

  function arrange(of: Snapshot, width: number): Layout {
    const style = getComputedStyle(root);
    const font = `${FONT}px ${style.fontFamily || "sans-serif"}`;
    if (painter) painter.font = `600 ${font}`;
    const measure = (text: string) => painter?.measureText(text).width ?? text.length * 7;
    const textWidth = of.text ? Math.min(80, Math.max(...longest(of.text).map(measure))) : 0;
    const { axes, title, label, limits, size } = of;
    const ratio = devicePixelRatio;
    return layout({ axes, title, label, limits, size, room: width, ratio, textWidth, measure });
  }

  function placeAll(): void {
    if (!snapshot) return;
    place = arrange(snapshot, room);
    const { cells, ratio } = place;
    root.style.minHeight = "";
    root.style.setProperty("--layergrid-ratio", String(ratio));
    picture.style.width = `${place.width}px`;
    picture.style.height = `${place.height}px`;
    picture.setAttribute("aria-label", snapshot.title || "heatmap");
    picture.setAttribute("aria-rowcount", String(place.rows.count));
    picture.setAttribute("aria-colcount", String(place.columns.count));
    for (const layer of [nodes.cells, nodes.marks])
      setBox(layer, cells.x, cells.y, cells.w, cells.h);
    Object.assign(nodes.outlines.style, { left: `${cells.x}px`, top: `${cells.y}px` });
    nodes.outlines.setAttribute("width", String(cells.w));
    nodes.outlines.setAttribute("height", String(cells.h));
    nodes.outlines.setAttribute(
      "viewBox",
      `0 0 ${place.columns.pixels || 1} ${place.rows.pixels || 1}`,
    );
    Object.assign(nodes.status.style, { left: `${cells.x}px`, top: `${place.statusY - 12}px` });
    drawChrome(nodes, place, snapshot.title, snapshot.label);
    paint();
    drawBarAndPointer();
    drawLines();
  }

  function paint(): void {
    if (!snapshot || !place) return;
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
    const style = getComputedStyle(root);
    drawMarks(nodes.marks, {
      rows,
      columns,
      ratio,
      code,
      palette: colours,
      text: snapshot.text,
      font: style.fontFamily,
      ink: style.getPropertyValue("--layergrid-ink"),
      muted: style.getPropertyValue("--layergrid-muted"),
    });
  }

  function drawBarAndPointer(): void {
    if (!snapshot || !place) return;
    drawBar(nodes, place, snapshot.table);
    drawHover();
  }

  function drawLines(): void {
    if (!snapshot || !place) return;
    const { rows, columns, ratio } = place;
    const preview = previewRect(gesture);
    const picked = preview && snapshot.click === "select" ? previewFlags(preview) : flags;
    const thick = Math.min(
      ...[rows, columns].map((axis) => (axis.end[0] ?? 0) - (axis.start[0] ?? 0)),
    );
    // In small cells there is no room to set one line inside the other.
    const inset = thick >= 8 * ratio ? 2 * ratio : 0;
    setLine("mask", outline(maskOf(snapshot), rows, columns, inset));
    setLine("selection", outline(picked, rows, columns, -0.5 * ratio));
    setLine("focus", gesture.focus ? frameOfCell(gesture.focus, -3 * ratio) : "");
    setLine("hover", hover ? frameOfCell(hover, 0.5 * ratio) : "");
    speak();
  }

  function setLine(name: keyof typeof nodes.lines, d: string): void {
    for (const path of nodes.lines[name]) {
      if (path.getAttribute("d") !== d) path.setAttribute("d", d);
    }
  }

  function frameOfCell([i, j]: Spot, inset: number): string {
    if (!place) return "";
    const { rows, columns } = place;
    const x0 = (columns.start[j] ?? 0) + inset;
    const y0 = (rows.start[i] ?? 0) + inset;
    const x1 = (columns.end[j] ?? 0) - inset;
    const y1 = (rows.end[i] ?? 0) - inset;
    return `M${x0} ${y0}H${x1}V${y1}H${x0}Z`;
  }

  function drawStatus(): void {
    if (!snapshot) return;
    const { strong, rest } = summary(snapshot, snapshot.selection, maskOf(snapshot), waiting);
    const bold = html("b", "");
    bold.textContent = strong;
    nodes.status.replaceChildren(bold, strong && rest ? `  ·  ${rest}` : rest);
    nodes.copy.hidden = snapshot.selection.length === 0;
  }

  /** Everything that follows the pointer, or the focus where there is no pointer. */
  function drawHover(): void {
    if (!snapshot || !place) return;
    setLine("hover", hover ? frameOfCell(hover, 0.5 * place.ratio) : "");
    const byKeys = picture.dataset.keys !== undefined && picture.matches(":focus");
    const spot = hover ?? (byKeys ? gesture.focus : null);
    stressLabels(nodes, place, spot ? [stressOf(spot)] : []);
    if (!spot) {
      nodes.tooltip.hidden = true;
      pointTo(nodes, place, null);
      return;
    }
    const flat = spot[0] * place.columns.count + spot[1];
    fill(nodes.tooltip, read(snapshot, flat));
    put(nodes.tooltip, boxOf(spot), { w: Math.max(room, place.width), h: place.height });
    const at = code[flat] ?? 256;
    pointTo(nodes, place, at < 256 ? positionOf(flat) : null);
  }

  function positionOf(flat: number): number {
    if (!snapshot || !place) return 0;
    const cells = place.rows.count * place.columns.count;
    const offset = snapshot.values.length > cells ? snapshot.step * cells : 0;
    const value = Number(snapshot.values[offset + flat]);
    const [low, high] = snapshot.limits;
    if (low === high) return tableIndex(value, low, high) / 255;
    return Math.max(0, Math.min(1, (value / 2 - low / 2) / (high / 2 - low / 2)));
  }

  function boxOf([i, j]: Spot): Box {
    if (!place) return { x: 0, y: 0, w: 0, h: 0 };
    const { rows, columns, ratio, cells } = place;
    const x = (columns.start[j] ?? 0) / ratio;
    const y = (rows.start[i] ?? 0) / ratio;
    return {
      x: cells.x + x,
      y: cells.y + y,
      w: (columns.end[j] ?? 0) / ratio - x,
      h: (rows.end[i] ?? 0) / ratio - y,
    };
  }

  function stressOf([i, j]: Spot): { layer: PlacedLabel; component: PlacedLabel } {
    const { rows, columns, ratio, header } = place as Layout;
    const { axes } = snapshot as Snapshot;
    const layer = String(axes.layers[i]);
    const component = header.short[j] ?? "";
    return {
      layer: { index: i, at: centre(rows, i) / ratio, text: layer, shortened: false },
      component: { index: j, at: centre(columns, j) / ratio, text: component, shortened: false },
    };
  }

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

  function showError({ error }: Snapshot): void {
    const [headline, traceback] = error;
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

  function flagsOf({ axes, selection }: Snapshot): Uint8Array {
    const set = new Uint8Array(axes.layers.length * axes.components.length);
    for (const flat of selection) set[flat] = 1;
    return set;
  }

  function maskOf({ mask, step, axes }: Snapshot): Uint8Array {
    const cells = axes.layers.length * axes.components.length;
    return mask.length > cells ? mask.subarray(step * cells, (step + 1) * cells) : mask;
  }

  function previewFlags([i0, j0, i1, j1]: readonly number[]): Uint8Array {
    const keep = gesture.drag?.modifiers.some((m) => m === "ctrl" || m === "meta");
    const set = keep ? flags.slice() : new Uint8Array(flags.length);
    const n = place?.columns.count ?? 0;
    for (let i = i0 as number; i <= (i1 as number); i++) {
      set.fill(1, i * n + (j0 as number), i * n + (j1 as number) + 1);
    }
    return set;
  }

  // ── gestures ──────────────────────────────────────────────────────────────────────────────

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

  function obey({ state, command, click }: Outcome): void {
    gesture = state;
    if (command || click) actions.gesture(command, click);
    drawLines();
  }

  const modifiersOf = (event: MouseEvent | KeyboardEvent): Modifier[] =>
    (["ctrl", "meta", "shift", "alt"] as const).filter((name) => event[`${name}Key`]);

  function pointOf(event: PointerEvent): [number, number] {
    const box = picture.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  let lastHover = 0;
  let hoverTimer: ReturnType<typeof setTimeout> | undefined;

  function tellHover(): void {
    clearTimeout(hoverTimer);
    const wait = lastHover + HOVER_INTERVAL_MS - performance.now();
    const tell = () => {
      lastHover = performance.now();
      actions.hover(hover && place ? hover[0] * place.columns.count + hover[1] : null);
    };
    if (wait <= 0) tell();
    else hoverTimer = setTimeout(tell, wait);
  }

  function setHover(spot: Spot | null): void {
    if (spot?.[0] === hover?.[0] && spot?.[1] === hover?.[1]) return;
    hover = spot;
    drawHover();
    tellHover();
  }

  function onPointerDown(event: PointerEvent): void {
    if (event.button !== 0 || !place || event.target === nodes.copy) return;
    const target = targetAt(place, ...pointOf(event));
    if (!target) return;
    delete picture.dataset.keys;
    // A finger that moves scrolls the page, so it drags no rectangle.
    if (event.pointerType !== "touch") picture.setPointerCapture(event.pointerId);
    obey(press(gesture, target, modifiersOf(event), scene()));
  }

  function onPointerMove(event: PointerEvent): void {
    if (!place) return;
    const [x, y] = pointOf(event);
    if (gesture.drag && event.pointerType !== "touch") {
      const before = gesture;
      const next = drag(gesture, nearestCell(place, x, y), scene());
      if (next.state !== before) obey(next);
    }
    const target = targetAt(place, x, y);
    picture.style.cursor = target && target.part !== "cell" ? "pointer" : "";
    setHover(target?.part === "cell" ? [target.layer, target.component] : null);
    showWholeLabel(target);
  }

  /** A label that was shortened says all of itself in the tooltip. */
  function showWholeLabel(target: ReturnType<typeof targetAt>): void {
    if (!place || !snapshot || !target || target.part === "cell" || target.part === "group") return;
    const layer = target.part === "layer";
    const index = layer ? target.layer : target.component;
    const labels = layer ? place.layerLabels : place.componentLabels;
    if (!labels.find((label) => label.index === index)?.shortened) {
      nodes.tooltip.hidden = true;
      return;
    }
    nodes.tooltip.textContent = String(
      (layer ? snapshot.axes.layers : snapshot.axes.components)[index],
    );
    const cell = boxOf(layer ? [index, 0] : [0, index]);
    put(nodes.tooltip, cell, { w: Math.max(room, place.width), h: place.height });
  }

  function onPointerUp(event: PointerEvent): void {
    if (event.button === 0 && gesture.drag) obey(release(gesture, scene()));
  }

  function onPointerCancel(): void {
    if (gesture.drag) obey(cancel(gesture));
  }

  function onPointerLeave(): void {
    if (!gesture.drag) setHover(null);
    if (!hover) nodes.tooltip.hidden = true;
  }

  function onKeyDown(event: KeyboardEvent): void {
    const modifiers = modifiersOf(event);
    const runsCell = event.key === "Enter" && modifiers.includes("shift");
    // Hosts take bare keys for shortcuts (D D deletes the cell) from whatever is not editable.
    const bare = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (bare && event.key !== "Tab" && !runsCell) event.stopPropagation();
    if (event.target !== picture || runsCell) return;
    const outcome = key(gesture, event.key, modifiers, scene());
    if (!outcome) return;
    const runsInPlace = event.key === "Enter" && !bare;
    if (runsInPlace) return;
    event.preventDefault();
    event.stopPropagation();
    picture.dataset.keys = "";
    hover = null;
    obey(outcome);
    drawHover();
  }

  function onCopy(event: ClipboardEvent): void {
    if (!snapshot || snapshot.selection.length === 0) return;
    event.clipboardData?.setData("text/plain", asPython());
    event.preventDefault();
    event.stopPropagation();
  }

  const asPython = () =>
    snapshot ? selectionAsPython(snapshot.variable, snapshot.axes, snapshot.selection) : "";

  async function copySelection(): Promise<void> {
    try {
      await navigator.clipboard.writeText(asPython());
    } catch {
      // No permission, or no secure context: the older way needs neither.
      document.execCommand("copy");
    }
    nodes.copy.textContent = "copied";
    setTimeout(() => {
      nodes.copy.textContent = "copy as Python";
    }, 1200);
  }

  picture.addEventListener("pointerdown", onPointerDown);
  picture.addEventListener("pointermove", onPointerMove);
  picture.addEventListener("pointerup", onPointerUp);
  picture.addEventListener("pointercancel", onPointerCancel);
  picture.addEventListener("pointerleave", onPointerLeave);
  picture.addEventListener("keydown", onKeyDown);
  picture.addEventListener("copy", onCopy);
  picture.addEventListener("blur", drawHover);
  nodes.copy.addEventListener("click", () => void copySelection());

  // ── following the page ────────────────────────────────────────────────────────────────────

  const resized = new ResizeObserver(() => {
    const width = root.clientWidth;
    if (width === 0 || width === room) return;
    room = width;
    placeAll();
    drawStatus();
  });
  resized.observe(root);

  const stopTheme = watchTheme((next) => {
    theme = next;
    root.dataset.theme = theme;
    paint();
    drawLines();
  });

  let zoom: MediaQueryList | undefined;
  function watchZoom(): void {
    zoom?.removeEventListener("change", onZoom);
    zoom = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    zoom.addEventListener("change", onZoom);
  }
  function onZoom(): void {
    watchZoom();
    if (room > 0) placeAll();
  }
  watchZoom();

  function destroy(): void {
    resized.disconnect();
    stopTheme();
    zoom?.removeEventListener("change", onZoom);
    clearTimeout(hoverTimer);
    root.remove();
  }

  return { show, destroy };
}

/** The longest few strings; the widest is among them. */
function longest(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort((a, b) => b.length - a.length).slice(0, 16);
}
