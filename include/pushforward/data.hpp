// SPDX-License-Identifier: Apache-2.0
//
// A data set: rows of observations in the precision that they came in, with labels and an image's shape.
//
// Bytes stay bytes in memory (MNIST is 47 MB, not 188) and become floats in `gather`, a batch at a time.
// Images (3-D and 4-D bytes, IDX, PNG) are scaled to 0…1 on reading out; 2-D bytes are not.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pushforward/sample.hpp"
#include "pushforward/shape.hpp"
#include "pushforward/table.hpp"
#include "pushforward/tensor.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// What the coordinates of a named toy's modes are, for counting modes covered; empty elsewhere.
struct Modes {
  std::vector<double> centres{};  ///< k × d
  double sd = 0;                  ///< of each mode, every coordinate
};

struct Dataset {
  std::string name;  ///< as the user wrote it
  RowShape shape;
  std::variant<Matrix<std::uint8_t>, Matrix<float>, Matrix<double>> rows_data;
  double scale = 1;                        ///< values are stored × scale: 1/255 for images of bytes
  std::vector<std::int32_t> labels{};      ///< one a row, or empty
  std::vector<std::string> label_names{};  ///< names of labels 0, 1, … where they are not numbers
  std::vector<std::string> columns{};      ///< a table's column names
  bool table = false;                      ///< came from CSV or TSV (standardised by default when training)
  Modes modes{};
  /// Of a table: what its columns are; rows_data has a float64 column for each that is no key (table.hpp).
  std::shared_ptr<const TableSchema> schema{};
  bool header = false;                 ///< of a table: it has names
  bool standardized = false;           ///< prepare_data() has been here
  std::vector<std::string> remarks{};  ///< what a user should know of how it was read, a sentence each

  std::size_t rows() const;
  std::size_t cols() const;
  /// Writes the rows called `index` to out (index.size() × cols), scaled.
  void gather(std::span<const std::uint32_t> index, View<float> out) const;
  /// Rows begin … end−1, scaled, as float32.
  Tensor floats(std::size_t begin, std::size_t end) const;
  /// All rows, scaled, in double precision.
  Matrix<double> doubles() const;
  /// All rows for measuring: borrowed where they are float32 or float64 already, else converted into
  /// `storage` (bytes become float64, exactly value·scale rounded once).
  Points points(Matrix<double>& storage) const;
  /// Smallest and largest value, scaled.
  std::pair<double, double> range() const;
  /// The same data with only these rows, in this order.
  Dataset select(std::span<const std::uint32_t> index) const;
  /// The same data with only rows begin … end−1.
  Dataset slice(std::size_t begin, std::size_t end) const;
  /// At most `count` of the rows from `first` on, as float32: row first + ⌊i·n/count⌋ for i = 0 … count−1, of
  /// n. Data sorted by label give all labels, and the same rows at every call.
  Tensor spaced(std::size_t first, std::size_t count) const;
};

struct LoadOptions {
  std::string label_column{};     ///< of a CSV or TSV
  std::string header{};           ///< of a CSV or TSV: "yes", "no", or "" to look
  std::string columns{}, drop{};  ///< of a table: only these, not these; names or numbers from 1, by commas
  std::string schema_file{};      ///< of a table: what its columns are
  std::shared_ptr<const TableSchema> schema{};  ///< the same, known already
  /// Whether a table may hold what is no number (categories, dates, missing cells); else it is refused there.
  bool mixed = false;
  std::string labels_file{};  ///< labels for any data, one a row
  std::string resize{};       ///< "HxW" for a folder of PNGs
  bool grey = false;          ///< PNGs to one channel
  std::uint64_t seed = 0;     ///< of toys
};

/// Loads what a DATA argument names: a named set ("mnist:test"), a toy ("toy:moons:n=1000"), a file (NPY,
/// NPZ:KEY, CSV, TSV, IDX, gzipped or not; "-" is a table on standard input) or a folder of PNGs, with
/// "[3,8]" (labels) and "@A:B" (rows) suffixes applied left to right. Throws RequestError that names file,
/// place, got and wanted.
Dataset load_data(std::string_view argument, const LoadOptions& options = {});

/// A row of the table of named sets; `pushforward data fetch` brings one into the cache.
struct NamedData {
  std::string name, summary, source;
  bool present;  ///< in the cache
};
std::vector<NamedData> named_data();
/// $PUSHFORWARD_DATA, else ~/.cache/pushforward.
std::string data_cache();

}  // namespace pushforward
#pragma GCC visibility pop
