// What is asked about a large grid while its values are not here: blocks of as many cells as there
// are pixels for, finer ones of what is zoomed in on, and single cells.
import { flatAt, rectsOf } from "../layout/order";
import type { Area, Spot } from "../layout/place";
import { isAll, placesIn, sharing } from "../paint/blocks";
import { cellIn } from "../values/colors";
import type { Drawn } from "./drawn";
import type { Actions, Shown } from "./shown";

export interface Finer {
  /** Cells stand where they did not before, or others do. */
  placed(drawn: Drawn): void;
  /** A cell is to be read: the one that is seen for those that share its pixel, or it alone. */
  pointed(drawn: Drawn, spot: Spot, alone: boolean): void;
}

/** What blocks are coloured by: once it is another, those that came are of no use. */
const BEHIND = ["overview", "partial", "step", "reduce", "limits", "norm"] as const;

export function createFiner(actions: Pick<Actions, "blocks" | "tile" | "read">): Finer {
  /** What was asked for last, and what was shown then. */
  let asked = { whole: "", part: "" };
  let of: Shown | null = null;

  return {
    placed({ shown, arrangement, whole, place }) {
      const { overview } = shown;
      if (!overview) return;
      if (BEHIND.some((key) => shown[key] !== of?.[key])) asked.part = "";
      of = shown;
      const turned = <T>(down: T, across: T): [T, T] =>
        arrangement.transpose ? [across, down] : [down, across];
      const blocks = turned(placesIn(whole.rows), placesIn(whole.columns));
      if (String(blocks) !== asked.whole) {
        asked = { ...asked, whole: String(blocks) };
        const [layers, components] = blocks;
        if (layers !== overview.layers || components !== overview.components)
          actions.blocks(layers, components);
      }
      const { rows, columns } = place;
      if (rows === whole.rows || (isAll(rows) && isAll(columns))) return;
      const area: Area = [rows.first, columns.first, rows.beyond - 1, columns.beyond - 1];
      const [rect, ...others] = rectsOf(arrangement, area);
      const part = turned(placesIn(rows), placesIn(columns));
      const key = String([rect, part]);
      // In an order of their own cells stand in no one rectangle.
      if (!rect || others.length > 0 || key === asked.part) return;
      asked = { ...asked, part: key };
      actions.tile(rect, ...part);
    },

    pointed({ shown, arrangement, place }, spot, alone) {
      if (!shown.overview || cellIn(shown, flatAt(arrangement, spot))) return;
      const [row, column] = spot;
      const area: Area =
        alone || shown.reduce === "mean"
          ? [row, column, row, column]
          : sharing(place.rows, place.columns, row, column);
      for (const rect of rectsOf(arrangement, area)) actions.read(rect);
    },
  };
}
