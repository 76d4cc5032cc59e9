// The field that finds layers, components and cells as one types.
import { freshId, html } from "../view/dom";
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
  const form = html("div", "search", { role: "search" });
  const input = html("input", "", {
    type: "text",
    role: "combobox",
    "aria-label": "Find a layer, a component or a name",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    placeholder: "layer, component or name",
    autocomplete: "off",
    spellcheck: "false",
  });
  const list = html("div", "matches", { role: "listbox", "aria-label": "Matches", id: freshId() });
  input.setAttribute("aria-controls", list.id);
  form.append(input, list);
  let matches: Match[] = [];
  let chosen = 0;

  function look(): void {
    matches = search(input.value, index, MOST);
    list.replaceChildren(...matches.map(option));
    if (matches.length === 0 && input.value.trim()) list.textContent = "nothing is called that";
    input.setAttribute("aria-expanded", String(matches.length > 0));
    choose(0);
    grown();
  }

  function option(match: Match, at: number): HTMLElement {
    const { layer, component } = match;
    const labels = [
      layer === null ? [] : index.layers[layer],
      component === null ? [] : index.components[component],
    ].flat();
    const node = html("div", "match", { role: "option", id: `${list.id}-${at}` });
    const about = html("span", "");
    about.textContent =
      layer === null ? axisNames[1] : component === null ? axisNames[0] : nameOf(layer, component);
    node.append(labels.join(" · "), about);
    node.addEventListener("pointermove", () => choose(at));
    // Before the field loses the focus.
    node.addEventListener("pointerdown", (event) => {
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
      node.setAttribute("aria-selected", String(k === chosen));
    }
    const node = list.children[chosen];
    input.setAttribute("aria-activedescendant", node?.id ?? "");
    node?.scrollIntoView({ block: "nearest" });
  }

  input.addEventListener("input", look);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) choose(chosen + step);
    const match = matches[chosen];
    if (event.key === "Enter" && match && !event.isComposing) found(match);
    if (step || event.key === "Enter") event.preventDefault();
  });
  return { content: [form], input };
}
