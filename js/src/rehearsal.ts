// A first view that nobody sees. Code that runs for the first time takes several times as long, and
// the first picture of a page would wait for it; while the kernel draws the picture for the file,
// and before anybody displays what a cell has made, the page has nothing to do.
import { join } from "./joined";
import { type HostModel, Model } from "./model/model";

/** As wide as a cell's output is; it is painted nowhere, and nothing around it moves. */
const STAGE =
  "position:fixed;inset:0 auto auto 0;width:900px;height:900px;visibility:hidden;contain:strict";

/** Once in a page, and not once there is something real to see. */
let done = false;
let finish: (() => void) | null = null;

/** Rehearses with the first widget of a page as soon as that has nothing to do. */
export function rehearse(host: HostModel): void {
  // Safari does not say when a page has nothing to do.
  if (done || !("requestIdleCallback" in globalThis)) return;
  done = true;
  const waiting = requestIdleCallback(() => {
    if (document.visibilityState === "visible") finish = perform(host);
  });
  finish = () => cancelIdleCallback(waiting);
}

/** Whatever is left of it makes way for a real view. */
export function endRehearsal(): void {
  done = true;
  finish?.();
  finish = null;
}

function perform(host: HostModel): () => void {
  const stage = document.createElement("div");
  stage.inert = true;
  stage.style.cssText = STAGE;
  document.body.append(stage);
  // Nobody else hears of it: it says nothing to the kernel, and is linked with nobody.
  const alone: Record<string, unknown> = { _links: [], _row: false };
  const model = new Model({ get: (trait) => alone[trait] ?? host.get(trait), on() {}, off() {} });
  const leave = join(stage, model);
  // It draws most of itself once it has been given room, at the end of a frame; then it zooms.
  let frame = afterFrame(() => {
    if (!stage.isConnected) return;
    const picture = stage.querySelector(".layergrid-picture");
    picture?.dispatchEvent(new KeyboardEvent("keydown", { key: "+" }));
    frame = afterFrame(endRehearsal);
  });
  return () => {
    cancelAnimationFrame(frame);
    leave();
    model.destroy();
    stage.remove();
  };
}

const afterFrame = (then: () => void) => requestAnimationFrame(() => setTimeout(then));
