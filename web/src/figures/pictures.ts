// SPDX-License-Identifier: Apache-2.0
// Square pictures of numbers in 0 … 1, in a row or a grid: digits as dark ink on light paper, photographs as they are.
import { Both, text } from "../language";
import { element } from "../elements";

export const digitSide = 28;

/** A canvas of columns × rows pictures, drawn by `put`. */
export class Grid {
  readonly root: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D;

  constructor(readonly columns: number, readonly rows: number, alt: Both, cssWidth: string, private readonly gap = 0, private readonly side = digitSide) {
    const size = side + gap;
    this.root = element("canvas", { width: columns * size - gap, height: rows * size - gap, role: "img", "aria-label": text(alt), class: "pixels", style: `width:min(100%,${cssWidth})` });
    this.context = this.root.getContext("2d")!;
  }

  put(column: number, row: number, values: ArrayLike<number>, { scale = 1, inverted = true } = {}): void {
    if (inverted) this.root.classList.add("ink");
    this.each(column, row, (i) => {
      const light = Math.round(255 * values[i] * scale), shade = inverted ? 255 - light : light;
      return [shade, shade, shade];
    });
  }

  /** Signed numbers, 0.5 in the middle: blue below, orange above, white between. */
  putSigned(column: number, row: number, bytes: ArrayLike<number>): void {
    this.each(column, row, (i) => {
      const t = (bytes[i] / 255 - 0.5) * 2, more = Math.abs(t);
      const end = t < 0 ? [0, 103, 165] : [200, 80, 10];
      return end.map((c) => Math.round(255 + (c - 255) * more));
    });
  }

  private each(column: number, row: number, colorOf: (i: number) => number[]): void {
    const { side, gap } = this, image = this.context.createImageData(side, side);
    for (let i = 0; i < side * side; ++i) image.data.set([...colorOf(i), 255], 4 * i);
    this.context.putImageData(image, column * (side + gap), row * (side + gap));
  }
}

export const pictureAt = (bytes: Uint8Array, index: number, side = digitSide): Uint8Array => bytes.subarray(index * side * side, (index + 1) * side * side);
