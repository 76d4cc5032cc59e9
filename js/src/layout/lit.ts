// Where on the screen cells of a set are. Pure. It takes as long as there are places in sight, and
// runs of the set's cells among those: of a large grid nobody sees the cells one by one.
import { eachOf, type Members } from "../values/members";
import { type Axis, firstWhere } from "./axes";
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
function lanesOf({ count, pixels, start, end, reduced, ...axis }: Axis): Lanes {
  const margin = axis.beyond - axis.first < count ? 1 : 0;
  if (!reduced) {
    const first = Math.max(0, axis.first - margin);
    const beyond = Math.min(count, axis.beyond + margin);
    return {
      count: beyond - first,
      start: (lane) => start(first + lane),
      end: (lane) => end(first + lane),
      first,
      beyond,
      of: (k) => k - first,
      from: Int32Array.from({ length: beyond - first }, (_, lane) => first + lane),
    };
  }
  const lanes = pixels + 2 * margin;
  const from = (lane: number) => firstWhere(count, (k) => start(k) >= lane - margin);
  return {
    count: lanes,
    start: (lane) => lane - margin,
    end: (lane) => lane - margin + 1,
    first: from(0),
    beyond: from(lanes),
    of: (k) => start(k) + margin,
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
  const within = ({ first, beyond, of }: Lanes, from: number, to: number) =>
    to < first || from >= beyond
      ? [0, -1]
      : [of(Math.max(from, first)), of(Math.min(to, beyond - 1))];
  const [y0 = 0, y1 = -1] = within(rows, top, bottom);
  const [x0 = 0, x1 = -1] = within(columns, left, right);
  for (let y = y0; y <= y1; y++) lit.fill(1, y * columns.count + x0, y * columns.count + x1 + 1);
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
      if (start < 0) break;
      const end = members.seek(start, beyond, false);
      const last = inner.of((end < 0 ? beyond : end) - 1 - layer);
      for (lane = inner.of(start - layer); lane < last; lane++) lit[base + lane * along] = 1;
      lit[base + lane * along] = 1;
    }
  }
}
