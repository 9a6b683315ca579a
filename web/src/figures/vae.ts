// SPDX-License-Identifier: Apache-2.0
// The latent plane of a variational autoencoder under the pointer, sampling around a code, and the bound's two terms.
import { Chart, digitColors, Plot, color } from "../chart";
import { button, element, legend, Readings, slider } from "../elements";
import { text } from "../language";
import { bytesOf, DecoderWeights, makeDecoder } from "../math/decoder";
import { normals, reparametrized } from "../math/library";
import { short } from "../number";
import { codeDomain, LatentPad } from "./latent_pad";
import { digitSide, Grid, pictureAt } from "./pictures";

interface Numbers {
  seed: number; decoder: DecoderWeights; codes: [number, number, number, number][]; labels: number[]; images: string;
  curve: { epoch: number; bound: number; reconstruction: number; kl: number }[];
}

function drawCodes(chart: Chart, numbers: Numbers, z: [number, number], chosen: number): void {
  const shown = numbers.codes.slice(0, 600);
  const rows = shown.map(([x, y], i) => ({ x, y, label: String(numbers.labels[i]) }));
  const [x, y, sx, sy] = numbers.codes[chosen];
  chart.draw({
    title: { en: "Codes of digits it has not seen", zh: "未见过的数字的编码" }, alt: { en: "Codes as digits over the latent plane", zh: "潜在平面上的编码，以数字表示" }, most: 420, height: 340,
    x: { label: "z₁", domain: codeDomain(shown, 0) }, y: { label: "z₂", domain: codeDomain(shown, 1) },
    color: digitColors,
    marks: [
      Plot.text(rows, { x: "x", y: "y", text: "label", fill: "label", fontSize: 9, fontWeight: 600, clip: true }),
      Plot.rect([0], { x1: () => x - 2 * sx, x2: () => x + 2 * sx, y1: () => y - 2 * sy, y2: () => y + 2 * sy, rx: "50%", stroke: color.ink, strokeWidth: 1.5, clip: true } as Plot.RectOptions),
      Plot.dot([z], { x: "0", y: "1", r: 6, fill: color.q, stroke: "var(--card)", strokeWidth: 1.5, clip: true }),
    ],
  });
}

function drawBound(chart: Chart, numbers: Numbers): void {
  chart.draw({
    title: { en: "The bound and its two terms over training", zh: "训练中的下界及其两项" }, alt: { en: "Curves of the bound over epochs", zh: "下界随训练轮次变化的曲线" }, height: 230,
    x: { label: text({ en: "epoch", zh: "轮次" }), ticks: Math.min(12, numbers.curve.length) }, y: { label: text({ en: "nats a digit", zh: "奈特/数字" }), grid: true, nice: true },
    marks: [
      Plot.lineY(numbers.curve, { x: "epoch", y: "bound", stroke: color.third, strokeWidth: 2.2 }),
      Plot.lineY(numbers.curve, { x: "epoch", y: (row: { reconstruction: number }) => -row.reconstruction, stroke: color.p, strokeWidth: 2.2, strokeDasharray: "7,3" }),
      Plot.lineY(numbers.curve, { x: "epoch", y: (row: { kl: number }) => -row.kl, stroke: color.q, strokeWidth: 2.2, strokeDasharray: "2,2" }),
    ],
  });
}

export function vae(stage: HTMLElement, numbers: Numbers): void {
  const digit = new Grid(1, 1, { en: "The digit decoded at the chosen place", zh: "所选位置解码得到的数字" }, "12rem");
  const original = new Grid(1, 1, { en: "A digit from the test set", zh: "测试集中的一个数字" }, "6rem");
  const draws = new Grid(6, 1, { en: "Six decoded draws around its code", zh: "其编码附近的六次抽样解码" }, "30rem", 2);
  const codes = new Chart(), bound = new Chart(), readings = new Readings();
  const images = bytesOf(numbers.images), about = element("span", { class: "value" });
  let chosen = 0, step = 0;
  let decode: (z0: number, z1: number) => Float32Array;
  const pad = new LatentPad({ en: "Digits decoded over the latent plane", zh: "潜在平面上各点解码得到的数字" }, digitSide, (z) => {
    digit.put(0, 0, decode(...z));
    readings.show([{ id: "z1", label: "z₁", value: z[0] }, { id: "z2", label: "z₂", value: z[1] }]);
  }, () => drawCodes(codes, numbers, pad.z, chosen));
  const showDigit = (): void => {
    const [m1, m2, s1, s2] = numbers.codes[chosen];
    original.put(0, 0, pictureAt(images, chosen), { scale: 1 / 255 });
    const noise = normals(numbers.seed, "draws of a code", step++, 12);
    for (let i = 0; i < 6; ++i) draws.put(i, 0, decode(...reparametrized([m1, m2], [s1, s2], noise.subarray(2 * i, 2 * i + 2))));
    draws.root.dataset.noise = Array.from(noise).join();  // for tests
    about.textContent = text({ en: `μ = (${short(m1, 3)}, ${short(m2, 3)}), σ = (${short(s1, 3)}, ${short(s2, 3)})`, zh: `μ = (${short(m1, 3)}, ${short(m2, 3)})，σ = (${short(s1, 3)}, ${short(s2, 3)})` });
    pad.go(m1, m2);
    drawCodes(codes, numbers, pad.z, chosen);
  };
  const which = slider({ label: { en: "a digit of the test set, number", zh: "测试集中的第几个数字" }, min: 0, max: 99, step: 1, value: 0, shown: String }, (value) => { chosen = value; showDigit(); });
  const title = (en: string, zh: string): HTMLElement => element("p", { class: "plot-title" }, text({ en, zh }));
  stage.append(
    element("div", { class: "row" }, element("div", {}, title("Drag over the plane", "在平面上拖动"), pad.root),
      element("div", {}, title("The decoder's answer, computed here", "解码器的回答，就在本页计算"), digit.root, readings.root)),
    title("z = μ + σ·ε: a digit, and what six draws of its code decode to", "z = μ + σ·ε：一个数字，以及对其编码抽样六次的解码结果"),
    element("div", {}, element("div", { class: "controls" }, which.root, element("div", { class: "buttons" }, button({ en: "Draw again", zh: "重新抽样" }, showDigit))),
      element("div", { class: "beside" }, original.root, draws.root), element("p", {}, about)),
    codes.root,
    legend([{ label: { en: "lower bound (ELBO)", zh: "下界（ELBO）" }, color: color.third }, { label: "E ln p(x|z)", color: color.p, dash: "7,3" }, { label: "−KL", color: color.q, dash: "2,2" }]), bound.root);
  drawBound(bound, numbers);
  makeDecoder(numbers.decoder).then((made) => {
    decode = made;
    pad.fill((grid, column, row, z) => grid.put(column, row, decode(...z)));
    showDigit();
    (window as unknown as { decode: unknown }).decode = (a: number, b: number) => Array.from(decode(a, b));  // for tests
  });
}
