// A selection as the line of Python that restores it.
import { countOf, eachPart, type Runs } from "../values/runs";
import type { Axes, Label, Rect } from "../wire";

/** More cells than this are not written one by one. */
const MOST = 1000;

export function selectionAsPython(variable: string, axes: Axes, selection: Runs): string {
  const few = countOf(selection) <= MOST;
  const cells: string[] = [];
  for (const [i0, j0, i1, j1] of rectsInOrder(selection, axes.components.length)) {
    if (few || (i0 === i1 && j0 === j1))
      for (let i = i0; i <= i1; i++) {
        for (let j = j0; j <= j1; j++) {
          cells.push(
            `(${literal(axes.layers[i] as Label)}, ${literal(axes.components[j] as Label)})`,
          );
        }
      }
    else
      cells.push(
        `*((i, j) for i in ${variable}.layers[${i0}:${i1 + 1}]` +
          ` for j in ${variable}.components[${j0}:${j1 + 1}])`,
      );
  }
  return `${variable}.selection = [${cells.join(", ")}]`;
}

/** The rectangles that have the cells in pick order, row by row, one after the other. */
function rectsInOrder(selection: Runs, nComponents: number): Rect[] {
  const rects: Rect[] = [];
  eachPart(selection, nComponents, (i, first, last) => {
    const before = rects.at(-1);
    if (before?.[2] === i - 1 && before[1] === first && before[3] === last) before[2] = i;
    else rects.push([i, first, i, last]);
  });
  return rects;
}

/** A label as Python writes it; a JSON string is a Python string too. */
function literal(label: Label): string {
  if (typeof label === "boolean") return label ? "True" : "False";
  return JSON.stringify(label);
}
