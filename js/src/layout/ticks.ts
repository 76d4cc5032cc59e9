// Ticks of the colour bar. `src/layergrid/picture/ticks.py` does the same.

import { positionIn, type Scale } from "../values/norms";
import { formatValue, type Tick, ticks } from "../values/numerals";
import { INK } from "./labels";

/** A tick of the colour bar, `at` a part of its length from the low end. */
export interface BarTick extends Tick {
  at: number;
}

/** The bar's ticks: at least two of them, and none over another. */
export function barTicks(
  scale: Scale,
  length: number,
  vertical: boolean,
  measure: (text: string) => number,
): BarTick[] {
  const { low, high, norm } = scale;
  if (norm.kind === "categories") return [];
  const position = positionIn(scale);
  const place = (found: Tick[]) => found.map((tick) => ({ ...tick, at: position(tick.value) }));
  const apart = (before: BarTick, tick: BarTick) => {
    const size = vertical ? INK : (measure(tick.text) + measure(before.text)) / 2;
    return (tick.at - before.at) * length >= size + 4;
  };
  if (!(low < high)) return place(ticks(low, high));
  const usual = Math.max(2, Math.floor(length / 28));
  for (const choice of choices(scale, usual, vertical)) {
    const found = place(choice);
    if (found.length >= 2 && found.slice(1).every((tick, k) => apart(found[k] as BarTick, tick))) {
      return found;
    }
  }
  for (const [rest, first] of rests(scale, usual)) {
    const found = place(rest);
    const kept = found.slice(first, first + 1);
    for (const tick of found.slice(first + 1)) {
      if (apart(kept[kept.length - 1] as BarTick, tick)) kept.push(tick);
    }
    for (const tick of found.slice(0, first).reverse()) {
      if (apart(tick, kept[0] as BarTick)) kept.unshift(tick);
    }
    if (kept.length >= 2) return kept;
  }
  return place(named([low, high]));
}

/** Sets of ticks, from the one that is wanted most. */
function* choices(scale: Scale, usual: number, vertical: boolean): Generator<Tick[]> {
  const { low, high, norm } = scale;
  if (norm.kind === "twoslope" || "boundaries" in norm) return;
  const many = vertical ? usual + 2 : usual;
  if (norm.kind === "log") yield* decades(low, high, low, many);
  if (norm.kind === "symlog") yield* decades(low, high, norm.linthresh, many);
  // Fewer under the cells, where they stand in each other's way; more where none would be round.
  for (let k = 0; k < 4; k++) {
    const most = vertical ? usual + k : usual - k;
    if (most >= 2) yield ticks(low, high, most);
  }
}

/** 1, 2, 5 times the powers of ten where there is room, else every nth power. */
function* decades(low: number, high: number, least: number, most: number): Generator<Tick[]> {
  const top = Math.floor(Math.log10(Math.max(-low, high)) + 1e-9);
  const bottom = Math.ceil(Math.log10(least) - 1e-9);
  const within = (from: number, stride: number, factors: number[]) => {
    const values = [0];
    for (let power = top; power >= from; power -= stride) {
      for (const factor of factors) {
        const size = Number(`${factor}e${power}`);
        if (size >= least) values.push(size, -size);
      }
    }
    return named(values.filter((v) => low <= v && v <= high).sort((a, b) => a - b));
  };
  const fine = within(bottom - 1, 1, [1, 2, 5]);
  if (fine.length >= 3 && fine.length <= most) yield fine;
  for (let stride = 1; stride <= top - bottom + 1; stride++) {
    const found = within(bottom, stride, [1]);
    if (found.length >= 2 && found.length <= most) yield found;
  }
}

/** Ticks to thin out where no set has room, and which of them stays first of all. */
function* rests({ low, high, norm }: Scale, usual: number): Generator<[Tick[], number]> {
  if ("boundaries" in norm) yield [named([...norm.boundaries]), 0];
  else if (norm.kind === "twoslope") {
    const { center } = norm;
    const half = Math.max(2, Math.floor((usual + 1) / 2));
    const values = (from: number, to: number) => ticks(from, to, half).map(({ value }) => value);
    const below = values(low, center);
    yield [named([...below, center, ...values(center, high)]), below.length];
    yield [named([low, center, high]), 1];
  } else if (norm.kind !== "linear") {
    const found = ticks(low, high, usual);
    yield [found, found.length - 1];
  }
}

const named = (values: number[]): Tick[] =>
  values.map((value) => ({ value, text: formatValue(value) }));
