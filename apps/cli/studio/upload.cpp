// SPDX-License-Identifier: Apache-2.0
#include "upload.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "../result_pages.hpp"
#include "data/formats.hpp"
#include "io/atomic_file.hpp"
#include "pushforward/error.hpp"

namespace pushforward::cli::studio {
namespace {

namespace fs = std::filesystem;

// A folder that only this user can look into, gone with this object.
struct Drawer {
  std::string path = (fs::temp_directory_path() / "pushforward-XXXXXX").string();

  Drawer() {
    if (mkdtemp(path.data()) == nullptr) throw WorkError(path + ": no folder can be made there");
  }
  Drawer(const Drawer&) = delete;
  Drawer& operator=(const Drawer&) = delete;
  ~Drawer() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

// Columns of tables are of many kinds and units.
bool is_table(const std::string& name) {
  const data::FileFormat* format = data::format_named(name);
  return format != nullptr && format->holds == data::Holds::table;
}

// What a person knows the file by, without anything that a path or a DATA argument gives a meaning to.
std::string safe_name(const std::string& name) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  std::string safe;
  for (const char c : name) safe += kLetters.find(c) == std::string_view::npos ? '_' : c;
  if (safe.size() > 60) safe = safe.substr(safe.size() - 60);
  return "_" + safe;  // never "..", never hidden
}

std::string without(std::string text, const std::string& piece) {
  for (std::size_t at = text.find(piece); at != std::string::npos; at = text.find(piece, at))
    text.erase(at, piece.size());
  return text;
}

}  // namespace

Answer reading_of(const std::vector<Uploaded>& files, const Common& common) {
  if (files.size() != 2) throw RequestError(Complaint{"files", fmt::format("{}", files.size()), "two"});
  const Drawer drawer;
  SampleOptions samples;
  samples.standardize =
      std::all_of(files.begin(), files.end(), [](const Uploaded& f) { return is_table(f.name); });
  std::string folders[2];
  for (std::size_t i = 0; i < 2; ++i) {
    folders[i] = fmt::format("{}/{}/_", drawer.path, i == 0 ? "x" : "y");
    fs::create_directories(fs::path(folders[i]).parent_path());
    const std::string path = folders[i] + safe_name(files[i].name).substr(1);
    io::write_file(path, files[i].contents);
    (i == 0 ? samples.x : samples.y) = path;
  }
  try {
    return {without(without(distance_page(samples, common).html(), folders[0]), folders[1]), "text/html"};
  } catch (const Error& problem) {
    throw RequestError(without(without(problem.what(), folders[0]), folders[1]));
  }
}

}  // namespace pushforward::cli::studio
