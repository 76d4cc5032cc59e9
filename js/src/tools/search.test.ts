import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Index, type Match, search } from "./search";

const COMPONENTS = ["attn.q", "attn.k", "mlp.up", "mlp.down"];
const decoder: Index = {
  layers: Array.from({ length: 120 }, (_, k) => String(k)),
  components: COMPONENTS,
  names: [],
};
const named: Index = {
  ...decoder,
  names: decoder.layers.flatMap((layer) =>
    COMPONENTS.map((component) => `model.layers.${layer}.${component}_proj.weight`),
  ),
};

/** Matches as the person reads them. */
function found(query: string, index: Index = decoder, most = 5): string[] {
  const label = ({ layer, component }: Match) => [
    layer === null ? [] : index.layers[layer],
    component === null ? [] : index.components[component],
  ];
  return search(query, index, most).map((match) => label(match).flat().join(" · "));
}

describe("labels", () => {
  test("a layer and a word of a component are one cell, before others that hold the words", () => {
    expect(found("17 down")).toEqual(["17 · mlp.down", "117 · mlp.down"]);
    expect(found("DOWN 17", decoder, 1)).toEqual(["17 · mlp.down"]);
  });

  test("that are all of the query come first, layers before components", () => {
    expect(found("3")).toEqual(["3", "13", "23", "30", "31"]);
    const numbered = { ...decoder, layers: ["12", "2"], components: ["20", "2"] };
    expect(found("2", numbered)).toEqual(["2", "2", "12", "20"]);
    expect(search("2", numbered, 2)).toEqual([
      { layer: 1, component: null },
      { layer: null, component: 1 },
    ]);
  });

  test("that have the words in them are found whole, not cell by cell", () => {
    expect(found("mlp")).toEqual(["mlp.up", "mlp.down"]);
    expect(found("q")).toEqual(["attn.q"]);
    expect(found("attn q")).toEqual(["attn.q"]);
  });

  test("are not patterns", () => {
    expect(found(".*")).toEqual([]);
    expect(found("l.u")).toEqual([]);
    expect(found("p.u")).toEqual(["mlp.up"]);
  });
});

describe("names", () => {
  test("are found by any part, with the labels' help", () => {
    expect(found("layers.4.mlp", named)).toEqual(["4 · mlp.up", "4 · mlp.down"]);
    expect(found("weight 99 up", named)).toEqual(["99 · mlp.up"]);
    expect(found("up_proj", named, 2)).toEqual(["0 · mlp.up", "1 · mlp.up"]);
  });

  test("that some cells lack are no reason to miss others", () => {
    const names = Array.from({ length: 480 }, (_, flat) => (flat === 7 ? "lora" : ""));
    expect(found("lora", { ...decoder, names })).toEqual(["1 · mlp.down"]);
  });
});

test("nothing is found by nothing, or by what is not there", () => {
  expect(found("")).toEqual([]);
  expect(found("  ")).toEqual([]);
  expect(found("17 norm", named)).toEqual([]);
});

test("a million cells are looked through before anybody is done typing", () => {
  const layers = Array.from({ length: 1000 }, (_, k) => `block ${k}`);
  const components = Array.from({ length: 1000 }, (_, k) => `head ${k}`);
  expect(found("zebra", { layers, components, names: [] })).toEqual([]);
  expect(found("999 head 998", { layers, components, names: [] }, 2)).toEqual([
    "block 998 · head 999",
    "block 999 · head 998",
  ]);
});

test("every word is part of what is found, and what holds every word is found", () => {
  const label = fc.stringMatching(/^[ab1.]{1,3}$/);
  const labels = fc.uniqueArray(label, { minLength: 1, maxLength: 4 });
  const query = fc.array(fc.stringMatching(/^[ab1.]{1,2}$/), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(labels, labels, query, (layers, components, words) => {
      const holds = (...texts: string[]) =>
        words.every((word) => texts.some((t) => t.includes(word)));
      const expected: Match[] = [];
      for (const layer of layers.keys()) {
        if (holds(layers[layer] as string)) expected.push({ layer, component: null });
      }
      for (const component of components.keys()) {
        if (holds(components[component] as string)) expected.push({ layer: null, component });
      }
      for (const [layer, down] of layers.entries()) {
        for (const [component, across] of components.entries()) {
          if (!holds(down) && !holds(across) && holds(down, across)) {
            expected.push({ layer, component });
          }
        }
      }
      const matches = search(words.join(" "), { layers, components, names: [] }, 1000);
      expect(new Set(matches.map(String))).toEqual(new Set(expected.map(String)));
      expect(matches).toHaveLength(expected.length);
      expect(matches).toEqual(expect.arrayContaining(expected));
    }),
  );
});
