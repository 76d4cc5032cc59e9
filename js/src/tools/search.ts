// Finds layers, components and cells by what they are called. Pure.

/** A whole layer, a whole component, or one cell. */
export interface Match {
  layer: number | null;
  component: number | null;
}

/** What can be found: labels as text, and the name of each cell, if cells have names. */
export interface Index {
  layers: readonly string[];
  components: readonly string[];
  names: readonly string[];
}

/**
 * What every word of a query is part of, at most so many: labels that are the whole query, then
 * layers, components, and cells by their two labels or their name. "17 down" finds layer 17 of
 * mlp.down.
 *
 * Cells are looked through one by one and never listed: there may be a million of them.
 */
export function search(query: string, { layers, components, names }: Index, most: number): Match[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const all = 2 ** words.length - 1;
  const down = layers.map((label) => hitOf(label, words));
  const across = components.map((label) => hitOf(label, words));
  const rows = ranked(down);
  const columns = ranked(across);

  const found: Match[] = [];
  for (const layer of rows) {
    if (down[layer]?.words === all) found.push({ layer, component: null });
  }
  for (const component of columns) {
    if (across[component]?.words === all) found.push({ layer: null, component });
  }
  const hit = ({ layer, component }: Match) => down[layer ?? -1] ?? across[component ?? -1];
  found.sort((a, b) => Number(hit(b)?.whole) - Number(hit(a)?.whole));

  for (const layer of rows) {
    const byLayer = down[layer]?.words ?? 0;
    for (const component of columns) {
      if (found.length >= most) return found.slice(0, most);
      const byComponent = across[component]?.words ?? 0;
      // Found already, with all the others of its layer or component.
      if (byLayer === all || byComponent === all) continue;
      const named = () => {
        const name = names[layer * components.length + component]?.toLowerCase();
        return words.every((word, k) => (byLayer | byComponent) & (1 << k) || name?.includes(word));
      };
      if ((byLayer | byComponent) === all || named()) found.push({ layer, component });
    }
  }
  return found;
}

/** How a label answers a query. */
interface Hit {
  /** Which words are in it, one bit each. */
  words: number;
  /** How many words are a whole part of it. */
  parts: number;
  /** The query is all of it. */
  whole: boolean;
}

function hitOf(label: string, words: readonly string[]): Hit {
  const text = label.toLowerCase();
  const parts = text.split(/[./_\s]/);
  return {
    words: words.reduce((bits, word, k) => bits | (text.includes(word) ? 1 << k : 0), 0),
    parts: words.filter((word) => parts.includes(word)).length,
    whole: text === words.join(" "),
  };
}

/** Indices of the labels that answer best, then the others as they were given. */
function ranked(hits: readonly Hit[]): number[] {
  const rank = (index: number) => Number(hits[index]?.whole) + (hits[index]?.parts ?? 0);
  return [...hits.keys()].sort((a, b) => rank(b) - rank(a));
}
