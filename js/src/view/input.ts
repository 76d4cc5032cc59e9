// From DOM events to gestures: what the pointer, the keys and the clipboard do to the picture.

import type { Spot, Target } from "../layout/place";
import type { Modifier } from "../wire";
import { listen, type Nodes } from "./dom";
import {
  cancel,
  drag,
  type GestureState,
  key,
  type Outcome,
  press,
  release,
  type Scene,
} from "./gesture";
import { keepKeys, modifiersOf } from "./keys";

/** What the view lets input see and do. */
export interface Receiver {
  /** What is at a point of the picture, and the cell that is nearest to it. */
  targetAt(x: number, y: number): Target;
  nearest(x: number, y: number): Spot;
  scene(): Scene;
  gesture(): GestureState;
  obey(outcome: Outcome): void;
  /** The pointer is over something, or over nothing, at a point of the picture. */
  point(target: Target, at: readonly [x: number, y: number]): void;
  /** Keys are in use, or the pointer is again: only keys show where the focus is. */
  useKeys(on: boolean): void;
  /** Whether a key is a tool's; does what it is for. */
  tool(key: string, modifiers: readonly Modifier[]): boolean;
  /** The pointer moves over the picture, or the focus comes to it, or keys are pressed there. */
  near(): void;
  /** The selection as Python, empty without one. */
  asPython(): string;
}

export function receive({ root, picture, copy }: Nodes, view: Receiver): void {
  for (const sign of ["pointermove", "focusin", "keydown"] as const) {
    listen(root, sign, view.near);
  }

  listen(picture, "pointerdown", (event) => {
    if (event.button !== 0 || event.target === copy) return;
    const target = view.targetAt(...pointOf(picture, event));
    if (!target) return;
    view.useKeys(false);
    // A finger that moves scrolls the page, so it drags no rectangle.
    if (event.pointerType !== "touch") picture.setPointerCapture(event.pointerId);
    view.obey(press(view.gesture(), target, modifiersOf(event), view.scene()));
  });

  listen(picture, "pointermove", (event) => {
    const point = pointOf(picture, event);
    if (view.gesture().drag && event.pointerType !== "touch") {
      view.obey(drag(view.gesture(), view.nearest(...point), view.scene()));
    }
    const target = event.target === copy ? null : view.targetAt(...point);
    picture.style.cursor = target && target.part !== "cell" ? "pointer" : "";
    view.point(target, point);
  });

  listen(picture, "pointerup", (event) => {
    if (event.button === 0 && view.gesture().drag) view.obey(release(view.gesture(), view.scene()));
  });

  listen(picture, "pointercancel", () => view.obey(cancel(view.gesture())));

  listen(picture, "pointerleave", (event) => view.point(null, pointOf(picture, event)));

  keepKeys(picture);
  listen(picture, "keydown", (event) => {
    if (event.target !== picture) return;
    const modifiers = modifiersOf(event);
    const outcome = key(view.gesture(), event.key, modifiers, view.scene());
    if (!outcome && !view.tool(event.key, modifiers)) return;
    event.preventDefault();
    event.stopPropagation();
    if (!outcome) return;
    view.useKeys(true);
    view.obey(outcome);
  });

  listen(picture, "blur", () => view.useKeys(false));

  listen(picture, "copy", (event) => {
    const text = view.asPython();
    if (!text) return;
    event.clipboardData?.setData("text/plain", text);
    event.preventDefault();
    event.stopPropagation();
  });

  const offer = copy.textContent;
  listen(copy, "click", async () => {
    try {
      await navigator.clipboard.writeText(view.asPython());
    } catch {
      // No permission, or no secure context: the older way needs neither.
      picture.focus();
      document.execCommand("copy");
    }
    copy.textContent = "copied";
    setTimeout(() => {
      copy.textContent = offer;
    }, 1200);
  });
}

function pointOf(picture: HTMLElement, event: PointerEvent): [number, number] {
  const box = picture.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}
