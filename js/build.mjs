// Bundles the front end into the Python package.
//
//   node build.mjs            once
//   node build.mjs --watch    again at every change
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";
import * as esbuild from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));

// What a host loads is a trait of every widget: it is sent at each display and kept in each saved
// notebook, so it stays small. In bytes.
const LOADED = "widget.js";
const BUDGET = 60_000;

// Stands in the packed script for a name of its own, which is known once all else of it is.
const PLACEHOLDER = "layergrid script";

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

const options = {
  absWorkingDir: HERE,
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
  logLevel: "warning",
};

/** Bundles the script that a page runs once; its name tells it from any other. */
async function pack() {
  const { outputFiles, metafile } = await esbuild.build({
    ...options,
    entryPoints: ["src/script.ts"],
    format: "iife",
    metafile: true,
    plugins: [styleAsText, made(() => ({ name: PLACEHOLDER }))],
  });
  const text = outputFiles[0].text;
  const name = `layergrid ${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;
  const packed = deflateRawSync(text.replaceAll(PLACEHOLDER, name), { level: 9 });
  const sources = Object.keys(metafile.inputs).filter((path) => !path.includes(":"));
  return { name, packed: packed.toString("base64"), sources };
}

/** Makes the modules ./made/…, each a text; `texts` gives them, and files they are made from. */
function made(texts) {
  return {
    name: "made",
    setup(build) {
      let found;
      build.onStart(() => {
        found = Promise.resolve(texts());
      });
      build.onResolve({ filter: /^\.\/made\// }, ({ path }) => ({
        path: basename(path),
        namespace: "made",
      }));
      build.onLoad({ filter: /.*/, namespace: "made" }, async ({ path }) => {
        const { sources = [], ...texts } = await found;
        return {
          contents: `export default ${JSON.stringify(texts[path])}`,
          watchFiles: sources.map((source) => join(HERE, source)),
        };
      });
    },
  };
}

/** Writes the outputs only once they pass, so that a bundle over budget never reaches the package. */
const checkAndWrite = {
  name: "check-and-write",
  setup(build) {
    build.onEnd(async ({ errors, outputFiles }) => {
      if (errors.length > 0) return;
      for (const { path, contents } of outputFiles) {
        if (basename(path) === LOADED && contents.length > BUDGET) {
          const text = `${LOADED}: ${contents.length} bytes, budget ${BUDGET}`;
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

const outputs = {
  ...options,
  entryPoints: { [LOADED.replace(".js", "")]: "src/entry.ts", page: "src/page.ts" },
  outdir: "../src/layergrid/static",
  plugins: [styleAsText, made(pack), checkAndWrite],
};

if (process.argv.includes("--watch")) {
  await (await esbuild.context(outputs)).watch();
} else {
  // esbuild has already printed the errors, with the lines they are on.
  await esbuild.build(outputs).catch(() => process.exit(1));
}
