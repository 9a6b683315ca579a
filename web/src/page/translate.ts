// SPDX-License-Identifier: Apache-2.0
// Texts that the program wrote in English, in the page's language.
import { isChinese } from "../language";
import { chinese, Line, pageTitles } from "./chinese";

interface Pattern { expressions: RegExp[]; numbers: number[]; known: boolean[]; chinese: string }

const escaped = (words: string): string => words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function patternOf([english, translation]: [string, string]): Pattern {
  const marks = [...english.matchAll(/\{(\d)\}|<(\d)>/g)];
  const pieces = english.split(/\{\d\}|<\d>/);
  // Texts have commas of their own: the first place where a mark may end is tried, and the last.
  const expressions = ["(.+?)", "(.+)"].map((mark) => new RegExp(`^${pieces.map(escaped).join(mark)}$`, "s"));
  return { expressions, chinese: translation,
           numbers: marks.map((mark) => Number(mark[1] ?? mark[2])), known: marks.map((mark) => mark[2] !== undefined) };
}

const hasMarks = ([english]: Line): boolean => /[{<]\d/.test(english);
const patterns = chinese.filter(hasMarks).map(patternOf), titles = pageTitles.map(patternOf);
const whole = new Map(chinese.filter((line) => !hasMarks(line)));

/** The Chinese of a text, if it is in the list. */
function found(english: string, list = patterns): string | undefined {
  const same = whole.get(english);
  if (same !== undefined) return same;
  for (const { expressions, numbers, known, chinese: translation } of list)
    for (const expression of expressions) {
      const shown = expression.exec(english)?.slice(1).map((part, i) => (known[i] ? found(part) : part));
      if (shown && !shown.includes(undefined)) return translation.replace(/\{(\d)\}|<(\d)>/g, (_, a, b) => shown[numbers.indexOf(Number(a ?? b))]!);
    }
  return undefined;
}

/** Texts that are not in the list, for tests. */
export const missing = new Set<string>();

// "99 %" stays on one line.
const held = (words: string): string => words.replace(/(\d) %/g, "$1\u00a0%");

/** A name, which is the same in every language, or a text that the list may have. */
export const nameOf = (english: string): string => (isChinese() ? (found(english) ?? english) : english);

/** The title of a page. */
export const titleOf = (english: string): string => (isChinese() ? (found(english, titles) ?? english) : english);

/** A text: one that is not in the list is shown as it came, and told to tests. */
export function said(english: string): string {
  if (!isChinese() || english === "") return held(english);
  const translation = found(english);
  if (translation === undefined) missing.add(english);
  return held(translation ?? english);
}
