// SPDX-License-Identifier: Apache-2.0
//
// Drives the studio in a browser:  node check_studio.mjs PROGRAM FOLDER [--pictures FOLDER]
//
//   no message on the console, no request but to the studio, nothing wider than the window; a training is begun, followed
//   by two pages alike, one in Chinese, and by one that comes late, stopped and gone on with; the latent space answers a drag and a key; two files dropped give the
//   reading page; a page that is closed in the midst of a training leaves it alone; Ctrl-C closes all with status 0.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";

const [program, folder] = [resolve(process.argv[2]), resolve(process.argv[3])];
const at = process.argv.indexOf("--pictures");
const pictures = at > 0 ? resolve(process.argv[at + 1]) : undefined;
const browserPath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

const problems = [];
const complain = (what) => problems.push(what);

const studio = spawn(program, ["studio", "toy:8gaussians:n=1000", "--port", "0", "--json", "--quiet", "--runs", join(folder, "studio-runs")], { stdio: ["ignore", "pipe", "inherit"] });
const closed = new Promise((done) => studio.on("exit", (code, signal) => done(signal ?? code)));
const address = await new Promise((done) => { let text = ""; studio.stdout.on("data", (bytes) => { text += bytes; if (text.includes("\n")) done(JSON.parse(text).address); }); });

