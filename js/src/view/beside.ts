// What stands beside a heatmap in one box with it: it has some of the width, and hears where the
// cells are, so that it can stand in line with them. `src/layergrid/inspector/` makes such boxes.
import type { Placed } from "../wire";

/** What tells such a box, and says how much width is for others. */
export const BOX = "layergrid-beside";
export const WIDTH = "--layergrid-beside";
/** Where less than this would be left for the heatmap, the others stand below. */
const LEAST = 340;
const TOLD_AFTER_MS = 50;

export const isShared = (holder: Element): boolean => holder.classList.contains(BOX);

/** How much of the width of its box a heatmap has. */
export function ownWidth(holder: Element, width: number): number {
  if (!isShared(holder)) return width;
  const others = Number.parseFloat(getComputedStyle(holder).getPropertyValue(WIDTH)) || 0;
  return width - others < LEAST ? width : width - others;
}

export interface Teller {
  tell(placed: Placed): void;
  stop(): void;
}

/** Tells what is news, once it has stayed for a moment. */
export function createTeller(told: (placed: Placed) => void): Teller {
  let last = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    tell(placed) {
      clearTimeout(timer);
      const text = JSON.stringify(placed);
      if (text === last) return;
      timer = setTimeout(() => {
        last = text;
        told(placed);
      }, TOLD_AFTER_MS);
    },
    stop: () => clearTimeout(timer),
  };
}
