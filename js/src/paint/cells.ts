// The cells of a view: their colours and marks, and which one is seen where several share a pixel.

import type { Axis } from "../layout/axes";
import type { Layout } from "../layout/layout";
import { type Arrangement, rectsOf, spotOf, toScreen } from "../layout/order";
import { type Target, targetOf } from "../layout/place";
import { codes, frame, palette } from "../values/colors";
import { positionIn, scaleOf } from "../values/norms";
import { cellTexts } from "../values/texts";
import type { Nodes } from "../view/dom";
import type { Drawn } from "../view/drawn";
import type { Snapshot } from "../wire";
import { onlyInSight, overBlocks, sharing } from "./blocks";
import { drawMarks } from "./marks";
import { cellPixels, isNumber, pick, putPixels, representatives } from "./paint";
import { carryMarks } from "./shapes";

export interface Cells {
  /** Reads the cells of the step that is shown; gives the colour code of each in flat order. */
  read(shown: Snapshot): Uint16Array;
  /** The codes that were read last. */
  codes(): Uint16Array;
  paint(drawn: Drawn): void;
  /** Paints all cells, whatever is in sight, on another canvas. */
  paintAll(canvas: HTMLCanvasElement, drawn: Drawn): void;
  /** Draws what stands on cells; it takes the host's font and ink, so the view must be shown. */
  mark(drawn: Drawn): void;
  /** Where several cells share a pixel, the one whose colour is seen is the one pointed at. */
  seen(drawn: Drawn, target: Target): Target;
}

interface Painted {
  /** Of each cell; of an overview, of each in sight or of each pixel. */
  code: Uint16Array;
  rows: Axis;
  columns: Axis;
  /** The cell that stands for each block, where several share a pixel. */
  standing: Int32Array | null;
}

export function createCells(nodes: Nodes): Cells {
  /** Colour code of each cell, in flat order and in the order of the screen. */
  let given: Uint16Array = new Uint16Array(0);
  let painted: Painted | null = null;

  // A zoom shows the same again and again.
  const codesOf = kept((arrangement: Arrangement, flat: Uint16Array) =>
    toScreen(arrangement, flat),
  );
  const valuesOf = kept((arrangement: Arrangement, shown: Snapshot) =>
    toScreen(arrangement, frame(shown).values),
  );
  const textOf = kept((arrangement: Arrangement, shown: Snapshot) => {
    const texts = cellTexts(shown);
    return texts && toScreen(arrangement, texts);
  });

  /** Paints what has been read through a layout; gives what it painted, null if it could not. */
  function paint(
    canvas: HTMLCanvasElement,
    { shown, arrangement, theme }: Drawn,
    layout: Layout,
  ): Painted | null {
    const { ratio } = layout;
    const { overview, reduce } = shown;
    const trim = overview ? onlyInSight : (axis: Axis) => axis;
    const [rows, columns] = [trim(layout.rows), trim(layout.columns)];
    const colours = palette(shown, theme, carryMarks(rows, columns, ratio));
    const zero = 256 * positionIn(scaleOf(shown))(0);
    const seen = overview
      ? overBlocks({ ...shown, overview }, arrangement, layout.rows, layout.columns, zero)
      : codesOf(arrangement, given);
    // Sorted by values that are on their way: what was painted of the ones before stays.
    if (!seen) return null;
    const total: number[] = [];
    const count: number[] = [];
    const standing =
      !overview && (rows.reduced || columns.reduced)
        ? representatives(valuesOf(arrangement, shown), seen, rows, columns, reduce, total, count)
        : null;
    const picked = pick(seen, standing);
    const averaged = standing && reduce === "mean" && !shown.categories;
    if (averaged) {
      const mean = Float64Array.from(picked, (_, k) => (total[k] ?? 0) / (count[k] ?? 1));
      codes(mean, new Uint8Array(0), scaleOf(shown)).forEach((code, k) => {
        // What is no number is shown whatever stands beside it.
        if (isNumber(picked[k] as number)) picked[k] = code;
      });
    }
    putPixels(canvas, cellPixels(picked, colours, rows, columns), columns.pixels, rows.pixels);
    // No one cell stands for a mean: then each is read by itself.
    return { code: seen, standing: averaged ? null : standing, rows, columns };
  }

  return {
    read(shown) {
      if (shown.overview) {
        given = shown.overview.code;
        return given;
      }
      const { values, holes } = frame(shown);
      given = codes(values, holes, scaleOf(shown));
      return given;
    },

    codes: () => given,

    paint(drawn) {
      painted = paint(nodes.cells, drawn, drawn.place) ?? painted;
    },

    paintAll(canvas, drawn) {
      const shown = drawn.shown.tile ? { ...drawn.shown, tile: null } : drawn.shown;
      paint(canvas, { ...drawn, shown }, drawn.whole);
    },

    mark({ shown, arrangement, place, theme }) {
      if (!painted) return;
      const { code, rows, columns } = painted;
      const { ratio } = place;
      const colours = palette(shown, theme, true);
      const style = () => getComputedStyle(nodes.root);
      const text = carryMarks(rows, columns, ratio) ? textOf(arrangement, shown) : null;
      drawMarks(nodes.marks, { rows, columns, ratio, code, palette: colours, text, style });
    },

    seen({ place: { rows, columns }, arrangement, shown }, target) {
      if (shown.overview && target?.part === "cell") {
        const [rect] = rectsOf(arrangement, sharing(rows, columns, target.row, target.column));
        const flat = shown.found.get(String(rect));
        return flat === undefined ? target : targetOf(spotOf(arrangement, flat));
      }
      const chosen = painted?.standing;
      if (!chosen || target?.part !== "cell") return target;
      const across = columns.reduced ? columns.pixels : columns.count;
      const i = rows.reduced ? rows.start(target.row) : target.row;
      const j = columns.reduced ? columns.start(target.column) : target.column;
      const at = chosen[i * across + j] ?? 0;
      return targetOf([Math.floor(at / columns.count), at % columns.count]);
    },
  };
}

/** The same result as before, as long as it is asked for with the same arguments. */
function kept<A, B, R>(make: (a: A, b: B) => R): (a: A, b: B) => R {
  let last: [a: A, b: B, made: R] | null = null;
  return (a, b) => {
    if (last?.[0] !== a || last[1] !== b) last = [a, b, make(a, b)];
    return last[2];
  };
}
