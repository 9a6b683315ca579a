// SPDX-License-Identifier: Apache-2.0
// Play, one step, how fast, and a slider of steps, for whatever moves in steps.
import { button, element, Slider, slider } from "../elements";
import { Both, text } from "../language";

interface PlayerOptions {
  steps: number; label?: Both; start?: number;
  /** Steps a second at speed 1. */
  rate?: number;
  /** What the slider shows for a step, if not its number. */
  shown?: (step: number) => string;
  show: (step: number) => void;
}

const speeds = [0.5, 1, 2, 4];

export class Player {
  readonly root: HTMLElement;
  private step: number;
  private readonly place: Slider;
  private readonly play: HTMLButtonElement;
  private speed = 1;
  private frame = 0;
  private last = 0;
  private part = 0;

  constructor(private readonly options: PlayerOptions) {
    this.step = options.start ?? 0;
    this.play = button({ en: "▶ Play", zh: "▶ 播放" }, () => (this.frame ? this.pause() : this.run()));
    this.play.classList.add("play");
    const once = button({ en: "One step", zh: "单步" }, () => { this.pause(); this.go(this.step + 1); });
    const faster = button({ en: "speed × 1", zh: "速度 × 1" }, () => {
      this.speed = speeds[(speeds.indexOf(this.speed) + 1) % speeds.length];
      faster.textContent = `${text({ en: "speed", zh: "速度" })} × ${this.speed}`;
    });
    const back = button({ en: "From the start", zh: "从头开始" }, () => { this.pause(); this.go(0); });
    this.place = slider({ label: options.label ?? { en: "step", zh: "步数" }, min: 0, max: options.steps, step: 1, value: this.step, shown: options.shown ?? String },
      (value) => { this.pause(); this.go(value); });
    this.root = element("div", { class: "player" }, element("div", { class: "buttons" }, this.play, once, faster, back), element("div", { class: "controls" }, this.place.root));
  }

  /** Draws the step where it stands. */
  show(): void { this.go(this.step); }

  private go(step: number): void {
    this.step = Math.max(0, Math.min(this.options.steps, Math.round(step)));
    this.place.set(this.step);
    this.options.show(this.step);
  }

  private run(): void {
    if (this.step >= this.options.steps) this.go(0);
    this.play.textContent = text({ en: "❚❚ Pause", zh: "❚❚ 暂停" });
    this.last = performance.now();
    const tick = (now: number): void => {
      this.part += ((now - this.last) / 1000) * (this.options.rate ?? 30) * this.speed;
      this.last = now;
      const whole = Math.floor(this.part);
      this.part -= whole;
      if (whole > 0) this.go(this.step + whole);
      if (this.step >= this.options.steps) return this.pause();
      this.frame = requestAnimationFrame(tick);
    };
    this.frame = requestAnimationFrame(tick);
  }

  private pause(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.play.textContent = text({ en: "▶ Play", zh: "▶ 播放" });
  }
}
