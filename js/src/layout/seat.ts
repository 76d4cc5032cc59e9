// One heatmap of a row: as it would like to be laid out, and then as it fits in with the others.

import type { Snapshot } from "../wire";
import { isNumbered } from "./labels";
import { type Layout, type LayoutInput, layout } from "./layout";
import type { Seat } from "./row";

export function layoutInRow(seat: Seat, shown: Snapshot, input: LayoutInput): Layout {
  const [alone, bare] = [layout(input), layout({ ...input, bar: false })];
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
  return layout({ ...input, ...share });
}

const pitchOf = ({ rows, columns, ratio }: Layout) =>
  [columns.pitch / ratio, rows.pitch / ratio] as const;

const aroundOf = (of: Layout) => of.width - of.columns.count * pitchOf(of)[0];
