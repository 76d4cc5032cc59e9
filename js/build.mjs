// Bundles the front end into the Python package.
//
//   node build.mjs            once
//   node build.mjs --watch    again at every change
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));

// The script is a trait of every widget: it is sent at each display and kept in each saved
// notebook, so it stays small. In bytes, minified.
const SCRIPT_BUDGET = 105_000;

/** The style is a text in the script, as short as can be. */
const styleAsText = {
  name: "style-as-text",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const css = await readFile(path, "utf-8");
      const { code } = await esbuild.transform(css, { loader: "css", minify: true });
      return { contents: code, loader: "text", watchFiles: [path] };
    });
  },
};

/** Writes the outputs only once they pass, so that a bundle over budget never reaches the package. */
const checkAndWrite = {
  name: "check-and-write",
  setup(build) {
    build.onEnd(async ({ errors, outputFiles }) => {
      if (errors.length > 0) return;
      for (const { path, contents } of outputFiles) {
        if (path.endsWith(".js") && contents.length > SCRIPT_BUDGET) {
          const text = `${basename(path)}: ${contents.length} bytes, budget ${SCRIPT_BUDGET}`;
          console.error(text); // esbuild does not print what is found this late
          return { errors: [{ text }] };
        }
      }
      for (const { path, contents } of outputFiles) {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, contents);
        console.log(`${basename(path)}  ${contents.length} bytes`);
      }
    });
  },
};

const options = {
  absWorkingDir: HERE,
  entryPoints: ["src/widget.ts", "src/page.ts"],
  outdir: "../src/layergrid/static",
  bundle: true,
  format: "esm",
  target: "es2022",
  // The same in fewer bytes.
  define: { "Number.POSITIVE_INFINITY": "Infinity", "Number.NaN": "NaN" },
  minify: true,
  // A text with any other character takes two bytes for each in a browser's memory.
  charset: "ascii",
  legalComments: "none",
  write: false,
  plugins: [styleAsText, checkAndWrite],
  logLevel: "warning",
};

if (process.argv.includes("--watch")) {
  await (await esbuild.context(options)).watch();
} else {
  // esbuild has already printed the errors, with the lines they are on.
  await esbuild.build(options).catch(() => process.exit(1));
}
