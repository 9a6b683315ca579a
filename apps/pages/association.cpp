// SPDX-License-Identifier: Apache-2.0
//
// What goes with what in a table.
//
//   numbers      Pearson's r = cov(a, b)/(σ_a σ_b)
//   categories   Cramér's V = √(χ²/(n·(min(K_a, K_b) − 1)))              [Cramér 1946, section 21.9]
//   of each one  correlation ratio η = √(Σ_k n_k (mean_k − mean)² / Σ_i (b_i − mean)²)   [Pearson 1905]
//
// Rows where either cell is missing are left out.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "pages/blocks.hpp"
#include "pages/columns.hpp"

namespace pushforward::pages {
namespace {

constexpr std::size_t kMostColumns = 40;  // of a matrix that can be read
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

using Pairs = std::vector<std::pair<double, double>>;

bool is_category(const TableColumn& column) { return column.kind == ColumnKind::category; }

Pairs pairs_of(const ColumnTable& table, std::size_t a, std::size_t b) {
  Pairs pairs;
  for (std::size_t i = 0; i < table.cells.rows(); ++i)
    if (!std::isnan(table.cells(i, a)) && !std::isnan(table.cells(i, b)))
      pairs.emplace_back(table.cells(i, a), table.cells(i, b));
  return pairs;
}

std::pair<double, double> means_of(const Pairs& pairs) {
  double a = 0, b = 0;
  for (const auto& [x, y] : pairs) a += x, b += y;
  const auto n = static_cast<double>(pairs.size());
  return {a / n, b / n};
}

double pearson(const Pairs& pairs) {
  const auto [mean_a, mean_b] = means_of(pairs);
  double aa = 0, bb = 0, ab = 0;
  for (const auto& [x, y] : pairs) {
    aa += (x - mean_a) * (x - mean_a), bb += (y - mean_b) * (y - mean_b), ab += (x - mean_a) * (y - mean_b);
  }
  return aa > 0 && bb > 0 ? std::clamp(ab / std::sqrt(aa) / std::sqrt(bb), -1.0, 1.0) : kNone;
}

double cramers_v(const Pairs& pairs) {
  std::map<double, double> a, b;
  std::map<std::pair<double, double>, double> both;
  for (const auto& [x, y] : pairs) ++a[x], ++b[y], ++both[{x, y}];
  if (a.size() < 2 || b.size() < 2) return kNone;
  const auto n = static_cast<double>(pairs.size());
  double sum = 0;  // χ²/n + 1 = Σ n_ab²/(n_a n_b)
  for (const auto& [cell, count] : both) sum += count * count / (a[cell.first] * b[cell.second]);
  const double least = static_cast<double>(std::min(a.size(), b.size())) - 1;
  return n > 0 ? std::sqrt(std::clamp((sum - 1) / least, 0.0, 1.0)) : kNone;
}

double correlation_ratio(const Pairs& pairs) {
  struct Group {
    double count = 0, sum = 0;
  };
  std::map<double, Group> groups;
  for (const auto& [category, value] : pairs) groups[category].count += 1, groups[category].sum += value;
  const double mean = means_of(pairs).second;
  double between = 0, all = 0;
  for (const auto& [category, group] : groups)
    between += group.count * std::pow(group.sum / group.count - mean, 2);
  for (const auto& [category, value] : pairs) all += (value - mean) * (value - mean);
  return all > 0 && groups.size() > 1 ? std::sqrt(std::clamp(between / all, 0.0, 1.0)) : kNone;
}

double associated(const ColumnTable& table, std::size_t a, std::size_t b) {
  if (is_category(table.columns[b]) && !is_category(table.columns[a])) std::swap(a, b);
  const Pairs pairs = pairs_of(table, a, b);
  if (pairs.empty()) return kNone;
  if (!is_category(table.columns[a])) return pearson(pairs);
  return is_category(table.columns[b]) ? cramers_v(pairs) : correlation_ratio(pairs);
}

Json values_of(const Matrix<double>& matrix) {
  Json list = Json::array();
  for (std::size_t i = 0; i < matrix.size(); ++i) list.push_back(chart_number(matrix.data()[i], 3));
  return list;
}

}  // namespace

Matrix<double> association(const ColumnTable& table, const std::vector<std::size_t>& columns) {
  Matrix<double> matrix(columns.size(), columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i)
    for (std::size_t j = 0; j <= i; ++j)
      matrix(i, j) = matrix(j, i) = associated(table, columns[i], columns[j]);
  return matrix;
}

Json association_block(const ColumnTable& x, const ColumnTable& y) {
  if (x.columns.size() < 2) return nullptr;
  std::vector<std::pair<double, std::size_t>> gaps;
  for (std::size_t c = 0; c < x.columns.size(); ++c) gaps.emplace_back(-column_gap(x, y, c), c);
  std::sort(gaps.begin(), gaps.end());
  std::vector<std::size_t> columns;
  for (std::size_t k = 0; k < std::min(kMostColumns, gaps.size()); ++k) columns.push_back(gaps[k].second);
  std::sort(columns.begin(), columns.end());
  Json names = Json::array();
  for (const std::size_t c : columns) names.push_back(x.columns[c].name);
  const std::string all =
      columns.size() < x.columns.size() ? " Only the columns that differ most are shown." : "";
  return {
      {"type", "matrices"},
      {"names", std::move(names)},
      {"titles", {x.name, y.name}},
      {"a", values_of(association(x, columns))},
      {"b", values_of(association(y, columns))},
      {"caption",
       "Pearson's correlation of numbers, Cramér's V of categories, the correlation ratio of one of each." +
           all}};
}

}  // namespace pushforward::pages
