// What a change of state means for the picture: what of it stays, what is to be drawn anew. Pure.
import type { Arrangement } from "../layout/order";
import { arrangementOf, isSorted, type Sorting } from "../tools/sorting";
import { legendOf, noteOf } from "../values/legend";
import { endsOf } from "./bar";
import type { Drawn } from "./drawn";
import type { Shown } from "./shown";

/** What there is to draw, before it has a place. */
export type Placeable = Omit<Drawn, "place" | "whole" | "theme">;

export interface Plan {
  of: Placeable & { shown: Shown };
  /** Whether cells or labels may stand elsewhere. */
  placing: boolean;
  /** Whether there are values beyond other ends of the colour bar than before. */
  clipped: boolean;
}

/** What may change how much room the picture takes. */
export const RESIZING = ["axes", "title", "categories", "size", "text", "transpose", "error"];
/** What moves cells or labels when it changes, and what only colours them. */
const PLACING = ["axes", "title", "label", "limits", "norm", "categories", "size", "text"];
export const READ = ["values", "holes", "step", "overview"];
/** What the legend counts. */
export const COUNTED = [...READ, "axes", "limits", "norm", "categories"];
export const PAINTING = [...READ, "tile", "reduce", "table", "reserved", "categories"];

/** `read` gives the colour code of each cell, in flat order. */
export function planOf(
  drawn: Drawn | null,
  next: Shown,
  any: (keys: readonly string[]) => boolean,
  sorting: Sorting,
  read: (shown: Shown) => Uint16Array,
): Plan {
  const before = drawn?.arrangement;
  const moves = any([
    "axes",
    "transpose",
    "sorting",
    ...(isSorted(sorting) && !next.overview ? READ : []),
  ]);
  const arrangement: Arrangement = before && !moves ? before : arrangementOf(next, sorting, before);
  const kept = any(["axes", "categories"]) ? [] : (drawn?.legend ?? []);
  const legend = any(COUNTED) ? legendOf(next, read(next), kept) : kept;
  const note = any(COUNTED) ? noteOf(next, legend) : (drawn?.note ?? "");
  const noted = note !== drawn?.note || legend.length !== kept.length;
  return {
    of: { shown: next, arrangement, legend, note },
    placing: arrangement !== before || noted || any(PLACING),
    clipped: endsOf(legend) !== endsOf(drawn?.legend ?? []),
  };
}
