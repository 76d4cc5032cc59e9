// The heatmaps of this page that are linked: they move together by themselves, with no kernel too.
import { runs } from "../layout/order";
import { once } from "../once";
import type { Axes, Command, Label, Rect, Tie } from "../wire";

/** A heatmap, as far as others know it. */
export interface Companion {
  readonly axes: Axes;
  readonly ties: readonly Tie[];
  /** Shows which cell is pointed at in another. */
  pointElsewhere(cell: number | null): void;
  /** Shows what was done to another, until it has been answered there. */
  follow(key: string, command: Command): void;
  settle(key: string): void;
}

// The script of each widget may be a module of its own, so they meet where all modules do.
const MEETING = Symbol.for("layergrid.companions.1");
const place = globalThis as { [MEETING]?: Set<Companion> };

export function present(): Set<Companion> {
  place[MEETING] ??= new Set();
  return place[MEETING];
}

/** Those that a heatmap has its hover or selection in common with, through however many links. */
export function companions(of: Companion, what: "hover" | "selection"): Companion[] {
  const tied = (a: Companion, b: Companion) =>
    a.ties.some((tie) => tie[what] && b.ties.some(({ id }) => id === tie.id));
  const found = [of];
  for (const known of found) {
    for (const other of present()) {
      if (!found.includes(other) && tied(known, other)) found.push(other);
    }
  }
  return found.slice(1);
}

/** A command for the same cells, by label, on other axes; cells that are not there are left out. */
export function translate(command: Command, from: Axes, to: Axes): Command {
  if (from.id === to.id) return command;
  const layers = finder(to.layers);
  const components = finder(to.components);
  const rects = command.rects.flatMap(([i0, j0, i1, j1]) => {
    const down = runs(Int32Array.from(layers(from.layers.slice(i0, i1 + 1))));
    const across = runs(Int32Array.from(components(from.components.slice(j0, j1 + 1))));
    return down.flatMap(([a, b]) => across.map(([c, d]): Rect => [a, c, b, d]));
  });
  return { op: command.op, rects };
}

/** The same cell on other axes, if it is there. */
export function translateCell(cell: number, from: Axes, to: Axes): number | null {
  const n = from.components.length;
  const [i, j] = [Math.floor(cell / n), cell % n];
  const [rect] = translate({ op: "set", rects: [[i, j, i, j]] }, from, to).rects;
  return rect ? rect[0] * to.components.length + rect[1] : null;
}

/** Where labels stand among others, those that do. */
const finder = once((labels: readonly Label[]) => {
  const at = new Map(labels.map((label, k) => [plain(label), k]));
  return (wanted: readonly Label[]) =>
    wanted.map((label) => at.get(plain(label)) ?? -1).filter((k) => k >= 0);
});

/** True is 1, as it is for Python. */
const plain = (label: Label) => (typeof label === "boolean" ? Number(label) : label);
