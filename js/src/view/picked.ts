// What is selected and highlighted, in outlines and in words.

import { flatAt } from "../layout/order";
import { areaFlags, type Flagged, MOST_FLAGS } from "../values/flags";
import type { Snapshot } from "../wire";
import { speak } from "./a11y";
import { html, type Nodes, set } from "./dom";
import type { Drawn } from "./drawn";
import { type GestureState, previewArea, toggles } from "./gesture";
import { drawFocus, drawMask, drawSelection } from "./lines";
import { sampleOf, summary } from "./status";

/** One byte a cell, in the order of the screen; `highlighted` is empty when the mask is unset. */
export interface Flags {
  selected: Flagged;
  highlighted: Uint8Array;
}

/** Draws the outlines, with what a drag would make of them, and says what the focused cell is. */
export function drawPicked(
  nodes: Nodes,
  { shown, place, arrangement }: Drawn,
  gesture: GestureState,
  { selected, highlighted }: Flags,
): void {
  const { rows, columns } = place;
  const { focus, drag } = gesture;
  const area = shown.click === "none" ? null : previewArea(gesture);
  const keep = toggles(drag?.modifiers ?? []);
  const preview = (of: Snapshot["click"], flags: Flagged) =>
    area && shown.click === of ? areaFlags(area, flags, keep, rows.count, columns.count) : flags;
  drawMask(nodes, place, preview("mask", highlighted));
  const many = rows.count * columns.count > MOST_FLAGS;
  drawSelection(nodes, place, preview("select", selected), many ? area : null);
  drawFocus(nodes, place, focus);
  if (!focus) return;
  const at = focus[0] * columns.count + focus[1];
  const states = { selected: selected.at(at) === 1, highlighted: highlighted[at] === 1 };
  speak(nodes, shown, flatAt(arrangement, focus), focus, states);
}

export function drawStatus(
  { status, copy, picture }: Nodes,
  shown: Snapshot & { waiting: string; live: boolean },
  { highlighted }: Flags,
): void {
  const { strong, rest } = summary(shown, highlighted, shown.waiting);
  const after = strong && rest ? ` · ${rest}` : rest;
  // Nobody can listen to as many lines as frames.
  const sample = sampleOf(shown);
  set(status, { "aria-live": shown.live || sample ? "off" : "polite" });
  set(picture, { "aria-description": sample });
  if (status.textContent !== strong + after) {
    status.replaceChildren(html("b", "", {}, strong), after);
  }
  copy.hidden = shown.selection.length === 0;
}
