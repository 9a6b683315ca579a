// SPDX-License-Identifier: Apache-2.0
// Splits a sample into random halves and measures between them.
#include "pushforward/floor.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "pushforward/error.hpp"
#include "pushforward/random.hpp"

namespace pushforward {
namespace {

// Rows of a sample, in its own precision.
struct Half {
  Matrix<float> floats;
  Matrix<double> doubles;
  std::vector<double> weights;
  bool in_floats = false;

  Sample sample() const { return {in_floats ? Points(floats.view()) : Points(doubles.view()), weights}; }
};

template <class T>
void take(View<const T> from, std::span<const std::uint32_t> rows, Matrix<T>& to) {
  to.resize(rows.size(), from.cols);
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t k = 0; k < from.cols; ++k) to(i, k) = from(rows[i], k);
}

Half half_of(const Sample& x, std::span<const std::uint32_t> rows) {
  Half half;
  half.in_floats = std::holds_alternative<View<const float>>(x.points.data);
  if (half.in_floats)
    take(std::get<View<const float>>(x.points.data), rows, half.floats);
  else
    take(std::get<View<const double>>(x.points.data), rows, half.doubles);
  if (x.weights.empty()) return half;
  for (const std::uint32_t row : rows) half.weights.push_back(x.weights[row]);
  const double sum = std::accumulate(half.weights.begin(), half.weights.end(), 0.0);
  if (!(sum > 0)) throw RequestError(Complaint{"floor", "a half of X without weight", "rows with weight"});
  for (double& weight : half.weights) weight /= sum;
  return half;
}

}  // namespace

Floor measure_floor(Distance& distance, const Facts& facts, const Sample& x, const Sample& y,
                    const FloorOptions& options) {
  const std::size_t rows = x.n() / 2, least = std::max<std::size_t>(1, facts.smallest_n);
  if (!facts.single_value) throw RequestError("a floor requires a distance with a single value");
  if (options.splits == 0) throw RequestError(Complaint{"floor", "0 splits", "at least 1"});
  if (rows < least)
    throw RequestError(
        Complaint{"floor", fmt::format("{} rows in X", x.n()), fmt::format("at least {}", 2 * least)});
  if (!facts.learned) distance.freeze(x, y);  // a learned one would keep the network of x and y
  const Draw draw = Draw{options.seed}.on("floor");
  double squares = 0;
  for (std::size_t split = 0; split < options.splits; ++split) {
    const std::vector<std::uint32_t> order = permutation(x.n(), draw.at(split));
    const std::span<const std::uint32_t> all(order);
    const Half a = half_of(x, all.first(rows)), b = half_of(x, all.subspan(rows, rows));
    squares += std::pow(*distance.measure(a.sample(), b.sample()).value, 2);
  }
  return {std::sqrt(squares / static_cast<double>(options.splits)), options.splits, rows};
}

}  // namespace pushforward
