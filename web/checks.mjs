// SPDX-License-Identifier: Apache-2.0
//
// What a page computes is what the program computed: checks of single chapters, by name.
// Each gets the open page, the chapter's numbers as the program wrote them, and what to call with a complaint.

async function reading(page, id) {
  return Number(await page.locator(`[data-reading="${id}"]`).first().getAttribute("data-value"));
}

const wire = (value) => (value === "inf" ? Infinity : value === "-inf" ? -Infinity : value);

function compare(complain, what, got, wanted, tolerance) {
  const close = got === wanted || Math.abs(got - wanted) <= tolerance * Math.max(1, Math.abs(wanted));
  if (!close) complain(`${what}: the page has ${got}, the program ${wanted}`);
}

// The page's decoder against the program's pictures of the same codes: float32 both, sums in another order, and six digits
// in the file; a sigmoid passes at most a quarter of an error on.
async function decoder(page, numbers, complain) {
  await page.waitForFunction(() => window.decode);
  for (const { z, x } of numbers.tried) {
    const made = await page.evaluate((code) => window.decode(...code), z);
    const off = Math.max(...made.map((v, i) => Math.abs(v - x[i])));
    if (made.length !== x.length || !(off < 2e-5)) complain(`decoder at ${z}: the page is ${off} off the program`);
  }
}

// Charts of codes show every code: no mark lies beyond the frame that cuts marks off.
async function inFrame(page, complain) {
  const [marks, lost] = await page.evaluate(() => {
    let all = 0, out = 0;
    for (const group of document.querySelectorAll(".stage svg g[clip-path]")) {
      const frame = document.querySelector(`${group.getAttribute("clip-path").slice(4, -1)} rect`);
      const [left, top, width, height] = ["x", "y", "width", "height"].map((name) => Number(frame.getAttribute(name)));
      for (const mark of group.querySelectorAll("text, circle")) {
        const moved = (mark.getAttribute("transform") ?? "").match(/translate\(([-\d.]+),([-\d.]+)\)/);
        const [x, y] = moved ? [Number(moved[1]), Number(moved[2])] : [Number(mark.getAttribute("cx")), Number(mark.getAttribute("cy"))];
        ++all, out += x < left || x > left + width || y < top || y > top + height;
      }
    }
    return [all, out];
  });
  if (marks < 90 || lost) complain(`${lost} of ${marks} codes lie outside their chart`);
}

