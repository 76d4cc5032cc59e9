// Labels where their cells are. Pure.
import { type Axis, centre, inSight } from "./axes";
import { type Header, shorten, strideOf, thin } from "./labels";
import type { Measure } from "./sizes";

/** What the labels of one side are chosen from, whichever cells are in sight. */
export interface Labelling {
  /** Of all cells: in full, and where they are too long without what all begin or end with. */
  full: readonly string[];
  texts: readonly string[];
  /** How much of the axis a label takes, and how long it may be. */
  size: number;
  room: number;
  /** Whether they go up one by one, so that those left out can be told from those that stand. */
  counts: boolean;
}

export interface PlacedLabel {
  index: number;
  /** Centre along the axis, CSS pixels from the edge of the cells' box. */
  at: number;
  text: string;
  shortened: boolean;
}

export function placeLabels(
  axis: Axis,
  ratio: number,
  { full, texts, size, room, counts }: Labelling,
  measure: Measure,
): PlacedLabel[] {
  const { count, pixels, first, beyond } = axis;
  const pitch = axis.pitch / ratio;
  const all = beyond - first === count;
  const shown = all
    ? thin(count, pitch, size, counts)
    : // The same ones however the window moves.
      multiples(strideOf(count, Math.floor(pixels / axis.pitch), pitch, size, counts), axis);
  return shown.map((index) => {
    const text = shorten(texts[index] ?? "", room, measure);
    return { index, at: centre(axis, index) / ratio, text, shortened: text !== full[index] };
  });
}

/** Every nth cell of those that are in sight by half or more. */
function multiples(stride: number, axis: Axis): number[] {
  const found: number[] = [];
  for (let k = Math.ceil(axis.first / stride) * stride; k < axis.beyond; k += stride) {
    const at = centre(axis, k);
    if (at >= 0 && at <= axis.pixels) found.push(k);
  }
  return found;
}

/** The groups that are in sight, their names as short as their room. */
export function placeGroups(axis: Axis, ratio: number, head: Header, measure: Measure): Header {
  const groups = head.groups
    .filter(({ first, last }) => last >= axis.first && first < axis.beyond)
    .map((group) => {
      const [from, to] = inSight(axis, group.first, group.last);
      return { ...group, name: shorten(group.name, (to - from) / ratio, measure) };
    });
  return { ...head, groups };
}
