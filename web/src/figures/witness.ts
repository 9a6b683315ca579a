// SPDX-License-Identifier: Apache-2.0
// Two samples on the line, MMD's witness function, and what MMD sees at each width of its kernel.
import { Chart, Plot, color } from "../chart";
import { element, legend, Readings, slider } from "../elements";
import { text } from "../language";
import { mmd, witnessOf } from "../math/library";

interface Numbers { x: number[]; y: number[]; median: number; widths: { width: number }[] }

export function witness(stage: HTMLElement, numbers: Numbers): void {
  const { x, y } = numbers;
  const picture = new Chart(), curve = new Chart(), readings = new Readings();
  const widths = Array.from({ length: 60 }, (_, i) => 10 ** (-1.5 + (3 * i) / 59));
  const seen = widths.map((width) => ({ width, mmd: mmd(x, y, width).biased }));
  const top = 1.05 * Math.max(...seen.map((row) => row.mmd));
  const update = (width: number): void => {
    const now = mmd(x, y, width);
    const places = Array.from({ length: 321 }, (_, i) => -5 + i / 32);
    const { mmd: root, f } = witnessOf(x, y, width, places), rows = places.map((z, i) => ({ z, f: f[i] }));
    picture.draw({
      title: { en: "The witness: high where p has more, low where q has", zh: "见证函数：p 多处高，q 多处低" }, alt: { en: "The witness function over two samples", zh: "两个样本上方的见证函数" }, height: 260,
      x: { label: "z", domain: [-5, 5] }, y: { label: "f(z)", grid: true, domain: [-1.1, 1.1] },
      marks: [
        Plot.ruleY([0], { stroke: color.faint }),
        Plot.areaY(rows, { x: "z", y1: 0, y2: (r: { f: number }) => Math.max(0, r.f), fill: color.p, fillOpacity: 0.15 }), Plot.areaY(rows, { x: "z", y1: 0, y2: (r: { f: number }) => Math.min(0, r.f), fill: color.q, fillOpacity: 0.15 }),
        Plot.lineY(rows, { x: "z", y: "f", stroke: color.third, strokeWidth: 2.4 }),
        Plot.ruleX(x, { x: (v: number) => v, y1: 0.96, y2: 1.08, stroke: color.p, strokeOpacity: 0.7 }), Plot.ruleX(y, { x: (v: number) => v, y1: -1.08, y2: -0.96, stroke: color.q, strokeOpacity: 0.7 }),
      ],
    });
    curve.draw({
      title: { en: "What MMD sees at each width", zh: "MMD 在各个核宽下的值" }, alt: { en: "MMD squared against the bandwidth", zh: "MMD 平方随核宽变化的曲线" }, height: 200,
      x: { label: text({ en: "bandwidth σ", zh: "核宽 σ" }), type: "log", ticks: [0.1, 1, 10], tickFormat: String, grid: true }, y: { label: "MMD²", grid: true, domain: [0, top] },
      marks: [
        Plot.ruleX([numbers.median], { stroke: color.soft, strokeDasharray: "3,3" }), Plot.text([0], { x: () => numbers.median, y: () => top, text: () => text({ en: "median", zh: "中位数" }), dx: 5, textAnchor: "start", fill: color.soft }),
        Plot.lineY(seen, { x: "width", y: "mmd", stroke: color.third, strokeWidth: 2, clip: true }), Plot.dot([0], { x: () => width, y: () => now.biased, fill: color.third, r: 6, stroke: "var(--card)" }),
      ],
    });
    readings.show([
      { id: "biased", label: { en: "MMD², all pairs", zh: "MMD²（含对角项）" }, value: now.biased },
      { id: "unbiased", label: { en: "MMD², unbiased", zh: "MMD²（无偏）" }, value: now.unbiased },
      { id: "means", label: { en: "difference of f's means: MMD", zh: "f 的均值之差，即 MMD" }, value: root },
    ]);
  };
  const control = slider({ label: { en: "bandwidth σ", zh: "核宽 σ" }, min: 10 ** -1.5, max: 10 ** 1.5, step: 0.01, value: 1, log: true }, update);
  stage.append(element("div", { class: "controls" }, control.root), readings.root,
    legend([{ label: { en: "points of p", zh: "p 的样本点" }, color: color.p }, { label: { en: "points of q", zh: "q 的样本点" }, color: color.q }, { label: { en: "witness f", zh: "见证函数 f" }, color: color.third }]),
    picture.root, curve.root);
  update(1);
}
