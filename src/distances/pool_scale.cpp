// SPDX-License-Identifier: Apache-2.0
// Norms of a pool, in two passes: see pool_scale.hpp.
#include "distances/pool_scale.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace pushforward {
namespace {

std::vector<double> mean_of(const Sample& x, const Sample& y) {
  std::vector<double> mean(x.d(), 0.0);
  const auto pool = static_cast<double>(x.n() + y.n());
  for (const Sample* sample : {&x, &y})
    for (std::size_t i = 0; i < sample->n(); ++i)
      for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += sample->points.at(i, k) / pool;
  return mean;
}

bool is_single(const Sample& sample) { return std::holds_alternative<View<const float>>(sample.points.data); }

}  // namespace

PoolScale pool_scale(const Sample& x, const Sample& y) {
  PoolScale scale;
  const bool single = is_single(x) && is_single(y);
  scale.epsilon = single ? static_cast<double>(std::numeric_limits<float>::epsilon())
                         : std::numeric_limits<double>::epsilon();
  const std::vector<double> mean = mean_of(x, y);
  const auto pool = static_cast<double>(x.n() + y.n());
  for (const Sample* sample : {&x, &y})
    for (std::size_t i = 0; i < sample->n(); ++i) {
      double norm = 0, distance = 0;
      for (std::size_t k = 0; k < mean.size(); ++k) {
        norm = std::hypot(norm, sample->points.at(i, k));
        distance = std::hypot(distance, sample->points.at(i, k) - mean[k]);
      }
      scale.largest = std::max(scale.largest, norm);
      scale.spread = std::max(scale.spread, distance);
      scale.variance += distance * distance / pool;
    }
  return scale;
}

}  // namespace pushforward
