// SPDX-License-Identifier: Apache-2.0
// By sorting rows.
#include "transport/same_measure.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "transport/double_double.hpp"

namespace pushforward {
namespace {

using transport::DoubleDouble;

constexpr double kEqual = 0x1p-98;  // roundings of sums and products

struct Rows {
  const Sample& sample;
  std::vector<std::size_t> order;

  explicit Rows(const Sample& s) : sample(s) {
    for (std::size_t i = 0; i < s.n(); ++i)
      if (s.weights.empty() || s.weights[i] > 0) order.push_back(i);
    std::sort(order.begin(), order.end(),
              [&](std::size_t i, std::size_t j) { return compare(s, i, s, j) < 0; });
  }

  static int compare(const Sample& s, std::size_t i, const Sample& t, std::size_t j) {
    for (std::size_t k = 0; k < s.d(); ++k) {
      const double a = s.points.at(i, k), b = t.points.at(j, k);
      if (a != b) return a < b ? -1 : 1;
    }
    return 0;
  }

  double weight(std::size_t at) const { return sample.weights.empty() ? 1 : sample.weights[order[at]]; }

  // The weight of the rows that equal the one at `at`, which moves behind them. Without weights a count.
  DoubleDouble take(std::size_t& at) const {
    const std::size_t first = order[at];
    DoubleDouble sum{};
    for (; at < order.size() && compare(sample, order[at], sample, first) == 0; ++at) sum = sum + weight(at);
    return sum;
  }
  DoubleDouble total() const {
    DoubleDouble sum{};
    for (std::size_t at = 0; at < order.size(); ++at) sum = sum + weight(at);
    return sum;
  }
};

}  // namespace

bool same_measure(const Sample& x, const Sample& y) {
  if (x.d() != y.d()) return false;
  const Rows p(x), q(y);
  const DoubleDouble p_total = p.total(), q_total = q.total();
  std::size_t i = 0, j = 0;
  while (i < p.order.size() && j < q.order.size()) {
    if (Rows::compare(x, p.order[i], y, q.order[j]) != 0) return false;
    const DoubleDouble a = p.take(i) * q_total, b = q.take(j) * p_total;
    if (!(std::abs((a - b).value()) <= kEqual * (a + b).high)) return false;
  }
  return i == p.order.size() && j == q.order.size();
}

}  // namespace pushforward
