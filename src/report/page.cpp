// SPDX-License-Identifier: Apache-2.0
#include "report/page.hpp"

#include <fmt/format.h>

namespace pushforward::report {
namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --ink: #1d2127; --soft: #5c6570; --paper: #fdfdfc; --line: #dfe2e6; --accent: #0072b2; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e7e9ec; --soft: #a2abb5; --paper: #16191d; --line: #343a41; --accent: #56b4e9; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2.5rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .4rem; letter-spacing: -.01em; }
h2 { font-size: 1.2rem; margin: 2.6rem 0 .5rem; padding-top: 1.1rem; border-top: 1px solid var(--line); }
p { margin: 0 0 .8rem; max-width: 46rem; }
.lead { color: var(--soft); font-size: 1.05rem; }
figure { margin: 1rem 0 1.4rem; }
figure img, figure svg { display: block; max-width: 100%; height: auto; border-radius: 4px; }
figure svg { width: 100%; }
figcaption { color: var(--soft); font-size: .9rem; margin-top: .45rem; max-width: 46rem; }
table { border-collapse: collapse; font-size: .93rem; font-variant-numeric: tabular-nums; margin: .4rem 0 1rem; }
th, td { text-align: left; padding: .3rem 1.6rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top;
  overflow-wrap: anywhere; }
th { font-weight: 500; color: var(--soft); white-space: nowrap; }
table.wide th[scope="col"] { color: var(--ink); } table.wide td { text-align: right; } table.wide th:not(:first-child) { text-align: right; }
.scroll { overflow-x: auto; }
.beside { display: grid; gap: .6rem 1.2rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); }
.beside > div { min-width: 0; } .beside .label { font-size: .9rem; font-weight: 500; margin: 0 0 .3rem; overflow-wrap: anywhere; }
details { margin: .8rem 0; } summary { cursor: pointer; color: var(--accent); }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; list-style: none; margin: 0 0 .6rem; padding: 0; font-size: .9rem; }
.legend i { display: inline-block; width: .75em; height: .75em; border-radius: 50%; margin-right: .4em; }
svg text { fill: var(--soft); font: 12px system-ui, sans-serif; }
svg .name { fill: var(--ink); font-weight: 500; } svg .grid { stroke: var(--line); } svg .curve { fill: none; stroke-width: 2; }
footer { margin-top: 3rem; color: var(--soft); font-size: .85rem; }
)";

std::string rows_html(const std::vector<std::pair<std::string, std::string>>& rows) {
  std::string html = "<table>\n";
  for (const auto& [key, value] : rows)
    html += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escape(key), escape(value));
  return html + "</table>\n";
}

}  // namespace

std::string base64(std::span<const std::uint8_t> bytes) {
  static constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t here = std::min<std::size_t>(3, bytes.size() - i);
    unsigned word = 0;
    for (std::size_t k = 0; k < 3; ++k) word = word << 8 | (k < here ? bytes[i + k] : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += k <= here ? letters[word >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

std::string escape(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

void Page::section(std::string_view heading, std::string_view text) {
  body_ += fmt::format("<h2>{}</h2>\n", escape(heading));
  if (!text.empty()) body_ += fmt::format("<p>{}</p>\n", escape(text));
}

void Page::image(const Image& image, std::string_view alternative, std::string_view caption) {
  body_ += fmt::format(
      "<figure><img width=\"{}\" height=\"{}\" alt=\"{}\" "
      "src=\"data:image/png;base64,{}\"><figcaption>{}</figcaption></figure>\n",
      image.width, image.height, escape(alternative), base64(io::encode_png(image)), escape(caption));
}

void Page::plot(const std::string& svg, std::string_view caption) {
  body_ += fmt::format("<figure>{}<figcaption>{}</figcaption></figure>\n", svg, escape(caption));
}

void Page::plots(const std::vector<NamedPlot>& plots, std::string_view caption) {
  body_ += "<figure><div class=\"beside\">\n";
  for (const NamedPlot& one : plots)
    body_ += fmt::format("<div><p class=\"label\">{}</p>{}</div>\n", escape(one.name), one.svg);
  body_ += fmt::format("</div><figcaption>{}</figcaption></figure>\n", escape(caption));
}

void Page::images(const std::vector<Named>& pictures, std::string_view caption) {
  body_ += "<figure><div class=\"beside\">\n";
  for (const Named& one : pictures)
    body_ += fmt::format(
        "<div><p class=\"label\">{0}</p><img width=\"{1}\" height=\"{2}\" alt=\"{0}\" "
        "src=\"data:image/png;base64,{3}\"></div>\n",
        escape(one.name), one.image.width, one.image.height, base64(io::encode_png(one.image)));
  body_ += fmt::format("</div><figcaption>{}</figcaption></figure>\n", escape(caption));
}

void Page::legend(const std::vector<std::string>& names) {
  body_ += "<ul class=\"legend\">";
  for (std::size_t i = 0; i < names.size(); ++i)
    body_ += fmt::format("<li><i style=\"background:{}\"></i>{}</li>", css_colour(class_colour(i)),
                         escape(names[i]));
  body_ += "</ul>\n";
}

void Page::table(const std::vector<std::pair<std::string, std::string>>& rows) { body_ += rows_html(rows); }

void Page::table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows) {
  body_ += "<div class=\"scroll\"><table class=\"wide\">\n<tr>";
  for (const std::string& name : header) body_ += fmt::format("<th scope=\"col\">{}</th>", escape(name));
  body_ += "</tr>\n";
  for (const std::vector<std::string>& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c)
      body_ += c == 0 ? fmt::format("<tr><th scope=\"row\">{}</th>", escape(row[c]))
                      : fmt::format("<td>{}</td>", escape(row[c]));
    body_ += "</tr>\n";
  }
  body_ += "</table></div>\n";
}

void Page::folded_table(std::string_view summary,
                        const std::vector<std::pair<std::string, std::string>>& rows) {
  body_ += fmt::format("<details><summary>{}</summary>\n{}</details>\n", escape(summary), rows_html(rows));
}

std::string Page::html() const {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{0}</title>\n"
      "<style>{1}</style>\n</head>\n<body>\n<main>\n<h1>{0}</h1>\n<p class=\"lead\">{2}</p>\n{3}</main>\n"
      "<footer>Made by pushforward. This page stands on its own: it loads "
      "nothing.</footer>\n</body>\n</html>\n",
      escape(title_), kStyle, escape(lead_), body_);
}

}  // namespace pushforward::report
