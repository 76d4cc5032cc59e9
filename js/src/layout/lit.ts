// Where on the screen cells of a set are. Pure. It takes as long as there are places in sight, and
// runs of the set's cells among those: of a large grid nobody sees the cells one by one.
import { firstWhere } from "../bisect";
import { eachOf, type Members } from "../values/members";
import type { Axis } from "./axes";
import { type Arrangement, isGiven, placesOf } from "./order";
import type { Area } from "./place";

/** Which places are lit, one byte each: cells, or the pixels that several of them share. */
export interface Lit {
  lit: Uint8Array;
  rows: Lanes;
  columns: Lanes;
}

/** The places along an axis. */
interface Lanes {
  count: number;
  /** Where a place is, device pixels. */
  start: (lane: number) => number;
  end: (lane: number) => number;
  /** The cells that have one, as an axis has it, and which one each has. */
  first: number;
  beyond: number;
  of: (k: number) => number;
  /** The first cell of each place. */
  from: Int32Array;
}

/** With one more on both sides, so that no line runs along the edge of a window. */
function lanesOf(axis: Axis): Lanes {
  const { count, start, end, reduced } = axis;
  const margin = axis.beyond - axis.first < count ? 1 : 0;
  const firstCell = Math.max(0, axis.first - margin);
  // The first place is this cell, or this pixel.
  const zero = reduced ? -margin : firstCell;
  const lanes = reduced
    ? axis.pixels + 2 * margin
    : Math.min(count, axis.beyond + margin) - firstCell;
  const from = (lane: number) =>
    reduced ? firstWhere(count, (k) => start(k) >= lane + zero) : lane + zero;
  return {
    count: lanes,
    start: reduced ? (lane) => lane + zero : (lane) => start(lane + zero),
    end: reduced ? (lane) => lane + zero + 1 : (lane) => end(lane + zero),
    first: from(0),
    beyond: from(lanes),
    of: (k) => (reduced ? start(k) : k) - zero,
    from: Int32Array.from({ length: lanes }, (_, lane) => from(lane)),
  };
}

/** The places of cells that are among some, or in an area of the screen. */
export function light(
  place: { rows: Axis; columns: Axis },
  arrangement: Arrangement,
  members: Members | null,
  area: Area | null,
): Lit {
  const [rows, columns] = [lanesOf(place.rows), lanesOf(place.columns)];
  const lit = new Uint8Array(rows.count * columns.count);
  if (area) lightArea(lit, rows, columns, area);
  if (members) lightMembers(lit, rows, columns, arrangement, members);
  return { lit, rows, columns };
}

function lightArea(lit: Uint8Array, rows: Lanes, columns: Lanes, area: Area): void {
  const [top, left, bottom, right] = area;
  const within = ({ count, of }: Lanes, from: number, to: number) =>
    [Math.max(0, of(from)), Math.min(count, of(to) + 1)] as const;
  const [y0, y1] = within(rows, top, bottom);
  const [x0, x1] = within(columns, left, right);
  if (x1 > x0)
    for (let y = y0; y < y1; y++) lit.fill(1, y * columns.count + x0, y * columns.count + x1);
}

function lightMembers(
  lit: Uint8Array,
  rows: Lanes,
  columns: Lanes,
  { transpose, layers, components }: Arrangement,
  members: Members,
): void {
  const [outer, inner] = transpose ? [columns, rows] : [rows, columns];
  const [across, along] = transpose ? [1, columns.count] : [columns.count, 1];
  const places = isGiven(components) ? null : placesOf(components);
  const n = components.length;
  for (let i = outer.first; i < outer.beyond; i++) {
    const layer = (layers[i] as number) * n;
    const base = outer.of(i) * across;
    if (places) {
      eachOf(members, layer, layer + n, (start, end) => {
        for (let flat = start; flat < end; flat++) {
          const k = places[flat - layer] as number;
          if (k >= inner.first && k < inner.beyond) lit[base + inner.of(k) * along] = 1;
        }
      });
      continue;
    }
    const beyond = layer + inner.beyond;
    for (let lane = 0; lane < inner.count; lane++) {
      // Where other layers have lit a place there is no need to look.
      if (lit[base + lane * along]) continue;
      const start = members.seek(layer + (inner.from[lane] as number), beyond, true);
      if (start === beyond) break;
      const last = inner.of(members.seek(start, beyond, false) - 1 - layer);
      for (lane = inner.of(start - layer); lane < last; lane++) lit[base + lane * along] = 1;
      lit[base + lane * along] = 1;
    }
  }
}
