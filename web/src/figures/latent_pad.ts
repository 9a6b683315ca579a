// SPDX-License-Identifier: Apache-2.0
// The plane of a code of two numbers, filled with what it decodes to: a place is chosen by dragging or by the arrow keys.
import { element } from "../elements";
import { Both, text } from "../language";
import { Grid } from "./pictures";

export const reach = 3;
const tiles = 16;

export type Place = [number, number];
const within = (v: number): number => Math.max(-reach, Math.min(reach, v));

/** What an axis over codes must show: the pad's plane, and every code. */
export function codeDomain(codes: number[][], axis: 0 | 1): [number, number] {
  const values = codes.map((code) => code[axis]), edge = 0.6;
  return [Math.min(-reach, ...values) - edge, Math.max(reach, ...values) + edge];
}

export class LatentPad {
  readonly root: HTMLElement;
  z: Place = [0, 0];
  private readonly plane: Grid;
  private readonly cross = element("span", { class: "cross", "aria-hidden": "true" });

  /** `moved` is told each new place, `settled` where a drag ends. */
  constructor(alt: Both, side: number, private readonly moved: (z: Place) => void, settled: () => void = () => {}) {
    this.plane = new Grid(tiles, tiles, alt, "26rem", 0, side);
    this.root = element("div", { class: "pad drag", tabindex: 0, role: "application", "aria-label": text({ en: "Latent plane: drag, or use the arrow keys", zh: "潜在平面：拖动，或使用方向键" }) }, this.plane.root, this.cross);
    this.root.addEventListener("pointerdown", (event) => {
      this.root.setPointerCapture(event.pointerId);
      this.follow(event);
    });
    this.root.addEventListener("pointermove", (event) => { if (this.root.hasPointerCapture(event.pointerId)) this.follow(event); });
    this.root.addEventListener("pointerup", settled);
    this.root.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!way) return;
      event.preventDefault();
      this.go(this.z[0] + 0.1 * way[0], this.z[1] + 0.1 * way[1]);
      settled();
    });
  }

  /** Every cell's middle, decoded by `draw` onto the grid. */
  fill(draw: (grid: Grid, column: number, row: number, z: Place) => void): void {
    for (let row = 0; row < tiles; ++row)
      for (let column = 0; column < tiles; ++column)
        draw(this.plane, column, row, [-reach + ((column + 0.5) / tiles) * 2 * reach, reach - ((row + 0.5) / tiles) * 2 * reach]);
  }

  go(x: number, y: number): void {
    this.z = [within(x), within(y)];
    this.cross.style.left = `${((this.z[0] + reach) / (2 * reach)) * 100}%`;
    this.cross.style.top = `${((reach - this.z[1]) / (2 * reach)) * 100}%`;
    this.root.dataset.z = this.z.join();
    this.moved(this.z);
  }

  private follow(event: PointerEvent): void {
    const box = this.plane.root.getBoundingClientRect();
    this.go(-reach + ((event.clientX - box.left) / box.width) * 2 * reach, reach - ((event.clientY - box.top) / box.height) * 2 * reach);
  }
}
