// SPDX-License-Identifier: Apache-2.0
#include "rows_output.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "endings.hpp"
#include "io/atomic_file.hpp"
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
  if (has_ending(path, ".csv")) return Form::csv;
  if (has_ending(path, ".png")) return Form::png;
  const std::string ending = fs::path(path).extension().string();
  throw RequestError(Complaint{path, ending.empty() ? "a name without an ending" : "the ending " + ending,
                               endings_text({".npy", ".csv", ".png", "a folder/"}),
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
  std::string text;
  for (std::size_t j = 0; j < rows.cols; ++j)
    text += (j ? "," : "") + (how.columns.size() == rows.cols ? how.columns[j] : fmt::format("x{}", j));
  text += '\n';
  for (std::size_t i = 0; i < rows.rows; ++i)
    for (std::size_t j = 0; j < rows.cols; ++j)
      text += fmt::format("{}{}", rows(i, j), j + 1 < rows.cols ? ',' : '\n');
  io::write_file(path, text);
}

void write_folder(const std::string& path, View<const float> rows, const RowsOutput& how) {
  std::error_code ignored;  // what cannot be made is said by the folder itself
  fs::create_directories(fs::path(path).parent_path().parent_path(), ignored);
  io::AtomicFolder folder(path, io::AtomicFolder::Target::replaced);
  const report::GridOptions single = {.gap = 0, .smallest = 1};
  for (std::size_t i = 0; i < rows.rows; ++i) {
    const report::Image image = report::image_grid(rows.slice(i, i + 1), how.shape, single);
    folder.check_stop();
    io::write_png(fmt::format("{}/{:06}.png", folder.path(), i),
                  how.shape.channels == 1 ? io::to_grey(image) : image);
  }
  folder.commit();
}

// Whether write_folder gives such names.
bool is_own(const std::string& name) {
  return name.size() >= 10 && name.ends_with(".png") &&
         name.find_first_not_of("0123456789") == name.size() - 4;
}

// A folder is replaced whole, so nothing may be in it but what an earlier command wrote.
void check_folder_output(const std::string& path, bool force) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return;
  if (fs::equivalent(path, ".", ignored))
    throw RequestError(Complaint{path, "the folder that this command runs in", "another folder"});
  for (const auto& entry : fs::directory_iterator(path, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file(ignored) || !is_own(name))
      throw RequestError(Complaint{path, fmt::format("a folder with '{}' in it", name),
                                   "a new folder, or one that holds only pictures of an earlier command"});
    check_output(path, force);
  }
}

}  // namespace

void check_rows_output(const std::string& path, RowShape shape, bool force) {
  const Form form = form_of(path);
  const bool picture = form == Form::png || form == Form::folder;
  if (picture && !(form == Form::folder ? shape.image : drawable(shape)))
    throw RequestError(Complaint{path, fmt::format("rows of {} numbers", shape.text()),
                                 "images, or points of the plane for one .png", "write .npy or .csv"});
  form == Form::folder ? check_folder_output(path, force) : check_output(path, force);
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
