// SPDX-License-Identifier: Apache-2.0
#include "pushforward/common_units.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pushforward/error.hpp"

namespace pushforward {
namespace {

using ColumnList = std::vector<const TableColumn*>;

ColumnList seen_columns(const TableSchema& schema) {
  ColumnList seen;
  for (const TableColumn& column : schema.columns)
    if (column.kind != ColumnKind::key) seen.push_back(&column);
  return seen;
}

bool counts(const TableColumn& column) { return column.numeric() || column.kind == ColumnKind::truth; }

std::string told(const TableColumn& column) {
  return fmt::format("column '{}' of kind {}", column.name, kind_name(column.kind));
}

std::string columns_of(const Dataset& data) {
  constexpr std::size_t kNamed = 20;
  return data.columns.empty() || data.columns.size() > kNamed
             ? fmt::format("{} columns", data.cols())
             : fmt::format("{} columns ({})", data.cols(), fmt::join(data.columns, ", "));
}

// ---- one schema ----

bool holds_more_than_numbers(const Dataset& data) { return data.schema && !data.schema->plain(); }

void want_a_table(const Dataset& data, const Dataset& other) {
  if (data.schema) return;
  throw RequestError(Complaint{data.name, "no table",
                               fmt::format("one of the same columns as {}, which has more than numbers: {}",
                                           other.name, fmt::join(other.columns, ", "))});
}

// Adds the categories of `other` that a column lacks; where each of them is then.
std::vector<double> join_categories(TableColumn& column, const TableColumn& other) {
  std::vector<double> places;
  for (const std::string& category : other.categories) {
    auto found = std::find(column.categories.begin(), column.categories.end(), category);
    if (found == column.categories.end()) found = column.categories.insert(column.categories.end(), category);
    places.push_back(static_cast<double>(found - column.categories.begin()));
  }
  return places;
}

// A category that one of the tables has is a category of both.
void unite(Dataset& x, Dataset& y) {
  TableSchema schema = *x.schema;
  const ColumnList ys = seen_columns(*y.schema);
  Matrix<double>& cells = std::get<Matrix<double>>(y.rows_data);
  std::size_t at = 0;
  for (TableColumn& column : schema.columns) {
    if (column.kind == ColumnKind::key) continue;
    const TableColumn& other = *ys[at];
    const bool numbers = counts(column) && counts(other);
    if (other.name != column.name || (other.kind != column.kind && !numbers))
      throw RequestError(Complaint{y.name, told(other), told(column) + ", as in " + x.name,
                                   "--columns and --drop choose columns"});
    column.missing |= other.missing;
    if (column.kind == ColumnKind::category) {
      const std::vector<double> places = join_categories(column, other);
      for (std::size_t i = 0; i < cells.rows(); ++i)
        if (double& cell = cells(i, at); !std::isnan(cell)) cell = places[static_cast<std::size_t>(cell)];
    } else if (other.kind != column.kind) {
      column.kind = ColumnKind::number, column.categories.clear();
    }
    ++at;
  }
  x.schema = y.schema = std::make_shared<const TableSchema>(std::move(schema));
}

Dataset one_behind_the_other(const Dataset& x, const Dataset& y) {
  const auto &a = std::get<Matrix<double>>(x.rows_data), &b = std::get<Matrix<double>>(y.rows_data);
  Matrix<double> rows(a.rows() + b.rows(), a.cols());
  std::copy_n(a.data(), a.size(), rows.data());
  std::copy_n(b.data(), b.size(), rows.row(a.rows()));
  Dataset both = x;
  both.rows_data = std::move(rows);
  return both;
}

// ---- units ----

// A category counts as one column: its indicators share the deviation of all of them together.
void share_deviations(const TableEncoding& encoding, std::vector<double>& scales) {
  for (const TableBlock& block : parse_blocks(encoding.blocks(), "columns")) {
    if (block.kind != TableBlock::Kind::category) continue;
    double squares = 0;
    for (std::size_t k = 0; k < block.size; ++k) squares += scales[block.begin + k] * scales[block.begin + k];
    std::fill_n(scales.begin() + static_cast<std::ptrdiff_t>(block.begin), block.size, std::sqrt(squares));
  }
}

}  // namespace

std::vector<double> deviations(const std::vector<View<double>>& tables, std::vector<double>& means) {
  const std::size_t d = tables[0].cols;
  std::vector<double> squares(d, 0.0);
  means.assign(d, 0.0);
  double n = 0;
  for (const View<double>& table : tables) n += static_cast<double>(table.rows);
  for (const View<double>& table : tables)
    for (std::size_t i = 0; i < table.rows; ++i)
      for (std::size_t j = 0; j < d; ++j) means[j] += table(i, j) / n;
  for (const View<double>& table : tables)
    for (std::size_t i = 0; i < table.rows; ++i)
      for (std::size_t j = 0; j < d; ++j)
        squares[j] += (table(i, j) - means[j]) * (table(i, j) - means[j]) / n;
  for (double& square : squares) square = std::sqrt(square);
  return squares;
}

CommonUnits::CommonUnits(Dataset& first, Dataset& second) {
  if (holds_more_than_numbers(first) || holds_more_than_numbers(second)) {
    want_a_table(first, second), want_a_table(second, first);
  }
  if (first.cols() != second.cols())
    throw RequestError(
        Complaint{second.name, columns_of(second), columns_of(first) + ", as in " + first.name});
  if (holds_more_than_numbers(first) || holds_more_than_numbers(second)) {
    unite(first, second);
    encoding_.emplace(one_behind_the_other(first, second), NumberScale::plain);
  }
  cells_ = first.slice(0, 0);
  x = numbers_of(first), y = numbers_of(second);
  scales_ = deviations({x.view(), y.view()}, means_);
  if (encoding_) share_deviations(*encoding_, scales_);
  for (double& scale : scales_) scale = scale > 0 ? scale : 1;
  x = scaled(std::move(x)), y = scaled(std::move(y));
}

Matrix<double> CommonUnits::numbers_of(const Dataset& data) const {
  return encoding_ ? encoding_->encode(data).doubles() : data.doubles();
}

Matrix<double> CommonUnits::scaled(Matrix<double> rows) const {
  for (std::size_t i = 0; i < rows.rows(); ++i)
    for (std::size_t j = 0; j < rows.cols(); ++j) rows(i, j) = (rows(i, j) - means_[j]) / scales_[j];
  return rows;
}

Matrix<double> CommonUnits::measured(const Points& places) const {
  Matrix<double> rows(places.n(), places.d());
  for (std::size_t i = 0; i < rows.rows(); ++i)
    for (std::size_t j = 0; j < rows.cols(); ++j) rows(i, j) = places.at(i, j);
  if (encoding_) {
    Dataset cells = cells_;
    cells.rows_data = std::move(rows);
    rows = numbers_of(cells);
  }
  return scaled(std::move(rows));
}

std::string standardized_unit(std::string unit) {
  for (const auto& [own, scaled] : {std::pair{"the data's unit", "standard deviations"},
                                    std::pair{"squared unit of the data", "squared standard deviations"}})
    if (unit.starts_with(own)) unit.replace(0, std::string_view(own).size(), scaled);
  return unit;
}

}  // namespace pushforward
