import { describe, expect, test } from "vitest";
import { snapshot } from "../testing";
import { cellTexts } from "./texts";

describe("what is written in the cells", () => {
  test("nothing unless it is asked for", () => {
    expect(cellTexts(snapshot())).toBeNull();
  });

  test("values as the tooltip says them; what is not there is not written", () => {
    const texts = cellTexts(snapshot({ text: "auto" }));
    expect(texts?.slice(0, 3)).toEqual(["0.5", "−1.25", "2"]);
    expect(texts?.slice(10)).toEqual(["", ""]);
  });

  test("whole numbers in full", () => {
    const values = BigInt64Array.from({ length: 12 }, (_, k) => 2n ** 53n + BigInt(k));
    const texts = cellTexts(snapshot({ text: "auto", values, holes: new Uint8Array(0) }));
    expect(texts?.[1]).toBe("9,007,199,254,740,993");
  });

  test("bools as Python writes them", () => {
    const values = Uint8Array.from({ length: 12 }, (_, k) => k % 2);
    const texts = cellTexts(snapshot({ text: "auto", values, dtype: "bool" }));
    expect(texts?.slice(0, 2)).toEqual(["False", "True"]);
  });

  test("categories by their labels", () => {
    const values = Uint8Array.from({ length: 12 }, (_, k) => k % 2);
    const categories: [string | boolean, string][] = [
      ["kept", ""],
      [true, "#d7191c"],
    ];
    const texts = cellTexts(snapshot({ text: "auto", values, categories }));
    expect(texts?.slice(0, 2)).toEqual(["kept", "True"]);
    expect(texts?.[11]).toBe("");
  });

  test("of the step that is shown", () => {
    const values = Float64Array.from({ length: 24 }, (_, k) => k);
    expect(cellTexts(snapshot({ text: "auto", values, step: 1 }))?.[0]).toBe("12");
    const given = Array.from({ length: 24 }, (_, k) => `t${k}`);
    expect(cellTexts(snapshot({ text: given, step: 1 }))).toEqual(given.slice(12));
    expect(cellTexts(snapshot({ text: given.slice(0, 12), step: 1 }))).toEqual(given.slice(0, 12));
  });
});
