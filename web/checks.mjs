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

export const checks = {
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
};
