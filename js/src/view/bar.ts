// The colour bar: the table itself, ticks or a note beside it, what lies beyond its ends, and where
// on it the value lies that is pointed at.
import type { Bar } from "../layout/aids";
import type { Layout } from "../layout/layout";
import { carryMarks } from "../paint/shapes";
import { cssOf } from "../paint/swatch";
import { Kind, palette } from "../values/colors";
import type { Entry } from "../values/legend";
import { type Nodes, setBox, svg } from "./dom";
import type { Drawn } from "./drawn";

const UNDER = 256 + Kind.UNDER;
const OVER = 256 + Kind.OVER;

export function drawBar(nodes: Nodes, drawn: Drawn): void {
  const { bar } = drawn.place;
  nodes.bar.hidden = !bar;
  nodes.chrome.querySelector(".layergrid-scale")?.remove();
  if (!bar) return;
  const { x, y, w, h, vertical } = bar;
  setBox(nodes.bar, x, y, w, h);
  paint(nodes.bar, bar, drawn);
  const scale = svg("g", "scale");
  const text = (className: string, content: string, attributes: Record<string, string | number>) =>
    scale.append(svg("text", className, attributes, content));
  for (const tick of bar.ticks) {
    const at = Math.round(vertical ? y + (1 - tick.at) * h : x + tick.at * w);
    const d = vertical ? `M${x + w} ${at + 0.5}h4` : `M${at + 0.5} ${y + h}v4`;
    if (!bar.noted) scale.append(svg("path", "tick", { d }));
    if (vertical) text("number", tick.text, { x: x + w + 7, y: at + 4 });
    else text("number", tick.text, { x: at, y: y + h + 15, "text-anchor": "middle" });
  }
  if (vertical) {
    const transform = `translate(${bar.labelX} ${y + h / 2}) rotate(-90)`;
    text("axis", bar.label, { transform, "text-anchor": "middle" });
  } else text("axis", bar.label, { x: bar.labelX, y: y + h - 1 });
  scale.append(...ends(bar, drawn));
  nodes.chrome.append(scale);
}

/** One step a colour; one colour without a range; none without values. */
function paint(canvas: HTMLCanvasElement, bar: Bar, { place, shown }: Drawn): void {
  const [low, high] = shown.limits;
  const length = Math.max(1, Math.round((bar.vertical ? bar.h : bar.w) * place.ratio));
  canvas.width = bar.vertical ? 1 : length;
  canvas.height = bar.vertical ? length : 1;
  if (bar.noted && low < high) return;
  const image = new ImageData(canvas.width, canvas.height);
  for (let p = 0; p < length; p++) {
    const entry = low < high ? Math.min(255, Math.floor(((p + 0.5) / length) * 256)) : 128;
    const at = (bar.vertical ? length - 1 - p : p) * 4;
    image.data.set(shown.table.subarray(entry * 3, entry * 3 + 3), at);
    image.data[at + 3] = 255;
  }
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}

/** Which ends there are values beyond: the one thing on the bar that values alone may change. */
export function endsOf(legend: readonly Entry[]): string {
  return legend
    .filter(({ code, count }) => count > 0 && (code === UNDER || code === OVER))
    .map(({ code }) => code)
    .join();
}

/** Triangles at the ends beyond which there are values, in the colour that these have. */
function ends({ x, y, w, h, vertical }: Bar, { place, shown, legend, theme }: Drawn): SVGElement[] {
  const colours = palette(shown, theme, carryMarks(place.rows, place.columns, place.ratio));
  const paths: Record<number, string> = vertical
    ? {
        [UNDER]: `M${x} ${y + h + 1}h${w}l${-w / 2} 6z`,
        [OVER]: `M${x} ${y - 1}h${w}l${-w / 2} -6z`,
      }
    : {
        [UNDER]: `M${x - 1} ${y}v${h}l-6 ${-h / 2}z`,
        [OVER]: `M${x + w + 1} ${y}v${h}l6 ${-h / 2}z`,
      };
  return legend.flatMap(({ code, count }) => {
    const d = count > 0 ? paths[code] : undefined;
    return d ? svg("path", "end", { d, fill: cssOf(colours[code] ?? 0) }) : [];
  });
}

/** Shows on the bar where a value lies, or nothing (null). */
export function pointTo({ chrome }: Nodes, { bar }: Layout, at: number | null): void {
  let pointer = chrome.querySelector(".layergrid-pointer");
  if (at === null || !bar || bar.noted) {
    pointer?.remove();
    return;
  }
  if (!pointer) {
    pointer = svg("path", "pointer");
    chrome.append(pointer);
  }
  const d = bar.vertical
    ? `M${bar.x - 3} ${bar.y + (1 - at) * bar.h}l-6 -4v8z`
    : `M${bar.x + at * bar.w} ${bar.y - 2}l-4 -6h8z`;
  pointer.setAttribute("d", d);
}
