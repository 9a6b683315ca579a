// SPDX-License-Identifier: Apache-2.0
// Starts a page: its figures, the switch between light and dark, and the buttons that copy commands.
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

function startCopying(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>(".copy")) {
    const label = button.textContent;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.parentElement!.querySelector("code")!.textContent!);
      button.textContent = text({ en: "Copied", zh: "已复制" });
      setTimeout(() => { button.textContent = label; }, 1500);
    });
  }
}

// Wide screens show the list of chapters, narrow ones fold it.
function startMenu(): void {
  const menu = document.querySelector<HTMLDetailsElement>(".menu details");
  if (menu && matchMedia("(max-width: 60rem)").matches) menu.open = false;
}

startTheme();
startCopying();
startMenu();
const drawn = (): void => { document.documentElement.dataset.drawn = "yes"; };  // for tests
if (window.pushforward) startLibrary().then(startFigures).finally(drawn);
else drawn();
