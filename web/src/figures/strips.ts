// SPDX-License-Identifier: Apache-2.0
// Rows of pictures, each row below its name.
import { Both, text } from "../language";
import { element } from "../elements";
import { bytesOf } from "../math/decoder";
import { digitSide, Grid, pictureAt } from "./pictures";

export interface Strip { name: Both | string; bytes: string }

/** `most` pictures in a line, at most ten on a narrow screen. */
export function strips(rows: Strip[], most: number): HTMLElement {
  const columns = matchMedia("(max-width: 36rem)").matches ? Math.min(10, most) : most;
  return element("div", { class: "strips" }, ...rows.map(({ name, bytes }) => {
    const all = bytesOf(bytes), count = all.length / (digitSide * digitSide), lines = Math.ceil(count / columns);
    const label = typeof name === "string" ? { en: name, zh: name } : name;
    const grid = new Grid(Math.min(columns, count), lines, label, "44rem", 2);
    for (let i = 0; i < count; ++i) grid.put(i % columns, Math.floor(i / columns), Array.from(pictureAt(all, i), (v) => v / 255));
    return element("div", {}, element("p", { class: "plot-title" }, text(name)), grid.root);
  }));
}
