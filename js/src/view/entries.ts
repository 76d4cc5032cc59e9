// The legend as buttons: a swatch, a name and a count each. A click picks the cells.

import { makeSwatch } from "../paint/swatch";
import { type Entry, MOST_RUNS } from "../values/legend";
import { formatValue } from "../values/numerals";
import { button, html, type Nodes, setBox } from "./dom";
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
  const box = html("div", "legend", { role: "group", "aria-label": "Legend" });
  const buttons = new Map<number, HTMLButtonElement>();
  keepKeys(box);
  picture.after(box);

  function make(code: number): HTMLButtonElement {
    const made = button("entry", {}, html("span", ""), html("span", ""), html("span", ""));
    buttons.set(code, made);
    return made;
  }

  return {
    draw(drawn, anew) {
      const { place, shown, legend } = drawn;
      const at = place.legend;
      box.hidden = !at;
      if (!at) return;
      if (anew) {
        // What is free round an entry, for its focus, is outside of the box.
        setBox(box, at.x - 3, at.y, at.w + 6, at.h);
        box.toggleAttribute("data-stacked", at.stacked);
      }
      const there = legend.filter(({ code, count }) => count > 0 || code < 256);
      const gone = new Map(buttons);
      for (const { code } of there) gone.delete(code);
      for (const [code, old] of gone) {
        old.remove();
        buttons.delete(code);
      }
      there.forEach((entry, k) => {
        const known = buttons.get(entry.code);
        const node = known ?? make(entry.code);
        const [swatch, name, count] = node.children as unknown as HTMLElement[];
        if (!swatch || !name || !count) return;
        // They keep their order, so that those which stay never move, nor lose the focus.
        if (!known) box.insertBefore(node, box.children[k] ?? null);
        if (!known || anew) {
          swatch.replaceWith(makeSwatch(drawn, entry.code, () => getComputedStyle(root)));
        }
        const scattered = entry.runs > MOST_RUNS;
        name.textContent = at.names[legend.indexOf(entry)] ?? entry.name;
        count.textContent = (entry.about ? "≈ " : "") + formatValue(entry.count, true);
        node.disabled = shown.click === "none" || entry.count === 0 || scattered;
        const why = shown.overview
          ? "its cells are not known here"
          : "too scattered to pick at once";
        node.title = scattered ? why : entry.name;
        node.ariaLabel = `${entry.name}: ${count.textContent}`;
        node.onclick = ({ ctrlKey, metaKey }) => pick(entry, ctrlKey || metaKey);
      });
    },
  };
}
