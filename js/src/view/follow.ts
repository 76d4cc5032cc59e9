// What the page does to a view: it gives it room, zooms it, changes its theme.
import { isShared } from "./beside";
import { type Theme, watchTheme } from "./theme";

export interface Follower {
  /** `holder` is the element whose width is there to be filled; around the root, it has others. */
  resized(width: number, holder: HTMLElement): void;
  zoomed(): void;
  themed(theme: Theme): void;
  seen(visible: boolean): void;
}

/** Tells of every change from now on; returns the way to stop it. */
export function follow(root: HTMLElement, inRow: () => boolean, view: Follower): () => void {
  let holder = root;
  const observer = new ResizeObserver(() => {
    if (holder === root) holder = holderOf(root, inRow());
    observer.observe(holder);
    // Lab shows cells lazily and hides them again: width 0 means not now, never how wide to be.
    if (holder.clientWidth > 0) view.resized(holder.clientWidth, holder);
  });
  observer.observe(root);

  let zoom: MediaQueryList;
  const watchZoom = () => {
    zoom = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    zoom.addEventListener("change", onZoom, { once: true });
  };
  const onZoom = () => {
    watchZoom();
    view.zoomed();
  };
  watchZoom();

  let within = false;
  const tellSeen = () => view.seen(within && document.visibilityState === "visible");
  const sight = new IntersectionObserver((entries) => {
    within = entries.at(-1)?.isIntersecting === true;
    tellSeen();
  });
  sight.observe(root);
  document.addEventListener("visibilitychange", tellSeen);

  const stopTheme = watchTheme((theme) => view.themed(theme));
  return () => {
    observer.disconnect();
    sight.disconnect();
    document.removeEventListener("visibilitychange", tellSeen);
    view.seen(false);
    zoom.removeEventListener("change", onZoom);
    stopTheme();
  };
}

function holderOf(root: HTMLElement, inRow: boolean): HTMLElement {
  const host = root.parentElement;
  const box = host?.parentElement;
  if (box && (inRow || isShared(box))) return box;
  let holder = root;
  // Shown, and yet without a width: it is asked how wide it would be, as children of a box are.
  if (root.getClientRects().length > 0) {
    while (holder.clientWidth === 0 && holder.parentElement) holder = holder.parentElement;
  }
  return holder;
}
