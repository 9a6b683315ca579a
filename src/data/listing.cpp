// SPDX-License-Identifier: Apache-2.0
// Which files of a folder are pictures, which are left out, and what their folders say.
#include <algorithm>
#include <filesystem>
#include <map>
#include <ranges>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "data/pictures.hpp"
#include "io/image_format.hpp"
#include "pushforward/error.hpp"

namespace pushforward::data {
namespace {

namespace fs = std::filesystem;

std::string small_letters(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// What file managers leave behind.
bool is_nobodys(const std::string& name) {
  return name.starts_with('.') || name == "Thumbs.db" || name == "desktop.ini";
}

struct Found {
  std::vector<fs::path> pictures{};             // from the folder
  std::map<std::string, std::size_t> others{};  // by ending
};

// `seen` holds the folders on the way, so that a link to one of them is no endless way down.
void walk(const fs::path& folder, const fs::path& below, std::set<fs::path>& seen, Found& found) {
  if (!seen.insert(fs::canonical(folder)).second) return;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (is_nobodys(name)) continue;
    if (entry.is_directory())
      walk(entry.path(), below / name, seen, found);
    else if (io::has_image_ending(name))
      found.pictures.push_back(below / name);
    else
      ++found.others[small_letters(entry.path().extension().string())];
  }
}

std::string text_of(const std::map<std::string, std::size_t>& others) {
  std::vector<std::string> pieces;
  for (const auto& [ending, count] : others)
    pieces.push_back(ending.empty() ? fmt::format("{} without an ending", count)
                                    : fmt::format("{} {}", count, ending));
  return fmt::format("{}", fmt::join(pieces, ", "));
}

std::string first_folder(const fs::path& path) { return path.begin()->string(); }
bool is_loose(const fs::path& path) { return !path.has_parent_path(); }

constexpr std::string_view kTraining[] = {"train", "training", "trn"};
constexpr std::string_view kHeldOut[] = {"test", "testing", "val", "valid", "validation", "dev", "eval"};

bool is_one_of(const std::string& name, std::span<const std::string_view> words) {
  return std::ranges::find(words, small_letters(name)) != words.end();
}

// Of train/, test/ and the like, if the folder holds nothing else: the one to read. "" where it holds others.
std::string split_to_read(const std::map<std::string, std::size_t>& tops, const std::string& folder) {
  std::vector<std::string> training, held_out;
  for (const auto& [name, count] : tops) {
    if (is_one_of(name, kTraining))
      training.push_back(name);
    else if (is_one_of(name, kHeldOut))
      held_out.push_back(name);
    else
      return "";
  }
  if (training.size() == 1) return training[0];
  if (training.empty() && held_out.size() == 1) return held_out[0];
  if (tops.empty()) return "";
  throw RequestError(Complaint{folder, fmt::format("folders {}", fmt::join(tops | std::views::keys, ", ")),
                               "one of them", fmt::format("name it: {}/{}", folder, tops.begin()->first)});
}

std::map<std::string, std::size_t> tops_of(const std::vector<fs::path>& pictures) {
  std::map<std::string, std::size_t> tops;
  for (const fs::path& picture : pictures) ++tops[first_folder(picture)];
  return tops;
}

// Reads train/ where that is what there is, and names the others.
void choose_split(Found& found, const std::string& folder, std::vector<std::string>& remarks) {
  if (found.pictures.empty() || std::ranges::any_of(found.pictures, is_loose)) return;
  const std::map<std::string, std::size_t> tops = tops_of(found.pictures);
  const std::string chosen = split_to_read(tops, folder);
  if (chosen.empty()) return;
  std::erase_if(found.pictures, [&](const fs::path& p) { return first_folder(p) != chosen; });
  std::vector<std::string> others;
  for (const auto& [name, count] : tops)
    if (name != chosen) others.push_back(fmt::format("{}/{} names the {} of {}/", folder, name, count, name));
  remarks.push_back(fmt::format("{}: {}/ is read, {} pictures{}{}", folder, chosen, tops.at(chosen),
                                others.empty() ? "" : "; ", fmt::join(others, ", ")));
}

// How many folders all pictures share on their way: "photos/photos/cats" has cats for a class.
std::size_t shared_depth(const std::vector<fs::path>& pictures) {
  for (std::size_t depth = 0;; ++depth) {
    std::set<std::string> names;
    for (const fs::path& picture : pictures) {
      auto at = picture.begin();
      std::advance(at, static_cast<std::ptrdiff_t>(depth));
      const bool deeper = std::distance(at, picture.end()) > 2;
      names.insert(at->string());
      if (!deeper) return depth;
    }
    if (names.size() > 1) return depth;
  }
}

std::vector<std::string> class_names(const std::vector<fs::path>& pictures) {
  const std::size_t depth = shared_depth(pictures);
  std::vector<std::string> labels;
  for (const fs::path& picture : pictures) {
    auto at = picture.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(depth));
    labels.push_back(at->string());
  }
  return labels;
}

Listing listed(const std::string& folder) {
  Found found;
  std::set<fs::path> seen;
  walk(folder, "", seen, found);
  Listing list{.folder = folder};
  while (list.folder.size() > 1 && list.folder.ends_with('/')) list.folder.pop_back();
  choose_split(found, list.folder, list.remarks);
  const std::string left_out = text_of(found.others);
  if (found.pictures.empty())
    throw RequestError(Complaint{
        folder,
        left_out.empty() ? "no pictures" : fmt::format("no pictures that can be read, but {}", left_out),
        fmt::format("a folder of {} files, or of subfolders of them", io::image_format_names()),
        left_out.empty() ? "" : "convert them first"});
  if (!left_out.empty())
    list.remarks.push_back(
        fmt::format("left out of {}: {} ({} are read)", list.folder, left_out, io::image_format_names()));
  std::ranges::sort(found.pictures);
  const auto loose = static_cast<std::size_t>(std::ranges::count_if(found.pictures, is_loose));
  if (loose == 0) list.labels = class_names(found.pictures);
  if (loose > 0 && loose < found.pictures.size())
    list.remarks.push_back(
        fmt::format("{} holds {} pictures, and {} in subfolders: all are read, and subfolders are no labels",
                    list.folder, loose, found.pictures.size() - loose));
  for (const fs::path& picture : found.pictures) list.files.push_back(picture.string());
  return list;
}

}  // namespace

Listing list_pictures(const std::string& folder) {
  try {
    return listed(folder);
  } catch (const fs::filesystem_error& problem) {
    throw RequestError(Complaint{folder, problem.code().message(), "a folder that can be read"});
  }
}

}  // namespace pushforward::data
