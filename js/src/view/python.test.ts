import { expect, test } from "vitest";
import type { Axes, Label } from "../wire";
import { selectionAsPython } from "./python";

const axes = (layers: Label[], components: Label[]): Axes => ({
  id: 1,
  layers,
  components,
  steps: null,
  titles: [null, null],
});

test("the cells stand in pick order, by label", () => {
  const grid = axes([0, 17], ["attn.q", "mlp.down", "mlp.up"]);
  expect(selectionAsPython("w", grid, [4, 0])).toBe(
    'w.selection = [(17, "mlp.down"), (0, "attn.q")]',
  );
});

test("the variable is the notebook's", () => {
  expect(selectionAsPython("heat[0]", axes([1], [2]), [0])).toBe("heat[0].selection = [(1, 2)]");
});

test("a label that is a number differs from one that looks like it", () => {
  expect(selectionAsPython("w", axes(["17", 17], [-1, 0.5]), [0, 3])).toBe(
    'w.selection = [("17", -1), (17, 0.5)]',
  );
});

test("booleans are Python's", () => {
  expect(selectionAsPython("w", axes([true, false], ["a"]), [0, 1])).toBe(
    'w.selection = [(True, "a"), (False, "a")]',
  );
});

test("quotes, backslashes and line breaks are escaped, other alphabets are not", () => {
  expect(selectionAsPython("w", axes(['a"b\\c\nd'], ["Schicht 層"]), [0])).toBe(
    'w.selection = [("a\\"b\\\\c\\nd", "Schicht 層")]',
  );
});

test("no cells are an empty list", () => {
  expect(selectionAsPython("w", axes([0], [0]), [])).toBe("w.selection = []");
});
