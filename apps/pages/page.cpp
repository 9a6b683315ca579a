// SPDX-License-Identifier: Apache-2.0
#include "pages/page.hpp"

#include "io/markup.hpp"
#include "pages/bundle.hpp"
#include "pushforward/version.hpp"

namespace pushforward::pages {
namespace {

// Within a script element, "<" might end it ("</script>") or begin a comment.
std::string within_script(const std::string& json) {
  std::string safe;
  for (const char c : json) safe += c == '<' ? "\\u003c" : std::string(1, c);
  return safe;
}

std::string with(std::string html, std::string_view mark, const std::string& text) {
  return html.replace(html.find(mark), mark.size(), text);
}

}  // namespace

Page::Page(const std::string& title, const std::string& lead)
    : page_{{"title", title}, {"lead", lead}, {"program", version()}, {"sections", Json::array()}} {}

void Page::section(std::string_view heading, std::string_view text) {
  page_["sections"].push_back({{"title", heading}, {"text", text}, {"blocks", Json::array()}});
}

void Page::add(Json block) {
  if (!block.is_null()) page_["sections"].back()["blocks"].push_back(std::move(block));
}

std::string Page::html() const {
  const std::string text = page_.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string html = with(page_frame(), "<!--title-->", io::escape_markup(page_["title"].get<std::string>()));
  return with(std::move(html), "<!--json-->", within_script(text));
}

}  // namespace pushforward::pages
