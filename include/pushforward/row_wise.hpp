// SPDX-License-Identifier: Apache-2.0
//
// Models whose batch may be taken in slices, one after the other or by several processes at once (--slices):
// their loss is a mean over rows, or it is a distance of all points that they make to all rows.
#pragma once

#include <cstddef>
#include <string>

#include "pushforward/tensor.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

struct Step;  // learner.hpp

class RowWise {
 public:
  virtual ~RowWise() = default;
  /// What looks across rows nevertheless, with these options ("--coupling exact"), or "".
  virtual std::string across_rows() const { return {}; }
};

/// A model whose loss compares all points that it makes with all rows of a batch.
class Pooled {
 public:
  virtual ~Pooled() = default;
  /// Whether it does so with these options; else it may be RowWise.
  virtual bool pools() const = 0;
  /// The fewest rows of a batch.
  virtual std::size_t least_rows() const = 0;
  /// As many points as there are rows, for comparison with them; they live until the next call.
  virtual View<const float> make(std::size_t rows, const Step& step) = 0;
  /// The loss, and its gradient with respect to every point.
  virtual double compare(View<const float> points, View<const float> rows, View<float> gradient,
                         const Step& step) = 0;
  /// Adds the gradient of parameters, of the points that make() has just made.
  virtual void learn(View<const float> gradient, const Step& step) = 0;
};

}  // namespace pushforward
#pragma GCC visibility pop
