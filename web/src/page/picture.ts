// SPDX-License-Identifier: Apache-2.0
// Pictures of many images: whole pixels, and larger in a window of their own.
import { element } from "../elements";
import { text } from "../language";
import { said } from "./translate";

export interface Picture { type: "picture"; source: string; width: number; height: number; alt: string; caption: string }

/** Pixels are enlarged by whole factors, up to the width of a page. */
const factor = (width: number): number => Math.max(1, Math.floor(900 / width));

export function picture({ source, width, height, alt: given, caption }: Picture): HTMLElement {
  const alt = said(given), enlarge = text({ en: "Enlarge", zh: "放大" });
  const shown = width * factor(width);
  const image = element("img", { src: source, width, height, alt, class: "pixels", style: `width:min(100%,${shown}px)` });
  const open = element("button", { type: "button", class: "zoom", "aria-label": text({ en: `Enlarge: ${alt}`, zh: `放大：${alt}` }), title: enlarge }, image);
  return element("figure", { class: "demo" }, open, element("figcaption", {}, said(caption)));
}

/** One window for all pictures: Escape, a click or the button closes it; + and − change the size. */
export function startZoom(): void {
  const image = element("img", { class: "pixels", alt: "" });
  const larger = element("button", { type: "button" }, "+"), smaller = element("button", { type: "button" }, "−"), close = element("button", { type: "button" });
  const dialog = element("dialog", { class: "zoomed" }, element("div", { class: "buttons" }, larger, smaller, close), element("div", { class: "scroller", tabindex: 0 }, image));
  document.body.append(dialog);
  let size = 2;
  const resize = (next: number): void => { size = Math.min(16, Math.max(1, next)); image.style.width = `${image.naturalWidth * size}px`; };
  larger.addEventListener("click", () => resize(size + 1));
  smaller.addEventListener("click", () => resize(size - 1));
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("keydown", (event) => { if (event.key === "+") resize(size + 1); if (event.key === "-") resize(size - 1); });
  document.addEventListener("click", (event) => {
    const from = (event.target as HTMLElement).closest<HTMLElement>(".zoom")?.querySelector("img");
    if (!from) return;
    image.src = from.src;
    image.alt = from.alt;
    larger.setAttribute("aria-label", text({ en: "Larger", zh: "更大" }));
    smaller.setAttribute("aria-label", text({ en: "Smaller", zh: "更小" }));
    close.textContent = text({ en: "Close", zh: "关闭" });
    dialog.setAttribute("aria-label", text({ en: "A picture, enlarged", zh: "放大的图" }));
    dialog.showModal();
    resize(Math.max(2, Math.ceil((1.6 * from.clientWidth) / from.naturalWidth)));
  });
}
