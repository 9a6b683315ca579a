// SPDX-License-Identifier: Apache-2.0
// Squared error and cross-entropy of one pixel, with their derivatives; digits by both.
import { Chart, Plot, color } from "../chart";
import { element, legend, Readings, slider } from "../elements";
import { text } from "../language";
import { divergence, divergenceGradient, entropy } from "../math/library";
import { strips } from "./strips";

interface Numbers { originals: string; mse: { images: string }; bce: { images: string } }

// A pixel is the probability of ink: of two masses the squared L2 distance is twice the squared error, KL(x‖y) is the
// cross-entropy less H(x), and along (y, 1 − y) a derivative is the difference of both.
const ink = (v: number): [number, number] => [v, 1 - v];
const along = ([a, b]: number[]): number => a - b;
function lossesOf(x: number, y: number): { squared: number; cross: number; d2: number; dh: number } {
  const l2 = divergenceGradient("l2", ink(y), ink(x)), kl = divergenceGradient("reverse-kl", ink(y), ink(x));
  return { squared: l2.value / 2, cross: divergence("cross-entropy", ink(x), ink(y)), d2: along(l2.gradient) / 2, dh: along(kl.gradient) };
}

const ys = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);

export function losses(stage: HTMLElement, numbers: Numbers): void {
  const values = new Chart(), slopes = new Chart(), readings = new Readings();
  const update = (x: number): void => {
    const rows = ys.map((y) => ({ y, ...lossesOf(x, y) }));
    const two = (chart: Chart, title: { en: string; zh: string }, a: "squared" | "d2", b: "cross" | "dh", domain: [number, number]): void => chart.draw({
      title, alt: title, height: 230, most: 430, x: { label: text({ en: "output y", zh: "输出 y" }), domain: [0, 1] }, y: { label: null, grid: true, domain },
      marks: [Plot.ruleX([x], { stroke: color.soft, strokeDasharray: "3,3" }), Plot.lineY(rows, { x: "y", y: a, stroke: color.p, strokeWidth: 2.2, clip: true }), Plot.lineY(rows, { x: "y", y: b, stroke: color.q, strokeWidth: 2.2, strokeDasharray: "7,3", clip: true })],
    });
    two(values, { en: "The losses of one pixel", zh: "一个像素的损失" }, "squared", "cross", [0, 3]);
    two(slopes, { en: "Their derivatives in y", zh: "对 y 的导数" }, "d2", "dh", [-8, 8]);
    readings.show([
      { id: "least_cross", label: { en: "least cross-entropy, H(x)", zh: "最小交叉熵 H(x)" }, value: entropy(ink(x)), unit: { en: "nats", zh: "奈特" } },
      { id: "slope_half", label: { en: "its derivative at y = ½", zh: "它在 y = ½ 处的导数" }, value: lossesOf(x, 0.5).dh },
    ]);
  };
  const control = slider({ label: { en: "pixel x", zh: "像素 x" }, min: 0, max: 1, step: 0.01, value: 0.25 }, update);
  stage.append(element("div", { class: "controls" }, control.root), readings.root,
    legend([{ label: { en: "squared error", zh: "平方误差" }, color: color.p }, { label: { en: "cross-entropy", zh: "交叉熵" }, color: color.q, dash: "7,3" }]),
    element("div", { class: "row" }, values.root, slopes.root),
    strips([{ name: { en: "Test digits", zh: "测试数字" }, bytes: numbers.originals }, { name: { en: "Given back, trained on squared error", zh: "还原：用平方误差训练" }, bytes: numbers.mse.images },
      { name: { en: "Given back, trained on cross-entropy", zh: "还原：用交叉熵训练" }, bytes: numbers.bce.images }], 10));
  update(0.25);
}
