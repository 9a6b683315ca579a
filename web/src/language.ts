// SPDX-License-Identifier: Apache-2.0
// The page's language, texts in both, and the switch of pages that hold both (chapters are a file each).

export interface Both { en: string; zh: string }
export const isChinese = (): boolean => document.documentElement.lang.startsWith("zh");
export const text = (both: Both | string): string => (typeof both === "string" ? both : isChinese() ? both.zh : both.en);

/** The button names the other language; `changed` draws the page in it. What was chosen last, or the browser's language, comes first (page.mjs). */
export function startLanguage(changed: () => void): void {
  const button = document.querySelector<HTMLButtonElement>("button.language");
  if (!button) return;
  const name = (): void => {
    button.textContent = text({ en: "中文", zh: "English" });
    button.lang = isChinese() ? "en" : "zh-CN";
  };
  button.addEventListener("click", () => {
    document.documentElement.lang = isChinese() ? "en" : "zh-CN";
    try { localStorage.setItem("pushforward-language", document.documentElement.lang); } catch { /* a browser that keeps nothing */ }
    name();
    changed();
  });
  name();
}
