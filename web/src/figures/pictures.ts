// SPDX-License-Identifier: Apache-2.0
// Pictures of 28 × 28 numbers in 0 … 1, dark ink on light paper, in a row or a grid.
import { Both, text } from "../language";
import { element } from "../elements";

export const side = 28;

/** A canvas of columns × rows pictures, drawn by `put`. */
export class Grid {
  readonly root: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D;

  constructor(readonly columns: number, readonly rows: number, alt: Both, cssWidth: string, private readonly gap = 0) {
    const size = side + gap;
    this.root = element("canvas", { width: columns * size - gap, height: rows * size - gap, role: "img", "aria-label": text(alt), class: "pixels", style: `width:min(100%,${cssWidth})` });
    this.context = this.root.getContext("2d")!;
  }

  put(column: number, row: number, values: ArrayLike<number>, scale = 1): void {
    const image = this.context.createImageData(side, side);
    for (let i = 0; i < side * side; ++i) {
      const shade = 255 - Math.round(255 * values[i] * scale);
      image.data.set([shade, shade, shade, 255], 4 * i);
    }
    this.context.putImageData(image, column * (side + this.gap), row * (side + this.gap));
  }

  /** Signed numbers, 0.5 in the middle: blue below, orange above, white between. */
  putSigned(column: number, row: number, bytes: ArrayLike<number>): void {
    const image = this.context.createImageData(side, side);
    for (let i = 0; i < side * side; ++i) {
      const t = (bytes[i] / 255 - 0.5) * 2, more = Math.abs(t);
      const end = t < 0 ? [0, 103, 165] : [200, 80, 10];
      image.data.set([...end.map((c) => Math.round(255 + (c - 255) * more)), 255], 4 * i);
    }
    this.context.putImageData(image, column * (side + this.gap), row * (side + this.gap));
  }
}

export const pictureAt = (bytes: Uint8Array, index: number): Uint8Array => bytes.subarray(index * side * side, (index + 1) * side * side);
