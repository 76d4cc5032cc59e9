// The entry that a notebook host calls (the AFM contract); the only file that knows a host.

import { joinInTurn } from "./joined";
import { type HostModel, Model } from "./model/model";
import { endRehearsal, rehearse } from "./rehearsal";

interface RenderContext {
  model: HostModel;
  el: HTMLElement;
}

// A host calls this function once for each widget, so what it closes over is one widget's own.
export default () => {
  let shared: { host: HostModel; model: Model; views: number } | null = null;

  return {
    initialize({ model }: Pick<RenderContext, "model">) {
      rehearse(model);
    },

    render({ model: host, el }: RenderContext) {
      endRehearsal();
      shared ??= { host, model: new Model(host), views: 0 };
      const { model } = shared;
      shared.views++;
      const leave = joinInTurn(el, model);
      return () => {
        leave();
        if (shared && --shared.views === 0) {
          model.destroy();
          shared = null;
        }
      };
    },
  };
};
