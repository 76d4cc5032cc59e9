// What the heatmaps of a page have in common: the script that they all run.
import name from "./made/name";
import type createWidget from "./widget";

export type Create = typeof createWidget;

interface Shared {
  loading?: Promise<Create>;
  create?: Create;
}

// By a name that its content gives it: two kernels may have two versions of it in one page.
const page = globalThis as unknown as Record<string, Shared | undefined>;

export const shared: Shared = page[name] ?? {};

page[name] = shared;
