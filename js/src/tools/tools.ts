// The tools over the cells: search, sort, the next worst cell, undo, help.

import { labelText } from "../layout/labels";
import { mostLevel } from "../layout/window";
import { frame } from "../values/colors";
import { scaleOf } from "../values/norms";
import { lastOf } from "../values/runs";
import { button, freshId, html, icon, listen, type Nodes, set, setPlace } from "../view/dom";
import type { Drawn } from "../view/drawn";
import { toggles } from "../view/gesture";
import { keepKeys, moveWith } from "../view/keys";
import type { Label, Modifier, Snapshot } from "../wire";
import { helpList } from "./help";
import { createPanel } from "./panel";
import type { Match } from "./search";
import { searchBox } from "./searchbox";
import { type AxisName, GIVEN, type Sorting, type SortKey } from "./sorting";
import { type Sortable, sortMenu, sortText } from "./sortmenu";
import { nextWorst } from "./worst";

/** What the tools find out, and what they ask for. Cells are flat indices. */
export interface Bench {
  sorting(): Sorting;
  /** The cell that keys act on. */
  focus(): number | null;
  /** Focuses a cell, as keys do. */
  go(flat: number): void;
  /** Gives the focus back to the cells. */
  leave(): void;
  sort(axis: AxisName, key: SortKey): void;
  /** Brings all cells into sight. */
  all(): void;
  undo(): void;
  redo(): void;
}

/** What there is to do beside what can always be done. */
export type Can = Record<"undo" | "redo" | "all", boolean>;

export interface Tools {
  /** Shows what can be done with what is drawn, where there is room for it. */
  draw(drawn: Drawn, can: Can, room: number): void;
  /** Whether a key means something here; does it. */
  key(name: string, modifiers: readonly Modifier[]): boolean;
}

/** Drawn in a box of 16 by 16. */
const ICONS = {
  all: "M6 2.5H2.5V6M10 2.5h3.5V6M6 13.5H2.5V10M10 13.5h3.5V10",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 0 0 0-9M10.3 10.3L14 14",
  sort: "M4.5 3v10M2 10.5L4.5 13L7 10.5M9 4h5M9 8h4M9 12h2.5",
  undo: "M6 3L3 6l3 3M3 6h6.5a3.5 3.5 0 0 1 0 7H6",
  redo: "M10 3l3 3l-3 3M13 6H6.5a3.5 3.5 0 0 0 0 7H10",
  help: "M5.5 6a2.5 2.5 0 1 1 3.7 2.2c-.8.4-1.2.9-1.2 1.8M8 12.3v1.2",
};
type Tool = keyof typeof ICONS;

/** Width of a tool, CSS pixels. */
const SIZE = 20;

