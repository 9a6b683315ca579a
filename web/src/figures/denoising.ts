// SPDX-License-Identifier: Apache-2.0
// Noisy, denoised and clean digits by the strength of the noise.
import { Chart, Plot, color } from "../chart";
import { element, legend, Readings, slider } from "../elements";
import { text } from "../language";
import { strips } from "./strips";

interface Level { level: number; noisy_psnr: number; psnr: number; noisy: string; denoised: string }
interface Numbers { levels: Level[]; originals: string }

export function denoising(stage: HTMLElement, numbers: Numbers): void {
  const pictures = element("div"), readings = new Readings(), chart = new Chart();
  const draw = (k: number): void => {
    const now = numbers.levels[k];
    pictures.replaceChildren(strips([{ name: { en: `With noise of σ = ${now.level}`, zh: `噪声 σ = ${now.level}` }, bytes: now.noisy }, { name: { en: "Denoised", zh: "去噪之后" }, bytes: now.denoised }, { name: { en: "Clean", zh: "干净的图" }, bytes: numbers.originals }], 10));
    readings.show([{ id: "before", label: { en: "PSNR before", zh: "之前的 PSNR" }, value: now.noisy_psnr, unit: "dB" }, { id: "after", label: { en: "PSNR after", zh: "之后的 PSNR" }, value: now.psnr, unit: "dB" }]);
    chart.draw({
      title: { en: "PSNR before and after", zh: "之前与之后的 PSNR" }, alt: { en: "Both fall with the noise, and cross", zh: "两者都随噪声下降并相交" }, height: 210, most: 520,
      x: { label: text({ en: "noise σ", zh: "噪声 σ" }) }, y: { label: "dB", grid: true },
      marks: [Plot.ruleX([now.level], { stroke: color.faint }), Plot.lineY(numbers.levels, { x: "level", y: "noisy_psnr", stroke: color.q, strokeWidth: 2.2, strokeDasharray: "7,3", marker: "dot" }), Plot.lineY(numbers.levels, { x: "level", y: "psnr", stroke: color.p, strokeWidth: 2.2, marker: "dot" })],
    });
  };
  const start = 2;
  const control = slider({ label: { en: "noise σ", zh: "噪声 σ" }, min: 0, max: numbers.levels.length - 1, step: 1, value: start, shown: (k) => String(numbers.levels[k].level) }, draw);
  stage.append(element("div", { class: "controls" }, control.root), readings.root, pictures, legend([{ label: { en: "before", zh: "之前" }, color: color.q, dash: "7,3" }, { label: { en: "after", zh: "之后" }, color: color.p }]), chart.root);
  draw(start);
}
