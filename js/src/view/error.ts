// What is shown of a callback that raised.

import type { Snapshot } from "../wire";
import { html, type Nodes } from "./dom";

export function showError(
  { error: box }: Nodes,
  [headline, traceback]: Snapshot["error"],
  dismissed: () => void,
): void {
  box.hidden = headline === undefined;
  if (headline === undefined) return;
  const dismiss = html("button", "dismiss", { type: "button", "aria-label": "Dismiss" });
  dismiss.textContent = "✕";
  dismiss.addEventListener("click", dismissed);
  const details = html("details", "");
  const title = html("summary", "");
  title.textContent = headline;
  const trace = html("pre", "");
  trace.textContent = traceback ?? "";
  details.append(title, trace);
  box.replaceChildren(dismiss, details);
}
