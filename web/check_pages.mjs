// SPDX-License-Identifier: Apache-2.0
//
// Opens every page of a walk-through in a browser:  node check_pages.mjs FOLDER [CHAPTER…] [--pictures FOLDER]
//
//   no error on the console, no request but to the folder, nothing wider than the window (at 390, 1280, 1920 pixels);
//   every figure draws itself, has a text for those who do not see it, and answers each slider's keys;
//   both languages show the same numbers; numbers computed in the page are the program's (checks.mjs).
// With --pictures it takes a picture of each page, in light and dark.
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { checks } from "./checks.mjs";

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

// Every slider moves by its keys and changes something that is shown.
async function checkSliders({ page, complain }) {
  const count = await page.locator(".stage input[type=range]").count();
  for (let i = 0; i < count; ++i) {
    const slider = page.locator(".stage input[type=range]").nth(i);
    if (!(await slider.isVisible())) continue;
    const name = await slider.getAttribute("aria-label");
    const state = () => slider.evaluate((input) => input.closest(".stage").innerHTML.length + input.closest(".stage").innerText + input.closest(".stage").innerHTML);
    await slider.focus();
    const before = [await state(), await slider.inputValue()];
    for (const key of ["ArrowRight", "ArrowRight", "ArrowLeft"]) await page.keyboard.press(key);
    if ((await slider.inputValue()) === before[1]) await page.keyboard.press("ArrowLeft");
    await page.waitForTimeout(30);
    if ((await slider.inputValue()) === before[1]) complain(`slider '${name}' does not move`);
    else if ((await state()) === before[0]) complain(`slider '${name}' changes nothing`);
  }
  const buttons = page.locator(".stage .buttons button");
  for (let i = 0; i < (await buttons.count()); ++i) if (await buttons.nth(i).isVisible()) await buttons.nth(i).click();
  await page.waitForTimeout(60);
}

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
      if (width === 1280 && !dark) {
        numbers[language] = await numbersOf(opened);
        const data = join(folder, "data", `${name}.json`);
        if (checks[name] && existsSync(data)) await checks[name](opened.page, JSON.parse(readFileSync(data, "utf8")), opened.complain);
      }
      if (width === 390 && !dark) await checkSliders(opened);
      await opened.context.close();
    }
  }
  if (JSON.stringify(numbers.en) !== JSON.stringify(numbers.zh)) problems.push(`${name}: the languages show different numbers`);
}
await browser.close();
for (const problem of problems) console.error(problem);
console.log(`${pages.length} pages in two languages: ${problems.length} problems`);
process.exit(problems.length ? 1 : 0);
