// SPDX-License-Identifier: Apache-2.0
//
// From a table's cells to what a network sees, and back: numbers by the quantiles of the training rows (or as
// they are), a category as one of K.
//
//   numbers    quantile: z = Φ⁻¹(F(x)), F the training rows' distribution function, so that every column is
//              N(0, 1) whatever its shape; the way back, F⁻¹(Φ(z)), gives values of the column's own kind,
//              within its bounds [Kotelnikov et al., "TabDDPM", ICML 2023]. A value that many rows share is
//              spread over its step of F, so that it comes back as often as it was there.
//              plain: x itself
//   truth      0 or 1
//   category   K numbers, one of which is 1; a missing cell is a category of its own
//   missing    of numbers, dates and truth values: a second number, 1 where the cell is missing; the first is
//              then the column's middle, and says nothing
//
// Blocks say to a model which of its numbers belong together; they travel as a text ("n7 c5 m"), an option of
// the run.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pushforward/data.hpp"
#include "pushforward/table.hpp"
#include "pushforward/tensor.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// What `size` neighbouring numbers of a row are: numbers each by itself, a truth value, one of K, or whether
/// the number or truth value before is missing.
struct TableBlock {
  enum class Kind { numbers, truth, category, missing };
  Kind kind = Kind::numbers;
  std::size_t begin = 0, size = 0;
};
/// "n3 b c5 n m": three numbers, a truth value, one of five, a number that may be missing.
std::vector<TableBlock> parse_blocks(std::string_view text, std::string_view where);

/// The distribution function of a column's training rows: knots between which it is linear. A knot whose ends
/// differ is a value that many rows share.
struct ColumnQuantiles {
  std::vector<double> value{}, below{}, up_to{};  ///< x, P(X < x), P(X ≤ x)
  double middle = 0;  ///< the mean, which stands for missing cells of plain columns

  bool empty() const { return value.empty(); }
  /// Φ⁻¹(F(x)), at share u of a step.
  double score(double x, double u) const;
  double value_at(double score) const;
};

enum class NumberScale { plain, quantile };

class TableEncoding {
 public:
  TableEncoding() = default;
  /// What these rows (as loaded) take.
  TableEncoding(const Dataset& training, NumberScale scale);
  /// From what was kept: quantiles a column (empty ones are plain).
  TableEncoding(TableSchema schema, bool header, std::vector<ColumnQuantiles> quantiles);

  const TableSchema& schema() const { return *schema_; }
  std::shared_ptr<const TableSchema> shared_schema() const { return schema_; }
  bool header() const { return header_; }
  const std::vector<ColumnQuantiles>& quantiles() const { return quantiles_; }
  /// Of an encoded row.
  std::size_t width() const { return width_; }
  /// Whether it changes nothing: rows are numbers, and stay as they are.
  bool identity() const { return identity_; }
  std::string blocks() const;
  /// Which numbers of an encoded row may be standardised.
  std::vector<bool> numbers() const;

  /// Where column `at` of those that are no keys begins in an encoded row, and one cell of it as it is there.
  std::size_t begin_of(std::size_t at) const { return places_[at].begin; }
  std::vector<float> cell(std::size_t at, double value) const;

  /// Rows as loaded to rows as a network sees them.
  Dataset encode(const Dataset& rows) const;
  /// And back: the nearest values that the columns can have.
  Dataset decode(View<const float> rows) const;

 private:
  void lay_out();
  bool numbers_at(std::size_t at) const;
  void encode_cell(std::size_t at, double value, double u, float* out) const;
  double decode_cell(std::size_t at, const float* in) const;

  struct Place {
    const TableColumn* column;
    std::size_t begin, size;  ///< in an encoded row, the missing mark included
    bool mark;                ///< it has one
  };

  std::shared_ptr<const TableSchema> schema_ = std::make_shared<TableSchema>();
  bool header_ = false, identity_ = true;
  std::vector<ColumnQuantiles> quantiles_{};
  std::vector<Place> places_{};
  std::size_t width_ = 0;
};

/// Numbers as everybody measures them, whatever a run's own encoding: columns by their mean and deviation in
/// `training`, a category as one of K over √2, so that two that differ lie 1 apart; missing cells as means,
/// and marked.
class TableUnits {
 public:
  explicit TableUnits(const Dataset& training);
  Dataset measured(const Dataset& rows) const;

 private:
  TableEncoding encoding_;
  std::vector<double> mean_{}, deviation_{};
};

}  // namespace pushforward
#pragma GCC visibility pop
