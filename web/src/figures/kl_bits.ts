// SPDX-License-Identifier: Apache-2.0
// Two distributions with bars to drag: entropy, cross-entropy and KL in bits, symbol by symbol.
import { Chart, Plot, color } from "../chart";
import { button, element, Readings } from "../elements";
import { text } from "../language";
import { entropyBits } from "../math/huffman";
import { divergence, klTerms } from "../math/library";
import { Bars } from "./bars";

interface Numbers { p: number[]; q: number[]; half: number[] }

const labels = ["a", "b", "c", "d"];

const bits = (spec: string, p: number[], q: number[]): number => divergence(spec, p, q) / Math.LN2;

export function klBits(stage: HTMLElement, numbers: Numbers): void {
  const terms = new Chart(), readings = new Readings();
  const update = (): void => {
    const added = klTerms(p.masses, q.masses), rows = labels.map((label, i) => ({ label, bits: added[i] / Math.LN2 }));
    readings.show([
      { id: "entropy", label: "H(p)", value: entropyBits(p.masses), unit: { en: "bits", zh: "比特" } },
      { id: "cross_entropy", label: "H(p,q)", value: bits("cross-entropy", p.masses, q.masses), unit: { en: "bits", zh: "比特" } },
      { id: "kl", label: "KL(p‖q) = H(p,q) − H(p)", value: bits("kl", p.masses, q.masses), unit: { en: "bits", zh: "比特" } },
      { id: "reverse", label: "KL(q‖p)", value: bits("reverse-kl", p.masses, q.masses), unit: { en: "bits", zh: "比特" } },
    ]);
    const finite = rows.map((row) => ({ ...row, bits: Math.min(row.bits, 4), endless: row.bits === Infinity }));
    terms.draw({
      title: { en: "What each symbol adds to KL(p‖q)", zh: "每个符号对 KL(p‖q) 的贡献" },
      alt: { en: "A bar for each symbol: p log₂(p/q)", zh: "每个符号一个条形：p log₂(p/q)" }, height: 180, marginTop: 24,
      x: { label: text({ en: "symbol", zh: "符号" }), domain: labels }, y: { label: text({ en: "bits", zh: "比特" }), grid: true, domain: [Math.min(-0.6, ...finite.map((r) => r.bits)), Math.max(1.2, ...finite.map((r) => r.bits))] },
      marks: [
        Plot.barY(finite, { x: "label", y: "bits", fill: (row: { bits: number }) => (row.bits < 0 ? color.third : color.fourth), fillOpacity: 0.75, inset: 1 }),
        Plot.text(finite.filter((row) => row.endless), { x: "label", y: "bits", text: () => "∞", dy: -10, fontSize: 16 }),
        Plot.ruleY([0]),
      ],
    });
  };
  const common = { labels, x: { en: "symbol", zh: "符号" }, changed: update };
  const p = new Bars({ ...common, masses: numbers.p, fill: color.p, title: { en: "p: what is sent", zh: "p：实际发送" }, alt: { en: "Bars of p", zh: "p 的条形图" } });
  const q = new Bars({ ...common, masses: numbers.q, fill: color.q, title: { en: "q: what the book was made for", zh: "q：码本所针对的分布" }, alt: { en: "Bars of q", zh: "q 的条形图" } });
  const set = (a: number[], b: number[]) => (): void => { p.set(a); q.set(b); update(); };
  stage.append(
    element("div", { class: "buttons" },
      button({ en: "as in the table", zh: "与表中相同" }, set(numbers.p, numbers.q)),
      button({ en: "q = p", zh: "q = p" }, () => set(p.masses, p.masses)()),
      button({ en: "exchange p and q", zh: "交换 p 与 q" }, () => set(q.masses, p.masses)()),
      button({ en: "q without c and d", zh: "q 去掉 c、d" }, () => set(p.masses, numbers.half)())),
    readings.root, element("div", { class: "row" }, p.chart.root, q.chart.root), terms.root);
  update();
}
