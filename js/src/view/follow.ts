// What the page does to a view: it gives it room, zooms it, changes its theme.
import { type Theme, watchTheme } from "./theme";

export interface Follower {
  resized(width: number): void;
  zoomed(): void;
  themed(theme: Theme): void;
}

/**
 * Tells of every change from now on; returns the way to stop it. `holder` gives the element whose
 * width is the room that there is, once the root has been attached.
 */
export function follow(root: HTMLElement, holder: () => HTMLElement, view: Follower): () => void {
  const observer = new ResizeObserver(() => {
    const { clientWidth } = holder();
    observer.observe(holder());
    // Lab shows cells lazily and hides them again: width 0 means not now, never how wide to be.
    if (clientWidth > 0) view.resized(clientWidth);
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

  const stopTheme = watchTheme((theme) => view.themed(theme));
  return () => {
    observer.disconnect();
    zoom.removeEventListener("change", onZoom);
    stopTheme();
  };
}
