import { describe, expect, test } from "vitest";
import { runsOf, snapshot } from "../testing";
import { sampleOf, summary } from "./status";

const NO_HOLES = new Uint8Array(0);
const of = (cells: number[], other = {}, highlighted = 0, waiting = "") =>
  summary(snapshot({ selection: runsOf(cells), ...other }), highlighted, waiting);

describe("summary", () => {
  test("says nothing of nothing", () => {
    expect(of([])).toEqual({ strong: "", rest: "" });
  });

  test("counts what is selected and what is highlighted", () => {
    const { strong, rest } = of([0, 2], {}, 3);
    expect(strong).toBe("2 selected");
    expect(rest).toBe("3 highlighted · mean 1.25");
  });

  test("large counts are grouped", () => {
    const many = Array.from({ length: 12345 }, (_, k) => k);
    expect(of(many).strong).toBe("12,345 selected");
    expect(of([], {}, 4321).rest).toBe("4,321 highlighted");
  });

  test("passes on what the model says", () => {
    expect(of([], {}, 1, "kernel busy · 2 waiting").rest).toBe(
      "1 highlighted · kernel busy · 2 waiting",
    );
  });
});

describe("the mean", () => {
  test("is there where the sum is larger than any float", () => {
    const values = Float64Array.of(1e308, 1e308);
    expect(of([0, 1], { values, holes: NO_HOLES }).rest).toBe("mean 1e308");
  });

  test("leaves out NaN, infinities, absent and pending cells", () => {
    expect(of([0, 1, 3, 4, 5, 10, 11]).rest).toBe("mean −0.375");
  });

  test("is not there without any number", () => {
    expect(of([3, 4, 5, 10, 11]).rest).toBe("");
  });

  test("is not there for categories", () => {
    const categories: [string, string][] = [["kept", ""]];
    expect(of([0, 1], { values: Uint8Array.of(0, 0), categories }).rest).toBe("");
  });

  test("of whole numbers is no whole number", () => {
    expect(of([0, 1], { values: BigInt64Array.of(1n, 2n), holes: NO_HOLES }).rest).toBe("mean 1.5");
    expect(of([0, 1], { values: Uint8Array.of(0, 255), holes: NO_HOLES }).rest).toBe("mean 127.5");
  });

  test("is that of the step that is shown", () => {
    const values = Float64Array.from({ length: 24 }, (_, k) => k);
    const holes = new Uint8Array(24);
    holes[13] = 1;
    expect(of([0, 1, 2], { values, holes, step: 1 }).rest).toBe("mean 13");
    expect(of([0, 1, 2], { values, holes, step: 0 }).rest).toBe("mean 1");
  });
});

test("of a large grid whose values are not here it counts, and is quick about it", () => {
  const { strong, rest } = summary(
    snapshot({ selection: [0, 1e10], values: new Float32Array(0) }),
    5e9,
    "",
  );
  expect([strong, rest]).toEqual(["10,000,000,000 selected", "5,000,000,000 highlighted"]);
});

test("names the live frame that is shown", () => {
  expect(of([0], { moment: 120 }).rest).toBe("step 120 · mean 0.5");
  expect(of([], { moment: "epoch 2" }).rest).toBe("step epoch 2");
});

describe("how much is known", () => {
  const known = (share: number, every: number) => {
    const overview = { layers: 1, components: 1, fetchable: false, estimated: 0, counts: [] };
    const code = new Uint16Array(1);
    return sampleOf(snapshot({ overview: { ...overview, share, every, code } }));
  };

  test("is said until all is", () => {
    expect(known(0.129, 2600)).toBe("sample of 1 in 2,600 cells · 12 % read");
    expect(known(0.999, 0)).toBe("sample · 99 % read");
    expect(known(1, 0)).toBe("");
    expect(sampleOf(snapshot())).toBe("");
  });
});
