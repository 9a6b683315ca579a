// SPDX-License-Identifier: Apache-2.0
#include "rows_output.hpp"

#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "endings.hpp"
#include "io/atomic_file.hpp"
#include "io/csv.hpp"
#include "io/npy.hpp"
#include "io/png.hpp"
#include "output.hpp"
#include "pushforward/error.hpp"

namespace pushforward::cli {
namespace {

namespace fs = std::filesystem;

enum class Form { npy, csv, png, folder };

Form form_of(const std::string& path) {
  if (path.ends_with("/")) return Form::folder;
  if (has_ending(path, ".npy")) return Form::npy;
  if (has_ending(path, ".csv") || has_ending(path, ".tsv")) return Form::csv;
  if (has_ending(path, ".png")) return Form::png;
  const std::string ending = fs::path(path).extension().string();
  throw RequestError(Complaint{path, ending.empty() ? "a name without an ending" : "the ending " + ending,
                               endings_text({".npy", ".csv", ".tsv", ".png", "a folder/"}),
                               "the ending says what is written"});
}

bool drawable(RowShape shape) {
  return shape.image ? shape.channels == 1 || shape.channels == 3 : shape.size() == 2;
}

std::vector<std::size_t> array_shape(std::size_t n, RowShape shape) {
  if (!shape.image) return {n, shape.size()};
  if (shape.channels == 1) return {n, shape.height, shape.width};
  return {n, shape.height, shape.width, shape.channels};
}

void write_csv(const std::string& path, View<const float> rows, const RowsOutput& how) {
  std::vector<std::string> names = how.columns;
  if (names.size() != rows.cols) names.clear();
  for (std::size_t j = names.size(); j < rows.cols; ++j) names.push_back(fmt::format("x{}", j));
  if (how.names.empty()) return io::write_csv(path, rows, names);
  const char separator = has_ending(path, ".tsv") ? '\t' : ',';
  std::string text = "file";
  for (const std::string& name : names) text += separator, io::append_cell(text, name, separator);
  text += '\n';
  for (std::size_t i = 0; i < rows.rows; ++i) {
    io::append_cell(text, how.names[i], separator);
    for (std::size_t j = 0; j < rows.cols; ++j)
      fmt::format_to(std::back_inserter(text), "{}{}", separator, rows(i, j));
    text += '\n';
  }
  io::write_file(path, text);
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
  const Form form = form_of(path);
  const bool picture = form == Form::png || form == Form::folder;
  if (picture && !(form == Form::folder ? shape.image : drawable(shape)))
    throw RequestError(Complaint{path, fmt::format("rows of {} numbers", shape.text()),
                                 "images, or points of the plane for one .png", "write .npy or .csv"});
  form == Form::folder ? check_folder_output(path, force, names, source) : check_output(path, force);
}

void write_rows(const std::string& path, View<const float> rows, const RowsOutput& how) {
  switch (form_of(path)) {
    case Form::npy:
      return io::write_npy(path, {std::span<const float>(rows.span()), array_shape(rows.rows, how.shape)});
    case Form::csv:
      return write_csv(path, rows, how);
    case Form::folder:
      return write_folder(path, rows, how);
    case Form::png:
      return io::write_png(path, how.shape.image ? report::image_grid(rows, how.shape, how.grid)
                                                 : report::scatter(rows, how.scatter));
  }
}

}  // namespace pushforward::cli
