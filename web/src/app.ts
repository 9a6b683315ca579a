// SPDX-License-Identifier: Apache-2.0
// Starts a page: its figures, the switch between light and dark, and the buttons that copy commands.
import { figures } from "./figures/registry";
import { text } from "./language";

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

function isDark(): boolean {
  const set = document.documentElement.dataset.theme;
  return set ? set === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function startTheme(): void {
  document.querySelector(".theme")?.addEventListener("click", () => {
    const theme = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    try { localStorage.setItem("pushforward-theme", theme); } catch { /* a browser that keeps nothing */ }
    document.dispatchEvent(new Event("themechange"));
  });
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
if (window.pushforward) startFigures();
