// SPDX-License-Identifier: Apache-2.0
// Samples of every model beside test digits, and how far each is away.
import { Chart, Plot, color, roomFor } from "../chart";
import { choice, element } from "../elements";
import { text } from "../language";
import { strips } from "./strips";

interface Numbers { test: string; models: { id: string; images: string; mmd: { times: number }; sliced: { times: number } }[] }
type Measure = "mmd" | "sliced";

const names: Record<string, string> = { vae: "VAE", wae: "WAE", gmmn: "GMMN", gan: "GAN", wgan: "WGAN", flow: text({ en: "flow matching", zh: "流匹配" }) };

export function digits(stage: HTMLElement, numbers: Numbers): void {
  const chart = new Chart();
  const draw = (measure: Measure): void => chart.draw({
    title: { en: "Times the floor", zh: "底噪的倍数" }, alt: { en: "A bar a model", zh: "每个模型一个条形" }, marginLeft: roomFor(numbers.models.map(({ id }) => names[id])), height: 60 + 30 * numbers.models.length, x: { label: text({ en: "times the floor", zh: "底噪的倍数" }), grid: true }, y: { label: null, domain: numbers.models.map(({ id }) => names[id]) },
    marks: [Plot.barX(numbers.models, { x: (m: Numbers["models"][0]) => m[measure].times, y: (m: Numbers["models"][0]) => names[m.id], fill: color.p, fillOpacity: 0.75 }), Plot.ruleX([1], { stroke: color.q, strokeWidth: 2, strokeDasharray: "6,4" })],
  });
  stage.append(element("div", { class: "strip-columns" }, strips([{ name: { en: "Test digits", zh: "测试数字" }, bytes: numbers.test }, ...numbers.models.map(({ id, images }) => ({ name: names[id], bytes: images }))], 20)),
    choice<Measure>([{ id: "mmd", label: "MMD²" }, { id: "sliced", label: { en: "sliced W₂", zh: "切片 W₂" } }], "mmd", { en: "Which distance", zh: "哪种距离" }, draw), chart.root);
  draw("mmd");
}
