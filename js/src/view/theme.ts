// Light or dark, as the host shows it, and when that changes.

export type Theme = "light" | "dark";

/** Where hosts say which theme they show; the first that speaks is believed. */
const SIGNS: { attribute: string; on: () => Element | null; dark: (value: string) => boolean }[] = [
  { attribute: "data-jp-theme-light", on: () => document.body, dark: (v) => v === "false" },
  {
    attribute: "data-vscode-theme-kind",
    on: () => document.body,
    dark: (v) => /dark|high-contrast$/.test(v),
  },
  { attribute: "theme", on: () => document.documentElement, dark: (v) => v === "dark" },
  { attribute: "data-theme", on: () => document.body, dark: (v) => v === "dark" },
  { attribute: "data-bs-theme", on: () => document.documentElement, dark: (v) => v === "dark" },
];

export function currentTheme(): Theme {
  for (const { attribute, on, dark } of SIGNS) {
    const value = on()?.getAttribute(attribute);
    if (value) return dark(value) ? "dark" : "light";
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
  const attributeFilter = SIGNS.map((sign) => sign.attribute);
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
