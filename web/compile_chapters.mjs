// SPDX-License-Identifier: Apache-2.0
//
// Chapters: one Markdown file with both languages → the HTML of a page in each.
//
//   === en                       === zh          the two languages, same structure
//   # Title                      the first paragraph is what the list of contents says of it
//   $x$, $$x$$                   formulas (KaTeX, with MathML for screen readers)
//   {{path}}                     a number of the chapter's JSON, filled in by the program
//   ```figure NAME               a figure of src/figures; the text is its caption
//   ```command [path, path …]    a command, and which numbers of the chapter its output must show (a test runs it)
//   ```question                  a question, ---, its answer (folded)
//
// Throws where the two languages differ in structure, formulas, numbers, commands or figures, and where a formula has
// words, which would be of one language in both.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import katex from "katex";
import { Marked } from "marked";
import { contents, words } from "./contents.mjs";
import { pageHtml, contentsHtml, landingHtml, escapeHtml } from "./page.mjs";

export const languages = ["en", "zh"];

// Bars in a table's cell would end the cell: \KL{p}{q} writes them.
const macros = { "\\KL": "\\mathrm{KL}(#1\\,\\Vert\\,#2)", "\\JSD": "\\mathrm{JSD}(#1,#2)", "\\E": "\\mathbb{E}" };

function typeset(source, displayMode) {
  if (/\\text\{[^}]*[a-z]{2}/.test(source)) throw new Error(`a formula with words: ${source}`);
  return katex.renderToString(source, { displayMode, macros, output: "htmlAndMathml", strict: "error", throwOnError: true });
}

// A formula within a sentence may break behind a relation where it is long; a short one stays in one piece. A letter, a
// sign and an index are a character each; KaTeX's own HTML, without the MathML beside it, holds them.
const isShort = (html) => html.replace(/<span class="katex-mathml">[\s\S]*?<\/math><\/span>/, "").replace(/<[^>]*>/g, "").length <= 26;

// Fills `seen` with what must be the same in both languages.
function markdown(seen, language) {
  const marked = new Marked({ gfm: true });
  const formula = (name, rule, start, displayMode) => ({
    name, level: displayMode ? "block" : "inline",
    start: (text) => { const at = text.indexOf(start); return at < 0 ? undefined : at; },
    tokenizer(text) {
      const found = rule.exec(text);
      return found ? { type: name, raw: found[0], source: found[1].trim(), after: found[2] ?? "" } : undefined;
    },
    renderer(token) {
      seen.push((displayMode ? "$$" : "$") + token.source);
      let html = typeset(token.source, displayMode);
      if (displayMode) return `<div class="formula" tabindex="0">${html}</div>\n`;
      if (isShort(html)) html = html.replace('<span class="katex">', '<span class="katex short">');
      // No line begins with the comma or the stop after a formula: it is part of the formula's last box.
      return token.after ? html.replace(/(<\/span>){3}$/, `<span class="after">${token.after}</span>$&`) : html;
    },
  });
  const inner = (text) => marked.parse(text.trim());
  const blocks = {
    figure: (name, text) => `<figure class="demo" data-figure="${name}" id="figure-${name}"><div class="stage"></div>` +
                            `<figcaption>${inner(text)}</figcaption></figure>\n`,
    command: (paths, text) => `<div class="command" data-gives="${paths}"><code>${escapeHtml(text.trim())}</code>` +
                              `<button type="button" class="copy">${words[language].copy}</button></div>\n`,
    question: (_, text) => {
      const [question, answer] = text.split(/^---$/m);
      if (!answer) throw new Error(`a question without an answer: ${text}`);
      return `<aside class="question"><h3>${words[language].question}</h3>${inner(question)}` +
             `<details><summary>${words[language].answer}</summary>${inner(answer)}</details></aside>\n`;
    },
  };
  marked.use({
    extensions: [formula("display", /^\$\$([^$]+)\$\$(?:\n|$)/, "$$", true),
                 formula("inline", /^\$([^$\n]+)\$([,.;:)?，。；：、）？]*)/, "$", false)],
    renderer: {
      code({ lang, text }) {
        const [kind, ...rest] = (lang ?? "").split(" ");
        if (!blocks[kind]) throw new Error(`a block of kind '${lang}'`);
        seen.push(`${kind} ${rest.join(" ")}${kind === "command" ? " " + text : ""}`);
        return blocks[kind](rest.join(" "), text);
      },
      table(token) {
        const row = (cells, tag) => "<tr>" + cells.map((cell, i) =>
          `<${i === 0 ? `th scope="${tag === "th" ? "col" : "row"}"` : tag + (tag === "th" ? ' scope="col"' : "")}>` +
          `${this.parser.parseInline(cell.tokens)}</${i === 0 ? "th" : tag}>`).join("") + "</tr>";
        return `<div class="table" tabindex="0"><table><thead>${row(token.header, "th")}</thead>` +
               `<tbody>${token.rows.map((cells) => row(cells, "td")).join("")}</tbody></table></div>\n`;
      },
    },
  });
  return marked;
}

