// The legend as buttons: a swatch, a name and a count each. A click picks the cells.

import { makeSwatch } from "../paint/swatch";
import { type Entry, MOST_RUNS } from "../values/legend";
import { formatValue } from "../values/numerals";
import { html, type Nodes, setBox } from "./dom";
import type { Drawn } from "./drawn";
import { keepKeys } from "./keys";

export interface LegendView {
  /** Draws the entries; their swatches again only where `anew` says so. */
  draw(drawn: Drawn, anew: boolean): void;
}

/** `pick` is called with what was clicked, and whether that toggles. */
export function createLegend(
  { root, picture }: Nodes,
  pick: (entry: Entry, toggles: boolean) => void,
): LegendView {
  const node = html("div", "legend", { role: "group", "aria-label": "Legend" });
  const buttons = new Map<number, HTMLButtonElement>();
  keepKeys(node);
  picture.after(node);

  function make(code: number): HTMLButtonElement {
    const button = html("button", "entry", { type: "button" });
    button.append(html("span", ""), html("span", ""), html("span", ""));
    buttons.set(code, button);
    return button;
  }

  return {
    draw(drawn, anew) {
      const { place, shown, legend } = drawn;
      const { legend: box } = place;
      node.hidden = !box;
      if (!box) return;
      if (anew) {
        // What is free round an entry, for its focus, is outside of the box.
        setBox(node, box.x - 3, box.y, box.w + 6, box.h);
        node.toggleAttribute("data-stacked", box.stacked);
      }
      const there = legend.filter(({ code, count }) => count > 0 || code < 256);
      const gone = new Map(buttons);
      for (const { code } of there) gone.delete(code);
      for (const [code, button] of gone) {
        button.remove();
        buttons.delete(code);
      }
      there.forEach((entry, k) => {
        const known = buttons.get(entry.code);
        const button = known ?? make(entry.code);
        const [swatch, name, count] = button.children as unknown as HTMLElement[];
        if (!swatch || !name || !count) return;
        // They keep their order, so that those which stay never move, nor lose the focus.
        if (!known) node.insertBefore(button, node.children[k] ?? null);
        if (!known || anew) {
          swatch.replaceWith(makeSwatch(drawn, entry.code, () => getComputedStyle(root)));
        }
        const scattered = entry.runs > MOST_RUNS;
        name.textContent = box.names[legend.indexOf(entry)] ?? entry.name;
        count.textContent = formatValue(entry.count, true);
        button.disabled = shown.click === "none" || entry.count === 0 || scattered;
        button.title = scattered ? "too scattered to pick at once" : entry.name;
        button.ariaLabel = `${entry.name}: ${count.textContent}`;
        button.onclick = ({ ctrlKey, metaKey }) => pick(entry, ctrlKey || metaKey);
      });
    },
  };
}
