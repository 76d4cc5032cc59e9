// A page of its own, with no kernel behind it: the script of what `to_html` gives.
import createWidget from "./widget";

/** A heatmap's traits, those of bytes in base64. */
interface Saved {
  traits: Record<string, unknown>;
  bytes: Record<string, string>;
}

const text = document.querySelector("#layergrid-saved")?.textContent ?? "[]";
const row = document.querySelector("#layergrid-row");
for (const { traits, bytes } of JSON.parse(text) as Saved[]) {
  for (const [name, base64] of Object.entries(bytes)) {
    traits[name] = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  }
  const el = document.createElement("div");
  row?.append(el);
  // Nothing is sent and nothing ever comes: who asks gets what was saved.
  const model = { get: (trait: string) => traits[trait], on() {}, off() {} };
  createWidget().render({ model, el });
}
