// SPDX-License-Identifier: Apache-2.0
// Two files dropped: the page about two samples.
import { button, element } from "../elements";
import { text } from "../language";
import { order } from "./server";

export function files(show: (source: string) => void): HTMLElement {
  const input = element("input", { type: "file", multiple: true, "aria-label": text({ en: "Two files", zh: "两个文件" }), hidden: true });
  const told = element("p", { class: "state", "aria-live": "polite" }, text({ en: "Drop two files here (.csv, .tsv, .npy): how far apart they are, and where.", zh: "把两个文件（.csv、.tsv、.npy）拖到这里：它们相距多远，差在哪里。" }));
  const drop = element("div", { class: "drop" }, told, element("div", { class: "buttons" }, button({ en: "Choose two files", zh: "选择两个文件" }, () => input.click())), input);
  let kept: File[] = [];
  const take = async (more: File[]): Promise<void> => {
    kept = [...kept, ...more];
    if (kept.length < 2) { told.textContent = kept.length ? text({ en: `${kept[0].name}: one more.`, zh: `${kept[0].name}：还差一个。` }) : ""; return; }
    const [x, y] = kept;
    kept = [];
    told.textContent = text({ en: `Measuring ${x.name} against ${y.name} …`, zh: `正在比较 ${x.name} 与 ${y.name} ……` });
    const form = new FormData();
    form.append("x", x);
    form.append("y", y);
    try {
      show(URL.createObjectURL(await (await order("/api/distance", {}, form)).blob()));
      told.textContent = text({ en: `X: ${x.name}. Y: ${y.name}. Drop two others.`, zh: `X：${x.name}。Y：${y.name}。可以再拖入两个。` });
    } catch (problem) { told.textContent = (problem as Error).message; }
  };
  input.addEventListener("change", () => { void take([...(input.files ?? [])]); input.value = ""; });
  for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); void take([...((event as DragEvent).dataTransfer?.files ?? [])]); });
  return element("section", { id: "files" }, element("h2", {}, text({ en: "Two files", zh: "两个文件" })), drop);
}
