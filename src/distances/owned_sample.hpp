// SPDX-License-Identifier: Apache-2.0
//
// A weighted sample that owns its points, in float64: what a function that outlives its samples keeps.
#pragma once

#include <vector>

#include "pushforward/sample.hpp"

namespace pushforward {

class OwnedSample {
 public:
  explicit OwnedSample(const Sample& sample)
      : points_(sample.n(), sample.d()), weights_(sample.weights.begin(), sample.weights.end()) {
    for (std::size_t i = 0; i < sample.n(); ++i)
      for (std::size_t k = 0; k < sample.d(); ++k) points_(i, k) = sample.points.at(i, k);
    if (weights_.empty()) weights_.assign(sample.n(), 1 / static_cast<double>(sample.n()));
  }

  std::size_t n() const { return points_.rows(); }
  std::size_t d() const { return points_.cols(); }
  std::span<const double> point(std::size_t i) const { return {points_.row(i), points_.cols()}; }
  double weight(std::size_t i) const { return weights_[i]; }
  Sample sample() const { return {points_.view(), weights_}; }

 private:
  Matrix<double> points_;
  std::vector<double> weights_;
};

/// Row i in float64.
inline std::vector<double> row_of(const Points& points, std::size_t i) {
  std::vector<double> row(points.d());
  for (std::size_t k = 0; k < row.size(); ++k) row[k] = points.at(i, k);
  return row;
}

}  // namespace pushforward
