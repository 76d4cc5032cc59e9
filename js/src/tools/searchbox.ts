// The field that finds layers, components and cells as one types.
import { freshId, html, listen, set } from "../view/dom";
import { type Index, type Match, search } from "./search";

/** More than these are not listed: another letter says more than a long list. */
const MOST = 50;

export interface SearchBox {
  content: readonly Node[];
  input: HTMLInputElement;
}

/** `found` hears of the match that is chosen, `grown` whenever the list is another. */
export function searchBox(
  index: Index,
  axisNames: readonly [string, string],
  found: (match: Match) => void,
  grown: () => void,
): SearchBox {
  const input = html("input", "", {
    type: "text",
    role: "combobox",
    "aria-label": "Find a layer, a component or a name",
    "aria-autocomplete": "list",
    "aria-expanded": false,
    placeholder: "layer, component or name",
    autocomplete: "off",
    spellcheck: false,
  });
  const list = html("div", "matches", { role: "listbox", "aria-label": "Matches", id: freshId() });
  set(input, { "aria-controls": list.id });
  let matches: Match[] = [];
  let chosen = 0;

  function look(): void {
    matches = search(input.value, index, MOST);
    list.replaceChildren(...matches.map(option));
    if (matches.length === 0 && input.value.trim()) list.textContent = "nothing is called that";
    set(input, { "aria-expanded": matches.length > 0 });
    choose(0);
    grown();
  }

  function option(match: Match, at: number): HTMLElement {
    const { layer, component } = match;
    const labels = [
      layer === null ? [] : index.layers[layer],
      component === null ? [] : index.components[component],
    ].flat();
    const about =
      layer === null ? axisNames[1] : component === null ? axisNames[0] : nameOf(layer, component);
    const attributes = { role: "option", id: `${list.id}-${at}` };
    const text = labels.join(" · ");
    const node = html("div", "match", attributes, text, html("span", "", {}, about));
    listen(node, "pointermove", () => choose(at));
    // Before the field loses the focus.
    listen(node, "pointerdown", (event) => {
      event.preventDefault();
      found(match);
    });
    return node;
  }

  const nameOf = (layer: number, component: number) =>
    index.names[layer * index.components.length + component] ?? "";

  function choose(at: number): void {
    chosen = Math.max(0, Math.min(matches.length - 1, at));
    for (const [k, node] of [...list.children].entries()) {
      set(node, { "aria-selected": k === chosen });
    }
    const node = list.children[chosen];
    set(input, { "aria-activedescendant": node?.id ?? "" });
    node?.scrollIntoView({ block: "nearest" });
  }

  listen(input, "input", look);
  listen(input, "keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) choose(chosen + step);
    const match = matches[chosen];
    if (event.key === "Enter" && match && !event.isComposing) found(match);
    if (step || event.key === "Enter") event.preventDefault();
  });
  return { content: [html("div", "search", { role: "search" }, input, list)], input };
}
