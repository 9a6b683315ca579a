// SPDX-License-Identifier: Apache-2.0
//
// The sum over cells, and its gradient in p by the chain rule. Cells where both masses are 0 add nothing:
// they are skipped, so that a divergence does not depend on values that neither distribution takes.
#include "pushforward/cell_terms.hpp"

#include <algorithm>

#include "core/summation.hpp"

namespace pushforward {

double exp_minus_linear(double x) {
  if (std::abs(x) > 0.5) return std::expm1(x) - x;
  double term = x * x / 2, sum = 0;
  for (int n = 3; std::abs(term) > 1e-17 * sum; ++n) sum += term, term *= x / n;
  return sum;
}

double kl_cell(const Cell& c) {
  if (c.p == 0) return c.q;
  return c.near() ? c.p * exp_minus_linear(-c.u) : c.p * c.u + (c.q - c.p);
}

double CellTerms::measure(const DiscretePair& pair, std::span<double> gradient) const {
  CompensatedSum sum, overlap;
  for (std::size_t i = 0; i < pair.p.size(); ++i) {
    if (pair.p[i] == 0 && pair.q[i] == 0) continue;
    const CellSums cell = term(Cell::of(pair.p[i], pair.q[i]));
    sum.add(cell.sum), overlap.add(cell.overlap);
  }
  const CellSums sums{sum.value(), overlap.value()};
  if (!gradient.empty()) {
    const double outer = finish_slope(sums);
    for (std::size_t i = 0; i < pair.p.size(); ++i) {
      const bool empty = pair.p[i] == 0 && pair.q[i] == 0;
      const double entry = empty ? 0 : outer * slope(Cell::of(pair.p[i], pair.q[i]));
      gradient[i] = std::isnan(entry) ? 0 : entry;  // 0·∞, only where the value itself is infinite
    }
  }
  return finish(sums);
}

}  // namespace pushforward
