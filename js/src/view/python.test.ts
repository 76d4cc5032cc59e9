import { expect, test } from "vitest";
import { runsOf } from "../testing";
import { runsIn } from "../values/runs";
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
  expect(selectionAsPython("w", grid, runsOf([4, 0]))).toBe(
    'w.selection = [(17, "mlp.down"), (0, "attn.q")]',
  );
});

test("the variable is the notebook's", () => {
  expect(selectionAsPython("heat[0]", axes([1], [2]), runsOf([0]))).toBe(
    "heat[0].selection = [(1, 2)]",
  );
});

test("a label that is a number differs from one that looks like it", () => {
  expect(selectionAsPython("w", axes(["17", 17], [-1, 0.5]), runsOf([0, 3]))).toBe(
    'w.selection = [("17", -1), (17, 0.5)]',
  );
});

test("booleans are Python's", () => {
  expect(selectionAsPython("w", axes([true, false], ["a"]), runsOf([0, 1]))).toBe(
    'w.selection = [(True, "a"), (False, "a")]',
  );
});

test("quotes, backslashes and line breaks are escaped, other alphabets are not", () => {
  expect(selectionAsPython("w", axes(['a"b\\c\nd'], ["Schicht 層"]), runsOf([0]))).toBe(
    'w.selection = [("a\\"b\\\\c\\nd", "Schicht 層")]',
  );
});

test("no cells are an empty list", () => {
  expect(selectionAsPython("w", axes([0], [0]), [])).toBe("w.selection = []");
});

test("a great many are written by their rectangles, in pick order", () => {
  const grid = axes([...Array(500).keys()], [...Array(300).keys()]);
  const picked = runsIn(
    [
      [200, 0, 499, 299],
      [7, 5, 7, 5],
      [10, 20, 19, 29],
    ],
    300,
  );
  expect(selectionAsPython("w", grid, picked)).toBe(
    "w.selection = [*((i, j) for i in w.layers[200:500] for j in w.components[0:300]), (7, 5), " +
      "*((i, j) for i in w.layers[10:20] for j in w.components[20:30])]",
  );
});
