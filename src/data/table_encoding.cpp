// SPDX-License-Identifier: Apache-2.0
#include "pushforward/table_encoding.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <boost/math/special_functions/erf.hpp>

#include "io/cells.hpp"
#include "pushforward/error.hpp"
#include "pushforward/random.hpp"

namespace pushforward {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr double kEnd = 1e-5;         // of F from its ends: scores within ±4.27
constexpr std::size_t kKnots = 1000;  // of a column of ever other values; a heap is a thousandth of the rows

double normal_quantile(double p) { return -std::sqrt(2.0) * boost::math::erfc_inv(2 * p); }
double normal_probability(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

std::vector<double> present_values(const Matrix<double>& rows, std::size_t column) {
  std::vector<double> values;
  values.reserve(rows.rows());
  for (std::size_t i = 0; i < rows.rows(); ++i)
    if (!std::isnan(rows(i, column))) values.push_back(rows(i, column));
  return values;
}

double mean_of_values(const std::vector<double>& values) {
  double mean = 0, n = 0;
  for (const double v : values) mean += (v - mean) / ++n;
  return mean;
}

// Every heap is a knot; of other values, those that lie a thousandth of the rows apart, and both ends.
void add_knots(const std::vector<double>& sorted, ColumnQuantiles& out) {
  const auto n = static_cast<double>(sorted.size());
  const std::size_t heap = std::max<std::size_t>(2, sorted.size() / kKnots);
  double last = -1;
  for (std::size_t i = 0, next; i < sorted.size(); i = next) {
    next = static_cast<std::size_t>(
        std::upper_bound(sorted.begin() + static_cast<std::ptrdiff_t>(i), sorted.end(), sorted[i]) -
        sorted.begin());
    const double below = static_cast<double>(i) / n, up_to = static_cast<double>(next) / n,
                 middle = (below + up_to) / 2;
    const bool step = next - i >= heap, end = i == 0 || next == sorted.size();
    if (!step && !end && middle < last + 1.0 / static_cast<double>(kKnots)) continue;
    out.value.push_back(sorted[i]);
    out.below.push_back(step ? below : middle), out.up_to.push_back(step ? up_to : middle);
    last = out.up_to.back();
  }
}

const Matrix<double>& table_values(const Dataset& rows) {
  const auto* values = std::get_if<Matrix<double>>(&rows.rows_data);
  if (values == nullptr || rows.scale != 1)
    throw RequestError(Complaint{rows.name, "rows that are no table", "a table, as the run was trained on"});
  return *values;
}

TableSchema schema_of(const Dataset& rows) {
  if (rows.schema) return *rows.schema;
  TableSchema schema;
  schema.columns.resize(rows.cols());
  return schema;
}

void check_same_columns(const TableSchema& wanted, const Dataset& rows) {
  std::vector<const TableColumn*> expected;
  for (const TableColumn& column : wanted.columns)
    if (column.kind != ColumnKind::key) expected.push_back(&column);
  if (rows.cols() != expected.size())
    throw RequestError(Complaint{rows.name, fmt::format("{} columns", rows.cols()),
                                 fmt::format("{}, as the run was trained on", expected.size())});
  if (!rows.schema) return;
  std::size_t at = 0;
  for (const TableColumn& column : rows.schema->columns) {
    if (column.kind == ColumnKind::key) continue;
    const TableColumn& own = *expected[at++];
    if (own.name != column.name || own.categories != column.categories)
      throw RequestError(Complaint{rows.name, fmt::format("column '{}' in place {}", column.name, at),
                                   fmt::format("'{}' as the run was trained on", own.name),
                                   "load it with the run's schema"});
  }
}

}  // namespace

double ColumnQuantiles::score(double x, double u) const {
  const auto found = std::lower_bound(value.begin(), value.end(), x);
  const auto i = static_cast<std::size_t>(found - value.begin());
  double f = 1;
  if (i < value.size() && value[i] == x) {
    f = below[i] + u * (up_to[i] - below[i]);
  } else if (i == 0) {
    f = below[0];
  } else if (i < value.size()) {
    const double share = (x - value[i - 1]) / (value[i] - value[i - 1]);
    f = up_to[i - 1] + share * (below[i] - up_to[i - 1]);
  }
  return normal_quantile(std::clamp(f, kEnd, 1 - kEnd));
}

double ColumnQuantiles::value_at(double score) const {
  const double f = normal_probability(score);
  const auto i = static_cast<std::size_t>(std::lower_bound(up_to.begin(), up_to.end(), f) - up_to.begin());
  if (i == value.size()) return value.back();
  if (i == 0 || f >= below[i]) return value[i];
  const double share = (f - up_to[i - 1]) / (below[i] - up_to[i - 1]);
  return value[i - 1] + share * (value[i] - value[i - 1]);
}

TableEncoding::TableEncoding(const Dataset& training, NumberScale scale)
    : schema_(std::make_shared<TableSchema>(schema_of(training))), header_(training.header) {
  const Matrix<double>& rows = table_values(training);
  std::size_t at = 0;
  for (const TableColumn& column : schema_->columns) {
    if (column.kind == ColumnKind::key) continue;
    ColumnQuantiles quantiles;
    if (column.numeric() || column.kind == ColumnKind::date) {
      std::vector<double> values = present_values(rows, at);
      quantiles.middle = mean_of_values(values);
      std::sort(values.begin(), values.end());
      if (scale == NumberScale::quantile && !values.empty()) add_knots(values, quantiles);
    }
    quantiles_.push_back(std::move(quantiles));
    ++at;
  }
  lay_out();
}

TableEncoding::TableEncoding(TableSchema schema, bool header, std::vector<ColumnQuantiles> quantiles)
    : schema_(std::make_shared<TableSchema>(std::move(schema))),
      header_(header),
      quantiles_(std::move(quantiles)) {
  lay_out();
}

void TableEncoding::lay_out() {
  identity_ = schema_->plain();
  for (const TableColumn& column : schema_->columns) {
    if (column.kind == ColumnKind::key) continue;
    const bool category = column.kind == ColumnKind::category;
    const std::size_t own = category ? column.categories.size() + (column.missing ? 1 : 0) : 1;
    const bool mark = column.missing && !category;
    identity_ = identity_ && quantiles_[places_.size()].empty();
    places_.push_back({&column, width_, own + (mark ? 1 : 0), mark});
    width_ += places_.back().size;
  }
}

std::string TableEncoding::blocks() const {
  std::string out;
  std::size_t numbers = 0;
  const auto word = [&](const std::string& text) { out += (out.empty() ? "" : " ") + text; };
  const auto flush = [&] {
    if (numbers > 0) word(fmt::format("n{}", numbers));
    numbers = 0;
  };
  for (const Place& place : places_) {
    const bool number = place.column->numeric() || place.column->kind == ColumnKind::date;
    if (number && !place.mark) {
      ++numbers;
      continue;
    }
    flush();
    if (place.column->kind == ColumnKind::category) word(fmt::format("c{}", place.size));
    if (place.column->kind == ColumnKind::truth) word("b");
    if (number) word("n1");
    if (place.mark) word("m");
  }
  flush();
  return out;
}

bool TableEncoding::numbers_at(std::size_t at) const {
  return quantiles_[at].empty() &&
         (places_[at].column->numeric() || places_[at].column->kind == ColumnKind::date);
}

std::vector<bool> TableEncoding::numbers() const {
  std::vector<bool> out(width_, false);
  for (std::size_t at = 0; at < places_.size(); ++at) out[places_[at].begin] = numbers_at(at);
  return out;
}

void TableEncoding::encode_cell(std::size_t at, double value, double u, float* out) const {
  const Place& place = places_[at];
  const bool missing = std::isnan(value);
  if (place.column->kind == ColumnKind::category) {
    const std::size_t chosen = missing ? place.size - 1 : static_cast<std::size_t>(value);
    for (std::size_t k = 0; k < place.size; ++k) out[k] = k == chosen ? 1.0f : 0.0f;
    return;
  }
  if (place.mark) out[1] = missing ? 1.0f : 0.0f;
  const double plain = missing ? quantiles_[at].middle : value;
  const bool scored = !quantiles_[at].empty();
  out[0] = static_cast<float>(!scored ? plain : missing ? 0 : quantiles_[at].score(value, u));
}

std::vector<float> TableEncoding::cell(std::size_t at, double value) const {
  std::vector<float> out(places_[at].size);
  encode_cell(at, value, 0.5, out.data());
  return out;
}

Dataset TableEncoding::encode(const Dataset& rows) const {
  check_same_columns(*schema_, rows);
  if (identity_) return rows;
  const Matrix<double>& values = table_values(rows);
  Matrix<double> out(rows.rows(), width_);
  std::vector<float> cell(width_);
  for (std::size_t at = 0; at < places_.size(); ++at) {
    const Place& place = places_[at];
    const bool number = numbers_at(at);
    const Draw draw{0, stream_id("spread"), at};
    for (std::size_t i = 0; i < values.rows(); ++i) {
      encode_cell(at, values(i, at), uniform01(draw, static_cast<std::uint32_t>(i)), cell.data());
      std::copy_n(cell.begin(), place.size, out.row(i) + place.begin);
      if (number && !std::isnan(values(i, at))) out(i, place.begin) = values(i, at);  // in float64
    }
  }
  Dataset encoded = rows;
  encoded.rows_data = std::move(out);
  encoded.shape = {1, width_, 1, false};
  return encoded;
}

double TableEncoding::decode_cell(std::size_t at, const float* in) const {
  const Place& place = places_[at];
  const TableColumn& column = *place.column;
  if (place.mark && in[1] > 0.5f) return kMissing;
  if (column.kind == ColumnKind::category) {
    const auto chosen = static_cast<std::size_t>(std::max_element(in, in + place.size) - in);
    return chosen < column.categories.size() ? static_cast<double>(chosen) : kMissing;
  }
  if (column.kind == ColumnKind::truth) return in[0] > 0.5f ? 1 : 0;
  const double value = static_cast<double>(in[0]);
  return io::nearest_value(column, quantiles_[at].empty() ? value : quantiles_[at].value_at(value));
}

Dataset TableEncoding::decode(View<const float> rows) const {
  Matrix<double> out(rows.rows, places_.size());
  for (std::size_t i = 0; i < rows.rows; ++i)
    for (std::size_t at = 0; at < places_.size(); ++at)
      out(i, at) = decode_cell(at, rows.row(i) + places_[at].begin);
  Dataset data;
  data.shape = {1, places_.size(), 1, false};
  data.rows_data = std::move(out);
  data.table = true, data.schema = schema_, data.header = header_;
  for (const Place& place : places_)
    if (header_) data.columns.push_back(place.column->name);
  return data;
}

TableUnits::TableUnits(const Dataset& training) : encoding_(training, NumberScale::plain) {
  const Dataset encoded = encoding_.encode(training);
  const std::vector<bool> numbers = encoding_.numbers();
  const Matrix<double>& rows = table_values(encoded);
  mean_.assign(rows.cols(), 0), deviation_.assign(rows.cols(), 1);
  for (std::size_t j = 0; j < rows.cols(); ++j) {
    if (!numbers[j]) {
      deviation_[j] = std::sqrt(2.0);
      continue;
    }
    std::vector<double> column = present_values(rows, j);
    mean_[j] = mean_of_values(column);
    double squares = 0;
    for (const double v : column)
      squares += (v - mean_[j]) * (v - mean_[j]) / static_cast<double>(column.size());
    deviation_[j] = squares > 0 ? std::sqrt(squares) : 1;
  }
}

Dataset TableUnits::measured(const Dataset& rows) const {
  Dataset out = encoding_.encode(rows);
  const Matrix<double>& values = table_values(out);
  Tensor scaled(values.rows(), values.cols());
  for (std::size_t i = 0; i < values.rows(); ++i)
    for (std::size_t j = 0; j < values.cols(); ++j)
      scaled(i, j) = static_cast<float>((values(i, j) - mean_[j]) / deviation_[j]);
  out.rows_data = std::move(scaled);
  out.standardized = true;
  return out;
}

}  // namespace pushforward
