import { describe, expect, it } from "vitest";
// The same cases as in `tests/test_picture_legend.py`.
import vectors from "../../../tests/data/legend.json";
import { bitsOf, flatsOf, runsOf, snapshot } from "../testing";
import type { Label, Snapshot } from "../wire";
import { codes, frameOf, Kind } from "./colors";
import { commandFor, type Entry, legendOf, noteOf } from "./legend";
import { type Norm, scaleOf } from "./norms";
import { runsIn } from "./runs";

const NAN = 256 + Kind.NAN;

/** The codes of the step that is shown. */
function codesOf(shown: Snapshot): Uint16Array {
  const size = shown.axes.layers.length * shown.axes.components.length;
  const holes = frameOf(shown.holes, shown.step, size);
  return codes(frameOf(shown.values, shown.step, size), holes, scaleOf(shown));
}

const entriesOf = (shown: Snapshot, before?: readonly Entry[]) =>
  legendOf(shown, codesOf(shown), before);

function gridOf(values: number[][], other: Partial<Snapshot> = {}): Snapshot {
  const { axes } = snapshot();
  return snapshot({
    axes: { ...axes, layers: values.map((_, i) => i), components: [...(values[0] ?? []).keys()] },
    values: Float64Array.from(values.flat()),
    holes: new Uint8Array(0),
    mask: new Uint8Array(0),
    ...other,
  });
}

interface Case {
  values: (number | string)[][][];
  holes?: number[][][];
  limits: number[];
  norm?: string;
  categories?: [Label, string][];
  entries: [number, string, number][];
  note: string;
}

describe("as in Python", () => {
  it.each(vectors.legends as Case[])("$values in $limits", (given) => {
    const numbers = (step: (number | string)[][]) => step.map((row) => row.map(plain));
    const shown = gridOf(numbers(given.values[0] ?? []), {
      values: Float64Array.from(given.values.flatMap(numbers).flat()),
      holes: Uint8Array.from((given.holes ?? []).flat(2)),
      limits: given.limits as [number, number],
      norm: { kind: given.norm ?? "linear" } as Norm,
      categories: given.categories ?? null,
    });
    const entries = entriesOf(shown);
    expect(entries.map(({ code, name, count }) => [code, name, count])).toEqual(given.entries);
    expect(noteOf(shown, entries)).toBe(given.note);
  });
});

const plain = (value: number | string) =>
  typeof value === "number" ? value : Number(value.replace("inf", "Infinity"));

describe("legendOf", () => {
  it("keeps the entries that were there, so that nothing moves", () => {
    const before = entriesOf(gridOf([[Number.NaN, 1]]));
    const after = entriesOf(gridOf([[0, 1]]), before);
    expect(after).toEqual([{ code: NAN, name: "NaN", count: 0, about: false, runs: 0 }]);
  });

  it("counts runs along a layer, which do not go on in the next one", () => {
    const [entry] = entriesOf(
      gridOf([
        [Number.NaN, 1, Number.NaN],
        [Number.NaN, Number.NaN, 1],
      ]),
    );
    expect(entry).toEqual({ code: NAN, name: "NaN", count: 4, about: false, runs: 3 });
  });
});

describe("commandFor", () => {
  const holey = [
    [Number.NaN, 1, Number.NaN],
    [Number.NaN, Number.NaN, 1],
  ];
  const command = (toggles: boolean, other: Partial<Snapshot> = {}) => {
    const shown = gridOf(holey, other);
    return commandFor(entriesOf(shown)[0] as Entry, shown, codesOf(shown), toggles);
  };
  const cells = (found: ReturnType<typeof command>) =>
    flatsOf(runsIn(found?.rects ?? [], 3)).sort((a, b) => a - b);

  it("sets the selection to exactly the cells", () => {
    const found = command(false, { selection: runsOf([5]) });
    expect(found?.op).toBe("set");
    expect(cells(found)).toEqual([0, 2, 3, 4]);
  });

  it("changes nothing when exactly these are selected", () => {
    expect(command(false, { selection: runsOf([4, 3, 2, 0]) })).toBeNull();
    expect(command(false, { selection: runsOf([4, 3, 2, 0, 1]) })?.op).toBe("set");
  });

  it("adds them, and takes them away when all are selected", () => {
    expect(command(true, { selection: runsOf([0, 1]) })?.op).toBe("add");
    expect(command(true, { selection: runsOf([0, 1, 2, 3, 4]) })?.op).toBe("remove");
  });

  it("looks at the mask where that is what gestures edit", () => {
    const mask = bitsOf([1, 0, 1, 1, 1, 0]);
    expect(command(true, { click: "mask", mask })?.op).toBe("remove");
    expect(command(true, { click: "mask", mask, selection: [] })?.op).toBe("remove");
    expect(command(true, { click: "mask", selection: runsOf([0, 2, 3, 4]) })?.op).toBe("add");
  });
});
