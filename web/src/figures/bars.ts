// SPDX-License-Identifier: Apache-2.0
// Bars that the reader drags: a histogram whose masses stay a distribution.
import { Chart, Plot } from "../chart";
import { Both, text } from "../language";
import { short } from "../number";

const svgNamespace = "http://www.w3.org/2000/svg";

interface BarsOptions {
  labels: string[]; masses: number[]; fill: string; title: Both; alt: Both; x: Both;
  /** The tallest bar that fits; masses are shares of 1. */
  top?: number; height?: number; reverse?: boolean;
  changed: (masses: number[]) => void;
}

/** Drag a bar's end, or focus it and press an arrow key; the others keep their proportions. */
export class Bars {
  readonly chart = new Chart();
  masses: number[];
  private focused = -1;

  constructor(private readonly options: BarsOptions) {
    this.masses = [...options.masses];
    this.chart.root.addEventListener("drawn", () => this.addHandles());
    this.draw();
  }

  set(masses: number[]): void {
    this.masses = [...masses];
    this.draw();
  }

  private draw(): void {
    const { labels, fill, title, alt, x, top = 1, height = 190, reverse } = this.options;
    const rows = this.masses.map((mass, i) => ({ label: labels[i], mass }));
    this.chart.draw({
      title, alt, height, marginTop: 24, ...(reverse ? { marginBottom: 8 } : {}),
      x: { label: reverse ? null : text(x), domain: labels, axis: reverse ? "top" : "bottom" }, y: { domain: reverse ? [top, 0] : [0, top], label: reverse ? null : text({ en: "probability", zh: "概率" }), grid: true, ticks: 4 },
      marks: [Plot.barY(rows, { x: "label", y: "mass", fill, fillOpacity: 0.7, inset: 1 }),
              Plot.ruleY([0])],
    });
  }

  private move(i: number, mass: number): void {
    const wanted = Math.min(1, Math.max(0, mass));
    const rest = 1 - this.masses[i];
    const others = this.masses.length - 1;
    this.masses = this.masses.map((m, k) => (k === i ? wanted : rest > 1e-12 ? (m / rest) * (1 - wanted) : (1 - wanted) / others));
    this.draw();
    this.options.changed(this.masses);
  }

  private addHandles(): void {
    const plot = this.chart.plot!;
    const x = plot.scale("x")!, y = plot.scale("y")!;
    const top = this.options.top ?? 1;
    const [low, high] = [Math.min(y.apply(0), y.apply(top)), Math.max(y.apply(0), y.apply(top))];
    for (const [i, label] of this.options.labels.entries()) {
      const handle = document.createElementNS(svgNamespace, "rect");
      const given = { x: x.apply(label), y: low, width: x.bandwidth!, height: high - low, fill: "transparent", class: "drag", tabindex: 0, role: "slider",
        "aria-label": `${text(this.options.title)} ${label}`, "aria-valuemin": 0, "aria-valuemax": 1, "aria-valuenow": this.masses[i].toFixed(4),
        "aria-valuetext": short(this.masses[i], 3) };
      for (const [name, value] of Object.entries(given)) handle.setAttribute(name, String(value));
      handle.addEventListener("pointerdown", (event) => this.drag(event, i));
      handle.addEventListener("focus", () => { this.focused = i; });
      handle.addEventListener("blur", () => { if (handle.isConnected) this.focused = -1; });
      handle.addEventListener("keydown", (event) => {
        const step = { ArrowUp: 0.02, ArrowRight: 0.02, ArrowDown: -0.02, ArrowLeft: -0.02, PageUp: 0.1, PageDown: -0.1 }[event.key];
        if (step === undefined && event.key !== "Home" && event.key !== "End") return;
        event.preventDefault();
        this.focused = i;
        this.move(i, event.key === "Home" ? 0 : event.key === "End" ? top : this.masses[i] + step!);
      });
      plot.append(handle);
      if (i === this.focused) handle.focus();
    }
  }

  // The chart is drawn anew under the pointer, so moves are heard by the window.
  private drag(event: PointerEvent, i: number): void {
    event.preventDefault();
    this.focused = i;
    const follow = (moved: PointerEvent): void => {
      const plot = this.chart.plot! as unknown as SVGSVGElement;
      const box = plot.getBoundingClientRect();
      const scale = this.chart.plot!.scale("y")!;
      const place = ((moved.clientY - box.top) / box.height) * plot.viewBox.baseVal.height;
      this.move(i, scale.invert!(place));
    };
    const end = (): void => {
      removeEventListener("pointermove", follow);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
    };
    addEventListener("pointermove", follow);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
    follow(event);
  }
}
