// SPDX-License-Identifier: Apache-2.0
#include "pages/columns.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "io/cells.hpp"
#include "pages/blocks.hpp"

namespace pushforward::pages {
namespace {

constexpr std::size_t kBins = 24, kMostBars = 12;

bool has_words(const TableColumn& column) {
  return column.kind == ColumnKind::category || column.kind == ColumnKind::truth;
}

std::vector<double> present(const ColumnTable& table, std::size_t column) {
  std::vector<double> values;
  for (std::size_t i = 0; i < table.cells.rows(); ++i)
    if (const double v = table.cells(i, column); !std::isnan(v)) values.push_back(v);
  return values;
}

double missing_share(const ColumnTable& table, std::size_t column) {
  const auto n = static_cast<double>(std::max<std::size_t>(1, table.cells.rows()));
  return 1 - static_cast<double>(present(table, column).size()) / n;
}

// By value, of all rows.
std::map<double, double> shares(const ColumnTable& table, std::size_t column) {
  std::map<double, double> share;
  for (const double v : present(table, column)) share[v] += 1 / static_cast<double>(table.cells.rows());
  return share;
}

double total_variation(const ColumnTable& x, const ColumnTable& y, std::size_t column) {
  std::map<double, double> difference = shares(x, column);
  for (const auto& [value, share] : shares(y, column)) difference[value] -= share;
  double sum = std::abs(missing_share(x, column) - missing_share(y, column));
  for (const auto& [value, d] : difference) sum += std::abs(d);
  return sum / 2;
}

// Of the values that are there; columns with none on one side differ entirely.
double largest_step(std::vector<double> x, std::vector<double> y) {
  if (x.empty() || y.empty()) return x.empty() && y.empty() ? 0 : 1;
  std::sort(x.begin(), x.end()), std::sort(y.begin(), y.end());
  double largest = 0;
  for (std::size_t i = 0, j = 0; i < x.size() && j < y.size();) {
    const double at = std::min(x[i], y[j]);
    while (i < x.size() && x[i] == at) ++i;
    while (j < y.size() && y[j] == at) ++j;
    largest = std::max(largest, std::abs(static_cast<double>(i) / static_cast<double>(x.size()) -
                                         static_cast<double>(j) / static_cast<double>(y.size())));
  }
  return largest;
}

Json word_bars(const ColumnTable& x, const ColumnTable& y, std::size_t column) {
  std::map<double, double> of_x = shares(x, column), of_y = shares(y, column), larger = of_x;
  for (const auto& [value, share] : of_y) larger[value] = std::max(larger[value], share);
  std::vector<std::pair<double, double>> order(larger.begin(), larger.end());
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  Json labels = Json::array();
  std::vector<double> xs, ys;
  double rest_x = 0, rest_y = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    const double value = order[k].first;
    if (k >= kMostBars) {
      rest_x += of_x[value], rest_y += of_y[value];
      continue;
    }
    labels.push_back(io::cell_text(x.columns[column], value));
    xs.push_back(of_x[value]), ys.push_back(of_y[value]);
  }
  if (order.size() > kMostBars)
    labels.push_back(fmt::format("{} others", order.size() - kMostBars)), xs.push_back(rest_x),
        ys.push_back(rest_y);
  const double none_x = missing_share(x, column), none_y = missing_share(y, column);
  if (none_x > 0 || none_y > 0) labels.push_back("(missing)"), xs.push_back(none_x), ys.push_back(none_y);
  return {{"labels", labels}, {"a", chart_numbers(xs)}, {"b", chart_numbers(ys)}};
}

std::vector<double> binned(const std::vector<double>& values, double low, double high, std::size_t all) {
  std::vector<double> share(kBins, 0);
  for (const double v : values) {
    const double at = high > low ? (v - low) / (high - low) * static_cast<double>(kBins) : 0;
    share[static_cast<std::size_t>(std::clamp(at, 0.0, static_cast<double>(kBins) - 1))] +=
        1 / static_cast<double>(std::max<std::size_t>(1, all));
  }
  return share;
}

// Between quantiles of both, so that one far row does not take the whole width; what lies beyond is in the
// last bins.
std::pair<double, double> range_of(std::vector<double> x, const std::vector<double>& y) {
  x.insert(x.end(), y.begin(), y.end());
  if (x.empty()) return {0, 1};
  std::sort(x.begin(), x.end());
  const std::size_t off = x.size() / 500;
  return {x[off], x[x.size() - 1 - off]};
}

Json histogram(const ColumnTable& x, const ColumnTable& y, std::size_t column) {
  const std::vector<double> xs = present(x, column), ys = present(y, column);
  const auto [low, high] = range_of(xs, ys);
  const bool date = x.columns[column].kind == ColumnKind::date;
  return {{"low", low},
          {"high", high},
          {"date", date},
          {"a", chart_numbers(binned(xs, low, high, x.cells.rows()))},
          {"b", chart_numbers(binned(ys, low, high, y.cells.rows()))},
          {"missing", {chart_number(missing_share(x, column)), chart_number(missing_share(y, column))}}};
}

std::vector<std::size_t> worst_first(const ColumnTable& x, const ColumnTable& y, std::vector<double>& gaps) {
  std::vector<std::size_t> order(x.columns.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (const std::size_t c : order) gaps.push_back(column_gap(x, y, c));
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return gaps[a] > gaps[b]; });
  return order;
}

}  // namespace

