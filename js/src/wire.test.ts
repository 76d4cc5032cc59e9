import fc from "fast-check";
import { describe, expect, test } from "vitest";
import contract from "../../tests/data/contract.json";
import { flagsOf, snapshot, traits, viewOf } from "./testing";
import { Kind, kindOf } from "./values/colors";
import { scaleOf } from "./values/norms";
import { BOX, WIDTH } from "./view/beside";
import {
  type Axes,
  bytesOf,
  type Click,
  type Command,
  decode,
  decodeBlocks,
  type Modifier,
  type Tie,
  type ToKernel,
  type ToPage,
  TRAITS,
  type Values,
} from "./wire";

const decodeFrom = (raw: Record<string, unknown>, key: Parameters<typeof decode>[0]) =>
  decode(key, (trait) => raw[trait]);
const valuesOf = (dtype: string, raw: unknown) =>
  decodeFrom({ _dtype: dtype, _values: raw }, "values") as Values;

describe("contract", () => {
  // Types are gone when tests run, so the compiler is asked: each of these has to name every
  // field of its type and no other.
  type Fields<T> = Record<keyof T, true>;
  type FieldsByKind<T extends { kind: string }> = {
    [K in T["kind"]]: Fields<Omit<Extract<T, { kind: K }>, "kind">>;
  };
  type Gesture = Extract<ToKernel, { kind: "gesture" }>;
  const toKernel: FieldsByKind<ToKernel> = {
    gesture: {
      page: true,
      seq: true,
      axes: true,
      target: true,
      step: true,
      command: true,
      click: true,
    },
    step: { page: true, seq: true, step: true },
    frames: { page: true, partial: true, steps: true },
    blocks: { layers: true, components: true },
    read: { page: true, partial: true, step: true, rect: true },
    tile: { page: true, partial: true, step: true, rect: true, blocks: true },
    painted: { page: true, edition: true, visible: true },
    hover: { cell: true },
    placed: {
      axes: true,
      room: true,
      transpose: true,
      cells: true,
      size: true,
      cell: true,
      layers: true,
      components: true,
    },
    dismiss: {},
  };
  const toPage: FieldsByKind<ToPage> = {
    ack: { page: true, seq: true },
    stepped: { page: true, seq: true },
    frames: { page: true, partial: true, steps: true },
    read: { page: true, partial: true, step: true, rect: true, cell: true },
    tile: { page: true, partial: true, step: true, rect: true, blocks: true },
    live: { edition: true, heard: true, axes: true, traits: true, binary: true },
    refused: { page: true, seq: true, reason: true },
  };
  const axes: Fields<Axes> = {
    id: true,
    layers: true,
    components: true,
    steps: true,
    titles: true,
  };
  const command: Fields<Command> = { op: true, rects: true };
  const click: Fields<Click> = { cell: true, modifiers: true };
  const targets: Record<Gesture["target"], true> = { selection: true, mask: true };
  const tie: Fields<Tie> = { id: true, hover: true, selection: true };
  const ops: Record<Command["op"], true> = { set: true, add: true, remove: true };
  const modifiers: Record<Modifier, true> = { ctrl: true, meta: true, shift: true, alt: true };
  const byKind = (kinds: Record<string, object>) =>
    Object.fromEntries(Object.entries(kinds).map(([kind, fields]) => [kind, Object.keys(fields)]));

  test("the traits are those of the contract, neither more nor fewer", () => {
    expect([...TRAITS].sort()).toEqual(contract.traits);
  });

  test("messages have these kinds and fields", () => {
    expect(byKind(toKernel)).toEqual(contract.messages.to_kernel);
    expect(byKind(toPage)).toEqual(contract.messages.to_page);
    expect(Object.keys(axes)).toEqual(contract.axes);
    expect(Object.keys(command)).toEqual(contract.command);
    expect(Object.keys(click)).toEqual(contract.click);
    expect(Object.keys(targets)).toEqual(contract.targets);
    expect(Object.keys(tie)).toEqual(contract.link);
    expect(Object.keys(ops)).toEqual(contract.ops);
    expect(Object.keys(modifiers)).toEqual(contract.modifiers);
  });

  test("a box that a heatmap shares is told as the kernel tells it", () => {
    expect({ box: BOX, width: WIDTH }).toEqual(contract.beside);
  });

  test("holes mean what the kernel means", () => {
    const { present, absent, pending } = contract.holes;
    expect([present, absent, pending].map((hole) => kindOf(1, hole, scaleOf(snapshot())))).toEqual([
      Kind.FINITE,
      Kind.ABSENT,
      Kind.PENDING,
    ]);
  });

  test.each(contract.dtypes)("values travel as %s", (dtype) => {
    const values = valuesOf(dtype, new Uint8Array(16).fill(1));
    const big = dtype.includes("64") && !dtype.startsWith("float");
    const type = dtype === "bool" ? "uint8" : big ? `big${dtype}` : dtype;
    expect(values.constructor.name.toLowerCase()).toBe(`${type}array`);
    expect(values.byteLength).toBe(16);
  });

  test("values of another type are refused by name", () => {
    for (const dtype of ["float16", "str", ""]) {
      expect(() => valuesOf(dtype, new Uint8Array(16))).toThrow(`type ${dtype}`);
    }
  });
});

