// The view without Jupyter: `npm run dev` serves this page, and it follows every change.
import { SELECTION } from "../src/model/commands";
import { MASK } from "../src/model/mask";
import { bytesFor } from "../src/values/bits";
import { createHeatmap } from "../src/view/heatmap";
import type { Shown } from "../src/view/shown";
import type { Command } from "../src/wire";

const COMPONENTS = ["attn.q", "attn.k", "attn.v", "attn.o", "mlp.gate", "mlp.up", "mlp.down"];

function state(nLayers: number, components: (string | number)[], other: Partial<Shown>): Shown {
  const count = nLayers * components.length;
  const table = Uint8Array.from({ length: 768 }, (_, k) =>
    k % 3 === 0 ? k / 3 : k % 3 === 1 ? 90 : 255 - k / 3,
  );
  return {
    axes: {
      id: 1,
      layers: [...Array(nLayers).keys()],
      components,
      steps: null,
      titles: [null, null],
    },
    coords: {},
    values: Float64Array.from({ length: count }, Math.random),
    dtype: "float64",
    holes: new Uint8Array(0),
    overview: null,
    known: new Map(),
    found: new Map(),
    tile: null,
    reduce: "extreme",
    partial: 0,
    edition: 1,
    moment: null,
    step: 0,
    mask: Uint8Array.from({ length: bytesFor(count) }, () => 1 << Math.floor(4 * Math.random())),
    selection: [],
    text: null,
    table,
    limits: [0, 1],
    norm: { kind: "linear" },
    reserved: new Uint8Array(72).fill(200),
    categories: null,
    title: "",
    label: "value",
    click: "select",
    transpose: false,
    size: [null, null],
    error: [],
    hovers: true,
    links: [],
    row: false,
    variable: "w",
    waiting: "",
    elsewhere: null,
    live: false,
    undoable: false,
    redoable: false,
    ...other,
  };
}

const log = (what: unknown) => {
  const node = document.querySelector("#log");
  if (node) node.textContent = `${JSON.stringify(what)}\n${node.textContent}`.slice(0, 2000);
};

/** Shows a state, does what the view asks for, and gives a way to change it. */
function mount(start: Shown): (change: (shown: Shown) => Partial<Shown>) => void {
  let shown = start;
  const undone: Uint8Array[] = [];
  const done: Uint8Array[] = [];
  const show = (part: Partial<Shown>) => {
    shown = { ...shown, ...part };
    view.show(shown, new Set(Object.keys(part)));
  };
  const showMask = (mask: Uint8Array) =>
    show({ mask, undoable: done.length > 0, redoable: undone.length > 0 });
  const go = (from: Uint8Array[], to: Uint8Array[]) => {
    const mask = from.pop();
    if (!mask) return;
    to.push(shown.mask);
    showMask(mask);
  };
  const obey = (command: Command) => {
    const edits = [{ command, axes: shown.axes, step: shown.step }];
    if (shown.click === "select") show({ selection: SELECTION.after(shown.selection, edits) });
    else {
      done.push(shown.mask);
      undone.length = 0;
      showMask(MASK.after(shown.mask, edits));
    }
  };
  const view = createHeatmap(document.querySelector("#views") as HTMLElement, {
    gesture(command, click) {
      log({ command, click });
      if (command) obey(command);
    },
    hover: (cell) => log({ cell }),
    near: () => {},
    blocks: () => {},
    read: () => {},
    step: (step) => show({ step }),
    undo: () => go(done, undone),
    redo: () => go(undone, done),
    dismiss: () => show({ error: [] }),
    placed: () => {},
    seen() {},
    tile: () => {},
  });
  show(start);
  return (change) => show(change(shown));
}

const views = [
  mount(state(36, COMPONENTS, { title: "36 × 7" })),
  mount(state(40, ["ATT", "MLP"], { title: "40 × 2, layers across", transpose: true })),
  mount(state(96, [...Array(128).keys()], { title: "96 × 128, its mask", click: "mask" })),
];

const onClick = (button: string, act: () => void) =>
  document.querySelector(button)?.addEventListener("click", act);

onClick("#values", () => {
  for (const change of views) {
    change(({ values }) => ({ values: Float64Array.from({ length: values.length }, Math.random) }));
  }
});
onClick("#transpose", () => {
  for (const change of views) change(({ transpose }) => ({ transpose: !transpose }));
});
onClick("#theme", () => {
  const { dataset } = document.body;
  dataset.theme = dataset.theme === "dark" ? "light" : "dark";
});
