// A picture through a window: the cells and their labels are others, and nothing else moves. Pure.
import { gapOf, throughWindow } from "./axes";
import { placeGroups, placeLabels } from "./labelling";
import type { Layout } from "./layout";
import type { Measure } from "./sizes";
import { scaleOf, type Window } from "./window";

export function layoutThrough(whole: Layout, window: Window, measure: Measure): Layout {
  const { ratio, labelling } = whole;
  const least = Math.min(scaleOf(whole.rows, window.rows), scaleOf(whole.columns, window.columns));
  const gap = gapOf(least / ratio, ratio);
  const rows = throughWindow(whole.rows, window.rows, gap);
  const columns = throughWindow(whole.columns, window.columns, gap);
  return {
    ...whole,
    rows,
    columns,
    header: placeGroups(columns, ratio, labelling.header, measure),
    rowLabels: placeLabels(rows, ratio, labelling.rows, measure),
    columnLabels: placeLabels(columns, ratio, labelling.columns, measure),
  };
}
