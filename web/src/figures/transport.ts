// SPDX-License-Identifier: Apache-2.0
// Two histograms drawn by hand, the optimal flow between them, mass on its way, and the function that proves it.
import { Chart, Plot, color } from "../chart";
import { button, element, Readings, slider } from "../elements";
import { text } from "../language";
import { Arc, divergence, linePlan, meanOf } from "../math/library";
import { potential } from "../math/transport";
import { Bars } from "./bars";

interface Numbers { p: number[]; q: number[] }

// Each arc's mass is a block as wide as a bar, on its way; blocks that overlap add up.
function onItsWay(plan: Arc[], bars: number, time: number): { x: number; mass: number }[] {
  const cells = 20, width = 0.9;
  const rows = Array.from({ length: bars * cells + 1 }, (_, k) => ({ x: -0.5 + k / cells, mass: 0 }));
  for (const { from, to, mass } of plan) {
    const centre = from + time * (to - from);
    for (const row of rows) if (Math.abs(row.x - centre) <= width / 2) row.mass += mass;
  }
  return rows;
}

export function transport(stage: HTMLElement, numbers: Numbers): void {
  const flow = new Chart(), way = new Chart(), dual = new Chart(), readings = new Readings();
  const labels = numbers.p.map((_, i) => String(i));
  let time = 0.5;
  const update = (): void => {
    const plan = linePlan(p.masses, q.masses);
    drawFlow(plan);
    drawWay(plan);
    drawDual(plan);
  };
  const drawFlow = (plan: Arc[]): void => flow.draw({
    alt: { en: "Lines from bars of p to bars of q, as thick as the mass they carry", zh: "从 p 的条形到 q 的条形的连线，粗细表示质量" }, height: 130, marginTop: 4, marginBottom: 4,
    x: { axis: null, domain: labels, type: "band" }, y: { axis: null, domain: [0, 1] },
    marks: [Plot.link(plan, { x1: (a) => labels[a.from], x2: (a) => labels[a.to], y1: () => 1, y2: () => 0, stroke: color.third, strokeOpacity: 0.65, strokeLinecap: "round",
      strokeWidth: (a: { mass: number }) => 2 + 40 * a.mass })],
  });
  const drawWay = (plan: Arc[]): void => way.draw({
    title: { en: "Mass on its way", zh: "途中的质量" }, alt: { en: "Bars between p and q", zh: "介于 p 与 q 之间的条形" }, height: 150,
    x: { label: text({ en: "position", zh: "位置" }), domain: [-0.5, labels.length - 0.5], ticks: labels.length }, y: { label: text({ en: "mass", zh: "质量" }), domain: [0, 0.5], grid: true, ticks: 3 },
    marks: [
      Plot.areaY(onItsWay(plan, labels.length, time), { x: "x", y: "mass", curve: "step", fill: `color-mix(in srgb, var(--q) ${time * 100}%, var(--p))`, fillOpacity: 0.65 }),
      Plot.ruleY([0]),
    ],
  });
  const drawDual = (plan: Arc[]): void => {
    const f = potential(p.masses, q.masses), value = meanOf(p.masses, f) - meanOf(q.masses, f), w1 = divergence("w1", p.masses, q.masses);
    const rows = f.map((y, x) => ({ x, y }));
    dual.draw({
      title: { en: "A function of slope at most 1 that proves it", zh: "证明最优的函数，斜率不超过 1" }, alt: { en: "Kantorovich's potential over the positions", zh: "各位置上的坎托罗维奇势函数" }, height: 190,
      x: { label: text({ en: "position", zh: "位置" }), domain: [-0.5, labels.length - 0.5], ticks: labels.length }, y: { label: "f(x)", grid: true, domain: [-5, 5] },
      marks: [
        Plot.arrow(plan.filter((a) => a.from !== a.to), { x1: "from", x2: "to", y1: (a) => f[a.from], y2: (a) => f[a.to], stroke: color.third, strokeOpacity: 0.5, strokeWidth: 1.5, bend: 22, headLength: 6 }),
        Plot.lineY(rows, { x: "x", y: "y", stroke: color.fourth, strokeWidth: 2.4 }), Plot.dot(rows, { x: "x", y: "y", fill: color.fourth, r: 3.5 }),
      ],
    });
    readings.show([
      { id: "w1", label: { en: "cost of the flow, |x − y|: W₁", zh: "流的代价 |x − y|：W₁" }, value: w1 },
      { id: "dual", label: { en: "E f over p − E f over q", zh: "f 在 p 与 q 下的均值之差" }, value },
      { id: "w2", label: "W₂", value: divergence("w2", p.masses, q.masses) },
      { id: "arcs", label: { en: "arcs that carry mass", zh: "有质量流过的弧" }, value: plan.length },
    ]);
  };
  const common = { labels, x: { en: "position", zh: "位置" }, top: 0.5, changed: update };
  const p = new Bars({ ...common, height: 150, masses: numbers.p, fill: color.p, title: { en: "p: where the mass is", zh: "p：质量现在的位置" }, alt: { en: "Bars of p", zh: "p 的条形图" } });
  const q = new Bars({ ...common, height: 118, masses: numbers.q, fill: color.q, reverse: true, title: { en: "q: where it has to be", zh: "q：质量要去的位置" }, alt: { en: "Bars of q, hanging", zh: "q 的条形图（向下）" } });
  const set = (a: number[], b: number[]): void => { p.set(a); q.set(b); update(); };
  const one = (at: number): number[] => labels.map((_, i) => (i === at ? 1 : 0));
  stage.append(
    element("div", { class: "buttons" }, button({ en: "as in the table", zh: "与表中相同" }, () => set(numbers.p, numbers.q)),
      button({ en: "p all at 2, q all at 7", zh: "p 全在 2，q 全在 7" }, () => set(one(2), one(7))),
      button({ en: "q = p", zh: "q = p" }, () => set(p.masses, p.masses)), button({ en: "exchange", zh: "交换" }, () => set(q.masses, p.masses))),
    readings.root, p.chart.root, flow.root, q.chart.root,
    element("div", { class: "controls" }, slider({ label: { en: "time, from p to q", zh: "时间，从 p 到 q" }, min: 0, max: 1, step: 0.01, value: time }, (t) => { time = t; drawWay(linePlan(p.masses, q.masses)); }).root),
    way.root, dual.root);
  update();
}
