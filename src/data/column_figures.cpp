// SPDX-License-Identifier: Apache-2.0
#include "pushforward/column_figures.hpp"

#include <algorithm>
#include <cmath>

namespace pushforward {
namespace {

// The longest run of the sorted values, and how many runs there are.
void count_runs(const std::vector<double>& sorted, ColumnFigures& out) {
  for (std::size_t i = 0, next; i < sorted.size(); i = next) {
    next = static_cast<std::size_t>(
        std::upper_bound(sorted.begin() + static_cast<std::ptrdiff_t>(i), sorted.end(), sorted[i]) -
        sorted.begin());
    ++out.distinct;
    if (next - i > out.most) out.most = next - i, out.frequent = sorted[i];
  }
}

}  // namespace

ColumnFigures column_figures(const Dataset& data, std::size_t column) {
  const Matrix<double>& rows = std::get<Matrix<double>>(data.rows_data);
  std::vector<double> values;
  for (std::size_t i = 0; i < rows.rows(); ++i)
    if (!std::isnan(rows(i, column))) values.push_back(rows(i, column));
  ColumnFigures out;
  out.present = values.size(), out.missing = rows.rows() - values.size();
  if (values.empty()) return out;
  std::sort(values.begin(), values.end());
  out.low = values.front(), out.high = values.back();
  double count = 0, squares = 0;
  for (const double v : values) {  // Welford (1962)
    const double before = v - out.mean;
    out.mean += before / ++count;
    squares += before * (v - out.mean);
  }
  out.deviation = std::sqrt(squares / count);
  count_runs(values, out);
  return out;
}

}  // namespace pushforward
