// Which cell stands where on the screen: layers down or across, and in which order. Pure.
// Everything else here speaks of rows and columns of the screen, the kernel of layers and components.

import { once } from "../once";
import type { Axes, Label, Rect, Values } from "../wire";
import { isNumbered, type Side } from "./labels";
import type { Area, Spot } from "./place";

/** Which layer and which component stands at each place along its axis of the screen. */
export interface Arrangement {
  /** Layers are columns. */
  transpose: boolean;
  layers: Int32Array;
  components: Int32Array;
}

/** The order in which labels were given. */
export const givenOrder = (count: number): Int32Array =>
  Int32Array.from({ length: count }, (_, k) => k);

export const isGiven = once((order: Int32Array): boolean =>
  order.every((index, at) => index === at),
);

/** Where each index of an order stands in it. */
export const placesOf = once((order: Int32Array): Int32Array => {
  const places = new Int32Array(order.length);
  order.forEach((index, at) => {
    places[index] = at;
  });
  return places;
});

export const sameArrangement = (a: Arrangement, b: Arrangement): boolean =>
  a.transpose === b.transpose && same(a.layers, b.layers) && same(a.components, b.components);

const same = (a: Int32Array, b: Int32Array) =>
  a.length === b.length && a.every((index, at) => index === b[at]);

/** The flat index of the cell at a place of the screen. */
export function flatAt(arrangement: Arrangement, [row, column]: Spot): number {
  const { transpose, layers, components } = arrangement;
  const [i, j] = transpose ? [column, row] : [row, column];
  return (layers[i] ?? 0) * components.length + (components[j] ?? 0);
}

/** Where on the screen a cell stands. */
export function spotOf({ transpose, layers, components }: Arrangement, flat: number): Spot {
  const i = placesOf(layers)[Math.floor(flat / components.length)] ?? -1;
  const j = placesOf(components)[flat % components.length] ?? -1;
  return transpose ? [j, i] : [i, j];
}

/** The cells of an area of the screen, in as few rectangles of indices as it takes. */
export function rectsOf({ transpose, layers, components }: Arrangement, area: Area): Rect[] {
  const [top, left, bottom, right] = area;
  const [i0, i1, j0, j1] = transpose ? [left, right, top, bottom] : [top, bottom, left, right];
  const across = part(components, j0, j1);
  return part(layers, i0, i1).flatMap(([a, b]) => across.map(([c, d]): Rect => [a, c, b, d]));
}

const part = (order: Int32Array, from: number, to: number): [number, number][] =>
  isGiven(order) ? [[from, to]] : runs(order.subarray(from, to + 1));

/** First and last of each run of neighbours. */
export function runs(indices: Int32Array): [number, number][] {
  const found: [number, number][] = [];
  for (const index of indices.slice().sort()) {
    const run = found.at(-1);
    if (run && index === run[1] + 1) run[1] = index;
    else found.push([index, index]);
  }
  return found;
}

/** One thing a cell, in the order of the screen; the same array where that is the given order. */
export function toScreen<A extends Values | string[]>(arrangement: Arrangement, array: A): A {
  const { transpose, layers, components } = arrangement;
  if (array.length === 0 || (!transpose && isGiven(layers) && isGiven(components))) return array;
  const moved = array.slice() as A;
  const columns = transpose ? layers.length : components.length;
  for (let at = 0; at < array.length; at++) {
    const spot = [Math.floor(at / columns), at % columns] as const;
    moved[at] = array[flatAt(arrangement, spot)] as never;
  }
  return moved;
}

/** The same array where that is the given order: what is known of its labels stays known. */
const inOrder = (labels: readonly Label[], order: Int32Array): readonly Label[] =>
  isGiven(order) ? labels : Array.from(order, (index) => labels[index] ?? "");

/** What stands beside the rows, and along the columns. */
export function sidesOf(
  { transpose, layers, components }: Arrangement,
  axes: Axes,
): { rows: Side; columns: Side } {
  const layerSide: Side = {
    labels: inOrder(axes.layers, layers),
    title: axes.titles[0] ?? "layer",
    sorted: !isGiven(layers),
  };
  const componentSide: Side = {
    labels: inOrder(axes.components, components),
    title: axes.titles[1] ?? (isNumbered(axes.components) ? "component" : ""),
    sorted: !isGiven(components),
  };
  return transpose
    ? { rows: componentSide, columns: layerSide }
    : { rows: layerSide, columns: componentSide };
}
