// SPDX-License-Identifier: Apache-2.0
// Parallel lines: what distances say of θ, and five learners walking.
import { Chart, Plot, color, roomFor } from "../chart";
import { element, legend } from "../elements";
import { Both, text } from "../language";
import { short } from "../number";
import { Player } from "./player";

interface Numbers {
  curves: { theta: number[]; js: number[]; tv: number[]; w1: number[]; mmd_narrow: number[]; mmd_wide: number[] };
  learners: Record<string, { theta: number[]; last: number }>;
}

const distances: { id: "js" | "w1" | "mmd_narrow" | "mmd_wide"; label: Both | string; stroke: string; dash?: string }[] = [
  { id: "w1", label: "W₁ = |θ|", stroke: color.q },
  { id: "js", label: { en: "Jensen–Shannon", zh: "JS 散度" }, stroke: color.fourth, dash: "8,3" },
  { id: "mmd_wide", label: "MMD², σ = 1", stroke: color.third },
  { id: "mmd_narrow", label: "MMD², σ = 0.1", stroke: color.fifth, dash: "2,3" },
];
const learners: { id: string; label: Both | string; stroke: string; symbol: string; dash?: string }[] = [
  { id: "discriminator", label: { en: "discriminator", zh: "判别器" }, stroke: color.fourth, symbol: "square", dash: "8,3" },
  { id: "narrow", label: "MMD, σ = 0.1", stroke: color.fifth, symbol: "triangle", dash: "2,3" },
  { id: "wide", label: "MMD, σ = 1", stroke: color.third, symbol: "diamond" },
  { id: "critic", label: { en: "critic", zh: "评论家" }, stroke: color.p, symbol: "star", dash: "6,2,2,2" },
  { id: "transport", label: "W₁", stroke: color.q, symbol: "circle" },
];

function drawDistances(chart: Chart, curves: Numbers["curves"]): void {
  chart.draw({
    title: { en: "What each distance says of θ", zh: "各种距离如何随 θ 变化" },
    alt: { en: "W1 is a V; Jensen–Shannon is flat with one point at zero", zh: "W1 呈 V 形；JS 散度是平的，只在零点取零" }, most: 520,
    x: { label: "θ" }, y: { label: text({ en: "distance", zh: "距离" }), grid: true, domain: [0, 2] },
    marks: distances.map(({ id, stroke, dash }) => {
      const rows = curves.theta.map((theta, i) => ({ theta, y: curves[id][i] }));
      // At θ = 0 the Jensen–Shannon divergence is a single point.
      return id === "js" ? [Plot.lineY(rows.filter((row) => row.theta !== 0), { x: "theta", y: "y", stroke, strokeWidth: 2, strokeDasharray: dash }),
                            Plot.dot(rows.filter((row) => row.theta === 0), { x: "theta", y: "y", fill: stroke, r: 4 })]
        : Plot.lineY(rows, { x: "theta", y: "y", stroke, strokeWidth: 2, strokeDasharray: dash });
    }),
  });
}

function drawWalk(chart: Chart, numbers: Numbers, step: number): void {
  const lines = learners.map((learner, i) => ({ ...learner, y: learners.length - i, theta: numbers.learners[learner.id].theta[step] }));
  const names = new Map(lines.map((line) => [line.y, text(line.label)]));
  chart.draw({
    title: { en: "The data stand at θ = 0; the walkers are here", zh: "数据位于 θ = 0；各学习者的位置" },
    alt: { en: "A marker for each learner at its theta", zh: "每个学习者在其 θ 处的标记" }, most: 520, height: 220, marginLeft: roomFor([...names.values()]), marginRight: 40,
    x: { label: "θ", domain: [-0.4, 1.6], grid: true }, y: { label: null, domain: [0.5, learners.length + 0.5], ticks: lines.map((line) => line.y), tickFormat: (y: number) => names.get(y) ?? "", tickSize: 0 },
    marks: [
      Plot.ruleX([0], { stroke: color.p, strokeWidth: 3, strokeOpacity: 0.5 }),
      Plot.link(lines, { x1: "theta", x2: 0, y1: "y", y2: "y", stroke: "stroke", strokeOpacity: 0.35, strokeWidth: 2 }),
      Plot.dot(lines, { x: "theta", y: "y", fill: "stroke", symbol: "symbol", r: 7 }),
      Plot.text(lines, { x: "theta", y: "y", text: (line: { theta: number }) => short(line.theta, 3), dx: 11, textAnchor: "start", fill: color.soft }),
    ],
  });
}

function drawPaths(chart: Chart, numbers: Numbers, step: number): void {
  chart.draw({
    title: { en: "θ against steps", zh: "θ 随步数的变化" }, alt: { en: "Paths of theta over the steps", zh: "θ 随步数变化的曲线" },
    x: { label: text({ en: "step", zh: "步数" }), domain: [0, numbers.learners.transport.theta.length - 1] }, y: { label: "θ", grid: true, domain: [-0.3, 1.6] },
    marks: [
      Plot.ruleY([0], { stroke: color.p, strokeOpacity: 0.5, strokeWidth: 2 }), Plot.ruleX([step], { stroke: color.faint }),
      ...learners.map(({ id, stroke, dash }) => Plot.lineY(numbers.learners[id].theta.map((theta, i) => ({ i, theta })), { x: "i", y: "theta", stroke, strokeWidth: 2, strokeDasharray: dash })),
    ],
  });
}

export function parallelLines(stage: HTMLElement, numbers: Numbers): void {
  const curves = new Chart(), walk = new Chart(), paths = new Chart();
  const steps = numbers.learners.transport.theta.length - 1;
  const player = new Player({ steps, rate: 40, show: (step) => { drawWalk(walk, numbers, step); drawPaths(paths, numbers, step); } });
  stage.append(
    element("div", { class: "row" },
      element("div", {}, legend(distances.map(({ label, stroke, dash }) => ({ label, color: stroke, dash }))), curves.root),
      element("div", {}, player.root, walk.root)),
    legend(learners.map(({ label, stroke, dash }) => ({ label, color: stroke, dash }))), paths.root);
  drawDistances(curves, numbers.curves);
  player.show();
}
