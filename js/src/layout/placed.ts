// Where cells stand, as what stands beside them has to know. Pure.
import type { Placed } from "../wire";
import { type Axis, centre } from "./axes";
import type { Layout } from "./layout";
import { type Arrangement, placesOf } from "./order";

/** Of longer axes nothing is said cell by cell. */
const MOST = 1024;

/**
 * `room` is the width of the box that others stand in, too. Lengths are CSS pixels, to a hundredth:
 * nothing that is drawn depends on less.
 */
export function placedOf(place: Layout, arrangement: Arrangement, room: number): Placed {
  const { cells, width, height, rows, columns, ratio } = place;
  const { transpose, layers, components } = arrangement;
  const [down, across] = transpose ? [components, layers] : [layers, components];
  const along = (axis: Axis, order: Int32Array) =>
    axis.count > MOST ? [] : [...placesOf(order)].map((at) => round(centre(axis, at) / ratio));
  const middles = { down: along(rows, down), across: along(columns, across) };
  const size = (axis: Axis) =>
    round(Math.max(1, axis.end(axis.first) - axis.start(axis.first)) / ratio);
  return {
    room,
    transpose,
    cells: [cells.x, cells.y, cells.w, cells.h].map(round) as Placed["cells"],
    size: [width, height],
    cell: [size(columns), size(rows)],
    layers: transpose ? middles.across : middles.down,
    components: transpose ? middles.down : middles.across,
  };
}

const round = (length: number) => Math.round(100 * length) / 100;
