import { expect, it } from "vitest";
// The same cases as in `tests/test_picture_layout.py`.
import vectors from "../../../tests/data/layout.json";
import { longestStep, stepText } from "./scrubber";

it.each(vectors.steps)("steps $steps", ({ steps, texts, longest }) => {
  expect(steps.map((_, index) => stepText(steps, index))).toEqual(texts);
  expect(longestStep(steps)).toBe(longest);
});

it("has nothing to say without steps", () => {
  expect(longestStep(null)).toBe("");
});
