// SPDX-License-Identifier: Apache-2.0
// A Gaussian between two humps: KL both ways over the plane of its mean and deviation, and the ways down.
import { Chart, Plot, color } from "../chart";
import { choice, element, legend, Readings, slider } from "../elements";
import { text } from "../language";
import { densitiesOf, Density, pairOf } from "../math/line";
import { Player } from "./player";

interface Fit { optima: { mean: number; sd: number; divergence: number }[]; path: [number, number][] }
interface Numbers {
  forward: Fit; reverse: Fit; means: number[]; sds: number[]; forward_plane: number[]; reverse_plane: number[];
}
type Way = "forward" | "reverse";

const target: Density = { family: "humps", centre: 0, width: 0.5, apart: 2.5 };
function drawDensities(chart: Chart, q: Density): void {
  const xs = Array.from({ length: 401 }, (_, i) => -7 + (14 * i) / 400);
  const [humps, one] = [densitiesOf(target, xs), densitiesOf(q, xs)];
  chart.draw({
    title: { en: "p, and the Gaussian q", zh: "p 与高斯分布 q" }, alt: { en: "Two humps and a Gaussian", zh: "双峰分布与一个高斯分布" }, height: 210,
    x: { label: "x" }, y: { label: text({ en: "density", zh: "密度" }), domain: [0, 0.85], grid: true, ticks: 4 },
    marks: [
      Plot.areaY(humps, { x: "x", y: "y", fill: color.p, fillOpacity: 0.18 }),
      Plot.lineY(humps, { x: "x", y: "y", stroke: color.p, strokeWidth: 2.2 }),
      Plot.lineY(one, { x: "x", y: "y", stroke: color.q, strokeWidth: 2.2, strokeDasharray: "7,3", clip: true }),
      Plot.ruleY([0]),
    ],
  });
}

function drawPlane(chart: Chart, numbers: Numbers, way: Way, q: Density, step: number): void {
  const plane = numbers[`${way}_plane`], { path, optima } = numbers[way];
  const rows = plane.map((log, k) => ({ mean: numbers.means[k % numbers.means.length], sd: numbers.sds[Math.floor(k / numbers.means.length)], log }));
  const ways = path.slice(0, step + 1).map(([mean, sd]) => ({ mean, sd }));
  chart.draw({
    title: way === "forward" ? { en: "ln KL(p‖q) over mean and deviation of q", zh: "ln KL(p‖q)，随 q 的均值和标准差变化" } : { en: "ln KL(q‖p) over mean and deviation of q", zh: "ln KL(q‖p)，随 q 的均值和标准差变化" },
    alt: { en: "Contours of the divergence with the way down", zh: "散度的等高线与下降路径" }, height: 260,
    x: { label: text({ en: "mean of q", zh: "q 的均值" }), domain: [-4, 4] }, y: { label: text({ en: "deviation of q", zh: "q 的标准差" }), type: "log", domain: [0.25, 5], ticks: [0.3, 0.5, 1, 2, 4], tickFormat: String },
    color: { scheme: "greys", reverse: true },
    marks: [
      Plot.contour(rows, { x: "mean", y: "sd", fill: "log", interpolate: "barycentric", thresholds: 14, stroke: "var(--card)", strokeWidth: 0.6, fillOpacity: 0.55 }),
      Plot.line(ways, { x: "mean", y: "sd", stroke: color.q, strokeWidth: 2.5 }),
      Plot.dot(optima, { x: "mean", y: "sd", symbol: "times", r: 7, stroke: color.fourth, strokeWidth: 2.5 }),
      Plot.dot([{ mean: q.centre, sd: q.width }], { x: "mean", y: "sd", fill: color.q, r: 6, stroke: "var(--card)" }),
    ],
  });
}

export function twoWays(stage: HTMLElement, numbers: Numbers): void {
  const densities = new Chart(), planes = { forward: new Chart(), reverse: new Chart() }, readings = new Readings();
  let way: Way = "forward", q: Density = { family: "normal", centre: 0.5, width: 1.5 }, step = 0;
  const update = (): void => {
    drawDensities(densities, q);
    for (const each of ["forward", "reverse"] as Way[]) drawPlane(planes[each], numbers, each, q, each === way ? step : 0);
    const pair = pairOf(target, q);
    readings.show([{ id: "kl", label: "KL(p‖q)", value: pair.divergence("kl"), unit: { en: "nats", zh: "奈特" } }, { id: "reverse_kl", label: "KL(q‖p)", value: pair.divergence("reverse-kl"), unit: { en: "nats", zh: "奈特" } }]);
  };
  const mean = slider({ label: { en: "mean of q", zh: "q 的均值" }, min: -4, max: 4, step: 0.05, value: q.centre, kind: "q" }, (centre) => { q = { ...q, centre }; update(); });
  const sd = slider({ label: { en: "deviation of q", zh: "q 的标准差" }, min: 0.25, max: 5, step: 0.01, value: q.width, kind: "q", log: true }, (width) => { q = { ...q, width }; update(); });
  const along = (at: number): void => {
    step = at;
    const [centre, width] = numbers[way].path[Math.min(at, numbers[way].path.length - 1)];
    q = { ...q, centre, width };
    mean.set(centre);
    sd.set(width);
    update();
  };
  const place = element("div");
  const start = (chosen: Way): void => {
    way = chosen;
    const player = new Player({ steps: numbers[way].path.length - 1, rate: Math.max(4, numbers[way].path.length / 4), show: along, label: { en: "step of the fit", zh: "拟合步数" } });
    place.replaceChildren(player.root);
  };
  stage.append(
    element("div", { class: "controls" }, mean.root, sd.root), readings.root,
    legend([{ label: { en: "p, two humps", zh: "p：双峰" }, color: color.p }, { label: { en: "q, one Gaussian", zh: "q：单个高斯" }, color: color.q, dash: "7,3" }]), densities.root,
    choice<Way>([{ id: "forward", label: { en: "go down KL(p‖q)", zh: "沿 KL(p‖q) 下降" } }, { id: "reverse", label: { en: "go down KL(q‖p)", zh: "沿 KL(q‖p) 下降" } }], "forward",
      { en: "Which divergence the fit goes down", zh: "沿哪种散度下降" }, (chosen) => { start(chosen); along(0); }),
    place, element("div", { class: "row" }, planes.forward.root, planes.reverse.root));
  start("forward");
  update();
}
