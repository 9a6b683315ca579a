// SPDX-License-Identifier: Apache-2.0
// The linear autoencoder beside PCA: error and angles over epochs, weights beside eigenvectors, codes turned by an angle.
import { Chart, digitColors, Plot, color, powerOfTen } from "../chart";
import { element, legend, slider } from "../elements";
import { text } from "../language";
import { bytesOf } from "../math/decoder";
import { turned } from "../math/library";
import { Grid, pictureAt } from "./pictures";

interface Numbers {
  floor: number; eigenvalues: number[]; epochs: number[]; errors: number[]; first_angles: number[]; second_angles: number[];
  components: string; weights: string; codes: { pca: [number, number][]; ae: [number, number][] }; labels: number[];
}

function drawCodes(chart: Chart, numbers: Numbers, degrees: number): void {
  const rows = turned(numbers.codes.ae, degrees).map((place, i) => ({ ...place, label: String(numbers.labels[i]) }));
  chart.draw({
    title: { en: "Codes of the autoencoder, turned by the slider", zh: "自编码器的编码，按滑块旋转" }, alt: { en: "Codes as digits", zh: "以数字表示的编码" }, most: 420, height: 320,
    x: { label: text({ en: "first number of the code", zh: "编码的第一个数" }), domain: [-9, 9] }, y: { label: text({ en: "second number", zh: "第二个数" }), domain: [-9, 9] },
    color: digitColors,
    marks: [Plot.text(rows, { x: "x", y: "y", text: "label", fill: "label", fontSize: 9, fontWeight: 600, clip: true })],
  });
}

export function linear(stage: HTMLElement, numbers: Numbers): void {
  const errors = new Chart(), angles = new Chart(), pca = new Chart(), ours = new Chart();
  const rows = numbers.epochs.map((epoch, i) => ({ epoch, error: numbers.errors[i] / numbers.floor - 1, first: numbers.first_angles[i], second: numbers.second_angles[i] }));
  const x = { label: text({ en: "epoch", zh: "轮次" }) };
  errors.draw({
    title: { en: "Squared error above PCA's, as a share", zh: "平方误差超出 PCA 的比例" }, alt: { en: "The excess error falls over epochs", zh: "超出的误差随训练减小" }, most: 430, height: 230,
    x, y: { type: "log", label: text({ en: "share", zh: "比例" }), grid: true, tickFormat: powerOfTen, ticks: 5 }, marks: [Plot.lineY(rows.filter((row) => row.error > 0), { x: "epoch", y: "error", stroke: color.third, strokeWidth: 2.2 })],
  });
  angles.draw({
    title: { en: "Angles between the two planes", zh: "两个平面之间的主夹角" }, alt: { en: "Both principal angles fall to zero", zh: "两个主夹角都趋于零" }, most: 430, height: 230,
    x, y: { label: text({ en: "degrees", zh: "度" }), grid: true, domain: [0, 90] },
    marks: [Plot.lineY(rows, { x: "epoch", y: "first", stroke: color.p, strokeWidth: 2.2 }), Plot.lineY(rows, { x: "epoch", y: "second", stroke: color.q, strokeWidth: 2.2, strokeDasharray: "7,3" })],
  });
  const pictures = (bytes: string, alt: { en: string; zh: string }): HTMLElement => {
    const grid = new Grid(2, 1, alt, "16rem", 2), all = bytesOf(bytes);
    for (const i of [0, 1]) grid.putSigned(i, 0, pictureAt(all, i));
    return grid.root;
  };
  const own = numbers.codes.pca.map(([a, b], i) => ({ x: a, y: b, label: String(numbers.labels[i]) }));
  pca.draw({
    title: { en: "Codes of PCA", zh: "PCA 的编码" }, alt: { en: "Codes as digits", zh: "以数字表示的编码" }, most: 420, height: 320,
    x: { label: text({ en: "first component", zh: "第一主成分" }), domain: [-9, 9] }, y: { label: text({ en: "second component", zh: "第二主成分" }), domain: [-9, 9] },
    color: digitColors, marks: [Plot.text(own, { x: "x", y: "y", text: "label", fill: "label", fontSize: 9, fontWeight: 600, clip: true })],
  });
  const control = slider({ label: { en: "turn by", zh: "旋转角度" }, min: -180, max: 180, step: 1, value: 0, shown: (v) => `${v}°` }, (degrees) => drawCodes(ours, numbers, degrees));
  stage.append(
    element("div", { class: "row" }, element("div", {}, errors.root), element("div", {}, legend([{ label: { en: "smaller angle", zh: "较小的夹角" }, color: color.p }, { label: { en: "larger angle", zh: "较大的夹角" }, color: color.q, dash: "7,3" }]), angles.root)),
    element("div", { class: "row" },
      element("div", {}, element("p", { class: "plot-title" }, text({ en: "Eigenvectors (orange +, blue −)", zh: "特征向量（橙色为正，蓝色为负）" })), pictures(numbers.components, { en: "Two eigenvectors as pictures", zh: "两个特征向量的图像" })),
      element("div", {}, element("p", { class: "plot-title" }, text({ en: "Rows of the autoencoder's weights", zh: "自编码器权重的两行" })), pictures(numbers.weights, { en: "Two rows of weights as pictures", zh: "两行权重的图像" }))),
    element("div", { class: "controls" }, control.root), element("div", { class: "row" }, pca.root, ours.root));
  drawCodes(ours, numbers, 0);
}
