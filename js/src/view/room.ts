// The room that the page gives a view, and what stands where in it.
import { widestOf } from "../layout/labels";
import { type Layout, type LayoutInput, layout } from "../layout/layout";
import { sidesOf } from "../layout/order";
import { type Seat, sitDown } from "../layout/row";
import { layoutInRow } from "../layout/seat";
import { FONT } from "../layout/sizes";
import { isAll, type Window } from "../layout/window";
import { layoutThrough } from "../layout/zoomed";
import { arrangementOf, UNSORTED } from "../tools/sorting";
import { scaleOf } from "../values/norms";
import { formatValue } from "../values/numerals";
import { cellTexts } from "../values/texts";
import { cellsIn } from "../wire";
import type { Placeable } from "./plan";
import { longestStep } from "./scrubber";
import type { Shown } from "./shown";

export interface Room {
  /** Whether the page has given any yet. */
  given(): boolean;
  /** The page gives a width within an element; whether that is news. */
  give(width: number, holder: HTMLElement, inRow: boolean): boolean;
  place(now: Placeable): Layout;
  /** What was placed, through a window. */
  through(whole: Layout, window: Window): Layout;
  /** Width that is this view's own, for what lies over the picture. */
  own(place: Layout): number;
  leave(): void;
}

/** Width to paint for before the page has given any: cells rarely depend on it. */
const LIKELY = 900;

const guess = (text: string) => text.length * 7;

/** How high the picture of a state is likely to be, before there is a view of it. */
export function likelyHeight(shown: Shown): number {
  const of = { shown, arrangement: arrangementOf(shown, UNSORTED), legend: [], note: "" };
  return layout(inputOf(of, LIKELY, guess)).height;
}

function inputOf(of: Placeable, room: number, measure: (text: string) => number): LayoutInput {
  const { shown, arrangement, legend, note } = of;
  const { axes, title, label, size } = shown;
  const text = cellTexts(shown);
  return {
    ...sidesOf(arrangement, axes),
    title,
    label,
    scale: scaleOf(shown),
    size,
    room,
    ratio: devicePixelRatio,
    textWidth: text ? Math.min(80, widestOf(text, measure)) : 0,
    legend: legend.map(({ name }) => name),
    total: formatValue(cellsIn(axes), true),
    note,
    steps: longestStep(axes.steps),
    measure,
  };
}

/** `changed` is called when others in its row leave more or less to a view. */
export function createRoom(root: HTMLElement, parent: HTMLElement, changed: () => void): Room {
  const pen = document.createElement("canvas").getContext("2d");
  let room = 0;
  /** Whether all of the room is its own. */
  let fills = true;
  /** Its place among those that it stands in a row with. */
  let seat: Seat | null = null;

  function measurer(): (text: string) => number {
    const { fontFamily } = getComputedStyle(root);
    if (pen) pen.font = `600 ${FONT}px ${fontFamily}`;
    return (text) => pen?.measureText(text).width ?? guess(text);
  }

  const placeInRow = () => [...(parent.parentElement?.children ?? [])].indexOf(parent);

  return {
    given: () => room > 0,

    give(width, holder, inRow) {
      if (width === room) return false;
      room = width;
      fills = holder === root;
      if (inRow) seat ??= sitDown(holder, placeInRow, changed);
      root.toggleAttribute("data-beside", !fills);
      return true;
    },

    place(of) {
      // Without room it is not seen yet: measuring text takes longer than all the rest.
      const input = inputOf(of, room || LIKELY, room > 0 ? measurer() : guess);
      return seat ? layoutInRow(seat, of.shown, input) : layout(input);
    },

    through: (whole, window) =>
      isAll(whole, window) ? whole : layoutThrough(whole, window, measurer()),

    own: (place) => (fills ? Math.max(room, place.width) : place.width),

    leave: () => seat?.leave(),
  };
}
