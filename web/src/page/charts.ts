// SPDX-License-Identifier: Apache-2.0
// Curves, bars and clouds of points.
import { Chart, ChartOptions, Plot, color } from "../chart";
import { element, legend } from "../elements";
import { text } from "../language";
import { short } from "../number";
import { seriesColor, seriesDash } from "./colors";
import { nameOf, said } from "./translate";

type Values = (number | null)[];
export interface Curves { type: "curves"; title: string; x: string; y: string; curves: { name: string; color: number; x: Values; y: Values }[] }
export interface Bars { type: "bars"; title: string; x: string; values: Values; reference: number; means: string }
export interface Plane {
  type: "plane"; title: string; alt: string; caption: string; x: string; y: string; names: string[];
  clouds: { name: string; behind: boolean; x: Values; y: Values; labels?: number[] }[];
  surface?: { x: number; y: number; x2: number; y2: number; columns: number; values: Values }; surface_name?: string;
}

interface Point { name: string; x: number; y: number | null }

/** A logarithm shows what a straight axis hides: positive values over three powers of ten and more. */
function needsLogarithm(ys: number[]): boolean {
  const low = Math.min(...ys), high = Math.max(...ys);
  return low > 0 && high / low > 1000;
}

/** Epochs and stages are whole: few of them have no ticks between. Else as many as the width has room for. */
function wholeTicks({ curves: all, x }: Curves): number | undefined {
  const places = all.flatMap((curve) => curve.x as number[]);
  const span = Math.max(...places) - Math.min(...places);
  return span <= 8 && (x === "epoch" || x === "number" || x === "layers") ? Math.max(1, span) : undefined;
}

export function curves(given: Curves): HTMLElement {
  const ticks = wholeTicks(given);
  const plain = (name: string): string => (name === given.y ? nameOf(name).replace(/_/g, " ") : nameOf(name));  // "validation_kl"
  const block: Curves = { ...given, title: plain(given.title), x: nameOf(given.x), y: plain(given.y), curves: given.curves.map((curve) => ({ ...curve, name: nameOf(curve.name) })) };
  const points: Point[] = block.curves.flatMap(({ name, x, y }) => x.map((at, i) => ({ name, x: at!, y: y[i] })));
  const finite = points.flatMap(({ y }) => (y === null ? [] : [y]));
  if (!finite.length) return element("p", {}, `${block.title}: ${text({ en: "no finite number", zh: "没有有限的数" })}`);
  const colorOf = new Map(block.curves.map((curve) => [curve.name, curve]));
  const chart = new Chart();
  const log = needsLogarithm(finite);
  const wide = (name: string): number => colorOf.get(name)!.color;
  chart.draw({
    title: block.title, alt: { en: `${block.title} against ${block.x}`, zh: `${block.title} 随 ${block.x} 的变化` }, marginLeft: 58, height: 240,
    x: { label: block.x, ticks }, y: { label: log ? `${block.y}${text({ en: " (logarithmic)", zh: "（对数）" })}` : block.y, grid: true, type: log ? "log" : "linear", nice: true, tickFormat: (v: number) => short(v, 3) },
    marks: [
      ...block.curves.map(({ name }) => Plot.line(points.filter((p) => p.name === name), { x: "x", y: "y", stroke: seriesColor(wide(name)), strokeDasharray: seriesDash(block.curves.length > 1 ? wide(name) : 0), strokeWidth: 2 })),
      Plot.ruleX(points, Plot.pointerX({ x: "x", stroke: color.faint })),
      Plot.dot(points, Plot.pointer({ x: "x", y: "y", r: 4, fill: (p: Point) => seriesColor(wide(p.name)), maxRadius: 80 })),
      Plot.tip(points.filter((p) => p.y !== null), Plot.pointer({ x: "x", y: "y", maxRadius: 80, fill: "var(--card)", stroke: "var(--line)", title: (p: Point) => `${p.name}\n${block.x} ${short(p.x)}\n${short(p.y!)}` })),
    ],
  });
  return element("div", { class: "curves" }, chart.root,
    ...(block.curves.length > 1 ? [legend(block.curves.map((curve) => ({ label: curve.name, color: seriesColor(curve.color), dash: seriesDash(curve.color) })))] : []));
}

export function bars(block: Bars): HTMLElement {
  const rows = block.values.map((value, i) => ({ i, value: value ?? 0 }));
  const chart = new Chart(), title = said(block.title), label = nameOf(block.x);
  chart.draw({
    title, alt: { en: `${title}: ${rows.length} bars`, zh: `${title}：${rows.length} 个条形` }, height: 240,
    x: { label, type: "band" }, y: { label: nameOf("count"), grid: true },
    marks: [
      Plot.barY(rows, { x: "i", y: "value", fill: color.p, fillOpacity: 0.75 }),
      Plot.ruleY([block.reference], { stroke: color.q, strokeWidth: 2, strokeDasharray: "6,4" }),
      Plot.tip(rows, Plot.pointerX({ x: "i", y: "value", fill: "var(--card)", stroke: "var(--line)", title: (r: { i: number; value: number }) => `${label} ${r.i}\n${short(r.value)}` })),
    ],
  });
  return element("figure", { class: "demo" }, chart.root, legend([{ label: nameOf(block.means), color: color.q, dash: "6,4" }]));
}

