// SPDX-License-Identifier: Apache-2.0
//
// A function of slope at most 1 out of a critic whose slopes are only nearly so.
#pragma once

#include <vector>

#include "critics/critic_lipschitz.hpp"

namespace pushforward {

/// x ↦ ½ min_a (s·f(a) + ‖x − a‖) + ½ max_a (s·f(a) − ‖x − a‖) over anchors a: 1-Lipschitz on all of R^d for
/// whatever numbers f(a).
class Extension {
 public:
  /// Anchors are rows of both samples, evenly spaced, as many as are affordable for `readings` points.
  Extension(const ValuedPoints& x, const ValuedPoints& y, std::size_t readings);

  void set_scale(double s) { scale_ = s; }
  double scale() const { return scale_; }
  std::size_t size() const { return anchors_.rows(); }
  std::vector<float> values(View<const float> points) const;

 private:
  void add(const ValuedPoints& sample, std::size_t first, std::size_t count);

  Tensor anchors_;
  std::vector<float> f_;
  double scale_ = 1;
};

}  // namespace pushforward
