// Everything that follows the pointer, or the focus while keys are in use.

import { flatAt } from "../layout/order";
import {
  boxOf,
  cellOf,
  isInSight,
  labelsOf,
  type Spot,
  shortenedLabel,
  type Target,
} from "../layout/place";
import { cellIn, kindOf, NUMBERS } from "../values/colors";
import { positionIn, scaleOf } from "../values/norms";
import { pointTo } from "./bar";
import { stressLabels } from "./chrome";
import type { Nodes } from "./dom";
import type { Drawn } from "./drawn";
import { drawHover } from "./lines";
import { fill, put, read } from "./tooltip";

export interface Pointed {
  /** What the pointer is at, here or on the same cell of a linked heatmap. */
  target: Target;
  /** The cell to read while the pointer is at none. */
  focus: Spot | null;
}

export function drawPointed(
  nodes: Nodes,
  drawn: Drawn,
  { target, focus }: Pointed,
  width: number,
): void {
  const { place, arrangement } = drawn;
  const hover = cellOf(target);
  const at = hover ?? focus;
  // A cell that is pointed at in a linked heatmap may be out of sight here.
  const spot = at && isInSight(place, at) ? at : null;
  const flat = at && flatAt(arrangement, at);
  drawHover(nodes, place, hover);
  stressLabels(nodes, place, spot && labelsOf(place, spot));
  pointTo(nodes, place, flat === null ? null : positionOf(drawn, flat));

  const label = spot ? null : shortenedLabel(place, target);
  const by = spot ?? label?.at;
  nodes.tooltip.hidden = !by;
  if (spot) fill(nodes.tooltip, read(drawn.shown, flatAt(arrangement, spot)));
  else if (label) nodes.tooltip.textContent = label.text;
  if (by) put(nodes.tooltip, boxOf(place, by), { w: width, h: place.height });
}

/** Where on the colour bar a cell's value lies, null where it has none. */
function positionOf({ shown }: Drawn, flat: number): number | null {
  const [raw, hole] = cellIn(shown, flat) ?? [Number.NaN, 0];
  const value = Number(raw);
  const scale = scaleOf(shown);
  return NUMBERS.includes(kindOf(value, hole, scale)) ? positionIn(scale)(value) : null;
}
