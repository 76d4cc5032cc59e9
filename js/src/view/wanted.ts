// When a view is to be there. Of a hundred that come together, those that are seen wait for no other:
// one out of sight comes once it is in sight, or once the page has nothing else to do.
import { likelyHeight } from "./room";
import type { Shown } from "./shown";

/** How long one that nobody sees waits where the page does not say that it is idle, as Safari. */
const UNSEEN_MS = 300;

/** Whether the page has made a view and not rested since. */
let busy = false;

/** Calls once, and until then keeps room in the element; returns the way to call it off. */
export function whenWanted(el: HTMLElement, shown: Shown, wanted: () => void): () => void {
  // One that comes alone is not asked where it stands: the page would be laid out once more for it.
  if (!busy || !el.isConnected || isInSight(el, shown)) {
    wanted();
    if (!busy) whenIdle(() => (busy = false));
    busy = true;
    return () => {};
  }
  const space = document.createElement("div");
  space.style.height = `${likelyHeight(shown)}px`;
  el.append(space);
  const stop = () => {
    sight.disconnect();
    cancelIdle();
    space.remove();
  };
  const come = () => {
    stop();
    wanted();
  };
  const sight = new IntersectionObserver((entries) => {
    if (entries.at(-1)?.isIntersecting) come();
  });
  sight.observe(space);
  const cancelIdle = whenIdle(come);
  return stop;
}

/** Asked at once: an observer would tell with the first frame, and that would be drawn without. */
function isInSight(el: HTMLElement, shown: Shown): boolean {
  const { top } = el.getBoundingClientRect();
  return top < innerHeight && (top >= 0 || top + likelyHeight(shown) > 0);
}

function whenIdle(then: () => void): () => void {
  if (!("requestIdleCallback" in globalThis)) {
    const timer = setTimeout(then, UNSEEN_MS);
    return () => clearTimeout(timer);
  }
  const waiting = requestIdleCallback(then);
  return () => cancelIdleCallback(waiting);
}
