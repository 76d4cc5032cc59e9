// Light or dark, as the host shows it, and when that changes.

export type Theme = "light" | "dark";

/** Where hosts say which theme they show, and what of it is dark; the first that speaks is right. */
const SIGNS: readonly [attribute: string, on: "body" | "documentElement", dark: RegExp][] = [
  ["data-jp-theme-light", "body", /^false$/],
  ["data-vscode-theme-kind", "body", /dark|high-contrast$/],
  ["theme", "documentElement", /^dark$/],
  ["data-theme", "body", /^dark$/],
  ["data-bs-theme", "documentElement", /^dark$/],
];

export function currentTheme(): Theme {
  for (const [attribute, on, dark] of SIGNS) {
    const value = document[on]?.getAttribute(attribute);
    if (value) return dark.test(value) ? "dark" : "light";
  }
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Calls back at every change of the theme; returns the way to stop it. */
export function watchTheme(callback: (theme: Theme) => void): () => void {
  let shown = currentTheme();
  const look = () => {
    const theme = currentTheme();
    if (theme === shown) return;
    shown = theme;
    callback(theme);
  };
  const observer = new MutationObserver(look);
  const attributeFilter = SIGNS.map(([attribute]) => attribute);
  for (const element of [document.body, document.documentElement]) {
    observer.observe(element, { attributeFilter });
  }
  const media = matchMedia("(prefers-color-scheme: dark)");
  media.addEventListener("change", look);
  return () => {
    observer.disconnect();
    media.removeEventListener("change", look);
  };
}
