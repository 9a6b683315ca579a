// SPDX-License-Identifier: Apache-2.0
// The exact potential of W₁ on the line beside critics, and MMD's witness.
import { Chart, Plot, color } from "../chart";
import { choice, legend, Readings } from "../elements";

interface Fitted { name: string; f: number[]; difference_of_means: number; slope: number }
interface Numbers { w1: number; places: number[]; exact: Fitted; critics: Fitted[]; witness: Fitted; x: number[]; y: number[] }

const names = { penalty: { en: "gradient penalty", zh: "梯度惩罚" }, one_sided: { en: "one-sided penalty", zh: "单侧惩罚" }, spectral: { en: "spectral normalization", zh: "谱归一化" }, clip: { en: "weight clipping", zh: "权重裁剪" } };

export function critic(stage: HTMLElement, numbers: Numbers): void {
  const chart = new Chart(), readings = new Readings();
  const [low, high] = [Math.min(...numbers.exact.f) - 1, Math.max(...numbers.exact.f) + 1];
  const draw = (name: string): void => {
    const fitted = numbers.critics.find((one) => one.name === name)!;
    const curve = (f: number[]): { x: number; f: number }[] => numbers.places.map((x, i) => ({ x, f: f[i] }));
    chart.draw({
      title: { en: "f over the line", zh: "直线上的 f" }, alt: { en: "The exact potential, a critic and MMD's witness", zh: "精确势函数、评论家与 MMD 的见证函数" }, height: 300, x: { label: "x", domain: [-6, 6] }, y: { label: "f(x)", grid: true, domain: [low, high] },
      marks: [Plot.lineY(curve(numbers.exact.f), { x: "x", y: "f", stroke: color.third, strokeWidth: 2.4, clip: true }), Plot.lineY(curve(fitted.f), { x: "x", y: "f", stroke: color.fourth, strokeWidth: 2.4, strokeDasharray: "7,3", clip: true }),
        Plot.lineY(curve(numbers.witness.f), { x: "x", y: "f", stroke: color.fifth, strokeWidth: 2.2, strokeDasharray: "2,3", clip: true }),
        Plot.ruleX(numbers.x, { x: (v: number) => v, y1: low, y2: low + 0.05 * (high - low), stroke: color.p, strokeOpacity: 0.5 }), Plot.ruleX(numbers.y, { x: (v: number) => v, y1: low + 0.06 * (high - low), y2: low + 0.11 * (high - low), stroke: color.q, strokeOpacity: 0.5 })],
    });
    readings.show([{ id: "w1", label: { en: "W₁, exact", zh: "W₁，精确值" }, value: numbers.w1 }, { id: "read", label: { en: "the critic's difference of means", zh: "评论家的均值之差" }, value: fitted.difference_of_means }, { id: "slope", label: { en: "its steepest slope", zh: "它最陡的斜率" }, value: fitted.slope }]);
  };
  stage.append(choice(numbers.critics.map(({ name }) => ({ id: name, label: names[name as keyof typeof names] })), "penalty", { en: "How the slope is held back", zh: "怎样限制斜率" }, draw), readings.root,
    legend([{ label: { en: "exact", zh: "精确解" }, color: color.third }, { label: { en: "critic", zh: "评论家" }, color: color.fourth, dash: "7,3" }, { label: { en: "MMD's witness", zh: "MMD 的见证函数" }, color: color.fifth, dash: "2,3" }, { label: { en: "points of p", zh: "p 的样本点" }, color: color.p }, { label: { en: "points of q", zh: "q 的样本点" }, color: color.q }]), chart.root);
  draw("penalty");
}
