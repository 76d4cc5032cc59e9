// What is written into cells: text, and the marks of what is no number. On a canvas above the
// cells, so that the cells' own pixels stay colours of the table.

import type { Axis } from "./axes";
import { inkOn, Kind, type Rgb } from "./colors";

export interface Marks {
  rows: Axis;
  columns: Axis;
  ratio: number;
  /** Colour code of each cell. */
  code: Uint16Array;
  palette: Uint32Array;
  /** Text of each cell, null without text. */
  text: readonly string[] | null;
  /** The view's style, asked for only when something is to be written. */
  style: () => CSSStyleDeclaration;
}

/** Cells smaller than this, in CSS pixels, carry no marks. */
const LEAST = 8;

const SIGNS: Record<number, string> = {
  [Kind.NAN]: "NaN",
  [Kind.POSITIVE_INFINITY]: "+∞",
  [Kind.NEGATIVE_INFINITY]: "−∞",
  [Kind.ABSENT]: "–",
  [Kind.PENDING]: "·",
};

export function drawMarks(canvas: HTMLCanvasElement, marks: Marks): void {
  const { rows, columns, ratio, code, palette, text } = marks;
  const w = sizeOf(columns);
  const h = sizeOf(rows);
  const marked = text !== null || code.some((c) => c >= 256);
  const wanted = Math.min(w, h) >= LEAST * ratio && marked;
  canvas.hidden = !wanted;
  const ctx = wanted ? canvas.getContext("2d") : null;
  if (!ctx) return;
  canvas.width = columns.pixels;
  canvas.height = rows.pixels;
  const style = marks.style();
  const ink = style.getPropertyValue("--layergrid-ink");
  const muted = style.getPropertyValue("--layergrid-muted");
  const size = Math.min(11 * ratio, h - 2 * ratio);
  ctx.font = `${size}px ${style.fontFamily}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  const fits = measurer(ctx, w - 3 * ratio);
  // All or none: numbers in some cells and not in others would read as a pattern.
  const texts = text?.every((s) => s === "" || fits(s)) ? text : null;

  for (let k = 0; k < code.length; k++) {
    const kind = (code[k] as number) - 256;
    const sign = SIGNS[kind] ?? texts?.[k];
    if (!sign) continue;
    const x = columns.start[k % columns.count] as number;
    const y = rows.start[Math.floor(k / columns.count)] as number;
    const colour = rgbOf(palette[code[k] as number] as number);
    if (kind === Kind.NAN) {
      hatch(ctx, x, y, w, h, ratio, muted);
      ctx.fillStyle = `rgb(${colour.join(" ")})`;
      const clear = Math.min(w, ctx.measureText(sign).width + size * 0.5);
      if (fits(sign)) ctx.fillRect(x + (w - clear) / 2, y, clear, h);
    }
    // The hatch says NaN without the word; an infinity has nothing but its sign.
    if (!fits(sign) && kind === Kind.NAN) continue;
    const faint = kind === Kind.ABSENT || kind === Kind.PENDING;
    ctx.fillStyle = faint ? muted : kind === Kind.NAN ? ink : inkOn(colour);
    ctx.fillText(sign, x + w / 2, y + h / 2 + 0.5 * ratio, w - 2 * ratio);
  }
}

const sizeOf = ({ start, end }: Axis) => (end[0] ?? 0) - (start[0] ?? 0);

/** Whether a text is no wider than `room`; each text is measured once. */
function measurer(ctx: CanvasRenderingContext2D, room: number): (text: string) => boolean {
  const known = new Map<string, boolean>();
  return (text) => {
    const fits = known.get(text) ?? ctx.measureText(text).width <= room;
    known.set(text, fits);
    return fits;
  };
}

function rgbOf(pixel: number): Rgb {
  return [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255];
}

function hatch(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  w: number,
  h: number,
  ratio: number,
  colour: string,
): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, w, h);
  ctx.clip();
  ctx.beginPath();
  for (let d = -h; d < w; d += 4 * ratio) {
    ctx.moveTo(x + d, y + h);
    ctx.lineTo(x + d + h, y);
  }
  ctx.strokeStyle = colour;
  ctx.lineWidth = ratio;
  ctx.stroke();
  ctx.restore();
}
