// SPDX-License-Identifier: Apache-2.0
// The discriminator's game between two Gaussians: D* = p/(p+q), its value, and what a worse D gets.
import { Chart, Plot, color } from "../chart";
import { element, legend, Readings, slider } from "../elements";
import { text } from "../language";
import { curvesOf, densitiesOf, Density, pairOf } from "../math/line";

interface Numbers { ln4: number; means: number[]; js: number[]; networks: { mean: number; value: number }[] }

export function game(stage: HTMLElement, numbers: Numbers): void {
  const densities = new Chart(), values = new Chart(), readings = new Readings();
  const p: Density = { family: "normal", centre: 0, width: 1 };
  let mean = 2, sharpness = 1, bias = 0;
  const update = (): void => {
    const q: Density = { family: "normal", centre: mean, width: 1 };
    const { places: xs, pair: curves } = curvesOf(p, q, -4, 10.4, 360), pair = pairOf(p, q);
    const [ps, qs] = [densitiesOf(p, xs), densitiesOf(q, xs)];
    const d = (a: number, b: number): { x: number; y: number }[] => Array.from(curves.game(a, b).discriminator, (y, i) => ({ x: xs[i], y }));
    densities.draw({
      title: { en: "p, q and the discriminator", zh: "p、q 与判别器" }, alt: { en: "Densities and D between 0 and 1", zh: "密度与取值 0 到 1 的 D" }, height: 240,
      x: { label: "x" }, y: { label: text({ en: "density; D", zh: "密度；D" }), domain: [0, 1], grid: true, ticks: 5 },
      marks: [
        Plot.areaY(ps, { x: "x", y: "y", fill: color.p, fillOpacity: 0.2 }),
        Plot.areaY(qs, { x: "x", y: "y", fill: color.q, fillOpacity: 0.2 }),
        Plot.lineY(ps, { x: "x", y: "y", stroke: color.p, strokeWidth: 2 }),
        Plot.lineY(qs, { x: "x", y: "y", stroke: color.q, strokeWidth: 2, strokeDasharray: "7,3" }),
        Plot.lineY(d(1, 0), { x: "x", y: "y", stroke: color.faint, strokeWidth: 2 }),
        Plot.lineY(d(sharpness, bias), { x: "x", y: "y", stroke: color.third, strokeWidth: 2.4, strokeDasharray: "2,2" }),
        Plot.ruleY([0]),
      ],
    });
    const best = pair.game(1, 0).value, yours = pair.game(sharpness, bias).value;
    const curve = numbers.means.map((m, i) => ({ m, v: 2 * numbers.js[i] - numbers.ln4 }));
    values.draw({
      title: { en: "Value of the game against the mean of q", zh: "博弈的值随 q 的均值变化" }, alt: { en: "The value rises from −ln 4 to 0", zh: "博弈的值从 −ln 4 升到 0" }, height: 240,
      x: { label: text({ en: "mean of q", zh: "q 的均值" }) }, y: { label: "V(D)", domain: [-1.6, 0.1], grid: true },
      marks: [
        Plot.ruleY([-numbers.ln4], { stroke: color.soft, strokeDasharray: "3,3" }), Plot.text([0], { x: () => 5.2, y: () => -numbers.ln4, text: () => "−ln 4", dy: -9, fill: color.soft }),
        Plot.lineY(curve, { x: "m", y: "v", stroke: color.faint, strokeWidth: 2.4 }),
        Plot.dot(numbers.networks, { x: "mean", y: "value", stroke: color.fourth, symbol: "square", r: 5, strokeWidth: 2 }),
        Plot.dot([0], { x: () => mean, y: () => yours, fill: color.third, r: 6, stroke: "var(--card)" }),
      ],
    });
    readings.show([
      { id: "best", label: { en: "value at D* = p/(p+q)", zh: "D* = p/(p+q) 处的值" }, value: best },
      { id: "js", label: "JSD(p,q) = (V(D*) + ln 4)/2", value: (best + numbers.ln4) / 2, unit: { en: "nats", zh: "奈特" } },
      { id: "yours", label: { en: "value at your D", zh: "你的 D 处的值" }, value: yours },
      { id: "short", label: { en: "it falls short by", zh: "差距" }, value: best - yours },
    ]);
  };
  const control = element("div", { class: "controls" },
    slider({ label: { en: "mean of q (the generator)", zh: "q 的均值（生成器）" }, min: 0, max: 6, step: 0.1, value: mean, kind: "q" }, (v) => { mean = v; update(); }).root,
    slider({ label: { en: "sharpness of D (best: 1)", zh: "D 的陡峭程度（最优为 1）" }, min: 0, max: 3, step: 0.05, value: sharpness }, (v) => { sharpness = v; update(); }).root,
    slider({ label: { en: "bias of D (best: 0)", zh: "D 的偏置（最优为 0）" }, min: -3, max: 3, step: 0.1, value: bias }, (v) => { bias = v; update(); }).root);
  stage.append(control, readings.root,
    legend([{ label: "p", color: color.p }, { label: "q", color: color.q, dash: "7,3" }, { label: "D*", color: color.faint }, { label: { en: "your D", zh: "你的 D" }, color: color.third, dash: "2,2" },
            { label: { en: "a network's D, held-out points", zh: "网络学到的 D（留出数据）" }, color: color.fourth, mark: "box" }]),
    element("div", { class: "row" }, densities.root, values.root));
  update();
}
