// SPDX-License-Identifier: Apache-2.0
// Two tables beside each other: every column, and what goes with what.
import { Chart, Plot, color } from "../chart";
import { button, element, legend } from "../elements";
import { Both, text } from "../language";
import { short } from "../number";
import { nameOf, said } from "./translate";

type Values = (number | null)[];
interface Column { name: string; kind: string; gap: number; a: Values; b: Values; labels?: string[]; low?: number; high?: number; date?: boolean; missing?: [number, number] }
export interface Columns { type: "columns"; names: [string, string]; columns: Column[]; caption: string }
export interface Matrices { type: "matrices"; names: string[]; titles: [string, string]; a: Values; b: Values; caption: string }

const first = 12;
const kinds: Record<string, Both> = { number: { en: "number", zh: "数值" }, whole: { en: "whole", zh: "整数" }, truth: { en: "truth", zh: "真假" },
                                      category: { en: "category", zh: "类别" }, date: { en: "date", zh: "日期" }, key: { en: "key", zh: "键" } };
const shareName = (): string => text({ en: "share", zh: "比例" });

/** The two labels that are no category of the table. */
function labelOf(label: string): string {
  const others = /^(\d+) others$/.exec(label);
  if (others) return text({ en: label, zh: `其他 ${others[1]} 类` });
  return label === "(missing)" ? text({ en: label, zh: "（缺失）" }) : label;
}
const percent = (share: number): string => `${short(100 * share, 3)} %`;

function wordBars(column: Column, names: [string, string]): Plot.Markish[] {
  const rows = column.labels!.map(labelOf).flatMap((label, i) => [{ label, which: names[0], share: column.a[i]! }, { label, which: names[1], share: column.b[i]! }]);
  return [Plot.barX(rows.filter((r) => r.which === names[0]), { y: "label", x: "share", fill: color.p, fillOpacity: 0.75, insetBottom: 7, sort: { y: null } }),
          Plot.barX(rows.filter((r) => r.which === names[1]), { y: "label", x: "share", fill: color.q, fillOpacity: 0.75, insetTop: 9 }),
          Plot.tip(rows, Plot.pointerY({ y: "label", x: "share", fill: "var(--card)", stroke: "var(--line)", title: (r: (typeof rows)[0]) => `${r.label}\n${r.which}: ${percent(r.share)}` }))];
}

function steps(column: Column): { from: number; to: number; a: number; b: number }[] {
  const { low = 0, high = 1 } = column, width = (high - low) / column.a.length || 1, scale = column.date ? 1000 : 1;
  return column.a.map((share, i) => ({ from: scale * (low + i * width), to: scale * (low + (i + 1) * width), a: share!, b: column.b[i]! }));
}

function histogramMarks(column: Column, names: [string, string]): Plot.Markish[] {
  const rows = steps(column);
  type Step = (typeof rows)[0];
  const outline = rows.flatMap((r) => [{ x: r.from, y: r.b }, { x: r.to, y: r.b }]);
  return [Plot.rectY(rows, { x1: "from", x2: "to", y: "a", fill: color.p, fillOpacity: 0.35, inset: 0 }),
          Plot.line(outline, { x: "x", y: "y", stroke: color.q, strokeWidth: 2 }),
          Plot.tip(rows, Plot.pointerX({ x: (r: Step) => (r.from + r.to) / 2, y: "a", fill: "var(--card)", stroke: "var(--line)", title: (r: Step) => `${column.date ? new Date(r.from).toISOString().slice(0, 10) : short(r.from, 4)} …\n${names[0]}: ${percent(r.a)}\n${names[1]}: ${percent(r.b)}` }))];
}

