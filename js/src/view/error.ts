// What is shown of a callback that raised.

import type { Snapshot } from "../wire";
import { button, html, listen, type Nodes } from "./dom";

export function showError(
  { error: box }: Nodes,
  [headline, traceback]: Snapshot["error"],
  dismissed: () => void,
): void {
  box.hidden = headline === undefined;
  if (headline === undefined) return;
  const dismiss = button("dismiss", { "aria-label": "Dismiss" }, "✕");
  listen(dismiss, "click", dismissed);
  const title = html("summary", "", {}, headline);
  const trace = html("pre", "", {}, traceback ?? "");
  box.replaceChildren(dismiss, html("details", "", {}, title, trace));
}
