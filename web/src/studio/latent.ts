// SPDX-License-Identifier: Apache-2.0
// The latent space of a run: two coordinates by dragging, the others by sliders; what it decodes to follows.
import { element, slider } from "../elements";
import { text } from "../language";
import { short } from "../number";
import { table } from "../page/tables";
import { nameOf } from "../page/translate";
import { ask, getState } from "./server";

const range = 3;

export function latentSpace(): { root: HTMLElement; open(run: string): void } {
  const title = element("h2"), body = element("div", { class: "latent" });
  const root = element("section", { id: "latent", hidden: true }, title, body);
  const open = async (run: string): Promise<void> => {
    const state = (await getState()).runs.find((one) => one.name === run)!;
    title.textContent = text({ en: `Latent space of ${run}`, zh: `${run} 的潜在空间` });
    root.hidden = false;
    const z = new Array<number>(state.latent!).fill(0);
    const made = element("div", { class: "made" }), shown = element("p", { class: "n", "data-reading": "z" });
    let asking = false, again = false;
    const decode = async (): Promise<void> => {
      shown.textContent = `z = (${z.map((v) => short(v, 3)).join(", ")})`;
      if (asking) { again = true; return; }
      asking = true;
      try { await show(made, await ask("/api/decode", { run, z: z.join(",") })); } catch (problem) { made.textContent = (problem as Error).message; }
      asking = false;
      if (again) { again = false; void decode(); }
    };
    const pad = padOf((x, y) => { z[0] = x; if (z.length > 1) z[1] = y; void decode(); });
    const others = z.slice(2).map((_, i) => slider({ label: `z${i + 3}`, min: -range, max: range, step: 0.05, value: 0 }, (value) => { z[i + 2] = value; void decode(); }).root);
    body.replaceChildren(element("div", { class: "row" }, pad, made), shown, ...(others.length ? [element("details", {}, element("summary", {}, text({ en: `The other ${others.length} coordinates`, zh: `其余 ${others.length} 个坐标` })), element("div", { class: "controls" }, ...others))] : []));
    await decode();
    root.scrollIntoView({ block: "nearest" });
  };
  return { root, open: (run) => void open(run) };
}

async function show(made: HTMLElement, response: Response): Promise<void> {
  if (response.headers.get("Content-Type") !== "image/png") {
    const { header, row } = (await response.json()) as { header: string[]; row: string[] };
    made.replaceChildren(table({ type: "table", header: ["column", nameOf("value")], rows: header.map((name, i) => [name, row[i]]), caption: "" }));
    return;
  }
  const source = URL.createObjectURL(await response.blob());
  const image = made.querySelector("img") ?? element("img", { class: "pixels decoded", alt: text({ en: "What this code decodes to", zh: "这个编码解码的结果" }) });
  if (!image.isConnected) made.replaceChildren(image);
  const before = image.src;
  image.src = source;
  if (before) URL.revokeObjectURL(before);
}

/** A square that is dragged in, or moved in by arrows: both coordinates from −range to range. */
function padOf(moved: (x: number, y: number) => void): HTMLElement {
  const cross = element("span", { class: "cross" });
  const pad = element("div", { class: "pad plane-pad", tabindex: 0, role: "application", "aria-label": text({ en: "The first two coordinates of the code: drag, or use the arrow keys", zh: "编码的前两个坐标：拖动，或使用方向键" }) }, cross);
  let at = [0, 0];
  const move = (x: number, y: number): void => {
    at = [x, y].map((v) => Math.max(-range, Math.min(range, v)));
    cross.style.left = `${(50 * (at[0] + range)) / range}%`;
    cross.style.top = `${(50 * (range - at[1])) / range}%`;
    moved(at[0], at[1]);
  };
  const follow = (event: PointerEvent): void => {
    const box = pad.getBoundingClientRect();
    move(range * ((2 * (event.clientX - box.left)) / box.width - 1), range * (1 - (2 * (event.clientY - box.top)) / box.height));
  };
  pad.addEventListener("pointerdown", (event) => { pad.setPointerCapture(event.pointerId); follow(event); });
  pad.addEventListener("pointermove", (event) => { if (event.buttons) follow(event); });
  pad.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!way) return;
    event.preventDefault();
    move(at[0] + 0.1 * way[0], at[1] + 0.1 * way[1]);
  });
  cross.style.left = cross.style.top = "50%";
  return pad;
}
