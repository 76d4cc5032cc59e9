// The style of all views, once in each document or shadow root that has any.
import css from "./widget.css";

/** Sees to it that an element that is about to be shown has the style. */
export function bringStyle(el: HTMLElement): void {
  const root = el.getRootNode();
  // What is in no page yet comes into this one.
  const place = root instanceof ShadowRoot ? root : document.head;
  let style = place.querySelector("style[data-layergrid]");
  if (!style) {
    style = document.createElement("style");
    style.setAttribute("data-layergrid", "");
    place.append(style);
  }
  // A style that is set works out a whole page anew, and there may be a hundred heatmaps.
  if (style.textContent !== css) style.textContent = css;
}
