// SPDX-License-Identifier: Apache-2.0
// A page about results: draws the JSON that the program wrote into it (apps/pages/page.hpp). Without any it is the
// studio.
import { element } from "./elements";
import { startLanguage, text } from "./language";
import { startTheme } from "./theme";
import { Block, drawBlock } from "./page/blocks";
import { startZoom } from "./page/picture";
import { missing, said, titleOf } from "./page/translate";
import { startStudio } from "./studio";

interface Section { title: string; text: string; blocks: Block[] }
export interface Page { title: string; lead: string; program: string; sections: Section[] }

function drawSection({ title, text: told, blocks }: Section, index: number): HTMLElement {
  const id = `section-${index}`;
  return element("section", { "aria-labelledby": id }, element("h2", { id }, said(title)), ...(told ? [element("p", {}, said(told))] : []), ...blocks.map(drawBlock));
}

export function drawPage(page: Page, root: HTMLElement): void {
  root.replaceChildren(
    element("h1", {}, titleOf(page.title)), element("p", { class: "lead" }, said(page.lead)),
    ...page.sections.map(drawSection),
    element("footer", {}, element("p", {}, text({ en: `Made by pushforward ${page.program}. This page stands on its own: it loads nothing.`, zh: `由 pushforward ${page.program} 制作。本页自成一体，不加载任何东西。` }))));
  document.title = titleOf(page.title);
}

/** What stands around the text, in the page's language. */
function nameFrame(): void {
  document.querySelector(".skip")!.textContent = text({ en: "To the text", zh: "跳到正文" });
  for (const name of ["aria-label", "title"]) document.querySelector(".theme")!.setAttribute(name, text({ en: "Light or dark", zh: "浅色或深色" }));
}

startTheme();
startZoom();
nameFrame();
const data = document.getElementById("page-data");
if (data) {
  const draw = (): void => drawPage(JSON.parse(data.textContent!) as Page, document.getElementById("main")!);
  startLanguage(() => { nameFrame(); draw(); });
  draw();
  (window as unknown as { missing: Set<string> }).missing = missing;  // for tests
} else {
  startLanguage(() => location.reload());
  void startStudio();
}
