// SPDX-License-Identifier: Apache-2.0
//
// Opens every page of a walk-through in a browser:  node check_pages.mjs FOLDER [CHAPTER…] [--pictures FOLDER]
//
//   no error on the console, no request but to the folder, nothing wider than the window (at 390, 1280, 1920 pixels);
//   every figure draws itself, has a text for those who do not see it, and whatever can be moved in it answers keys, and
//   a drag where it is dragged;
//   both languages show the same numbers; numbers computed in the page are the program's (checks.mjs).
// What it measures (first paint, a drag, the size of the site) it prints.
// With --pictures it takes a picture of each page, in light and dark.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { checks } from "./checks.mjs";
import { measureDrag } from "./measure_drag.mjs";

const folder = resolve(process.argv[2] ?? "");
const picturesAt = process.argv.indexOf("--pictures");
const pictures = picturesAt > 0 ? resolve(process.argv[picturesAt + 1]) : undefined;
if (!existsSync(join(folder, "walkthrough.json"))) {
  console.error(`check_pages: error: ${folder}: got no walkthrough.json, wanted a folder that pushforward walkthrough wrote`);
  process.exit(2);
}
const browserPath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const only = process.argv.slice(3, picturesAt > 0 ? picturesAt : undefined);

const problems = [];
const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] });

async function open(path, width, dark) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: dark ? "dark" : "light" });
  const page = await context.newPage();
  const complain = (what) => problems.push(`${path} (${width}${dark ? ", dark" : ""}): ${what}`);
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) complain(`console: ${message.text()}`); });
  page.on("pageerror", (error) => complain(`error: ${error.message}`));
  page.on("request", (request) => { if (!/^(file|data|blob):/.test(request.url())) complain(`asks for ${request.url()}`); });
  await page.goto(pathToFileURL(join(folder, path)).href);
  await page.waitForSelector("html[data-drawn]");
  await page.waitForTimeout(120);
  return { context, page, complain };
}

async function checkLayout({ page, complain }, width) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  if (wide > width) complain(`${wide} pixels wide`);
  const empty = await page.$$eval("[data-figure]", (all) => all.filter((f) => !f.querySelector(".stage").children.length).map((f) => f.id));
  if (empty.length) complain(`nothing drawn: ${empty}`);
  const silent = await page.$$eval("[data-figure] svg[role=img], [data-figure] canvas", (all) => all.filter((f) => !f.getAttribute("aria-label")).length);
  if (silent) complain(`${silent} pictures without a text`);
  const bare = await page.evaluate(() => document.querySelector("main").innerText.match(/\{\{|NaN|undefined|\[object/));
  if (bare) complain(`shows '${bare[0]}'`);
}

const shownIn = (locator) => locator.evaluate((part) => { const stage = part.closest(".stage"); return stage.innerHTML + [...stage.querySelectorAll("canvas")].map((c) => c.toDataURL()).join(); });

// Every slider moves by its keys and changes something that is shown.
async function checkSliders({ page, complain }) {
  const count = await page.locator(".stage input[type=range]").count();
  for (let i = 0; i < count; ++i) {
    const slider = page.locator(".stage input[type=range]").nth(i);
    if (!(await slider.isVisible())) continue;
    const name = await slider.getAttribute("aria-label");
    await slider.focus();
    const before = [await shownIn(slider), await slider.inputValue()];
    for (const key of ["ArrowRight", "ArrowRight", "ArrowLeft"]) await page.keyboard.press(key);
    if ((await slider.inputValue()) === before[1]) await page.keyboard.press("ArrowLeft");
    await page.waitForTimeout(30);
    if ((await slider.inputValue()) === before[1]) complain(`slider '${name}' does not move`);
    else if ((await shownIn(slider)) === before[0]) complain(`slider '${name}' changes nothing`);
  }
}

async function dragged(page, part) {
  await part.scrollIntoViewIfNeeded();
  const box = await part.boundingBox();
  await page.mouse.move(box.x + 0.5 * box.width, box.y + 0.5 * box.height);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.6 * box.width, box.y + 0.3 * box.height, { steps: 4 });
  await page.mouse.up();
}

// Bars and planes answer keys and a drag; by the keyboard, every button does what a click does.
async function checkHands({ page, complain }) {
  for (const part of [page.locator(".stage [role=slider]").first(), page.locator(".stage .pad")]) {
    if (!(await part.count())) continue;
    const start = await shownIn(part);
    await part.focus();
    await page.keyboard.press("ArrowUp");
    const moved = await shownIn(part);
    if (moved === start) complain(`'${await part.getAttribute("aria-label")}' does not answer a key`);
    await dragged(page, part);
    if ((await shownIn(part)) === moved) complain(`'${await part.getAttribute("aria-label")}' does not answer a drag`);
  }
  const buttons = page.locator(".stage .buttons button");
  for (let i = 0; i < (await buttons.count()); ++i) {
    const button = buttons.nth(i);
    if (!(await button.isVisible())) continue;
    await button.focus();
    await page.keyboard.press("Enter");
    if ((await button.getAttribute("aria-pressed")) === "false") complain(`button '${await button.textContent()}' does not answer a key`);
  }
  await page.waitForTimeout(60);
}

// From the beginning of the navigation to the first paint with contents, in milliseconds.
const firstPaint = ({ page }) => page.evaluate(() => new Promise((done) => new PerformanceObserver((list) => done(list.getEntries()[0].startTime)).observe({ type: "paint", buffered: true })));

const sizeOf = (path) => (statSync(path).isDirectory() ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0) : statSync(path).size);
const measured = [], paints = [];

