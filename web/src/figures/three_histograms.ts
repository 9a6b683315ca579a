// SPDX-License-Identifier: Apache-2.0
// A histogram that slides: what total variation, Jensen–Shannon, transport and MMD say of the shift.
import { Chart, Plot, color } from "../chart";
import { element, legend, Readings, slider } from "../elements";
import { Both, text } from "../language";
import { value, Wire } from "../number";

interface Numbers { a: number[]; b: number[]; c: number[]; shifts: Record<string, Wire>[] }

const curves: { id: string; label: Both | string; stroke: string; dash?: string }[] = [
  { id: "tv", label: { en: "total variation", zh: "总变差" }, stroke: color.soft },
  { id: "js", label: { en: "Jensen–Shannon", zh: "JS 散度" }, stroke: color.fourth, dash: "8,3" },
  { id: "mmd_narrow", label: "MMD², σ = 0.3", stroke: color.fifth, dash: "2,3" },
  { id: "mmd_middle", label: "MMD², σ = 1", stroke: color.third, dash: "6,2,2,2" },
  { id: "mmd_wide", label: "MMD², σ = 5", stroke: color.third },
  { id: "emd", label: { en: "earth mover's distance", zh: "推土机距离" }, stroke: color.q },
];

function drawHistograms(chart: Chart, numbers: Numbers, shift: number): void {
  const moved = numbers.a.map((_, i) => numbers.a[i - shift] ?? 0);
  const bars = (masses: number[]): { bar: number; mass: number }[] => masses.map((mass, bar) => ({ bar, mass })).filter((row) => row.mass > 0);
  const starts = [{ at: numbers.b.findIndex((m) => m > 0) + 1, name: "b" }, { at: numbers.c.findIndex((m) => m > 0) + 1, name: "c" }];
  chart.draw({
    alt: { en: "Histogram a in blue, the sliding one in orange", zh: "蓝色为直方图 a，橙色为滑动的直方图" }, height: 190, marginTop: 26,
    x: { label: text({ en: "bar", zh: "条形" }), domain: numbers.a.map((_, i) => i) }, y: { label: text({ en: "mass", zh: "质量" }), domain: [0, 0.6], grid: true, ticks: 4 },
    marks: [
      Plot.barY(bars(numbers.a), { x: "bar", y: "mass", fill: color.p, fillOpacity: 0.65, inset: 1 }),
      Plot.barY(bars(moved), { x: "bar", y: "mass", fill: color.q, fillOpacity: 0.65, inset: 1 }),
      Plot.text([{ at: 1, name: "a" }, ...starts], { x: "at", y: 0.57, text: "name", fontStyle: "italic", fontSize: 14, fill: color.soft }),
      Plot.ruleY([0]),
    ],
  });
}

function drawCurves(chart: Chart, numbers: Numbers, shift: number): void {
  const last = numbers.shifts[numbers.shifts.length - 1];
  const rows = curves.flatMap(({ id, label, stroke, dash }) => numbers.shifts.map((measured, at) =>
    ({ at, share: value(measured[id]) / value(last[id]), id, label: text(label), stroke, dash })));
  chart.draw({
    title: { en: "Each measure as a share of its value at the far end", zh: "各度量与其最远处数值之比" },
    alt: { en: "Total variation jumps to 1 and stays, the earth mover's distance is a straight line", zh: "总变差跳到 1 后不再变化，推土机距离是一条直线" },
    x: { label: text({ en: "shift, in bars", zh: "平移量（条形数）" }), ticks: numbers.shifts.length }, y: { label: text({ en: "share", zh: "比例" }), grid: true, domain: [0, 1.05] },
    marks: [
      Plot.ruleX([shift], { stroke: color.faint }),
      ...curves.map(({ id, stroke, dash }) => Plot.lineY(rows.filter((row) => row.id === id), { x: "at", y: "share", stroke, strokeWidth: 2, strokeDasharray: dash })),
      Plot.dot(rows.filter((row) => row.at === shift), { x: "at", y: "share", fill: "stroke", r: 4 }),
    ],
  });
}

export function threeHistograms(stage: HTMLElement, numbers: Numbers): void {
  const histograms = new Chart(), lines = new Chart(), readings = new Readings();
  const update = (shift: number): void => {
    drawHistograms(histograms, numbers, shift);
    drawCurves(lines, numbers, shift);
    const measured = numbers.shifts[shift];
    readings.show([...curves.map(({ id, label }) => ({ id, label, value: value(measured[id]) })), { id: "kl", label: "KL", value: value(measured.kl) }]);
  };
  const control = slider({ label: { en: "shift of orange, in bars", zh: "橙色的平移量（条形数）" }, min: 0, max: numbers.shifts.length - 1, step: 1, value: 3, shown: String }, update);
  stage.append(element("div", { class: "controls" }, control.root), histograms.root, readings.root,
    legend(curves.map(({ label, stroke, dash }) => ({ label, color: stroke, dash }))), lines.root);
  update(3);
}
