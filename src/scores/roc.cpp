// SPDX-License-Identifier: Apache-2.0
#include "pushforward/roc.hpp"

#include <algorithm>
#include <numeric>

#include "pushforward/error.hpp"

namespace pushforward {

double roc_auc(std::span<const double> scores, const std::vector<bool>& strange) {
  const auto positives = static_cast<double>(std::count(strange.begin(), strange.end(), true));
  const double negatives = static_cast<double>(strange.size()) - positives;
  if (positives == 0 || negatives == 0)
    throw RequestError(Complaint{"--anomaly",
                                 positives == 0 ? "no row with such a label" : "all rows with such a label",
                                 "some rows with and some without"});
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  double rank_sum = 0;
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i;
    while (end < order.size() && scores[order[end]] == scores[order[i]]) ++end;
    const double middle = 0.5 * static_cast<double>(i + 1 + end);  // ranks i+1 … end, on average
    for (; i < end; ++i)
      if (strange[order[i]]) rank_sum += middle;
  }
  return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives);
}

}  // namespace pushforward
