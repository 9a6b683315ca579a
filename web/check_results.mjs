// SPDX-License-Identifier: Apache-2.0
//
// Opens pages about results in a browser:  node check_results.mjs PAGE.html… [--pictures FOLDER]
//
//   no message on the console, no request but to the file, nothing wider than the window (390 to 1920 pixels), light and
//   dark; every number of the JSON that the page holds is shown; every chart has a text for those who do not see it;
//   pictures open larger by a key, and close by Escape; a chart tells its value where the pointer is; on paper, all is there;
//   in Chinese no sentence is left in English, the numbers are the same, and the switch leads there and back.
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const at = process.argv.indexOf("--pictures");
const pictures = at > 0 ? resolve(process.argv[at + 1]) : undefined;
const files = process.argv.slice(2, at > 0 ? at : undefined);
const browserPath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const most = 1_000_000;  // bytes of a page

const problems = [];
const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] });

async function open(file, width, dark, locale = "en-US") {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: dark ? "dark" : "light", locale });
  const page = await context.newPage();
  const complain = (what) => problems.push(`${basename(file)} (${width}${dark ? ", dark" : ""}, ${locale}): ${what}`);
  page.on("console", (message) => complain(`console: ${message.text()}`));
  page.on("pageerror", (error) => complain(`error: ${error.message}`));
  page.on("request", (request) => { if (!/^(file|data|blob):/.test(request.url())) complain(`asks for ${request.url()}`); });
  await page.goto(pathToFileURL(resolve(file)).href);
  await page.waitForFunction(() => [...document.querySelectorAll(".chart")].every((chart) => chart.firstChild));
  return { context, page, complain };
}

async function checkLayout({ page, complain }, width) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  if (wide > width) complain(`${wide} pixels wide`);
  const silent = await page.$$eval("main svg[role=img], main img", (all) => all.filter((f) => !(f.getAttribute("aria-label") ?? f.getAttribute("alt"))).length);
  if (silent) complain(`${silent} pictures without a text`);
  // Of one run, or one pair of samples, there is room for the value beside what it is.
  const hidden = await page.$$eval("table.figures", (all) => all.filter((t) => t.querySelectorAll("tbody tr:first-child td").length === 1 && t.parentElement.scrollWidth > t.parentElement.clientWidth).map((t) => t.parentElement.scrollWidth - t.parentElement.clientWidth));
  if (hidden.length) complain(`a table of figures is ${hidden} pixels wider than its card`);
  const split = await page.$$eval(".figures .name", (all) => all.flatMap((name) => name.textContent.split(" ").map((word) => {
    const range = document.createRange(), start = name.textContent.indexOf(word);
    range.setStart(name.firstChild, start), range.setEnd(name.firstChild, start + word.length);
    return word.length <= 12 && range.getClientRects().length > 1 ? word : "";
  })).filter(Boolean));
  if (split.length) complain(`words broken across lines: ${split}`);
  const bare = await page.evaluate(() => document.querySelector("main").innerText.match(/NaN|undefined|\[object/));
  if (bare) complain(`shows '${bare[0]}'`);
  const broken = await page.$$eval(".n", (all) => all.filter((n) => n.getClientRects().length > 1).map((n) => n.textContent));
  if (broken.length) complain(`numbers broken across lines: ${broken}`);
}

/** What the page says is what the program wrote beside it. */
async function checkNumbers({ page, complain }) {
  const data = JSON.parse(await page.locator("#page-data").textContent());
  const blocks = data.sections.flatMap((section) => section.blocks).filter((block) => block.type === "figures");
  for (const row of blocks.flatMap((block) => block.rows)) {
    const wanted = row.cells.filter((cell) => cell?.value !== undefined).map((cell) => String(cell.value));
    const shown = await page.$$eval("td[data-figure-name] .n[data-value]", (all, name) => all.filter((n) => n.closest("td").dataset.figureName === name).map((n) => n.dataset.value), row.name);
    if (wanted.join() !== shown.join()) complain(`${row.name}: the page has ${shown}, the program ${wanted}`);
  }
  if ((await page.locator("section").count()) !== data.sections.length) complain("a section is missing");
}

