// SPDX-License-Identifier: Apache-2.0
// load_data: which kind of source an argument names, and what is done to its rows.
#include <array>
#include <filesystem>
#include <iostream>

#include <fmt/format.h>

#include "data/archive.hpp"
#include "data/parts.hpp"
#include "data/pictures.hpp"
#include "io/deflate.hpp"
#include "io/ending.hpp"
#include "io/idx.hpp"
#include "io/image_format.hpp"
#include "io/npy.hpp"
#include "io/npz.hpp"
#include "io/table_reader.hpp"
#include "io/text_rows.hpp"
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

io::Bytes read_standard_input() {
  io::Bytes bytes;
  std::array<char, 1 << 16> block;
  while (std::cin.read(block.data(), block.size()) || std::cin.gcount() > 0)
    bytes.insert(bytes.end(), block.data(), block.data() + std::cin.gcount());
  return bytes;
}

io::Header header_of(const LoadOptions& options) {
  if (options.header.empty()) return io::Header::guess;
  const std::vector<std::string> valid = {"yes", "no"};
  if (options.header != "yes" && options.header != "no")
    throw unknown_word("--header", options.header, valid);
  return options.header == "yes" ? io::Header::yes : io::Header::no;
}

// "a,b" as a list; names with commas are given by their numbers.
std::vector<std::string> names_in(const std::string& text) {
  std::vector<std::string> names;
  for (const std::string& name : split(text, ','))
    if (!name.empty()) names.push_back(name);
  return names;
}

io::TableRows read_rows(const std::string& path, const LoadOptions& options) {
  io::TableRequest request;
  request.label_column = options.label_column, request.header = header_of(options);
  request.columns = names_in(options.columns), request.drop = names_in(options.drop);
  request.numbers_only = !options.mixed;
  TableSchema given;
  request.schema = options.schema.get();
  if (!options.schema_file.empty()) given = read_schema(options.schema_file), request.schema = &given;
  if (path == "-") return io::parse_table(read_standard_input(), request, "standard input");
  return io::read_table(path, request);
}

Dataset load_table(const std::string& path, const LoadOptions& options) {
  io::TableRows table = read_rows(path, options);
  Dataset data;
  data.name = path;
  data.shape = {1, table.values.cols(), 1, false};
  data.rows_data = std::move(table.values);
  data.table = true, data.header = table.header, data.remarks = std::move(table.remarks);
  for (const TableColumn& column : table.schema.columns)
    if (table.header && column.kind != ColumnKind::key) data.columns.push_back(column.name);
  data.schema = std::make_shared<const TableSchema>(std::move(table.schema));
  if (table.numbers_first)
    data.remarks.push_back(
        fmt::format("{} has no header: its first row holds numbers only and is read as data; --header "
                    "yes makes them the columns' names, --header no is silent",
                    path));
  if (table.labelled) set_labels(data, table.labels);
  return data;
}

bool is_table(std::string_view path) { return path == "-" || io::is_table_name(path); }

// A file whose name says nothing is told by its first bytes.
Dataset load_by_content(const std::string& path, std::string_view layout) {
  io::Bytes bytes = io::read_file(path);
  refuse_foreign(path, bytes);
  const std::string_view start = io::text_of(bytes).substr(0, 6);
  if (start == "\x93NUMPY") return from_array(io::parse_npy(bytes, path), path, layout);
  if (io::has_ending(path, ".xlsx") || io::has_ending(path, ".xls") || start.starts_with("PAR1") ||
      start.starts_with("\xD0\xCF\x11\xE0")) {
    io::Bytes room;
    io::text_in(bytes, path, room);  // says how to convert it
  }
  if (start.starts_with("PK\x03\x04")) return from_array(io::parse_npz(bytes, "", path).array, path, layout);
  if (start.starts_with(std::string_view("\0\0", 2)) || io::is_gzip(bytes)) return load_idx(path, layout);
  throw RequestError(Complaint{path, "a file of unknown kind",
                               fmt::format("NPY, NPZ, safetensors, CSV, TSV, IDX, {} or a folder of pictures",
                                           io::image_format_names()),
                               "tables must be called .csv or .tsv"});
}

std::string words_for(std::string_view source) {
  std::vector<std::string> names = {"toy:"};
  for (const NamedData& row : named_data()) names.push_back(row.name);
  const std::string near = nearest_word(source, names);
  return near.empty() ? "'pushforward data list' shows the names" : fmt::format("did you mean '{}'?", near);
}

Dataset load_source(const std::string& source, const LoadOptions& options, std::string_view layout) {
  if (source.starts_with("toy:"))
    return make_toy(parse_toy(std::string_view(source).substr(4), options.seed));
  if (is_named(source)) return load_named(source);
  if (const auto [file, key] = split_archive(source); !file.empty()) return load_archive(file, key, layout);
  if (is_table(source) && (source == "-" || exists(source))) return load_table(source, options);
  if (io::has_ending(source, ".npy")) return from_array(io::read_npy(source).array, source, layout);
  const bool idx = source.find("-idx") != std::string::npos || io::has_ending(source, ".idx") ||
                   io::has_ending(source, ".gz");
  if (idx) return load_idx(source, layout);
  if (exists(source)) return load_by_content(source, layout);
  const std::string told = source.size() <= 255 ? fmt::format("'{}'", source) : io::in_quotes(source);
  throw RequestError(
      Complaint{"DATA", told, "a name, a toy, a file or a folder that exists", words_for(source)});
}

// Options that mean something for one kind of source only are refused for the others.
void check_options(const std::string& source, const LoadOptions& options) {
  if (!options.label_column.empty() && !is_table(source))
    throw RequestError(Complaint{source, "--label-column", "a CSV or TSV file for it"});
  for (const auto& [name, value] : {std::pair("--header", &options.header),
                                    {"--columns", &options.columns},
                                    {"--drop", &options.drop},
                                    {"--schema", &options.schema_file}})
    if (!value->empty() && !is_table(source))
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
  return !source.starts_with("toy:") && !is_named(source) && !is_table(source) && !is_picture(source);
}

// MNIST's names: train-images-idx3-ubyte has train-labels-idx1-ubyte beside it.
Dataset load_idx(const std::string& path, std::string_view layout) {
  const io::ArrayFile file = io::read_idx(path);
  Dataset data = from_array(file.array, path, layout);
  const fs::path images(path);
  std::string name = images.filename().string();
  const std::size_t code = name.find("-idx" + std::to_string(file.array.shape.size()) + "-");
  if (code == std::string::npos || file.array.shape.size() == 1) return data;
  name[code + 4] = '1';
  if (const std::size_t word = name.find("images"); word != std::string::npos)
    name.replace(word, 6, "labels");
  for (const std::string& candidate : {name, name + ".gz", name.substr(0, name.rfind(".gz"))}) {
    const fs::path beside = images.parent_path() / candidate;
    if (!exists(beside.string()) || beside == images) continue;
    load_labels(data, beside.string());
    break;
  }
  return data;
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
    throw RequestError(Complaint{parsed.source, "--layout", "an array for it: NPY, NPZ, safetensors or IDX"});
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
