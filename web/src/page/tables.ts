// SPDX-License-Identifier: Apache-2.0
// Tables: facts, rows, and figures with what they say, their direction and their floor.
import { element, pieces } from "../elements";
import { Both, text } from "../language";
import { short, value, Wire } from "../number";
import { nameOf, said } from "./translate";

export interface Facts { type: "facts"; rows: [string, string][]; summary?: string }
export interface Table { type: "table"; header: string[]; rows: string[][]; caption: string }
interface Cell { value?: Wire; text?: string; error?: Wire; floor?: Wire; times?: Wire }
interface Row { name: string; about: string; better: "" | "nearer" | "lower" | "higher"; cells: (Cell | null)[] }
export interface Figures { type: "figures"; names: string[]; rows: Row[]; caption: string }

const scroll = (table: HTMLElement): HTMLElement => element("div", { class: "table", tabindex: 0 }, table);

export function facts({ rows, summary }: Facts): HTMLElement {
  const table = scroll(element("table", { class: "words" }, element("tbody", {}, ...rows.map(([key, words]) => element("tr", {}, element("th", { scope: "row" }, nameOf(key)), element("td", {}, nameOf(words)))))));
  return summary ? element("details", {}, element("summary", {}, said(summary)), table) : table;
}

// Numbers that nobody wrote have sixteen digits, of which six are read.
const readable = (cell: string): string => (/^-?\d+\.\d{8,}(e-?\d+)?$/.test(cell) ? short(Number(cell), 6) : cell);

export function table({ header, rows, caption }: Table): HTMLElement {
  const made = scroll(element("table", { class: "rows" },
    element("thead", {}, element("tr", {}, ...header.map((name, i) => element("th", { scope: "col" }, i === 0 ? nameOf(name) : name)))),
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map((cell, i) => (i === 0 ? element("th", { scope: "row" }, cell) : element("td", {}, readable(cell)))))))));
  return caption ? element("figure", { class: "demo" }, made, element("figcaption", {}, said(caption))) : made;
}

const number = (cell: Cell): number => (cell.value === undefined ? NaN : value(cell.value));

/** "9 times" is said of what is above its floor, "within" of what is not. */
function floorText(cell: Cell): string {
  if (cell.floor === undefined) return "";
  const times = cell.times === undefined ? NaN : value(cell.times);
  const many = short(times, times < 10 ? 2 : 3);
  return times <= 1 ? text({ en: "within the floor", zh: "在底噪之内" }) : Number.isFinite(times) ? text({ en: `${many} times the floor`, zh: `底噪的 ${many} 倍` }) : "";
}

function cellOf(row: Row, cell: Cell | null, best: boolean): HTMLElement {
  if (!cell) return element("td", { class: "none" }, "–");
  if (cell.text !== undefined) return element("td", { "data-figure-name": row.name, class: "words" }, said(cell.text));
  const shown = element(best ? "strong" : "span", { class: "n", "data-value": String(cell.value) }, short(number(cell), 4));
  const parts: (Node | string)[] = [shown];
  if (cell.error !== undefined) parts.push(element("small", { class: "n" }, ` ± ${short(value(cell.error), 2)}`));
  if (cell.floor !== undefined) parts.push(element("small", { class: "floor" }, `${floorText(cell)} (${short(value(cell.floor), 3)})`));
  return element("td", { "data-figure-name": row.name }, ...parts);
}

function bestOf({ better, cells }: Row): number {
  if (!better || cells.length < 2) return -1;
  const sign = better === "higher" ? 1 : -1;
  const scores = cells.map((cell) => (cell && cell.value !== undefined ? sign * number(cell) : -Infinity));
  const best = Math.max(...scores);
  return Number.isFinite(best) && scores.filter(Number.isFinite).length > 1 ? scores.indexOf(best) : -1;
}

const arrow: Record<Row["better"], Both | string> = { "": "", nearer: { en: "lower is nearer", zh: "越低越近" }, lower: { en: "lower is better", zh: "越低越好" }, higher: { en: "higher is better", zh: "越高越好" } };

export function figures({ names, rows, caption }: Figures): HTMLElement {
  const head = names.length ? element("thead", {}, element("tr", {}, element("th", { scope: "col" }, text({ en: "figure", zh: "指标" })), ...names.map((name) => element("th", { scope: "col" }, name)))) : "";
  const lines = rows.map((row) => {
    const best = bestOf(row);
    return element("tr", {},
      element("th", { scope: "row" }, element("span", { class: "name" }, row.name.replace(/_/g, " ")),
        element("small", { class: "about" }, [said(row.about), text(arrow[row.better])].filter(Boolean).join(text({ en: "; ", zh: "；" })))),
      ...row.cells.map((cell, i) => cellOf(row, cell, i === best)));
  });
  return element("figure", { class: "demo" }, scroll(element("table", { class: "figures" }, head, element("tbody", {}, ...lines))), element("figcaption", {}, ...pieces(said(caption))));
}
