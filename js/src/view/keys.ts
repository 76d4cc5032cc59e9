// What keys do to groups of buttons, and what a host must not do with them.
import type { Modifier } from "../wire";
import { listen } from "./dom";

/**
 * Keeps bare keys from the host, which takes them for shortcuts from whatever is not editable:
 * D D deletes the cell. Shift and Enter still run it.
 */
export function keepKeys(node: HTMLElement): void {
  listen(node, "keydown", (event) => {
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
    const runsCell = key === "Enter" && (ctrlKey || metaKey || altKey || shiftKey);
    const bare = !ctrlKey && !metaKey && !altKey;
    if (bare && key !== "Tab" && !runsCell) event.stopPropagation();
  });
}

/** Lets two keys move the focus among the buttons of a group, round and round. */
export function moveWith(node: HTMLElement, back: string, on: string): void {
  listen(node, "keydown", (event) => {
    const step = event.key === on ? 1 : event.key === back ? -1 : 0;
    if (step === 0) return;
    const items = [...node.querySelectorAll<HTMLElement>("button:enabled:not([hidden])")];
    items.at((items.indexOf(event.target as HTMLElement) + step) % items.length)?.focus();
    event.preventDefault();
  });
}

/** The keys that are held down, which change what something means. */
export function modifiersOf(event: MouseEvent | KeyboardEvent): Modifier[] {
  return (["ctrl", "meta", "shift", "alt"] as const).filter((name) => event[`${name}Key`]);
}
