// What is selected and highlighted, in outlines and in words.

import { flatAt } from "../layout/order";
import { has, type Members } from "../values/members";
import type { Snapshot } from "../wire";
import { speak } from "./a11y";
import { html, type Nodes, set } from "./dom";
import type { Drawn } from "./drawn";
import { type GestureState, previewArea, toggles } from "./gesture";
import { drawFocus, drawMask, drawSelection, type Round } from "./lines";
import { sampleOf, summary } from "./status";

export interface Picked {
  selected: Members;
  highlighted: Members;
}

/** Draws the outlines, with what a drag would make of them, and says what the focused cell is. */
export function drawPicked(
  nodes: Nodes,
  { shown, place, arrangement }: Drawn,
  gesture: GestureState,
  { selected, highlighted }: Picked,
): void {
  const { focus, drag } = gesture;
  const area = shown.click === "none" ? null : previewArea(gesture);
  const keep = toggles(drag?.modifiers ?? []);
  const preview = (of: Snapshot["click"], members: Members): Round =>
    area && shown.click === of
      ? { arrangement, members: keep ? members : null, area }
      : { arrangement, members, area: null };
  drawMask(nodes, place, preview("mask", highlighted));
  drawSelection(nodes, place, preview("select", selected));
  drawFocus(nodes, place, focus);
  if (!focus) return;
  const flat = flatAt(arrangement, focus);
  const states = { selected: has(selected, flat), highlighted: has(highlighted, flat) };
  speak(nodes, shown, flat, focus, states);
}

export function drawStatus(
  { status, copy, picture }: Nodes,
  shown: Snapshot & { waiting: string; live: boolean },
  { highlighted }: Picked,
): void {
  const { strong, rest } = summary(shown, highlighted.count, shown.waiting);
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
