// Which labels stand where: thinning, shortening, the two-level header. Pure. An axis may have a
// hundred thousand labels: what needs all of them is done once, not at each layout.
// `src/layergrid/picture/labels.py` does the same for the picture in the notebook file.
import { once } from "../once";
import type { Label } from "../wire";

/** What of a line must not touch the next: digits and capitals. */
export const INK = 9;

/** What stands along one side of the cells, in the order of the screen. */
export interface Side {
  labels: readonly Label[];
  /** What the axis is called, "" where its labels say it. */
  title: string;
  /** Not in the given order: what stands next to each other need not belong together. */
  sorted: boolean;
}

/** Labels that share what stands before the first dot, next to each other. */
export interface Group {
  name: string;
  first: number;
  last: number;
}

export interface Header {
  groups: Group[];
  /** What is left of each label under its group's name. */
  short: readonly string[];
  /** Labels that have a small gap before their cells. */
  breaks: number[];
}

/** All labels as they are shown. */
export const textsOf = once((labels: readonly Label[]): readonly string[] => labels.map(labelText));

/** A label as it is shown: what Python prints for it. */
export function labelText(label: Label): string {
  if (typeof label === "boolean") return label ? "True" : "False";
  return String(label);
}

export function headerOf({ labels, sorted }: Side): Header {
  return sorted ? { groups: [], short: textsOf(labels), breaks: [] } : header(labels);
}

export const header = once((labels: readonly Label[]): Header => {
  const prefixes = labels.map((label) => {
    const dot = typeof label === "string" ? label.indexOf(".") : -1;
    return dot > 0 ? String(label).slice(0, dot) : "";
  });
  const groups: Group[] = [];
  const breaks: number[] = [];
  for (let first = 0; first < labels.length; ) {
    let last = first;
    while (prefixes[first] && prefixes[last + 1] === prefixes[first]) last++;
    if (last > first) groups.push({ name: prefixes[first] as string, first, last });
    first = last + 1;
  }
  const short = [...textsOf(labels)];
  for (const { name, first, last } of groups) {
    if (first > 0) breaks.push(first);
    if (last + 1 < labels.length) breaks.push(last + 1);
    for (let j = first; j <= last; j++) short[j] = (short[j] as string).slice(name.length + 1);
  }
  return { groups, short, breaks: [...new Set(breaks)] };
});

export const isNumbered = once((labels: readonly Label[]) => labels.every(Number.isInteger));

/** Distance that numbered labels keep where there are many: enough to count by, quiet to see. */
const AIRY = 36;

/**
 * Which of `n` labels to show, `pitch` apart, each `size` long along the axis: every one, or
 * every 2nd, 4th, … (10th, 20th, 50th in long axes), always the first and the last.
 */
export function thin(n: number, pitch: number, size: number, numbered: boolean): number[] {
  const apart = size + 4;
  if (n === 0) return [];
  const stride = strideOf(n, n, pitch, size, numbered);
  const shown: number[] = [];
  for (let k = 0; k < n; k += stride) shown.push(k);
  const last = n - 1;
  const before = shown[shown.length - 1] as number;
  if (before !== last) {
    const distance = (last - before) * pitch;
    if (before > 0 && (distance < apart || last - before < stride / 2)) shown.pop();
    if ((last - (shown[shown.length - 1] as number)) * pitch >= apart) shown.push(last);
  }
  return shown;
}

/** From one label that is shown to the next, of `n` of which there is room for `seen` cells. */
export function strideOf(
  n: number,
  seen: number,
  pitch: number,
  size: number,
  numbered: boolean,
): number {
  const apart = size + 4;
  if (pitch >= apart && (!numbered || seen <= 16)) return 1;
  const wanted = numbered ? Math.max(AIRY, apart) : apart;
  return strides(n).find((s) => s * pitch >= wanted) ?? n;
}

function strides(n: number): number[] {
  if (n <= 64) return [1, 2, 4, 8, 16, 32];
  const found = [1, 2, 5];
  for (let power = 10; power < n; power *= 10) found.push(power, 2 * power, 5 * power);
  return found;
}

/** The text, with its middle left out where it is longer than `room`. */
export function shorten(text: string, room: number, measure: (text: string) => number): string {
  if (measure(text) <= room) return text;
  // By characters, so that none is cut in two.
  const characters = Array.from(text);
  let low = 0;
  let high = Math.max(0, characters.length - 1);
  while (low < high) {
    const keep = Math.ceil((low + high) / 2);
    if (measure(middle(characters, keep)) <= room) low = keep;
    else high = keep - 1;
  }
  return middle(characters, low);
}

/**
 * Labels of one axis that are longer than `room`, without what they all begin with, and end with
 * if that is not enough: it is what differs that tells one from another.
 */
export function distinct(
  texts: readonly string[],
  room: number,
  measure: (text: string) => number,
): readonly string[] {
  if (texts.length < 2 || widestOf(texts, measure) <= room) return texts;
  const [headless, inside] = cuts(texts);
  return widestOf(headless, measure) <= room ? headless : inside;
}

/** Texts without what they all begin with, and without what they all end with either. */
const cuts = once((texts: readonly string[]): [readonly string[], readonly string[]] => {
  const [first = ""] = texts;
  let before = 0;
  while (before < first.length && texts.every((text) => text[before] === first[before])) before++;
  while (before > 0 && !SEPARATOR.test(first[before - 1] as string)) before--;
  let after = 0;
  const fromEnd = (text: string) => text[text.length - 1 - after];
  const most = Math.min(...texts.map((text) => text.length)) - before;
  while (after < most && texts.every((text) => fromEnd(text) === fromEnd(first))) after++;
  while (after > 0 && !SEPARATOR.test(first[first.length - after] as string)) after--;
  const cut = (end: number) =>
    texts.map((text) => {
      const kept = text.slice(before, text.length - end);
      return `${before > 0 ? "…" : ""}${kept}${end > 0 ? "…" : ""}`;
    });
  return [cut(0), cut(after)];
});

const SEPARATOR = /[./_\s-]/;

export function widestOf(texts: readonly string[], measure: (text: string) => number): number {
  return longest(texts).reduce((widest, text) => Math.max(widest, measure(text)), 0);
}

/** The longest few by length: measuring a hundred thousand labels would take longer than drawing. */
const longest = once((texts: readonly string[]): readonly string[] => {
  const found = new Set<string>();
  let length = texts.reduce((most, text) => Math.max(most, text.length), 0);
  for (; length > 0 && found.size < 24; length--) {
    for (const text of texts) if (text.length === length && found.size < 24) found.add(text);
  }
  return [...found];
});

function middle(characters: readonly string[], keep: number): string {
  const head = Math.floor(keep / 2);
  const tail = characters.slice(characters.length - (keep - head));
  return `${characters.slice(0, head).join("")}…${tail.join("")}`;
}
