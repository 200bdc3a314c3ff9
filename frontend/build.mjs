// Bundles css/ and js/ into one folder of content-hashed files and writes manifest.json (logical name -> file name).
// Usage: node build.mjs [--out DIR] [--watch]. Called by ../hatch_build.py, which decides when a build is needed.
import { brotliCompressSync, gzipSync } from "node:zlib";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const flag = process.argv.indexOf("--out");
const outdir = resolve(flag > 0 ? process.argv[flag + 1] : join(here, "../src/trackline/kit/static/dist"));
const watch = process.argv.includes("--watch");

// One line per bundle a page can ask for with {% asset "<name>" %}.
const entryPoints = {
  app: join(here, "js/app.js"),
  style: join(here, "css/app.css"),
};

// Pages link files by their content hash, so browsers may keep them for ever.
function writeManifest(metafile) {
  const manifest = {};
  for (const [file, output] of Object.entries(metafile.outputs)) {
    const name = basename(file);
    if (output.entryPoint || name.endsWith(".woff2")) manifest[name.replace(/-[A-Z0-9]{8}(\.\w+)$/, "$1")] = name;
  }
  writeFileSync(join(outdir, "manifest.json"), JSON.stringify(manifest, null, 1) + "\n");
}

// The static file server picks these up by their ending; nothing is compressed while answering.
function compress() {
  for (const file of readdirSync(outdir)) {
    if (!/\.(js|css)$/.test(file)) continue;
    const bytes = readFileSync(join(outdir, file));
    writeFileSync(join(outdir, file + ".gz"), gzipSync(bytes, { level: 9 }));
    writeFileSync(join(outdir, file + ".br"), brotliCompressSync(bytes));
  }
}

const options = {
  entryPoints,
  outdir,
  bundle: true,
  format: "iife",
  minify: !watch,
  metafile: true,
  entryNames: watch ? "[name]" : "[name]-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".woff2": "file" },
  // light-dark() sets the floor.
  target: ["chrome123", "firefox120", "safari17.5"],
  legalComments: "linked",
  logLevel: "warning",
  plugins: [
    {
      name: "manifest",
      setup: (build) =>
        build.onEnd((result) => {
          if (result.metafile) writeManifest(result.metafile);
        }),
    },
  ],
};

if (!existsSync(join(here, "node_modules"))) {
  console.error("frontend/node_modules is missing: run `python hatch_build.py` from the project folder.");
  process.exit(1);
}
if (watch) {
  await (await esbuild.context(options)).watch();
  console.log(`Watching; writing to ${outdir}`);
} else {
  await esbuild.build(options);
  compress();
}
