// SPDX-License-Identifier: Apache-2.0
// A GAN on the line: what is generated, the discriminator, and the way in which it pushes points.
import { Chart, Plot, color } from "../chart";
import { legend, Readings } from "../elements";
import { text } from "../language";
import { Player } from "./player";

interface Numbers { places: number[]; real: number[]; steps: number[]; w1: number[]; densities: number[][]; discriminators: number[][]; arrows: number[]; pushes: number[][] }

export function ganLine(stage: HTMLElement, numbers: Numbers): void {
  const picture = new Chart(), distance = new Chart(), readings = new Readings();
  const cells = (density: number[]): { x1: number; x2: number; y: number }[] => density.map((y, i) => ({ x1: -4 + i / 4, x2: -3.75 + i / 4, y }));
  const real = cells(numbers.real);
  const show = (frame: number): void => {
    const d = numbers.discriminators[frame];
    const curve = numbers.places.map((x, i) => ({ x, d: d[i] }));
    // A generated point climbs ln D: the non-saturating loss is −ln D.
    const arrows = numbers.arrows.map((x, i) => ({ x, to: x + Math.max(-0.7, Math.min(0.7, numbers.pushes[frame][i])) })).filter(({ x, to }) => Math.abs(to - x) > 0.03);
    const generated = cells(numbers.densities[frame]);
    // Bars higher than the picture, of a generator that makes nearly one point: the highest says how high it is.
    const highest = generated.reduce((a, b) => (b.y > a.y ? b : a));
    picture.draw({
      title: { en: "Data, generated points and D", zh: "数据、生成的点与 D" }, alt: { en: "Two densities and the discriminator between 0 and 1", zh: "两个密度与取值 0 到 1 的判别器" }, height: 280,
      x: { label: "x", domain: [-4, 6] }, y: { label: text({ en: "density; D", zh: "密度；D" }), domain: [-0.12, 1], grid: true },
      marks: [
        Plot.rectY(real, { x1: "x1", x2: "x2", y: "y", fill: color.p, fillOpacity: 0.35, inset: 0.5 }),
        Plot.rectY(generated, { x1: "x1", x2: "x2", y: "y", fill: color.q, fillOpacity: 0.45, inset: 0.5, clip: true }),
        Plot.lineY(curve, { x: "x", y: "d", stroke: color.third, strokeWidth: 2.4 }),
        Plot.ruleY([0.5], { stroke: color.faint, strokeDasharray: "3,3" }), Plot.ruleY([0]),
        Plot.arrow(arrows, { x1: "x", x2: "to", y1: () => -0.06, y2: () => -0.06, stroke: color.q, strokeWidth: 1.8, headLength: 5 }),
        ...(highest.y > 1 ? [Plot.text([highest], { x: "x2", y: 1, dx: 5, textAnchor: "start", lineAnchor: "top", text: (d: { y: number }) => `↑ ${d.y.toFixed(1)}`, fill: color.ink, stroke: "var(--card)", strokeWidth: 3 })] : []),
      ],
    });
    distance.draw({
      title: { en: "W₁ between generated points and data", zh: "生成的点与数据之间的 W₁" }, alt: { en: "W1 against steps", zh: "W₁ 随步数变化的曲线" }, height: 190,
      x: { label: text({ en: "step", zh: "步数" }) }, y: { label: "W₁", grid: true },
      marks: [Plot.ruleX([numbers.steps[frame]], { stroke: color.faint }), Plot.lineY(numbers.w1.map((w1, i) => ({ step: numbers.steps[i], w1 })), { x: "step", y: "w1", stroke: color.q, strokeWidth: 2.2 })],
    });
    readings.show([{ id: "step", label: { en: "step", zh: "步数" }, value: numbers.steps[frame] }, { id: "w1", label: "W₁", value: numbers.w1[frame] }]);
  };
  const player = new Player({ steps: numbers.steps.length - 1, rate: 10, show, shown: (frame) => String(numbers.steps[frame]) });
  stage.append(player.root, readings.root,
    legend([{ label: { en: "data p", zh: "数据 p" }, color: color.p, mark: "box" }, { label: { en: "generated q", zh: "生成的 q" }, color: color.q, mark: "box" }, { label: { en: "discriminator D(x)", zh: "判别器 D(x)" }, color: color.third },
            { label: { en: "arrows: where points are pushed", zh: "箭头：点被推向何处" }, color: color.q }]),
    picture.root, distance.root);
  player.show();
}
