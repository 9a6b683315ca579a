// SPDX-License-Identifier: Apache-2.0
// The frame of every page: head, bar, list of chapters, feet.
import { words } from "./contents.mjs";

export const escapeHtml = (text) =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");

const languageOf = (language) => words[language].lang;

// Set before the first paint, so that nothing flashes.
const themeScript = `try{const t=localStorage.getItem("pushforward-theme");if(t)document.documentElement.dataset.theme=t}catch{}`;

function frame(language, { title, main, file, data }) {
  const w = words[language];
  const other = w.otherLang;
  return `<!doctype html>
<html lang="${languageOf(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Pushforward</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="../assets/app.css">
<link rel="alternate" hreflang="${languageOf(other)}" href="../${other}/${file}">
<script>${themeScript}</script>
</head>
<body>
<a class="skip" href="#main">${w.skip}</a>
${main}
${data ? `<script src="../data/${data}.js"></script>\n` : ""}<script src="../assets/app.js"></script>
</body>
</html>
`;
}

function bar(language, file) {
  const w = words[language];
  return `<header class="bar"><a class="brand" href="index.html"><span class="mark" aria-hidden="true"></span>Pushforward</a>
<nav class="switches"><a class="language" lang="${languageOf(w.otherLang)}" hreflang="${languageOf(w.otherLang)}" href="../${w.otherLang}/${file}">${w.other}</a>
<button type="button" class="theme" aria-label="${w.theme}" title="${w.theme}"></button></nav></header>`;
}

function menu(language, current, contents, chapters) {
  let number = 0;
  const parts = contents.map((part) => `<h2>${part[language]}</h2><ol>` + part.chapters.map((id) => {
    number += 1;
    const here = id === current ? ' aria-current="page"' : "";
    return `<li><a href="${id}.html"${here}><span class="number">${number}</span><span>${chapters[id][language].title}</span></a></li>`;
  }).join("") + "</ol>").join("");
  return `<nav class="menu" aria-label="${words[language].menu}"><details open><summary>${words[language].menu}</summary>${parts}</details></nav>`;
}

function turn(language, id, contents, chapters) {
  const ids = contents.flatMap((part) => part.chapters);
  const at = ids.indexOf(id);
  const link = (other, rel, word) => other === undefined ? "<span></span>"
    : `<a rel="${rel}" href="${other}.html"><small>${word}</small>${chapters[other][language].title}</a>`;
  return `<nav class="turn">${link(ids[at - 1], "prev", words[language].previous)}${link(ids[at + 1], "next", words[language].next)}</nav>`;
}

export function pageHtml(language, id, contents, chapters) {
  const w = words[language];
  const { title, html } = chapters[id][language];
  const part = contents.find((entry) => entry.chapters.includes(id))[language];
  const main = `${bar(language, `${id}.html`)}
<div class="columns">${menu(language, id, contents, chapters)}
<main id="main" tabindex="-1"><p class="part">${part}</p><h1>${title}</h1>
<article><!--body-->${html}<!--/body--></article>
${turn(language, id, contents, chapters)}
<footer><p>${w.made} <a href="../data/${id}.json">${w.numbers}</a></p></footer></main></div>`;
  return frame(language, { title, main, file: `${id}.html`, data: id });
}

export function contentsHtml(language, contents, chapters) {
  const w = words[language];
  let number = 0;
  const parts = contents.map((part) => `<section><h2>${part[language]}</h2><div class="cards">` + part.chapters.map((id) => {
    number += 1;
    const { title, summary } = chapters[id][language];
    return `<a class="card" href="${id}.html"><span class="number">${number}</span><h3>${title}</h3><p>${summary}</p></a>`;
  }).join("") + "</div></section>").join("\n");
  const main = `${bar(language, "index.html")}
<main id="main" class="contents" tabindex="-1"><h1>${w.site}</h1><p class="lead">${w.lead}</p><p class="idea">${w.idea}</p>
${parts}
<footer><p>${w.made} <a href="../LICENSES.txt">${w.code}</a></p></footer></main>`;
  return frame(language, { title: w.site, main, file: "index.html" });
}

export function landingHtml() {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pushforward</title>
<link rel="icon" href="data:,">
<script>location.replace(/^zh/i.test(navigator.language||"")?"zh/index.html":"en/index.html")</script>
</head>
<body><p><a href="en/index.html">English</a> · <a href="zh/index.html" lang="zh-CN">中文</a></p></body>
</html>
`;
}

// A page that holds both languages is read in the one that was chosen last, or else in the browser's.
const languageScript = `{let l;try{l=localStorage.getItem("pushforward-language")}catch{}if(/^zh/i.test(l||navigator.language||""))document.documentElement.lang="zh-CN"}`;

// A script within HTML must not end its element.
export const aloneScript = (script) => script.replace(/<\/script/g, "<\\/script");

// A page that stands alone: script and style are in it.
function aloneHtml({ title, policy, before }) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${policy ? `<meta http-equiv="Content-Security-Policy" content="${policy}">\n` : ""}<title>${title}</title>
<link rel="icon" href="data:,">
<style><!--style--></style>
<script>${themeScript}${languageScript}</script>
</head>
<body class="results">
<a class="skip" href="#main"></a>
<header class="bar"><span class="brand"><span class="mark" aria-hidden="true"></span>Pushforward</span>
<nav class="switches"><button type="button" class="language"></button><button type="button" class="theme"></button></nav></header>
<main id="main" tabindex="-1"><noscript>This page draws its charts by a script of its own, which this browser does not run.</noscript></main>
${before}<script><!--script--></script>
</body>
</html>
`;
}

// A page about results: the program puts a title and the numbers where the marks are.
export const resultsHtml = () => aloneHtml({
  title: "<!--title-->", before: '<script type="application/json" id="page-data"><!--json--></script>\n',
  policy: "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:",
});

// The studio's page; its policy comes as a header.
export const studioHtml = () => aloneHtml({ title: "Pushforward: studio", before: "" });
