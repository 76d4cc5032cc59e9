// Orders of layers and of components by what is in their cells. Pure.
import { type Arrangement, givenOrder, sameArrangement } from "../layout/order";
import { frame } from "../values/colors";
import type { Snapshot, Values } from "../wire";

export type AxisName = "layers" | "components";

/** What an axis is put in order by, the largest first. */
export type SortKey =
  | { by: "given" | "maximum" | "mean" }
  /** The values in one component, or layer, of the other axis. */
  | { by: "value"; at: number };

export type Sorting = Readonly<Record<AxisName, SortKey>>;

export const GIVEN: SortKey = { by: "given" };
export const UNSORTED: Sorting = { layers: GIVEN, components: GIVEN };

export const isSorted = (sorting: Sorting) =>
  sorting.layers.by !== "given" || sorting.components.by !== "given";

/** Which layer and component stands where; the arrangement before if it is the same. */
export function arrangementOf(
  shown: Snapshot,
  sorting: Sorting,
  before?: Arrangement,
): Arrangement {
  const { layers, components } = shown.axes;
  const cells = { ...frame(shown), layers: layers.length, components: components.length };
  const after = {
    transpose: shown.transpose,
    layers: sortedOrder("layers", sorting.layers, cells),
    components: sortedOrder("components", sorting.components, cells),
  };
  return before && sameArrangement(before, after) ? before : after;
}

/** The cells of one step. */
export interface Frame {
  values: Values;
  holes: Uint8Array;
  layers: number;
  components: number;
}

/**
 * The indices of an axis in order. Only finite values count: what has none comes last. Equals
 * stay as they were given.
 */
export function sortedOrder(axis: AxisName, key: SortKey, frame: Frame): Int32Array {
  const order = givenOrder(frame[axis]);
  if (key.by === "given") return order;
  const scores = Float64Array.from(order, (index) => scoreOf(axis, index, key, frame));
  // Two of -∞ leave no number, and so the order they have.
  return order.sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
}

function scoreOf(axis: AxisName, index: number, key: SortKey, frame: Frame): number {
  const { values, holes, layers, components } = frame;
  const [start, stride, count] =
    axis === "layers" ? [index * components, 1, components] : [index, components, layers];
  const [first, last] = key.by === "value" ? [key.at, key.at] : [0, count - 1];
  let maximum = Number.NEGATIVE_INFINITY;
  let mean = 0;
  let found = 0;
  for (let k = first; k <= last; k++) {
    const flat = start + k * stride;
    const value = Number(values[flat]);
    if (holes[flat] || !Number.isFinite(value)) continue;
    found++;
    maximum = Math.max(maximum, value);
    // Step by step: the sum of the largest floats would be infinite.
    mean += value / found - mean / found;
  }
  return key.by === "mean" && found > 0 ? mean : maximum;
}
