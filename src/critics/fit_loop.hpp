// SPDX-License-Identifier: Apache-2.0
//
// Fitting a network to two samples: which rows are for what, and the loop over steps.
#pragma once

#include <cstdint>
#include <vector>

#include "critics/critic_options.hpp"
#include "pushforward/arena.hpp"
#include "pushforward/fit.hpp"
#include "pushforward/sample.hpp"
#include "pushforward/step_losses.hpp"

namespace pushforward {

/// x ↦ (x − shift) / scale, column by column.
struct Standardisation {
  std::vector<double> shift, scale;

  Tensor apply(const Points& points, std::span<const std::uint32_t> rows) const;
};
/// By the pooled moments of both samples, each counting half; `one_scale`: columns share theirs.
Standardisation standardise(const Points& x, const Points& y, bool one_scale);

/// Rows of a sample by what they are for.
struct FitRows {
  std::vector<std::uint32_t> fitted, judged, held_out;
};
/// Deals n rows: a share is held out, and a fifth of the others judge.
FitRows split_rows(std::size_t n, double holdout, const Draw& draw);

/// Standardised rows that are fitted to, and that judge.
struct FitData {
  Tensor x, y, judged_x, judged_y;
};

/// What is fitted.
class Fittable {
 public:
  virtual ~Fittable() = default;
  /// Adds the gradient of the loss on a batch of either sample to the parameters.
  virtual Losses accumulate(View<const float> x, View<const float> y, const Pass& pass) = 0;
  /// After the optimiser moved the parameters.
  virtual void after_step() {}
  /// What the weights as they are lose on the rows that judge.
  virtual double judged_loss(const FitData& data) = 0;
};

struct FitEnd {
  std::size_t steps = 0;
  bool converged = false;
};
/// Leaves the best averaged weights in the arena.
FitEnd run_fit(Fittable& what, Arena& arena, const FitData& data, const FitOptions& options,
               std::uint64_t seed, const OnFit& tell);

}  // namespace pushforward
