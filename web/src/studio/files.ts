// SPDX-License-Identifier: Apache-2.0
// Two files dropped: the page about two samples.
import { button, element } from "../elements";
import { order } from "./server";

export function files(show: (source: string) => void): HTMLElement {
  const input = element("input", { type: "file", multiple: true, "aria-label": "Two files", hidden: true });
  const told = element("p", { class: "state", "aria-live": "polite" }, "Drop two files here (.csv, .tsv, .npy): how far apart they are, and where.");
  const drop = element("div", { class: "drop" }, told, element("div", { class: "buttons" }, button("Choose two files", () => input.click())), input);
  let kept: File[] = [];
  const take = async (more: File[]): Promise<void> => {
    kept = [...kept, ...more];
    if (kept.length < 2) { told.textContent = `${kept[0]?.name ?? "Nothing"}: one more.`; return; }
    const [x, y] = kept;
    kept = [];
    told.textContent = `Measuring ${x.name} against ${y.name} …`;
    const form = new FormData();
    form.append("x", x);
    form.append("y", y);
    try {
      show(URL.createObjectURL(await (await order("/api/distance", {}, form)).blob()));
      told.textContent = `X: ${x.name}. Y: ${y.name}. Drop two others.`;
    } catch (problem) { told.textContent = (problem as Error).message; }
  };
  input.addEventListener("change", () => { void take([...(input.files ?? [])]); input.value = ""; });
  for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); void take([...((event as DragEvent).dataTransfer?.files ?? [])]); });
  return element("section", { id: "files" }, element("h2", {}, "Two files"), drop);
}
