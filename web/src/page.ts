// SPDX-License-Identifier: Apache-2.0
// A page about results: draws the JSON that the program wrote into it (apps/pages/page.hpp). Without any it is the
// studio.
import { element } from "./elements";
import { startTheme } from "./theme";
import { Block, drawBlock } from "./page/blocks";
import { startZoom } from "./page/picture";
import { startStudio } from "./studio";

interface Section { title: string; text: string; blocks: Block[] }
export interface Page { title: string; lead: string; program: string; sections: Section[] }

function drawSection({ title, text, blocks }: Section, index: number): HTMLElement {
  const id = `section-${index}`;
  return element("section", { "aria-labelledby": id }, element("h2", { id }, title), ...(text ? [element("p", {}, text)] : []), ...blocks.map(drawBlock));
}

export function drawPage(page: Page, root: HTMLElement): void {
  root.replaceChildren(
    element("h1", {}, page.title), element("p", { class: "lead" }, page.lead),
    ...page.sections.map(drawSection),
    element("footer", {}, element("p", {}, `Made by pushforward ${page.program}. This page stands on its own: it loads nothing.`)));
}

startTheme();
startZoom();
const data = document.getElementById("page-data");
if (data) drawPage(JSON.parse(data.textContent!) as Page, document.getElementById("main")!);
else void startStudio();