function columnChart(column: Column, names: [string, string]): HTMLElement {
  const chart = new Chart();
  const words = column.labels !== undefined;
  const longest = words ? Math.max(...column.labels!.map((label) => label.length)) : 0;
  chart.draw({
    alt: { en: `Shares of ${column.name}`, zh: `${column.name} 的比例` }, title: column.name, height: words ? 60 + 26 * column.labels!.length : 190, marginLeft: words ? Math.min(150, 20 + 7 * longest) : 48,
    x: words ? { label: shareName(), grid: true, ticks: 4, tickFormat: "%" } : { label: null, ticks: 4, ...(column.date ? { type: "utc" as const } : { tickFormat: (v: number) => short(v, 4) }) },
    y: words ? { label: null, tickFormat: (v: string) => (v.length > 20 ? `${v.slice(0, 19)}…` : v) } : { label: shareName(), grid: true, ticks: 4, tickFormat: "%" },
    marks: words ? wordBars(column, names) : histogramMarks(column, names),
  });
  const missing = column.missing && (column.missing[0] > 0 || column.missing[1] > 0) ? text({ en: `; missing: ${percent(column.missing[0])} and ${percent(column.missing[1])}`, zh: `；缺失：${percent(column.missing[0])} 与 ${percent(column.missing[1])}` }) : "";
  return element("div", { class: "column", "data-column": column.name }, chart.root, element("p", { class: "gap" }, text({ en: `${column.kind}, gap ${short(column.gap, 2)}${missing}`, zh: `${text(kinds[column.kind])}，差距 ${short(column.gap, 2)}${missing}` })));
}

export function columns({ names: given, columns: all, caption }: Columns): HTMLElement {
  const names: [string, string] = [nameOf(given[0]), nameOf(given[1])];
  const grid = element("div", { class: "beside-grid columns-grid" }, ...all.slice(0, first).map((column) => columnChart(column, names)));
  const rest = all.slice(first);
  const more = button({ en: `Show the other ${rest.length} columns`, zh: `显示其余 ${rest.length} 列` }, () => { grid.append(...rest.map((column) => columnChart(column, names))); more.remove(); });
  return element("figure", { class: "demo" }, legend([{ label: names[0], color: color.p, mark: "box" }, { label: names[1], color: color.q }]), grid,
    ...(rest.length ? [element("div", { class: "buttons" }, more)] : []), element("figcaption", {}, said(caption)));
}

function matrixChart(title: string, names: string[], values: Values, label: (v: number) => string): HTMLElement {
  const n = names.length;
  const rows = values.map((value, k) => ({ row: names[Math.floor(k / n)], column: names[k % n], value }));
  const chart = new Chart();
  const cut = (name: string): string => (name.length > 14 ? `${name.slice(0, 13)}…` : name);
  const margin = Math.min(110, 18 + 6.6 * Math.max(...names.map((name) => cut(name).length)));
  chart.draw({
    title, alt: { en: `${title}, a matrix of ${n} columns`, zh: `${title}：${n} 列的矩阵` }, marginLeft: margin, marginTop: 8, marginBottom: margin, marginRight: 4, height: Math.max(130, Math.min(n * 34, 300)) + margin, most: 460,
    x: { domain: names, label: null, tickRotate: -60, tickFormat: cut }, y: { domain: names, label: null, tickFormat: cut },
    color: { type: "diverging", domain: [-1, 1], interpolate: (t: number) => (t < 0.5 ? `color-mix(in oklab, var(--q) ${Math.round(100 * (1 - 2 * t))}%, var(--card))` : `color-mix(in oklab, var(--p) ${Math.round(100 * (2 * t - 1))}%, var(--card))`) },
    marks: [
      Plot.cell(rows.filter((r) => r.value !== null), { x: "column", y: "row", fill: "value", inset: 0.5 }),
      ...(n <= 8 ? [Plot.text(rows.filter((r) => r.value !== null), { x: "column", y: "row", text: (r: { value: number }) => label(r.value), fill: (r: { value: number }) => (Math.abs(r.value) > 0.6 ? "var(--card)" : "var(--ink)") })] : []),
      Plot.tip(rows.filter((r) => r.value !== null), Plot.pointer({ x: "column", y: "row", fill: "var(--card)", stroke: "var(--line)", title: (r: (typeof rows)[0]) => `${r.row}, ${r.column}\n${short(r.value!, 3)}` })),
    ],
  });
  return chart.root;
}

export function matrices({ names, titles, a, b, caption }: Matrices): HTMLElement {
  const difference = a.map((value, k) => (value === null || b[k] === null ? null : b[k]! - value));
  const label = (v: number): string => v.toFixed(2).replace("-", "−").replace(/^(−?)0\./, "$1.");
  return element("figure", { class: "demo" }, element("div", { class: "beside-grid" }, matrixChart(nameOf(titles[0]), names, a, label), matrixChart(nameOf(titles[1]), names, b, label),
    matrixChart(text({ en: "difference", zh: "差值" }), names, difference, label)), element("figcaption", {}, said(caption)));
}