describe("bytes", () => {
  const numbers = Float64Array.of(1.5, -2, Number.NaN);
  const plain = new Uint8Array(numbers.buffer);

  test("are the same however a host hands them over", () => {
    const inside = new Uint8Array(plain.length + 9);
    inside.set(plain, 1);
    for (const raw of [
      numbers.buffer,
      plain,
      new DataView(numbers.buffer),
      viewOf(numbers),
      inside.subarray(1, 1 + plain.length),
    ]) {
      expect([...bytesOf(raw)]).toEqual([...plain]);
      expect(valuesOf("float64", raw)).toEqual(numbers);
    }
  });

  test.each(contract.dtypes)("%s at an offset that is no multiple of its size", (dtype) => {
    const raw = Uint8Array.from({ length: 24 }, (_, k) => k * 9);
    expect(valuesOf(dtype, viewOf(raw))).toEqual(valuesOf(dtype, raw.buffer));
  });

  test("values are a copy: the host may use its message again", () => {
    const raw = Uint8Array.of(1, 2, 3);
    const values = valuesOf("uint8", raw);
    raw.fill(9);
    expect([...values]).toEqual([1, 2, 3]);
  });

  test("what is none is refused", () => {
    for (const raw of [undefined, null, "AAAA", [1, 2]]) {
      expect(() => bytesOf(raw)).toThrow("expected bytes");
    }
  });
});

describe("decodeBlocks", () => {
  const encode = (codes: readonly number[]) => {
    const special = codes.filter((code) => code > 255).map((code) => code - 256);
    const flags = new Uint8Array(Math.ceil(codes.length / 8));
    codes.forEach((code, k) => {
      if (code > 255) flags[k >> 3] = (flags[k >> 3] as number) | (1 << (k & 7));
    });
    const colours = codes.map((code) => (code > 255 ? 0 : code));
    return Uint8Array.from(special.length > 0 ? [...colours, ...flags, ...special] : colours);
  };

  test("gives every block its colour, or its kind", () => {
    const code = fc.oneof(fc.nat(255), fc.integer({ min: 257, max: 264 }));
    fc.assert(
      fc.property(fc.array(code, { maxLength: 70 }), (codes) => {
        expect([...decodeBlocks(encode(codes), codes.length)]).toEqual(codes);
      }),
    );
  });
});

describe("labels", () => {
  const decoded = (layers: unknown) => {
    const axes = traits()._axes as object;
    return decodeFrom(traits({ _axes: { ...axes, layers } }), "axes") as Axes;
  };

  test("that count up travel as how many there are", () => {
    expect(decoded(3).layers).toEqual([0, 1, 2]);
    expect(decoded(3).components).toEqual(["attn.q", "mlp.up", "mlp.down"]);
    expect(decoded(100_000).layers).toHaveLength(100_000);
  });

  test("that do not are listed", () => {
    expect(decoded([2, "a", true]).layers).toEqual([2, "a", true]);
  });
});

test("a snapshot is decoded part by part", () => {
  const shown = snapshot();
  expect([...flagsOf(shown.mask, 12)]).toEqual([1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0]);
  expect(shown.values).toBeInstanceOf(Float64Array);
  expect([...shown.holes]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
  expect(shown.table).toHaveLength(768);
  expect(decodeFrom(traits({ _selection: [3, 2] }), "selection")).toEqual([3, 2]);
});
