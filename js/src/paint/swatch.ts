// What the cells of one kind look like, as small as a line of text.
import { axisOf } from "../layout/axes";
import { palette } from "../values/colors";
import { html } from "../view/dom";
import type { Drawn } from "../view/drawn";
import { drawMarks } from "./marks";
import { carryMarks } from "./shapes";

/** In CSS pixels: cells of this size or more are shown this large, smaller ones as they are. */
const MOST = { w: 22, h: 12 };
/** What has a colour alone is square. */
const FLAT = 11;

export function makeSwatch(
  { place, whole, shown, theme }: Drawn,
  code: number,
  style: () => CSSStyleDeclaration,
): HTMLElement {
  const { rows, columns, ratio } = place;
  const marked = carryMarks(rows, columns, ratio);
  const colours = palette(shown, theme, marked);
  const pixel = colours[code] ?? 0;
  // As large as cells are when all are in sight: a zoom moves no name.
  const flat = !carryMarks(whole.rows, whole.columns, ratio) || shown.categories !== null;
  const w = flat ? FLAT : Math.min(MOST.w, Math.floor(whole.columns.pitch / ratio) - 1);
  const h = flat ? FLAT : Math.min(MOST.h, Math.floor(whole.rows.pitch / ratio) - 1);
  const node = html("span", "swatch", { "aria-hidden": true });
  Object.assign(node.style, { width: `${w}px`, height: `${h}px`, background: cssOf(pixel) });
  if (!marked) {
    if (pixel === 0) node.dataset.blank = "";
    return node;
  }
  const axis = (size: number) => axisOf(1, Math.round(size * ratio), size * ratio, 0, []);
  const canvas = html("canvas", "");
  drawMarks(canvas, {
    rows: axis(h),
    columns: axis(w),
    ratio,
    code: Uint16Array.of(code),
    palette: colours,
    text: null,
    style,
  });
  node.append(canvas);
  return node;
}

/** A pixel's colour, as CSS has it. */
export const cssOf = (pixel: number): string =>
  `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255} / ${(pixel >>> 24) / 255})`;
