// SPDX-License-Identifier: Apache-2.0
// Every block of a page by its type.
import { element } from "../elements";
import { bars, Bars, curves, Curves, plane, Plane } from "./charts";
import { columns, Columns, matrices, Matrices } from "./columns";
import { picture, Picture } from "./picture";
import { said } from "./translate";
import { facts, Facts, figures, Figures, table, Table } from "./tables";

interface Beside { type: "beside"; blocks: Block[]; caption: string }
export type Block = Beside | Bars | Curves | Plane | Columns | Matrices | Picture | Facts | Figures | Table;

function beside({ blocks, caption }: Beside): HTMLElement {
  return element("figure", { class: "demo" }, element("div", { class: blocks.length > 1 ? "beside-grid" : "alone" }, ...blocks.map(drawBlock)), element("figcaption", {}, said(caption)));
}

export function drawBlock(block: Block): HTMLElement {
  switch (block.type) {
    case "beside": return beside(block);
    case "bars": return bars(block);
    case "curves": return curves(block);
    case "plane": return plane(block);
    case "columns": return columns(block);
    case "matrices": return matrices(block);
    case "picture": return picture(block);
    case "facts": return facts(block);
    case "figures": return figures(block);
    case "table": return table(block);
  }
}
