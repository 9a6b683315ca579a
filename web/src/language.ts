// SPDX-License-Identifier: Apache-2.0
// The page's language, and texts in both.

export interface Both { en: string; zh: string }
export const isChinese = document.documentElement.lang.startsWith("zh");
export const text = (both: Both | string): string =>
  typeof both === "string" ? both : isChinese ? both.zh : both.en;
