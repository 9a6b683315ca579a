// SPDX-License-Identifier: Apache-2.0
// Starts a page: its figures, the switch between light and dark, and the buttons that copy commands.
import { element } from "./elements";
import { figures } from "./figures/registry";
import { text } from "./language";
import { startLibrary } from "./math/library";
import { startTheme } from "./theme";

declare global {
  interface Window { pushforward?: { numbers: unknown } }
}

function startFigures(): void {
  for (const figure of document.querySelectorAll<HTMLElement>("[data-figure]")) {
    const draw = figures[figure.dataset.figure!];
    if (!draw) throw new Error(`no figure called ${figure.dataset.figure}`);
    draw(figure.querySelector<HTMLElement>(".stage")!, window.pushforward!.numbers as never);
  }
}

// A line of a command breaks between words, not within "--options".
function holdWords(code: HTMLElement): void {
  const pieces = code.textContent!.split(/(\s+)/);
  code.replaceChildren(...pieces.map((piece) => (/^\s*$/.test(piece) ? piece : element("span", {}, piece))));
}

function startCopying(): void {
  document.querySelectorAll<HTMLElement>(".command code").forEach(holdWords);
  for (const button of document.querySelectorAll<HTMLButtonElement>(".copy")) {
    const label = button.textContent;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.parentElement!.querySelector("code")!.textContent!);
      button.textContent = text({ en: "Copied", zh: "已复制" });
      setTimeout(() => { button.textContent = label; }, 1500);
    });
  }
}

// Wide screens show the list of chapters, where this one is in sight; narrow ones fold it.
function startMenu(): void {
  const menu = document.querySelector<HTMLElement>(".menu"), list = menu?.querySelector<HTMLDetailsElement>("details");
  if (!menu || !list) return;
  if (matchMedia("(max-width: 60rem)").matches) list.open = false;
  const here = menu.querySelector<HTMLElement>("[aria-current]");
  if (here) menu.scrollTop = here.getBoundingClientRect().top - menu.getBoundingClientRect().top - menu.clientHeight / 2;
}

startTheme();
startCopying();
startMenu();
const drawn = (): void => { document.documentElement.dataset.drawn = "yes"; };  // for tests
if (window.pushforward) startLibrary().then(startFigures).finally(drawn);
else drawn();
