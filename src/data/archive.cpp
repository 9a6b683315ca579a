// SPDX-License-Identifier: Apache-2.0
#include "data/archive.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "data/formats.hpp"
#include "data/parts.hpp"
#include "io/ending.hpp"
#include "io/npy.hpp"
#include "io/npz.hpp"
#include "io/safetensors.hpp"
#include "pushforward/error.hpp"

namespace pushforward::data {
namespace {

constexpr std::string_view kRows[] = {"X", "x", "data", "images"};
constexpr std::string_view kLabels[] = {"y", "Y", "label", "labels", "target", "targets"};
constexpr std::string_view kEndings[] = {".npz", ".safetensors"};

bool is_safetensors(std::string_view file) { return io::has_ending(file, ".safetensors"); }

std::vector<std::string> keys_of(const std::string& file) {
  if (!is_safetensors(file)) return io::npz_keys(io::read_file(file), file);
  std::vector<std::string> keys;
  for (const auto& [name, array] : io::read_safetensors(file).arrays) keys.push_back(name);
  return keys;
}

// The first of `words` that is a key, or "".
std::string key_among(const std::vector<std::string>& keys, std::span<const std::string_view> words) {
  const auto known = [&](std::string_view word) { return std::ranges::find(keys, word) != keys.end(); };
  const auto found = std::ranges::find_if(words, known);
  return found == words.end() ? "" : std::string(*found);
}

// The labels of "x_train", "train_images" and their like: the same name with y or labels in their place.
std::vector<std::string> partners(const std::string& key) {
  std::vector<std::string> found;
  for (const std::string_view rows : kRows) {
    const std::string front = fmt::format("{}_", rows), back = fmt::format("_{}", rows);
    for (const std::string_view word : kLabels) {
      if (key.starts_with(front)) found.push_back(fmt::format("{}_{}", word, key.substr(front.size())));
      if (key.ends_with(back))
        found.push_back(fmt::format("{}_{}", key.substr(0, key.size() - back.size()), word));
    }
  }
  return found;
}

std::string labels_key(const std::vector<std::string>& keys, const std::string& rows) {
  for (const std::string& partner : partners(rows))
    if (std::ranges::find(keys, partner) != keys.end()) return partner;
  return key_among(keys, kLabels);
}

[[noreturn]] void refuse_key(const std::string& file, const std::string& key,
                             const std::vector<std::string>& keys) {
  if (!key.empty()) throw unknown_word(file, key, keys);
  throw RequestError(Complaint{file, fmt::format("{} arrays", keys.size()), "FILE:KEY",
                               fmt::format("the keys are {}", fmt::join(keys, ", "))});
}

Dataset read(const FileRequest& request) { return load_archive(request.path, request.key, request.layout); }

}  // namespace

std::pair<std::string, std::string> split_archive(const std::string& source) {
  for (std::string_view ending : kEndings) {
    if (io::has_ending(source, ending)) return {source, ""};
    const std::size_t colon = source.rfind(':');
    if (colon != std::string::npos && io::has_ending(std::string_view(source).substr(0, colon), ending))
      return {source.substr(0, colon), source.substr(colon + 1)};
  }
  return {};
}

io::ArrayFile read_archived(const std::string& file, const std::string& key) {
  if (!is_safetensors(file)) return io::read_npz(file, key);
  io::Safetensors all = io::read_safetensors(file);
  const io::ArrayView* array = all.find(key);
  if (key.empty() && all.arrays.size() == 1) array = &all.arrays[0].second;
  if (array == nullptr) refuse_key(file, key, keys_of(file));
  const io::ArrayView found = *array;  // it borrows the bytes, which keep their place when they are moved
  return {std::move(all.bytes), found};
}

std::optional<std::vector<std::string>> archived_texts(const std::string& file, const std::string& key) {
  if (is_safetensors(file)) return std::nullopt;
  const std::string where = fmt::format("{}:{}", file, key);
  return io::npy_texts(io::npz_member(io::read_file(file), key, file), where);
}

namespace {

// Rows of one 1 among zeros are labels, too.
std::optional<std::vector<std::int32_t>> one_of_many(const io::ArrayView& array, std::string_view where) {
  if (array.shape.size() != 2 || array.shape[1] < 2) return std::nullopt;
  const Matrix<double> rows = io::to_matrix<double>(array, where);
  std::vector<std::int32_t> labels;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const double* row = rows.row(i);
    const auto ones = std::count(row, row + rows.cols(), 1.0),
               zeros = std::count(row, row + rows.cols(), 0.0);
    if (ones != 1 || static_cast<std::size_t>(zeros) + 1 != rows.cols()) return std::nullopt;
    labels.push_back(static_cast<std::int32_t>(std::find(row, row + rows.cols(), 1.0) - row));
  }
  return labels;
}

// As far as they are labels: texts, whole numbers, or one of many, one for each row.
void take_labels(Dataset& data, const std::string& file, const std::string& key) {
  const std::string where = fmt::format("{}:{}", file, key);
  if (const auto texts = archived_texts(file, key)) {
    if (texts->size() == data.rows()) set_labels(data, *texts);
    return;
  }
  const io::ArrayFile found = read_archived(file, key);
  if (found.array.rows() != data.rows()) return;
  if (auto labels = one_of_many(found.array, where)) {
    data.labels = std::move(*labels);
    return;
  }
  if (found.array.count() != data.rows()) return;
  const std::vector<double> values = io::to_vector<double>(found.array, where);
  const auto whole = [](double v) { return v == std::floor(v) && std::abs(v) <= 1e9; };
  if (std::ranges::all_of(values, whole)) data.labels.assign(values.begin(), values.end());
}

}  // namespace

Dataset load_archive(const std::string& file, std::string key, std::string_view layout) {
  std::vector<std::string> remarks;
  const std::vector<std::string> keys = keys_of(file);
  if (key.empty() && keys.size() > 1) {
    key = key_among(keys, kRows);
    if (key.empty()) refuse_key(file, key, keys);
    remarks.push_back(fmt::format("{}: '{}' of {} arrays is read as the rows; {}:KEY names another", file,
                                  key, keys.size(), file));
  }
  const io::ArrayFile rows = read_archived(file, key);
  Dataset data = from_array(rows.array, key.empty() ? file : fmt::format("{}:{}", file, key), layout);
  data.remarks.insert(data.remarks.begin(), remarks.begin(), remarks.end());
  const std::string labels = labels_key(keys, key);
  if (!labels.empty() && labels != key) take_labels(data, file, labels);
  return data;
}

FileFormat npz_format() {
  return {.name = "NPZ",
          .endings = {".npz"},
          .keyed = true,
          .begins = [](std::string_view start) { return start.starts_with("PK\x03\x04"); },
          .read = read};
}

FileFormat safetensors_format() {
  return {.name = "safetensors", .endings = {".safetensors"}, .keyed = true, .read = read};
}

}  // namespace pushforward::data