const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] });
async function open(width, dark = false, locale = "en-US") {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: dark ? "dark" : "light", locale });
  context.setDefaultTimeout(120000);  // of a busy machine
  const page = await context.newPage();
  page.on("console", (message) => { if (["error", "warning"].includes(message.type()) && !/status of 400/.test(message.text())) complain(`console (${width}): ${message.text()}`); });
  page.on("pageerror", (error) => complain(`error (${width}): ${error.message}`));
  page.on("request", (request) => { if (!request.url().startsWith(new URL(address).origin) && !/^(data|blob|about):/.test(request.url())) complain(`asks for ${request.url()}`); });
  await page.goto(address);
  await page.waitForSelector("#runs");
  return page;
}
async function picture(page, name) {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `studio-${name}.png`), fullPage: true });
}
try {
  const page = await open(1280), other = await open(390, true, "zh-CN");
  if ((await other.locator("h1").textContent()) !== "工作室") complain("is not in the browser's language");
  if (page.url().includes("token")) complain("the token stays in the address");
  await page.fill("#name", "../bad");
  await page.click("form button");
  await page.waitForFunction(() => document.querySelector(".complaint").textContent !== "");

  // Long enough to be stopped.
  await page.selectOption("#model", "generator");
  await page.fill("#name", "first");
  await page.fill("#options", "--distance energy --hidden 32 --steps 200000 --batch 100");
  await page.click("form button");
  for (const one of [page, other]) await one.waitForFunction(() => document.querySelectorAll("#training .curves svg").length > 0, undefined, { timeout: 60000 });
  await page.waitForSelector("#training figure svg");
  await picture(page, "training-1280");
  await picture(other, "training-390-dark");
  for (const one of [page, other]) for (const word of ["generator", "toy:8gaussians:n=1000"])
    if (!(await one.locator("#training h2").textContent()).includes(word)) complain(`a page does not say that ${word} is trained`);
  if (!(await page.locator("form button").isDisabled())) complain("a second training may be begun");
  await other.context().close();  // in the midst of it
  // An answer of while the training ran, which comes after the one of its end.
  const running = await page.evaluate(() => fetch("/api/state").then((answer) => answer.text()));
  let answers = 0, late_answer, sent;
  await page.route("**/api/state", async (route) => {
    if (answers++ > 0) return route.continue();
    await new Promise((done) => { late_answer = done; });
    await route.fulfill({ contentType: "application/json", body: running });
    sent();
  });
  await page.click("text=Stop, with a checkpoint");
  await page.waitForFunction(() => /Stopped/.test(document.querySelector("#training .state").textContent), undefined, { timeout: 60000 });
  await page.waitForFunction(() => !document.querySelector("form button").disabled);
  await new Promise((done) => { sent = done; late_answer(); });
  await page.waitForTimeout(300);
  if (!JSON.parse(running).training || (await page.locator("form button").isDisabled())) complain("an answer that came late is shown");
  await page.unroute("**/api/state");
  // Who comes late sees what those see who were there.
  const late = await open(1280);
  await late.waitForFunction(() => /Stopped/.test(document.querySelector("#training .state").textContent), undefined, { timeout: 60000 });
  const drawn = (one) => one.$$eval("#training .curves path", (all) => all.map((path) => path.getAttribute("d")).join(" "));
  if ((await drawn(page)) !== (await drawn(late))) complain("two pages draw different curves of one training");
  await late.context().close();
  await page.waitForSelector('[data-run="first"] >> text=Go on');
  await page.waitForFunction(() => ![...document.querySelectorAll('[data-run="first"] button')].some((b) => b.disabled));
  await page.click('[data-run="first"] >> text=Go on');
  await page.waitForFunction(() => /epoch/.test(document.querySelector("#training .state").textContent), undefined, { timeout: 60000 });
  await page.click("text=Stop, with a checkpoint");
  await page.waitForFunction(() => /Stopped/.test(document.querySelector("#training .state").textContent), undefined, { timeout: 60000 });

  // A latent space: a drag and a key.
  await page.waitForFunction(() => ![...document.querySelectorAll('form button')].some((b) => b.disabled));
  await page.selectOption("#model", "vae");
  await page.fill("#name", "second");
  await page.fill("#options", "--latent 2 --hidden 16 --likelihood gaussian:learned --epochs 2");
  await page.click("form button");
  await page.waitForFunction(() => /Finished/.test(document.querySelector("#training .state").textContent), undefined, { timeout: 60000 });
  await page.click('[data-run="second"] >> text=Latent space');
  await page.waitForSelector("#latent .made table");
  const made = () => page.locator("#latent .made").innerText();
  const before = await made();
  await page.locator(".plane-pad").scrollIntoViewIfNeeded();
  const box = await page.locator(".plane-pad").boundingBox();
  await page.mouse.move(box.x + 0.5 * box.width, box.y + 0.5 * box.height);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.8 * box.width, box.y + 0.2 * box.height, { steps: 5 });
  await page.mouse.up();
  await page.waitForFunction((old) => document.querySelector("#latent .made").innerText !== old, before);
  const dragged = await made();
  await page.locator(".plane-pad").focus();
  await page.keyboard.press("ArrowLeft");
  await page.waitForFunction((old) => document.querySelector("#latent .made").innerText !== old, dragged);
  await picture(page, "latent-1280");

  // A report and a comparison, within the page.
  await page.click('[data-run="second"] >> text=Report');
  await page.frameLocator(".page-frame").locator("h1").waitFor({ timeout: 60000 });
  for (const name of ["first", "second"]) await page.check(`[data-run="${name}"] input`);
  await page.click("text=Compare the chosen");
  await page.frameLocator(".page-frame").locator("text=Which is better?").waitFor({ timeout: 60000 });
  await picture(page, "compare-1280");

  // Two files.
  const rows = (shift) => "a,b\n" + Array.from({ length: 60 }, (_, i) => `${(i * 37) % 11 + shift},${(i * 17) % 7}`).join("\n") + "\n";
  for (const [name, shift] of [["one.csv", 0], ["two.csv", 3]]) writeFileSync(join(folder, name), rows(shift));
  await page.setInputFiles("#files input", [join(folder, "one.csv"), join(folder, "two.csv")]);
  await page.frameLocator(".page-frame").locator("h1:has-text('one.csv and two.csv')").waitFor({ timeout: 60000 });

  for (const width of [390, 1280, 1920]) {
    await page.setViewportSize({ width, height: 900 });
    await page.waitForTimeout(150);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    if (wide > width) complain(`${wide} pixels wide at ${width}`);
    const cut = await page.$eval("#runs .table", (table) => table.scrollWidth - table.clientWidth);
    if (cut > 0) complain(`the list of runs is ${cut} pixels wider than its place at ${width}`);
  }
  await picture(page, "all-1920");
} catch (problem) { complain(String(problem.stack ?? problem).split("\n").slice(0, 12).join(" ")); }
await browser.close();
studio.kill("SIGINT");
const status = await closed;
if (status !== 0) complain(`closed with ${status}`);
for (const problem of problems) console.error(problem);
console.log(`studio: ${problems.length} problems`);
process.exit(problems.length ? 1 : 0);
