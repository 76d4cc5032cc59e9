// The view without Jupyter: `npm run dev` serves this page, and it follows every change.
import { expand } from "../src/commands";
import { createHeatmap } from "../src/heatmap";
import type { Snapshot } from "../src/wire";

const COMPONENTS = ["attn.q", "attn.k", "attn.v", "attn.o", "mlp.gate", "mlp.up", "mlp.down"];

function snapshot(nLayers: number, components: (string | number)[], title: string): Snapshot {
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
    holes: new Uint8Array(0),
    step: 0,
    mask: Uint8Array.from({ length: count }, () => Number(Math.random() < 0.1)),
    selection: [],
    text: null,
    table,
    limits: [0, 1],
    title,
    label: "value",
    click: "select",
    size: [null, null],
    error: [],
    hovers: true,
    variable: "w",
  };
}

const log = (what: unknown) => {
  const node = document.querySelector("#log");
  if (node) node.textContent = `${JSON.stringify(what)}\n${node.textContent}`.slice(0, 2000);
};

function mount(start: Snapshot): () => void {
  let shown = start;
  const show = (part: Partial<Snapshot>) => {
    shown = { ...shown, ...part };
    view.show(shown, new Set(Object.keys(part)), "");
  };
  const view = createHeatmap(document.querySelector("#views") as HTMLElement, {
    gesture(command, click) {
      log({ command, click });
      if (command) show({ selection: expand(command.rects, shown.axes.components.length) });
    },
    hover: (cell) => log({ cell }),
    dismiss: () => show({ error: [] }),
  });
  show(start);
  return () => show({ values: Float64Array.from({ length: shown.values.length }, Math.random) });
}

const renew = [
  mount(snapshot(36, COMPONENTS, "36 × 7")),
  mount(snapshot(2, [...Array(40).keys()], "2 × 40")),
  mount(snapshot(96, [...Array(128).keys()], "96 × 128")),
];

document.querySelector("#values")?.addEventListener("click", () => {
  for (const again of renew) again();
});
document.querySelector("#theme")?.addEventListener("click", () => {
  const { dataset } = document.body;
  dataset.theme = dataset.theme === "dark" ? "light" : "dark";
});
