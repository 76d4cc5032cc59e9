// The panel that opens under the tools of a view: for search, sort, help.
import { html, listen, setPlace } from "../view/dom";
import { keepKeys } from "../view/keys";

export interface Panel {
  node: HTMLElement;
  /** Opens with other content; `first` takes the focus. */
  open(content: readonly Node[], first: HTMLElement): void;
  /** Stands under its anchor, within the page, after what it holds has grown. */
  place(): void;
}

/**
 * `back` takes the focus out of the panel, and a panel that has lost the focus closes; `closed`
 * hears of it.
 */
export function createPanel(anchor: HTMLElement, back: () => void, closed: () => void): Panel {
  // In the top layer, since the output area of a notebook cuts off what reaches out of it.
  const node = html("div", "panel", { popover: "manual", tabindex: -1, hidden: "" });
  // It would stand still while the page moves under it.
  const onScroll = ({ target }: Event) => {
    if (!(target instanceof Node && node.contains(target))) back();
  };

  function place(): void {
    const { right, bottom } = anchor.getBoundingClientRect();
    const x = Math.max(4, right - node.offsetWidth);
    const y = Math.max(4, Math.min(bottom + 2, innerHeight - node.offsetHeight - 4));
    setPlace(node, x, y);
  }

  listen(node, "focusout", ({ relatedTarget }) => {
    if (node.hidden || node.contains(relatedTarget as Node | null)) return;
    node.hidden = true;
    node.hidePopover?.();
    removeEventListener("scroll", onScroll, true);
    removeEventListener("resize", back);
    closed();
  });
  keepKeys(node);
  listen(node, "keydown", (event) => {
    if (event.key === "Escape") back();
  });

  return {
    node,
    place,
    open(content, first) {
      node.replaceChildren(...content);
      node.hidden = false;
      node.showPopover?.();
      place();
      first.focus({ preventScroll: true });
      addEventListener("scroll", onScroll, true);
      addEventListener("resize", back);
    },
  };
}
