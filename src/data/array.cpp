// SPDX-License-Identifier: Apache-2.0
// Arrays as data: which precision keeps them, and what their axes mean.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "data/archive.hpp"
#include "data/layout.hpp"
#include "data/parts.hpp"
#include "io/csv.hpp"
#include "io/ending.hpp"
#include "io/idx.hpp"
#include "io/npy.hpp"
#include "pushforward/error.hpp"

namespace pushforward::data {
namespace {

// The first axis counts observations: n → n × 1, n×d, n×h×w, n×h×w×c.
RowShape row_shape(const std::vector<std::size_t>& shape, std::string_view where) {
  switch (shape.size()) {
    case 1:
      return {1, 1, 1, false};
    case 2:
      return {1, shape[1], 1, false};
    case 3:
      return {shape[1], shape[2], 1, true};
    case 4:
      return {shape[1], shape[2], shape[3], true};
    default:
      throw RequestError(Complaint{std::string(where), fmt::format("{} axes", shape.size()), "1 to 4",
                                   shape.empty() ? "" : "in Python: x.reshape(len(x), -1)"});
  }
}

// N×C×H×W, as PyTorch has it: one or three channels in the second place, and not in the last as well.
bool channels_first(const std::vector<std::size_t>& shape) {
  const auto channels = [](std::size_t n) { return n == 1 || n == 3; };
  return shape.size() == 4 && channels(shape[1]) && !channels(shape[3]) && shape[2] > 1;
}

// Pictures as many programs keep them: floats on the scale of bytes. What reaches from 0 to between 128 and
// 255 is on no other scale that pictures have (0…1, −1…1, 0…65535).
bool holds_bytes(const Dataset& data) {
  if (!data.shape.image || std::holds_alternative<Matrix<std::uint8_t>>(data.rows_data)) return false;
  const auto [low, high] = data.range();
  return low >= 0 && high >= 128 && high <= 255;
}

void check_rows(const io::ArrayView& array, std::string_view where) {
  if (array.count() == 0)
    throw RequestError(Complaint{std::string(where), "the shape " + io::text_of_shape(array.shape),
                                 "at least one row of at least one number"});
  if (array.rows() > std::numeric_limits<std::uint32_t>::max())
    throw RequestError(
        Complaint{std::string(where), fmt::format("{} rows", array.rows()), "fewer than 2^32"});
}

std::string_view trimmed_digits(std::string_view text) {
  return text.starts_with('+') ? text.substr(1) : text;
}

bool whole(std::string_view text, std::int32_t& value) {
  text = trimmed_digits(text);
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc{} && end == text.data() + text.size();
}

void check_count(const Dataset& data, std::size_t labels, std::string_view where) {
  if (labels != data.rows())
    throw RequestError(Complaint{std::string(where), fmt::format("{} labels", labels),
                                 fmt::format("{}, one for each row of {}", data.rows(), data.name)});
}

}  // namespace

Dataset from_array(const io::ArrayView& array, std::string_view where, std::string_view layout) {
  Dataset data;
  data.name = where;
  const bool guessed = layout.empty() && channels_first(array.shape);
  if (guessed) layout = "nchw";
  std::optional<Layout> arrangement;
  if (!layout.empty()) arrangement = parse_layout(layout, array.shape, where);
  data.shape = arrangement ? arrangement->shape : row_shape(array.shape, where);
  check_rows(array, where);
  using enum io::Dtype;
  switch (array.dtype) {
    case u8:
      if (data.shape.image) data.scale = 1.0 / 255;
      [[fallthrough]];
    case boolean:
      data.rows_data = io::to_matrix<std::uint8_t>(array, where);
      break;
    case i8:
    case i16:
    case u16:
    case f16:
    case f32:
      data.rows_data = io::to_matrix<float>(array, where);
      break;
    default:
      data.rows_data = io::to_matrix<double>(array, where);
  }
  check_finite(data, where);
  if (arrangement) std::visit([&](auto& rows) { arrange(*arrangement, rows); }, data.rows_data);
  if (guessed && data.shape.channels > 1)
    data.remarks.push_back(
        fmt::format("{}: {} is read as N×C×H×W, channels first; --layout nhwc reads it otherwise", where,
                    io::text_of_shape(array.shape)));
  if (holds_bytes(data)) data.scale = 1.0 / 255;
  return data;
}

std::vector<std::int32_t> labels_from_array(const io::ArrayView& array, std::string_view where) {
  if (array.count() != array.rows())
    throw RequestError(
        Complaint{std::string(where), "the shape " + io::text_of_shape(array.shape), "one label a row"});
  return io::to_vector<std::int32_t>(array, where);
}

void set_labels(Dataset& data, const std::vector<std::string>& texts) {
  data.labels.resize(texts.size());
  data.label_names.clear();
  bool numbers = true;
  for (std::size_t i = 0; i < texts.size() && numbers; ++i) numbers = whole(texts[i], data.labels[i]);
  if (numbers) return;
  data.label_names = texts;
  std::sort(data.label_names.begin(), data.label_names.end());
  data.label_names.erase(std::unique(data.label_names.begin(), data.label_names.end()),
                         data.label_names.end());
  std::transform(texts.begin(), texts.end(), data.labels.begin(), [&](const std::string& text) {
    const auto place = std::lower_bound(data.label_names.begin(), data.label_names.end(), text);
    return static_cast<std::int32_t>(place - data.label_names.begin());
  });
}

void load_labels(Dataset& data, const std::string& path) {
  const bool text =
      io::has_ending(path, ".csv") || io::has_ending(path, ".tsv") || io::has_ending(path, ".txt");
  if (!text) {
    const auto [archive, key] = split_archive(path);
    const auto texts = !archive.empty()               ? archived_texts(archive, key)
                       : io::has_ending(path, ".npy") ? io::npy_texts(io::read_file(path), path)
                                                      : std::nullopt;
    if (texts) {
      check_count(data, texts->size(), path);
      return set_labels(data, *texts);
    }
    const io::ArrayFile file = !archive.empty()               ? read_archived(archive, key)
                               : io::has_ending(path, ".npy") ? io::read_npy(path)
                                                              : io::read_idx(path);
    data.labels = labels_from_array(file.array, path);
    data.label_names.clear();
    check_count(data, data.labels.size(), path);
    return;
  }
  std::vector<std::string> lines = io::parse_lines(io::read_file(path), path);
  if (lines.size() == data.rows() + 1) lines.erase(lines.begin());  // the column's name
  check_count(data, lines.size(), path);
  set_labels(data, lines);
}

}  // namespace pushforward::data
