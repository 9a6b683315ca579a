// SPDX-License-Identifier: Apache-2.0
// Unpacks web/dist, which the build embeds: gzipped JSON, and the licences of what is in it.
#include "pages/bundle.hpp"

#include "io/deflate.hpp"
#include "pages/json.hpp"

extern const unsigned long long pushforward_pages_size;
extern const char pushforward_pages[];
extern const unsigned long long pushforward_page_licences_size;
extern const char pushforward_page_licences[];

namespace pushforward::pages {

namespace {

Json unpacked() {
  const io::ByteSpan packed = io::bytes_of({pushforward_pages, pushforward_pages_size});
  const io::Bytes bytes = io::gunzip(packed, io::most_inflated(packed.size()), "the embedded pages");
  return Json::parse(io::text_of(bytes));
}

void put(std::string& html, std::string_view mark, const std::string& text) {
  html.replace(html.find(mark), mark.size(), text);
}

std::string standing_alone(const char* which) {
  const Json json = unpacked();
  std::string html = json[which];
  put(html, "<!--style-->", json["style"]), put(html, "<!--script-->", json["script"]);
  return html;
}

}  // namespace

std::string page_frame() { return standing_alone("frame"); }
std::string studio_page() { return standing_alone("studio"); }

Bundle read_bundle() {
  const Json json = unpacked();
  Bundle bundle;
  bundle.chapters = json["chapters"].get<std::vector<std::string>>();
  for (const auto& [path, page] : json["pages"].items())
    bundle.pages[path] = {page.value("chapter", ""), page["html"]};
  for (const auto& [path, text] : json["files"].items()) bundle.files[path] = text;
  for (const auto& [language, words] : json["words"].items())
    bundle.words[language] = {words["missing"], words["not_yet"]};
  bundle.files["LICENSES.txt"] = std::string(pushforward_page_licences, pushforward_page_licences_size);
  return bundle;
}

}  // namespace pushforward::pages
