// SPDX-License-Identifier: Apache-2.0
// The plan of regularised transport between two clouds at each ε, and its cost.
import { Chart, Plot, color } from "../chart";
import { element, legend, Readings } from "../elements";
import { text } from "../language";
import { sinkhornPlan } from "../math/library";
import { short } from "../number";
import { Player } from "./player";

interface Step { epsilon: number; share: number; value: number; transport_cost: number; divergence: number; iterations: number; f: number[]; g: number[] }
interface Numbers { x: [number, number][]; y: [number, number][]; mean_cost: number; exact: number; flow: { from: number; to: number; mass: number }[]; steps: Step[] }

function drawPlan(chart: Chart, numbers: Numbers, step: Step): void {
  const { x, y } = numbers;
  const arcs = Array.from(sinkhornPlan(x, y, step.f, step.g, step.epsilon), (mass, k) => ({ i: Math.floor(k / y.length), j: k % y.length, mass }))
    .filter(({ mass }) => mass * x.length > 0.004);
  chart.draw({
    title: { en: "The plan: darker lines carry more mass", zh: "传输方案：线条越深，质量越多" }, alt: { en: "Lines between two clouds of points", zh: "两片点云之间的连线" }, most: 560, height: 340, aspectRatio: 1,
    x: { label: "x₁" }, y: { label: "x₂" },
    marks: [
      Plot.link(arcs, { x1: (a) => x[a.i][0], y1: (a) => x[a.i][1], x2: (a) => y[a.j][0], y2: (a) => y[a.j][1], stroke: color.third, strokeWidth: 1.6, strokeOpacity: (a: { mass: number }) => Math.min(1, a.mass * x.length), clip: true }),
      Plot.dot(x, { x: "0", y: "1", fill: color.p, r: 4.5 }), Plot.dot(y, { x: "0", y: "1", stroke: color.q, strokeWidth: 2, r: 4, fill: "var(--card)" }),
    ],
  });
}

function drawCosts(chart: Chart, numbers: Numbers, step: Step): void {
  chart.draw({
    title: { en: "Cost of the plan, and the debiased divergence", zh: "方案的代价与去偏散度" }, alt: { en: "Both tend to the exact cost as epsilon falls", zh: "ε 减小时两者都趋于精确代价" }, most: 560, height: 300,
    x: { label: text({ en: "ε, in units of the mean cost", zh: "ε（以平均代价为单位）" }), type: "log", reverse: true, ticks: [0.01, 0.1, 1], tickFormat: String, grid: true }, y: { label: text({ en: "squared distance", zh: "距离的平方" }), grid: true, domain: [0, numbers.mean_cost * 1.05] },
    marks: [
      Plot.ruleY([numbers.exact], { stroke: color.soft, strokeDasharray: "3,3" }), Plot.ruleX([step.share], { stroke: color.faint }),
      Plot.lineY(numbers.steps, { x: "share", y: "transport_cost", stroke: color.third, strokeWidth: 2.2, marker: "dot" }), Plot.lineY(numbers.steps, { x: "share", y: "divergence", stroke: color.fourth, strokeWidth: 2.2, strokeDasharray: "7,3" }),
    ],
  });
}

export function sinkhorn(stage: HTMLElement, numbers: Numbers): void {
  const plan = new Chart(), costs = new Chart(), readings = new Readings();
  const show = (at: number): void => {
    const step = numbers.steps[at];
    drawPlan(plan, numbers, step);
    drawCosts(costs, numbers, step);
    readings.show([
      { id: "transport_cost", label: "⟨P, C⟩", value: step.transport_cost }, { id: "divergence", label: { en: "debiased divergence", zh: "去偏散度" }, value: step.divergence },
      { id: "exact", label: { en: "exact W₂²", zh: "精确 W₂²" }, value: numbers.exact }, { id: "iterations", label: { en: "iterations", zh: "迭代次数" }, value: step.iterations },
    ]);
  };
  const player = new Player({ steps: numbers.steps.length - 1, start: 4, rate: 5, show, label: { en: "ε, in units of the mean cost:", zh: "ε（以平均代价为单位）：" }, shown: (at) => short(numbers.steps[at].share, 3) });
  stage.append(player.root, readings.root,
    legend([{ label: { en: "X", zh: "X" }, color: color.p, mark: "dot" }, { label: { en: "Y", zh: "Y" }, color: color.q, mark: "dot" }, { label: { en: "cost of the plan", zh: "方案的代价" }, color: color.third },
            { label: { en: "debiased divergence", zh: "去偏散度" }, color: color.fourth, dash: "7,3" }, { label: { en: "exact", zh: "精确值" }, color: color.soft, dash: "3,3" }]),
    element("div", { class: "row" }, plan.root, costs.root));
  player.show();
}
