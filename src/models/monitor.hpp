// SPDX-License-Identifier: Apache-2.0
//
// What a generator's loss means: the same samples measured by distances that need no training.
//
// A discriminator's loss says little about how far the generator has come, and two generators' losses cannot
// be compared. So some closed-form distances between a fixed few hundred held-out points and as many
// generated ones are measured every so often, always from the same noise, so that a curve moves because the
// generator does. What a distance takes from the data (a bandwidth) it takes from the held-out points alone:
// it stays the same through a training and its resumption.
//
// "variety" is the mean distance between generated points over that between held-out ones, of neighbours in
// the random order: 1 where they agree, near 0 where the generator has collapsed onto a point.
//
// Letters: n points of D features.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pushforward/distance.hpp"
#include "pushforward/models.hpp"
#include "pushforward/step_losses.hpp"

namespace pushforward {

class Monitor {
 public:
  explicit Monitor(const MonitorOptions& options);

  bool any() const { return !watched_.empty(); }
  /// Distances D(held-out, generated), in that order as evaluate has it, and the variety; no loss. Empty
  /// where a point is not finite.
  Losses measure(View<const float> generated, View<const float> held_out);
  /// generator_warning(), or what could not be measured on these rows and is left out.
  std::string warning(const Losses& seen) const;

 private:
  void measure_one(std::size_t at, View<const float> generated, View<const float> held_out, Losses& out);

  struct Watched {
    std::string name;
    std::unique_ptr<Distance> distance;
  };
  std::vector<Watched> watched_;
  bool frozen_ = false;
  std::string watch_{}, left_out_{};
};

/// What is to be said of collapse and of a discriminator that has won; "" while all is well.
std::string generator_warning(const Losses& seen);

}  // namespace pushforward
