// SPDX-License-Identifier: Apache-2.0
//
// Builds the pages of the walk-through:  node build.mjs [--check] [--out FOLDER]
//
//   chapters/*.md   text in two languages  →  HTML, formulas typeset by KaTeX
//   src/app.ts      figures                →  one script, bundled by esbuild
//   src/page.ts     pages about results, studio  →  files that stand alone; the program puts script, style and
//                                             numbers where their marks are
//   src/*.css       and KaTeX's            →  one style sheet, fonts inside
//   wasm/*.wasm     what pages compute with, compiled by wasm/build from the library's own sources
//
// All of it goes into dist/pages.json.gz, which is checked in, so that a machine without npm builds the program;
// --check builds it anew and compares. Numbers stand in the text as {{path}}: the program fills them in.
import { readFileSync, writeFileSync, readdirSync, existsSync, mkdirSync } from "node:fs";
import { gzipSync, gunzipSync } from "node:zlib";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { compileChapters } from "./compile_chapters.mjs";
import { aloneScript, resultsHtml, studioHtml } from "./page.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const bundlePath = join(here, "dist", "pages.json.gz");
const licencePath = join(here, "dist", "LICENSES.txt");

// Formulas use these faces; KaTeX's style sheet names more.
const faces = ["Main-Regular", "Main-Bold", "Main-Italic", "Math-Italic", "AMS-Regular", "Caligraphic-Regular",
               "Size1-Regular", "Size2-Regular", "Size3-Regular", "Size4-Regular"];

function katexStyle() {
  const folder = join(here, "node_modules", "katex", "dist");
  return readFileSync(join(folder, "katex.min.css"), "utf8").replace(/@font-face\{[^}]*\}/g, (rule) => {
    const face = faces.find((name) => rule.includes(`KaTeX_${name}.woff2`));
    if (!face) return "";
    const font = readFileSync(join(folder, "fonts", `KaTeX_${face}.woff2`)).toString("base64");
    return rule.replace(/src:[^}]*/, `src:url(data:font/woff2;base64,${font}) format("woff2")`);
  });
}

async function bundle(entry) {
  const result = await build({
    entryPoints: [join(here, "src", entry)], bundle: true, minify: true, write: false, format: "iife",
    target: "es2020", charset: "utf8", legalComments: "none", absWorkingDir: here, loader: {".wasm": "binary"},
    metafile: true,
  });
  return { text: result.outputFiles[0].text, inputs: Object.keys(result.metafile.inputs) };
}

// The packages whose code is in the bundle, each with its licence.
function licences(inputs) {
  const names = new Set(["katex"]);
  for (const input of inputs) {
    const found = input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/);
    if (found) names.add(found[1]);
  }
  const texts = [...names].sort().map((name) => {
    const folder = join(here, "node_modules", name);
    const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? readFileSync(join(folder, file), "utf8").trim() : "(the package has no licence file)";
    return `${about.name} ${about.version} (${about.license})\n\n${text}\n`;
  });
  texts.push(readFileSync(join(here, "wasm", "NOTICE.txt"), "utf8"));
  return "The pages contain code of these packages.\n\n" + texts.join("\n" + "-".repeat(72) + "\n\n");
}

const script = await bundle("app.ts");
const results = await bundle("page.ts");
const style = await bundle("style.css");
const result = {
  files: { "assets/app.js": script.text, "assets/app.css": katexStyle() + style.text },
  script: aloneScript(results.text), style: style.text, frame: resultsHtml(), studio: studioHtml(),
  ...compileChapters(join(here, "chapters")),
};
const text = JSON.stringify(result);
const licenceText = licences([...script.inputs, ...results.inputs]);

if (process.argv.includes("--check")) {
  const kept = existsSync(bundlePath) ? gunzipSync(readFileSync(bundlePath)).toString("utf8") : "";
  const keptLicences = existsSync(licencePath) ? readFileSync(licencePath, "utf8") : "";
  if (kept !== text || keptLicences !== licenceText) {
    console.error("web/dist is not what web/ builds; run: cd web && npm ci && npm run build");
    process.exit(1);
  }
  console.log("web/dist is what web/ builds");
} else {
  mkdirSync(dirname(bundlePath), { recursive: true });
  writeFileSync(bundlePath, gzipSync(Buffer.from(text, "utf8"), { level: 9 }));
  writeFileSync(licencePath, licenceText);
  console.log(`pages.json.gz: ${readFileSync(bundlePath).length} bytes, ${text.length} characters unpacked`);
}
