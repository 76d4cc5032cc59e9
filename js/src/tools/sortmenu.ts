// The menu of orders: what layers and components are put in order by.
import { button, html, listen } from "../view/dom";
import { moveWith } from "../view/keys";
import { type AxisName, GIVEN, type Sorting, type SortKey } from "./sorting";

/** What the menu says of an axis. */
export interface Sortable {
  /** What the axis is called. */
  title: string;
  /** What is called so on the other axis, and where on it the focused cell is, if one is. */
  other: (at: number) => string;
  focus: number | null;
}

/** What is sorted by, in words. */
export function sortText(key: SortKey, { other }: Sortable): string {
  if (key.by === "given") return "given order";
  return key.by === "value" ? `value in ${other(key.at)}` : key.by;
}

export function sortMenu(
  sorting: Sorting,
  axes: Record<AxisName, Sortable>,
  chosen: (axis: AxisName, key: SortKey) => void,
): HTMLElement {
  const menu = html("div", "menu", { role: "menu", "aria-label": "Sort" });
  moveWith(menu, "ArrowUp", "ArrowDown");
  for (const axis of ["layers", "components"] as const) {
    const of = axes[axis];
    const now = sorting[axis];
    const label = `${of.title} by`;
    const heading = html("div", "heading", { "aria-hidden": true }, label);
    const group = html("div", "", { role: "group", "aria-label": label }, heading);
    for (const key of keysOf(of, now)) {
      const text = sortText(key, of);
      const checked = { "aria-checked": text === sortText(now, of) };
      const item = button("", { role: "menuitemradio", ...checked, tabindex: -1 }, text);
      listen(item, "click", () => chosen(axis, key));
      group.append(item);
    }
    menu.append(group);
  }
  return menu;
}

function keysOf({ focus }: Sortable, now: SortKey): SortKey[] {
  const keys: SortKey[] = [GIVEN];
  if (now.by === "value" && now.at !== focus) keys.push(now);
  if (focus !== null) keys.push({ by: "value", at: focus });
  return [...keys, { by: "maximum" }, { by: "mean" }];
}
