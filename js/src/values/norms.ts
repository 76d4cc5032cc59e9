// How values map onto the range of colours. `src/layergrid/norms.py` has the same rules, with
// their reasons; `tests/data/colors.json` holds cases for both.

export type Norm =
  | { kind: "linear" }
  | { kind: "log" }
  | { kind: "symlog"; linthresh: number }
  | { kind: "power"; gamma: number }
  | { kind: "twoslope"; center: number }
  // Any other: the 257 values where the entries of the table begin, and the last one ends.
  | { kind: "edges"; edges: readonly number[] }
  // The same, where values are sorted into classes: where those begin, and the last one ends.
  | { kind: "edges"; edges: readonly number[]; boundaries: readonly number[] }
  // The value is the entry.
  | { kind: "categories" };

export type Limits = readonly [low: number, high: number, least?: number, most?: number];

/** The range of values that the colours span, and how values map onto it. */
export interface Scale {
  low: number;
  high: number;
  /** The least and the largest value within, where those that stand for a limit lie beyond it. */
  least?: number | undefined;
  most?: number | undefined;
  norm: Norm;
}

/** The scale that a heatmap's limits and norm come to. */
export function scaleOf({ limits, norm }: { limits: Limits; norm: Norm }): Scale {
  const [low, high, least, most] = limits;
  return { low, high, least, most, norm };
}

type Curve = (value: number) => number;

/** Where each value lies in a scale, 0…1; in the middle where the limits leave no range. */
export function positionIn({ low, high, norm }: Scale): Curve {
  if (norm.kind === "categories") return (value) => (value + 0.5) / 256;
  if (!(low < high)) return (value) => (value < low ? 0 : value > high ? 1 : 0.5);
  const curve = curveOf(norm, low, high);
  return (value) => (value <= low ? 0 : value >= high ? 1 : Math.max(0, Math.min(1, curve(value))));
}

function curveOf(norm: Exclude<Norm, { kind: "categories" }>, low: number, high: number): Curve {
  const straight = between(low, high);
  switch (norm.kind) {
    case "linear":
      return straight;
    case "log":
      return bent((value) => Math.log10(value), low, high);
    case "symlog":
      return bent(symlog(norm.linthresh), low, high);
    case "power":
      return (value) => Math.max(0, straight(value)) ** norm.gamma;
    case "twoslope": {
      const below = between(low, norm.center);
      const above = between(norm.center, high);
      return (value) => (value < norm.center ? below(value) / 2 : 0.5 + above(value) / 2);
    }
    case "edges":
      return (value) => along(norm.edges, value);
  }
}

function between(low: number, high: number): Curve {
  // Limits at both ends of float64; halved anywhere else, the tiniest would underflow.
  return high - low === Number.POSITIVE_INFINITY
    ? (value) => (value / 2 - low / 2) / (high / 2 - low / 2)
    : (value) => (value - low) / (high - low);
}

function bent(curve: Curve, low: number, high: number): Curve {
  const [first, last] = [curve(low), curve(high)];
  // So near to each other that the curve cannot tell them apart: it is straight there.
  return first < last ? (value) => (curve(value) - first) / (last - first) : between(low, high);
}

function symlog(linthresh: number): Curve {
  const linear = 10 / 9;
  const start = Math.log10(linthresh);
  return (value) => {
    const size = Math.abs(value);
    if (size <= linthresh) return (value / linthresh) * linear;
    return Math.sign(value) * (linear + Math.log10(size) - start);
  };
}

function along(edges: readonly number[], value: number): number {
  let entry = 0;
  for (let step = 128; step > 0; step >>= 1) {
    if ((edges[entry + step] as number) <= value) entry += step;
  }
  const [first, last] = [edges[entry] as number, edges[entry + 1] as number];
  // Below the next edge it is another entry, however near.
  const part = Math.min(between(first, last)(value), 1 - 2 ** -44);
  return value < last ? (entry + part) / 256 : 1;
}
