// SPDX-License-Identifier: Apache-2.0
// The switch between light and dark.
function isDark(): boolean {
  const set = document.documentElement.dataset.theme;
  return set ? set === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

export function startTheme(): void {
  document.querySelector(".theme")?.addEventListener("click", () => {
    const theme = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    try { localStorage.setItem("pushforward-theme", theme); } catch { /* a browser that keeps nothing */ }
    document.dispatchEvent(new Event("themechange"));
  });
}