interface Spot { x: number; y: number; label: number }
const spots = (x: Values, y: Values, labels?: number[]): Spot[] =>
  x.flatMap((at, i) => (at === null || y[i] === null ? [] : [{ x: at, y: y[i]!, label: labels?.[i] ?? -1 }]));

function surfaceMark({ x, y, x2, y2, columns, values }: NonNullable<Plane["surface"]>): Plot.Markish {
  const rows = values.length / columns;
  const nodes = values.map((value, k) => ({ x: x + ((x2 - x) * (k % columns)) / (columns - 1), y: y + ((y2 - y) * Math.floor(k / columns)) / (rows - 1), value }));
  return Plot.contour(nodes, { x: "x", y: "y", fill: "value", interpolate: "nearest", thresholds: 11, stroke: "var(--faint)", strokeWidth: 0.5, fillOpacity: 0.55 });
}

function planeMarks(block: Plane): Plot.Markish[] {
  const marks: Plot.Markish[] = block.surface ? [surfaceMark(block.surface)] : [];
  const small = Math.max(...block.clouds.map((cloud) => cloud.x.length)) > 600 ? 1.7 : 2.6;
  let place = 0;
  for (const cloud of block.clouds) {
    const rows = spots(cloud.x, cloud.y, cloud.labels);
    const fill = cloud.behind ? color.soft : cloud.labels ? (r: Spot) => seriesColor(r.label) : seriesColor(place++);
    marks.push(Plot.dot(rows, { x: "x", y: "y", r: small, fill, fillOpacity: cloud.behind ? 0.35 : 0.6, stroke: "none" }));
  }
  const seen = block.clouds.filter((cloud) => !cloud.behind).flatMap((cloud) => spots(cloud.x, cloud.y, cloud.labels).map((spot) => ({ ...spot, name: spot.label >= 0 ? (block.names[spot.label] ?? String(spot.label)) : cloud.name })));
  marks.push(Plot.tip(seen, Plot.pointer({ x: "x", y: "y", fill: "var(--card)", stroke: "var(--line)", title: (s: Spot & { name: string }) => `${s.name}\n${short(s.x, 4)}, ${short(s.y, 4)}` })));
  return marks;
}

const sides = 52 + 20, ends = 20 + 40;  // around the frame

/** One scale on both axes: the frame's width decides its height, up to the height of a window. */
function planeOptions(block: Plane): ChartOptions {
  const all = block.clouds.flatMap((cloud) => spots(cloud.x, cloud.y));
  const box = (of: (s: Spot) => number): [number, number] => { const v = all.map(of); const [a, b] = [Math.min(...v), Math.max(...v)]; const pad = 0.04 * (b - a || 1); return [a - pad, b + pad]; };
  const x = box((s) => s.x), y = box((s) => s.y), shape = Math.min(3, Math.max(0.2, (y[1] - y[0]) / (x[1] - x[0])));
  return {
    title: block.title, alt: block.alt, marginRight: 20, marginTop: 20, most: Math.min(640, 560 / shape + sides), heightOf: (wide) => (wide - sides) * shape + ends,
    x: { label: block.x, domain: x, grid: true, ticks: 5 }, y: { label: block.y, domain: y, grid: true, ticks: 6 }, color: { type: "diverging", scheme: "puor", pivot: middle(block) },
    marks: planeMarks(block),
  };
}

const middle = ({ surface }: Plane): number => {
  const values = (surface?.values ?? []).filter((v): v is number => v !== null);
  return values.length ? (Math.min(...values) + Math.max(...values)) / 2 : 0;
};

export function plane(given: Plane): HTMLElement {
  const block: Plane = { ...given, title: nameOf(given.title), alt: said(given.alt), caption: said(given.caption), clouds: given.clouds.map((cloud) => ({ ...cloud, name: nameOf(cloud.name) })) };
  const chart = new Chart();
  chart.draw(planeOptions(block));
  const labels = [...new Set(block.clouds.flatMap((cloud) => cloud.labels ?? []))].sort((a, b) => a - b);
  const entries = labels.length && labels.length <= 20 ? labels.map((label) => ({ label: block.names[label] ?? String(label), color: seriesColor(label), mark: "dot" as const }))
    : block.clouds.map((cloud, i) => ({ label: cloud.name, color: cloud.behind ? color.soft : seriesColor(block.clouds.slice(0, i).filter((c) => !c.behind).length), mark: "dot" as const }));
  return element("figure", { class: "demo" }, chart.root, legend(entries), ...(block.caption ? [element("figcaption", {}, block.caption)] : []));
}
