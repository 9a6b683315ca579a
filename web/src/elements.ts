// SPDX-License-Identifier: Apache-2.0
// The parts that figures are made of: elements, sliders, buttons, legends, readings.
import { Both, text } from "./language";
import { short } from "./number";

type Attributes = Record<string, string | number | boolean | ((event: Event) => void)>;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Attributes = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, given] of Object.entries(attributes)) {
    if (typeof given === "function") made.addEventListener(name, given);
    else if (given === true) made.setAttribute(name, "");
    else if (given !== false) made.setAttribute(name, String(given));
  }
  made.append(...children);
  return made;
}

export interface Slider { root: HTMLElement; get(): number; set(value: number): void }

// "|x − y|" does not break at its sign, nor "ln 4"; an equation does, before its "=".
const held = (label: string): string => label.replace(/ ([−+·]) /g, "\u00a0$1\u00a0").replace(/(=|\bln) /g, "$1\u00a0");

/** A text whose options, "--standardize", do not break. */
export const pieces = (words: string): (Node | string)[] =>
  words.split(/(--[a-z][a-z-]*)/).map((piece) => (piece.startsWith("--") ? element("span", { class: "option" }, piece) : piece));

interface SliderOptions {
  label: Both | string; min: number; max: number; step: number; value: number;
  kind?: "p" | "q"; shown?: (value: number) => string;
  /** The slider moves in the logarithm. */
  log?: boolean;
}

/** A labelled slider; `changed` is called with each new value. */
export function slider(options: SliderOptions, changed: (value: number) => void): Slider {
  const { label, min, max, step, value: start, kind, log, shown = (v) => short(v, 3) } = options;
  const inward = log ? Math.log10 : (v: number) => v;
  const outward = log ? (v: number) => 10 ** v : (v: number) => v;
  const output = element("span", { class: "value" });
  const input = element("input", { type: "range", min: inward(min), max: inward(max), step, value: inward(start), "aria-label": text(label) });
  // What is set need not be one of the slider's steps.
  let now = start;
  const tell = (): void => {
    output.textContent = shown(now);
    input.setAttribute("aria-valuetext", shown(now));
  };
  input.addEventListener("input", () => { now = outward(Number(input.value)); tell(); changed(now); });
  tell();
  const root = element("label", { class: `control ${kind ?? ""}` }, element("span", {}, `${text(label)} `, output), input);
  return { root, get: () => now, set: (v) => { now = v; input.value = String(inward(v)); tell(); } };
}

/** Buttons of which one is pressed. */
export function choice<T extends string>(names: { id: T; label: Both | string }[], start: T, label: Both, changed: (id: T) => void): HTMLElement {
  const root = element("div", { class: "buttons", role: "group", "aria-label": text(label) });
  const buttons = names.map(({ id, label: shown }) => {
    const button = element("button", { type: "button", "aria-pressed": String(id === start), "data-choice": id }, text(shown));
    button.addEventListener("click", () => {
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      changed(id);
    });
    return button;
  });
  root.append(...buttons);
  return root;
}

export function button(label: Both | string, clicked: () => void): HTMLButtonElement {
  const made = element("button", { type: "button" }, text(label));
  made.addEventListener("click", clicked);
  return made;
}

interface LegendEntry { label: Both | string; color: string; mark?: "line" | "dot" | "box"; dash?: string }

/** Lines are drawn as in the chart, so that they can be told apart without color. */
export function legend(entries: LegendEntry[]): HTMLElement {
  return element("div", { class: "legend" }, ...entries.map(({ label, color, mark = "line", dash }) => {
    const sign = element("i", { class: mark, style: `color:${color}` });
    if (mark === "line")
      sign.innerHTML = `<svg width="26" height="6" aria-hidden="true"><path d="M0 3H26" stroke="currentColor" stroke-width="2.4"${dash ? ` stroke-dasharray="${dash}"` : ""}/></svg>`;
    return element("span", {}, sign, text(label));
  }));
}

export interface Reading { label: Both | string; value: number; unit?: Both | string; id?: string }

/** Numbers that follow what the reader moves. `id` names them for tests. */
export class Readings {
  readonly root = element("dl", { class: "readings", "aria-live": "off" });
  show(readings: Reading[]): void {
    this.root.replaceChildren(...readings.map(({ label, value, unit, id }) =>
      element("div", { class: "reading" }, element("dt", {}, held(text(label))),
        element("dd", { "data-reading": id ?? "", "data-value": String(value) }, short(value), ...(unit ? [" ", element("small", {}, text(unit))] : [])))));
  }
}
