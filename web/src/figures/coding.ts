// SPDX-License-Identifier: Apache-2.0
// A Huffman tree of any distribution typed in, and its words' lengths beside the ideal ones.
import { Chart, Plot, color } from "../chart";
import { choice, element, legend, Readings } from "../elements";
import { text } from "../language";
import { Coded, encode, idealLength, parseMasses } from "../math/huffman";
import { short } from "../number";

interface Numbers { p: number[] }
interface Place { x: number; y: number; label: string; leaf: boolean }
interface Branch { x1: number; y1: number; x2: number; y2: number; bit: string }

const complaints = {
  number: { en: "Wanted numbers or fractions separated by commas, such as 1/2, 1/4, 1/4.", zh: "请输入用逗号分隔的数或分数，例如 1/2, 1/4, 1/4。" },
  negative: { en: "A probability cannot be negative.", zh: "概率不能为负。" },
  none: { en: "At least one symbol needs some mass.", zh: "至少要有一个符号的概率大于零。" },
  many: { en: "At most 32 symbols fit into the picture.", zh: "图中最多容纳 32 个符号。" },
};

// Symbols are named a, b, c, …
const nameOf = (i: number): string => (i < 26 ? String.fromCharCode(97 + i) : `s${i}`);

function treeOf(words: string[], p: number[]): { places: Place[]; branches: Branch[] } {
  const leaves = words.map((word, i) => ({ word, i })).filter(({ i }) => p[i] > 0).sort((a, b) => (a.word < b.word ? -1 : 1));
  const nodes = new Map<string, { x: number; leaf?: number }>();
  leaves.forEach(({ word, i }, x) => nodes.set(word, { x, leaf: i }));
  const prefixes = new Set(leaves.flatMap(({ word }) => [...word].map((_, length) => word.slice(0, length))));
  for (const prefix of [...prefixes].sort((a, b) => b.length - a.length)) {
    const below = ["0", "1"].map((bit) => nodes.get(prefix + bit)?.x).filter((x): x is number => x !== undefined);
    nodes.set(prefix, { x: below.reduce((a, b) => a + b, 0) / below.length });
  }
  const places: Place[] = [], branches: Branch[] = [];
  for (const [word, { x, leaf }] of nodes) {
    places.push({ x, y: word.length, label: leaf === undefined ? "" : nameOf(leaf), leaf: leaf !== undefined });
    if (word === "") continue;
    const parent = nodes.get(word.slice(0, -1))!;
    branches.push({ x1: parent.x, y1: word.length - 1, x2: x, y2: word.length, bit: word[word.length - 1] });
  }
  return { places, branches };
}

function drawTree(chart: Chart, p: number[], coded: Coded): void {
  const { places, branches } = treeOf(coded.words, p);
  const depth = Math.max(1, ...places.map((place) => place.y));
  chart.draw({
    title: { en: "The tree: left is 0, right is 1", zh: "码树：向左为 0，向右为 1" },
    alt: { en: "A binary tree whose leaves are the symbols", zh: "一棵二叉树，叶子是各个符号" },
    height: 70 + 46 * depth, marginLeft: 16, marginRight: 16, marginTop: 14, marginBottom: 14,
    x: { axis: null, inset: 14 }, y: { axis: null, reverse: true, domain: [0, depth], inset: 14 }, r: { type: "identity" },
    marks: [
      Plot.link(branches, { x1: "x1", y1: "y1", x2: "x2", y2: "y2", stroke: color.faint, strokeWidth: 1.5 }),
      Plot.text(branches, { x: (b: Branch) => (b.x1 + b.x2) / 2, y: (b: Branch) => (b.y1 + b.y2) / 2, text: "bit", fill: color.soft,
        stroke: "var(--card)", strokeWidth: 5 }),
      Plot.dot(places, { x: "x", y: "y", r: (d: Place) => (d.leaf ? 11 : 3), fill: (d: Place) => (d.leaf ? color.p : color.faint) }),
      Plot.text(places.filter((d) => d.leaf), { x: "x", y: "y", text: "label", fill: "var(--card)", fontWeight: 600 }),
    ],
  });
}