ColumnTable column_table(const std::string& name, const Dataset& data) {
  ColumnTable table{name, {}, data.doubles()};
  if (data.schema)
    for (const TableColumn& column : data.schema->columns)
      if (column.kind != ColumnKind::key) table.columns.push_back(column);
  if (table.columns.size() == table.cells.cols()) return table;
  table.columns.assign(table.cells.cols(), TableColumn{});
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    table.columns[c].name = c < data.columns.size() ? data.columns[c] : fmt::format("x{}", c);
  return table;
}

bool same_columns(const ColumnTable& x, const ColumnTable& y) {
  return x.columns.size() == y.columns.size() &&
         std::equal(x.columns.begin(), x.columns.end(), y.columns.begin(), [](const auto& a, const auto& b) {
           return has_words(a) == has_words(b) && a.categories == b.categories;
         });
}

double column_gap(const ColumnTable& x, const ColumnTable& y, std::size_t column) {
  return has_words(x.columns[column])
             ? total_variation(x, y, column)
             : std::max(largest_step(present(x, column), present(y, column)),
                        std::abs(missing_share(x, column) - missing_share(y, column)));
}

Json columns_block(const ColumnTable& x, const ColumnTable& y) {
  std::vector<double> gaps;
  Json columns = Json::array();
  for (const std::size_t c : worst_first(x, y, gaps)) {
    Json one = {{"name", x.columns[c].name},
                {"kind", kind_name(x.columns[c].kind)},
                {"gap", chart_number(gaps[c], 3)}};
    one.update(has_words(x.columns[c]) ? word_bars(x, y, c) : histogram(x, y, c));
    columns.push_back(std::move(one));
  }
  return {{"type", "columns"},
          {"names", {x.name, y.name}},
          {"columns", std::move(columns)},
          {"caption",
           "The column that is furthest off comes first. Gap: the largest difference of the two distribution "
           "functions (numbers), or half the sum of differences of shares (categories); 0 is the same, 1 has "
           "nothing in common."}};
}

Json rows_block(const ColumnTable& table, const std::vector<std::size_t>& rows, const std::string& caption) {
  std::vector<std::string> header = {"row"};
  for (const TableColumn& column : table.columns) header.push_back(column.name);
  std::vector<std::vector<std::string>> lines;
  for (const std::size_t i : rows) {
    std::vector<std::string> line = {fmt::format("{}", i)};
    for (std::size_t c = 0; c < table.columns.size(); ++c)
      line.push_back(std::isnan(table.cells(i, c)) ? "" : io::cell_text(table.columns[c], table.cells(i, c)));
    lines.push_back(std::move(line));
  }
  return table_block(header, lines, caption);
}

}  // namespace pushforward::pages
