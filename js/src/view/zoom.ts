// From the wheel, fingers, the mouse and keys to the part of the cells that is looked at.
import type { Layout } from "../layout/layout";
import type { Spot } from "../layout/place";
import {
  centredOn,
  fitted,
  isAll,
  middleOf,
  mostLevel,
  type Point,
  placeUnder,
  type Sight,
  showing,
  sightWith,
  zoomedAbout,
} from "../layout/window";
import type { Modifier } from "../wire";
import { listen, type Nodes } from "./dom";
import { toggles } from "./gesture";
import { modifiersOf } from "./keys";

/** What the zoom finds out, and what it asks for. */
export interface Zoomable {
  /** Everything when all cells are in sight, null while nothing is shown. */
  whole(): Layout | null;
  /** The middle of the focused cell in the cells' box, if it is in sight. */
  focus(): Point | null;
  /** What was begun is no pick after all. */
  cancel(): void;
  /** Other cells are looked at. */
  moved(): void;
}

export interface Zoom {
  sight(): Sight;
  /** Keeps to the same part of the cells in another layout, or goes back to all. */
  fit(whole: Layout, all: boolean): Sight;
  all(): void;
  show(spot: Spot): void;
  centre(cell: Point): void;
  /** Whether a key means something here; does it. */
  key(name: string, modifiers: readonly Modifier[]): boolean;
}

/** How much a double click and a key zoom. */
const LEAP = 3;
const STEP = 1.5;
/** What one event of a wheel says at most: a notch says 100 or 120, and a pinch very little. */
const NOTCH = 25;
/** The pointer that moves less is held still, CSS pixels. */
const STILL = 3;

interface Held {
  whole: Layout;
  cell: Point;
  x: number;
  y: number;
  moved: boolean;
}

export function createZoom({ picture, cells }: Nodes, view: Zoomable): Zoom {
  let sight: Sight = { level: 1, rows: [0, 0], columns: [0, 0] };
  /** The cell that a mouse has got hold of, and where. */
  let held: Held | null = null;
  let pinched: { cell: Point; level: number; apart: number } | null = null;

  function look(next: Sight): void {
    const same = JSON.stringify(next) === JSON.stringify(sight);
    sight = next;
    if (!same) view.moved();
  }

  /** The layout, where there is anything to zoom. */
  function zoomable(): Layout | null {
    const whole = view.whole();
    return whole && mostLevel(whole) > 1 ? whole : null;
  }

  function pointOf({ ratio }: Layout, { clientX, clientY }: { clientX: number; clientY: number }) {
    const box = cells.getBoundingClientRect();
    return [(clientY - box.top) * ratio, (clientX - box.left) * ratio] as const;
  }

  /** Where among the cells an event is, if there is anything to zoom. */
  function placeOf(event: MouseEvent): { whole: Layout; at: Point } | null {
    const whole = zoomable();
    if (!whole) return null;
    const { rows, columns } = whole;
    const at = pointOf(whole, event);
    const [y, x] = at;
    return y >= 0 && x >= 0 && y < rows.pixels && x < columns.pixels ? { whole, at } : null;
  }

  function zoom(factor: number): void {
    const whole = zoomable();
    if (whole) look(zoomedAbout(whole, sight, factor, view.focus() ?? middleOf(whole)));
  }

  // Not passive: a browser zooms the page otherwise. A plain wheel is the page's own.
  const active = { passive: false };
  const onWheel = (event: WheelEvent) => {
    const place = toggles(modifiersOf(event)) ? placeOf(event) : null;
    if (!place) return;
    event.preventDefault();
    const by = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : NOTCH);
    const factor = Math.exp(-Math.max(-NOTCH, Math.min(NOTCH, by)) / 100);
    look(zoomedAbout(place.whole, sight, factor, place.at));
  };
  picture.addEventListener("wheel", onWheel, active);

  // The two clicks have picked the cell by now; with other keys they have picked more.
  listen(picture, "dblclick", (event) => {
    const place = modifiersOf(event).length > 0 ? null : placeOf(event);
    if (!place) return;
    const back = sight.level >= mostLevel(place.whole);
    look(zoomedAbout(place.whole, sight, back ? 0 : LEAP, place.at));
  });

  // ── with alt, the mouse takes hold of the cells ──
  // Heard before gestures are, so that what moves the cells picks none.

  function take(event: PointerEvent): void {
    const place = event.button === 0 && event.altKey ? placeOf(event) : null;
    if (!place || isAll(place.whole, sight)) return;
    const { clientX: x, clientY: y } = event;
    held = { ...place, cell: placeUnder(place.whole, sight, place.at), x, y, moved: false };
  }

  function move(event: PointerEvent): void {
    if (!held) return;
    event.stopImmediatePropagation();
    const { whole, cell, x, y } = held;
    if (!held.moved) {
      if (Math.hypot(event.clientX - x, event.clientY - y) < STILL) return;
      held.moved = true;
      picture.style.cursor = "grabbing";
      view.cancel();
    }
    look(sightWith(whole, sight.level, cell, pointOf(whole, event)));
  }

  function leave(event: PointerEvent): void {
    if (held?.moved) event.stopImmediatePropagation();
    held = null;
  }

  picture.addEventListener("pointerdown", take, true);
  picture.addEventListener("pointermove", move, true);
  for (const type of ["pointerup", "pointercancel"] as const)
    picture.addEventListener(type, leave, true);

  // ── two fingers; one scrolls the page ──

  function pinch(event: TouchEvent): void {
    const whole = zoomable();
    const [a, b] = event.targetTouches;
    if (!a || !b || !whole) {
      pinched = null;
      return;
    }
    event.preventDefault();
    const at = pointOf(whole, {
      clientX: (a.clientX + b.clientX) / 2,
      clientY: (a.clientY + b.clientY) / 2,
    });
    const apart = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) || 1;
    if (pinched) {
      look(sightWith(whole, (pinched.level * apart) / pinched.apart, pinched.cell, at));
    } else {
      view.cancel();
      pinched = { cell: placeUnder(whole, sight, at), level: sight.level, apart };
    }
  }
  for (const type of ["touchstart", "touchmove", "touchend", "touchcancel"] as const)
    picture.addEventListener(type, pinch, active);

  return {
    sight: () => sight,

    fit(whole, all) {
      sight = fitted(whole, all ? { ...sight, level: 1 } : sight);
      return sight;
    },

    all: () => zoom(0),
    show: (spot) => look(showing(sight, spot)),

    centre(cell) {
      const whole = zoomable();
      if (whole) look(centredOn(whole, sight, cell));
    },

    key(name, modifiers) {
      const factor = { "+": STEP, "=": STEP, "-": 1 / STEP, "0": 0 }[name];
      if (factor === undefined || modifiers.some((key) => key !== "shift")) return false;
      zoom(factor);
      return zoomable() !== null;
    },
  };
}
