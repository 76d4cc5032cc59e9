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
  sightOfAll,
  sightWith,
  zoomedAbout,
} from "../layout/window";
import type { Modifier } from "../wire";
import { listen, type Nodes } from "./dom";

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

export function createZoom({ picture, cells }: Nodes, view: Zoomable): Zoom {
  let sight: Sight = { level: 1, rows: [0, 0], columns: [0, 0] };
  /** The cell that a mouse has got hold of, and where. */
  let held: { cell: Point; x: number; y: number; moved: boolean } | null = null;
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

  const isWithin = ({ rows, columns }: Layout, [y, x]: Point) =>
    y >= 0 && x >= 0 && y < rows.pixels && x < columns.pixels;

  function all(): void {
    const whole = view.whole();
    if (whole) look(sightOfAll(whole));
  }

  // Not passive: a browser zooms the page otherwise. A plain wheel is the page's own.
  const active = { passive: false };
  const onWheel = (event: WheelEvent) => {
    const whole = zoomable();
    if (!whole || !(event.ctrlKey || event.metaKey)) return;
    const at = pointOf(whole, event);
    if (!isWithin(whole, at)) return;
    event.preventDefault();
    const by = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : NOTCH);
    const factor = Math.exp(-Math.max(-NOTCH, Math.min(NOTCH, by)) / 100);
    look(zoomedAbout(whole, sight, factor, at));
  };
  picture.addEventListener("wheel", onWheel, active);

  // The two clicks have picked the cell by now; with other keys they have picked more.
  listen(picture, "dblclick", (event) => {
    const whole = zoomable();
    if (!whole || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const at = pointOf(whole, event);
    if (!isWithin(whole, at)) return;
    if (event.altKey || sight.level >= mostLevel(whole)) all();
    else look(zoomedAbout(whole, sight, LEAP, at));
  });

  // ── the mouse takes hold of the cells: with alt, or with its middle button ──
  // Heard before gestures are, so that what moves the cells picks none.

  function take(event: PointerEvent): void {
    const whole = view.whole();
    const takes = event.button === 1 || (event.button === 0 && event.altKey);
    if (!whole || !takes || event.pointerType === "touch" || isAll(whole, sight)) return;
    const at = pointOf(whole, event);
    if (!isWithin(whole, at)) return;
    picture.setPointerCapture(event.pointerId);
    const { clientX: x, clientY: y } = event;
    held = { cell: placeUnder(whole, sight, at), x, y, moved: false };
  }

  function move(event: PointerEvent): void {
    const whole = view.whole();
    if (!held || !whole) return;
    event.stopImmediatePropagation();
    if (!held.moved) {
      if (Math.hypot(event.clientX - held.x, event.clientY - held.y) < STILL) return;
      held.moved = true;
      picture.style.cursor = "grabbing";
      view.cancel();
    }
    look(sightWith(whole, sight.level, held.cell, pointOf(whole, event)));
  }

  function leave(event: PointerEvent): void {
    if (held?.moved) {
      event.stopImmediatePropagation();
      picture.style.cursor = "";
    }
    held = null;
  }

  picture.addEventListener("pointerdown", take, true);
  picture.addEventListener("pointermove", move, true);
  picture.addEventListener("pointerup", leave, true);
  picture.addEventListener("pointercancel", leave, true);
  // Or the middle button scrolls the page.
  listen(picture, "mousedown", (event) => {
    if (held && event.button === 1) event.preventDefault();
  });

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

    fit(whole, again) {
      sight = again ? sightOfAll(whole) : fitted(whole, sight);
      return sight;
    },

    all,

    show: (spot) => look(showing(sight, spot)),

    centre(cell) {
      const whole = view.whole();
      if (whole) look(centredOn(whole, sight, cell));
    },

    key(name, modifiers) {
      const whole = zoomable();
      const factor = { "+": STEP, "=": STEP, "-": 1 / STEP, "0": 0 }[name];
      if (!whole || factor === undefined || modifiers.some((key) => key !== "shift")) return false;
      if (factor === 0) all();
      else look(zoomedAbout(whole, sight, factor, view.focus() ?? middleOf(whole)));
      return true;
    },
  };
}
