// SPDX-License-Identifier: Apache-2.0
// Two generators on a ring of modes, taught by forward and by reverse KL.
import { Chart, Plot, color } from "../chart";
import { element, legend } from "../elements";
import { placesOf } from "./particles";

interface Numbers { ring: { points: number[]; forward: { points: number[] }; reverse: { points: number[] } } }

export function ring(stage: HTMLElement, { ring: numbers }: Numbers): void {
  const data = placesOf(numbers.points);
  const picture = (points: number[], by: string): HTMLElement => {
    const chart = new Chart();
    chart.draw({
      title: { en: `Taught by ${by}`, zh: `依据 ${by} 学习` }, alt: { en: `Generated points over the ring, taught by ${by}`, zh: `依据 ${by} 学习得到的点，叠在圆环上` }, most: 400, heightOf: (wide) => wide - 54 + 44, marginLeft: 34, marginRight: 20, marginTop: 20, marginBottom: 24,
      x: { label: null, domain: [-2.2, 2.2], ticks: 5 }, y: { label: null, domain: [-2.2, 2.2], ticks: 5 },
      marks: [Plot.dot(data, { x: "x", y: "y", r: 2.2, fill: color.faint, fillOpacity: 0.6 }), Plot.dot(placesOf(points), { x: "x", y: "y", r: 2.2, fill: color.q, fillOpacity: 0.7, clip: true })],
    });
    return chart.root;
  };
  stage.append(legend([{ label: { en: "data", zh: "数据" }, color: color.faint, mark: "dot" }, { label: { en: "generated", zh: "生成的点" }, color: color.q, mark: "dot" }]),
    element("div", { class: "row" }, picture(numbers.forward.points, "KL(p‖q)"), picture(numbers.reverse.points, "KL(q‖p)")));
}
