// SPDX-License-Identifier: Apache-2.0
//
// What a drag over the latent plane costs:  node measure_drag.mjs FOLDER [--decoder LATENT-HIDDEN-PIXELS]
//
// FOLDER is what pushforward walkthrough wrote. With --decoder (784-400-20 reversed: 20-400-784) the chapter's own decoder,
// whose code has two numbers, gives way to one of that size with any weights: the first two numbers are dragged. Prints the
// work of a frame, how often frames came, and what the decoder alone takes.
import { existsSync, mkdtempSync, cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const quantile = (all, part) => [...all].sort((a, b) => a - b)[Math.min(all.length - 1, Math.floor(part * all.length))];

/** Work and length of the frames while the page's plane is dragged in circles, one move a frame, in milliseconds. */
export async function measureDrag(page, frames = 180) {
  const { work, lengths } = await page.locator(".stage .pad").evaluate(async (pad, frames) => {
    const box = pad.getBoundingClientRect(), work = [], lengths = [];
    const told = (type, t) => pad.dispatchEvent(new PointerEvent(type, { pointerId: 1, bubbles: true, buttons: 1, clientX: box.left + box.width * (0.5 + 0.4 * Math.cos(t)), clientY: box.top + box.height * (0.5 + 0.4 * Math.sin(t)) }));
    pad.setPointerCapture = () => {};
    pad.hasPointerCapture = () => true;
    told("pointerdown", 0);
    let last = await new Promise(requestAnimationFrame);
    for (let frame = 1; frame <= frames; ++frame) {
      const begin = performance.now();
      told("pointermove", frame / 15);
      document.body.getBoundingClientRect();  // layout belongs to the frame's work
      work.push(performance.now() - begin);
      const now = await new Promise(requestAnimationFrame);
      lengths.push(now - last);
      last = now;
    }
    return { work, lengths };
  }, frames);
  return { work: quantile(work, 0.5), frame: quantile(lengths, 0.5), slowest: quantile(lengths, 0.99), rate: (1000 * lengths.length) / lengths.reduce((a, b) => a + b, 0) };
}

// The page's numbers with a decoder of another size, of weights that a seed gives.
function withDecoder(script, [latent, hidden, pixels]) {
  let state = 1;
  const weights = (count, size) => {
    const values = Float32Array.from({ length: count }, () => {
      state = (state * 48271) % 2147483647;
      return size * (2 * (state / 2147483647) - 1);
    });
    return Buffer.from(values.buffer).toString("base64");
  };
  const decoder = { hidden, pixels, weight0: weights(hidden * latent, 1), bias0: weights(hidden, 0.1), weight1: weights(pixels * hidden, 0.2), bias1: weights(pixels, 0.1) };
  const head = "window.pushforward={numbers:", tail = "};";
  return head + JSON.stringify({ ...JSON.parse(script.trim().slice(head.length, -tail.length)), decoder }) + tail;
}

async function main() {
  const { chromium } = await import("playwright-core");
  const folder = resolve(process.argv[2] ?? ""), at = process.argv.indexOf("--decoder");
  if (!existsSync(join(folder, "data", "vae.js"))) {
    console.error(`measure_drag: error: ${folder}: got no data/vae.js, wanted a folder that pushforward walkthrough wrote`);
    process.exit(2);
  }
  const copy = mkdtempSync(join(tmpdir(), "drag-"));
  for (const part of ["en", "data", "assets"]) cpSync(join(folder, part), join(copy, part), { recursive: true });
  const size = at > 0 ? process.argv[at + 1].split("-").map(Number) : undefined, file = join(copy, "data", "vae.js");
  if (size) writeFileSync(file, withDecoder(readFileSync(file, "utf8"), size));
  const browser = await chromium.launch({ executablePath: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync), args: ["--no-sandbox"] });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.on("pageerror", (error) => { throw error; });
  await page.goto(pathToFileURL(join(copy, "en", "vae.html")).href);
  await page.waitForFunction(() => window.decode);
  const alone = await page.evaluate(() => {
    const begin = performance.now();
    for (let i = 0; i < 400; ++i) window.decode(i / 200 - 1, 0.5);
    return (performance.now() - begin) / 400;
  });
  const { work, frame, slowest, rate } = await measureDrag(page, 600);
  console.log(`decoder ${size ? size.join("-") : "of the chapter"}: ${alone.toFixed(3)} ms a picture, as an array; a drag: ${work.toFixed(2)} ms of work a frame, a frame every ${frame.toFixed(1)} ms (${slowest.toFixed(1)} at the 99th of 100), ${rate.toFixed(1)} frames a second`);
  await browser.close();
  rmSync(copy, { recursive: true });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
