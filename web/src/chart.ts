// SPDX-License-Identifier: Apache-2.0
// Charts by Observable Plot in this project's style: titles, axis names with units, alt text, widths that follow the page.
import * as Plot from "@observablehq/plot";
import { Both, text } from "./language";
import { element } from "./elements";
import { short } from "./number";
import { seriesColor } from "./page/colors";

export const color = { p: "var(--p)", q: "var(--q)", third: "var(--third)", fourth: "var(--fourth)", fifth: "var(--fifth)",
                       ink: "var(--ink)", soft: "var(--soft)", faint: "var(--faint)", line: "var(--line)" };

/** Of points that are digits. */
export const digitColors: Plot.ScaleOptions = { type: "categorical", domain: [..."0123456789"], range: Array.from({ length: 10 }, (_, i) => seriesColor(i)) };

export interface ChartOptions extends Omit<Plot.PlotOptions, "title" | "ariaLabel" | "ariaDescription"> {
  /** What the picture shows, for those who do not see it. */
  alt: Both | string; title?: Both | string; most?: number;
  /** Where the height follows the width. */
  heightOf?: (width: number) => number;
}

const ruler = document.createElement("canvas").getContext("2d")!;

/** The left margin that names before an axis need, at most two fifths of a phone. */
export function roomFor(names: string[]): number {
  ruler.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  return Math.min(150, Math.ceil(Math.max(...names.map((name) => ruler.measureText(name).width))) + 20);
}

/** Powers of ten on a logarithmic axis. */
export const powerOfTen = (value: number): string => (Number.isInteger(Math.log10(value)) ? (value >= 0.001 && value < 10000 ? String(value) : short(value, 1).replace(/^1 × /, "")) : "");

/** A place for a chart that is drawn anew by `draw` and when its width changes. */
export class Chart {
  readonly root = element("div", { class: "chart" });
  private options?: ChartOptions;
  private width = 0;
  plot?: ReturnType<typeof Plot.plot>;

  constructor() {
    new ResizeObserver((entries) => {
      const width = Math.round(entries[0].contentRect.width);
      if (width > 0 && Math.abs(width - this.width) > 1) { this.width = width; this.redraw(); }
    }).observe(this.root);
  }

  draw(options: ChartOptions): void {
    this.options = options;
    if (this.width > 0) this.redraw();
  }

  private redraw(): void {
    if (!this.options) return;
    const { alt, title, most = 900, heightOf, ...options } = this.options;
    this.plot = Plot.plot({
      marginLeft: 52, marginBottom: 40, height: Math.min(300, 190 + this.width / 7), ...options,
      width: Math.min(most, this.width), ...(heightOf ? { height: heightOf(Math.min(most, this.width)) } : {}), className: "plot",
      style: { background: "transparent", color: "var(--ink)", fontSize: "12px" }, ariaLabel: text(alt),
    });
    this.plot.setAttribute("role", "img");
    this.root.replaceChildren(...(title ? [element("p", { class: "plot-title" }, text(title))] : []), this.plot as Node);
    this.root.dispatchEvent(new Event("drawn"));
  }
}

export { Plot };