async function checkPictures({ page, complain }) {
  const zoom = page.locator(".zoom").first();
  if (!(await zoom.count())) return;
  await zoom.focus();
  await page.keyboard.press("Enter");
  if (!(await page.locator("dialog[open] img").isVisible())) complain("a picture does not open by a key");
  const width = () => page.locator("dialog img").evaluate((image) => image.getBoundingClientRect().width);
  const before = await width();
  await page.keyboard.press("+");
  if (!((await width()) > before)) complain("+ does not enlarge");
  await page.keyboard.press("Escape");
  if (await page.locator("dialog[open]").count()) complain("Escape does not close a picture");
}

async function checkHover({ page, complain }) {
  const chart = page.locator(".curves svg").first();
  if (!(await chart.count())) return;
  await chart.scrollIntoViewIfNeeded();
  const box = await chart.boundingBox();
  const path = await chart.locator("path[stroke-width]").first().count();
  for (const part of [0.16, 0.3, 0.45, 0.6, 0.75, 0.95]) for (const height of [0.3, 0.5, 0.7, 0.85]) {
    await page.mouse.move(box.x + part * box.width, box.y + height * box.height);
    if ((await chart.locator("[aria-label=tip] text").count()) > 0) return;
  }
  complain(`a curve says nothing under the pointer (${path} paths)`);
}

async function checkPaper({ page, complain }) {
  await page.emulateMedia({ media: "print" });
  if (await page.locator(".bar").isVisible()) complain("paper shows the bar");
  if (!(await page.locator("main h1").isVisible())) complain("paper shows nothing");
}

const numbersOf = (page) => page.$$eval(".n[data-value]", (all) => all.map((n) => n.dataset.value).join());

/** The page is open in Chinese; single words are names of figures and runs, which stay. */
async function checkChinese({ page, complain }) {
  if (!(await page.evaluate(() => document.documentElement.lang)).startsWith("zh")) complain("is not in the browser's language");
  const missing = (await page.evaluate(() => [...window.missing])).filter((text) => /[a-z]{2,} [a-z]{2,}/i.test(text));
  if (missing.length) complain(`has no Chinese for: ${missing.join(" | ")}`);
  const numbers = await numbersOf(page), title = await page.title();
  await page.click("button.language");
  if ((await page.title()) === title && title.includes(" ")) complain("the switch of languages changes nothing");
  if ((await numbersOf(page)) !== numbers) complain("the languages show different numbers");
  await page.reload();
  if ((await page.evaluate(() => document.documentElement.lang)) !== "en") complain("the chosen language is not kept");
}

for (const file of files) {
  const size = statSync(file).size;
  if (size > most) problems.push(`${basename(file)}: ${size} bytes, wanted at most ${most}`);
  if (/<script src|<link rel="stylesheet"/.test(readFileSync(file, "utf8"))) problems.push(`${basename(file)}: loads something`);
  for (const [width, dark] of [[1280, false], [390, false], [1920, true], [1280, true], [390, true]]) {
    const opened = await open(file, width, dark);
    await checkLayout(opened, width);
    if (pictures) {
      mkdirSync(pictures, { recursive: true });
      await opened.page.screenshot({ path: join(pictures, `${basename(file, ".html")}-${width}${dark ? "-dark" : ""}.png`), fullPage: true });
    }
    if (width === 1280 && !dark) for (const check of [checkNumbers, checkPictures, checkHover, checkPaper]) await check(opened);
    await opened.context.close();
  }
  for (const [width, dark] of [[1280, false], [390, true]]) {
    const opened = await open(file, width, dark, "zh-CN");
    await checkLayout(opened, width);
    if (pictures) await opened.page.screenshot({ path: join(pictures, `${basename(file, ".html")}-zh-${width}${dark ? "-dark" : ""}.png`), fullPage: true });
    if (width === 1280) await checkChinese(opened);
    await opened.context.close();
  }
}
await browser.close();
for (const problem of problems) console.error(problem);
console.log(`${files.length} pages about results: ${problems.length} problems`);
process.exit(problems.length ? 1 : 0);
