// SPDX-License-Identifier: Apache-2.0
// The stages of a stacked autoencoder, and the same network trained at once.
import { Chart, Plot, color } from "../chart";
import { choice, legend } from "../elements";
import { text } from "../language";
import { strips } from "./strips";

interface Line { stage: string; epoch: number; loss: number }
interface Numbers { curve: Line[]; plain_curve: Line[]; originals: string; images: string; plain_images: string }

const palette = [color.p, color.third, color.fourth, color.q, color.fifth];
const tuning: Record<string, { en: string; zh: string }> = { "fine-tuning": { en: "fine tuning", zh: "微调" } };
const shown = (stage: string): string => tuning[stage] ? text(tuning[stage]) : stage.startsWith("layer ") ? text({ en: stage, zh: `第 ${stage.slice(6)} 层` }) : stage;

export function stacked(stage: HTMLElement, numbers: Numbers): void {
  const stages = [...new Set(numbers.curve.map((line) => line.stage))];
  const chart = new Chart();
  const rows = numbers.curve.map((line, i) => ({ ...line, at: i + 1 }));
  const plain = numbers.plain_curve.map((line, i) => ({ loss: line.loss, at: rows.length - numbers.plain_curve.length + i + 1 }));
  const draw = (which: string): void => {
    const seen = which === "all" ? rows : rows.filter((row) => row.stage === which);
    const last = which === "all" || which === stages.at(-1);
    chart.draw({
      title: { en: "Loss, one stage after the other", zh: "损失，逐个阶段" }, alt: { en: "The loss falls within each stage", zh: "损失在每个阶段内下降" }, height: 260,
      x: { label: text({ en: "epochs, all stages together", zh: "轮次（所有阶段合计）" }) }, y: { label: text({ en: "loss, nats", zh: "损失，奈特" }), grid: true, zero: false },
      marks: [...stages.map((name, k) => Plot.lineY(seen.filter((row) => row.stage === name), { x: "at", y: "loss", stroke: palette[k % palette.length], strokeWidth: 2.2, marker: "dot" })),
        ...(last ? [Plot.lineY(plain, { x: "at", y: "loss", stroke: color.soft, strokeWidth: 2, strokeDasharray: "3,3" })] : [])],
    });
  };
  stage.append(
    choice([{ id: "all", label: { en: "all stages", zh: "所有阶段" } }, ...stages.map((id) => ({ id, label: shown(id) }))], "all", { en: "Which stage", zh: "哪个阶段" }, draw),
    legend([...stages.map((name, k) => ({ label: shown(name), color: palette[k % palette.length] })), { label: { en: "all at once", zh: "一次训练全部" }, color: color.soft, dash: "3,3" }]), chart.root,
    strips([{ name: { en: "Test digits", zh: "测试数字" }, bytes: numbers.originals }, { name: { en: "Layer by layer, then tuned", zh: "逐层训练，再微调" }, bytes: numbers.images }, { name: { en: "All at once", zh: "一次训练全部" }, bytes: numbers.plain_images }], 10));
  draw("all");
}
