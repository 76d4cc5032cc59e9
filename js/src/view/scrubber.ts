// The slider of steps: under the cells it drives, with a button that plays.

import { labelText } from "../layout/labels";
import type { Label, Modifier } from "../wire";
import { button, html, icon, listen, type Nodes, set, setBox } from "./dom";
import type { Drawn } from "./drawn";
import { keepKeys } from "./keys";

const STEP_MS = 125;
/** A frame that comes later than this comes after the page was hidden. */
const AWAY_MS = 1000;

const ICONS = { Play: "M4 2.5v11l9-5.5z", Pause: "M4 3h3v10H4zM9 3h3v10H9z" };

/** What the step at an index is called: of how many, or up to which. Pure. */
export function stepText(steps: readonly Label[], index: number): string {
  const label = labelText(steps[index] ?? "");
  const last = steps.length - 1;
  return steps.every((step) => typeof step === "number")
    ? `step ${label} of ${labelText(steps[last] ?? "")}`
    : `step ${index + 1} of ${steps.length} · ${label}`;
}

/** The longest text beside the slider, "" where there is nothing to slide to. Pure. */
export function longestStep(steps: readonly Label[] | null): string {
  if (!steps || steps.length < 2) return "";
  const texts = steps.map((_, index) => stepText(steps, index));
  return texts.reduce((longest, text) => (text.length > longest.length ? text : longest), "");
}

export interface Scrubber {
  draw(drawn: Drawn): void;
  /** Whether a key means something here; does it. */
  key(name: string, modifiers: readonly Modifier[]): boolean;
  stop(): void;
}

/** `go` is called with the index of a step. */
export function createScrubber({ picture }: Nodes, go: (step: number) => void): Scrubber {
  let step = 0;
  let count = 0;
  let frame = 0;
  let shownAt = 0;

  const node = html("div", "scrubber", { role: "group", "aria-label": "Steps", hidden: "" });
  const play = button("play", {});
  const slider = html("input", "slider", { type: "range", min: 0, "aria-label": "step" });
  const text = html("span", "step");
  node.append(play, slider, text);
  keepKeys(node);
  picture.after(node);
  drawButton();

  listen(play, "click", () => (frame ? stop() : start()));
  listen(slider, "pointerdown", stop);
  listen(slider, "input", () => {
    stop();
    go(slider.valueAsNumber);
  });

  function start(): void {
    if (step === count - 1) go(0);
    shownAt = performance.now();
    frame = requestAnimationFrame(playOn);
    drawButton();
  }

  function playOn(now: number): void {
    const wait = now - shownAt;
    if (wait >= STEP_MS) {
      shownAt = now;
      go(step + 1);
    }
    // At the end, hidden by the page, or come back after that.
    if (step >= count - 1 || node.offsetWidth === 0 || wait > AWAY_MS) stop();
    else frame = requestAnimationFrame(playOn);
  }

  function stop(): void {
    cancelAnimationFrame(frame);
    frame = 0;
    drawButton();
  }

  function drawButton(): void {
    const name = frame ? "Pause" : "Play";
    play.replaceChildren(icon(ICONS[name]));
    set(play, { "aria-label": name, title: name });
  }

  return {
    draw({ place, shown }) {
      const { scrubber: box } = place;
      const steps = shown.axes.steps ?? [];
      node.hidden = !box;
      if (!box) return stop();
      setBox(node, box.x, box.y, box.w, box.h);
      node.toggleAttribute("data-beside", box.beside);
      step = shown.step;
      count = steps.length;
      slider.max = String(count - 1);
      slider.valueAsNumber = step;
      slider.style.setProperty("--layergrid-part", String(step / (count - 1)));
      text.textContent = stepText(steps, step);
      set(slider, { "aria-valuetext": text.textContent });
    },
    key(name, modifiers) {
      const by = { ",": -1, ".": 1 }[name];
      const bare = modifiers.every((modifier) => modifier === "shift");
      if (by === undefined || !bare || node.hidden) return false;
      stop();
      go(Math.max(0, Math.min(count - 1, step + by)));
      return true;
    },
    stop,
  };
}