function drawLengths(chart: Chart, p: number[], coded: Coded): void {
  const rows = p.flatMap((mass, i) => (mass > 0 ? [{ symbol: nameOf(i), length: coded.words[i].length, ideal: idealLength(mass), mass, word: coded.words[i] }] : []));
  chart.draw({
    title: { en: "Length of each word, and the ideal", zh: "各码字的长度与理想长度" },
    alt: { en: "Bars of word lengths with marks at the ideal lengths", zh: "码长的条形图，短线为理想长度" },
    x: { label: text({ en: "symbol", zh: "符号" }), domain: rows.map((row) => row.symbol) },
    y: { label: text({ en: "bits", zh: "比特" }), grid: true, nice: true },
    marks: [
      Plot.barY(rows, { x: "symbol", y: "length", fill: color.p, fillOpacity: 0.55, inset: 2 }),
      Plot.tickY(rows, { x: "symbol", y: "ideal", stroke: color.q, strokeWidth: 3 }),
      Plot.ruleY([0], { stroke: color.faint }),
    ],
  });
}

function tableOf(p: number[], coded: Coded): HTMLElement {
  const head = [{ en: "symbol", zh: "符号" }, { en: "p", zh: "p" }, { en: "word", zh: "码字" }, { en: "bits", zh: "比特" }, { en: "ideal", zh: "理想" }];
  const cell = (tag: "td" | "th", shown: string): HTMLElement => element(tag, {}, shown);
  return element("div", { class: "table" }, element("table", {},
    element("thead", {}, element("tr", {}, ...head.map((word) => cell("th", text(word))))),
    element("tbody", {}, ...p.map((mass, i) => element("tr", {}, cell("th", nameOf(i)), cell("td", short(mass, 4)),
      element("td", { class: "word" }, mass > 0 ? coded.words[i] || "—" : "—"), cell("td", mass > 0 ? String(coded.words[i].length) : "—"),
      cell("td", short(idealLength(mass), 4)))))));
}

export function coding(stage: HTMLElement, numbers: Numbers): void {
  const examples = [
    { id: "course", label: { en: "the eight symbols", zh: "八个符号" }, text: "0.9, 0.09, 1/600, 1/600, 1/600, 1/600, 1/600, 1/600" },
    { id: "halves", label: { en: "powers of ½", zh: "½ 的幂" }, text: "1/2, 1/4, 1/8, 1/8" },
    { id: "even", label: { en: "six even symbols", zh: "六个等概率符号" }, text: "1/6, 1/6, 1/6, 1/6, 1/6, 1/6" },
    { id: "letters", label: { en: "a dozen letters", zh: "十二个字母" }, text: "12.7, 9.1, 8.2, 7.5, 7, 6.7, 6.3, 6.1, 6, 4.3, 4, 2.8" },
  ];
  const input = element("input", { type: "text", value: examples[0].text, spellcheck: "false", "aria-label": text({ en: "Probabilities", zh: "概率" }) });
  const complaint = element("p", { class: "complaint", role: "status" });
  const tree = new Chart(), lengths = new Chart(), readings = new Readings(), table = element("div");

  const update = (masses?: number[]): void => {
    const parsed = masses ? { masses } : parseMasses(input.value);
    input.setCustomValidity("problem" in parsed ? "x" : "");
    complaint.textContent = "problem" in parsed ? text(complaints[parsed.problem]) : "";
    if ("problem" in parsed) return;
    const coded = encode(parsed.masses);
    drawTree(tree, parsed.masses, coded);
    drawLengths(lengths, parsed.masses, coded);
    readings.show([
      { id: "entropy", label: { en: "entropy H(p)", zh: "熵 H(p)" }, value: coded.entropy, unit: { en: "bits", zh: "比特" } },
      { id: "mean_length", label: { en: "Huffman's mean length", zh: "霍夫曼平均码长" }, value: coded.meanLength, unit: { en: "bits", zh: "比特" } },
      { id: "fixed_length", label: { en: "words of one length", zh: "等长码" }, value: coded.fixedLength, unit: { en: "bits", zh: "比特" } },
    ]);
    table.replaceChildren(tableOf(parsed.masses, coded));
  };
  input.addEventListener("input", () => update());
  const buttons = choice(examples, "course", { en: "Examples", zh: "例子" }, (id) => {
    input.value = examples.find((example) => example.id === id)!.text;
    update();
  });
  stage.append(
    element("div", { class: "controls" }, element("label", { class: "control wide" },
      text({ en: "Probabilities, in any unit: they are divided by their sum", zh: "概率，单位任意：会除以总和" }), input)),
    buttons, complaint, readings.root,
    element("div", { class: "row" }, tree.root,
      element("div", {}, legend([{ label: { en: "length of the word", zh: "码长" }, color: color.p, mark: "box" }, { label: { en: "ideal −log₂ p", zh: "理想长度 −log₂ p" }, color: color.q }]), lengths.root)),
    table);
  update(numbers.p);
}
