// SPDX-License-Identifier: Apache-2.0
// A formula that is often printed wrong: both forms beside what decides.
import { Chart, Plot, color, roomFor } from "../chart";
import { choice, Readings } from "../elements";
import { text } from "../language";

interface Slip { wrong: number; right: number; truth: number }
type Numbers = Record<string, Slip>;

const names = {
  sampling: { en: "a draw of z", zh: "z 的抽样" }, code_term: { en: "KL of the code", zh: "编码的 KL" }, game: { en: "GAN's value", zh: "GAN 的值" }, label: { en: "a label's cross-entropy", zh: "标签的交叉熵" },
  extra_bits: { en: "KL as extra bits", zh: "KL：多出的比特" }, pixel: { en: "a pixel's cross-entropy", zh: "像素的交叉熵" }, gradient: { en: "MMD's gradient", zh: "MMD 的梯度" },
};
type Name = keyof typeof names;

export function slips(stage: HTMLElement, numbers: Numbers): void {
  const chart = new Chart(), readings = new Readings();
  const draw = (name: Name): void => {
    const { wrong, right, truth } = numbers[name];
    const labels = [text({ en: "often printed", zh: "常见的印刷" }), text({ en: "right", zh: "正确" })];
    const rows = [{ label: labels[0], value: wrong }, { label: labels[1], value: right }];
    chart.draw({
      title: { en: "Both forms, and what decides (broken line)", zh: "两种形式，以及裁决值（虚线）" }, alt: { en: "Two bars and a line", zh: "两个条形和一条线" }, height: 150, marginLeft: roomFor(labels), x: { label: null, grid: true }, y: { label: null, domain: labels },
      marks: [Plot.barX(rows, { x: "value", y: "label", fill: (row: { label: string }) => (row.label === labels[1] ? "var(--third)" : "var(--q)"), fillOpacity: 0.75 }), Plot.ruleX([truth], { stroke: color.ink, strokeWidth: 2, strokeDasharray: "5,4" }), Plot.ruleX([0], { stroke: color.faint })],
    });
    readings.show([{ id: "wrong", label: labels[0], value: wrong }, { id: "right", label: labels[1], value: right }, { id: "truth", label: { en: "what decides", zh: "裁决值" }, value: truth }]);
  };
  stage.append(choice<Name>((Object.keys(names) as Name[]).map((id) => ({ id, label: names[id] })), "sampling", { en: "Which formula", zh: "哪个公式" }, draw), readings.root, chart.root);
  draw("sampling");
}
