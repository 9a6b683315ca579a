// SPDX-License-Identifier: Apache-2.0
// The bound of a linear Gaussian model: q(z|x) is moved, ln p(x) stays.
import { Chart, Plot, color } from "../chart";
import { element, legend, Readings, slider } from "../elements";
import { text } from "../language";
import { densitiesOf, Density, pairOf } from "../math/line";

interface Numbers { w: number; sigma: number; x: number; log_p: number; posterior: { mean: number; sd: number } }

const normal = (centre: number, width: number): Density => ({ family: "normal", centre, width });

export function bound(stage: HTMLElement, numbers: Numbers): void {
  const { w, sigma, x, log_p, posterior } = numbers;
  const densities = new Chart(), ladder = new Chart(), readings = new Readings();
  let m = 0, s = 1;
  const zs = Array.from({ length: 301 }, (_, i) => -3.5 + (7 * i) / 300);
  const update = (): void => {
    // E_q ln N(x; wz, σ²) is an expectation over u = wz, whose density is normal, too, of ln N(u; x, σ²).
    const q = normal(m, s), against = (other: Density, spec: string): number => pairOf(q, other).divergence(spec);
    const first = -pairOf(normal(w * m, w * s), normal(x, sigma)).divergence("cross-entropy"), prior = against(normal(0, 1), "kl"), elbo = first - prior;
    const gap = against(normal(posterior.mean, posterior.sd), "kl");
    const curve = (mean: number, sd: number): { z: number; p: number }[] => densitiesOf(normal(mean, sd), zs).map((at) => ({ z: at.x, p: at.y }));
    densities.draw({
      title: { en: "Prior, posterior and q over z", zh: "z 上的先验、后验与 q" }, alt: { en: "Three densities", zh: "三个密度" }, height: 230, x: { label: "z" }, y: { label: text({ en: "density", zh: "密度" }), domain: [0, 1.4], grid: true },
      marks: [Plot.lineY(curve(0, 1), { x: "z", y: "p", stroke: color.soft, strokeDasharray: "3,3", strokeWidth: 2 }), Plot.areaY(curve(posterior.mean, posterior.sd), { x: "z", y: "p", fill: color.p, fillOpacity: 0.18 }),
        Plot.lineY(curve(posterior.mean, posterior.sd), { x: "z", y: "p", stroke: color.p, strokeWidth: 2.2 }), Plot.lineY(curve(m, s), { x: "z", y: "p", stroke: color.q, strokeWidth: 2.2, strokeDasharray: "7,3", clip: true })],
    });
    const low = Math.min(-12, elbo);
    ladder.draw({
      title: { en: "From the bound up to ln p(x)", zh: "从下界到 ln p(x)" }, alt: { en: "The bound, the gap and ln p(x)", zh: "下界、差距与 ln p(x)" }, height: 120, x: { label: text({ en: "nats", zh: "奈特" }), domain: [Math.max(low, -40), 0], grid: true }, y: { axis: null },
      marks: [Plot.barX([0], { x1: () => Math.max(elbo, -40), x2: () => log_p, y: () => "a", fill: color.fourth, fillOpacity: 0.5 }), Plot.ruleX([log_p], { stroke: color.p, strokeWidth: 3 }), Plot.ruleX([Math.max(elbo, -40)], { stroke: color.q, strokeWidth: 3 })],
    });
    readings.show([
      { id: "first", label: { en: "first term", zh: "第一项" }, value: first }, { id: "prior", label: { en: "KL from the prior", zh: "与先验之间的 KL" }, value: prior }, { id: "elbo", label: "ELBO", value: elbo },
      { id: "gap", label: { en: "gap", zh: "差距" }, value: gap }, { id: "log_p", label: "ln p(x)", value: elbo + gap },
    ]);
  };
  const mean = slider({ label: { en: "mean of q", zh: "q 的均值" }, min: -3, max: 3, step: 0.01, value: m, kind: "q" }, (v) => { m = v; update(); });
  const sd = slider({ label: { en: "deviation of q", zh: "q 的标准差" }, min: 0.05, max: 3, step: 0.01, value: s, kind: "q", log: true }, (v) => { s = v; update(); });
  stage.append(element("div", { class: "controls" }, mean.root, sd.root), readings.root,
    legend([{ label: { en: "prior", zh: "先验" }, color: color.soft, dash: "3,3" }, { label: { en: "posterior", zh: "后验" }, color: color.p }, { label: "q", color: color.q, dash: "7,3" }, { label: { en: "gap", zh: "差距" }, color: color.fourth, mark: "box" }]), densities.root, ladder.root);
  update();
}
