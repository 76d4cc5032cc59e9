// One heatmap of a row: as it would like to be laid out, and then as it fits in with the others.

import type { Snapshot } from "../wire";
import { isNumbered } from "./labels";
import { type Layout, type LayoutInput, layout } from "./layout";
import type { Seat } from "./row";

export function layoutInRow(seat: Seat, shown: Snapshot, input: LayoutInput): Layout {
  // Kinds of cells that come and go must not move anything in the whole row.
  const steady = { ...input, legend: input.legend.slice(0, shown.categories?.length ?? 0) };
  const [alone, bare] = [layout(steady), layout({ ...steady, bar: false })];
  const share = seat.ask(
    {
      pitch: pitchOf(alone),
      columns: alone.columns.count,
      square: isNumbered(input.columns.labels),
      around: aroundOf(bare),
      bar: aroundOf(alone) - aroundOf(bare),
      colours: JSON.stringify([
        shown.limits.slice(0, 2),
        shown.norm,
        shown.label,
        [...shown.table],
      ]),
    },
    input.room,
  );
  const { width } = layout({ ...steady, ...share });
  return layout({ ...input, ...share, reach: width });
}

const pitchOf = ({ rows, columns, ratio }: Layout) =>
  [columns.pitch / ratio, rows.pitch / ratio] as const;

const aroundOf = (of: Layout) => of.width - of.columns.count * pitchOf(of)[0];