const numbersOf = ({ page }) => page.$$eval("article .n", (all) => all.map((n) => `${n.dataset.path} ${n.textContent}`).sort());

const pages = ["index", ...readdirSync(join(folder, "en")).map((f) => f.replace(/\.html$/, "")).filter((f) => f !== "index")]
  .filter((name) => !only.length || only.includes(name));
for (const name of pages) {
  const numbers = {};
  for (const language of ["en", "zh"]) {
    const path = `${language}/${name}.html`;
    for (const [width, dark] of [[1280, false], [390, false], [1920, true], [1280, true], [390, true]]) {
      if (!pictures && dark && width !== 1920) continue;
      const opened = await open(path, width, dark);
      await checkLayout(opened, width);
      if (pictures) {
        mkdirSync(pictures, { recursive: true });
        await opened.page.screenshot({ path: join(pictures, `${name}-${language}-${width}${dark ? "-dark" : ""}.png`), fullPage: true });
      }
      paints.push({ path, time: await firstPaint(opened) });
      if (width === 1280 && !dark) {
        numbers[language] = await numbersOf(opened);
        const data = join(folder, "data", `${name}.json`);
        if (checks[name] && existsSync(data)) await checks[name](opened.page, JSON.parse(readFileSync(data, "utf8")), opened.complain);
      }
      if (width === 1280 && !dark && language === "en" && (await opened.page.locator(".stage .pad").count())) {
        const { work, frame } = await measureDrag(opened.page);
        measured.push(`dragging the plane of ${name}: ${work.toFixed(2)} ms of work a frame, a frame every ${frame.toFixed(1)} ms`);
        if (work > 16) opened.complain(`a drag takes ${work} ms a frame`);
      }
      if (width === 390 && !dark) {
        await checkSliders(opened);
        await checkHands(opened);
      }
      await opened.context.close();
    }
  }
  if (JSON.stringify(numbers.en) !== JSON.stringify(numbers.zh)) problems.push(`${name}: the languages show different numbers`);
}
await browser.close();
const slowest = paints.reduce((a, b) => (a.time > b.time ? a : b));
measured.push(`first paint: ${Math.round(paints.map((p) => p.time).sort((a, b) => a - b)[Math.floor(paints.length / 2)])} ms in the median, ${Math.round(slowest.time)} ms at most (${slowest.path})`);
const bytes = sizeOf(folder);
measured.push(`the site: ${(bytes / 1e6).toFixed(2)} MB`);
if (bytes > 15e6) problems.push(`the site has ${bytes} bytes, wanted at most 15 MB`);
for (const line of measured) console.log(line);
for (const problem of problems) console.error(problem);
console.log(`${pages.length} pages in two languages: ${problems.length} problems`);
process.exit(problems.length ? 1 : 0);
