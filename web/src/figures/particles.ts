// SPDX-License-Identifier: Apache-2.0
// Particles on their way to the data, one picture a distance and one for a flow, all at the same step.
import { Chart, Plot, color } from "../chart";
import { element, legend, Readings } from "../elements";
import { Both, text } from "../language";
import { Player } from "./player";

interface Numbers { data: number[]; floor: number; movers: Record<string, { frames: number[][]; w1: number[] }> }

const movers: { id: string; label: Both; stroke: string; dash?: string }[] = [
  { id: "mmd", label: { en: "MMD (as GMMN)", zh: "MMD（GMMN）" }, stroke: color.third },
  { id: "sinkhorn", label: { en: "Sinkhorn divergence", zh: "Sinkhorn 散度" }, stroke: color.q, dash: "8,3" },
  { id: "critic", label: { en: "critic (as WGAN)", zh: "评论家（WGAN）" }, stroke: color.p, dash: "2,3" },
  { id: "discriminator", label: { en: "discriminator (as GAN)", zh: "判别器（GAN）" }, stroke: color.fourth, dash: "6,2,2,2" },
  { id: "flow", label: { en: "flow matching", zh: "流匹配" }, stroke: color.fifth, dash: "12,3" },
];

/** Whole thousandths, x and y in turns. */
export const placesOf = (flat: number[]): { x: number; y: number }[] => Array.from({ length: flat.length / 2 }, (_, i) => ({ x: flat[2 * i] / 1000, y: flat[2 * i + 1] / 1000 }));

export function particles(stage: HTMLElement, numbers: Numbers): void {
  const data = placesOf(numbers.data), readings = new Readings(), distance = new Chart();
  const charts = movers.map(() => new Chart());
  const steps = numbers.movers.mmd.frames.length - 1;
  // No particle leaves its picture, on any frame, unless it is twice as far out as the data.
  const furthest = Math.max(...movers.flatMap(({ id }) => numbers.movers[id].frames.flat().map(Math.abs))) / 1000;
  const reach = Math.min(2, Math.max(1.35, 1.05 * furthest));
  const show = (step: number): void => {
    movers.forEach(({ id, label, stroke }, k) => {
      const before = placesOf(numbers.movers[id].frames[Math.max(0, step - 4)]), now = placesOf(numbers.movers[id].frames[step]);
      charts[k].draw({
        title: label, alt: { en: `Particles by ${label.en}`, zh: `按${label.zh}移动的粒子` }, most: 340, heightOf: (wide) => wide, marginLeft: 30, marginRight: 6, marginBottom: 28, marginTop: 8,
        x: { domain: [-reach, reach], label: null, ticks: 3 }, y: { domain: [-reach, reach], label: null, ticks: 3 },
        marks: [
          Plot.dot(data, { x: "x", y: "y", r: 3, fill: color.faint, fillOpacity: 0.5 }),
          Plot.link(now, { x1: (_: unknown, i: number) => before[i].x, y1: (_: unknown, i: number) => before[i].y, x2: "x", y2: "y", stroke, strokeOpacity: 0.35, clip: true }),
          Plot.dot(now, { x: "x", y: "y", r: 2.2, fill: stroke, clip: true }),
        ],
      });
    });
    const rows = (id: string): { i: number; w1: number }[] => numbers.movers[id].w1.map((w1, i) => ({ i, w1 }));
    distance.draw({
      title: { en: "Exact W₁ from the particles to 200 points of data", zh: "粒子到 200 个数据点的精确 W₁" }, alt: { en: "W1 against frames", zh: "W₁ 随帧变化的曲线" }, height: 220,
      x: { label: text({ en: "frame", zh: "帧" }) }, y: { label: "W₁", grid: true, domain: [0, 0.75] },
      marks: [Plot.ruleX([step], { stroke: color.faint }), Plot.ruleY([numbers.floor], { stroke: color.soft, strokeDasharray: "3,3" }),
              ...movers.map(({ id, stroke, dash }) => Plot.lineY(rows(id), { x: "i", y: "w1", stroke, strokeWidth: 2.2, strokeDasharray: dash, clip: true }))],
    });
    readings.show(movers.map(({ id, label }) => ({ id, label: text(label), value: numbers.movers[id].w1[step], unit: "W₁" })));
  };
  const player = new Player({ steps, rate: 12, label: { en: "frame", zh: "帧" }, show });
  stage.append(player.root, readings.root, element("div", { class: "row pair" }, ...charts.map((chart) => chart.root)),
    legend([...movers.map(({ label, stroke, dash }) => ({ label, color: stroke, dash })), { label: { en: "two samples of the data", zh: "数据自身的两个样本" }, color: color.soft, dash: "3,3" }]), distance.root);
  player.show();
}
