// A selection as the line of Python that restores it.
import type { Axes, Label } from "../wire";

export function selectionAsPython(
  variable: string,
  axes: Axes,
  selection: readonly number[],
): string {
  const n = axes.components.length;
  const cells = selection.map((flat) => {
    const layer = literal(axes.layers[Math.floor(flat / n)] as Label);
    const component = literal(axes.components[flat % n] as Label);
    return `(${layer}, ${component})`;
  });
  return `${variable}.selection = [${cells.join(", ")}]`;
}

/** A label as Python writes it; a JSON string is a Python string too. */
function literal(label: Label): string {
  if (typeof label === "boolean") return label ? "True" : "False";
  return JSON.stringify(label);
}
