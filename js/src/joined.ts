// A view of a model, in an element.
import type { Model } from "./model/model";
import { bringStyle } from "./style";
import { createHeatmap } from "./view/heatmap";

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
