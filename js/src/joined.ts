// A view of a model, in an element.
import type { Model } from "./model/model";
import { bringStyle } from "./style";
import { createHeatmap } from "./view/heatmap";
import { whenWanted } from "./view/wanted";

/** Shows a model from now on; returns the way to stop it. */
export function join(el: HTMLElement, model: Model): () => void {
  bringStyle(el);
  const view = createHeatmap(el, model);
  const unsubscribe = model.subscribe((...change) => view.show(...change));
  return () => {
    unsubscribe();
    view.destroy();
  };
}

/** Shows it where somebody sees it; elsewhere there is room for it until the page has time. */
export function joinInTurn(el: HTMLElement, model: Model): () => void {
  let leave = () => {};
  const stopWaiting = whenWanted(el, model.shown, () => {
    leave = join(el, model);
  });
  return () => {
    stopWaiting();
    leave();
  };
}
