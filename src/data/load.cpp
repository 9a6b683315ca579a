// SPDX-License-Identifier: Apache-2.0
// load_data: which kind of source an argument names, and what is done to its rows.
#include <filesystem>

#include <fmt/format.h>

#include "core/shell_word.hpp"
#include "data/formats.hpp"
#include "data/parts.hpp"
#include "data/pictures.hpp"
#include "io/image_format.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace data {
namespace {

namespace fs = std::filesystem;

// Without exceptions: a name that is too long is a name that does not exist.
bool is_folder(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}
bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool holds(const std::string& source, Holds what) {
  const FileFormat* format = format_named(source);
  return format != nullptr && format->holds == what;
}

// A file whose name says nothing is told by its first bytes.
Dataset load_by_content(const std::string& path, const LoadOptions& options, std::string_view layout) {
  if (const FileFormat* format = format_of(io::read_start(path, 128)))
    return format->read({path, "", options, layout});
  throw RequestError(Complaint{path, "a file of unknown kind",
                               fmt::format("{}, {}, {} or a folder of pictures", format_names(Holds::array),
                                           format_names(Holds::table), io::image_format_names()),
                               "tables must be called .csv or .tsv"});
}

// What is no name at all, but looks like what other programs take.
std::string advice_for(std::string_view source) {
  if (source.find("://") != std::string_view::npos) return "an address is not read: download it first";
  const std::size_t star = source.find_first_of("*?");
  if (star == std::string_view::npos) return "";
  const std::size_t slash = source.substr(0, star).rfind('/');
  const std::string folder(slash == std::string_view::npos ? "." : source.substr(0, slash + 1));
  return fmt::format("a pattern is not a DATA: name one file, or a folder of pictures whole: {}",
                     shell_word(folder));
}

std::string words_for(std::string_view source) {
  std::vector<std::string> names = {"toy:"};
  for (const NamedData& row : named_data()) names.push_back(row.name);
  const std::string near = nearest_word(source, names);
  return near.empty() ? "'pushforward data list' shows the names" : fmt::format("did you mean '{}'?", near);
}

std::string told(const std::string& source) {
  return source.size() <= 255 ? fmt::format("'{}'", source) : io::in_quotes(source);
}

Dataset load_source(const std::string& source, const LoadOptions& options, std::string_view layout) {
  if (source.starts_with("toy:"))
    return make_toy(parse_toy(std::string_view(source).substr(4), options.seed));
  if (is_named(source)) return load_named(source);
  std::string path, key;
  const FileFormat* format = format_named(source, &path, &key);
  if (const std::string advice = advice_for(source); !advice.empty() && !exists(format ? path : source))
    throw RequestError(
        Complaint{"DATA", told(source), "a name, a toy, a file or a folder that exists", advice});
  // What is no array and not there may have been meant as a name.
  if (format != nullptr && (format->holds == Holds::array || source == "-" || exists(path)))
    return format->read({path, key, options, layout});
  if (exists(source)) return load_by_content(source, options, layout);
  throw RequestError(
      Complaint{"DATA", told(source), "a name, a toy, a file or a folder that exists", words_for(source)});
}

// Options that mean something for one kind of source only are refused for the others.
void check_options(const std::string& source, const LoadOptions& options) {
  if (!options.label_column.empty() && !holds(source, Holds::table))
    throw RequestError(Complaint{source, "--label-column", "a CSV or TSV file for it"});
  for (const auto& [name, value] : {std::pair("--header", &options.header),
                                    {"--columns", &options.columns},
                                    {"--drop", &options.drop},
                                    {"--schema", &options.schema_file}})
    if (!value->empty() && !holds(source, Holds::table))
      throw RequestError(Complaint{source, name, "a CSV or TSV file for it"});
  if ((options.grey || !options.resize.empty()) && !is_picture(source))
    throw RequestError(
        Complaint{source, options.grey ? "--grey" : "--resize", "a folder of pictures for it"});
}

}  // namespace

bool is_picture(const std::string& source) {
  if (is_folder(source)) return true;
  if (source.starts_with("toy:") || is_named(source) || !exists(source)) return false;
  return io::has_image_ending(source) ||
         (fs::is_regular_file(source) && io::image_format_of(io::read_start(source, 16)) != nullptr);
}

bool is_array(const std::string& source) {
  return !source.starts_with("toy:") && !is_named(source) && !holds(source, Holds::table) &&
         !is_picture(source);
}

}  // namespace data

namespace {

// The rows' numbers as data with the same labels: what suffixes leave of them says which rows are left.
Dataset numbered(const Dataset& data) {
  Dataset numbers;
  Matrix<double> rows(data.rows(), 1);
  for (std::size_t i = 0; i < data.rows(); ++i) rows(i, 0) = static_cast<double>(i);
  numbers.rows_data = std::move(rows);
  numbers.shape = {1, 1, 1, false};
  numbers.labels = data.labels, numbers.label_names = data.label_names;
  return numbers;
}

// How an array of pictures was understood, where that was a guess.
void remark_array(NamedRows& loaded) {
  Dataset& data = loaded.data;
  if (!data.shape.image || data.scale == 1 || data.rows_data.index() == 0 || !loaded.names.empty()) return;
  data.remarks.push_back(
      fmt::format("{}: floats from 0 to 255 are read as pictures of bytes, divided by 255", data.name));
}

void apply(NamedRows& loaded, const data::Suffix& suffix, std::string_view argument) {
  if (!loaded.names.empty()) {
    const Matrix<double> left = data::apply(numbered(loaded.data), suffix, argument).doubles();
    std::vector<std::string> names;
    for (double i : left.span()) names.push_back(loaded.names[static_cast<std::size_t>(i)]);
    loaded.names = std::move(names);
  }
  Dataset less = data::apply(loaded.data, suffix, argument);
  loaded.data = std::move(less);
}

}  // namespace

NamedRows load_named_rows(std::string_view argument, const LoadOptions& options,
                          const PictureOptions& pictures) {
  const data::Argument parsed = data::parse_argument(argument);
  data::check_options(parsed.source, options);
  if (!pictures.layout.empty() && !data::is_array(parsed.source))
    throw RequestError(
        Complaint{parsed.source, "--layout", "an array for it: " + data::format_names(data::Holds::array)});
  NamedRows result;
  if (data::is_picture(parsed.source))
    result = data::load_pictures(parsed.source, options, pictures);
  else
    result.data = data::load_source(parsed.source, options, pictures.layout);
  remark_array(result);
  result.data.name = argument;
  if (!options.labels_file.empty()) data::load_labels(result.data, options.labels_file);
  for (const data::Suffix& suffix : parsed.suffixes) apply(result, suffix, argument);
  return result;
}

Dataset load_data(std::string_view argument, const LoadOptions& options) {
  return load_named_rows(argument, options).data;
}

}  // namespace pushforward
