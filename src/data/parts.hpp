// SPDX-License-Identifier: Apache-2.0
//
// The parts that load_data is put together from; each kind of source has a file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "io/array.hpp"
#include "pushforward/data.hpp"
#include "pushforward/spec.hpp"

namespace pushforward::data {

/// "[3,8]": only rows with one of these labels.
struct OnlyLabels {
  std::vector<std::string> labels;
};
/// "@A:B": rows A to B−1; open ends are 0 and the number of rows.
struct OnlyRows {
  std::optional<std::size_t> begin, end;
};
using Suffix = std::variant<OnlyLabels, OnlyRows>;

/// A DATA argument, taken apart. Nothing is opened, but what exists by its whole name is taken whole.
struct Argument {
  std::string source;              ///< name, toy or path
  std::vector<Suffix> suffixes{};  ///< left to right
};
Argument parse_argument(std::string_view text);
/// Applies one suffix; `where` is the argument.
Dataset apply(const Dataset& data, const Suffix& suffix, std::string_view where);

/// Which toy, with every option checked. Nothing is drawn.
struct Toy {
  std::string name;
  std::size_t n = 0, d = 2;
  double scale = 1, noise = 0, theta = 0, mean = 0;
  std::uint64_t seed = 0;
};
/// `text` is what follows "toy:".
Toy parse_toy(std::string_view text, std::uint64_t default_seed);
Dataset make_toy(const Toy& toy);

/// An array's rows as data: bytes stay bytes, whatever float32 holds exactly becomes float32, the rest
/// float64. `layout` is that of --layout (data/layout.hpp), "" = guessed. Refuses no rows, more than four
/// axes, NaN and infinities.
Dataset from_array(const io::ArrayView& array, std::string_view where, std::string_view layout = {});
/// A CSV with a header, which may hold more than numbers (LoadOptions::mixed); errors call it `name`.
Dataset table_from(std::string_view text, const std::string& name);
/// Labels from an array of whole numbers, one a row.
std::vector<std::int32_t> labels_from_array(const io::ArrayView& array, std::string_view where);
/// Labels from texts: numbers where all are whole, else numbered in the order of their names, which go to
/// data.label_names.
void set_labels(Dataset& data, const std::vector<std::string>& texts);
/// --labels FILE.
void load_labels(Dataset& data, const std::string& path);

/// Whether `name` (without ":test") is a named set.
bool is_named(std::string_view source);
Dataset load_named(std::string_view source);
/// The labels that lie beside an IDX file of images; nothing when there are none.
Dataset load_idx(const std::string& path, std::string_view layout = {});

/// Refuses NaN and infinities, by row and column.
void check_finite(const Dataset& data, std::string_view where);

/// The label that `text` names: by its name where labels have names, else its number; RequestError of `where`
/// that lists them.
std::int32_t label_called(const Dataset& data, const std::string& text, std::string_view where);

}  // namespace pushforward::data