export function createTools({ root }: Nodes, bench: Bench): Tools {
  let drawn: Drawn | null = null;
  let opened: Tool | null = null;
  /** The worst cell that was gone to last. */
  let visited: number | null = null;
  /** Which way to go once the values are here: a key that is pressed has them fetched. */
  let wanted: { back: boolean } | null = null;

  const bar = html("div", "tools", { role: "toolbar", "aria-label": "Tools" });
  const panel = createPanel(bar, bench.leave, () => mark(null));
  const signs = html("div", "orders");
  const buttons: Record<Tool, HTMLButtonElement> = {
    all: tool("all", "Back to all (0)", bench.all),
    search: tool("search", "Search (/)", () => toggle("search")),
    sort: tool("sort", "Sort (s)", () => toggle("sort")),
    undo: tool("undo", "Undo (ctrl Z)", bench.undo),
    redo: tool("redo", "Redo (ctrl Y)", bench.redo),
    help: tool("help", "Gestures and keys (?)", () => toggle("help")),
  };
  panel.node.id = freshId();
  for (const name of ["search", "sort", "help"] as const) {
    set(buttons[name], { "aria-expanded": false, "aria-controls": panel.node.id });
  }
  bar.append(...Object.values(buttons));
  keepKeys(bar);
  keepKeys(signs);
  moveWith(bar, "ArrowLeft", "ArrowRight");
  root.append(signs, bar, panel.node);

  function tool(name: Tool, label: string, act: () => void): HTMLButtonElement {
    const node = button("tool", { title: label, "aria-label": label }, icon(ICONS[name]));
    // The focus stays where it is, so that an open panel hears of a second click, too.
    listen(node, "pointerdown", (event) => event.preventDefault());
    listen(node, "click", act);
    return node;
  }

  function toggle(name: Tool): void {
    if (opened === name) bench.leave();
    else open(name);
  }

  function open(name: Tool): void {
    if (!drawn) return;
    const { axes, coords, click } = drawn.shown;
    if (name === "sort" && !sortable(drawn.shown)) return;
    if (opened) bench.leave();
    const [layers, components] = [axes.layers.map(labelText), axes.components.map(labelText)];
    if (name === "search") {
      const index = { layers, components, names: coords.name ?? [] };
      const box = searchBox(index, titlesOf(drawn), go, panel.place);
      panel.open(box.content, box.input);
    } else if (name === "sort") {
      const menu = sortMenu(bench.sorting(), sortables(drawn), (axis, key) => {
        bench.leave();
        bench.sort(axis, key);
      });
      panel.open([menu], menu.querySelector("button") as HTMLElement);
    } else {
      const list = helpList(click, {
        numbers: sortable(drawn.shown),
        zoom: mostLevel(drawn.whole) > 1,
        steps: drawn.place.scrubber !== null,
      });
      panel.open([list], list);
    }
    mark(name);
  }

  /** Shows which tool's panel is open; the focus in it counts as outside, to the style. */
  function mark(name: Tool | null): void {
    if (opened) set(buttons[opened], { "aria-expanded": false });
    if (name) set(buttons[name], { "aria-expanded": true });
    bar.toggleAttribute("data-open", name !== null);
    opened = name;
  }

  /** Goes to a cell that was found, or to the first of a layer or component. */
  function go({ layer, component }: Match): void {
    if (!drawn) return;
    const { layers, components } = drawn.arrangement;
    const [i, j] = [layer ?? layers[0] ?? 0, component ?? components[0] ?? 0];
    bench.leave();
    bench.go(i * components.length + j);
  }

  function goToWorst(back: boolean): void {
    if (!drawn) return;
    const { shown } = drawn;
    wanted = shown.overview ? { back } : null;
    if (wanted) return;
    const { values, holes } = frame(shown);
    const from = bench.focus() === visited ? visited : null;
    visited = nextWorst(values, holes, scaleOf(shown), from, back);
    if (visited !== null) bench.go(visited);
  }

  /** What the axes are called, and what each is sorted by. */
  function sortables({ shown }: Drawn): Record<AxisName, Sortable> {
    const { layers, components } = shown.axes;
    const [layer, component] = titlesOf({ shown });
    const flat = bench.focus() ?? lastOf(shown.selection);
    const n = components.length;
    return {
      layers: {
        title: layer,
        other: (at) => named(components[at], component),
        focus: flat === null ? null : flat % n,
      },
      components: {
        title: component,
        other: (at) => named(layers[at], layer),
        focus: flat === null ? null : Math.floor(flat / n),
      },
    };
  }

  /** A sign for each axis that is not in the given order, and the way back to it. */
  function drawSigns(now: Drawn): void {
    const of = sortables(now);
    const sorting = bench.sorting();
    const across = now.arrangement.transpose ? "layers" : "components";
    const nodes = (["components", "layers"] as const)
      .filter((axis) => sorting[axis].by !== "given")
      .map((axis) => {
        const by = sortText(sorting[axis], of[axis]);
        const label = `${of[axis].title} by ${by}: back to the given order`;
        const arrow = axis === across ? "→" : "↓";
        const sign = button("tool", { title: label, "aria-label": label }, arrow);
        listen(sign, "click", () => {
          bench.leave();
          bench.sort(axis, GIVEN);
        });
        return sign;
      });
    signs.replaceChildren(...nodes);
  }

  return {
    draw(now, can, room) {
      drawn = now;
      const { place, shown } = now;
      buttons.all.hidden = !can.all;
      buttons.sort.hidden = !sortable(shown);
      buttons.undo.hidden = buttons.redo.hidden = shown.click !== "mask";
      buttons.undo.disabled = !can.undo;
      buttons.redo.disabled = !can.redo;
      const width = SIZE * Object.values(buttons).filter(({ hidden }) => !hidden).length;
      // At the right edge of what stands below, or after a longer title if there is room.
      const most = Math.max(place.width, room) - width;
      const left = Math.min(Math.max(place.edge - width, place.titleEnd + 12), most);
      bar.style.left = `${Math.max(0, left)}px`;
      setPlace(signs, place.cells.x, place.cells.y);
      drawSigns(now);
      if (wanted && !shown.overview) goToWorst(wanted.back);
    },

    key(name, modifiers) {
      const { click } = drawn?.shown ?? {};
      if (modifiers.includes("alt")) return false;
      if ("nN".includes(name) && !(drawn && sortable(drawn.shown))) return false;
      if (toggles(modifiers)) {
        const undoes = name.toLowerCase() === "z";
        if (click !== "mask" || !(undoes || name === "y")) return false;
        if (undoes && !modifiers.includes("shift")) bench.undo();
        else bench.redo();
        return true;
      }
      const act = {
        "/": () => open("search"),
        s: () => open("sort"),
        "?": () => open("help"),
        n: () => goToWorst(false),
        N: () => goToWorst(true),
      }[name];
      act?.();
      return act !== undefined;
    },
  };
}

/** A label that stands alone: of what a number is the number. */
const named = (label: Label = "", title: string) =>
  typeof label === "string" ? label : `${title} ${labelText(label)}`;

const titlesOf = ({ shown: { axes } }: Pick<Drawn, "shown">): [string, string] => [
  axes.titles[0] ?? "layer",
  axes.titles[1] ?? "component",
];

/** Whether there are numbers to sort by: here, or to be had. */
const sortable = ({ categories, overview }: Snapshot) =>
  categories === null && overview?.fetchable !== false;
