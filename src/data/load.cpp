// SPDX-License-Identifier: Apache-2.0
// load_data: which kind of source an argument names, and what is done to its rows.
#include <filesystem>

#include <fmt/format.h>

#include "data/parts.hpp"
#include "io/csv.hpp"
#include "io/deflate.hpp"
#include "io/ending.hpp"
#include "io/idx.hpp"
#include "io/npy.hpp"
#include "io/npz.hpp"
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

Dataset load_table(const std::string& path, const LoadOptions& options) {
  io::Table table = io::read_csv(path, options.label_column);
  Dataset data;
  data.name = path;
  data.shape = {1, table.values.cols(), 1, false};
  data.rows_data = std::move(table.values);
  data.columns = std::move(table.columns);
  data.table = true;
  if (table.labelled) set_labels(data, table.labels);
  return data;
}

Dataset load_array(const io::ArrayFile& file, const std::string& where) {
  return from_array(file.array, where);
}

bool is_table(std::string_view path) { return io::has_ending(path, ".csv") || io::has_ending(path, ".tsv"); }

// "FILE.npz:KEY" as file and key; an empty file when it is no such thing.
std::pair<std::string, std::string> split_npz(const std::string& source) {
  if (io::has_ending(source, ".npz")) return {source, ""};
  const std::size_t colon = source.rfind(":");
  if (colon == std::string::npos || !io::has_ending(std::string_view(source).substr(0, colon), ".npz"))
    return {};
  return {source.substr(0, colon), source.substr(colon + 1)};
}

// A file whose name says nothing is told by its first bytes.
Dataset load_by_content(const std::string& path) {
  io::Bytes bytes = io::read_file(path);
  const std::string_view start = io::text_of(bytes).substr(0, 6);
  if (start == "\x93NUMPY") return from_array(io::parse_npy(bytes, path), path);
  if (start.starts_with("PK\x03\x04")) return load_array(io::parse_npz(bytes, "", path), path);
  if (start.starts_with(std::string_view("\0\0", 2)) || io::is_gzip(bytes)) return load_idx(path);
  throw RequestError(Complaint{path, "a file of unknown kind",
                               "NPY, NPZ, CSV, TSV, IDX or a folder of PNG files",
                               "tables must be called .csv or .tsv"});
}

std::string words_for(std::string_view source) {
  std::vector<std::string> names = {"toy:"};
  for (const NamedData& row : named_data()) names.push_back(row.name);
  const std::string near = nearest_word(source, names);
  return near.empty() ? "'pushforward data list' shows the names" : fmt::format("did you mean '{}'?", near);
}

Dataset load_source(const std::string& source, const LoadOptions& options) {
  if (source.starts_with("toy:"))
    return make_toy(parse_toy(std::string_view(source).substr(4), options.seed));
  if (is_named(source)) return load_named(source);
  if (const auto [file, key] = split_npz(source); !file.empty())
    return load_array(io::read_npz(file, key), source);
  if (is_folder(source)) return load_folder(source, options);
  if (is_table(source)) return load_table(source, options);
  if (io::has_ending(source, ".npy")) return load_array(io::read_npy(source), source);
  const bool idx = source.find("-idx") != std::string::npos || io::has_ending(source, ".idx") ||
                   io::has_ending(source, ".gz");
  if (idx) return load_idx(source);
  if (exists(source)) return load_by_content(source);
  throw RequestError(Complaint{"DATA", io::in_quotes(source), "a name, a toy, a file or a folder that exists",
                               words_for(source)});
}

// Options that mean something for one kind of source only are refused for the others.
void check_options(const std::string& source, const LoadOptions& options) {
  if (!options.label_column.empty() && !is_table(source))
    throw RequestError(Complaint{source, "--label-column", "a CSV or TSV file for it"});
  if ((options.grey || !options.resize.empty()) && !is_folder(source))
    throw RequestError(
        Complaint{source, options.grey ? "--grey" : "--resize", "a folder of PNG files for it"});
}

}  // namespace

// MNIST's names: train-images-idx3-ubyte has train-labels-idx1-ubyte beside it.
Dataset load_idx(const std::string& path) {
  const io::ArrayFile file = io::read_idx(path);
  Dataset data = from_array(file.array, path);
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

Dataset load_data(std::string_view argument, const LoadOptions& options) {
  const data::Argument parsed = data::parse_argument(argument);
  data::check_options(parsed.source, options);
  Dataset result = data::load_source(parsed.source, options);
  result.name = argument;
  if (!options.labels_file.empty()) data::load_labels(result, options.labels_file);
  for (const data::Suffix& suffix : parsed.suffixes) {
    Dataset less = data::apply(result, suffix, argument);
    result = std::move(less);
  }
  return result;
}

}  // namespace pushforward
