// SPDX-License-Identifier: Apache-2.0
// The latent plane of photographs of faces, and the straight way through it from one face to another.
import { Chart, Plot, color } from "../chart";
import { element, Readings, slider } from "../elements";
import { text } from "../language";
import { bytesOf, DecoderWeights, makeDecoder } from "../math/decoder";
import { between } from "../math/library";
import { codeDomain, LatentPad } from "./latent_pad";
import { Grid, pictureAt } from "./pictures";

interface Numbers { side: number; decoder: DecoderWeights; codes: [number, number, number, number][]; images: string }

const stops = 9;

function drawCodes(chart: Chart, codes: Numbers["codes"], a: number, b: number): void {
  const ends = [a, b].map((i) => ({ x: codes[i][0], y: codes[i][1] }));
  chart.draw({
    title: { en: "Codes of the hundred faces, and the way", zh: "一百张人脸的编码，以及路径" }, alt: { en: "Points over the latent plane with a line between two", zh: "潜在平面上的点，其中两点之间有连线" }, most: 420, height: 340,
    x: { label: "z₁", domain: codeDomain(codes, 0) }, y: { label: "z₂", domain: codeDomain(codes, 1) },
    marks: [
      Plot.dot(codes, { x: "0", y: "1", r: 3, fill: color.p, fillOpacity: 0.6, clip: true }),
      Plot.line(ends, { x: "x", y: "y", stroke: color.q, strokeWidth: 2.2, clip: true }), Plot.dot(ends, { x: "x", y: "y", r: 5, fill: color.q, stroke: "var(--card)", clip: true }),
    ],
  });
}

export function faces(stage: HTMLElement, numbers: Numbers): void {
  const { side, codes } = numbers, images = bytesOf(numbers.images);
  const face = new Grid(1, 1, { en: "The face decoded at the chosen place", zh: "所选位置解码得到的人脸" }, "12rem", 0, side);
  const ends = new Grid(2, 1, { en: "The two photographs", zh: "两张照片" }, "12rem", 2, side);
  const way = new Grid(stops, 1, { en: "Faces decoded on the way from one code to the other", zh: "从一个编码到另一个编码途中解码得到的人脸" }, "44rem", 2, side);
  const chart = new Chart(), readings = new Readings();
  let decode: (z0: number, z1: number) => Float32Array;
  const paper = { inverted: false };
  const pad = new LatentPad({ en: "Faces decoded over the latent plane", zh: "潜在平面上各点解码得到的人脸" }, side, (z) => {
    face.put(0, 0, decode(...z), paper);
    readings.show([{ id: "z1", label: "z₁", value: z[0] }, { id: "z2", label: "z₂", value: z[1] }]);
  });
  let a = 0, b = 1;
  const walk = (): void => {
    [a, b].forEach((i, at) => ends.put(at, 0, pictureAt(images, i, side), { ...paper, scale: 1 / 255 }));
    for (let i = 0; i < stops; ++i) {
      way.put(i, 0, decode(...between(codes[a].slice(0, 2), codes[b].slice(0, 2), i / (stops - 1))), paper);
    }
    drawCodes(chart, codes, a, b);
  };
  const which = (label: { en: string; zh: string }, value: number, chosen: (i: number) => void): HTMLElement =>
    slider({ label, min: 0, max: codes.length - 1, step: 1, value, shown: String }, (i) => { chosen(i); walk(); }).root;
  const title = (en: string, zh: string): HTMLElement => element("p", { class: "plot-title" }, text({ en, zh }));
  stage.append(
    element("div", { class: "row" }, element("div", {}, title("Drag over the plane", "在平面上拖动"), pad.root),
      element("div", {}, title("The decoder's answer, computed here", "解码器的回答，就在本页计算"), face.root, readings.root)),
    element("div", { class: "controls" }, which({ en: "from face number", zh: "从第几张人脸" }, a, (i) => { a = i; }), which({ en: "to face number", zh: "到第几张人脸" }, b, (i) => { b = i; })),
    element("div", { class: "row" }, element("div", {}, title("Both photographs", "两张照片"), ends.root), chart.root),
    title("Decoded on the straight way between their codes", "沿两个编码之间的直线解码"), way.root);
  makeDecoder(numbers.decoder).then((made) => {
    decode = made;
    pad.fill((grid, column, row, z) => grid.put(column, row, decode(...z), paper));
    pad.go(0, 0);
    walk();
    (window as unknown as { decode: unknown }).decode = (x: number, y: number) => Array.from(decode(x, y));  // for tests
  });
}
