// SPDX-License-Identifier: Apache-2.0
//
// Fitting a critic to two samples, in order to measure.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "critics/critic_distance.hpp"
#include "critics/critic_extension.hpp"
#include "critics/fit_loop.hpp"

namespace pushforward {

/// A fitted network, and the rows of either sample that it has not seen.
class Fitted final : public FittedCritic {
 public:
  Fitted(const Learned& learned, const Sample& x, const Sample& y, double holdout, std::uint64_t seed,
         const OnFit& tell = {});

  const Reading& reading() const override { return reading_; }
  std::vector<std::string> score_names() const override { return critic_->score_names(); }
  void score(const Points& points, View<float> scores) override;

  /// What the network reads on the rows of these samples whose numbers were held out.
  Reading read(const Sample& x, const Sample& y) const;

  /// The reading's value as offset + mean of as_x over rows labelled x + mean of as_y over the others, for
  /// the rows held out.
  struct Terms {
    std::vector<std::uint32_t> rows;  ///< of the pool, x above y; the first `n` are x's
    std::size_t n = 0;
    std::vector<double> as_x, as_y;
    double offset = 0;
  };
  Terms terms(const Sample& x, const Sample& y) const;

 private:
  double unit() const;  // of f, in the reading's
  std::vector<float> values(View<const float> points) const;
  void choose_extension(const FitData& data);
  void read_extension(Reading& reading, View<const float> x, View<const float> y) const;

  FitRows x_rows_, y_rows_;
  Standardisation standard_;
  std::unique_ptr<NetworkCritic> critic_;
  Arena arena_;
  std::optional<Extension> extension_{};  // read in place of f
  Fields own_;
  double holdout_;
  Reading reading_{};
  std::size_t steps_ = 0;
  bool converged_ = false;
};

}  // namespace pushforward