export const checks = {
  // The noise of the six draws is the program's, too: the functions of libm round otherwise in their last bits.
  async vae(page, numbers, complain) {
    await decoder(page, numbers, complain);
    const noise = (await page.locator("[data-noise]").getAttribute("data-noise")).split(",").map(Number);
    await inFrame(page, complain);
    noise.forEach((value, i) => compare(complain, `draw ${i}`, value, numbers.noise[i], 1e-12));
  },
  async faces(page, numbers, complain) {
    await decoder(page, numbers, complain);
    await inFrame(page, complain);
  },
  // The bound of a linear Gaussian model, at the prior (as it opens) and at the posterior.
  async bound(page, numbers, complain) {
    for (const id of ["elbo", "gap"]) compare(complain, `${id} at the prior`, await reading(page, id), numbers.start[id], 1e-6);
    compare(complain, "first term", await reading(page, "first"), numbers.start.reconstruction, 1e-6);
    compare(complain, "ln p(x)", await reading(page, "log_p"), numbers.log_p, 1e-6);
  },
  async losses(page, numbers, complain) {
    compare(complain, "least cross-entropy", await reading(page, "least_cross"), numbers.quarter.entropy, 1e-12);
    compare(complain, "slope at ½", await reading(page, "slope_half"), numbers.quarter.gradient_at_half, 1e-12);
  },
  // The same arithmetic in the same precision: rounding alone may differ.
  async coding(page, numbers, complain) {
    compare(complain, "entropy", await reading(page, "entropy"), numbers.entropy, 1e-12);
    compare(complain, "mean length", await reading(page, "mean_length"), numbers.huffman.mean_length, 1e-12);
    compare(complain, "fixed length", await reading(page, "fixed_length"), numbers.fixed_length, 0);
    const words = await page.locator("td.word").allTextContents();
    if (words.join() !== numbers.huffman.words.join()) complain(`words: the page has ${words}, the program ${numbers.huffman.words}`);
    await page.locator(".stage input[type=text]").fill("1/2, 1/4, -1");
    if (!(await page.locator(".complaint").textContent())) complain("takes a negative probability");
  },
  async "kl-bits"(page, numbers, complain) {
    compare(complain, "H(p,q)", await reading(page, "cross_entropy"), wire(numbers.p_on_q.cross_entropy), 1e-12);
    compare(complain, "KL", await reading(page, "kl"), wire(numbers.p_on_q.kl), 1e-12);
    const bar = page.locator(".stage [role=slider]").first();
    await bar.focus();
    await page.keyboard.press("ArrowUp");
    if ((await reading(page, "kl")) === wire(numbers.p_on_q.kl)) complain("a bar moved by a key changes nothing");
    const box = await page.locator(".stage [role=slider]").nth(1).boundingBox();
    const before = await reading(page, "kl");
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 4);
    await page.mouse.up();
    if ((await reading(page, "kl")) === before) complain("a bar that is dragged changes nothing");
  },
  // The page sums cells of width 0.005: the midpoint rule errs by h²/24·f'' for smooth densities, and by about h where a
  // density has a corner or a jump (W₂'s cells, the Laplace's tip), squared distances at most.
  async divergences(page, numbers, complain) {
    for (const [id, setting] of Object.entries(numbers.settings)) {
      await page.locator(`.stage [data-choice="${id}"]`).first().click();
      for (const key of Object.keys(setting.values)) {
        if (key === "entropy") continue;
        compare(complain, `${id} ${key}`, await reading(page, key), wire(setting.values[key]), 2e-3);
      }
    }
  },
  // KL both ways by the page's cells, at the end of the program's fit: smooth densities, the midpoint rule.
  async "two-ways"(page, numbers, complain) {
    for (const way of ["forward", "reverse"]) {
      await page.locator(`.stage [data-choice="${way}"]`).click();
      await page.locator(".player input").press("End");
      const best = numbers[way].optima.map((optimum) => optimum.divergence).sort((a, b) => a - b)[0];
      const shown = await reading(page, way === "forward" ? "kl" : "reverse_kl");
      // The path ends at one of the optima, which the fit found to 1e-6 or so.
      compare(complain, `KL ${way} where the path ends`, shown, best, 1e-4);
    }
  },
  async game(page, numbers, complain) {
    compare(complain, "JSD", await reading(page, "js"), numbers.at_two.js, 1e-6);
    compare(complain, "value at D*", await reading(page, "best"), numbers.at_two.value, 1e-6);
    compare(complain, "your D is the best at first", await reading(page, "short"), 0, 1e-12);
    await page.locator(".stage input[type=range]").nth(1).press("ArrowRight");
    if (!((await reading(page, "short")) > 0)) complain("a sharper D is not worse");
  },
  async transport(page, numbers, complain) {
    compare(complain, "W1", await reading(page, "w1"), numbers.w1, 1e-12);
    compare(complain, "the dual", await reading(page, "dual"), numbers.linear.dual, 1e-9);
    compare(complain, "W2", await reading(page, "w2"), numbers.w2, 1e-12);
    await page.locator(".stage [role=slider]").nth(3).press("PageUp");
    compare(complain, "the dual after a key", await reading(page, "dual"), await reading(page, "w1"), 1e-9);
    if ((await reading(page, "w1")) === numbers.w1) complain("a bar moved by a key changes nothing");
  },
  async witness(page, numbers, complain) {
    const wide = numbers.widths.find((row) => row.width === 1);
    compare(complain, "MMD²", await reading(page, "biased"), wide.biased, 1e-12);
    compare(complain, "unbiased MMD²", await reading(page, "unbiased"), wide.unbiased, 1e-12);
  },
  async sinkhorn(page, numbers, complain) {
    await page.locator(".player input").press("End");
    compare(complain, "cost of the sharpest plan", await reading(page, "transport_cost"), numbers.steps.at(-1).transport_cost, 1e-12);
  },
};
