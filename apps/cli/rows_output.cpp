// SPDX-License-Identifier: Apache-2.0
#include "rows_output.hpp"

#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "data/formats.hpp"
#include "endings.hpp"
#include "io/atomic_file.hpp"
#include "io/png.hpp"
#include "output.hpp"
#include "pushforward/error.hpp"

namespace pushforward::cli {
namespace {

namespace fs = std::filesystem;

bool is_folder(const std::string& path) { return path.ends_with("/"); }

// Null where it is a picture, or a folder of them.
const data::FileFormat* format_of(const std::string& path) {
  if (is_folder(path) || has_ending(path, ".png")) return nullptr;
  if (const data::FileFormat* format = data::written_format(path)) return format;
  const std::string ending = fs::path(path).extension().string();
  std::vector<std::string> endings;
  for (const data::FileFormat& format : data::file_formats())
    endings.insert(endings.end(), format.written.begin(), format.written.end());
  endings.insert(endings.end(), {".png", "a folder/"});
  throw RequestError(Complaint{path, ending.empty() ? "a name without an ending" : "the ending " + ending,
                               endings_text(endings), "the ending says what is written"});
}

bool drawable(RowShape shape) {
  return shape.image ? shape.channels == 1 || shape.channels == 3 : shape.size() == 2;
}

// As the inputs are called, but for the ending: "cat/a.jpg" becomes "cat/a.png", and "cat/a.jpg.png" where
// there is a cat/a.png besides.
std::vector<std::string> output_names(const std::vector<std::string>& names) {
  std::map<std::string, std::size_t> stems;
  for (const std::string& name : names) ++stems[fs::path(name).replace_extension().string()];
  std::vector<std::string> out;
  for (const std::string& name : names) {
    const std::string stem = fs::path(name).replace_extension().string();
    out.push_back((stems[stem] == 1 ? stem : name) + ".png");
  }
  return out;
}

void write_folder(const std::string& path, View<const float> rows, const RowsOutput& how) {
  std::error_code ignored;  // what cannot be made is said by the file in it
  io::AtomicFolder folder(path, io::AtomicFolder::Target::replaced);
  const std::vector<std::string> outputs = output_names(how.names);
  const report::GridOptions single = {.gap = 0, .smallest = 1};
  for (std::size_t i = 0; i < rows.rows; ++i) {
    const report::Image image = report::image_grid(rows.slice(i, i + 1), how.shape, single);
    folder.check_stop();
    const fs::path file =
        fs::path(folder.path()) / (outputs.empty() ? fmt::format("{:06}.png", i) : outputs[i]);
    fs::create_directories(file.parent_path(), ignored);
    io::write_png(file.string(), how.shape.channels == 1 ? io::to_grey(image) : image);
  }
  folder.commit();
}

// Whether write_folder gives such names.
bool is_own(const std::string& name) {
  return name.size() >= 10 && name.ends_with(".png") &&
         name.find_first_not_of("0123456789") == name.size() - 4;
}

// A folder is replaced whole, so nothing may be in it but what an earlier command wrote.
void check_folder_output(const std::string& path, bool force, const std::vector<std::string>& names,
                         const std::string& source) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return;
  if (!source.empty() && fs::equivalent(path, source, ignored))
    throw RequestError(Complaint{path, "the folder that the pictures come from", "another folder"});
  const std::vector<std::string> outputs = output_names(names);
  const std::set<std::string> own(outputs.begin(), outputs.end());
  if (fs::equivalent(path, ".", ignored))
    throw RequestError(Complaint{path, "the folder that this command runs in", "another folder"});
  for (const auto& entry : fs::recursive_directory_iterator(path, ignored)) {
    if (entry.is_directory(ignored) && !own.empty()) continue;
    const std::string name = entry.path().lexically_relative(path).string();
    if (!entry.is_regular_file(ignored) || (!is_own(name) && !own.contains(name)))
      throw RequestError(Complaint{path, fmt::format("a folder with '{}' in it", name),
                                   "a new folder, or one that holds only pictures of an earlier command"});
    check_output(path, force);
  }
}

}  // namespace

void check_rows_output(const std::string& path, RowShape shape, bool force,
                       const std::vector<std::string>& names, const std::string& source) {
  const bool file = format_of(path) != nullptr, folder = is_folder(path);
  if (!file && !(folder ? shape.image : drawable(shape)))
    throw RequestError(Complaint{path, fmt::format("rows of {} numbers", shape.text()),
                                 "images, or points of the plane for one .png", "write .npy or .csv"});
  folder ? check_folder_output(path, force, names, source) : check_output(path, force);
}

void write_rows(const std::string& path, View<const float> rows, const RowsOutput& how) {
  if (const data::FileFormat* format = format_of(path))
    return format->write(path, {rows, how.shape, how.columns, how.names});
  if (is_folder(path)) return write_folder(path, rows, how);
  if (how.shape.image) return io::write_png(path, report::image_grid(rows, how.shape, how.grid));
  report::ScatterOptions scatter = how.scatter;
  if (how.columns.size() == 2) scatter.x_name = how.columns[0], scatter.y_name = how.columns[1];
  io::write_png(path, report::scatter(rows, scatter));
}

}  // namespace pushforward::cli