// A sentence may name things in another order in another language, a block may not: what each block holds is compared.
function skeleton(html, seen) {
  const tags = [...html.matchAll(/<(h2|h3|p|ul|ol|li|table|tr|th|td|figure|aside|details|div class="(?:formula|command|table)")/g)]
    .map((found) => found[1]);
  const numbers = [...html.matchAll(/\{\{([^}]*)\}\}/g)].map((found) => found[1]).sort();
  return { tags, numbers, seen: [...seen].sort() };
}

function compileLanguage(id, text, language) {
  const seen = [];
  const body = text.trim();
  const [, title, rest] = body.match(/^# ([^\n]+)\n+([\s\S]*)$/) ?? [];
  if (!title) throw new Error(`${id} (${language}): got no line "# Title" first`);
  const html = markdown(seen, language).parse(rest);
  const summary = html.match(/<p>([\s\S]*?)<\/p>/)[1];
  if (summary.includes("{{")) throw new Error(`${id} (${language}): the first paragraph has a number, which the list of contents cannot show`);
  return { title, html, summary, same: skeleton(html, seen) };
}

function compileChapter(folder, id) {
  const source = readFileSync(join(folder, `${id}.md`), "utf8");
  const parts = Object.fromEntries([...source.matchAll(/^=== (\w+)\n([\s\S]*?)(?=^=== |$(?![\s\S]))/gm)]
    .map((found) => [found[1], found[2]]));
  const chapter = Object.fromEntries(languages.map((language) => {
    if (!parts[language]) throw new Error(`chapters/${id}.md: got no "=== ${language}"`);
    return [language, compileLanguage(id, parts[language], language)];
  }));
  for (const what of ["tags", "numbers", "seen"]) {
    const [one, other] = languages.map((language) => chapter[language].same[what]);
    if (one.join() === other.join()) continue;
    const more = (a, b) => a.filter((item, i) => a.slice(0, i + 1).filter((x) => x === item).length > b.filter((x) => x === item).length);
    throw new Error(`chapters/${id}.md: the languages differ in ${what}: ${languages[0]} has more of '${more(one, other).join("', '")}', ` +
                    `${languages[1]} of '${more(other, one).join("', '")}'`);
  }
  return chapter;
}

/// { chapters: ids in order, pages: { "en/coding.html": { chapter, html } … } }
export function compileChapters(folder) {
  const ids = contents.flatMap((part) => part.chapters);
  const chapters = Object.fromEntries(ids.map((id) => [id, compileChapter(folder, id)]));
  const pages = { "index.html": { html: landingHtml() } };
  for (const language of languages) {
    pages[`${language}/index.html`] = { html: contentsHtml(language, contents, chapters) };
    for (const id of ids) pages[`${language}/${id}.html`] = { chapter: id, html: pageHtml(language, id, contents, chapters) };
  }
  return { chapters: ids, words, pages };
}
