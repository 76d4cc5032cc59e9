// What is written into cells: text, and the marks of what is no number. On a canvas above the
// cells, so that the cells' own pixels stay colours of the table.
import { inkOn, Kind, type Rgb } from "./colors";
import type { Axis } from "./layout";

export interface Marks {
  rows: Axis;
  columns: Axis;
  ratio: number;
  /** Colour code of each cell. */
  code: Uint16Array;
  palette: Uint32Array;
  /** Text of each cell, null without text. */
  text: readonly string[] | null;
  font: string;
  ink: string;
  muted: string;
}

/** Cells smaller than this, in CSS pixels, carry no marks. */
const LEAST = 8;
const TEXT: Record<number, string> = {
  [Kind.NAN]: "NaN",
  [Kind.POSITIVE_INFINITY]: "+∞",
  [Kind.NEGATIVE_INFINITY]: "−∞",
  [Kind.ABSENT]: "–",
  [Kind.PENDING]: "·",
};

export function drawMarks(canvas: HTMLCanvasElement, marks: Marks): void {
  const { rows, columns, ratio, code, text } = marks;
  const cellW = ((columns.end[0] ?? 0) - (columns.start[0] ?? 0)) / ratio;
  const cellH = ((rows.end[0] ?? 0) - (rows.start[0] ?? 0)) / ratio;
  const special = code.some((c) => c >= 256);
  const wanted = Math.min(cellW, cellH) >= LEAST && (special || text !== null);
  canvas.hidden = !wanted;
  if (!wanted) return;
  canvas.width = columns.pixels;
  canvas.height = rows.pixels;
  const ctx = canvas.getContext("2d");
  if (!ctx) return;
  const size = Math.min(11, Math.floor(cellH) - 2);
  ctx.font = `${size * ratio}px ${marks.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  const widths = new Map<string, number>();
  const fits = (s: string) => {
    const width = widths.get(s) ?? ctx.measureText(s).width;
    widths.set(s, width);
    return width <= (cellW - 3) * ratio;
  };
  // All or none: numbers in some cells and not in others would read as a pattern.
  const showText = text?.every((s) => s === "" || fits(s));
  for (let i = 0; i < rows.count; i++) {
    for (let j = 0; j < columns.count; j++) {
      const k = i * columns.count + j;
      const x0 = columns.start[j] as number;
      const y0 = rows.start[i] as number;
      const w = (columns.end[j] as number) - x0;
      const h = (rows.end[i] as number) - y0;
      const kind = (code[k] as number) - 256;
      if (kind === Kind.NAN) hatch(ctx, x0, y0, w, h, ratio, marks.muted);
      const mark = kind > 0 ? TEXT[kind] : showText ? text?.[k] : "";
      if (!mark || (kind > 0 && !fits(mark))) continue;
      ctx.fillStyle = inkFor(code[k] as number, marks);
      if (kind === Kind.NAN)
        clearBehind(ctx, mark, x0 + w / 2, y0 + h / 2, size * ratio, marks, code[k] as number);
      ctx.fillText(mark, x0 + w / 2, y0 + h / 2 + 0.5 * ratio);
    }
  }
}

function inkFor(code: number, { palette, ink, muted }: Marks): string {
  const kind = code - 256;
  if (kind === Kind.ABSENT || kind === Kind.PENDING) return muted;
  if (kind === Kind.NAN) return ink;
  return inkOn(rgbOf(palette[code] as number));
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
  const step = 4 * ratio;
  for (let d = -h; d < w; d += step) {
    ctx.moveTo(x + d, y + h);
    ctx.lineTo(x + d + h, y);
  }
  ctx.strokeStyle = colour;
  ctx.lineWidth = ratio;
  ctx.stroke();
  ctx.restore();
}

function clearBehind(
  ctx: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  size: number,
  { palette }: Marks,
  code: number,
): void {
  const width = ctx.measureText(text).width + size * 0.4;
  const ink = ctx.fillStyle;
  const [r, g, b] = rgbOf(palette[code] as number);
  ctx.fillStyle = `rgb(${r} ${g} ${b})`;
  ctx.fillRect(x - width / 2, y - size / 2, width, size);
  ctx.fillStyle = ink;
}
