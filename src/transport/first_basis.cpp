// SPDX-License-Identifier: Apache-2.0
#include "transport/first_basis.hpp"

#include <algorithm>
#include <limits>

namespace pushforward::transport {

std::vector<BasicArc> greedy_basis(const CostOracle& costs, std::span<const double> a,
                                   std::span<const double> b, std::vector<float> v) {
  std::vector<double> want(b.begin(), b.end());
  std::vector<BasicArc> arcs;
  arcs.reserve(a.size() + b.size());
  std::size_t open = b.size();
  for (std::size_t i = 0; i < a.size(); ++i) {
    double have = a[i];
    while (open > 0) {
      const std::int32_t j = costs.smallest(i, v.data()).column;
      arcs.push_back({static_cast<std::int32_t>(i), j});
      const double flow = std::min(have, want[j]);
      const bool source_closes = i + 1 < a.size() && (open == 1 || have <= want[j]);
      have -= flow, want[j] -= flow;
      if (source_closes) break;
      v[j] = -std::numeric_limits<float>::infinity(), --open;
    }
  }
  return arcs;
}

}  // namespace pushforward::transport
