// The entry that a notebook host calls (the AFM contract); the only file that knows a host.

import { type HostModel, Model } from "./model/model";
import { bringStyle } from "./style";
import { createHeatmap } from "./view/heatmap";

interface RenderContext {
  model: HostModel;
  el: HTMLElement;
}

// A host calls this function once for each widget, so what it closes over is one widget's own.
export default () => {
  let shared: { host: HostModel; model: Model; views: number } | null = null;

  return {
    render({ model: host, el }: RenderContext) {
      shared ??= { host, model: new Model(host), views: 0 };
      const { model } = shared;
      shared.views++;
      bringStyle(el);
      const view = createHeatmap(el, model);
      const unsubscribe = model.subscribe((...change) => view.show(...change));
      return () => {
        unsubscribe();
        view.destroy();
        if (shared && --shared.views === 0) {
          model.destroy();
          shared = null;
        }
      };
    },
  };
};
