// All cells, small, while only some are in sight: where these are, and a way to others.
import type { Layout } from "../layout/layout";
import type { Box } from "../layout/sizes";
import { isAll, type Point, type Window } from "../layout/window";
import { html, listen, type Nodes, setBox } from "../view/dom";
import type { Drawn } from "../view/drawn";
import { PAINTING } from "../view/plan";
import type { Shown } from "../view/shown";

export interface Minimap {
  /** `room` is the width that is the view's own. */
  draw(drawn: Drawn, sight: Window, room: number): void;
}

/** The longer side, what is free around it, and how far the aids are from the cells. */
const SIZE = 80;
const APART = 6;
const BESIDE = 28;

/** What its colours are made of. */
const PAINTED = [
  ...PAINTING.filter((part) => part !== "tile"),
  "limits",
  "norm",
] as (keyof Shown)[];

/** `paint` paints all cells on a canvas, `go` brings a place among the cells to the middle. */
export function createMinimap(
  { root }: Nodes,
  paint: (canvas: HTMLCanvasElement, drawn: Drawn) => void,
  go: (cell: Point) => void,
): Minimap {
  const canvas = html("canvas", "");
  const frame = html("div", "frame");
  const node = html("div", "minimap", { "aria-hidden": true }, canvas, frame);
  let painted: Drawn | null = null;
  root.append(node);

  function follow(event: PointerEvent): void {
    if (!painted) return;
    const { rows, columns } = painted.whole;
    // What is within the map lets events through, so that it is from the map's own corner.
    go([
      (event.offsetY / node.clientHeight) * rows.count,
      (event.offsetX / node.clientWidth) * columns.count,
    ]);
  }

  listen(node, "pointerdown", (event) => {
    // The focus stays where it is.
    event.preventDefault();
    if (event.button !== 0) return;
    node.setPointerCapture(event.pointerId);
    follow(event);
  });
  listen(node, "pointermove", (event) => {
    if (node.hasPointerCapture(event.pointerId)) follow(event);
  });

  return {
    draw(drawn, sight, room) {
      const { whole } = drawn;
      node.hidden = isAll(whole, sight);
      if (node.hidden) {
        painted = null;
        return;
      }
      const { shown } = drawn;
      const same =
        painted?.whole === whole &&
        painted.theme === drawn.theme &&
        PAINTED.every((part) => painted?.shown[part] === shown[part]);
      if (!same) paint(canvas, drawn);
      painted = drawn;
      const { x, y, w, h } = boxFor(whole, room);
      setBox(node, x, y, w, h);
      const part = ([from, to]: Window["rows"], count: number, size: number) =>
        [(from / count) * size, ((to - from) / count) * size] as const;
      const [top, height] = part(sight.rows, whole.rows.count, h);
      const [left, width] = part(sight.columns, whole.columns.count, w);
      setBox(frame, left - 1, top - 1, width + 2, height + 2);
    },
  };
}

/** Beside the cells under what stands there, or over their last corner; a strip's below. */
function boxFor({ cells, bar, legend, statusY }: Layout, room: number): Box {
  const scale = SIZE / Math.max(cells.w, cells.h);
  const side = (length: number) => Math.max(2 * APART, Math.round(length * scale));
  const [w, h] = [side(cells.w), side(cells.h)];
  const right = cells.x + cells.w;
  const bottom = cells.y + cells.h;
  const stands = [bar, legend].filter((aid) => aid && aid.x >= right) as Box[];
  const under = Math.max(cells.y, ...stands.map((aid) => aid.y + aid.h + BESIDE / 2));
  if (right + BESIDE + w <= room && under + h <= bottom)
    return { x: right + BESIDE, y: bottom - h, w, h };
  if (cells.h < 5 * h) return { x: right - w, y: statusY - h + 2, w, h };
  return { x: right - w - APART, y: bottom - h - APART, w, h };
}
