// SPDX-License-Identifier: Apache-2.0
#include "transport/partial_sums.hpp"

#include <algorithm>

#include "pushforward/error.hpp"

namespace pushforward::transport {

void partial_sums(std::span<const double> weights, std::size_t n, std::span<const std::uint32_t> order,
                  std::vector<double>& sums) {
  sums.resize(n);
  if (weights.empty()) {
    for (std::size_t i = 0; i < n; ++i) sums[i] = static_cast<double>(i + 1) / static_cast<double>(n);
    return;
  }
  double sum = 0, lost = 0;  // compensated summation [Kahan 1965]
  for (std::size_t i = 0; i < n; ++i) {
    const double term = weights[order[i]] - lost, next = sum + term;
    lost = (next - sum) - term, sum = next;
    sums[i] = sum;
  }
  const double total = sum;
  if (!(total > 0))
    throw RequestError(Complaint{"one-dimensional transport: weights", "a sum of 0", "a positive sum"});
  for (double& s : sums) s = std::min(1.0, s / total);
}

}  // namespace pushforward::transport
