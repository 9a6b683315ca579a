// SPDX-License-Identifier: Apache-2.0
// A model's gradient against differences of the loss that it says.
#pragma once

#include <gtest/gtest.h>

#include "unit/models/support.hpp"

namespace pushforward::testing {

/// Every block of trained parameters, moved along a random direction: the slope must be the gradient's, to
/// `share` of the gradient's length and `floor`. The loss is a sum in float64 of float32 terms, so a central
/// difference at h = 1e-2 is good to about 1e-2 of the slope's scale. `loss` adds gradients.
inline void expect_gradient(pushforward::Run& run, const std::function<double()>& loss, double share,
                            double floor) {
  const auto fresh_loss = [&] {
    std::ranges::fill(run.arena.gradients().span(), 0.0f);
    return loss();
  };
  fresh_loss();
  const std::vector<float> gradient(run.arena.gradients().span().begin(), run.arena.gradients().span().end());
  for (Parameter* p : run.arena.parameters()) {
    if (!p->trained) continue;
    std::vector<float> direction(p->size()), before(p->value.data, p->value.data + p->size());
    fill_normal(direction, Draw{4, stream_id(p->name), 0});
    double slope = 0, scale = 0;
    for (std::size_t i = 0; i < p->size(); ++i) {
      const double g = static_cast<double>(gradient[run.arena.offset(*p) + i]);
      slope += g * static_cast<double>(direction[i]), scale += g * g;
    }
    const float h = 1e-2f / std::sqrt(static_cast<float>(p->size()));
    const auto moved = [&](float t) {
      for (std::size_t i = 0; i < p->size(); ++i) p->value.data[i] = before[i] + t * direction[i];
      return fresh_loss();
    };
    const double difference = (moved(h) - moved(-h)) / (2 * static_cast<double>(h));
    moved(0);
    EXPECT_NEAR(difference, slope, share * std::sqrt(scale) + floor) << p->name;
    EXPECT_GT(scale, 0) << p->name << " gets no gradient";
  }
}

}  // namespace pushforward::testing
