// SPDX-License-Identifier: Apache-2.0
// Every distance in multiples of its floor, by what is wrong.
import { Chart, Plot, color, roomFor } from "../chart";
import { choice } from "../elements";
import { Both, text } from "../language";
import { value, Wire } from "../number";

interface Numbers { distances: { name: string; cells: Record<string, { times: Wire }> }[] }

const wrongs = {
  same: { en: "nothing", zh: "没有错" }, shifted: { en: "shifted by ½", zh: "平移 ½" }, narrow: { en: "too narrow", zh: "太窄" },
  correlated: { en: "correlated", zh: "相关" }, collapsed: { en: "half is missing", zh: "缺了一半" }, outliers: { en: "2 % outliers", zh: "2 % 离群点" },
};
type Wrong = keyof typeof wrongs;

// As the table below names them.
const names: Record<string, Both | string> = {
  mmd: { en: "MMD, median width", zh: "MMD，中位数核宽" }, "mmd:bandwidth=10": { en: "MMD, width 10", zh: "MMD，核宽 10" }, energy: { en: "energy distance", zh: "能量距离" },
  w1: { en: "W₁, exact", zh: "W₁，精确" }, w2: { en: "W₂, exact", zh: "W₂，精确" }, "sinkhorn:p=2": { en: "Sinkhorn divergence", zh: "Sinkhorn 散度" }, sliced: { en: "sliced W₂", zh: "切片 W₂" },
  frechet: { en: "Fréchet distance", zh: "Fréchet 距离" }, "kl-knn": { en: "KL by neighbors", zh: "近邻估计的 KL" },
};

export function which(stage: HTMLElement, numbers: Numbers): void {
  const chart = new Chart();
  const draw = (wrong: Wrong): void => {
    const rows = numbers.distances.map(({ name, cells }) => ({ name: text(names[name] ?? name), times: value(cells[wrong].times) }));
    chart.draw({
      title: { en: "Times the floor", zh: "底噪的倍数" }, alt: { en: "A bar a distance", zh: "每种距离一个条形" }, marginLeft: roomFor(rows.map((row) => row.name)), height: 60 + 28 * rows.length, x: { label: text({ en: "times the floor", zh: "底噪的倍数" }), grid: true }, y: { label: null, domain: rows.map((row) => row.name) },
      marks: [Plot.barX(rows, { x: "times", y: "name", fill: (row: { times: number }) => (row.times > 1 ? "var(--p)" : "var(--faint)"), fillOpacity: 0.75 }), Plot.ruleX([1], { stroke: color.q, strokeWidth: 2, strokeDasharray: "6,4" }), Plot.ruleX([0])],
    });
  };
  stage.append(choice<Wrong>((Object.keys(wrongs) as Wrong[]).map((id) => ({ id, label: wrongs[id] })), "shifted", { en: "What is wrong with Y", zh: "Y 错在哪里" }, draw), chart.root);
  draw("shifted");
}
