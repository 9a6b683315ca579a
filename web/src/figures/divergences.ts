// SPDX-License-Identifier: Apache-2.0
// Two densities with a shape, a place and a width each; every divergence follows.
import { Chart, Plot, color } from "../chart";
import { choice, element, legend, Readings, slider } from "../elements";
import { Both, text } from "../language";
import { densitiesOf, Density, Family, measure, parseDensity } from "../math/line";

interface Numbers { settings: Record<string, { p: string; q: string }> }

const shapes: { id: Family; label: Both }[] = [
  { id: "normal", label: { en: "normal", zh: "正态" } }, { id: "uniform", label: { en: "uniform", zh: "均匀" } },
  { id: "laplace", label: { en: "Laplace", zh: "拉普拉斯" } }, { id: "humps", label: { en: "two humps", zh: "双峰" } },
];
const settingNames: Record<string, Both> = {
  shift: { en: "shifted", zh: "平移" }, scale: { en: "wider", zh: "展宽" }, both: { en: "both", zh: "平移并展宽" },
  apart: { en: "apart", zh: "互不重叠" }, overlap: { en: "half overlapping", zh: "一半重叠" }, tails: { en: "heavier tails", zh: "重尾" }, humps: { en: "two humps", zh: "双峰" },
};
const measures: { id: keyof ReturnType<typeof measure>; label: Both | string; unit?: Both }[] = [
  { id: "tv", label: { en: "total variation", zh: "总变差" } },
  { id: "hellinger", label: { en: "Hellinger", zh: "海林格距离" } },
  { id: "js", label: { en: "Jensen–Shannon", zh: "JS 散度" }, unit: { en: "nats", zh: "奈特" } },
  { id: "kl", label: "KL(p‖q)", unit: { en: "nats", zh: "奈特" } },
  { id: "reverse_kl", label: "KL(q‖p)", unit: { en: "nats", zh: "奈特" } },
  { id: "cross_entropy", label: { en: "cross-entropy H(p,q)", zh: "交叉熵 H(p,q)" }, unit: { en: "nats", zh: "奈特" } },
  { id: "chi2", label: "χ²(p‖q)" },
  { id: "l2", label: { en: "squared L2", zh: "L2 的平方" } },
  { id: "w1", label: "W₁" }, { id: "w2", label: "W₂" },
  { id: "energy", label: { en: "energy distance", zh: "能量距离" } },
  { id: "mmd", label: { en: "MMD², σ = 1", zh: "MMD²，σ = 1" } },
];

class Side {
  readonly root: HTMLElement;
  private readonly centre; private readonly width;
  private readonly shape: HTMLElement;

  constructor(name: "p" | "q", public density: Density, changed: () => void) {
    this.shape = choice(shapes, density.family, { en: `Shape of ${name}`, zh: `${name} 的形状` }, (family) => { this.density = { ...this.density, family }; changed(); });
    this.centre = slider({ label: { en: `centre of ${name}`, zh: `${name} 的中心` }, min: -4, max: 4, step: 0.1, value: density.centre, kind: name }, (v) => { this.density = { ...this.density, centre: v }; changed(); });
    this.width = slider({ label: { en: `width of ${name}`, zh: `${name} 的宽度` }, min: 0.2, max: 2.5, step: 0.1, value: density.width, kind: name }, (v) => { this.density = { ...this.density, width: v }; changed(); });
    this.root = element("div", {}, this.shape, element("div", { class: "controls" }, this.centre.root, this.width.root));
  }

  set(density: Density): void {
    this.density = density;
    this.centre.set(density.centre);
    this.width.set(density.width);
    for (const button of this.shape.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.choice === density.family));
  }
}

function drawDensities(chart: Chart, p: Density, q: Density): void {
  const places = Array.from({ length: 1201 }, (_, i) => -7.0025 + (14.005 * i) / 1200);
  const [a, b] = [densitiesOf(p, places), densitiesOf(q, places)];
  chart.draw({
    alt: { en: "The densities p and q", zh: "密度 p 与 q" }, height: 240,
    x: { label: "x", domain: [-7, 7] }, y: { label: text({ en: "density", zh: "密度" }), domain: [0, Math.max(0.5, ...a.map((d) => d.y), ...b.map((d) => d.y)) * 1.05], grid: true, ticks: 5 },
    marks: [
      Plot.areaY(a, { x: "x", y: "y", fill: color.p, fillOpacity: 0.16 }), Plot.areaY(b, { x: "x", y: "y", fill: color.q, fillOpacity: 0.16 }),
      Plot.lineY(a, { x: "x", y: "y", stroke: color.p, strokeWidth: 2.2 }), Plot.lineY(b, { x: "x", y: "y", stroke: color.q, strokeWidth: 2.2, strokeDasharray: "7,3" }),
      Plot.ruleX([p.centre], { stroke: color.p, strokeOpacity: 0.6, strokeDasharray: "2,3" }), Plot.ruleX([q.centre], { stroke: color.q, strokeOpacity: 0.6, strokeDasharray: "2,3" }),
      Plot.ruleY([0]),
    ],
  });
}

export function divergences(stage: HTMLElement, numbers: Numbers): void {
  const chart = new Chart(), readings = new Readings();
  const first = numbers.settings.shift;
  const update = (): void => {
    drawDensities(chart, p.density, q.density);
    const values = measure(p.density, q.density);
    readings.show(measures.map(({ id, label, unit }) => ({ id, label, unit, value: values[id] })));
  };
  const p = new Side("p", parseDensity(first.p), update), q = new Side("q", parseDensity(first.q), update);
  const settings = Object.keys(numbers.settings).map((id) => ({ id, label: settingNames[id] }));
  const buttons = choice(settings, "shift", { en: "Settings", zh: "设置" }, (id) => {
    p.set(parseDensity(numbers.settings[id].p));
    q.set(parseDensity(numbers.settings[id].q));
    update();
  });
  stage.append(buttons, element("div", { class: "row", style: "margin-top:.9rem" }, p.root, q.root),
    legend([{ label: "p", color: color.p }, { label: { en: "q (dashed)", zh: "q（虚线）" }, color: color.q, dash: "7,3" }]), chart.root, readings.root);
  update();
}
