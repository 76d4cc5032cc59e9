// What can be done with a grid, in few words.
import { html } from "../view/dom";
import type { Snapshot } from "../wire";

type Line = readonly [keys: string, does: string];

const PICKING: readonly Line[] = [
  ["click", "pick a cell"],
  ["ctrl or ⌘ + click", "one more, or one less"],
  ["drag, shift + click, arrow", "pick a rectangle"],
  ["a label", "its whole layer or component"],
  ["Enter, Space", "pick the focused cell"],
];

const ALWAYS: readonly Line[] = [
  ["arrows", "move"],
  ["Home, End, PgUp, PgDn", "move far; with ctrl, farther"],
  ["/", "search"],
];

const MODES: Record<Snapshot["click"], readonly Line[]> = {
  select: [...PICKING, ["Esc", "pick nothing"], ["ctrl + C", "copy as Python"], ...ALWAYS],
  mask: [...PICKING, ["ctrl + Z, ctrl + Y", "undo, redo"], ...ALWAYS],
  none: ALWAYS,
};

/** Where there are numbers to be had, something to zoom, or to step through. */
const OTHERS: Record<"numbers" | "zoom" | "steps", readonly Line[]> = {
  numbers: [
    ["s", "sort"],
    ["n, N", "next worst cell, the one before"],
  ],
  zoom: [
    ["ctrl or ⌘ + wheel, double click, + −", "zoom"],
    ["alt + drag", "move the cells"],
    ["0", "back to all"],
  ],
  steps: [["comma, full stop", "step back, step on"]],
};

/** The gestures and keys that mean something in a mode, and where there is more to do. */
export function helpList(
  mode: Snapshot["click"],
  has: Record<keyof typeof OTHERS, boolean>,
): HTMLElement {
  const attributes = { role: "list", "aria-label": "Gestures and keys", tabindex: -1 };
  const list = html("div", "help", attributes);
  const others = (["numbers", "zoom", "steps"] as const).filter((name) => has[name]);
  for (const line of [...MODES[mode], ...others.flatMap((name) => OTHERS[name])]) {
    const texts = line.map((text) => html("span", "", {}, text));
    list.append(html("div", "", { role: "listitem" }, ...texts));
  }
  return list;
}
