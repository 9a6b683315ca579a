// SPDX-License-Identifier: Apache-2.0
#include "site.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "fill.hpp"
#include "io/atomic_file.hpp"
#include "io/bytes.hpp"
#include "pushforward/error.hpp"
#include "pushforward/version.hpp"

namespace pushforward::cli::walkthrough {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAbout = "walkthrough.json";

Json read_json(const std::string& path) {
  const io::Bytes bytes = io::read_file(path);
  Json json = Json::parse(io::text_of(bytes), nullptr, false);
  if (json.is_discarded())
    throw RequestError(
        Complaint{path, "no JSON", "what walkthrough wrote", "remove it, and it is computed anew"});
  return json;
}

void make_folder(const std::string& path) {
  std::error_code problem;
  fs::create_directories(path, problem);
  if (problem) throw RequestError(Complaint{path, problem.message(), "a folder that can be made"});
}

std::string command_line(const std::string& words) {
  return fmt::format("<div class=\"command\"><code>pushforward {}</code></div>", words);
}

// What stands where a chapter has no numbers: how to get them.
std::string how_to_compute(const Chapter& chapter, const pages::Words& words) {
  const std::vector<std::string> missing = missing_data(chapter);
  std::string lines;
  for (const std::string& name : missing) lines += command_line("data fetch " + name);
  if (missing.empty()) lines = command_line("walkthrough -o FOLDER");
  return "<div class=\"missing\"><p>" + (missing.empty() ? words.not_yet : words.missing) + "</p>" + lines +
         "</div>";
}

const Chapter& chapter_called(const std::string& id) {
  for (const Chapter& chapter : chapters())
    if (chapter.id == id) return chapter;
  throw WorkError(
      fmt::format("the embedded pages have a chapter '{}' that the program does not compute", id));
}

// The text of a chapter between its two marks is replaced where there are no numbers for it.
std::string replace_body(std::string html, const std::string& body) {
  const std::string_view first = "<!--body-->", last = "<!--/body-->";
  const std::size_t begin = html.find(first) + first.size(), end = html.find(last);
  return html.replace(begin, end - begin, body);
}

}  // namespace

Site::Site(std::string folder, const Demonstration& demonstration, bool force)
    : folder_(std::move(folder)),
      made_by_{{"version", version()},
               {"seed", demonstration.seed},
               {"mode", demonstration.quick ? "quick" : "full"},
               {"mode_en", demonstration.quick ? " --quick: shorter trainings than without it" : ""},
               {"mode_zh", demonstration.quick ? "，使用 --quick：训练时间比完整模式短" : ""}} {
  begin(force);
}

void Site::begin(bool force) const {
  const bool ours = fs::exists(path(kAbout));
  if (!ours && fs::exists(folder_) && !(fs::is_directory(folder_) && fs::is_empty(folder_)))
    throw RequestError(Complaint{folder_, "something else than a walkthrough", "a new or an empty folder"});
  if (ours && read_json(path(kAbout)) != made_by_) {
    if (!force)
      throw RequestError(Complaint{folder_, "a walkthrough with another version, seed or mode",
                                   "the same ones", "--force computes it anew, or choose another folder"});
    fs::remove_all(path("data"));
  } else if (force) {
    fs::remove_all(path("data"));
  }
  for (const std::string part : {"", "data", "assets", "en", "zh"}) make_folder(path(part));
  io::write_file(path(kAbout), made_by_.dump() + "\n");
}

std::optional<Json> Site::kept(const std::string& id) const {
  const std::string file = path("data/" + id + ".json");
  if (!fs::exists(file)) return std::nullopt;
  return read_json(file);
}

void Site::keep(const std::string& id, const Json& numbers) const {
  const std::string text = numbers.dump();
  io::write_file(path("data/" + id + ".js"), "window.pushforward={numbers:" + text + "};\n");
  io::write_file(path("data/" + id + ".json"), text + "\n");
}

std::string Site::page(const std::string& name, const pages::ChapterPage& page) const {
  std::string html = page.html;
  Json numbers = Json::object();
  if (!page.chapter.empty()) {
    if (const auto found = kept(page.chapter))
      numbers = *found;
    else
      html = replace_body(std::move(html),
                          how_to_compute(chapter_called(page.chapter), bundle_.words.at(name.substr(0, 2))));
  }
  numbers["site"] = made_by_;
  return fill(html, numbers);
}

void Site::write_pages() const {
  for (const auto& [name, text] : bundle_.files) io::write_file(path(name), text);
  for (const auto& [name, page_of_it] : bundle_.pages) io::write_file(path(name), page(name, page_of_it));
}

}  // namespace pushforward::cli::walkthrough
