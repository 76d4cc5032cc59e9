// The lines over the cells: round what is highlighted, selected, focused, pointed at.
import type { Axis } from "../layout/axes";
import type { Layout } from "../layout/layout";
import { light } from "../layout/lit";
import type { Arrangement } from "../layout/order";
import { outline } from "../layout/outline";
import { type Area, framePath, type Spot } from "../layout/place";
import { once } from "../once";
import type { Members } from "../values/members";
import { type Nodes, set, setPlace } from "./dom";

/** What is drawn round: some cells, and an area of the screen that they may be about to have. */
export interface Round {
  arrangement: Arrangement;
  members: Members | null;
  area: Area | null;
}

/** Draws the outline of the highlighted cells. */
export function drawMask(nodes: Nodes, place: Layout, round: Round): void {
  const { rows, columns, ratio } = place;
  // In small cells there is no room to set one line inside the other.
  const inset = Math.min(sizeOf(rows), sizeOf(columns)) >= 8 * ratio ? 1.25 * ratio : 0;
  setLine(nodes, "mask", pathRound(place, round, inset));
}

export function drawSelection(nodes: Nodes, place: Layout, round: Round): void {
  setLine(nodes, "selection", pathRound(place, round, -0.5 * place.ratio));
}

function pathRound(place: Layout, { arrangement, members, area }: Round, inset: number): string {
  const make = () => outline(light(place, arrangement, members, area), inset);
  if (area) return make();
  if (!members?.count) return "";
  const key = [place.rows, place.columns, arrangement, inset];
  const last = lastRound(members);
  if (!key.every((part, k) => part === last.key[k])) Object.assign(last, { key, path: make() });
  return last.path;
}

/** The last path round some cells: it is asked for again whenever the focus moves. */
const lastRound = once((_: Members) => ({ key: [] as unknown[], path: "" }));

export function drawFocus(nodes: Nodes, place: Layout, spot: Spot | null): void {
  setLine(nodes, "focus", spot ? framePath(place, spot, -3) : "");
}

export function drawHover(nodes: Nodes, place: Layout, spot: Spot | null): void {
  setLine(nodes, "hover", spot ? framePath(place, spot, 0.5) : "");
}

/** Puts the lines over the cells, in their pixels. */
export function placeLines({ outlines }: Nodes, { cells, rows, columns }: Layout): void {
  setPlace(outlines, cells.x, cells.y);
  const viewBox = `0 0 ${columns.pixels || 1} ${rows.pixels || 1}`;
  set(outlines, { width: cells.w, height: cells.h, viewBox });
}

function setLine({ lines }: Nodes, name: keyof Nodes["lines"], d: string): void {
  for (const path of lines[name]) path.setAttribute("d", d);
}

const sizeOf = ({ start, end }: Axis) => end(0) - start(0);
